# shellcheck shell=sh
# mmdebstrap's customize hook: $1 is the root file system with its packages installed, before mmdebstrap tidies it up.
set -eu
echo LANG=C.UTF-8 > "$1/etc/default/locale" # on Debian 13 a link to ../locale.conf
# Host keys also where no cloud-init makes them (no datasource), and then only: without keys ssh.service fails.
cat > "$1/etc/systemd/system/ssh-host-keys.service" <<'UNIT'
[Unit]
Description=Generate SSH host keys where there are none
ConditionPathExistsGlob=!/etc/ssh/ssh_host_*_key
After=cloud-init.service cloud-init-network.service
Before=ssh.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/ssh-keygen -A

[Install]
WantedBy=ssh.service
UNIT
chroot "$1" systemctl --quiet enable systemd-networkd.service systemd-resolved.service systemd-timesyncd.service
# It looks for what an interrupted check of LVM snapshots left, on a node without LVM: seconds of each boot for nothing.
chroot "$1" systemctl --quiet disable e2scrub_reap.service
chroot "$1" systemctl --quiet enable ssh-host-keys.service
rm -f "$1"/etc/ssh/ssh_host_* # made by openssh-server's installation: the only thing here that is never the same twice
# shellcheck disable=SC2016 # dpkg-query's own fields
chroot "$1" dpkg-query -W -f '${Package}\t${Version}\t${Architecture}\n' > "$1/packages.tsv"
