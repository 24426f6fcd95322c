#!/bin/sh
# Files with keys that open a door, in the homes of all accounts and in folders that look like one.
homes=$(cut -d: -f6 /etc/passwd)
for path in /root /home/* /var/lib/* $homes; do
  for keys in "$path"/.ssh/authorized_keys*; do
    if [ -L "$keys" ] || { [ -f "$keys" ] && grep -qvE '^[[:space:]]*(#|$)' "$keys"; }; then echo "$keys"; fi
  done
done | sort -u
echo looked
