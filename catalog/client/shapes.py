"""The shapes of a portal's JSON answers: what the commands read of them is there, or the answer is none of fairline's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.errors import IntegrityError

#: A type, several types, a list with the shape of its members, or a mapping with the shapes of some of its members.
Shape = Any

_FACET = [{"value": str, "label": str, "count": int}]
_PACKAGE = {"id": str, "release": str, "line_type": str, "modalities": [str], "audit_level": str, "title": str}
SEARCH: Shape = {"total": int, "bytes": int, "next": (str, type(None)), "packages": [_PACKAGE]}
MANIFEST: Shape = {"files": [{"sha256": str, "bytes": int, "url": str}]}
#: Of a package only the first level: what is below differs from line to line.
PACKAGE: Shape = {
    "id": str, "release": str, "record": Mapping, "annotations": [Mapping], "files": [Mapping],
    "restricted": [Mapping], "withdrawn": [Mapping], "findings": [Mapping],
}  # fmt: skip


def check_shape(value: Mapping[str, Any], shape: Shape, at: str) -> dict[str, Any]:
    """An answer as a plain dict, when it has a shape.

    Args:
        value: the answer.
        shape: what it must have; it may have more.
        at: the address, for the error.

    Raises:
        IntegrityError: something is missing or of another kind.
    """
    fault = _fault(value, shape, "")
    if fault is not None:
        raise IntegrityError(
            "portal-answer",
            "the portal's answer is not what a portal of fairline answers",
            at=at,
            got=f"{fault or 'the answer'} is missing or of another kind",
            hint="check the address; if it is right, tell the bank",
        )
    return dict(value)


def check_facets(value: Mapping[str, Any], at: str) -> dict[str, Any]:
    """The answer with the counts of every facet, each a list of values."""
    return check_shape(value, dict.fromkeys(value, _FACET), at)


def _fault(value: object, shape: Shape, place: str) -> str | None:
    """The place of the first member that does not fit; None when all fit."""
    if isinstance(shape, list):
        if not isinstance(value, list):
            return place
        faults = (_fault(each, shape[0], f"{place}[{number}]") for number, each in enumerate(value))
    elif isinstance(shape, dict):
        if not isinstance(value, Mapping):
            return place
        faults = (
            _fault(value.get(name, _NOTHING), each, f"{place}.{name}".lstrip(".")) for name, each in shape.items()
        )
    else:
        return None if isinstance(value, shape) else place
    return next((fault for fault in faults if fault is not None), None)


_NOTHING = object()
