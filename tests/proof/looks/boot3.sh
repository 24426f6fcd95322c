# shellcheck shell=sh
# The third boot: what was set by files is there.
look 'rebooted, set by files'
settings
# By their names: they begin before the journal does, which then has their words from the kernel's ring buffer.
journalctl -q -b --no-pager -o cat -t systemd-modules-load -t systemd-sysctl
