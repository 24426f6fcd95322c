#!/bin/sh
# The last provisioner: takes out of the image what must not be the same in two machines made from it, what the build
# left behind, and what only takes room. Then looks whether it is gone: no exit code is trusted.
#
# SYSPREP_ROOT is the root file system, for tests; without it, it is this machine, which is powered off by force
# afterwards, so that no service writes into what was cleaned.
set -eu
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
root=${SYSPREP_ROOT:-/}
cd "$root"

# Shell patterns, relative to the root. One process removes all of it: each one costs time in an emulated machine.
gone='
etc/ssh/ssh_host_*
etc/ssh/sshd_config.d/00-nodebake-build.conf
etc/ssh/sshd_config.d/50-cloud-init.conf
etc/systemd/network/10-cloud-init-*
etc/netplan/50-cloud-init.yaml
etc/network/interfaces.d/50-cloud-init*
etc/NetworkManager/system-connections/cloud-init-*
etc/udev/rules.d/70-persistent-net.rules
etc/.pwd.lock
etc/passwd- etc/group- etc/shadow- etc/gshadow- etc/subuid- etc/subgid-
var/lib/cloud/* var/lib/cloud/.[!.]*
var/lib/systemd/random-seed
var/lib/systemd/credential.secret
var/lib/systemd/coredump/*
var/lib/systemd/timers/*
boot/efi/loader/random-seed
var/lib/dhcp/*
var/lib/dhclient/*
var/lib/NetworkManager/*
var/lib/containerd/io.containerd.grpc.v1.introspection/uuid
var/lib/containerd/tmpmounts/*
var/log/journal/*
var/lib/apt/lists/* var/lib/apt/lists/.[!.]*
var/cache/apt/*.bin var/cache/apt/archives/*.deb var/cache/apt/archives/partial/*
var/cache/debconf/*-old
var/lib/dpkg/*-old
var/backups/*
var/crash/*
tmp/* tmp/.[!.]* tmp/..?*
var/tmp/* var/tmp/.[!.]* var/tmp/..?*
root/.*_history home/*/.*_history
root/.lesshst home/*/.lesshst
root/.viminfo home/*/.viminfo
root/.wget-hsts home/*/.wget-hsts
root/.cache home/*/.cache
root/.ssh/known_hosts* home/*/.ssh/known_hosts*
'

failed() {
  echo "sysprep: $*" >&2
  exit 1
}

# cloud-init, where it runs, writes its state until the moment at which this file is there.
wait_for_cloud_init() {
  [ -e /run/cloud-init/enabled ] || return 0
  left=300
  until [ -e /run/cloud-init/result.json ]; do
    [ "$left" -gt 0 ] || failed "cloud-init has not finished"
    left=$((left - 1))
    sleep 1
  done
}

quiet_machine() {
  wait_for_cloud_init
  # From now on the journal is in memory. It has its files open, and would write into them after they were removed.
  if [ -d /var/log/journal ]; then journalctl --quiet --relinquish-var || echo "sysprep: journald keeps its files" >&2; fi
  # Its database is whole when it has closed it, and what asked for its uuid would get a new one written.
  if [ -S run/containerd/containerd.sock ]; then systemctl stop containerd.service; fi
  # systemd mounts an id over an empty /etc/machine-id, until it has written it down.
  if grep -q ' /etc/machine-id ' /proc/self/mounts; then umount /etc/machine-id; fi
}

remove() {
  # Words and patterns of a list of our own, so it is meant to be split and expanded.
  # shellcheck disable=SC2086
  rm -rf -- $gone
  # Folders stay: a service that may not make its own would have nowhere to log, and without var/log/journal the journal
  # would no longer be kept. wtmp, btmp and lastlog are made anew at boot (tmpfiles.d/var.conf).
  if [ -d var/log ]; then find var/log -xdev -type f -delete; fi
}

# Empty, not absent: each machine gets an id of its own, but does not take itself for one that boots for the first time
# ever, which would enable units that the profile has disabled (machine-id(5)).
reset_identity() {
  # It may be read-only, and whoever tries this script on a tree need not be root.
  [ ! -e etc/machine-id ] || chmod 0644 etc/machine-id
  : > etc/machine-id
  chmod 0444 etc/machine-id
  if [ -d var/lib/dbus ]; then ln -sfn /etc/machine-id var/lib/dbus/machine-id; fi
  echo localhost > etc/hostname
}

look() {
  # shellcheck disable=SC2086
  for path in $gone; do
    if [ -e "$path" ] || [ -L "$path" ]; then failed "/$path is still there"; fi
  done
  if [ -d var/log ] && [ -n "$(find var/log -xdev -type f -print -quit)" ]; then failed "/var/log has files"; fi
  [ ! -s etc/machine-id ] || failed "/etc/machine-id is not empty"
  [ ! -d var/lib/dbus ] || [ "$(readlink var/lib/dbus/machine-id)" = /etc/machine-id ] ||
    failed "/var/lib/dbus/machine-id is not a link to /etc/machine-id"
  read -r name < etc/hostname
  [ "$name" = localhost ] || failed "/etc/hostname is not localhost"
}

# What was deleted is still in the image. fstrim is not enough: it gives back whole clusters of the image (64 KiB), and a
# deleted block with a living neighbour stays readable. So the free space is filled with zeros, past the page cache;
# QEMU sees the zeros and gives the clusters back (disk_detect_zeroes in build.pkr.hcl), so the image does not grow.
# ext4 holds 4096 blocks back from everybody, and does not tear a write of 4 MiB to its last ones: deleted files of one
# block lie in just these. So nothing is held back, and what is left is filled block by block.
wipe_free_space() {
  sync
  for held in /sys/fs/ext4/*/reserved_clusters; do
    [ ! -e "$held" ] || echo 0 > "$held"
  done
  while read -r _ folder type options _; do
    case $type:$options in *:ro | *:ro,*) continue ;; ext4:* | xfs:* | btrfs:*) ;; *) continue ;; esac
    fill=$folder/.nodebake-zeros
    dd if=/dev/zero of="$fill" bs=4M oflag=direct 2> /run/nodebake/dd || true
    dd if=/dev/zero of="$fill" bs=4k oflag=direct,append conv=notrunc 2> /run/nodebake/dd || true
    grep -q 'No space left' /run/nodebake/dd || failed "the free space of $folder was not wiped: $(cat /run/nodebake/dd)"
    rm -f "$fill"
    [ ! -e "$fill" ] || failed "$fill is still there"
  done < /proc/self/mounts
  sync
}

[ "$root" != / ] || quiet_machine
remove
reset_identity
look
if [ "$root" = / ]; then
  wipe_free_space
  look
fi
echo "sysprep: clean"
