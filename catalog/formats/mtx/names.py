"""The names of the files beside a Matrix Market file: barcodes (columns) and features or genes (rows) of single cells.

Cell Ranger and STARsolo write ``matrix.mtx``, ``barcodes.tsv`` and ``features.tsv`` (earlier ``genes.tsv``), plain or
gzipped; archives put the name of a sample before each, as in ``GSM123_A_matrix.mtx.gz``.
"""

from __future__ import annotations

import re

_PART = re.compile(r"(?:(?P<group>.*)[._-])?(?P<part>barcodes|features|genes)\.tsv(?:\.b?gz)?", re.DOTALL)
_MATRIX = re.compile(r"(?P<group>.*)\.mtx(?:\.b?gz)?", re.DOTALL)
_WORD = re.compile(r"(?:^|[._-])matrix$")
BARCODES, FEATURES, MATRIX = "barcodes", "features", "matrix"


def part_of(name: str) -> tuple[str, str] | None:
    """The group and the part (barcodes or features) of a list beside a matrix; None for any other file."""
    found = _PART.fullmatch(name)
    if found is None:
        return None
    return found["group"] or "", BARCODES if found["part"] == BARCODES else FEATURES


def matrix_group(name: str) -> str | None:
    """The group of a Matrix Market file by its name: what stands before ``matrix``; None for any other file."""
    found = _MATRIX.fullmatch(name)
    return None if found is None else _WORD.sub("", found["group"])
