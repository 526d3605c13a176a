"""Names of base modifications in bedMethyl: a code, perhaps with its motif, or the codes of both strands."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: One letter a modification, and capitals where any modification of a base is meant (SAMtags, 1.7).
LETTERS = frozenset("mhfcCgebTUaAoGnN")
_CODE = rb"(?:[A-Za-z]|[0-9]{1,7})"
_NAME = re.compile(rb"(?P<code>" + _CODE + rb")(?:,(?P<motif>[ACGTUNRYSWKMBDHV]{1,100}),(?P<offset>[0-9]{1,3}))?")
#: modkit pileup-hemi: what each strand shows (- for nothing), and the base.
_HEMI = re.compile(rb"(?:" + _CODE + rb"|-),(?:" + _CODE + rb"|-),[ACGTU]")
_CONTEXTS = {"CG": "CG", "CHG": "CHG", "CHH": "CHH"}


@dataclass(frozen=True, slots=True)
class Modification:
    """What a name says.

    Attributes:
        code: a letter or a ChEBI number; the whole pattern for both strands.
        context: CG, CHG or CHH, where the motif is one of them and the cytosine stands first.
        is_hemi: whether it is a pattern of both strands.
    """

    code: str
    context: str | None
    is_hemi: bool

    @property
    def is_known(self) -> bool:
        """Whether a letter is one of the known ones; numbers always are."""
        return self.is_hemi or len(self.code) > 1 or self.code.isdigit() or self.code in LETTERS


def modification_of(name: bytes) -> Modification | None:
    """The modification that a name stands for; None when it is no such name."""
    match = _NAME.fullmatch(name)
    if match is None:
        return Modification(name.decode(), None, True) if _HEMI.fullmatch(name) else None
    motif = (match["motif"] or b"").decode()
    if motif and int(match["offset"]) >= len(motif):
        return None
    context = _CONTEXTS.get(motif) if match["offset"] and not int(match["offset"]) else None
    return Modification(match["code"].decode(), context, False)
