# shellcheck shell=sh
# Who will ask for swap at the next boot, beside units and /etc/fstab. $root is for tests: another root directory.
root=${NODEBAKE_ROOT-}

# words NAMES: an extended pattern of kernel arguments. systemd reads - and _ in them alike.
words() { printf '(%s)' "$(printf %s "$1" | sed 's/[.]/[.]/g; s/[-_]/[-_]/g; s/ /|/g')"; }

# kernel_arguments NAMES FILES: those there are, as "FILE: NAME=VALUE".
kernel_arguments() {
  wanted="(^|[[:blank:]=\"'])$(words "$1")=[^[:blank:]\"']*"
  printf '%s\n' "$2" | tr ' ' '\n' | {
    set --
    # shellcheck disable=SC2086 # it is a shell pattern
    while read -r place; do set -- "$@" $root$place; done
    grep -oHsE "$wanted" "$@" </dev/null || : # there is none
  } | sed "s,^$root/,/,; s/:[[:blank:]=\"']*/: /"
}

kernel_arguments_gone_ok() { [ -z "$(kernel_arguments "$@")" ]; }

kernel_arguments_gone_do() {
  argument="$(words "$1")=[^[:blank:]\"']*"
  kernel_arguments "$@" | sed 's/: .*//' | sort -u | while IFS= read -r file; do
    rewritten "$root$file" "s/^${argument}[[:blank:]]*//;s/([=\"'])${argument}[[:blank:]]*/\\1/g;s/[[:blank:]]${argument}//g"
  done
}

# option FILE KEY: its lines, as "FILE: KEY=VALUE".
option() { sed -n "s,^[[:blank:]]*\\($2=[^[:blank:]]*\\).*,$1: \\1,p" "$root$1" 2>/dev/null; }

# option_not_off FILE KEY OFF: the lines that say otherwise; where the file is not there, nobody reads it.
option_not_off() { option "$1" "$2" | grep -vxF "$1: $2=$3" || :; }
option_off_ok() { [ -z "$(option_not_off "$@")" ]; }

option_off_do() { rewritten "$root$1" "s/^[[:blank:]]*$2=.*/$2=$3/"; }

# resume_from: what initramfs-tools makes of RESUME=, the last one of its files; empty is its own choice: a swap device
# that is on when an initramfs is made.
resume_from() {
  sed -n 's/^[[:blank:]]*RESUME=//p' "$root"/etc/initramfs-tools/initramfs.conf "$root"/etc/initramfs-tools/conf.d/* 2>/dev/null |
    tail -n 1 | tr -d "\"'"
}

resume_not_none() {
  [ ! -e "$root/etc/initramfs-tools/initramfs.conf" ] || [ "$(resume_from)" = none ] ||
    echo "the next initramfs will resume from: $(resume_from)"
}
resume_none_ok() { [ -z "$(resume_not_none)" ]; }

# An initramfs that waits for a swap device is made again; the others, which is most of them, are left alone.
resume_none_do() {
  sed -i '/^[[:blank:]]*RESUME=/d' "$root"/etc/initramfs-tools/initramfs.conf "$root"/etc/initramfs-tools/conf.d/* \
    2>/dev/null || :
  echo RESUME=none >"$root/etc/initramfs-tools/conf.d/resume"
  for initramfs in "$root"/boot/initrd.img-*; do
    [ -e "$initramfs" ] || continue
    ! lsinitramfs "$initramfs" | grep -qE '^conf/conf\.d/(resume|zz-resume-auto)$' ||
      update-initramfs -u -k "${initramfs#*/boot/initrd.img-}"
  done
}
