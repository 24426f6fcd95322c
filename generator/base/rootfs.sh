# shellcheck shell=sh
# Unpacks a root file system and writes it as ext4 into a disk image. Runs as root, or as root of a user namespace.
# $1 work folder  $2 packages.tar  $3 overlay.tar  $4 disk  $5 offset in bytes  $6 size in KiB  $7 UUID  $8 label
# SOURCE_DATE_EPOCH and MKE2FS_CONFIG come in the environment.
set -eu
PATH=$PATH:/usr/sbin:/sbin # mke2fs is there, and an ordinary user's PATH on Debian lacks both
tree=$1/tree
trap 'rm -rf "$tree"' EXIT
trap 'exit 143' HUP INT TERM
mkdir "$tree"
# Without /dev: the kernel brings its own, and an ordinary user's namespace may not make devices.
tar -xf "$2" -C "$tree" --numeric-owner --xattrs --xattrs-include='*' --exclude='./dev/*'
cd "$tree"
# What the build left behind: the build host's names, keys that every node would share, logs and caches.
rm -rf etc/apt/sources.list etc/apt/sources.list.d/* etc/ssh/ssh_host_* var/lib/systemd/random-seed
rm -rf var/lib/apt/lists/* var/cache/apt/* var/cache/debconf/*-old var/lib/dpkg/*-old var/cache/ldconfig/aux-cache
rm -rf etc/passwd- etc/group- etc/shadow- etc/gshadow- etc/subuid- etc/subgid- root/.bash_history tmp/* var/tmp/*
rm -rf etc/.resolv.conf.systemd-resolved.bak packages.tsv etc/.pwd.lock
find var/log -type f -delete
# A link to where the current kernel is looks like "the kernel before" and is none.
for link in vmlinuz.old initrd.img.old; do
  if [ "$(readlink "$link" || :)" = "$(readlink "${link%.old}")" ]; then rm -f "$link"; fi
done
tar -xf "$3" -C "$tree" --numeric-owner
find . -xdev -newermt "@$SOURCE_DATE_EPOCH" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
cd /
export E2FSPROGS_FAKE_TIME="$SOURCE_DATE_EPOCH"
mke2fs -q -F -t ext4 -L "$8" -U "$7" -d "$tree" \
  -E "offset=$5,hash_seed=$7,lazy_itable_init=0,lazy_journal_init=0,nodiscard" "$4" "$6k"
# mke2fs 1.47.0 takes over from the tree when it was unpacked (atime, ctime), and nobody can set a ctime there. All inodes
# that a new file system has in use lie in a row, and the first that is no reserved one is 11.
disk="$4?offset=$5"
used=$(debugfs -R 'stats -h' "$disk" 2>/dev/null |
  awk '/^Inode count:/ { n += $3 } /^Free inodes:/ { n -= $3 } END { print n }')
seq 11 "$used" | while read -r inode; do
  printf 'set_inode_field <%s> %s @%s\n' "$inode" atime "$SOURCE_DATE_EPOCH" "$inode" ctime "$SOURCE_DATE_EPOCH"
done >"$1/times"
debugfs -w -f "$1/times" "$disk" >/dev/null 2>&1
rm "$1/times"
