"""The keys that the specification reserves, with their Number and Type (VCFv4.3, Tables 1 and 2).

The texts of VCFv4.1 and VCFv4.2 list the same keys in words ("allele count in genotypes, for each ALT
allele"); VCFv4.0 had no letters for Number, so nothing is reserved there.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a header line, or the specification, says about the values of a key."""

    number: bytes
    kind: bytes


@dataclass(frozen=True, slots=True)
class Reserved:
    """A reserved key.

    Attributes:
        meaning: its Number and Type.
        since: the first minor version that reserves it.
        until: the last one.
        counts: whether the definition is a count, a frequency or a position, which cannot be below zero.
        kinds: further Types that the specification itself or its versions use.
        any_number: whether the versions disagree about its Number.
        loose: whether values of an undeclared key are not checked by it.
    """

    meaning: Declaration
    since: int = 1
    until: int = 9
    counts: bool = False
    kinds: tuple[bytes, ...] = ()
    any_number: bool = False
    loose: bool = False


def _key(number: str, kind: str, **rest: object) -> Reserved:
    return Reserved(Declaration(number.encode(), kind.encode()), **rest)  # type: ignore[arg-type]


_DEPTH = _key("R", "Integer", since=3, counts=True)
_FLAG = _key("0", "Flag")

INFO: dict[bytes, Reserved] = {
    b"AA": _key("1", "String"),
    b"AC": _key("A", "Integer", counts=True),
    b"AD": _DEPTH,
    b"ADF": _DEPTH,
    b"ADR": _DEPTH,
    b"AF": _key("A", "Float", counts=True),
    b"AN": _key("1", "Integer", counts=True),
    b"BQ": _key("1", "Float"),
    b"CIGAR": _key("A", "String"),
    b"DB": _FLAG,
    b"DP": _key("1", "Integer", counts=True),
    b"END": _key("1", "Integer", counts=True),
    b"H2": _FLAG,
    b"H3": _FLAG,
    b"MQ": _key("1", "Float", kinds=(b"Integer",)),
    b"MQ0": _key("1", "Integer", counts=True),
    b"NS": _key("1", "Integer", counts=True),
    b"SB": _key("4", "Integer", since=3, kinds=(b"Float",), any_number=True, loose=True),
    b"SOMATIC": _FLAG,
    b"VALIDATED": _FLAG,
    b"1000G": _FLAG,
}

FORMAT: dict[bytes, Reserved] = {
    b"AD": _key("R", "Integer", since=3),
    b"ADF": _key("R", "Integer", since=3),
    b"ADR": _key("R", "Integer", since=3),
    b"DP": _key("1", "Integer"),
    b"EC": _key("A", "Integer"),
    b"FT": _key("1", "String"),
    b"GL": _key("G", "Float"),
    b"GLE": _key("G", "String", until=2, loose=True),
    b"GP": _key("G", "Float"),
    b"GQ": _key("1", "Integer", kinds=(b"Float",)),
    b"GT": _key("1", "String"),
    b"HQ": _key("2", "Integer"),
    b"LAA": _key(".", "Integer", since=5),
    b"LAD": _key("LR", "Integer", since=5),
    b"LADF": _key("LR", "Integer", since=5),
    b"LADR": _key("LR", "Integer", since=5),
    b"LEC": _key("LA", "Integer", since=5),
    b"LEN": _key("1", "Integer", since=5),
    b"LPL": _key("LG", "Integer", since=5),
    b"LPP": _key("LG", "Integer", since=5),
    b"MQ": _key("1", "Integer"),
    b"PL": _key("G", "Integer"),
    b"PP": _key("G", "Integer", since=4),
    b"PQ": _key("1", "Integer"),
    b"PS": _key("1", "Integer", kinds=(b"String",), counts=True),
    b"PSL": _key("P", "String", since=4),
    b"PSO": _key("P", "Integer", since=5),
    b"PSQ": _key("P", "Integer", since=5),
}

#: VCFv4.3, 3: the Types of the keys of structural variants; their Number differs between versions.
STRUCTURAL_KINDS = {
    b"IMPRECISE": b"Flag",
    b"NOVEL": b"Flag",
    b"SVTYPE": b"String",
    b"SVLEN": b"Integer",
    b"CIPOS": b"Integer",
    b"CIEND": b"Integer",
}

#: VCFv4.4, 3: keys with a fixed number of values for each ALT allele.
VALUES_PER_ALLELE = {b"CIPOS": 2, b"CIEND": 2, b"CILEN": 2, b"CICN": 2, b"MEINFO": 4, b"METRANS": 4}


def find(keys: dict[bytes, Reserved], name: bytes, minor: int) -> Reserved | None:
    """The reserved meaning of a key in a version, if it has one."""
    found = keys.get(name)
    return found if found is not None and found.since <= minor <= found.until else None


def compare(reserved: Reserved, declared: Declaration) -> str:
    """``same``, ``unusual`` or ``differs``: how a declaration stands to the reserved meaning.

    A dot in place of A, R or G says less, not something else: it was the only way before VCFv4.1 and VCFv4.2.
    """
    meaning = reserved.meaning
    if declared == meaning:
        return "same"
    if declared.kind != meaning.kind and declared.kind not in reserved.kinds:
        return "differs"
    open_list = declared.number == b"." and meaning.number in (b"A", b"R", b"G")
    if declared.number != meaning.number and not open_list and not reserved.any_number:
        return "differs"
    return "unusual"
