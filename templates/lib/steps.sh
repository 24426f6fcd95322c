# shellcheck shell=sh
# shellcheck disable=SC2154 # the script that these functions are put into sets work, dry_run and baking
# Each step looks, acts if it must, and looks again: exit codes prove nothing (modprobe, sysctl), what is true does.

say() { printf '%s\n' "$*"; }

# On a machine that runs for its own sake; what is baked is an image for others.
live() { [ "$baking" -eq 0 ]; }

die() {
  printf 'nodebake: the step failed: %s\n' "$*" >&2
  exit 1
}

# step NAME FUNCTION [ARGUMENT...]: FUNCTION_ok tells whether it is so, FUNCTION_do makes it so.
step() {
  name=$1 function=$2
  shift 2
  if "${function}_ok" "$@"; then
    same=$((same + 1))
    say "ok       $name"
    return 0
  fi
  changed=$((changed + 1))
  if [ "$dry_run" -eq 1 ]; then
    say "would    $name"
    return 0
  fi
  say "doing    $name"
  # In a tested command `set -e` is off; in a subshell that nobody tests it is on.
  set +e
  (
    set -e
    "${function}_do" "$@"
  )
  code=$?
  set -e
  [ "$code" -eq 0 ] || {
    explain "$function" "$@"
    die "$name (exit code $code)"
  }
  "${function}_ok" "$@" || {
    explain "$function" "$@"
    die "$name: it was done without an error, and yet it is not so"
  }
}

# FUNCTION_why, if there is one, prints the likely cause.
explain() {
  why=$1_why
  shift
  if command -v "$why" >/dev/null 2>&1; then ("$why" "$@") >&2; fi # in a subshell: it may have names of its own
}

finish() {
  if [ "$changed" -eq 0 ]; then
    say "nodebake: nothing to change, all $same steps were so already"
  elif [ "$dry_run" -eq 1 ]; then
    say "nodebake: would change $changed, $same were so already"
  else
    say "nodebake: changed $changed, $same were so already"
  fi
}

# file_text NAME PATH MODE OWNER GROUP < CONTENT
file_text() {
  cat >"$work/payload"
  file_step "$@"
}

# file_base64 NAME PATH MODE OWNER GROUP < CONTENT IN BASE64
file_base64() {
  base64 -d >"$work/payload"
  file_step "$@"
}

file_step() {
  name=$1
  shift
  step "$name" file "$@"
}

file_ok() {
  [ -f "$1" ] && [ ! -L "$1" ] && cmp -s -- "$work/payload" "$1" &&
    [ "$(stat -c '%a %U %G' -- "$1")" = "$2 $3 $4" ]
}

# Beside its place and then renamed, so that nobody ever reads half a file.
file_do() {
  install -D -T -m "$2" -o "$3" -g "$4" -- "$work/payload" "$1.nodebake-new"
  mv -fT -- "$1.nodebake-new" "$1"
}

# file_laid PATH MODE OWNER GROUP SHA256: for roads on which somebody else writes the files.
file_laid_ok() {
  [ -f "$1" ] && [ ! -L "$1" ] && [ "$(stat -c '%a %U %G' -- "$1")" = "$2 $3 $4" ] &&
    [ "$(sha256sum <"$1" | cut -d' ' -f1)" = "$5" ]
}

file_laid_do() {
  say "$1 was not written as the profile says"
  return 1
}

# files_absent PATH...
files_absent_ok() {
  for path in "$@"; do if [ -e "$path" ] || [ -L "$path" ]; then return 1; fi; done
}
files_absent_do() { rm -f -- "$@"; }

# Seconds in an emulated machine; an image's next boot reads all of it anew.
reload_units() { ! live || systemctl daemon-reload; }

# linked_to_null PATH...: what `systemctl mask` makes, for generators too; one reload for all.
linked_to_null_ok() {
  for path in "$@"; do [ "$(readlink -- "$path")" = /dev/null ] || return 1; done
}

linked_to_null_do() {
  for path in "$@"; do
    mkdir -p -- "$(dirname -- "$path")"
    ln -sfn -- /dev/null "$path"
  done
  reload_units
}

unlinked_from_null_ok() { [ "$(readlink -- "$1")" != /dev/null ]; }

unlinked_from_null_do() {
  rm -f -- "$1"
  systemctl daemon-reload
}
