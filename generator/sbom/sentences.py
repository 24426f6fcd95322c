"""What is said where no SBOM can be made."""

from __future__ import annotations

from generator.errors import ToolError


def no_debsbom(why: str) -> ToolError:
    return ToolError(f"an SBOM needs debsbom with its writers: {why}", "install it: pip install 'nodebake[supply]'")


def not_understood(disk: str, why: str) -> ToolError:
    return ToolError(f"{disk}: debsbom cannot read its list of packages: {why}", "is it an image of a Debian?")
