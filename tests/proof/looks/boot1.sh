# shellcheck shell=sh
# The first boot: each setting absent, and there, as a node's owner would change it by hand. The functions container,
# pods and pods_elsewhere come from tests/proof/boots.py.
forbidden=/etc/modprobe.d/proof.conf
look versions
echo "Linux: $(uname -r)"
echo "systemd: $(systemctl --version | head -n 1)"
echo "containerd: $(containerd --version)"
echo "kubelet: $(kubelet --version)"
echo "kubeadm: $(kubeadm version -o short)"
look 'as it boots'
settings

look 'overlay, not loaded'
systemctl stop containerd.service
rmmod overlay
settings
mount_overlay
settings
look 'overlay'
containerd_look
look 'no overlay'
systemctl stop containerd.service
rmmod overlay
echo 'install overlay /bin/false' >"$forbidden"
mount_overlay
containerd_look
look 'kubelet, no overlay'
swapoff -a
kubelet_look ''
rm "$forbidden"
look 'kubelet, no swap'
systemctl restart containerd.service
kubelet_look ''

look 'kubelet, swap'
swapon -a
kubelet_look ''
look 'kubelet, swap, LimitedSwap'
kubelet_look 'failSwapOn: false
memorySwap: {swapBehavior: LimitedSwap}'
look 'kubelet, swap, UnlimitedSwap'
kubelet_look 'failSwapOn: false
memorySwap: {swapBehavior: UnlimitedSwap}'
look 'kubeadm, nothing set'
kubeadm_look

look 'pods, no br_netfilter'
sysctl -qw net.ipv4.ip_forward=1
pods_look
look 'kubeadm, no br_netfilter'
kubeadm_look
look 'pods, br_netfilter'
modprobe br_netfilter
pods_look
look 'pods, bridge-nf-call 0'
sysctl -qw net.bridge.bridge-nf-call-iptables=0
pods_look
look 'pods, ip_forward 0'
sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.ipv4.ip_forward=0
pods_look

look 'kubeadm, all set'
sysctl -qw net.ipv4.ip_forward=1
swapoff -a
kubeadm_look
look 'set by hand'
settings
