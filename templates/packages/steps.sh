# shellcheck shell=sh
# shellcheck disable=SC2154 # the script that these functions are put into sets work

package_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "${1%%=*}" 2>/dev/null)" = installed ] || return 1
  case $1 in
    *=*) [ "$(dpkg-query -W -f='${Version}' "${1%%=*}")" = "${1#*=}" ] ;;
  esac
}

# packages_installed NAME[=VERSION]...
packages_installed_ok() {
  for package in "$@"; do package_installed "$package" || return 1; done
}

# lists_updated [OPTION...]: apt-get waits for dpkg's lock (DPkg::Lock::Timeout), but not for that of the lists, which
# apt-daily holds at times.
lists_updated() {
  tries=0
  until apt-get -q -o APT::Get::List-Cleanup=false "$@" update >"$work/update" 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 150 ] || ! grep -q 'Could not get lock' "$work/update"; then
      cat -- "$work/update" >&2
      return 1
    fi
    sleep 2
  done
  cat -- "$work/update"
}

packages_installed_do() {
  export DEBIAN_FRONTEND=noninteractive
  # The descriptions of packages, a third of what there is to fetch and to read, are of no use; those there are stay.
  lists_updated -o Acquire::Languages=none
  # What was fetched is of no use once it is installed: tens of megabytes on every node.
  apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
    -o APT::Keep-Downloaded-Packages=false install -- "$@"
}
