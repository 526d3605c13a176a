"""Track and browser lines, with which the UCSC Genome Browser is told how to show the intervals below them."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LINE = re.compile(rb"(track|browser)(?:[ \t]|$)")
_PAIR = rb"[ \t]+([A-Za-z][A-Za-z0-9_]*)=(\"[^\"]*\"|'[^']*'|[^ \t\"']*)"
_PAIRS = re.compile(_PAIR)
_TRACK = re.compile(rb"track(?:" + _PAIR + rb")*[ \t]*")
#: No attribute has such a length; patterns with groups take memory by the length.
_LONGEST = 64 << 10
_SWITCH = rb"on|off"
_COLOUR = rb"[0-9]{1,3},[0-9]{1,3},[0-9]{1,3}"
_REAL = rb"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?"
#: The values that the documentation of bedGraph and of wiggle names.
_VALUES = {
    name: re.compile(values, re.IGNORECASE)
    for name, values in {
        b"visibility": rb"hide|dense|full|pack|squish|[0-4]",
        b"color": _COLOUR,
        b"altColor": _COLOUR,
        b"priority": _REAL,
        b"autoScale": _SWITCH + rb"|group",
        b"alwaysZero": _SWITCH,
        b"gridDefault": _SWITCH,
        b"maxHeightPixels": rb"[0-9]+(?::[0-9]+){0,2}",
        b"graphType": rb"bar|points",
        b"viewLimits": _REAL + rb":" + _REAL,
        b"yLineMark": _REAL,
        b"yLineOnOff": _SWITCH,
        b"windowingFunction": rb"maximum|mean|mean\+whiskers|minimum",
        b"smoothingWindow": rb"off|[2-9]|1[0-6]",
    }.items()
}


def kind_of(line: bytes) -> str:
    """``track`` or ``browser``; empty for any other line, such as an interval on a contig of that name."""
    match = _LINE.match(line) if line[:1] in (b"t", b"b") else None
    if match is None or re.match(rb"[a-z]+[ \t]+[0-9]+[ \t]+[0-9]+(?:[ \t]|$)", line):
        return ""
    return match[1].decode()


def attributes(line: bytes) -> dict[bytes, bytes] | None:
    """The attributes of a track line, values without their quotes; None where they are not written KEY=VALUE."""
    if len(line) > _LONGEST or not _TRACK.fullmatch(line):
        return None
    pairs = [(match[1], match[2]) for match in _PAIRS.finditer(line)]
    return {key: value[1:-1] if value[:1] in (b'"', b"'") else value for key, value in pairs}


def unusual_values(found: dict[bytes, bytes]) -> Iterator[bytes]:
    """The attributes whose values are not among the documented ones, as KEY=VALUE."""
    for key, value in found.items():
        wanted = _VALUES.get(key)
        if wanted is not None and not wanted.fullmatch(value):
            yield key + b"=" + value
