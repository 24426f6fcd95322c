#!/bin/sh
# preflight.sh VERSION API IGNORED SUBNETS: the checks that `kubeadm init` begins with. It pulls no image, and what a dry
# run writes is taken away. A node that has joined a cluster is not asked: ports and files that kubeadm wants to be free
# are in use then.
set -u
export LC_ALL=C PATH="/usr/sbin:/usr/bin:/sbin:/bin" KUBECONFIG=/dev/null
if [ -e /etc/kubernetes/kubelet.conf ]; then
  echo 'this node has joined a cluster'
  exit 0
fi
KUBEADM_INIT_DRYRUN_DIR=$(mktemp -d /run/nodebake-preflight.XXXXXX) || exit 1
export KUBEADM_INIT_DRYRUN_DIR
trap 'rm -rf -- "$KUBEADM_INIT_DRYRUN_DIR"' EXIT
trap 'exit 143' TERM
# An address of nobody's (RFC 5737): without one kubeadm looks for a default route, which a node may get later.
kubeadm init phase preflight --dry-run --ignore-preflight-errors="$3" --config /dev/stdin <<END
apiVersion: kubeadm.k8s.io/$2
kind: InitConfiguration
localAPIEndpoint: {advertiseAddress: 192.0.2.1}
nodeRegistration: {criSocket: "unix:///run/containerd/containerd.sock"}
---
apiVersion: kubeadm.k8s.io/$2
kind: ClusterConfiguration
kubernetesVersion: $1
networking: {podSubnet: "$4"}
END
