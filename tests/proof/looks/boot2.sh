# shellcheck shell=sh
# The second boot: what was set by hand is gone. Then it is set by files.
look 'rebooted, set by hand'
settings
printf '%s\n' overlay br_netfilter >/etc/modules-load.d/k8s.conf
printf '%s\n' 'net.bridge.bridge-nf-call-iptables = 1' 'net.ipv4.ip_forward = 1' >/etc/sysctl.d/k8s.conf
sed -i '/[[:space:]]swap[[:space:]]/d' /etc/fstab
