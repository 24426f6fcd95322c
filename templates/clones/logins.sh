#!/bin/sh
# Whose password is set, or empty, in the files of accounts and in the copies of them; never the password.
for path in /etc/passwd /etc/shadow /etc/passwd- /etc/shadow-; do
  [ ! -f "$path" ] || awk -F: -v path="$path" '
    path == "/etc/shadow" && $1 == "root" { root = 1 }
    NF < 2 { next }
    $2 == "" { print path ": " $1 " has none at all" }
    $2 != "" && $2 != "x" && $2 !~ /^[*!]/ { print path ": " $1 " has one" }
    END { if (root) print "root stands in " path }
  ' "$path"
done
echo looked
