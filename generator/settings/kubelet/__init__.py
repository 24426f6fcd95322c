"""kubelet, kubeadm and kubectl: one version from a signed repository, held, and set up for this profile's containerd.

kubelet itself does not run before kubeadm, or who else it is, has written its configuration: until then its unit waits.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator import errors
from generator.checks import files as as_files
from generator.errors import Finding
from generator.model import Expect, File, Implied, Part, Step
from generator.reasons import reason
from generator.sentences import kubernetes as sentences
from generator.settings import Context
from generator.settings.kubelet import config, faults, preflight, source

AFTER = ("packages", "modules", "sysctl", "swap", "containerd", "services", "kubernetes")
PROGRAM = "loopback"  # containerd gives it to every pod, whatever the network plugin

_ROWS = {"failSwapOn": "config"}  # of reasons/kubelet.yaml: how much swap there is, another setting says

Value = source.Value


def implies(value: Value, context: Context) -> Iterator[Implied]:
    """The distribution's CNI plugins, if it shall be those; and where containerd finds them, if the profile has it."""
    package = plugins(value)
    if package != "kubernetes-cni":
        yield Implied("packages", package, None, "kubelet.plugins", "the network of every pod is made by it")
    if "containerd" in context.profile.settings:
        why = f"{package} has its programs there"
        by = "kubelet.plugins" if "plugins" in value else "kubelet"
        yield Implied("containerd", "bin_dir", source.community()["plugins"][package], by, why)


def part(value: Value, context: Context) -> Part:
    """From a mapping of fields. Refuses one from which no version follows."""
    if not source.version(value, context):
        place, words = context.profile.place(("kubelet",)), sentences.no_patch()
        raise errors.Refused([Finding(context.profile.source, *place, "kubelet.version", *words)])
    laid = {**config.files(value, context), **source.files(value, context)}
    images = [image["name"] for image in value.get("images", ())]
    expects = (*_packages(value, context), *_laid(laid), *_node(value, context), *_images(images, context))
    return Part(
        files=tuple(laid.values()),
        steps=_steps(value, context),
        expects=(*expects, *preflight.expects(value, context)),
        faults=faults.of(value, laid, context),
    )


def fetched(value: Value, context: Context) -> Part:
    """The packages, and what tells apt of them."""
    return Part(files=tuple(source.files(value, context).values()), steps=_fetching(value, context))


def plugins(value: Value) -> str:
    """The package of the CNI plugins."""
    return str(value.get("plugins", "kubernetes-cni"))


def _fetching(value: Value, context: Context) -> tuple[Step, ...]:
    """The key before the packages."""
    found, names = source.repository(value, context), source.names(value)
    version, own = source.version(value, context), plugins(value)
    more = (own,) if own == "kubernetes-cni" else ()
    return (
        Step("the key of the repository of Kubernetes", "kubelet", ("kubernetes_key", source.KEYRING, found.url)),
        Step(
            f"install Kubernetes {version}",
            "kubelet",
            ("kubernetes_packages", source.SOURCE, version, " ".join(names), *more),
            why=reason("kubelet", "version").why,
        ),
        Step("hold Kubernetes", "kubelet", ("kubernetes_held", *names)),
    )


def _steps(value: Value, context: Context) -> tuple[Step, ...]:
    """The images when containerd runs."""
    return (
        *_fetching(value, context),
        Step(f"enable {config.UNIT}", "kubelet", ("kubelet_enabled", config.UNIT)),
        *(
            Step(f"load the image {image['name']}", "kubelet", ("image_loaded", image["name"], f"images/{number}.tar"))
            for number, image in enumerate(value.get("images", ()))
        ),
    )


def _packages(value: Value, context: Context) -> Iterator[Expect]:
    want = f"held, {source.version(value, context)}"
    for name in source.names(value):
        key, check = ("version", "held") if name == "kubelet" else ("tools", name)
        setting = f"kubelet.{key}"
        yield Expect(f"{setting}.{check}", setting, "package-held", (name,), want, reason("kubelet", key).breaks)


def _laid(laid: dict[str, File]) -> Iterator[Expect]:
    for check, file in laid.items():
        key = check.split(".")[1]
        told = f"{file.path} as nodebake made it"
        breaks = reason("kubelet", key).breaks
        yield Expect(check, f"kubelet.{key}", "file-as-made", as_files.as_made(file), told, breaks)


def _node(value: Value, context: Context) -> Iterator[Expect]:
    """The key, what kubelet reads out of its folder, its unit, and a plugin that answers."""
    program = f"{source.community()['plugins'][plugins(value)]}/{PROGRAM}"
    said = {name: str(wanted).lower() for name, wanted in config.fields(context).items()}
    rows = (
        ("repository", "repository.key", "apt-key", (source.KEYRING,), "a public key"),
        *((_ROWS.get(name, name), name, "kubelet-says", (name,), wanted) for name, wanted in said.items()),
        ("enabled", "enabled", "unit-file-state", (config.UNIT,), "enabled"),
        ("plugins", "plugins", "cni-plugin", (program,), "it answers"),
    )
    for key, check, kind, args, want in rows:
        yield Expect(f"kubelet.{check}", f"kubelet.{key}", kind, args, want, reason("kubelet", key).breaks)


def _images(names: list[str], context: Context) -> Iterator[Expect]:
    needs = (f"services.{context.distro.containerd.unit}.enabled", "containerd.plugin-snapshotter")
    for name in names:
        breaks = reason("kubelet", "images").breaks
        yield Expect(
            f"kubelet.images.{name}", "kubelet.images", "image-loaded", (name,), "whole, unpacked", breaks, needs
        )
