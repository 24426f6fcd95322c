# shellcheck shell=sh

# sysctl_set PATH VALUE: PATH is below /proc/sys.
sysctl_set_ok() { [ "$(tr -s '[:blank:]' ' ' 2>/dev/null <"/proc/sys/$1")" = "$2" ]; } 2>/dev/null

# systemd's own reader, so that what holds now is what will hold after a boot.
sysctl_set_do() { /usr/lib/systemd/systemd-sysctl --prefix="/$1"; }

sysctl_set_why() {
  say "/proc/sys/$1 reads: $(cat "/proc/sys/$1" 2>&1)"
  say "files that name it:"
  grep -n -- "$(printf %s "$1" | tr / .)" /etc/sysctl.conf /etc/sysctl.d/*.conf /run/sysctl.d/*.conf \
    /usr/local/lib/sysctl.d/*.conf /usr/lib/sysctl.d/*.conf 2>/dev/null || say "none"
}
