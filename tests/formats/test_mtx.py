from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from catalog.formats.inspect import sniff_bytes
from catalog.formats.mtx.names import matrix_group, part_of
from tests.formats.cases_mtx import SMALL, VALID
from tests.formats.defects import codes, inspect_bytes

#: SciPy reads no vectors and no + before a number, and an array without rows ends its process.
NOT_OF_SCIPY = {name for name in VALID if "vector" in name} | {"large sizes", "free form", "empty array"}


@pytest.mark.parametrize("name", sorted(set(VALID) - NOT_OF_SCIPY))
def test_valid_file_when_read_by_scipy_then_it_sees_the_same_matrix(name: str, tmp_path: Path) -> None:
    reader: Any = pytest.importorskip("scipy.io")
    matrix = reader.mmread(io.BytesIO(VALID[name]))
    facts = inspect_bytes(tmp_path, "matrix.mtx", VALID[name]).facts
    assert (facts["rows"], facts["columns"]) == matrix.shape
    if facts["layout"] == "coordinate" and facts["symmetry"] == "general":
        assert facts["entries"] == matrix.nnz


def test_mtx_when_it_holds_counts_then_facts_tell_sums_of_columns(tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "matrix.mtx", b"%%MatrixMarket matrix coordinate real general\n%synthetic\n" + SMALL.split(b"\n", 2)[2])  # fmt: skip
    assert codes(subject) == []
    assert subject.facts == {
        "object": "matrix",
        "layout": "coordinate",
        "field": "real",
        "symmetry": "general",
        "rows": 3,
        "columns": 4,
        "entries": 3,
        "library_size": {"min": 0, "median": 3, "max": 7},
        "rows_with_entries": 3,
        "comment_lines": 1,
        "synthetic": True,
    }


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("barcodes.tsv", ("", "barcodes")),
        ("GSM1_S1_barcodes.tsv.gz", ("GSM1_S1", "barcodes")),
        ("GSM1-genes.tsv", ("GSM1", "features")),
        ("a.features.tsv.gz", ("a", "features")),
        ("mygenes.tsv", None),
        ("genes.csv", None),
    ],
)
def test_list_when_named_then_tells_its_group(name: str, wanted: tuple[str, str] | None) -> None:
    assert part_of(name) == wanted


@pytest.mark.parametrize(
    ("name", "group"),
    [("matrix.mtx", ""), ("GSM1_S1_matrix.mtx.gz", "GSM1_S1"), ("line.mtx", "line"), ("matrix.tsv", None)],
)
def test_matrix_when_named_then_tells_its_group(name: str, group: str | None) -> None:
    assert matrix_group(name) == group


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("counts.txt", SMALL, "mtx"),
        ("a.mtx", b"no banner\n", "mtx"),
        ("a.mtx", b"\0\1", "mtx"),
        ("barcodes.tsv", b"AAAC-1\n", "table"),
    ],
)
def test_sniff_when_given_a_banner_then_knows_a_matrix(name: str, content: bytes, wanted: str | None) -> None:
    found = sniff_bytes(name, content)
    assert (found.name if found else None) == wanted


def test_list_of_barcodes_when_read_then_has_no_header(tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "a_barcodes.tsv", b"AAAC-1\nAAAG-1\nAAAC-1\n")
    assert codes(subject) == []
    assert (subject.facts["rows"], subject.facts["without_header"]) == (3, True)
    assert subject.evidence["first_repeat"] == 3
