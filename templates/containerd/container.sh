#!/bin/sh
# container.sh SNAPSHOTTER MANAGER: runs a container the way kubelet's come to run, and takes everything away again.
#
# No registry and no network: the image is made here, of this node's sh and the libraries that it loads. The container
# tells what only it can know: a word that lies in the image, its own process id, and what its root is mounted from.
# MANAGER (systemd or cgroupfs) makes its cgroup. The last line says what came of it.
set -u
export LC_ALL=C PATH="/usr/sbin:/usr/bin:/sbin:/bin"
snapshotter=$1 manager=$2
space=nodebake-probe name=nodebake-probe image=nodebake.invalid/probe:1
socket=${CONTAINERD_ADDRESS:-/run/containerd/containerd.sock}
data=/var/lib/containerd

say() { printf '%s\n' "$*"; }

# ctl SECONDS ARGUMENT...: ctr in a namespace of our own.
ctl() {
  seconds=$1
  shift
  timeout -k 2 "$seconds" ctr --address "$socket" --connect-timeout 5s --namespace "$space" "$@"
  code=$?
  case $code in 124 | 137) say "ctr $1 has not ended after $seconds seconds" >&2 ;; esac
  return "$code"
}

# blob FILE: into the layout, under its sha256; leaves a descriptor's digest and size in $blob.
blob() {
  sum=$(sha256sum <"$1" | cut -d ' ' -f 1)
  blob="\"digest\": \"sha256:$sum\", \"size\": $(stat -c %s -- "$1")"
  mv -- "$1" "$work/oci/blobs/sha256/$sum"
}

make_root() {
  shell=$(readlink -f /bin/sh)
  mkdir -p "$work/root/bin" "$work/root/proc" && cp -- "$shell" "$work/root/bin/sh" || return 1
  for library in $(ldd "$shell" | grep -o '/[^ ]*'); do
    mkdir -p "$work/root$(dirname -- "$library")" && cp -L -- "$library" "$work/root$library" || return 1
  done
  printf '%s\n' "$word" >"$work/root/word"
}

# An OCI image layout (opencontainers/image-spec, image-layout.md) of one layer, as a tar archive.
make_image() {
  make_root && mkdir -p "$work/oci/blobs/sha256" || return 1
  case $(uname -m) in x86_64) arch=amd64 ;; aarch64) arch=arm64 ;; *) arch=$(uname -m) ;; esac
  type=application/vnd.oci.image
  tar -C "$work/root" --owner=0 --group=0 -cf "$work/layer" . || return 1
  blob "$work/layer"
  layer="{\"mediaType\": \"$type.layer.v1.tar\", $blob}"
  say "{\"architecture\": \"$arch\", \"os\": \"linux\", \"config\": {}," \
    "\"rootfs\": {\"type\": \"layers\", \"diff_ids\": [\"sha256:$sum\"]}}" >"$work/config"
  blob "$work/config"
  say "{\"schemaVersion\": 2, \"mediaType\": \"$type.manifest.v1+json\"," \
    "\"config\": {\"mediaType\": \"$type.config.v1+json\", $blob}, \"layers\": [$layer]}" >"$work/manifest"
  blob "$work/manifest"
  say "{\"schemaVersion\": 2, \"manifests\": [{\"mediaType\": \"$type.manifest.v1+json\", $blob," \
    "\"annotations\": {\"io.containerd.image.name\": \"$image\"}}]}" >"$work/oci/index.json"
  say '{"imageLayoutVersion": "1.0.0"}' >"$work/oci/oci-layout"
  tar -C "$work/oci" -cf "$work/image.tar" .
}

# shellcheck disable=SC2016 # for the shell in the container
inside='read -r word </word
while read -r _ folder type _; do [ "$folder" != / ] || root=$type; done </proc/mounts
echo "$word, process $$, on $root"'

run() {
  case $manager in
    systemd) set -- --runc-systemd-cgroup --cgroup "system.slice:nodebake:probe" ;;
    *) set -- --cgroup "/$name" ;;
  esac
  ctl 60 run --rm --snapshotter "$snapshotter" "$@" "$image" "$name" /bin/sh -c "$inside"
}

# What a container that did not end by itself leaves. runc makes the parent of a cgroup and does not remove it.
remove_container() {
  ctl 15 tasks rm --force "$name"
  ctl 15 containers rm "$name"
} >/dev/null 2>&1

remove_image() {
  ctl 15 images rm --sync "$image"
  ctl 15 namespaces rm "$space"
  [ ! -d "/sys/fs/cgroup/$name" ] || rmdir -- "/sys/fs/cgroup/$name"
} >/dev/null 2>&1

# containerd removes no namespace in which something is left.
is_gone() { ! ctl 15 namespaces ls -q 2>&1 | grep -qx "$space"; }

causes() {
  tail -n 1 -- "$work/error"
  [ "$snapshotter" != overlayfs ] || grep -qw overlay /proc/filesystems || {
    say "the kernel has no file system overlay"
    grep -Ersn '^[[:space:]]*(install|blacklist)[[:space:]]+overlay' \
      /etc/modprobe.d /run/modprobe.d /usr/local/lib/modprobe.d /usr/lib/modprobe.d
  }
}

fail() {
  say "$1: $(causes | paste -s -d ';' | sed 's/;/; /g')"
  exit 1
}

[ -S "$socket" ] || {
  say "containerd does not listen on $socket"
  exit 1
}
work=$(mktemp -d /run/nodebake-probe.XXXXXX) || exit 1
trap 'remove_container; remove_image; rm -rf -- "$work"' EXIT
trap 'exit 143' TERM
word=$(cat /proc/sys/kernel/random/uuid)
case $snapshotter in
  overlayfs) root=overlay ;;
  *) root=$(df --output=fstype -- "$data" | tail -n 1) ;;
esac
{
  make_image || fail "no image could be made"
  ctl 40 images import --no-unpack "$work/image.tar" >/dev/null || fail "the image was not taken"
  told=$(run) || fail "the container did not run"
} 2>"$work/error"
[ "$told" = "$word, process 1, on $root" ] || fail "wanted $word, process 1, on $root, and the container said $told"
trap 'rm -rf -- "$work"' EXIT
remove_image
is_gone || fail "it ran, and left something behind: ctr namespaces ls"
say "it ran, and was removed"
