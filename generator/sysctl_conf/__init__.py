"""sysctl.d without a machine: which value a kernel parameter will have, and which line of which file says so."""

from generator.sysctl_conf.conflicts import Conflict, conflicts
from generator.sysctl_conf.files import modules_at_boot
from generator.sysctl_conf.kernel import other_names, same_parameter, writes_others
from generator.sysctl_conf.lines import Assignment
from generator.sysctl_conf.names import dotted, is_glob, normal, proc_path
from generator.sysctl_conf.resolver import Resolver, as_read, told, usual, wanted_there
from generator.sysctl_conf.rules import Outcome
from generator.sysctl_conf.tree import Link, Node, Tree, place, real

__all__ = [
    "Assignment",
    "Conflict",
    "Link",
    "Node",
    "Outcome",
    "Resolver",
    "Tree",
    "as_read",
    "conflicts",
    "dotted",
    "is_glob",
    "modules_at_boot",
    "normal",
    "other_names",
    "place",
    "proc_path",
    "real",
    "same_parameter",
    "told",
    "usual",
    "wanted_there",
    "writes_others",
]
