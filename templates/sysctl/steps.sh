# shellcheck shell=sh

# sysctl_set PATH VALUE: PATH is below /proc/sys.
sysctl_set_ok() { [ "$(tr -s '[:blank:]' ' ' 2>/dev/null <"/proc/sys/$1")" = "$2" ]; } 2>/dev/null

# systemd's own reader, so that what holds now is what will hold after a boot.
sysctl_set_do() { /usr/lib/systemd/systemd-sysctl --prefix="/$1"; }

# The same where nothing of this profile makes the kernel have the parameter.
sysctl_set_if_there_ok() {
  [ -e "/proc/sys/$1" ] || {
    say "later    $1: the kernel has no such parameter now, and no module of this profile brings it"
    return 0
  }
  sysctl_set_ok "$@"
}
sysctl_set_if_there_do() { sysctl_set_do "$@"; }
sysctl_set_if_there_why() { sysctl_set_why "$@"; }

sysctl_set_why() {
  say "/proc/sys/$1 reads: $(cat "/proc/sys/$1" 2>&1)"
  say "files that name it:"
  grep -n -- "$(printf %s "$1" | tr / .)" /etc/sysctl.conf /etc/sysctl.d/*.conf /run/sysctl.d/*.conf \
    /usr/local/lib/sysctl.d/*.conf /usr/lib/sysctl.d/*.conf 2>/dev/null || say "none"
}
