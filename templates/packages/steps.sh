# shellcheck shell=sh

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

packages_installed_do() {
  export DEBIAN_FRONTEND=noninteractive
  apt-get -q -o DPkg::Lock::Timeout=300 update
  apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
    install -- "$@"
}
