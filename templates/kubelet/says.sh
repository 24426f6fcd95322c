#!/bin/sh
# says.sh: the files of kubelet's folder (==), its unit with all drop-ins as systemd reads them, and the files of variables
# that they name (=>).
for file in /etc/kubernetes/kubelet.conf.d/*.conf; do
  echo "== $file"
  cat -- "$file" || exit 1
done
unit=$(systemctl --no-pager cat -- kubelet.service 2>/dev/null) || exit 0
printf '\n=> unit\n%s\n' "$unit"
printf '%s\n' "$unit" | sed -n 's/^EnvironmentFile=-\{0,1\}\(\/.*\)/\1/p' | sort -u | while read -r file; do
  if [ -f "$file" ]; then printf '\n=> %s\n' "$file" && cat -- "$file"; fi
done
exit 0
