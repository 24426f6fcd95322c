#!/bin/sh
# A regular expression and patterns of paths: prints path and number of each line that fits, never the line. What is as
# its package brought it is no concern.
regex=$1
shift
# shellcheck disable=SC2048 # each is a list of patterns
for path in $*; do
  if [ -f "$path" ] && [ ! -L "$path" ]; then
    grep -qF " $path $(md5sum <"$path" | cut -c 1-32)" /var/lib/dpkg/status ||
      grep -anP -- "$regex" "$path" | cut -d: -f1 | sed "s|^|$path:|"
  fi
done
echo looked
