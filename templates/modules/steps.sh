# shellcheck shell=sh

# module_loaded NAME: loaded or built in now, and nothing keeps the next boot from loading it. modprobe loads by name
# what is deny-listed, so that it is there now proves nothing for later.
module_loaded_ok() {
  module_host
  module_find "$1"
  # shellcheck disable=SC2154 # module_find sets it
  [ -n "$now" ] && [ -z "$(module_obstacles "$module" "$now")" ]
}

module_loaded_do() { modprobe -- "$1"; }

# Deny-listing is often meant: the line is named, never overridden.
module_loaded_why() {
  modules_look "$1"
  say "take out the line that forbids $1, install a kernel that has it, or take $1 out of the profile"
}
