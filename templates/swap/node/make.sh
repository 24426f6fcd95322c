# shellcheck shell=sh
# How the swap area of limited swap is made and turned on.

lack() {
  printf 'nodebake: %s\n' "$*" >&2
  exit 1
}

# Of this size, nobody else's to read, and with the mark of a swap area.
file_area_ok() {
  [ -f "$1" ] && [ ! -L "$1" ] && [ "$(stat -c '%s %a %u' -- "$1")" = "$2 600 0" ] &&
    [ "$(dd if="$1" bs=1 skip=4086 count=10 2>/dev/null)" = SWAPSPACE2 ]
}

# file_area_made PATH BYTES MAKER: without holes, which swapon refuses. fallocate makes none that the kernel minds on ext4,
# xfs (4.18) and btrfs (5.0, and there only without copy-on-write); elsewhere dd writes it.
file_area_made() {
  folder=$(dirname -- "$1")
  mkdir -p -- "$folder"
  rm -f -- "$1" "$1.new"
  free=$(df --output=avail -B1 -- "$folder" | tail -n 1)
  [ "$free" -gt "$2" ] || lack "$folder has $((free >> 20)) MiB free, and swap of $(($2 >> 20)) MiB is asked for: a larger disk"
  : >"$1.new"
  chmod 0600 "$1.new"
  [ "$(stat -f -c %T -- "$folder")" != btrfs ] || chattr +C -- "$1.new"
  "$3" "$1.new" "$2"
  mkswap --label nodebake -- "$1.new" >/dev/null
  mv -fT -- "$1.new" "$1"
}

by_fallocate() { fallocate -l "$2" -- "$1" || by_dd "$@"; }
by_dd() { dd if=/dev/zero of="$1" bs=1048576 count="$(($2 >> 20))" conv=fsync 2>/dev/null; }

file_area_on() {
  if file_area_ok "$1" "$2" && swapon -- "$1"; then return 0; fi
  for maker in by_fallocate by_dd; do
    file_area_made "$1" "$2" "$maker"
    if swapon -- "$1"; then return 0; fi
  done
  lack "the file system of $1 ($(stat -f -c %T -- "$1")) takes no swap file: try device: zram"
}

# A compressed area in memory, on the one device that is there as soon as the module is.
zram_area_on() {
  modprobe zram
  control=/sys/class/zram-control/hot_add block=/sys/block/${1##*/}
  [ -e "$block" ] || cat "$control" >/dev/null # somebody removed it: the next one has the lowest number that is free
  # Not `zramctl --reset`: Debian 12's (util-linux 2.38) removes the device. Whether it is free shows in the next line.
  { echo 1 >"$block/reset"; } 2>/dev/null || :
  zramctl --size "$2" "$1"
  mkswap --label nodebake -- "$1" >/dev/null
  swapon --priority 100 -- "$1"
}

# area_on KIND AREA BYTES
area_on() {
  size=$(awk -v area="$2" '$1 == area { print $3 }' /proc/swaps)
  [ "$size" != "$(($3 / 1024 - 4))" ] || return 0 # its first page is its header
  [ -z "$size" ] || swapoff -- "$2"
  "$1_area_on" "$2" "$3"
}
