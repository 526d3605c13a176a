"""Makers of tables of intervals, seeded, so that a size can be chosen and a run repeated."""

from __future__ import annotations

import random
from collections.abc import Sequence

Row = list[str]

CONTIGS = ("chr1", "chr2", "chrX", "chrUn_GL000220v1")


def text(rows: Sequence[Sequence[str]], *, separator: str = "\t", end: str = "\n") -> bytes:
    """Rows as lines."""
    return "".join(separator.join(row) + end for row in rows).encode("latin-1")


def with_cells(rows: Sequence[Row], line: int, **cells: str) -> list[Row]:
    """The rows with a few cells of one line replaced; cells are called c1, c2 ... as columns are counted."""
    made = [list(row) for row in rows]
    for name, value in cells.items():
        made[line - 1][int(name[1:]) - 1] = value
    return made


def regions(count: int = 24, columns: int = 12, seed: int = 1) -> list[Row]:
    """Rows of BED, sorted, without overlap, of several contigs."""
    chance = random.Random(seed)
    rows: list[Row] = []
    for number in range(count):
        contig = CONTIGS[len(CONTIGS) * number // count]
        start = chance.randrange(20, 400) + (int(rows[-1][2]) if rows and rows[-1][0] == contig else 0)
        size = chance.randrange(40, 900)
        end = start + size
        first = chance.randrange(1, size // 2)
        row = [contig, str(start), str(end), f"region.{number}", str(chance.randrange(1001)), chance.choice("+-.")]
        row += [str(start), str(end - 1), chance.choice(("0", "255,0,0", "0,64,128"))]
        row += ["2", f"{first},{size // 3},", f"0,{size - size // 3},"] if number % 3 else ["1", str(size), "0"]
        rows.append(row[:columns])
    return rows


def values(count: int = 24, seed: int = 2) -> list[Row]:
    """Rows of bedGraph, sorted, without overlap."""
    chance = random.Random(seed)
    return [
        [*row[:3], chance.choice(("0", "-1.5", "12.25", "3e-2", f"{chance.random():.9f}", ".5", "+7"))]
        for row in regions(count, 3, seed)
    ]


def cytosines(count: int = 24, seed: int = 3) -> list[tuple[str, int, int, int]]:
    """Contig, position from 1, methylated and other calls of covered cytosines, sorted."""
    chance = random.Random(seed)
    made: list[tuple[str, int, int, int]] = []
    position = 0
    for number in range(count):
        contig = CONTIGS[len(CONTIGS) * number // count]
        position = chance.randrange(2, 60) + (position if made and made[-1][0] == contig else 10)
        methylated, other = chance.randrange(40), chance.randrange(1, 20)
        made.append((contig, position, methylated, other))
    return made


def printed(value: float) -> str:
    """A number as Perl prints it, with which Bismark writes its percentages."""
    return f"{value:.15g}"


def coverage(count: int = 24, *, span: int = 0, decimals: int | None = None) -> list[Row]:
    """Rows of Bismark's coverage; with a span of 1 those of merged CpGs."""
    rows = []
    for contig, position, m, u in cytosines(count):
        percentage = 100 * m / (m + u)
        shown = printed(percentage) if decimals is None else f"{percentage:.{decimals}f}"
        rows.append([contig, str(position), str(position + span), shown, str(m), str(u)])
    return rows


def percentages(count: int = 24) -> list[Row]:
    """Rows of Bismark's bedGraph."""
    return [[row[0], str(int(row[1]) - 1), row[1], row[3]] for row in coverage(count)]


def report(count: int = 12, *, every: bool = False) -> list[Row]:
    """Rows of Bismark's CpG report, both strands of each CpG; of the report of all cytosines when asked for."""
    chance = random.Random(5)
    rows: list[Row] = []
    position = 0
    for number in range(count):
        contig = CONTIGS[len(CONTIGS) * number // count]
        position = chance.randrange(6, 40) + (position if rows and rows[-1][0] == contig else 10)
        pair = [("+", "CG", "CG" + chance.choice("ACGTN")), ("-", "CG", "CG" + chance.choice("ACGTN"))]
        others = [(chance.choice("+-"), "CHG", "CAG"), ("+", "CHH", "CTN"), ("-", "CHH", "CNN"), ("+", "CHG", "CCG")]
        for step, (strand, context, three) in enumerate(pair + (others[: chance.randrange(5)] if every else [])):
            calls = (0, 0) if chance.random() < 0.3 else (chance.randrange(30), chance.randrange(30))
            rows.append([contig, str(position + step), strand, str(calls[0]), str(calls[1]), context, three])
        position = int(rows[-1][1])
    return rows


def modifications(count: int = 12, columns: int = 18, names: Sequence[str] = ("h", "m")) -> list[Row]:
    """Rows of bedMethyl: each base once for every name."""
    chance = random.Random(7)
    rows: list[Row] = []
    for contig, position, _, _ in cytosines(count):
        strand = chance.choice("+-")
        total = chance.randrange(1, 40)
        shares = [chance.randrange(total // len(names) + 1) for _ in names]
        canonical = total - sum(shares)
        span = [str(position - 1), str(position)]
        for name, modified in zip(names, shares, strict=True):
            percentage = f"{100 * modified / total:.2f}"
            other = total - canonical - modified
            more = [str(chance.randrange(4)) for _ in range(4)]
            row = [contig, *span, name, str(total), strand, *span, "255,0,0", str(total), percentage]
            rows.append([*row, str(modified), str(canonical), str(other), *more][:columns])
    return rows
