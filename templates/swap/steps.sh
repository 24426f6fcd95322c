# shellcheck shell=sh
# shellcheck disable=SC2154 # the script that these functions are put into sets work

# By the third field, as systemd reads it: a pattern on the whole line would take /mnt/swap with it.
swap_lines() { [ ! -e /etc/fstab ] || awk '!/^[[:space:]]*#/ && $3 == "swap" { print $1 }' /etc/fstab; }

swap_gone_ok() { [ "$(wc -l </proc/swaps)" -le 1 ] && [ -z "$(swap_lines)" ]; }

swap_gone_do() {
  swap_lines >"$work/swap"
  awk 'NR > 1 && $2 == "file" { print $1 }' /proc/swaps >>"$work/swap"
  swapoff -a
  awk 'NR > 1 { print $1 }' /proc/swaps | while read -r area; do swapoff -- "$area"; done
  [ ! -e /etc/fstab ] || swap_lines_removed
  while read -r area; do swap_file_removed "$area"; done <"$work/swap"
  systemctl daemon-reload
}

swap_lines_removed() {
  awk '/^[[:space:]]*#/ || $3 != "swap"' /etc/fstab >"$work/fstab"
  cmp -s -- "$work/fstab" /etc/fstab || {
    cp -- "$work/fstab" /etc/fstab.nodebake-new
    chmod 0644 /etc/fstab.nodebake-new
    mv -fT -- /etc/fstab.nodebake-new /etc/fstab
  }
}

# Only a regular file that carries the mark of a swap area.
swap_file_removed() {
  case $1 in /*) ;; *) return 0 ;; esac
  [ -f "$1" ] || return 0
  [ "$(dd if="$1" bs=1 skip=4086 count=10 2>/dev/null)" = SWAPSPACE2 ] || return 0
  rm -f -- "$1"
}
