"""Titles of reads: the name that both mates share, the number of the mate, and what Illumina writes into them."""

from __future__ import annotations

import re
from typing import NamedTuple

from catalog.formats.protocol import Facts
from catalog.kernels.fastq_layout import FIRST_PRIME, SECOND_PRIME

_NAME = re.compile(rb"[^\x00-\x20]*")
#: ``/1``, or reads of the archives that were dumped with the number of the mate: run, spot, mate.
_NUMBERED = re.compile(rb"[^\x00-\x20]+/[1-9]|[SED]RR[0-9]+\.[0-9]+\.[12]")
_BEFORE_NUMBER = frozenset({b"/", b"."})
_CASAVA = re.compile(rb"([1-9]):[YN]:")
_BARCODE = re.compile(rb"[1-9]:[YN]:[0-9]+:([^:\x00-\x20]+)")
_ILLUMINA = re.compile(
    rb"(([^:\x00-\x20]+):([0-9]+):([^:\x00-\x20]+):([0-9]{1,4}):)[0-9]+:[0-9]+:[0-9]+(?![^:\x00-\x20])"
)
_BASES = re.compile(rb"[ACGTN+-]+")
_SHOWN_BYTES = 60
#: Letters of one index that may be read wrongly, in the first read and in another.
_INDEX_ERRORS = 2


def key_of(name: bytes) -> int:
    """A key of 64 bits: the number that the name spells, modulo two primes below 2 to the 32nd.

    Both paths give the same keys, so that digests of mates can be compared.
    """
    number = int.from_bytes(name, "big")
    return number % FIRST_PRIME << 32 | number % SECOND_PRIME


class Title(NamedTuple):
    """A title line without its @, in parts.

    Attributes:
        root: the name without the number of the mate.
        number: of the mate, from ``/1``, ``1:N:0`` or the name of an archive; 0 where the title has none.
        comment: what follows the name.
    """

    root: bytes
    number: int
    comment: bytes


def parse_title(title: bytes) -> Title:
    """The parts of a title."""
    match = _NAME.match(title)
    name = match.group() if match else b""
    comment = title[len(name) + 1 :]
    if name[-2:-1] in _BEFORE_NUMBER and _NUMBERED.fullmatch(name):
        return Title(name[:-2], name[-1] - ord("0"), comment)
    casava = _CASAVA.match(comment)
    return Title(name, int(casava[1]) if casava else 0, comment)


def lane_of(title: bytes) -> bytes:
    """What all names of one lane begin with (``INSTRUMENT:RUN:FLOWCELL:LANE:``); empty for other names."""
    match = _ILLUMINA.match(title)
    return match[1] if match else b""


def barcode_of(comment: bytes) -> bytes:
    """The barcode of a comment as Illumina writes it (``1:N:0:ACGT+TTAC``); empty for other comments."""
    match = _BARCODE.match(comment)
    return match[1] if match else b""


def are_one_sample(barcode: bytes, other: bytes) -> bool:
    """Whether two barcodes can be of one sample: they are as they were read, with errors and N."""
    if not (_BASES.fullmatch(barcode) and _BASES.fullmatch(other)):
        return barcode == other
    indexes, others = re.split(rb"[+-]", barcode), re.split(rb"[+-]", other)
    return len(indexes) == len(others) and all(map(_are_one_index, indexes, others))


def _are_one_index(index: bytes, other: bytes) -> bool:
    differing = sum(a != b and ord("N") not in {a, b} for a, b in zip(index, other, strict=False))
    return len(index) == len(other) and differing <= _INDEX_ERRORS


def illumina_facts(title: bytes) -> Facts:
    """``instrument``, ``run``, ``flow_cell`` and ``lane`` of a title; empty for other names."""
    match = _ILLUMINA.match(title)
    if match is None:
        return {}
    instrument, run, flow_cell, lane = (
        match[number][:_SHOWN_BYTES].decode("utf-8", "replace") for number in (2, 3, 4, 5)
    )
    return {"instrument": instrument, "run": run, "flow_cell": flow_cell, "lane": int(lane)}
