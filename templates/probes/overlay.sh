#!/bin/sh
# overlay.sh: stacks two layers and a writable one, as a container's root is stacked, and looks at what becomes of them. The
# last line is "overlay holds: WHAT" or "overlay fails: WHY". Run it in a mount namespace of its own, which takes the mount
# with it. The layers lie where images do, for a file system without d_type, or a tmpfs, may do otherwise.
set -u
export LC_ALL=C PATH="/usr/sbin:/usr/bin:/sbin:/bin"

fail() {
  printf 'overlay fails: %s\n' "$1"
  exit 1
}

# must WHY COMMAND...
must() {
  why=$1
  shift
  "$@" || fail "$why"
}

# is TEXT FILE...: what they say, in one line.
is() {
  text=$1
  shift
  [ "$(cat -- "$@" | tr '\n' ' ')" = "$text " ]
}

# A run that was killed by force leaves its folder.
for folder in /var/lib/nodebake-overlay.*; do
  [ ! -d "$folder" ] || [ -d "/proc/${folder##*.}" ] || rm -rf -- "$folder"
done
work=/var/lib/nodebake-overlay.$$
trap 'umount "$work/merged" 2>/dev/null; rm -rf -- "$work"' EXIT
trap 'exit 143' TERM INT HUP

told=$(mkdir -m 0700 "$work" 2>&1) || fail "no folder in /var/lib: $told"
cd "$work" || exit 1
mkdir -p upper/top upper/work one/folder two merged
echo one | tee one/own >one/both
echo old | tee one/gone >one/folder/old
echo two | tee two/both >two/below

stack() {
  told=$(mount -t overlay overlay -o lowerdir=one:two,upperdir=upper/top,workdir=upper/work merged 2>&1) ||
    fail "it cannot be mounted: $(printf %s "$told" | head -n 1)"
}

stack
must 'it does not show its layers as one' is 'one one two' merged/own merged/both merged/below
echo new 2>/dev/null >merged/both
must 'a file that is written is not copied up from its layer' is 'new one new' merged/both one/both upper/top/both
must 'a file of a layer cannot be removed' rm merged/gone
must 'a file that is removed is still there' test ! -e merged/gone
must 'a file that is removed leaves no whiteout' \
  test "$(stat -c '%F %t:%T' upper/top/gone)" = 'character special file 0:0'
must 'a folder of a layer cannot be removed' rm -r merged/folder
must 'a folder of a layer cannot be replaced' mkdir merged/folder
umount merged
stack
must 'a folder that was replaced is gone' test -d merged/folder
must 'a folder that was replaced shows what it had before' test -z "$(ls -A merged/folder)"
must 'a layer was changed' is 'one one old old two two' one/own one/both one/gone one/folder/old two/both two/below
echo 'overlay holds: two layers stack, with copy-up, whiteouts and opaque folders'
