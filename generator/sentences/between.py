"""Between settings that are each right, by crosschecks/; facts/conflicts.yaml has more of them."""

from __future__ import annotations

from generator.errors import shown
from generator.sentences import Words


def module_absent(module: str) -> Words:
    return f"this wants the module {module}, and nothing here loads it", f"add {module} to modules"


def in_a_file(where: str, key: str, sentence: str) -> str:
    return f"{where} sets {key}: {sentence}"


def module_gone(name: str, since: str, instead: str) -> Words:
    return f"Linux has no module {name}{since and f' since {since}'}", f"write {instead}"


def modules_locked() -> Words:
    sentence = "with it no module can be loaded until the next boot: overlay mounts, iptables and CNIs load theirs late"
    return sentence, "leave it out; to lock a node that runs, set it by hand when all its pods are up"


def reverse_path_filtered(value: object, interface: str) -> Words:
    return (
        f"the reverse path filter ({value}) on {interface} drops what Cilium's programs have changed: no pod gets out",
        "write 0, or leave it out",
    )


def forwards_in_part(interface: str) -> Words:
    which = "interfaces that come later, as those of pods do," if interface == "default" else interface
    sentence = f"what comes in on {which} is not forwarded, though the node forwards: kubeadm sees no fault"
    return sentence, "leave it out, unless that is meant"


def advertisements_ignored(interface: str) -> Words:
    sentence = f"this node forwards, and with 1 it then ignores router advertisements on {interface}: no default route"
    return sentence, "write 2, which takes them all the same, or 0 for an interface without them"


def advertisements_of_all() -> Words:
    sentence = "no interface takes its accept_ra from `all`, and on a node that forwards the uplink's is to be 2"
    return sentence, "leave it out, and write the uplink's by its name, such as net.ipv6.conf.eth0.accept_ra: 2"


def advertisements_forgotten() -> Words:
    sentence = "a node that forwards drops the default route that a router advertises to it, and takes no other"
    hint = "write accept_ra for the uplink by its name: 2, or 0 where no router advertises or networkd takes them"
    return sentence, hint


def program_lacks(program: str, package: str, why: str, *, unsure: bool) -> Words:
    known = f"whether this base has the program {program} is not known"
    return f"{known if unsure else f'nothing here brings the program {program}'}: {why}", f"add {package} to packages"


def version_unknown(version: str, oldest: str, newest: str) -> Words:
    return (
        f"what a node needs is known for Kubernetes {oldest} to {newest}, not for {version}",
        f"write a version between them; for a newer one the rules of {newest} are taken",
    )


def swap_twice(mode: str, said: str) -> Words:
    return f"swap is {mode} here and {said} under kubernetes", "keep one of the two"


def swap_in_a_file(path: str, asked: str) -> Words:
    return f"{path} asks for swap ({asked}), which the setting swap keeps off", "take it out, or leave swap out"


def swap_by_a_script(where: str) -> Words:
    return f"{where} calls swapon, and the setting swap turns off what comes on", "take it out, or leave swap out"


def swap_by_a_unit(unit: str, state: str) -> Words:
    return f"{unit} turns swap on, the setting swap keeps it off, and here it is {state}", "leave it out, or mask it"


def swap_by_a_package(package: str) -> Words:
    sentence = f"{package} does nothing but turn swap on, which the setting swap keeps off"
    return sentence, "leave it out; for swap of one size write swap: {mode: limited, size: 2GiB}"


def module_banned(name: str, through: str, where: str) -> Words:
    what = name if through == name else f"{through}, and without it there is no {name}"
    return f"{where} keeps a boot from loading {what}, which modules lists", "take out the one or the other"


def modules_load_masked() -> Words:
    return "without this service no boot loads the modules of the profile", "leave it, or modules, out"


def masked_by_a_file(unit: str, stem: str) -> Words:
    return f"an empty file masks {unit}, which {stem} needs", "leave the file out"


def kubelet_says_otherwise(path: str, said: str, wanted: str) -> Words:
    return f"{path} says {said}, and limited swap wants {wanted}", "leave it out: swap writes a drop-in of its own"


def swap_on_old_cgroups(argument: str) -> Words:
    return f"{argument} boots with cgroup v1, and limited swap wants v2", "take the argument out, or disable swap"


def kubelet_on_old_cgroups(argument: str, version: str) -> Words:
    return f"{argument} boots with cgroup v1, and kubelet {version} refuses to run on it", "take the argument out"


def overruled(by: str, wanted: object, why: str) -> Words:
    return f"{by} wants {shown(wanted)} here: {why}", "leave it out, unless you know better: what the profile says wins"


def containerd_of_docker(package: str, ours: str) -> Words:
    what = f"{package} brings Docker's containerd.io, which cannot be installed beside {ours}"
    return f"{what}, the package of the setting containerd", "leave it out, or the setting"


def containerd_stopped(unit: str, state: str) -> Words:
    return f"the setting containerd needs {unit} to run, and here it is {state}", "leave the line out, or the setting"
