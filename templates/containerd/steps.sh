# shellcheck shell=sh

# containerd_current UNIT FILE: it runs, and was started after FILE was written. It reads the file when it starts, and
# its socket is made then.
containerd_current_ok() {
  systemctl -q is-active -- "$1" && [ -n "$(find /run/containerd/containerd.sock -newer "$2" 2>/dev/null)" ]
}

containerd_current_do() { systemctl restart -- "$1"; }

containerd_current_why() {
  say "$1 is $(systemctl is-active -- "$1"); what it said last:"
  journalctl -u "$1" -n 20 --no-pager -o cat
}
