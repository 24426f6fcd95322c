"""What clouds take, once more and by hand, from the fact sheet: these tables read no row of targets.yaml."""

from __future__ import annotations

# Every limit: target, what it is counted on, its size, and whether anybody's documentation confirms it.
LIMITS = {
    ("ec2", "decoded", 16384, True),
    ("ec2", "base64", 25600, True),
    ("ec2-launch-configuration", "base64", 21847, True),
    ("azure", "decoded", 65535, True),
    ("gcp", "text", 262144, True),
    ("gcp", "together", 524288, True),
    ("openstack", "base64", 65535, True),
    ("hetzner", "characters", 32768, True),
    ("cloudstack", "base64", 32768, True),
    ("linode", "decoded", 65535, True),
    ("linode", "base64", 16384, False),
    ("vsphere", "text", 65536, True),
    ("vsphere", "together", 1048576, True),
    ("vsphere-customization", "decoded", 524288, True),
    ("kubevirt", "decoded", 2048, True),
    ("virtualbox", "text", 1024, True),
    ("digitalocean", "text", 65536, False),
    ("oracle", "base64", 32000, False),
    ("vultr", "decoded", 65536, False),
    ("scaleway", "text", 65536, False),
}
UNLIMITED = {"nocloud", "nocloud-net"}

# The largest body that each form takes without a word: bytes before any base64. The forms in the order of trying.
LARGEST = {
    "ec2": {"plain": 16384, "gzip": 16384},
    "ec2-launch-configuration": {"plain": 16383, "gzip": 16383},
    "azure": {"plain": 65535, "gzip": 65535},
    "gcp": {"plain": 262144, "gzip+base64": 196608},
    "openstack": {"plain": 49149, "gzip": 49149},
    "hetzner": {"plain": 32768, "gzip+base64": 24576},
    "cloudstack": {"base64": 24576, "gzip+base64": 24576},
    "linode": {"base64": 12288, "gzip+base64": 12288},
    "vsphere": {"plain": 65536, "gzip+base64": 49152},
    "vsphere-customization": {"plain": 524288},
    "kubevirt": {"plain": 2048, "gzip+base64": 2048},
    "virtualbox": {"plain": 1024},
    "digitalocean": {"plain": 65536},
    "oracle": {"plain": 24000, "gzip": 24000},
    "vultr": {"plain": 65536},
    "scaleway": {"plain": 65536},
}
# Who takes off base64 that stands in what is handed over.
BASE64 = {
    "nocloud": "nobody",
    "nocloud-net": "nobody",
    "ec2": "the guest if it is valid since 23.3",
    "ec2-launch-configuration": "the guest if it is valid since 23.3",
    "azure": "the cloud",
    "gcp": "the guest, told by a key since 22.4",
    "openstack": "the cloud",
    "hetzner": "the guest if it is valid since 20.3",
    "cloudstack": "the cloud",
    "linode": "the guest always since 23.3",
    "vsphere": "the guest, told by a key since 21.3",
    "vsphere-customization": "nobody",
    "kubevirt": "the cloud",
    "virtualbox": "nobody",
    "digitalocean": "nobody",
    "oracle": "the guest always since 22.4",
    "vultr": "the cloud",
    "scaleway": "nobody",
}
TEXT_ONLY = {
    "gcp",
    "hetzner",
    "cloudstack",
    "linode",
    "vsphere",
    "vsphere-customization",
    "kubevirt",
    "virtualbox",
    "digitalocean",
    "vultr",
    "scaleway",
}
