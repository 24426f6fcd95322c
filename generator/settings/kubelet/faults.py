"""What turns each expectation about kubelet and its packages red."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.checks import kubelet_command
from generator.model import Edit, Fault, File
from generator.settings import Context, kubernetes, packages
from generator.settings.kubelet import config, preflight, source

_OTHERS = {"systemd": "cgroupfs", "cgroupfs": "systemd", True: "false", False: "true"}
_LATER = f"{config.FOLDER}/99-later.conf"
_METADATA = "/var/lib/containerd/io.containerd.metadata.v1.bolt/meta.db"
_UNITS = "/etc/systemd/system"
_COMMAND = f"{_UNITS}/{config.UNIT}.d/20-later.conf"


def of(value: source.Value, laid: Mapping[str, File], context: Context) -> tuple[Fault, ...]:
    """For what the part expects."""
    return (
        *(fault for name in source.names(value) for fault in _recorded(name, source.version(value, context))),
        *(_removed(check, file, _unread(check, value, context)) for check, file in laid.items()),
        _fault("repository.key.removed", f"{source.KEYRING} is gone", {"repository.key"}, Edit(source.KEYRING, None)),
        *(_other(name, wanted) for name, wanted in config.fields(context).items()),
        *(_flag(name, wanted) for name, wanted in config.fields(context).items()),
        *_unit(),
        _no_plugin(value),
        *_no_image(value),
        *preflight.faults(value, context),
    )


def _fault(name: str, story: str, red: set[str], *edits: Edit) -> Fault:
    return Fault(f"kubelet.{name}", "kubelet", story, edits, frozenset(f"kubelet.{one}" for one in red))


def _recorded(name: str, version: str) -> Iterator[Fault]:
    """What dpkg's own record says: its files stay, as those of other packages do."""
    check = "version.held" if name == "kubelet" else f"tools.{name}"
    free = packages.recorded(name, "Status", "install ok installed")
    yield _fault(f"{name}.not-held", f"{name} is not held any more: an upgrade would take it along", {check}, free)
    other = packages.recorded(name, "Version", f"{version}0-1.1")
    yield _fault(f"{name}.other-version", f"another version of {name} is installed", {check}, other)


def _unread(check: str, value: source.Value, context: Context) -> set[str]:
    """What kubelet is not told any more without this file. Of its folder limited swap's drop-in tells it, too."""
    kubeadms = "kubeadm" in source.names(value) and kubernetes.swap_mode(context.profile) != "limited"
    unread = check == "kubelet.config" or (check == "kubelet.drop-in" and kubeadms)
    return set(config.fields(context)) if unread else set()


def _removed(check: str, file: File, also: set[str]) -> Fault:
    name = check.removeprefix("kubelet.")
    return _fault(f"{name}.removed", f"{file.path} is gone", {name, *also}, Edit(file.path, None))


def _other(name: str, wanted: bool | str) -> Fault:
    text = f"apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n{name}: {_OTHERS[wanted]}\n"
    return _fault(f"{name}.other", f"{_LATER} says {name}: {_OTHERS[wanted]}", {name}, Edit(_LATER, text.encode()))


def _flag(name: str, wanted: bool | str) -> Fault:
    """A later drop-in; whatever variables there are, this is the whole command line."""
    flag = f"--{kubelet_command.FLAGS[name]}={_OTHERS[wanted]}"
    start = f"[Service]\nExecStart=\nExecStart=/usr/bin/kubelet $KUBELET_CONFIG_ARGS {flag}\n"
    return _fault(f"{name}.flag", f"{_COMMAND} says {flag}", {name}, Edit(_COMMAND, start.encode()))


def _unit() -> Iterator[Fault]:
    link = Edit(f"{_UNITS}/multi-user.target.wants/{config.UNIT}", None)
    yield _fault("enabled.disabled", f"{config.UNIT} is disabled", {"enabled"}, link)
    masked = Edit(f"{_UNITS}/{config.UNIT}", None, link="/dev/null")
    yield _fault("enabled.masked", f"{config.UNIT} is masked", {"enabled"}, masked)


def _no_plugin(value: source.Value) -> Fault:
    package = str(value.get("plugins", "kubernetes-cni"))
    path = f"{source.community()['plugins'][package]}/loopback"
    return _fault("plugins.removed", f"{path} is gone", {"plugins"}, Edit(path, None))


def _no_image(value: source.Value) -> Iterator[Fault]:
    """containerd's own record of its images is lost; it begins another one."""
    red = {f"images.{image['name']}" for image in value.get("images", ())}
    if red:
        yield _fault("images.lost", f"{_METADATA} is gone", red, Edit(_METADATA, None))
