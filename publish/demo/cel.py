"""Writes small Affymetrix CEL files in the Command Console "generic" form, for the demo bank and the tests.

Pure and deterministic: the same scan gives the same bytes. Positions are as the specification says
(the next data set starts right after the rows; the last group's next position is 0).
Source: Affymetrix Command Console generic data file format; CEL data file format.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentFile:
    """A file that the scan was made from, as its generic data header names it.

    Attributes:
        identifier: the kind of file, such as ``affymetrix-calvin-scan-acquisition``.
        guid: its unique identifier.
        created: date and time, ``YYYY-MM-DDTHH:MM:SSZ``.
        parameters: text parameters by name.
        parent: the file that this one was made from, such as the array.
    """

    identifier: str
    guid: str
    created: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    parent: ParentFile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayScan:
    """What the header of a CEL file says.

    Attributes:
        chip_type: the array's type, such as ``CytoScanHD_Array``.
        rows: rows of cells.
        columns: columns of cells.
        guid: unique identifier of the file.
        created: date and time, ``YYYY-MM-DDTHH:MM:SSZ``.
        parameters: further text parameters by name, such as ``affymetrix-scan-date``.
        parent: the file that the intensities were made from.
    """

    chip_type: str
    rows: int
    columns: int
    guid: str
    created: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    parent: ParentFile | None = None


_UINT_BYTES = 4
#: Name, columns as (name, type, bytes): type 6 is a float of 4 bytes, type 2 an integer of 2.
_DATA_SETS = (
    ("Intensity", (("Intensity", 6, 4),)),
    ("StdDev", (("StdDev", 6, 4),)),
    ("Pixel", (("Pixel", 2, 2),)),
    ("Outlier", (("X", 2, 2), ("Y", 2, 2))),
    ("Mask", (("X", 2, 2), ("Y", 2, 2))),
)
_PIXELS = 25


def generic_cel(scan: ArrayScan, intensities: Sequence[float]) -> bytes:
    """The bytes of a CEL file.

    Args:
        scan: the header.
        intensities: one a cell, row by row; rows x columns of them. The standard deviation is a tenth
            of the intensity, every cell has 25 pixels, and there are no outliers or masked cells.

    Raises:
        ValueError: the number of intensities is not rows times columns.
    """
    cells = scan.rows * scan.columns
    if len(intensities) != cells:
        raise ValueError(f"{cells} intensities wanted, {len(intensities)} given")
    header = _header(scan)
    start = 2 + 2 * _UINT_BYTES + len(header)
    name = _wide("Default Group")
    content = struct.pack(">BBiI", 59, 1, 1, start) + header
    content += struct.pack(">IIi", 0, start + 3 * _UINT_BYTES + len(name), len(_DATA_SETS)) + name
    rows = {
        "Intensity": struct.pack(f">{cells}f", *intensities),
        "StdDev": struct.pack(f">{cells}f", *(value / 10 for value in intensities)),
        "Pixel": struct.pack(">h", _PIXELS) * cells,
    }
    for data_set, columns in _DATA_SETS:
        content += _data_set(len(content), data_set, columns, rows.get(data_set, b""))
    return content


def _header(scan: ArrayScan) -> bytes:
    sizes = (("affymetrix-cel-rows", scan.rows), ("affymetrix-cel-cols", scan.columns))
    numbers = [_parameter(name, struct.pack(">i", value), "text/x-calvin-integer-32") for name, value in sizes]
    texts = _texts({"affymetrix-array-type": scan.chip_type, **scan.parameters})
    return _data_header(
        ("affymetrix-calvin-intensity", scan.guid, scan.created), [*texts, *numbers], _parents(scan.parent)
    )


def _data_header(names: tuple[str, str, str], parameters: Sequence[bytes], parents: Sequence[bytes]) -> bytes:
    identifier, guid, created = names
    return b"".join(
        (
            _narrow(identifier),
            _narrow(guid),
            _wide(created),
            _wide("en-US"),
            struct.pack(">i", len(parameters)),
            *parameters,
            struct.pack(">i", len(parents)),
            *parents,
        )
    )


def _parents(parent: ParentFile | None) -> list[bytes]:
    if parent is None:
        return []
    names = (parent.identifier, parent.guid, parent.created)
    return [_data_header(names, _texts(parent.parameters), _parents(parent.parent))]


def _texts(parameters: Mapping[str, str]) -> list[bytes]:
    return [_parameter(name, value.encode("utf-16-be"), "text/plain") for name, value in parameters.items()]


def _parameter(name: str, value: bytes, kind: str) -> bytes:
    return _wide(name) + struct.pack(">i", len(value)) + value + _wide(kind)


def _data_set(start: int, name: str, columns: Sequence[tuple[str, int, int]], rows: bytes) -> bytes:
    described = b"".join(_wide(column) + struct.pack(">bi", kind, size) for column, kind, size in columns)
    head = _wide(name) + struct.pack(">iI", 0, len(columns)) + described
    row_bytes = sum(size for _, _, size in columns)
    head += struct.pack(">I", len(rows) // row_bytes)
    first = start + 2 * _UINT_BYTES + len(head)
    return struct.pack(">II", first, first + len(rows)) + head + rows


def _narrow(text: str) -> bytes:
    raw = text.encode("ascii")
    return struct.pack(">i", len(raw)) + raw


def _wide(text: str) -> bytes:
    raw = text.encode("utf-16-be")
    return struct.pack(">i", len(raw) // 2) + raw
