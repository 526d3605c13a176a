"""Writers of Illumina's array files, byte by byte after their documents, and independent of the readers."""

from __future__ import annotations

import random
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


def text(value: str) -> bytes:
    """A .NET string: its length in groups of seven bits, lowest first, then UTF-8."""
    raw = value.encode("utf-8")
    length, prefix = len(raw), b""
    while length > 127:
        prefix += bytes([128 + length % 128])
        length //= 128
    return prefix + bytes([length]) + raw


RUNS = (
    ("3/1/2011 7:53:01 PM", "Decoding", "", "", "1.0"),
    (
        "3/4/2021 9:12:44 AM",
        "Scan",
        "sherlockID=N296|ScannerID=N296|Username=Illumina User|SoftwareApplication=iScan Control Software"
        "|SoftwareVersion=3.4.8",
        "Scan",
        "3.4.8",
    ),
    ("3/4/2021 9:15:02 AM", "Register", "Algorithm=StandardGrid", "Register", "3.4.8"),
)


def run_info(runs: Sequence[Sequence[str]] = RUNS) -> bytes:
    """Field 300."""
    return struct.pack("<i", len(runs)) + b"".join(text(part) for run in runs for part in run)


def idat_fields(probes: int = 40, seed: int = 1, **changes: bytes | None) -> dict[int, bytes]:
    """The fields of a scan in the order in which the scanner writes them.

    Args:
        probes: how many.
        seed: of the intensities; the identifiers are the same for every seed.
        **changes: other content by field (``f402``), None to leave one out.
    """
    chance = random.Random(seed)
    identifiers = [10_600_313 + 7 * number for number in range(probes)]
    fields: dict[int, bytes | None] = {
        1000: struct.pack("<i", probes),
        102: struct.pack(f"<{probes}i", *identifiers),
        103: struct.pack(f"<{probes}H", *(chance.randrange(900) for _ in range(probes))),
        104: struct.pack(f"<{probes}H", *(chance.randrange(65_535) for _ in range(probes))),
        107: bytes(chance.randrange(1, 30) for _ in range(probes)),
        200: struct.pack(f"<i{probes}i", probes, *identifiers),
        400: struct.pack("<i", 0),
        401: text(""),
        402: text("204776850065"),
        403: text("BeadChip 8x5"),
        404: text("R01C01"),
        405: text(""),
        406: text(""),
        407: text(""),
        408: text(""),
        409: text(""),
        410: text(""),
        510: text(""),
        300: run_info(),
    }
    fields |= {int(name[1:]): content for name, content in changes.items()}
    return {code: content for code, content in fields.items() if content is not None}


@dataclass(kw_only=True)
class Placed:
    """A binary file and where its fields are.

    Attributes:
        content: its bytes.
        starts: offset of each field by code.
        entries: offset of each field's entry in the table.
    """

    content: bytes
    starts: dict[int, int] = field(default_factory=dict)
    entries: dict[int, int] = field(default_factory=dict)

    def with_offset(self, code: int, offset: int, size: int = 8) -> bytes:
        """The file with another offset in the table."""
        at = self.entries[code] + 2
        return self.content[:at] + offset.to_bytes(size, "little", signed=True) + self.content[at + size :]

    def at(self, offset: int, new: bytes) -> bytes:
        """The file with other bytes at a place."""
        return self.content[:offset] + new + self.content[offset + len(new) :]


def idat(fields: Mapping[int, bytes], order: Sequence[int] | None = None, version: int = 3) -> Placed:
    """A file of these fields; the table lists them in ``order`` (as they lie, when None)."""
    codes = list(order or fields)
    placed = Placed(content=b"IDAT" + struct.pack("<qi", version, len(codes)))
    at = len(placed.content) + 10 * len(codes)
    for code, content in fields.items():
        placed.starts[code] = at
        at += len(content)
    for code in codes:
        placed.entries[code] = len(placed.content)
        placed.content += struct.pack("<Hq", code, placed.starts[code])
    placed.content += b"".join(fields.values())
    return placed


def counted(code: str, values: Sequence[object]) -> bytes:
    """An array of a GTC file: the number of its values, then the values."""
    return struct.pack(f"<i{len(values)}{code}", len(values), *values)


def gtc_fields(probes: int = 30, version: int = 5, seed: int = 2, **changes: bytes | None) -> dict[int, bytes]:
    """The fields of a file of genotype calls (without those that stand in the table itself)."""
    chance = random.Random(seed)
    codes = [chance.choice((0, 1, 2, 3)) for _ in range(probes)]
    bases = [(b"--", b"AA", b"AG", b"GG")[code] for code in codes]
    transform = struct.pack("<i12f", 1, *([0.5] * 12))
    calls = sum(code != 0 for code in codes)
    floats = [chance.random() for _ in range(probes)]
    fields: dict[int, bytes | None] = {
        10: text("KSCBi005-A"),
        11: text("plate 1"),
        12: text("A01"),
        100: text("GSA-24v3-0_A1_ClusterFile.egt"),
        101: text("GSA-24v3-0_A1.bpm"),
        200: text("Monday, December 01, 2014 4:51:47 PM"),
        201: text("2/17/2015 1:47 PM"),
        300: text("1.6.3.1"),
        400: struct.pack("<i", 2) + transform * 2,
        500: counted("H", range(23)),
        501: counted("H", range(23)),
        1000: counted("H", [chance.randrange(65_535) for _ in range(probes)]),
        1001: counted("H", [chance.randrange(65_535) for _ in range(probes)]),
        1002: counted("B", codes),
        1003: struct.pack("<i", probes) + b"".join(bases),
        1004: counted("f", floats),
        1005: text("N296") + struct.pack("<2i", 900, 1100) + text("3.4.8") + text("Illumina User"),
        1006: struct.pack("<f", calls / probes),
        1007: b"F",
        1008: struct.pack("<f", 0.12),
        1009: struct.pack("<f", 0.41),
        1010: struct.pack("<i", 0),
        1011: struct.pack("<f3i", 0.83, calls, probes - calls, 0),
    }
    if version >= 4:
        frequencies = [(0.0, 0.01, 0.5, 1.0)[code] for code in codes]
        fields[1012] = counted("f", [float("nan"), *frequencies[1:]])
        fields[1013] = counted("f", [chance.gauss(0, 0.15) for _ in range(probes)])
    if version >= 5:
        fields[1014] = struct.pack("<3H", 10, 500, 9000)
        fields[1015] = struct.pack("<3H", 12, 510, 9100)
        fields[1016] = text("204776850065")
    fields |= {int(name[1:]): content for name, content in changes.items()}
    return {code: content for code, content in fields.items() if content is not None}


def gtc(fields: Mapping[int, bytes], probes: int = 30, version: int = 5, **inline: int | None) -> Placed:
    """A file of these fields; ``inline`` replaces numbers that stand in the table (``f1``), None leaves one out."""
    numbers: dict[int, int | None] = {1: probes, 2: 2, 3: 1}
    numbers |= {int(name[1:]): value for name, value in inline.items()}
    known = {code: value for code, value in numbers.items() if value is not None}
    count = len(known) + len(fields)
    placed = Placed(content=b"gtc" + bytes([version]) + struct.pack("<i", count))
    at = len(placed.content) + 6 * count
    for code, content in fields.items():
        placed.starts[code] = at
        at += len(content)
    for code, value in {**known, **placed.starts}.items():
        placed.entries[code] = len(placed.content)
        placed.content += struct.pack("<HI", code, value & 0xFFFFFFFF)
    placed.content += b"".join(fields.values())
    return placed


HEADER = {
    "GSGT Version": "2.0.4",
    "Processing Date": "3/4/2021 9:25 AM",
    "Content": "GSA-24v3-0_A1.bpm",
    "Num SNPs": "",
    "Total SNPs": "",
    "Num Samples": "",
    "Total Samples": "",
}
COLUMNS = (
    "SNP Name", "Sample ID", "Chr", "Position", "Allele1 - Forward", "Allele2 - Forward", "Allele1 - AB",
    "Allele2 - AB", "GC Score", "Theta", "R", "X", "Y", "X Raw", "Y Raw", "B Allele Freq", "Log R Ratio",
)  # fmt: skip


@dataclass(kw_only=True)
class Report:
    """A FinalReport that can be changed before it is written.

    Attributes:
        header: members; None leaves one out.
        columns: names of the columns.
        rows: cells of the rows.
        separator: a tab or a comma.
        line_end: as GenomeStudio writes on Windows.
    """

    header: dict[str, str | None]
    columns: list[str]
    rows: list[list[str]]
    separator: str = "\t"
    line_end: str = "\r\n"

    def written(self) -> bytes:
        """The file."""
        separator = self.separator
        lines = ["[Header]"]
        for name, value in self.header.items():
            if value is not None:
                lines.append(name + separator + (separator if name == "Content" else "") + value)
        lines += ["[Data]", separator.join(self.columns), *(separator.join(row) for row in self.rows)]
        return "".join(line + self.line_end for line in lines).encode()

    def line_of(self, row: int) -> int:
        """The line of a row, which counts from 0."""
        return 3 + sum(value is not None for value in self.header.values()) + row + 1

    def set(self, row: int, column: str, value: str) -> Report:
        """Puts another value into a cell."""
        self.rows[row][self.columns.index(column)] = value
        return self


def report(snps: int = 12, samples: Sequence[str] = ("KSCBi005-A",), seed: int = 3) -> Report:
    """A report of random calls on chromosomes 1, X, Y, XY and MT."""
    chance = random.Random(seed)
    header: dict[str, str | None] = dict(HEADER)
    header |= {"Num SNPs": str(snps), "Total SNPs": str(snps + 5)}
    header |= {"Num Samples": str(len(samples)), "Total Samples": str(len(samples) + 1)}
    rows = []
    for sample in samples:
        for number in range(snps):
            chromosome = ("1", "X", "Y", "XY", "MT", "0", "22")[number % 7]
            alleles = chance.choice(("AA", "AG", "GG", "--", "DI", "II"))
            letters = {"AA": "AA", "AG": "AB", "GG": "BB", "--": "--", "DI": "AB", "II": "BB"}[alleles]
            frequency = {"AA": "0.0000", "AG": "0.5012", "GG": "1.0000"}.get(alleles, "NaN")
            rows.append(
                [
                    f"rs{1000 + number}", sample, chromosome, str(16_000 + number), *alleles, *letters, "0.9506",
                    f"{chance.random():.3f}", "1.220", "0.037", "0.801", "812", "1409", frequency,
                    chance.choice(("-0.1182", "0.0099", "-Infinity", "NaN")),
                ]
            )  # fmt: skip
    return Report(header=header, columns=list(COLUMNS), rows=rows)
