"""What can be wrong with Kubernetes' own packages: in a profile, and in the folder of a host that mirrors them."""

from __future__ import annotations

from collections.abc import Sequence

from generator.sentences import Words


def no_patch() -> Words:
    return (
        "which patch of Kubernetes shall be installed stands nowhere",
        'add version: "1.34.2", or the patch to kubernetes',
    )


def no_runtime() -> Words:
    return "kubelet runs pods by a container runtime, and this profile sets none up", "add containerd: {}"


def other_version(version: str, wanted: str) -> Words:
    return (
        f"this is {version}, and kubernetes.version is {wanted}",
        "write one of them both times, or leave this one out",
    )


def version_too_old(version: str, oldest: str) -> Words:
    return f"kubelet {version} reads no folder of drop-ins (--config-dir)", f"take {oldest} or newer"


def other_minor(url: str, named: str, version: str) -> Words:
    return f"{url} is a repository of {named}, and the version is {version}", "each minor version has its own"


def other_driver(driver: str, containers: str) -> Words:
    return (
        f"kubelet would make cgroups by {driver}, and containerd by {containers}: each undoes the other's",
        f"leave it out, or write containerd: {{SystemdCgroup: {str(driver == 'systemd').lower()}}}",
    )


def package_by_kubelet(package: str) -> Words:
    return f"{package} comes from the repository of the setting kubelet, with its version", "leave it out"


def unit_by_kubelet(unit: str) -> Words:
    return (
        f"the setting kubelet enables {unit}, which then waits until kubeadm has made its configuration",
        "leave it out",
    )


def says_otherwise(path: str, said: str, wanted: str) -> Words:
    return f"{path} says {said}, and the setting kubelet {wanted}", "leave it out"


def folder_not_told(path: str, folder: str) -> Words:
    return f"with {path} kubelet is not told of {folder}, where its setting is", f"add --config-dir={folder} there"


def config_of_kubeadm(path: str) -> Words:
    return f"kubelet waits until kubeadm has written {path}: with this one it starts at once", "leave it out"


def other_source(path: str, address: str) -> Words:
    return f"{path} has packages of Kubernetes from {address}, beside those of the setting kubelet", "leave it out"


def other_pin(path: str, package: str) -> Words:
    return f"{path} pins {package}, and so does the setting kubelet, to its version", "leave it out"


# Of a mirror: told when an image is built.


def mirror_lacks(folder: str, name: str) -> Words:
    return (
        f"{folder} has no {name}",
        "copy the whole folder of the repository, with InRelease, Packages and Release.key",
    )


def mirror_not_signed(folder: str, fingerprint: str, why: str) -> Words:
    return (
        f"{folder}/InRelease is not signed by the key {fingerprint}: {why}",
        "copy the repository anew, or write the fingerprint of the key that you trust",
    )


def mirror_other_bytes(path: str) -> Words:
    return f"{path} is not what the signed InRelease vouches for", "copy it anew"


def mirror_lacks_version(folder: str, package: str, version: str, found: Sequence[str]) -> Words:
    there = f"of it there is {', '.join(found)}" if found else "it has no such package"
    return f"{folder} has no {package} {version}: {there}", "copy the repository of that version, or write another one"


def mirror_path(folder: str, name: str) -> Words:
    return f"{folder}/Packages names a file outside of it: {name}", "copy the repository anew"


def mirror_no_file(folder: str, package: str, name: str) -> Words:
    where = f"a file that cannot be, {name!r}" if name else "no file"
    return f"{folder}/Packages names {where} of {package or 'a package without a name'}", "copy the repository anew"


def mirror_unreadable(path: str, why: str) -> Words:
    return f"{path} cannot be read: {why}", "copy it anew"


def image_unreadable(path: str, why: str) -> Words:
    return f"{path} cannot be read: {why}", "write the path of the archive on this host"


def image_other_bytes(path: str, sha256: str) -> Words:
    return f"{path} has the sha256 {sha256}", "write that, if it is the archive that you mean"
