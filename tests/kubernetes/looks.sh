# shellcheck shell=sh
# After observe.sh, in the same boot: kubelet by itself, without an API server, with the node's own folder of drop-ins and
# one static pod on the host's network. It is watched until the pod runs, or kubelet ends, or says that the pod cannot be.
export LC_ALL=C PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
work=/run/nodebake-real
mkdir -p "$work/manifests"

echo '== versions'
echo "Linux: $(uname -r)"
echo "systemd: $(systemctl --version | head -n 1)"
echo "containerd: $(containerd --version)"
echo "kubelet: $(kubelet --version)"
echo "kubeadm: $(kubeadm version -o short)"

cat >"$work/manifests/pod.yaml" <<'END'
apiVersion: v1
kind: Pod
metadata: {name: nodebake}
spec:
  hostNetwork: true
  terminationGracePeriodSeconds: 1
  containers:
    - {name: says, image: "nodebake.invalid/says:1", imagePullPolicy: Never}
END
cat >"$work/config.yaml" <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
staticPodPath: $work/manifests
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
END

echo '== kubelet'
echo "kubelet.service: $(systemctl is-enabled kubelet.service)"
kubelet --config "$work/config.yaml" --config-dir /etc/kubernetes/kubelet.conf.d --v=2 >"$work/log" 2>&1 &
kubelet=$!
# The sandbox is the first container that starts, the pod's own the second.
timeout 240 tail -n +1 -f --pid="$kubelet" "$work/log" |
  grep -m 2 -E 'event=.*"Type":"ContainerStarted"|"Error syncing pod, skipping"' >"$work/seen"
if kill -0 "$kubelet" 2>/dev/null; then
  echo "kubelet: runs"
else
  wait "$kubelet"
  echo "kubelet: ended by itself, exit code $?"
fi
for log in /var/log/pods/default_nodebake-*/says/0.log; do
  [ ! -s "$log" ] || echo "pod: $(cut -d ' ' -f 4- "$log")"
done
for task in $(ctr --connect-timeout 5s --namespace k8s.io tasks ls 2>/dev/null | awk 'NR > 1 { print $2 }'); do
  echo "cgroup: $(cat "/proc/$task/cgroup")"
done
kill -TERM "$kubelet" 2>/dev/null
wait "$kubelet"
echo '== log'
cut -c 1-600 "$work/log"
