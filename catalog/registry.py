"""The one plug-in mechanism: entry-point group to name to object. fairline's own parts enter by the same door.

Groups: ``fairline.formats``, ``fairline.companions``, ``fairline.checks``, ``fairline.exports``, ``fairline.targets``.
A broken plug-in is named and passed over, so that one bad package never stops a bank.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from catalog.errors import DefectError

FORMATS = "fairline.formats"
COMPANIONS = "fairline.companions"
CHECKS = "fairline.checks"
EXPORTS = "fairline.exports"
TARGETS = "fairline.targets"

_OURS = "fairline"


@dataclass(frozen=True, slots=True)
class BrokenPlugin:
    """An entry point that could not be loaded: its name, its distribution and why."""

    name: str
    distribution: str
    reason: str


@functools.cache
def plugins(group: str) -> Mapping[str, object]:
    """The objects of a group by name, sorted by name; ours first where a stranger takes the same name.

    Raises:
        DefectError: one of fairline's own parts cannot be loaded, or none is there at all.
    """
    return _load(group)[0]


@functools.cache
def broken_plugins(group: str) -> tuple[BrokenPlugin, ...]:
    """The entry points of a group that could not be loaded."""
    return _load(group)[1]


@functools.cache
def _load(group: str) -> tuple[dict[str, object], tuple[BrokenPlugin, ...]]:
    loaded: dict[str, object] = {}
    broken = []
    for entry in sorted(entry_points(group=group), key=lambda entry: (_distribution(entry) != _OURS, entry.name)):
        try:
            loaded.setdefault(entry.name, entry.load())
        except Exception as error:  # a stranger's code may raise anything
            if _distribution(entry) == _OURS:
                raise DefectError(
                    "plugin-broken",
                    f"fairline's own {entry.name} cannot be loaded: {error}",
                    at=entry.value,
                    hint="install fairline again",
                ) from error
            broken.append(BrokenPlugin(entry.name, _distribution(entry), f"{type(error).__name__}: {error}"))
    if not loaded:
        raise DefectError(
            "plugins-missing",
            f"no {group} are installed",
            at=group,
            hint="install fairline with pip (a bare checkout has no entry points): pip install -e .",
        )
    return dict(sorted(loaded.items())), tuple(broken)


def _distribution(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist is not None else ""
