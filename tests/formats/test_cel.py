from __future__ import annotations

import struct
from pathlib import Path

import pytest

from catalog.findings import Level
from catalog.formats.arrays.cel import CEL
from catalog.formats.inspect import sniff_bytes
from publish.demo.cel import generic_cel
from tests.formats.cases_cel import (
    COLUMNS,
    INTENSITIES,
    ROWS,
    SCAN,
    VALID,
    binary_4,
    swapped,
    text_3,
    with_gaps,
    with_mask,
)
from tests.formats.defects import codes, inspect_bytes


def test_generic_cel_when_valid_then_its_header_becomes_facts(tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "scan.bin", VALID)
    assert (subject.format, subject.findings) == ("cel", ())
    assert subject.facts == {
        "variant": "generic",
        "chip_type": "CytoScanHD_Array",
        "rows": ROWS,
        "columns": COLUMNS,
        "cells": ROWS * COLUMNS,
        "file_guid": "0000000001-0000000000",
        "parent_guids": ["0000000002-0000000000"],
        "created": "2021-05-04T10:11:12Z",
        "scan_date": "2021-05-04T10:00:00Z",
        "algorithm": "Percentile",
        "masked": 0,
        "outliers": 0,
        "synthetic": True,
    }
    assert subject.evidence == {
        "probe_count": ROWS * COLUMNS,
        "chip_type": "CytoScanHD_Array",
        "identifiers": ["0000000001-0000000000"],
        "scans": [],
        "arrays": [],
    }


def test_generic_cel_when_made_twice_then_it_is_the_same() -> None:
    assert generic_cel(SCAN, INTENSITIES) == VALID
    with pytest.raises(ValueError, match="intensities wanted"):
        generic_cel(SCAN, INTENSITIES[1:])


@pytest.mark.parametrize("content", [with_gaps(), with_gaps()[:-1]], ids=["free byte", "free byte cut off"])
def test_generic_cel_when_its_writer_leaves_free_bytes_then_it_is_valid(content: bytes, tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "scan.cel", content)
    assert codes(subject) == []
    assert subject.facts["cells"] == ROWS * COLUMNS


def test_generic_cel_when_numbers_are_padded_then_it_reads_them(tmp_path: Path) -> None:
    padded = swapped(VALID, struct.pack(">ii", 4, ROWS), struct.pack(">ii12x", 16, ROWS))
    subject = inspect_bytes(tmp_path, "scan.cel", padded, level=Level.SPEC)
    assert subject.facts["rows"] == ROWS
    assert set(codes(subject)) == {"cel-position"}


def test_masked_cells_when_inside_the_array_then_they_are_valid(tmp_path: Path) -> None:
    assert codes(inspect_bytes(tmp_path, "scan.cel", with_mask(COLUMNS - 1, ROWS - 1))) == []


def test_binary_cel_when_valid_then_facts_are_told(tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "scan.bin", binary_4())
    assert (subject.format, codes(subject)) == ("cel", [])
    assert subject.facts == {
        "variant": "binary-4",
        "chip_type": "HG-U133",
        "rows": 3,
        "columns": 2,
        "cells": 6,
        "algorithm": "Percentile",
        "masked": 1,
        "outliers": 1,
        "scan_date": "05/04/21 10:11:12",
        "synthetic": True,
    }


def test_text_cel_when_valid_then_facts_are_told(tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "scan.txt", text_3())
    assert (subject.format, codes(subject)) == ("cel", [])
    assert subject.facts["chip_type"] == "Test3"
    assert (subject.facts["variant"], subject.facts["cells"], subject.facts["synthetic"]) == ("text-3", 4, False)


def test_sniff_when_given_another_container_file_then_does_not_claim_it() -> None:
    chp = swapped(VALID, b"\0\0\0\x1baffymetrix-calvin-intensity", b"\0\0\0\x23affymetrix-multi-data-type-analysis")
    for content in (chp, struct.pack("<ii", 67, 4), b"", b"plain text\n"):
        found = sniff_bytes("file.bin", content)
        assert found is not CEL
