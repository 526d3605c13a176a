"""The keys that the specification reserves, with their Number and Type (VCFv4.3, Tables 1 and 2, and sections 3 and 4).

The texts of VCFv4.1 and VCFv4.2 list the same keys in words ("allele count in genotypes, for each ALT
allele"); VCFv4.0 had no letters for Number, so nothing is reserved there. "Arbitrary keys are permitted, although the
following sub-fields are reserved (albeit optional)": another declaration is a warning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from catalog.formats.vcf import grammar


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
        counts: whether the definition is a count, a depth, a position or a quality, which cannot be below zero.
        kinds: further Types that the specification itself or its versions use.
        any_number: whether the versions disagree about its Number; then values are not counted by it.
        loose: whether values of an undeclared key are not checked by it.
        is_share: whether values are between 0 and 1.
    """

    meaning: Declaration
    since: int = 1
    until: int = 9
    counts: bool = False
    kinds: tuple[bytes, ...] = ()
    any_number: bool = False
    loose: bool = False
    is_share: bool = False


def _key(number: str, kind: str, **rest: object) -> Reserved:
    return Reserved(Declaration(number.encode(), kind.encode()), **rest)  # type: ignore[arg-type]


def _changed(old: str, new: str, old_kind: str, new_kind: str = "", *, counts: bool = False) -> tuple[Reserved, ...]:
    """A key of structural variants whose Number VCFv4.4 redefined to allow several symbolic alleles.

    An interval has two ends and a mobile element four fields in every version before; one value for a record of several
    alleles was read as one for each allele even then.
    """
    return (
        _key(old, old_kind, until=3, any_number=old in (".", "1"), counts=counts),
        _key(new, new_kind or old_kind, since=4, any_number=new == ".", counts=counts),
    )


_DEPTH = (_key("R", "Integer", since=3, counts=True),)
_FLAG = (_key("0", "Flag"),)
_COUNT = (_key("1", "Integer", counts=True),)
_ID = _changed("1", "A", "String")
_IDS = _changed(".", "A", "String")
_REPEAT = (_key(".", "String", since=4),)

INFO: dict[bytes, tuple[Reserved, ...]] = {
    b"AA": (_key("1", "String"),),
    b"AC": (_key("A", "Integer", counts=True),),
    b"AD": _DEPTH,
    b"ADF": _DEPTH,
    b"ADR": _DEPTH,
    b"AF": (_key("A", "Float", counts=True, is_share=True),),
    b"AN": _COUNT,
    b"BQ": (_key("1", "Float"),),
    b"CIGAR": (_key("A", "String"),),
    b"DB": _FLAG,
    b"DP": _COUNT,
    b"END": _COUNT,
    b"H2": _FLAG,
    b"H3": _FLAG,
    b"MQ": (_key("1", "Float", kinds=(b"Integer",)),),
    b"MQ0": _COUNT,
    b"NS": _COUNT,
    b"SB": (_key("4", "Integer", since=3, kinds=(b"Float",), any_number=True, loose=True),),
    b"SOMATIC": _FLAG,
    b"VALIDATED": _FLAG,
    b"1000G": _FLAG,
    # VCFv4.1 to VCFv4.5, section 3: structural variants
    b"IMPRECISE": _FLAG,
    b"NOVEL": _FLAG,
    b"SVTYPE": (_key("1", "String", any_number=True),),
    b"SVLEN": _changed(".", "A", "Integer"),
    b"CIPOS": _changed("2", ".", "Integer"),
    b"CIEND": _changed("2", ".", "Integer"),
    b"HOMLEN": _changed(".", "A", "Integer", counts=True),
    b"HOMSEQ": _IDS,
    b"BKPTID": _IDS,
    b"MEINFO": _changed("4", ".", "String"),
    b"METRANS": _changed("4", ".", "String"),
    b"DGVID": _ID,
    b"DBVARID": _ID,
    b"DBRIPID": _ID,
    b"MATEID": _IDS,
    b"PARID": _ID,
    b"EVENT": _ID,
    b"EVENTTYPE": (_key("A", "String", since=4),),
    b"CILEN": _changed("2", ".", "Integer"),
    b"DPADJ": (_key(".", "Integer", until=3, any_number=True),),
    b"CN": _changed("1", "A", "Integer", "Float", counts=True),
    b"CNADJ": (_key(".", "Integer", until=3, any_number=True),),
    b"CICN": _changed("2", ".", "Integer", "Float"),
    b"CICNADJ": (_key(".", "Integer", until=3, any_number=True),),
    b"SVCLAIM": (_key("A", "String", since=4),),
    b"RN": (_key("A", "Integer", since=4, counts=True),),
    b"RUS": _REPEAT,
    b"RUL": (_key(".", "Integer", since=4, counts=True),),
    b"RUC": (_key(".", "Float", since=4, counts=True),),
    b"RB": (_key(".", "Integer", since=4, counts=True),),
    b"CIRUC": (_key(".", "Float", since=4),),
    b"CIRB": (_key(".", "Integer", since=4),),
    b"RUB": (_key(".", "Integer", since=4, counts=True),),
}

_SAMPLE_DEPTH = (_key("R", "Integer", since=3, counts=True),)
_QUALITY = _key("1", "Integer", counts=True)
_LOCAL_DEPTH = (_key("LR", "Integer", since=5, counts=True),)
_LIKELIHOOD = _key("G", "Integer", counts=True)

FORMAT: dict[bytes, tuple[Reserved, ...]] = {
    b"AD": _SAMPLE_DEPTH,
    b"ADF": _SAMPLE_DEPTH,
    b"ADR": _SAMPLE_DEPTH,
    b"DP": _COUNT,
    b"EC": (_key("A", "Integer", counts=True),),
    b"FT": (_key("1", "String"),),
    b"GL": (_key("G", "Float"),),
    b"GLE": (_key("G", "String", until=2, loose=True),),
    b"GP": (_key("G", "Float", until=2), _key("G", "Float", since=3, is_share=True)),
    b"GQ": (_key("1", "Integer", kinds=(b"Float",), counts=True),),
    b"GT": (_key("1", "String"),),
    b"HQ": (_key("2", "Integer", counts=True),),
    b"LA": (_key(".", "Integer", since=5),),
    b"LAA": (_key(".", "Integer", since=5),),
    b"LAD": _LOCAL_DEPTH,
    b"LADF": _LOCAL_DEPTH,
    b"LADR": _LOCAL_DEPTH,
    b"LEC": (_key("LA", "Integer", since=5, counts=True),),
    b"LEN": (_key("1", "Integer", since=5, counts=True),),
    b"LGL": (_key("LG", "Float", since=5),),
    b"LGP": (_key("LG", "Float", since=5, is_share=True),),
    b"LPL": (_key("LG", "Integer", since=5, counts=True),),
    b"LPP": (_key("LG", "Integer", since=5, counts=True),),
    b"MQ": (_QUALITY,),
    b"PL": (_LIKELIHOOD,),
    b"PP": (_key("G", "Integer", since=3, counts=True),),
    b"PQ": (_QUALITY,),
    b"PS": (_key("1", "Integer", kinds=(b"String",), counts=True),),
    b"PSL": (_key("P", "String", since=4),),
    b"PSO": (_key("P", "Integer", since=4),),
    b"PSQ": (_key("P", "Integer", since=4, counts=True),),
    # section 4: structural variants
    b"CN": (_key("1", "Integer", until=3, counts=True), _key("1", "Float", since=4, counts=True)),
    b"CICN": (_key("2", "Float", since=4),),
    b"CNQ": (_key("1", "Float"),),
    b"CNL": (_key(".", "Float", until=2), _key("G", "Float", since=3, any_number=True)),
    b"CNP": (_key("G", "Float", since=3, any_number=True, is_share=True),),
    b"NQ": (_key("1", "Integer"),),
    b"HAP": (_key("1", "Integer"),),
    b"AHAP": (_key("1", "Integer"),),
}

#: VCFv4.5, Table 2: base modifications by ChEBI number, or by the names of those that have one.
_MODIFICATION = re.compile(rb"(DP|AD)?M(?:[0-9]+[ACGTUN]|5mC|5hmC|5fC|5caC|5hmU|5fU|5caU|6mA|8oxoG|[Xx]aoN)")
_SHARE_MODIFIED = _key("M", "Float", since=5, is_share=True)
_DEPTH_MODIFIED = _key("M", "Integer", since=5, counts=True)

#: VCFv4.4, 3: keys with a fixed number of values for each ALT allele.
VALUES_PER_ALLELE = {b"CIPOS": 2, b"CIEND": 2, b"CILEN": 2, b"CICN": 2, b"MEINFO": 4, b"METRANS": 4}


def find(keys: dict[bytes, tuple[Reserved, ...]], name: bytes, minor: int) -> Reserved | None:
    """The reserved meaning of a key in a version, if it has one.

    Args:
        keys: :data:`INFO` or :data:`FORMAT`.
        name: the key.
        minor: the minor version.
    """
    for each in keys.get(name, ()):
        if each.since <= minor <= each.until:
            return each
    if minor >= 5 and keys is FORMAT and b"M" in name[:3]:
        found = _MODIFICATION.fullmatch(name)
        if found is not None:
            return _DEPTH_MODIFIED if found[1] else _SHARE_MODIFIED
    return None


def agrees(reserved: Reserved, declared: Declaration) -> bool:
    """Whether a declaration is the reserved one, or one that some version of the specification has."""
    if declared.kind != reserved.meaning.kind and declared.kind not in reserved.kinds:
        return False
    return declared.number == reserved.meaning.number or reserved.any_number


def problem_of(reserved: Reserved | None, value: bytes, *, is_whole: bool = False) -> str:
    """What is wrong with a number that is of its Type; empty when nothing is.

    Args:
        reserved: the reserved meaning of its key.
        value: the number.
        is_whole: whether it must be a whole number although another Type is declared.
    """
    if is_whole and not grammar.is_whole(value):
        return "no whole number"
    if reserved is None:
        return ""
    if reserved.counts and grammar.is_negative(value):
        return "below zero"
    if reserved.is_share and (grammar.is_negative(value) or not grammar.is_share(value)):
        return "not between 0 and 1"
    return ""
