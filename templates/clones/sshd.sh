#!/bin/sh
# What sshd makes of all its files, for a login of root. It wants its folder even to say so.
sshd=/usr/sbin/sshd
if [ -x "$sshd" ]; then
  if [ ! -d /run/sshd ]; then
    mkdir /run/sshd
    trap 'rmdir /run/sshd' EXIT
  fi
  "$sshd" -T -C user=root,host=clone,addr=192.0.2.1 || exit 1
fi
echo looked
