"""What is said of the files in which an image goes elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from generator.errors import NodebakeError, ToolError, image_refused, shown, usage, visible


def unknown(name: str, known: Sequence[str]) -> NodebakeError:
    return usage(f"there is no format {shown(name)}", f"there are: {', '.join(known)}")


def itself(path: str) -> NodebakeError:
    return usage(f"{path} is the image itself", "name another folder with -o")


def was_built(path: str) -> NodebakeError:
    return usage(f"{path} is the image that was built, and its manifest speaks of it", "name another folder with -o")


def no_folder(path: str) -> NodebakeError:
    return usage(f"{path} is a file, and images go into a folder", "name a folder with -o")


def refused(image: str, why: str) -> NodebakeError:
    """An image in one of the forms that is not what nodebake writes."""
    error = image_refused(visible(image), why)
    error.hint = "make it of the image that was built: nodebake convert IMAGE --to FORMAT"
    return error


CUT_VMDK = "its VMDK header is cut short"
NO_DESCRIPTOR = "it is a VMDK whose descriptor is not in it"
VMDK_PARENT = "it is a VMDK with a parent"
VMDK_EXTENTS = "it is a VMDK that keeps its data in another file"
NO_FOOTER = "it is a VHD without a footer"
VHD_SUM = "the checksum of its VHD footer is wrong"
NO_FRAME = "it is no whole frame of zstd"
NO_SIZE = "it is packed by zstd, and does not say how large it is unpacked"
TWO_FRAMES = "it is packed by zstd, and something follows the disk"
NO_DISK = "what is packed in it is no raw disk"


def other_vmdk(kind: str) -> str:
    return f"it is a VMDK of the kind {shown(kind)}, and only streamOptimized is read"


def other_vhd(kind: str) -> str:
    return f"it is a VHD of the kind {kind}, and only fixed is read"


def vhd_size(said: int, has: int) -> str:
    return f"its VHD footer says {said} bytes, and there are {has}"


def too_large(gib: int, cap_gib: int) -> str:
    return f"its disk has {gib} GiB, more than {cap_gib}"


def other_length(said: int, has: int) -> str:
    return f"it says {said} bytes unpacked, and has {has}"


def no_room_to_read(folder: str, need_mib: int, free_mib: int) -> ToolError:
    return ToolError(
        f"{visible(folder)} has {free_mib} MiB free, and the image has {need_mib} unpacked",
        "make room there, or set TMPDIR to a roomier folder",
    )


def no_stamp(path: str) -> ToolError:
    return ToolError(
        f"{visible(path)}: qemu-img did not write it as it is known to", "this is our bug: please report it"
    )
