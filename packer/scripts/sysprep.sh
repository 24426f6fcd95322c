#!/bin/sh
# The last provisioner: takes out of the image what must not be the same in two machines made from it, what the build
# left behind, and what only takes room. Then looks whether it is gone: no exit code is trusted.
#
# SYSPREP_ROOT is the root file system, for tests; without it, it is this machine, which is powered off by force
# afterwards, so that no service writes into what was cleaned. SYSPREP_LAID is a file with the paths that the profile
# lays, one a line: they stay. generator/settings/hygiene/ looks for all of this in the image, once more.
set -eu
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
trap '' PIPE # who reads what this says may be gone; what is true is looked at in the end
root=${SYSPREP_ROOT:-/}
laid=$(cat "${SYSPREP_LAID:-/run/nodebake/upload/laid}")
cd "$root"

# Shell patterns, relative to the root, of what no profile may lay (schemas/settings/files.json). One process removes all
# of it: each one costs time in an emulated machine.
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
boot/efi/loader/random-seed efi/loader/random-seed boot/loader/random-seed
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
root/.ssh/id_* home/*/.ssh/id_*
'

# What goes unless the profile lays it: state of a cluster and of agents, and what only this machine may log in with.
unasked='
etc/cloud/cloud-init.disabled etc/cloud/ds-identify.cfg
etc/cloud/cloud.cfg.d/*installer*.cfg etc/cloud/cloud.cfg.d/subiquity-*.cfg etc/cloud/cloud.cfg.d/curtin-*.cfg
etc/machine-info
etc/netplan/00-installer-config*.yaml etc/netplan/01-netcfg.yaml etc/netplan/01-network-manager-all.yaml
etc/systemd/network/*persistent-net.link etc/udev/rules.d/*persistent-net.link
etc/udev/rules.d/75-persistent-net-generator.rules etc/udev/rules.d/70-persistent-cd.rules
etc/iscsi/initiatorname.iscsi
etc/iscsi/nodes/* etc/iscsi/send_targets/*
etc/lvm/archive/* etc/lvm/backup/* etc/lvm/cache/* etc/lvm/devices/*
etc/multipath/bindings etc/multipath/wwids
etc/nvme/hostnqn etc/nvme/hostid
etc/apt/auth.conf etc/apt/auth.conf.d/*
etc/cni/net.d/*
etc/kubernetes/*.conf etc/kubernetes/manifests/*
etc/kubernetes/pki/* etc/kubernetes/pki/etcd/*
etc/puppetlabs/puppet/ssl/*
etc/rancher/node/password
etc/salt/minion_id etc/salt/pki/minion/*
root/.netrc home/*/.netrc
root/.git-credentials home/*/.git-credentials root/.config/git/credentials home/*/.config/git/credentials
root/.npmrc home/*/.npmrc root/.pypirc home/*/.pypirc
root/.config/gh/hosts.yml home/*/.config/gh/hosts.yml
root/.aws/credentials home/*/.aws/credentials
root/.docker/config.json home/*/.docker/config.json root/.dockercfg home/*/.dockercfg
root/.config/containers/auth.json home/*/.config/containers/auth.json
root/.config/helm/registry/config.json home/*/.config/helm/registry/config.json
root/.kube home/*/.kube
var/lib/amazon/ssm/Vault/Store/*
var/lib/calico/nodename
var/lib/cni/*
var/lib/containerd/io.containerd.grpc.v1.cri/containers/*
var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/*
var/lib/containerd/io.containerd.runtime.v2.task/*/*
var/lib/dhcpcd/*.lease* var/lib/dhcpcd/duid var/lib/dhcpcd/secret
var/lib/etcd/*
var/lib/kubelet/pki/* var/lib/kubelet/*_state
var/lib/kubelet/kubeadm-flags.env var/lib/kubelet/bootstrap-kubeconfig var/lib/kubelet/kubeconfig
var/lib/kubelet/config.json var/lib/kubelet/.dockercfg
var/lib/kubelet/pods/* var/lib/kubelet/checkpoints/*
var/lib/kubelet/device-plugins/kubelet_internal_checkpoint
var/lib/puppet/ssl/*
var/lib/rancher/*/server/tls var/lib/rancher/*/server/cred var/lib/rancher/*/server/db var/lib/rancher/*/server/*token
var/lib/rancher/*/agent/*.key var/lib/rancher/*/agent/*.kubeconfig
var/lib/snapd/device/private-keys-v1/*
var/lib/systemd/pcrlock.json var/lib/systemd/tpm2-srk-public-key.*
var/lib/systemd/pstore/*
var/lib/tailscale/tailscaled.state
var/lib/ubuntu-advantage/private/*
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
  if [ -d /var/log/journal ]; then journalctl --quiet --relinquish-var || echo "sysprep: journald keeps its files" >&2 || :; fi
  # Its database is whole when it has closed it, and what asked for its uuid would get a new one written.
  if [ -S run/containerd/containerd.sock ]; then systemctl stop containerd.service; fi
  # systemd mounts an id over an empty /etc/machine-id, until it has written it down.
  if grep -q ' /etc/machine-id ' /proc/self/mounts; then umount /etc/machine-id; fi
}

# Whether a path is the profile's, or above one of the profile's.
ours() {
  case "
$laid
" in *"
/$1
"* | *"
/$1/"*) return 0 ;; esac
  return 1
}

# Or a configuration file that a package brought.
asked() {
  ours "$1" || grep -qF " /$1 " var/lib/dpkg/status 2> /dev/null
}

# Whether a file is as its package brought it.
untouched() {
  grep -qF " /$1 $(md5sum < "$1" | cut -c 1-32)" var/lib/dpkg/status 2> /dev/null
}

# Packages may leave scripts there for `cloud-init clean`, which runs none of them once /var/lib/cloud is empty.
run_cleaners() {
  for script in etc/cloud/clean.d/*; do
    if [ -f "$script" ] && [ -x "$script" ]; then "./$script" || failed "/$script did not succeed"; fi
  done
}

remove() {
  # Words and patterns of a list of our own, so it is meant to be split and expanded.
  # shellcheck disable=SC2086
  rm -rf -- $gone
  # shellcheck disable=SC2086
  for path in $unasked; do
    if [ -e "$path" ] || [ -L "$path" ]; then asked "$path" || rm -rf -- "$path"; fi
  done
  # Folders stay: a service that may not make its own would have nowhere to log, and without var/log/journal the journal
  # would no longer be kept. wtmp, btmp and lastlog are made anew at boot (tmpfiles.d/var.conf). Links into /usr are
  # packages': Debian's /var/log/README.
  if [ -d var/log ]; then find var/log -xdev ! -type d ! -lname '*/usr/*' -delete; fi
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

# A login in an address, a proxy of the build's network, a login of a registry, and where sshd finds keys: the line goes
# on without the first, and goes with the others.
s='[:space:]'
login="(https?)://[^/?#$s\"]+@|://[^/@$s:\"]*:[^/$s\"]*@|://[^]/@$s:\"[]*:[0-9]*[^0-9/$s\"@][^$s\"@]*@"
proxy="Acquire::.*Proxy|proxy\"?[$s]*[=:]|proxy[$s=]+\"?[^$s]+:[0-9]"
proxy="$proxy|(setenv|set[$s]+-[a-z]+)[$s]+(https?|ftp|all|no)_proxy[$s]|(https?|ftp|all|no)_proxy[$s]+(DEFAULT|OVERRIDE)="
proxy="$proxy|Proxy(-Auto-Detect)?(::[^$s]+)?[$s]+(\"|DIRECT|[a-z][a-z0-9+.-]*://|/)|Proxy(::[^$s]+)?[$s]*[{]"
proxy="$proxy|(-x|socks[45]a?|socks5-hostname)[$s=]+\"?([^$s]+://|[^$s]+:[0-9])"
proxy="^[$s]*([^#/$s].*)?($proxy)"
registry="^[$s]*\"?(auth|username|password|identitytoken|authorization)\"?[$s]*=[$s]*\\[?[$s]*[\"'][^\"']"
sshd="Authorized(Keys|Principals)(File|Command)|TrustedUserCAKeys"
sshd="^[$s]*\"?($sshd)[$s=\"]"
with_lines='
etc/apt/sources.list etc/apt/sources.list.d/* etc/apt/apt.conf etc/apt/apt.conf.d/*
etc/environment etc/environment.d/* etc/default/* etc/security/pam_env.conf
etc/systemd/system.conf etc/systemd/system.conf.d/* etc/systemd/system/*.service etc/systemd/system/*.d/*.conf
etc/profile etc/profile.d/* etc/bash.bashrc etc/csh.cshrc etc/csh.login etc/zsh/*
etc/pip.conf etc/gitconfig etc/wgetrc
etc/containerd/config.toml etc/containerd/conf.d/*.toml etc/containerd/certs.d/*/hosts.toml
etc/skel/.bashrc etc/skel/.profile
root/.bashrc root/.bash_profile root/.bash_login root/.profile root/.cshrc root/.tcshrc root/.login
root/.zshrc root/.zshenv root/.zprofile root/.pam_environment root/.curlrc root/.wgetrc
root/.gitconfig root/.config/git/config root/.config/pip/pip.conf root/.pip/pip.conf
home/*/.bashrc home/*/.bash_profile home/*/.bash_login home/*/.profile home/*/.cshrc home/*/.tcshrc home/*/.login
home/*/.zshrc home/*/.zshenv home/*/.zprofile home/*/.pam_environment home/*/.curlrc home/*/.wgetrc
home/*/.gitconfig home/*/.config/git/config home/*/.config/pip/pip.conf home/*/.pip/pip.conf
'
with_registries='etc/containerd/config.toml etc/containerd/conf.d/*.toml etc/containerd/certs.d/*/hosts.toml'
with_sshd='etc/ssh/sshd_config etc/ssh/sshd_config.d/*'

# The files of the list $2 in which a line fits $1, but for the profile's own and those that are as a package brought
# them. Those that are not there are no error. Links lead to files of others.
saying() {
  # shellcheck disable=SC2086
  grep -lsiE -- "$1" $2 | while read -r path; do
    [ ! -L "$path" ] || continue
    ours "$path" || untouched "$path" || echo "$path"
  done
}

# Takes the lines out that fit $1, of the files of the list $2.
without() {
  saying "$1" "$2" | while read -r path; do sed -i -E "\\%$1%Id" "$path"; done
}

forget_lines() {
  # An address may have two: as often as one is found.
  saying "$login" "$with_lines" | while read -r path; do sed -i -E ":a;s%$login%\\1://%I;ta" "$path"; done
  # Of apt's the statement alone: its line may close brackets.
  saying "$proxy" 'etc/apt/apt.conf etc/apt/apt.conf.d/*' | while read -r path; do
    sed -i -E "s%([[:alnum:]:-]*::)?Proxy(-Auto-Detect)?(::[^$s{;]+)?[$s]+[^;{]*;%%Ig;T;/^[$s]*\$/d" "$path"
  done
  without "$proxy" "$with_lines"
  without "$registry" "$with_registries"
  without "$sshd" "$with_sshd"
  if [ -f etc/hosts ] && ! asked etc/hosts; then sed -i '/^[[:space:]]*127\.0\.1\.1[[:space:]]/d' etc/hosts; fi
}

# A login by password that the base has, or one without any: nobody comes in so (shadow(5)).
lock_passwords() {
  if [ -f etc/shadow ]; then sed -i -E 's/^([^:]+):([^!*:][^:]*|):/\1:!\2:/' etc/shadow; fi
}

# What the packages do once, when they are installed, each machine does for itself: before anything reads the names, and
# so that a power cut leaves the whole name or none. Where the tool is not, nothing needs them.
name_at_boot() {
  wants=etc/systemd/system/sysinit.target.wants
  if [ -x usr/sbin/iscsi-iname ]; then
    mkdir -p "$wants"
    cat > etc/systemd/system/nodebake-iscsi-name.service << 'UNIT'
[Unit]
Description=A name for this iSCSI initiator, where it has none
DefaultDependencies=no
RequiresMountsFor=/etc/iscsi
ConditionFileNotEmpty=!/etc/iscsi/initiatorname.iscsi
After=local-fs.target systemd-remount-fs.service
Before=sysinit.target iscsid.socket iscsid.service shutdown.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
UMask=0077
ExecStart=/bin/sh -euc 'cd /etc/iscsi; name=$$(/usr/sbin/iscsi-iname -p iqn.1993-08.org.debian:01); echo "InitiatorName=$$name" >.name; sync .name; mv .name initiatorname.iscsi'
UNIT
    ln -sfn ../nodebake-iscsi-name.service "$wants/nodebake-iscsi-name.service"
  fi
  if [ -x usr/sbin/nvme ]; then
    mkdir -p "$wants"
    cat > etc/systemd/system/nodebake-nvme-name.service << 'UNIT'
[Unit]
Description=Names for this NVMe host, where it has none
DefaultDependencies=no
RequiresMountsFor=/etc/nvme
ConditionFileNotEmpty=|!/etc/nvme/hostnqn
ConditionFileNotEmpty=|!/etc/nvme/hostid
After=local-fs.target systemd-remount-fs.service
Before=sysinit.target nvmf-autoconnect.service nvmefc-boot-connections.service shutdown.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -euc 'cd /etc/nvme; [ -s hostnqn ] || { /usr/sbin/nvme gen-hostnqn >.name; sync .name; mv .name hostnqn; }'
ExecStart=/bin/sh -euc 'cd /etc/nvme; [ -s hostid ] || { cat /proc/sys/kernel/random/uuid >.name; sync .name; mv .name hostid; }'
UNIT
    ln -sfn ../nodebake-nvme-name.service "$wants/nodebake-nvme-name.service"
  fi
}

look() {
  # shellcheck disable=SC2086
  for path in $gone; do
    if [ -e "$path" ] || [ -L "$path" ]; then failed "/$path is still there"; fi
  done
  # shellcheck disable=SC2086
  for path in $unasked; do
    if [ -e "$path" ] || [ -L "$path" ]; then asked "$path" || failed "/$path is still there"; fi
  done
  for path in $(saying "$login" "$with_lines"); do failed "/$path has a login in an address"; done
  for path in $(saying "$proxy" "$with_lines"); do failed "/$path names a proxy"; done
  for path in $(saying "$registry" "$with_registries"); do failed "/$path has a login of a registry"; done
  for path in $(saying "$sshd" "$with_sshd"); do failed "/$path tells sshd where keys are"; done
  if [ -d var/log ] && [ -n "$(find var/log -xdev ! -type d ! -lname '*/usr/*' -print -quit)" ]; then
    failed "/var/log has files"
  fi
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
run_cleaners
remove
forget_lines
lock_passwords
reset_identity
name_at_boot
look
if [ "$root" = / ]; then
  wipe_free_space
  look
fi
echo "sysprep: clean"
