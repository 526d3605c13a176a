"""Who may have what. One pure function makes what is public (:func:`project`); nothing public is made from anything else.

Missing, unknown and duplicate words mean controlled, and the most restrictive wins (docs/tiers.md).
"""

from catalog.access.permission import Permission, authorize
from catalog.access.public import PublicFile, PublicRecord, PublicTable, Restricted, project, restore
from catalog.access.tiers import ACCESS_RULES, Decision, decide_file, decide_table, line_faults

__all__ = [
    "ACCESS_RULES",
    "Decision",
    "Permission",
    "PublicFile",
    "PublicRecord",
    "PublicTable",
    "Restricted",
    "authorize",
    "decide_file",
    "decide_table",
    "line_faults",
    "project",
    "restore",
]
