# shellcheck shell=sh

# module_loaded NAME: loaded, or built into this kernel.
module_loaded_ok() {
  module=$(printf %s "$1" | tr - _)
  grep -q "^$module " /proc/modules || [ -d "/sys/module/$module" ] ||
    tr - _ <"/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null | grep -q "/$module\.ko"
}

module_loaded_do() { modprobe -- "$1"; }

module_loaded_why() {
  grep -rn -- "$1" /etc/modprobe.d /run/modprobe.d /usr/lib/modprobe.d /lib/modprobe.d 2>/dev/null ||
    say "no modprobe.d file names $1; does this kernel ($(uname -r)) have it?"
}
