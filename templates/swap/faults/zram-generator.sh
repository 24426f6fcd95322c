#!/bin/sh
# What zram-generator 1.2 makes of `[zram0] zram-size = N` in zram-generator.conf(5), for a fault: a unit of the kind swap
# that swap.target wants, and a service that sets the device up before it. Arguments: systemd.generator(7).
mib=$(sed -n 's/^zram-size *= *//p' /etc/systemd/zram-generator.conf)
[ -n "$mib" ] || exit 0
mkdir -p "$1/swap.target.wants"
cat >"$1/systemd-zram-setup@zram0.service" <<UNIT
[Unit]
DefaultDependencies=no
After=systemd-modules-load.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'modprobe zram && echo ${mib}M >/sys/block/zram0/disksize && mkswap /dev/zram0'
UNIT
cat >"$1/dev-zram0.swap" <<UNIT
[Unit]
Requires=systemd-zram-setup@zram0.service
After=systemd-zram-setup@zram0.service
[Swap]
What=/dev/zram0
Priority=100
UNIT
ln -s ../dev-zram0.swap "$1/swap.target.wants/dev-zram0.swap"
