"""Affymetrix CEL in its three forms."""

from __future__ import annotations

import gzip
import math
import struct
from dataclasses import replace
from typing import Any

from catalog.formats.protocol import Declared
from publish.demo.cel import ArrayScan, ParentFile, generic_cel
from tests.formats.affymetrix_files import MULTI, Console, cel_header, cel_tables, data_header, gcos_cel, mas_cel
from tests.formats.cases import FormatCases
from tests.formats.defects import Defect

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


OLD_DEFECTS = [
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
    Defect(id="text version", content=text_3(version="2"), code="cel-version", line=2),
    Defect(id="text row missing", content=text_3(rows=3), code="cel-cells", line=11, column="[INTENSITY]", only=False),
    Defect(
        id="text cut", content=text_3()[: text_3().index(b"  1\t  1\t")], code="cel-truncated", column="[INTENSITY]"
    ),
    Defect(id="text too many", content=text_3(rows=5), code="cel-cells", column="[INTENSITY]", only=False),
    Defect(
        id="text other size", content=text_3(declared=6, rows=6), code="cel-cells", column="[INTENSITY]", only=False
    ),
    Defect(id="text without intensities", content=text_3(section="[INTENSE]"), code="cel-data-sets"),
    Defect(
        id="text without columns", content=text_3().replace(b"Cols=2", b"Cols=x"), code="cel-no-parameter", only=False
    ),
]


def defect(title: str, code: str, content: bytes, **rest: Any) -> Defect:
    return Defect(id=title, code=f"cel-{code}", content=content, **rest)


def console(gap: int = 0, rows: int = 4, columns: int = 3, **changes: Any) -> Console:
    return Console(
        header=cel_header(rows, columns, **changes), groups=[("Default Group", cel_tables(rows, columns))], gap=gap
    )


def two_channels(first: str = "green", second: str = "red") -> bytes:
    groups = [(first, cel_tables(pixel="H")), (second, cel_tables(intensity="H"))]
    return Console(header=cel_header(4, 3, MULTI), groups=groups).written()


def with_pixels(pixels: int) -> tuple[bytes, int]:
    """A file with other pixels in its fifth cell, and where these are."""
    tables = cel_tables()
    tables[2].rows = [(pixels if cell == 4 else 16,) for cell in range(12)]
    file = Console(header=cel_header(4, 3), groups=[("Default Group", tables)])
    return file.written(), file.starts["Pixel"] + 8


def chained(guid: str) -> bytes:
    """A file whose scan has this identifier."""
    parent = data_header("affymetrix-calvin-scan-acquisition", guid, "2021-05-04T09:00:00Z")
    known: dict[str, Any] = {"affymetrix-array-type": "T", "affymetrix-cel-rows": 4, "affymetrix-cel-cols": 3}
    header = data_header("affymetrix-calvin-intensity", "0000-cel", "2021-05-04T10:11:12Z", known, [parent])
    return Console(header=header, groups=[("Default Group", cel_tables())]).written()


HG38 = Declared(assembly="GRCh38")
OTHER_LINE = Declared(line_id="KSCBi001-A")
DAT = "[0..65534]  KSCBi005-A_1:CLS=4733 RWS=4733"
CELL_ROWS = mas_cel().decode("latin-1")
NO_PIXELS, PIXELS_AT = with_pixels(-1)
GCOS = gcos_cel()
CELLS_AT = len(GCOS) - 56 - 2 * 4 - 6 * 10
DEFECTS = [
    *OLD_DEFECTS,
    defect("month 13", "date", generic_cel(replace(SCAN, created="2021-13-04T10:11:12Z"), INTENSITIES)),
    defect("the scan is the file itself", "guid-twice", chained("0000-cel")),
    defect("pixels below none", "pixels", NO_PIXELS, offset=PIXELS_AT, record=5, column="Pixel"),
    defect("a person in a parameter", "personal", console(operator_name="mkim").written(), column="operator-name"),
    defect("an assembly", "assembly-not-declared", console(genome_version="hg19").written(), declared=HG38),
    defect("gap of two bytes", "position", console(gap=2).written(), only=False),
    defect(
        "channel without masks",
        "data-sets",
        Console(header=cel_header(4, 3, MULTI), groups=[("a", cel_tables()), ("b", cel_tables()[:4])]).written(),
    ),
    defect("binary not a number", "intensity", gcos_cel([(100.0, 1.5, 16)] * 4 + [(math.nan, 1.5, 16)] * 2), record=5),
    defect("binary below zero", "intensity", gcos_cel([(-1.0, 1.5, 16)] * 6), record=1, offset=CELLS_AT),
    defect("binary deviation", "intensity", gcos_cel([(9.0, math.inf, 16)] * 6), column="STDV", offset=CELLS_AT + 4),
    defect("binary pixels", "pixels", gcos_cel([(9.0, 1.0, -3)] * 6), column="NPIXELS", offset=CELLS_AT + 8),
    defect("binary mask outside", "outside", gcos_cel(masks=[(0, 0), (2, 0)]), record=2, offset=CELLS_AT + 64),
    defect("binary outlier outside", "outside", gcos_cel(outliers=[(0, 3)]), record=1, offset=CELLS_AT + 64),
    defect("binary cut in the sub-grids", "truncated", GCOS[:-5], offset=len(GCOS) - 5),
    defect("binary cut in the outliers", "truncated", GCOS[:-58], offset=len(GCOS) - 58),
    defect("binary sub-grid too many", "trailing-bytes", GCOS + bytes(56), offset=len(GCOS)),
    defect("binary sub-grids below none", "length", gcos_cel(grids=-1)),
    defect("binary other columns in the text", "tag", gcos_cel(header={"Cols": "3"}), column="Cols"),
    defect("binary other total", "tag", gcos_cel(header={"TotalY": "30"}), column="TotalY"),
    defect("binary corner", "tag", gcos_cel(header={"GridCornerUR": "one two"}), column="GridCornerUR"),
    defect("binary offset", "tag-unused", gcos_cel(header={"OffsetX": "4"}), column="OffsetX"),
    defect("binary person", "personal", gcos_cel(header={"DatHeader": "[0..65534]  Jane Roe:CLS=4733 HG-U133.1sq"})),
    defect("binary no chip", "no-chip-type", gcos_cel(header={"DatHeader": ""}), column="DatHeader"),
    defect("text no chip", "no-chip-type", text_3().replace(b"Test3.1sq", b""), column="DatHeader", only=False),
    defect("binary other line", "sample-not-the-line", GCOS, column="DatHeader", declared=OTHER_LINE),
    defect("text other sample", "sample-not-the-line", mas_cel(), declared=Declared(sample_id="chip-8")),
    defect(
        "image of another line",
        "sample-not-the-line",
        console(affymetrix_dat_header=DAT).written(),
        declared=OTHER_LINE,
    ),
    defect(
        "sample of another line",
        "sample-not-the-line",
        console(sample_name="KSCBi005-A").written(),
        declared=OTHER_LINE,
    ),
    defect("text corner", "tag", mas_cel(header={"GridCornerUL": "219"}), column="GridCornerUL"),
    defect("text swapped axes", "tag-unused", mas_cel(header={"swapXY": "1"}), column="swapXY"),
    defect("text total", "tag", mas_cel(header={"TotalX": "20"}), column="TotalX"),
    defect("text columns", "cell-header", CELL_ROWS.replace("MEAN\tSTDV", "STDV\tMEAN").encode(), column="[INTENSITY]"),
    defect("text without columns", "cell-header", CELL_ROWS.replace("CellHeader=X\tY\r\n1", "1").encode()),
    defect(
        "text row of four", "row", CELL_ROWS.replace("102.0\t1.5\t 16", "102.0\t 16").encode(), column="[INTENSITY]"
    ),
    defect("text mean in words", "row", CELL_ROWS.replace("102.0", "high").encode(), column="MEAN"),
    defect("text mean with a mark", "row", CELL_ROWS.replace("102.0\t1.5\t 16", "1_02.0\t1.5\t 16").encode()),
    defect("text pixels with a fraction", "row", CELL_ROWS.replace("102.0\t1.5\t 16", "102.0\t1.5\t1.6").encode()),
    defect("text place in words", "row", CELL_ROWS.replace("  0\t  1\t", "  x\t  1\t").encode()),
    defect("text mean below zero", "intensity", CELL_ROWS.replace("102.0", "-102.0").encode(), column="MEAN"),
    defect("text mean not a number", "intensity", CELL_ROWS.replace("102.0", "nan").encode(), column="MEAN"),
    defect("text pixels below none", "pixels", CELL_ROWS.replace("102.0\t1.5\t 16", "102.0\t1.5\t-16").encode()),
    defect("text cell twice", "cell-twice", CELL_ROWS.replace("  0\t  1\t102", "  1\t  0\t102").encode()),
    defect("text cell outside", "outside", CELL_ROWS.replace("  0\t  1\t102", "  2\t  1\t102").encode(), column="X"),
    defect("text mask outside", "outside", mas_cel(masks=["0\t3"]), column="Y"),
    defect("text modified outside", "outside", mas_cel(modified=["2\t0\t1.5"]), column="X"),
    defect("text fewer masks", "cells", CELL_ROWS.replace("1\t2\r\n", "").encode(), column="[MASKS]"),
    defect("text more outliers", "cells", CELL_ROWS.replace("0\t1\r\n", "0\t1\r\n0\t0\r\n").encode()),
]
FORMATS = [
    FormatCases(
        format="cel",
        file="scan.cel",
        valid={
            "generic of the demo": VALID,
            "generic": console().written(),
            "generic with free bytes": console(gap=1).written(),
            "generic with the last free byte cut off": console(gap=1).written()[:-1],
            "generic of two channels": two_channels(),
            "generic in gzip": gzip.compress(console().written()),
            "generic without parents": generic_cel(replace(SCAN, parent=None), INTENSITIES),
            "generic, large": console(rows=300, columns=200).written(),
            "binary 4": GCOS,
            "binary 4 without grids": gcos_cel(grids=0),
            "binary 4 without masks": gcos_cel(masks=[], outliers=[]),
            "binary 4 of before": binary_4(),
            "text 3": mas_cel(),
            "text 3, unix line ends": mas_cel().replace(b"\r\n", b"\n"),
            "text 3 without masks": mas_cel(masks=[], outliers=[], modified=[]),
            "text 3, cells in another order": mas_cel([f"{n // 3}\t{n % 3}\t{100 + n}.5\t1e1\t9" for n in range(6)]),
            "text 3 of before": text_3(),
        },
        clean=["generic of the demo", "generic", "generic of two channels", "generic, large", "binary 4", "text 3"],
        defects=DEFECTS,
    )
]
