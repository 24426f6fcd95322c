#!/bin/sh
# Each argument is KIND:ROW=PATTERN...; prints the row and the path of what a machine from an image must not have.
# none: nothing; folders: no file; new: nothing that is older than this boot, which has to be the first. By the birth of
# a file: programs go on writing a log that was kept, and useradd gives passwd- the time of passwd.
started=$(awk '$1 == "btime" { print $2 }' /proc/stat)

packaged() { # PATH: a configuration file as its package brought it
  [ -f "$1" ] && grep -qF " $1 $(md5sum <"$1" | cut -c 1-32)" /var/lib/dpkg/status
}

look() { # KIND PATH
  case $1 in
    none) packaged "$2" || echo "$2" ;;
    folders) find "$2" -xdev ! -type d ! -lname '*/usr/*' 2>/dev/null ;;
    # find knows no births on Linux. Where a file system keeps none, stat says 0.
    new)
      find "$2" -xdev ! -type d ! -lname '*/usr/*' -exec stat -c '%W %n' {} + 2>/dev/null |
        awk -v started="$started" '$1 + 0 < started { sub(/^[^ ]+ /, ""); print }'
      ;;
  esac
}

for row; do
  kind=${row%%:*}
  row=${row#*:}
  set -f
  for pattern in ${row#*=}; do
    set +f
    for path in ${pattern%'/**'}; do
      case $path in */. | */..) continue ;; esac
      if [ -e "$path" ] || [ -L "$path" ]; then look "$kind" "$path" | sed "s|^|${row%%=*} |"; fi
    done
  done
done
echo looked
