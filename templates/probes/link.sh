#!/bin/sh
# link.sh KIND ARGUMENT...: whether an interface of a kind can be made; it is removed again. "KIND holds: WHAT" or "KIND
# fails: WHY". ip(8) asks the kernel, and the kernel loads the module by the kind's alias.
set -u
export LC_ALL=C PATH="/usr/sbin:/usr/bin:/sbin:/bin"
name=nodebake-link
gone() { ip link del "$name" 2>/dev/null; }
trap gone EXIT
trap 'exit 143' TERM INT HUP

if ! command -v ip >/dev/null; then
  echo "$1 fails: the program ip is absent: the package iproute2 brings it"
  exit
fi
gone # a run that was killed by force leaves it
if told=$(ip link add "$name" type "$@" 2>&1); then
  printf '%s holds: an interface of the kind can be made\n' "$1"
else
  printf '%s fails: ip link add type %s: %s\n' "$1" "$1" "$(printf %s "$told" | tail -n 1)"
fi
