# shellcheck shell=sh

# interfaces_other PATH VALUE [LEFT]: the files below /proc/sys that PATH, a glob, names and that read neither of the two.
interfaces_other() {
  # shellcheck disable=SC2086 # the glob
  for file in /proc/sys/$1; do
    [ -e "$file" ] || continue
    case $(cat "$file") in "$2" | "${3:-$2}") ;; *) printf '%s\n' "$file" ;; esac
  done
}

# interfaces_set PATH VALUE [LEFT]: LEFT is a value that somebody else set with reason.
interfaces_set_ok() { [ -z "$(interfaces_other "$@")" ]; }

interfaces_set_do() {
  interfaces_other "$@" | while read -r file; do printf '%s\n' "$2" >"$file"; done
}
