#!/bin/sh
# swap.sh TOPIC: what `swapon -a` brings, which is taken back, and what a kubelet that starts then finds, by its own rule:
# swap is on where /proc/swaps has a line after its header (kubernetes pkg/kubelet/util/swap/swap_util.go). "TOPIC holds:
# WHAT" or "TOPIC fails: WHY", of the topics swapon, off and on.
set -u
export LC_ALL=C PATH="/usr/sbin:/usr/bin:/sbin:/bin"

areas() { sed '1d; s/[[:space:]].*//' /proc/swaps; }

# Those that are on now, and were not before.
brought() {
  areas | while IFS= read -r area; do
    printf '%s\n' "$before" | grep -qxF -- "$area" || printf '%s\n' "$area"
  done
}

# A name as it is, out of the kernel's: \040 is a space.
plain() { printf '%b' "$(printf %s "$1" | sed 's/\\\([0-7]\{3\}\)/\\0\1/g')"; }

take_back() { brought | while IFS= read -r area; do swapoff -- "$(plain "$area")"; done; }

holds() { printf '%s holds: %s\n' "$topic" "$1"; }
fails() { printf '%s fails: %s\n' "$topic" "$1"; }

topic=$1
before=$(areas)
trap take_back EXIT
trap 'exit 143' TERM INT HUP
swapon -a 2>/dev/null
new=$(brought | paste -sd ' ')
now=$(areas | paste -sd ' ')
case $topic,$new,$now in
  swapon,,*) holds 'swapon -a brings nothing' ;;
  swapon,*) fails "swapon -a brought $new" ;;
  off,*,) holds 'kubelet finds swap off' ;;
  off,*) fails "kubelet finds swap on and does not start: $now" ;;
  on,*,) fails 'kubelet finds swap off: pods have none' ;;
  on,*) holds 'kubelet finds swap on' ;;
esac
