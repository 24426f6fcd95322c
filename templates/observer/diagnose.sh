#!/bin/sh
# What a red verdict is explained from, each by its name: sh diagnose.sh failed journal. The host asks for it once it has
# judged, so that a node that is as it should be pays nothing. It changes nothing, and what is secret it leaves out.
set -u
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin SYSTEMD_COLORS=0 SYSTEMD_PAGER=
limit=2097152 seconds=60 count=0

# The units that failed, each with its last words.
failed() {
  systemctl list-units --state=failed --no-legend --plain --full | while read -r unit _; do
    printf 'unit %s\n' "$unit"
    journalctl -b -q --no-pager -u "$unit" -n 12 -o short-monotonic
  done
}

# Areas of swap, and the file that each was asked for by.
swaps() { systemctl show -p Id -p What -p ActiveState -p FragmentPath -p SourcePath -- '*.swap'; }

# In effect now. Left out are keys that nobody else may know.
parameters() { sysctl -a 2>/dev/null | grep -vE '^net\.ipv[46]\.(.*\.)?(stable_secret|tcp_fastopen_key) '; }

modules() { cut -d' ' -f1 /proc/modules | sort; }
warnings() { journalctl -b -q --no-pager -p warning -o short-monotonic; }
journal() { journalctl -b -q --no-pager -o short-monotonic; }

# systemd-analyze tells nothing before all jobs of the boot are done.
ended() { timeout 30 systemctl is-system-running --wait >/dev/null 2>&1; }
blame() { ended; systemd-analyze --no-pager blame; }
plot() { ended; systemd-analyze plot; }

if [ "${1-}" = one ]; then # by ourselves, below
  "$2"
  exit
fi
told=$(mktemp /run/nodebake-told.XXXXXX) || exit 1
trap 'rm -f -- "$told"' EXIT
for name do
  case $name in failed | swaps | parameters | modules | warnings | journal | blame | plot) ;; *) continue ;; esac
  timeout "$seconds" sh "$0" one "$name" >"$told" 2>/dev/null </dev/null
  code=$?
  printf '{"told": "%s", "code": %d, "out": "%s"}\n' "$name" "$code" "$(tail -c "$limit" "$told" | base64 | tr -d '\n')"
  count=$((count + 1))
done
printf '{"diagnosed": %d}\n' "$count"
