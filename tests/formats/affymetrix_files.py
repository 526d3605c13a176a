"""Writers of Affymetrix' array files, byte by byte after their documents, and independent of the readers."""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field


def wide(text: str) -> bytes:
    """WSTRING: the number of characters, then UTF-16."""
    return struct.pack(">i", len(text)) + text.encode("utf-16-be")


def narrow(text: str) -> bytes:
    """STRING: the number of characters, then ASCII."""
    return struct.pack(">i", len(text)) + text.encode("ascii")


Value = str | int | float | bytes


def parameter(name: str, value: Value) -> bytes:
    """A name/value/type triplet; bytes are ASCII text, as statistics have it."""
    if isinstance(value, str):
        raw, kind = value.encode("utf-16-be"), "text/plain"
    elif isinstance(value, bytes):
        raw, kind = value, "text/ascii"
    elif isinstance(value, int):
        raw, kind = struct.pack(">i12x", value), "text/x-calvin-integer-32"
    else:
        raw, kind = struct.pack(">f12x", value), "text/x-calvin-float"
    return wide(name) + struct.pack(">i", len(raw)) + raw + wide(kind)


def data_header(
    identifier: str,
    guid: str,
    created: str = "",
    parameters: dict[str, Value] | None = None,
    parents: Sequence[bytes] = (),
) -> bytes:
    """A generic data header."""
    content = narrow(identifier) + narrow(guid) + wide(created) + wide("en-US")
    content += struct.pack(">i", len(parameters or {}))
    content += b"".join(parameter(name, value) for name, value in (parameters or {}).items())
    return content + struct.pack(">i", len(parents)) + b"".join(parents)


#: Type numbers and struct codes of the columns.
CODES = {"b": 0, "B": 1, "h": 2, "H": 3, "i": 4, "I": 5, "f": 6}


@dataclass(kw_only=True)
class Table:
    """A data set: columns as (name, struct code, or the number of bytes of an ASCII text) and rows."""

    name: str
    columns: Sequence[tuple[str, str | int]]
    rows: Sequence[Sequence[Value]]
    declared: int | None = None

    def described(self) -> bytes:
        """The columns and the number of rows."""
        content = struct.pack(">I", len(self.columns))
        for name, kind in self.columns:
            size = struct.calcsize(kind) if isinstance(kind, str) else kind + 4
            content += wide(name) + struct.pack(">bi", CODES[kind] if isinstance(kind, str) else 7, size)
        return content + struct.pack(">I", len(self.rows) if self.declared is None else self.declared)

    def content(self) -> bytes:
        """The rows."""
        written = b""
        for row in self.rows:
            for (_, kind), value in zip(self.columns, row, strict=True):
                if isinstance(kind, str):
                    written += struct.pack(">" + kind, value)
                else:
                    raw = str(value).encode()
                    written += struct.pack(">i", len(raw)) + raw.ljust(kind, b"\0")
        return written


@dataclass(kw_only=True)
class Console:
    """A Command Console file.

    Attributes:
        header: its generic data header with those of its parents.
        groups: names and data sets.
        gap: bytes that the writer leaves free after each data set, 0 or 1.
    """

    header: bytes
    groups: Sequence[tuple[str, Sequence[Table]]]
    gap: int = 0
    starts: dict[str, int] = field(default_factory=dict)

    def written(self) -> bytes:
        """The file; the last group's next position is 0, the last data set's is the end of its rows (and the gap)."""
        content = bytearray(struct.pack(">BBi", 59, 1, len(self.groups)) + bytes(4) + self.header)
        self._patch(content, 6, len(content))
        for number, (name, tables) in enumerate(self.groups):
            start = len(content)
            content += bytes(8) + struct.pack(">i", len(tables)) + wide(name)
            self._patch(content, start + 4, len(content))
            for table in tables:
                self._add(content, table)
            if number + 1 < len(self.groups):
                self._patch(content, start, len(content))
        return bytes(content)

    def _add(self, content: bytearray, table: Table) -> None:
        start = len(content)
        content += bytes(8) + wide(table.name) + struct.pack(">i", 0) + table.described()
        self._patch(content, start, len(content))
        self.starts[table.name] = len(content)
        content += table.content() + bytes(self.gap)
        self._patch(content, start + 4, len(content))

    @staticmethod
    def _patch(content: bytearray, at: int, position: int) -> None:
        content[at : at + 4] = struct.pack(">I", position)


ARRAY = data_header("affymetrix-calvin-array", "0000-array", "", {"affymetrix-array-barcode": "@5500123456"})
SCAN = data_header(
    "affymetrix-calvin-scan-acquisition",
    "0000-scan",
    "2021-05-04T09:00:00Z",
    {"affymetrix-scan-date": "2021-05-04T09:00:00Z"},
    [ARRAY],
)
INTENSITY = "affymetrix-calvin-intensity"
MULTI = "affymetrix-calvin-multi-intensity"


def cel_header(rows: int, columns: int, identifier: str = INTENSITY, **changes: Value | None) -> bytes:
    """The header of intensities; None leaves a parameter out (``-`` is written as ``_``)."""
    parameters: dict[str, Value | None] = {
        "affymetrix-array-type": "CytoScanHD_Array",
        "affymetrix-cel-rows": rows,
        "affymetrix-cel-cols": columns,
        "affymetrix-algorithm-name": "Percentile",
        "program-name": "Command Console",
        "program-version": "5.0",
    }
    parameters |= {name.replace("_", "-"): value for name, value in changes.items()}
    known = {name: value for name, value in parameters.items() if value is not None}
    return data_header(identifier, "0000-cel", "2021-05-04T10:11:12Z", known, [SCAN])


def cel_tables(rows: int = 4, columns: int = 3, pixel: str = "h", intensity: str = "f") -> list[Table]:
    """The five data sets of one channel, with an outlier and two masked cells."""
    cells = rows * columns
    return [
        Table(name="Intensity", columns=[("Intensity", intensity)], rows=[(100 + cell,) for cell in range(cells)]),
        Table(name="StdDev", columns=[("StdDev", "f")], rows=[(1.5,)] * cells),
        Table(name="Pixel", columns=[("Pixel", pixel)], rows=[(16,)] * cells),
        Table(name="Outlier", columns=[("X", "h"), ("Y", "h")], rows=[(0, 1)]),
        Table(name="Mask", columns=[("X", "h"), ("Y", "h")], rows=[(columns - 1, rows - 1), (0, 0)]),
    ]


SUMMARY: dict[str, Value] = {
    "affymetrix-chipsummary-MAPD": 0.18,
    "affymetrix-chipsummary-snp-qc": 16.5,
    "affymetrix-chipsummary-waviness-sd": 0.09,
    "affymetrix-chipsummary-Y-gender-call": b"female",
}


def chp_header(**changes: Value | None) -> bytes:
    """The header of an analysis, which has the CEL file's as its parent."""
    parameters: dict[str, Value | None] = {
        "affymetrix-algorithm-name": "CYTO2",
        "affymetrix-algorithm-version": "1.17.0",
        "affymetrix-array-type": "CytoScanHD_Array",
        "program-name": "ChAS",
        "affymetrix-algorithm-param-genome-version-ucsc": "hg19",
        **SUMMARY,
    }
    parameters |= {name.replace("_", "-"): value for name, value in changes.items()}
    known = {name: value for name, value in parameters.items() if value is not None}
    identifier = "affymetrix-multi-data-type-analysis"
    return data_header(identifier, "0000-chp", "2021-05-05T10:11:12Z", known, [cel_header(4, 3)])


def cychp_groups(probes: int = 24, seed: int = 4) -> list[tuple[str, list[Table]]]:
    """The data groups of a CYCHP: chromosomes 1 and X, a call for every second probe set."""
    chance = random.Random(seed)
    half = probes // 2
    places = [(1 if number < half else 24, 1_000_000 + 1000 * number) for number in range(probes)]
    summary = Table(
        name="Summary",
        columns=[("Chromosome", "B"), ("Display", 4), ("StartIndex", "I"), ("MarkerCount", "I"), ("MinSignal", "f")],
        rows=[(1, "1", 0, half, -1.0), (24, "X", half, probes - half, -1.0)],
    )
    numbers = Table(
        name="CopyNumber",
        columns=[("ProbeSetName", 12), ("Chromosome", "B"), ("Position", "I"), ("Log2Ratio", "f")],
        rows=[
            (f"C-{n:06d}", *place, float("nan") if n == 3 else chance.gauss(0, 0.2)) for n, place in enumerate(places)
        ],
    )
    signals = Table(
        name="MarkerABSignal", columns=[("Index", "I"), ("SCAR", "f")], rows=[(n, 0.5) for n in range(probes)]
    )
    segments = Table(
        name="CN",
        columns=[
            ("SegmentID", "I"),
            ("Chromosome", "B"),
            ("StartPosition", "I"),
            ("StopPosition", "I"),
            ("State", "f"),
        ],
        rows=[(1, 1, 1_000_000, 1_020_000, 3.0)],
    )
    calls = Table(
        name="Calls",
        columns=[("Index", "I"), ("Call", "B"), ("Confidence", "f"), ("ForcedCall", "B")],
        rows=[(n, chance.choice((6, 7, 8, 11)), 0.01, 7) for n in range(0, probes, 2)],
    )
    return [
        ("Chromosomes", [summary]),
        ("ProbeSets", [numbers]),
        ("AlgorithmData", [signals]),
        ("Segments", [segments]),
        ("Genotyping", [calls]),
    ]


def genotype_table(count: int = 10) -> Table:
    """The data set of Genotyping Console."""
    chance = random.Random(6)
    return Table(
        name="Genotype",
        columns=[("ProbeSetName", 14), ("Call", "B"), ("Confidence", "f"), ("ForcedCall", "B"), ("SignalA", "f")],
        rows=[
            (f"SNP_A-{n:07d}", chance.choice((6, 7, 8, 11)), 0.02, chance.choice((6, 7, 8)), 900.0)
            for n in range(count)
        ],
    )


def gcos_cel(cells: Sequence[tuple[float, float, int]] | None = None, **changes: object) -> bytes:
    """A CEL file of version 4 with 2 columns and 3 rows; a masked cell, an outlier, a sub-grid.

    Args:
        cells: mean, deviation and pixels of each.
        **changes: ``columns``, ``rows``, ``count``, ``header`` (tags), ``masks``, ``outliers``, ``grids``.
    """
    values = list(cells) if cells is not None else [(100.0 + cell, 1.5, 16) for cell in range(6)]
    tags = {
        "Cols": "2", "Rows": "3", "TotalX": "2", "TotalY": "3", "OffsetX": "0", "OffsetY": "0",
        "GridCornerUL": "219 235", "GridCornerUR": "4484 253", "GridCornerLR": "4469 4518", "GridCornerLL": "205 4501",
        "Axis-invertX": "0", "AxisInvertY": "0", "swapXY": "0",
        "DatHeader": "[0..65534]  chip-7:CLS=4733 RWS=4733 05/04/21 10:11:12    HG-U133.1sq  6",
        "Algorithm": "Percentile", "AlgorithmParameters": "Percentile:75;CellMargin:2",
    }  # fmt: skip
    header: dict[str, str] = {**tags, **changes.get("header", {})}  # type: ignore[dict-item]
    masks: list[tuple[int, int]] = changes.get("masks", [(1, 2)])  # type: ignore[assignment]
    outliers: list[tuple[int, int]] = changes.get("outliers", [(0, 1)])  # type: ignore[assignment]
    grids = int(str(changes.get("grids", 1)))
    sizes = (changes.get("columns", 2), changes.get("rows", 3), changes.get("count", len(values)))
    content = struct.pack("<5i", 64, 4, *sizes)
    written = "".join(f"{name}={value}\n" for name, value in header.items())
    for text in (written, "Percentile", "Percentile:75;CellMargin:2;OutlierHigh:1.500;OutlierLow:1.004"):
        content += struct.pack("<i", len(text)) + text.encode("latin-1")
    content += struct.pack("<iIIi", 2, len(outliers), len(masks), grids)
    content += b"".join(struct.pack("<ffh", *cell) for cell in values)
    content += b"".join(struct.pack("<2h", *entry) for entry in (*masks, *outliers))
    return content + struct.pack("<2i8f4i", 0, 0, *([1.0] * 8), 0, 0, 1, 2) * max(0, grids)


def mas_cel(cells: Sequence[str] | None = None, **sections: object) -> bytes:
    """A CEL file of version 3 with 2 columns and 3 rows.

    Args:
        cells: rows of the intensities.
        **sections: ``header`` (tags), ``masks``, ``outliers``, ``modified`` (rows), ``version``.
    """
    rows = list(cells) if cells is not None else [f"  {n % 2}\t  {n // 2}\t{100 + n}.0\t1.5\t 16" for n in range(6)]
    tags = {
        "Cols": "2", "Rows": "3", "TotalX": "2", "TotalY": "3", "OffsetX": "0", "OffsetY": "0",
        "GridCornerUL": "219 235", "swapXY": "0",
        "DatHeader": "[0..46109]  chip-7:CLS=4733 RWS=4733 05/04/21 10:11:12    Test3.1sq  6",
        "Algorithm": "Percentile", "AlgorithmParameters": "Percentile:75;CellMargin:2",
    }  # fmt: skip
    header: dict[str, str] = {**tags, **sections.get("header", {})}  # type: ignore[dict-item]
    lines = ["[CEL]", f"Version={sections.get('version', 3)}", "", "[HEADER]", *(f"{n}={v}" for n, v in header.items())]
    tables: dict[str, tuple[str, list[str]]] = {
        "INTENSITY": ("X\tY\tMEAN\tSTDV\tNPIXELS", rows),
        "MASKS": ("X\tY", sections.get("masks", ["1\t2"])),  # type: ignore[dict-item]
        "OUTLIERS": ("X\tY", sections.get("outliers", ["0\t1"])),  # type: ignore[dict-item]
        "MODIFIED": ("X\tY\tORIGMEAN", sections.get("modified", ["1\t0\t99.5"])),  # type: ignore[dict-item]
    }
    for name, (columns, entries) in tables.items():
        lines += ["", f"[{name}]", f"NumberCells={len(entries)}", f"CellHeader={columns}", *entries]
    return "".join(line + "\r\n" for line in lines).encode("latin-1")


def arr(root: str = "", arrays: str | None = None, attributes: str = "", prolog: str = "") -> str:
    """A sample file; ``root`` replaces the attributes of its first element."""
    members = root or 'GUID="0000065535-1237932374" Type="affymetrix-calvin-arraysetfile" Version="1.0"'
    members += ' CreatedDateTime="2021-05-03T08:00:00Z" OriginalProjectName="Default"' if not root else ""
    listed = arrays if arrays is not None else ARRAY_ELEMENT
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{prolog}<ArraySetFile {members}>\n'
        f"<PhysicalArrays>{listed}</PhysicalArrays>\n"
        f"<UserAttributes>{attributes}</UserAttributes>\n</ArraySetFile>\n"
    )


ARRAY_ELEMENT = (
    '<PhysicalArray GUID="0000065535-0000000001" ArrayName="chip-7" AffyBarcode="@5500123456"'
    ' MasterFileName="CytoScanHD_Array.MASTER" MasterFileGUID="0000065535-0000000009"'
    ' CreatedDateTime="2021-05-03T08:00:00Z"><ArrayAttribute Name="Lot" Value="4321"/></PhysicalArray>'
)
