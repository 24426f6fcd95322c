# shellcheck shell=sh
# What a kernel module is to this machine. No exit code and no green unit is asked: systemd-modules-load succeeds for a
# module that is deny-listed, and for one that this kernel does not have. $root is for tests: another root directory.
root=${NODEBAKE_ROOT-}

# module_spelled NAME: into $spelled as the kernel spells it, into $spellings a pattern of how its file may be spelled. By
# the shell alone, as all that is done for each module here: under emulation a process takes 30 ms.
module_spelled() {
  spelled='' spellings='' rest=$1
  while [ "$rest" != "${rest%%[-_]*}" ]; do
    spelled=${spelled}${rest%%[-_]*}_ spellings="${spellings}${rest%%[-_]*}[-_]" rest=${rest#*[-_]}
  done
  spelled=$spelled$rest spellings=$spellings$rest
}

# What forbids modules, as "install NAME PLACE: TEXT" or "blacklist NAME PLACE: TEXT". As kmod reads it: files in the order
# of these folders, one name once; a line goes on after a backslash. An install line that ends in modprobe loads it.
module_bans() {
  seen=' '
  set --
  for folder in /etc /run /usr/local/lib /usr/lib /lib; do
    for file in "$root$folder"/modprobe.d/*.conf; do
      case $seen in *" ${file##*/} "*) continue ;; esac
      [ -r "$file" ] || continue
      seen="$seen${file##*/} "
      set -- "$@" "$file"
    done
  done
  awk 'FNR == 1 { held = "" }
  {
    if (!held) from = FNR
    if (sub(/\\$/, "")) { held = held $0; next }
    $0 = held $0; held = ""; name = $2; gsub(/-/, "_", name)
    run = $0; sub(/[ \t]#.*/, "", run) # a shell runs it, which knows comments
    if ($1 == "blacklist" || ($1 == "install" && run !~ /modprobe|insmod/)) print $1, name, FILENAME ":" from ": " $0
  }' "$@" </dev/null | sed "s, $root/, /,"
  tr ' ' '\n' <"$root/proc/cmdline" | awk -F'[=,]' '$1 == "modprobe.blacklist" || $1 == "module_blacklist" {
    for (n = 2; n <= NF; n++) {
      name = $n; gsub(/-/, "_", name)
      print ($1 == "module_blacklist" ? "install" : "blacklist"), name, "/proc/cmdline: " $0
    }
  }'
}

# The kernel that the next boot will start: after an upgrade it is not the one that runs.
kernel_next() {
  {
    readlink "$root/vmlinuz" ||
      for file in "$root"/boot/vmlinuz-*; do [ ! -e "$file" ] || printf '%s\n' "$file"; done | sort -V | tail -n 1
  } | sed -n 's,.*/vmlinuz-,,p'
}

kernel_package() {
  dpkg-query -S "/boot/vmlinuz-$1" 2>/dev/null | sed -n 's/^\([^:]*\):.*/, package \1/p'
}

# module_files NAME KERNEL: its file, and those of the modules that it needs; nothing where the kernel has none.
module_files() {
  module_spelled "$1"
  sed -nE "\\,(^|/)$spellings\.ko[^:/]*:,{s/://;p;q}" "$root/lib/modules/$2/modules.dep" 2>/dev/null
}

module_builtin() { # NAME KERNEL
  module_spelled "$1"
  grep -qsE "/$spellings\.ko" "$root/lib/modules/$2/modules.builtin"
}

# module_host: what is the same for all modules, found out once.
module_host() { module_banned=$(module_bans) module_running=$(uname -r) module_next=$(kernel_next); }

# module_now NAME: loaded, built in, or nothing. What is built in shows in /sys/module only if it has parameters.
module_now() {
  if grep -qs "^$1 " "$root/proc/modules"; then
    echo loaded
  elif [ -d "$root/sys/module/$1" ] || module_builtin "$1" "$module_running"; then
    echo built in
  fi
}

# module_lacks NAME KERNEL: why this kernel cannot load it.
module_lacks() {
  files=$(module_files "$1" "$2")
  if [ -z "$files" ]; then
    module_builtin "$1" "$2" ||
      printf 'the kernel %s has no module of that name (%s)\n' "$2" "/lib/modules/$2$(kernel_package "$2")"
    return 0
  fi
  for file in $files; do
    [ -e "$root/lib/modules/$2/$file" ] ||
      printf '/lib/modules/%s is gone (kernel %s%s)\n' "$2/$file" "$2" "$(kernel_package "$2")"
  done
}

# module_forbidden NAME: which lines keep a boot from loading it. systemd-modules-load minds a blacklist line for the
# module itself alone; an install line counts for those that it needs, too.
module_forbidden() {
  [ -n "$module_banned" ] || return 0
  needed=" $1 "
  for file in $(module_files "$1" "$module_running"); do
    file=${file##*/}
    module_spelled "${file%%.ko*}"
    needed="$needed$spelled "
  done
  printf '%s\n' "$module_banned" | while read -r kind pattern text; do
    case $kind in blacklist) names=$1 ;; *) names=$needed ;; esac
    for name in $names; do
      # shellcheck disable=SC2254 # it is a pattern: kmod compares with fnmatch(3)
      case $name in $pattern) printf '%s\n' "$text" ;; esac
    done
  done
}

# module_obstacles NAME NOW: why a boot will not load it; nothing for what is built in.
module_obstacles() {
  [ "$2" != 'built in' ] || return 0
  module_forbidden "$1"
  module_lacks "$1" "$module_running"
  case $module_next in '' | "$module_running") ;; *) module_lacks "$1" "$module_next" ;; esac
  if { read -r disabled <"$root/proc/sys/kernel/modules_disabled"; } 2>/dev/null && [ "$disabled" = 1 ]; then
    echo '/proc/sys/kernel/modules_disabled: 1: no module can be loaded any more until the next boot'
  fi
}

# module_find NAME: into $module as the kernel spells it, an alias resolved, and into $now what it is.
module_find() {
  module_spelled "$1"
  module=$spelled now=$(module_now "$spelled")
  [ -z "$now$(module_files "$1" "$module_running")" ] || return 0
  alias=$(modprobe -R -- "$1" 2>/dev/null | head -n 1)
  [ -z "$alias" ] || module=$alias now=$(module_now "$alias")
}

# modules_look NAME...: for each a line "NAME is loaded", "NAME is built in" or "NAME is absent", and a line
# "NAME not: WHY" for each obstacle.
modules_look() {
  module_host
  for asked in "$@"; do
    module_find "$asked"
    printf '%s is %s\n' "$asked" "${now:-absent}"
    module_obstacles "$module" "$now" | sed "s,^,$asked not: ,"
  done
}
