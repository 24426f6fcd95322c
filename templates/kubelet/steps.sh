# shellcheck shell=sh
# shellcheck disable=SC2154 # the script that these functions are put into sets work; that of a bake sets here

# What a bake brought beside this script: the folder mirror, of a repository, and images.
brought() { [ -n "${here-}" ] && [ -e "${here-}/$1" ]; }

# kubernetes_key KEYRING URL: what the repository calls its key. Whether it is the one that the profile trusts is apt's to
# say, at every update: the source names its fingerprint.
kubernetes_key_ok() { grep -qs '^-----BEGIN PGP PUBLIC KEY BLOCK-----' "$1"; }

kubernetes_key_do() {
  if brought mirror/Release.key; then
    cp -- "${here-}/mirror/Release.key" "$work/key"
  else
    /usr/lib/apt/apt-helper -o APT::Sandbox::User=root download-file "$2Release.key" "$work/key"
  fi
  install -D -T -m 0644 -- "$work/key" "$1"
}

kubernetes_key_why() { say "there is no public key at $2Release.key, or this machine does not reach it"; }

# of_version VERSION PACKAGE...: whichever revision of it.
of_version() {
  version=$1
  shift
  for package in "$@"; do
    case $(dpkg-query -W -f='${db:Status-Status} ${Version}' "$package" 2>/dev/null) in
      "installed $version-"*) ;;
      *) return 1 ;;
    esac
  done
}

# kubernetes_packages SOURCE VERSION NAMES [OTHER...]: NAMES, between blanks, have the version.
kubernetes_packages_ok() {
  version=$2 names=$3
  shift 3
  # shellcheck disable=SC2086 # names
  of_version "$version" $names || return 1
  for package in "$@"; do package_installed "$package" || return 1; done
}

# A mirror takes the place of the repository, by the same key, for as long as this lasts; nothing else is asked for then.
kubernetes_lists() {
  if ! brought mirror/InRelease; then
    lists_updated -o Acquire::Languages=none
    return
  fi
  mirror=/etc/apt/sources.list.d/nodebake-mirror.sources
  trap 'rm -f -- "$mirror"' EXIT
  sed "s|^URIs: .*|URIs: file:${here-}/mirror/|" "$1" >"$mirror"
  lists_updated -o Acquire::Languages=none -o APT::Sandbox::User=root -o Dir::Etc::sourcelist="$mirror" -o Dir::Etc::sourceparts=-
}

kubernetes_packages_do() {
  export DEBIAN_FRONTEND=noninteractive
  kubernetes_lists "$1"
  names=$3
  shift 3
  # A version that the profile has changed is one that somebody wants, though it is held.
  # shellcheck disable=SC2086 # names
  apt-get -q -y --no-install-recommends --allow-change-held-packages -o DPkg::Lock::Timeout=300 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o APT::Keep-Downloaded-Packages=false \
    install -- $names "$@"
}

kubernetes_packages_why() {
  sed -n 's/^Signed-By: [^ ]* /the key that has to have signed it: /p; s/^URIs: /the repository: /p' "$1"
  say "and of $3 it needs the version $2; what there is of it:"
  # shellcheck disable=SC2086 # names
  apt-cache madison $3
}

kubernetes_held_ok() {
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Want}' "$package" 2>/dev/null)" = hold ] || return 1
  done
}

kubernetes_held_do() { apt-mark hold -- "$@"; }

# kubelet_enabled UNIT: it waits for its configuration, which kubeadm makes; so whether it runs now says nothing.
kubelet_enabled_ok() { unit_is "$1" enabled; }

kubelet_enabled_do() {
  reload_units
  if live; then systemctl enable --now -- "$1"; else systemctl enable --no-reload -- "$1"; fi
}

# image_loaded NAME ARCHIVE: whole, and unpacked.
image_loaded_ok() {
  ctr --connect-timeout 5s --namespace k8s.io images check 2>/dev/null |
    awk -v name="$1" '$1 == name && / complete / && $NF == "true" { found = 1 } END { exit !found }'
}

image_loaded_do() {
  brought "$2" || {
    say "only a bake brings images; on a machine that runs: ctr --namespace k8s.io images import ARCHIVE"
    return 1
  }
  ctr --namespace k8s.io images import "${here-}/$2"
}

image_loaded_why() {
  say "the images that are there:"
  ctr --connect-timeout 5s --namespace k8s.io images ls -q
}
