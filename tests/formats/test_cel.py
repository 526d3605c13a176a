from __future__ import annotations

import math
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.findings import Level
from catalog.formats.cel import CEL
from catalog.formats.inspect import sniff_bytes
from publish.demo.cel import ArrayScan, ParentFile, generic_cel
from tests.formats.defects import Defect, assert_survives, codes, inspect_bytes, rules_of, wanted_finding

ROWS, COLUMNS = 4, 3
ARRAY = ParentFile(
    identifier="affymetrix-calvin-array",
    guid="",
    parameters={"affymetrix-array-id": "synthetic-array-1"},
)
IMAGE = ParentFile(
    identifier="affymetrix-calvin-scan-acquisition",
    guid="0000000002-0000000000",
    parameters={"affymetrix-scan-date": "2021-05-04T10:00:00Z"},
    parent=ARRAY,
)
SCAN = ArrayScan(
    chip_type="CytoScanHD_Array",
    rows=ROWS,
    columns=COLUMNS,
    guid="0000000001-0000000000",
    created="2021-05-04T10:11:12Z",
    parameters={"affymetrix-algorithm-name": "Percentile"},
    parent=IMAGE,
)
INTENSITIES = [float(100 + cell) for cell in range(ROWS * COLUMNS)]
VALID = generic_cel(SCAN, INTENSITIES)
SETS = ("Intensity", "StdDev", "Pixel", "Outlier", "Mask")


def wide(text: str) -> bytes:
    return struct.pack(">i", len(text)) + text.encode("utf-16-be")


def swapped(content: bytes, old: bytes, new: bytes) -> bytes:
    assert old in content
    return content.replace(old, new, 1)


def at(content: bytes, offset: int, new: bytes) -> bytes:
    return content[:offset] + new + content[offset + len(new) :]


def set_starts(content: bytes) -> list[int]:
    starts, after = [], content.index(wide("Default Group"))
    for name in SETS:
        after = content.index(wide(name), after + 1)
        starts.append(after - 8)
    return starts


FIRST_INTENSITY = VALID.index(struct.pack(">f", INTENSITIES[0]))


def with_mask(x: int, y: int) -> bytes:
    start = set_starts(VALID)[-1]
    content = at(VALID, start + 4, struct.pack(">I", len(VALID) + 4))
    return content[:-4] + struct.pack(">Ihh", 1, x, y)


def with_gaps() -> bytes:
    """The same file as Affymetrix' own writer makes it: one free byte after the rows of each data set."""
    content = VALID
    starts = set_starts(VALID)
    for shift, start in enumerate(starts):
        first, following = struct.unpack_from(">II", VALID, start)
        content = at(content, start, struct.pack(">II", first + shift, following + shift + 1))
    for end in reversed([*starts[1:], len(VALID)]):
        content = content[:end] + b"\0" + content[end:]
    return content


def deep(levels: int) -> bytes:
    parent = None
    for _ in range(levels):
        parent = ParentFile(identifier="affymetrix-calvin-array", guid="", parent=parent)
    return generic_cel(replace(SCAN, parent=parent), INTENSITIES)


def binary_4(cells: int = 6, **numbers: int) -> bytes:
    header = b"Cols=2\nRows=3\nDatHeader=[0..65534]  x:CLS=4733 05/04/21 10:11:12 HG-U133.1sq 6 synthetic\n"
    shape = {"magic": 64, "version": 4, "columns": 2, "rows": 3, "cells": 6, **numbers}
    content = struct.pack("<5i", *shape.values())
    for text in (header, b"Percentile", b"Percentile:75;CellMargin:2"):
        content += struct.pack("<i", len(text)) + text
    content += struct.pack("<iIIi", 2, 1, 1, 0)
    content += b"".join(struct.pack("<ffh", 100.0 + cell, 1.0, 16) for cell in range(cells))
    return content + struct.pack("<4h", 0, 0, 1, 1)


def text_3(declared: int = 4, rows: int = 4, version: str = "3", section: str = "[INTENSITY]") -> bytes:
    lines = ["[CEL]", f"Version={version}", "", "[HEADER]", "Cols=2", "Rows=2", "Algorithm=Percentile"]
    lines += ["DatHeader=[0..46109]  scan:CLS=1 05/04/21 10:11:12 Test3.1sq", "", section, f"NumberCells={declared}"]
    lines += ["CellHeader=X\tY\tMEAN\tSTDV\tNPIXELS"]
    lines += [f"  {cell % 2}\t  {cell // 2}\t{100 + cell}.0\t1.5\t 16" for cell in range(rows)]
    lines += ["", "[MASKS]", "NumberCells=0", "CellHeader=X\tY", ""]
    return "\r\n".join(lines).encode()


DEFECTS = [
    Defect(id="magic", content=b"NOT A CEL FILE", code="cel-magic", offset=0),
    Defect(id="generic version 2", content=at(VALID, 1, b"\x02"), code="cel-version", offset=1),
    Defect(id="cut in the last header", content=VALID[:-1], code="cel-truncated", offset=len(VALID) - 1),
    Defect(
        id="cut in the rows", content=VALID[: FIRST_INTENSITY + 6], code="cel-truncated", offset=FIRST_INTENSITY + 6
    ),
    Defect(id="cut in the file header", content=VALID[:4], code="cel-truncated", offset=4),
    Defect(id="negative count", content=at(VALID, 2, b"\xff\xff\xff\xff"), code="cel-length", offset=2),
    Defect(id="huge text", content=at(VALID, 10, b"\x7f\xff\xff\xff"), code="cel-length", offset=10),
    Defect(id="parents without end", content=deep(17), code="cel-too-deep"),
    Defect(
        id="half a character",
        content=swapped(VALID, wide("en-US"), wide("en-US")[:4] + b"\xd8\0\0n\0-\0U\0S"),
        code="cel-text",
        offset=VALID.index(wide("en-US")) + 4,
    ),
    Defect(
        id="unknown type of parameter",
        content=swapped(VALID, wide("text/plain"), wide("text/plane")),
        code="cel-parameter",
        column="affymetrix-array-type",
        only=False,
    ),
    Defect(
        id="short number",
        content=swapped(VALID, struct.pack(">ii", 4, ROWS), struct.pack(">ih", 2, ROWS)),
        code="cel-parameter",
        column="affymetrix-cel-rows",
        only=False,
    ),
    Defect(id="group elsewhere", content=at(VALID, 6, b"\0\0\0\x01"), code="cel-position", offset=6),
    Defect(
        id="rows elsewhere",
        content=at(VALID, set_starts(VALID)[1], b"\0\0\0\x01"),
        code="cel-position",
        offset=set_starts(VALID)[1],
    ),
    Defect(
        id="next data set elsewhere",
        content=at(VALID, set_starts(VALID)[1] + 4, b"\0\0\0\x01"),
        code="cel-position",
        offset=set_starts(VALID)[1] + 4,
    ),
    Defect(
        id="last data set ends elsewhere",
        content=at(VALID, set_starts(VALID)[4] + 4, b"\0\0\0\x01"),
        code="cel-position",
        offset=set_starts(VALID)[4] + 4,
    ),
    Defect(
        id="data set far away",
        content=at(VALID, set_starts(VALID)[0] - len(wide("Default Group")) - 8, b"\0\0\0\x01"),
        code="cel-position",
    ),
    Defect(
        id="next group of the last",
        content=at(VALID, set_starts(VALID)[0] - len(wide("Default Group")) - 12, b"\0\0\0\x01"),
        code="cel-position",
    ),
    Defect(
        id="column of an unknown type",
        content=swapped(VALID, wide("Intensity") + b"\x06", wide("Intensity") + b"\x09"),
        code="cel-column",
        column="Intensity",
    ),
    Defect(
        id="column of a wrong size",
        content=swapped(with_mask(0, 0), wide("Y") + b"\x02\0\0\0\x02", wide("Y") + b"\x02\0\0\0\x05"),
        code="cel-column",
        column="Y",
    ),
    Defect(
        id="mask of a wrong size",
        content=with_mask(0, 0)[:-20] + with_mask(0, 0)[-20:].replace(b"\x02\0\0\0\x02", b"\x02\0\0\0\x01"),
        code="cel-column",
        only=False,
    ),
    Defect(
        id="intensities as whole numbers",
        content=swapped(VALID, wide("Intensity") + b"\x06", wide("Intensity") + b"\x04"),
        code="cel-column",
        column="Intensity",
    ),
    Defect(
        id="other kind of file",
        content=swapped(VALID, b"calvin-intensity", b"calvin-analyses!"),
        code="cel-identifier",
        offset=10,
    ),
    Defect(id="no identifier", content=generic_cel(replace(SCAN, guid=""), INTENSITIES), code="cel-no-guid"),
    Defect(id="date", content=generic_cel(replace(SCAN, created="05/04/21"), INTENSITIES), code="cel-date"),
    Defect(
        id="no rows",
        content=swapped(VALID, wide("affymetrix-cel-rows"), wide("affymetrix-cel-rowz")),
        code="cel-no-parameter",
        column="affymetrix-cel-rows",
    ),
    Defect(
        id="no chip type",
        content=generic_cel(replace(SCAN, chip_type=""), INTENSITIES),
        code="cel-no-parameter",
        column="affymetrix-array-type",
    ),
    Defect(id="no masks", content=swapped(VALID, wide("Mask"), wide("Musk")), code="cel-data-sets"),
    Defect(
        id="other number of cells",
        content=swapped(VALID, struct.pack(">ii", 4, ROWS), struct.pack(">ii", 4, ROWS + 1)),
        code="cel-cells",
        column="Intensity",
    ),
    Defect(
        id="not a number",
        content=generic_cel(SCAN, [*INTENSITIES[:5], math.nan, *INTENSITIES[6:]]),
        code="cel-intensity",
        offset=FIRST_INTENSITY + 20,
        column="Intensity",
    ),
    Defect(
        id="negative",
        content=generic_cel(SCAN, [-1.0, *INTENSITIES[1:]]),
        code="cel-intensity",
        offset=FIRST_INTENSITY,
        column="Intensity",
    ),
    Defect(id="mask outside", content=with_mask(COLUMNS, 0), code="cel-outside", offset=len(VALID), column="X"),
    Defect(id="mask below", content=with_mask(0, -1), code="cel-outside", offset=len(VALID) + 2, column="Y"),
    Defect(id="trailing", content=VALID + b"\0\0", code="cel-trailing-bytes", offset=len(VALID)),
    Defect(id="binary version", content=binary_4(version=5), code="cel-version", offset=4),
    Defect(id="binary cut", content=binary_4()[:-1], code="cel-truncated", offset=len(binary_4()) - 1),
    Defect(id="binary cut in the header", content=binary_4()[:30], code="cel-truncated", offset=30),
    Defect(id="binary length", content=at(binary_4(), 20, b"\xff\xff\xff\xff"), code="cel-length", offset=20),
    Defect(id="binary cells", content=binary_4(rows=4), code="cel-cells", offset=16),
    Defect(id="binary trailing", content=binary_4() + b"\0", code="cel-trailing-bytes", offset=len(binary_4())),
    Defect(id="text version", content=text_3(version="2"), code="cel-version", line=1),
    Defect(id="text cut", content=text_3(rows=3), code="cel-truncated", column="[INTENSITY]"),
    Defect(id="text too many", content=text_3(rows=5), code="cel-cells", column="[INTENSITY]"),
    Defect(id="text other size", content=text_3(declared=6, rows=6), code="cel-cells", column="[INTENSITY]"),
    Defect(id="text without intensities", content=text_3(section="[INTENSE]"), code="cel-data-sets"),
    Defect(
        id="text without columns", content=text_3().replace(b"Cols=2", b"Cols=x"), code="cel-no-parameter", only=False
    ),
]


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.id)
def test_cel_when_it_has_one_defect_then_it_is_found_there(defect: Defect, tmp_path: Path) -> None:
    wanted_finding(tmp_path, defect, "scan.cel")


def test_cel_defects_when_counted_then_cover_every_rule() -> None:
    assert {defect.code for defect in DEFECTS} == rules_of("cel")


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
        "synthetic": True,
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


def test_cel_when_large_then_it_is_read_in_pieces(tmp_path: Path) -> None:
    cells = 300 * 400
    content = generic_cel(replace(SCAN, rows=300, columns=400), [float(cell % 65536) for cell in range(cells)])
    subject = inspect_bytes(tmp_path, "scan.cel", content)
    assert (codes(subject), subject.facts["cells"]) == ([], cells)


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


@pytest.mark.slow
@pytest.mark.parametrize("content", [VALID, binary_4(), text_3()], ids=["generic", "binary-4", "text-3"])
def test_cel_when_damaged_at_random_then_the_outcome_is_a_subject(content: bytes, tmp_path: Path) -> None:
    assert_survives(tmp_path, "scan.cel", content, "cel")
