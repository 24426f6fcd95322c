# shellcheck shell=sh
# shellcheck disable=SC2154 # the script that these functions are put into sets work

# other_swap_absent KEEP: no swap is on, no line of /etc/fstab names any; but for KEEP.
other_swap_absent_ok() { [ -z "$(areas_on "$1")$(fstab_swaps)" ]; }

other_swap_absent_do() {
  other_swap_gone "$1"
  systemctl daemon-reload
}

other_swap_absent_why() {
  cat /proc/swaps
  say "swap that cannot be turned off is in use, and memory is too small for it; or somebody turns it on again"
}

# swap_area UNIT AREA KIB: on, with this size. A golden image carries no gigabytes of swap: there the unit is enabled, and
# each machine makes the area at its first boot.
swap_area_ok() {
  unit_is "$1" enabled || return 1
  ! live || [ "$(awk -v area="$2" '$1 == area { print $3 }' /proc/swaps)" = "$3" ]
}

swap_area_do() {
  systemctl daemon-reload
  systemctl enable -- "$1"
  ! live || systemctl restart -- "$1"
}

swap_area_why() { journalctl --no-pager -o cat -n 10 -u "$1"; }
