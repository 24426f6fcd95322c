# shellcheck shell=sh
# What the looks share. Each tells under a heading, "== NAME"; claims.yaml says what must be found below it.
export LC_ALL=C PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" KUBECONFIG=/dev/null
work=/run/proof

look() { printf '== %s\n' "$1"; }

# What a user of the brief sets: as the kernel has it now.
settings() {
  for name in overlay br_netfilter; do
    if [ -e "/sys/module/$name" ]; then echo "module $name: loaded"; else echo "module $name: not loaded"; fi
  done
  for path in ipv4/ip_forward bridge/bridge-nf-call-iptables; do
    value=$(cat "/proc/sys/net/$path" 2>/dev/null) || value="there is no such parameter"
    echo "net.$(echo "$path" | tr / .): $value"
  done
  swaps=$(sed '1d; s/[[:space:]].*//' /proc/swaps | paste -sd ' ')
  echo "swap: ${swaps:-none}"
}

# The journal of a unit since it was started last.
journal() {
  journalctl -q --no-pager -o cat "_SYSTEMD_INVOCATION_ID=$(systemctl show -P InvocationID "$1")" \
    + "INVOCATION_ID=$(systemctl show -P InvocationID "$1")" | cut -c 1-400
}

# containerd, started anew, and a container on its snapshotter overlayfs.
containerd_look() {
  systemctl restart containerd.service
  echo "containerd.service: $(systemctl is-active containerd.service)"
  grep -w overlay /proc/filesystems || echo "/proc/filesystems has no overlay"
  ctr --connect-timeout 5s plugins ls | grep -E '^TYPE|overlayfs|grpc\.v1 +cri ' | tr -s ' '
  journal containerd.service
  echo "a container on overlayfs: $(container | tail -n 1)"
}

mount_overlay() {
  mkdir -p "$work/lower" "$work/upper" "$work/merged"
  # shellcheck disable=SC2016 # for the shell in the mount namespace
  unshare --mount sh -c '
    mount -t tmpfs tmpfs "$1/upper" && mkdir "$1/upper/top" "$1/upper/work"
    mount -t overlay overlay -o "lowerdir=$1/lower,upperdir=$1/upper/top,workdir=$1/upper/work" "$1/merged" &&
      echo "mount -t overlay: mounted"
  ' mount "$work" 2>&1
}

# kubelet_look CONFIGURATION: kubelet by itself, without an API server, until it has started or ended.
kubelet_look() {
  settings
  rm -rf "$work/kubelet" && mkdir -p "$work/kubelet"
  {
    cat <<'END'
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
END
    printf '%s\n' "$1"
  } >"$work/kubelet/config.yaml"
  kubelet --config "$work/kubelet/config.yaml" >"$work/kubelet/log" 2>&1 &
  kubelet=$!
  timeout 240 tail -n +1 -f --pid="$kubelet" "$work/kubelet/log" | grep -m 1 -q 'Started kubelet'
  if kill -TERM "$kubelet" 2>/dev/null; then
    wait "$kubelet"
    echo "kubelet: was ended by this look"
  else
    wait "$kubelet"
    echo "kubelet: ended by itself, exit code $?"
  fi
  cut -c 1-400 "$work/kubelet/log"
}

# The checks of `kubeadm init`, which then pulls no image.
kubeadm_look() {
  settings
  cat >"$work/kubeadm.yaml" <<'END'
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
nodeRegistration: {criSocket: unix:///run/containerd/containerd.sock}
localAPIEndpoint: {advertiseAddress: 10.0.2.15} # what QEMU gives; without it kubeadm may take an IPv6 address
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.35.4
END
  kubeadm init phase preflight --dry-run --config "$work/kubeadm.yaml" 2>&1
  echo "kubeadm: exit code $?"
}

# What this node's kernel does with the packets of pods.
pods_look() {
  settings
  pods
  pods_elsewhere
}

mkdir -p "$work"
