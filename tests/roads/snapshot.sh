#!/bin/sh
# Prints what is true on a booted machine, a fact a line: KIND, NAME and VALUE with tabs between. Runs as root, changes
# nothing. Several lines of one name are the lines of one value.
set -u
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin

modules() { awk '{ print "module\t" $1 "\tloaded" }' /proc/modules; }

# The first row is the heading: it says that there was something to read, also where no swap is on.
swap() { awk 'NR == 1 { $1 = "areas"; $2 = "are"; $3 = "listed" } { print "swap\t" $1 "\t" $2 " " $3 }' /proc/swaps; }

# Some parameters cannot be read, even by root; which those are is the same on every machine with one kernel.
parameters() {
  find /proc/sys -xdev -type f -perm /444 -exec grep -asH '' {} + |
    sed 's,^/proc/sys/\([^:]*\):\(.*\),\1\n\2,; s/\t/ /g; s/\n/\t/; s/^/sysctl\t/'
}

units() {
  systemctl list-unit-files --no-legend --no-pager --plain | awk '{ print "unit-file\t" $1 "\t" $2 }'
  systemctl list-units --all --no-legend --no-pager --plain | awk '{ print "unit\t" $1 "\t" $2 " " $3 " " $4 }'
}

# shellcheck disable=SC2016 # dpkg-query's own fields
packages() { dpkg-query -W -f='package\t${binary:Package}\t${Version} ${db:Status-Status}\n'; }

# The numbers by themselves: who has which depends on who came first. L or NP or P: whether a password opens it.
accounts() {
  getent passwd | while IFS=: read -r name _ uid gid words home shell; do
    groups=$(id -Gn -- "$name" | tr ' ' '\n' | sort | tr '\n' ' ')
    password=$(passwd -S -- "$name" | cut -d' ' -f2)
    printf 'account\t%s\t%s:%s:%s:%s:%s\n' "$name" "$password" "$words" "$home" "$shell" "$groups"
    printf 'account\tnumbers of %s\t%s:%s\n' "$name" "$uid" "$gid"
  done
}

# Of everything on the root file system, and of what is in it. Of large files below /usr the size will do: they are of
# packages, whose versions are compared.
files() { find / -xdev -printf 'file\t%p\t%y %m %u %g\n'; }

contents() {
  find / -xdev -type l -printf 'content\t%p\t-> %l\n'
  find /usr -xdev -type f -size +64k -printf 'content\t%p\t%s bytes\n'
  find / -xdev \( -path '/usr/*' -size +64k \) -o -type f -exec sha256sum -z -- {} + | tr '\0' '\n' |
    sed 's/^\(.\{16\}\)[^ ]*  \(.*\)/content\t\2\t\1/'
}

# What a machine calls itself, and this boot, stands in names of files: each has others.
facts() {
  modules
  swap
  parameters
  units
  packages
  accounts
  files
  contents
}

facts | sed "s/$(cat /etc/machine-id)/MACHINE/g; s/$(tr -d - < /proc/sys/kernel/random/boot_id)/BOOT/g"
