#!/bin/sh
# swapping.sh: whether a group of processes that needs more memory than it may have gets it from swap, as a pod does whose
# kubelet has LimitedSwap. "swapping holds: WHAT" or "swapping fails: WHY".
set -u
export LC_ALL=C PATH="/usr/sbin:/usr/bin:/sbin:/bin"
group=/sys/fs/cgroup/nodebake-probe.$$
trap '[ ! -d "$group" ] || rmdir -- "$group"' EXIT
trap 'exit 143' TERM INT HUP

limited() { [ -e /sys/fs/cgroup/cgroup.controllers ] && mkdir -- "$group" && echo 16M >"$group/memory.max"; }

if ! limited; then
  echo 'swapping fails: no cgroup (v2) whose memory is limited can be made'
  exit 1
fi
# shellcheck disable=SC2016 # for perl
swapped=$(echo 0 >"$group/cgroup.procs" && exec perl -e '
  my $much = "much" x (6 << 20);
  open my $told, "<", "$ARGV[0]/memory.swap.current" or exit;
  print int readline $told;
' "$group")
if [ "${swapped:-0}" -gt 0 ]; then
  echo 'swapping holds: memory beyond what a group of processes may have goes to swap'
else
  echo 'swapping fails: memory beyond what a group of processes may have is not to be had, and the kernel ends them'
fi
