#!/bin/sh
# current.sh UNIT: the file that the running containerd was told to read, and whether it was started after that file was
# written last. It reads the file when it starts, and its socket is made then.
pid=$(systemctl show -p MainPID --value -- "$1")
file=$(tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" |
  sed -n -e '/^\(-c\|--config\)$/{n;p;}' -e 's/^\(-c\|--config\)=//p' | tail -n 1)
file=${file:-/etc/containerd/config.toml}
if [ -n "$(find /run/containerd/containerd.sock -newer "$file" 2>/dev/null)" ]; then
  printf '%s as it is now\n' "$file"
else
  printf '%s was written after containerd started\n' "$file"
fi
