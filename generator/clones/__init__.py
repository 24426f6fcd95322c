"""Two machines from one image, on one Ethernet segment: that nobody takes them for one another, and neither forgets."""

from generator.clones.boots import Request, boot
from generator.clones.judge import expects, judge, watched

__all__ = ["Request", "boot", "expects", "judge", "watched"]
