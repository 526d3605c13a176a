"""The rows of a FinalReport in its standard form: one for each SNP and sample."""

from __future__ import annotations

import re
from array import array

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.arrays.builds import assembly_rule
from catalog.formats.arrays.final_report_columns import HALF_CALL, Column, judge_of
from catalog.formats.arrays.final_report_header import ReportHeader, report_error, report_wish
from catalog.formats.arrays.final_report_sample import SampleCalls
from catalog.formats.arrays.genotype_rows import TABLE, ReportColumns, ReportGenotypes
from catalog.formats.assemblies import chromosome_of
from catalog.formats.personal import personal_rule
from catalog.formats.protocol import Facts, Reading

AGAIN = "export the report again; a file that was sorted, cut or joined is no FinalReport"
COLUMN_MISSING = report_error("column-missing", "there is no column {part}", AGAIN, "[Data]")
COLUMN_REPEATED = report_error("column-repeated", "a column is there twice", AGAIN, "[Data]")
CELLS = report_error("cells", "a row has another number of cells than there are columns", AGAIN, "[Data]")
BLANK = report_error("blank-line", "a blank line stands between rows", AGAIN, "[Data]")
NAMELESS = report_error("name-empty", "a row has no {part}", AGAIN, "[Data]")
REPEATED = report_error("repeated", "a SNP is there twice for the same sample", AGAIN, "[Data]")
SNPS = report_error("snps", "the number of SNPs is not the one of the header", AGAIN, "Num SNPs")
SAMPLES = report_error("samples", "the number of samples is not the one of the header", AGAIN, "Num Samples")
ROWS = report_error("rows", "there is not one row for each SNP and sample", AGAIN, "Num SNPs, Num Samples")
ASSEMBLY = assembly_rule("final-report")
PERSONAL = personal_rule("final-report")
SAMPLE_OTHER = Rule(
    "final-report-sample-not-declared",
    Severity.ERROR,
    Level.BANK,
    "the sample that files.csv names is not in the report",
    "correct sample_id in files.csv, or put the right report there",
    "fairline; docs/records.md (sample_id)",
    "Genotypes would be published for the wrong line.",
)
SAMPLE_UNLIKE_LINE = report_wish(
    "sample-not-the-line",
    "no sample of the report has the name of the line",
    "fill in sample_id in files.csv when the laboratory calls the line so, else look whether it is the right report",
    "A swapped file looks exactly like this.",
)

ROW_RULES = (
    COLUMN_MISSING,
    COLUMN_REPEATED,
    CELLS,
    BLANK,
    NAMELESS,
    REPEATED,
    SNPS,
    SAMPLES,
    ROWS,
    ASSEMBLY,
    PERSONAL,
    SAMPLE_OTHER,
    SAMPLE_UNLIKE_LINE,
)

_SAMPLE_COLUMNS = ("Sample ID", "Sample Name")
_VALUES = re.compile(r"Alleles? ?[12]? - .+|Allele[12] - .+|B Allele Freq|Log R Ratio|X|Y|X Raw|Y Raw|R|Theta")
#: Rows of which it is known whether they are there twice: 12 bytes each.
MOST_COMPARED = 12_000_000
_MOST_SAMPLES = 60_000
MOST_LISTED = 1000
_LONGEST_NAME = 200
_DIGITS = 10


class ReportRows:
    """Rows of the standard form.

    Attributes:
        samples: their names in the order of the file (a bounded number).
        highest: the highest position by chromosome.
    """

    def __init__(self, reading: Reading, header: ReportHeader, number: int, line: bytes) -> None:
        self._reading = reading
        self._header = header
        self._separator = b"\t" if b"\t" in line else b","
        names = [cell.decode("utf-8", "replace").strip(" ") for cell in line.split(self._separator)]
        self._names = names
        header.is_by_script = any(name.startswith("Alleles - ") for name in names)
        self._line = number
        self._rows = 0
        self._is_repeated = False
        self._snps = array("q")
        self._owners = array("H")
        self._seen: dict[bytes, int] = {}
        self.highest: dict[str, int] = {}
        self._chromosomes: dict[bytes, str | None] = {}
        self._looked_at: SampleCalls | None = None
        self._judge_names(number)
        self._columns = [
            Column(name, index, judge) for index, name in enumerate(names) if (judge := judge_of(name)) is not None
        ]
        self._snp = self._index("SNP Name")
        self._sample = next((index for name in _SAMPLE_COLUMNS if (index := self._index(name)) >= 0), -1)
        self._locus = self._index("Chr"), max(self._index("Position"), self._index("MapInfo"))
        self._alleles = self._allele_columns()
        self._signals = self._index("B Allele Freq"), self._index("Log R Ratio")
        self._table = self._open_table()

    def _index(self, name: str) -> int:
        return self._names.index(name) if name in self._names else -1

    def _allele_columns(self) -> tuple[int, int]:
        """The first pair of allele columns; of bases where there is one, so that calls can be compared with others."""
        kinds = [name.removeprefix("Allele1 - ") for name in self._names if name.startswith("Allele1 - ")]
        for kind in sorted(
            kinds, key=lambda kind: ("Plus", "Forward", "Top").index(kind) if kind in ("Plus", "Forward", "Top") else 9
        ):
            second = self._index(f"Allele2 - {kind}")
            if second >= 0:
                return self._index(f"Allele1 - {kind}"), second
        one = next((name for name in self._names if name.startswith("Alleles - ")), "")
        return (self._index(one), self._index(one)) if one else (-1, -1)

    def _open_table(self) -> ReportGenotypes | None:
        """The derived table, where it is wanted and the report has its columns."""
        sink = self._reading.sink(TABLE) if self._snp >= 0 and self._sample >= 0 else None
        if sink is None:
            return None
        columns = ReportColumns(
            probe=self._snp,
            sample=self._sample,
            locus=self._locus,
            alleles=self._alleles,
            score=max(self._index("GC Score"), self._index("GenCall Score")),
            signals=self._signals,
        )
        return ReportGenotypes(sink, columns)

    def _judge_names(self, number: int) -> None:
        place = Place(line=number)
        seen: set[str] = set()
        for position, name in enumerate(self._names, 1):
            if name in seen and name:
                there = Place(line=number, column=position)
                self._reading.find(COLUMN_REPEATED.at(there, expected="each column once", got=name))
            seen.add(name)
        wanted = (("SNP Name", "SNP Name" in seen), ("Sample ID", bool(seen & set(_SAMPLE_COLUMNS))))
        for name, is_there in (*wanted, ("of genotypes or signals", any(map(_VALUES.fullmatch, seen)))):
            if not is_there:
                self._reading.find(COLUMN_MISSING.at(place, expected=name, got=", ".join(self._names), part=name))

    @property
    def samples(self) -> list[str]:
        """The names of the samples."""
        return [name.decode("utf-8", "replace") for name in list(self._seen)[:MOST_LISTED]]

    def take_many(self, lines: list[bytes]) -> bool:
        """Takes rows of which :meth:`take` would say nothing, column by column; takes none when it would, or may."""
        rows = [line.split(self._separator) for line in lines]
        if self._snp < 0 or self._sample < 0 or {len(row) for row in rows} != {len(self._names)}:
            return False
        columns = list(zip(*rows, strict=True))
        if not all(column.are_good(columns[column.index]) for column in self._columns):
            return False
        snps, samples = columns[self._snp], columns[self._sample]
        owners = set(samples)
        if b"" in snps or not owners <= self._seen.keys() or self._has_half_call(columns):
            return False
        self._rows += len(rows)
        if len(self._snps) < MOST_COMPARED:
            self._snps.extend(map(hash, snps))
            self._owners.extend(map(self._seen.__getitem__, samples))
        self._note_loci(columns)
        if self._table is not None:
            self._table.add_many(columns)
        looked_at = self._looked_at
        if looked_at is not None and looked_at.name.encode() in owners:
            if len(owners) == 1:
                self._add_many(looked_at, columns)
            else:
                for row in rows:
                    if row[self._sample] == looked_at.name.encode():
                        self._add(looked_at, row[self._snp], row)
        return True

    def _has_half_call(self, columns: list[tuple[bytes, ...]]) -> bool:
        first, second = self._alleles
        if first < 0 or first == second:
            return False
        return [cell == b"-" for cell in columns[first]] != [cell == b"-" for cell in columns[second]]

    def _note_loci(self, columns: list[tuple[bytes, ...]]) -> None:
        """Keeps the highest position of each chromosome."""
        chromosome, position = self._locus
        if chromosome < 0 or position < 0:
            return
        names, positions = columns[chromosome], list(map(int, columns[position]))
        for name in set(names):
            known = self._chromosome(name)
            if known is not None:
                here = max(each for each, other in zip(positions, names, strict=True) if other == name)
                self.highest[known] = max(self.highest.get(known, 0), here)

    def _add_many(self, calls: SampleCalls, columns: list[tuple[bytes, ...]]) -> None:
        empty = (b"",) * len(columns[0])
        first, second = self._alleles
        alleles = (columns[first], columns[second]) if first >= 0 else (empty, empty)
        if first >= 0 and first == second:
            alleles = tuple(cell[:1] for cell in alleles[0]), tuple(cell[1:] for cell in alleles[0])
        chromosomes, positions = (columns[index] if index >= 0 else empty for index in self._locus)
        calls.add_many(columns[self._snp], (chromosomes, positions), alleles)
        frequencies, ratios = (columns[index] if index >= 0 else () for index in self._signals)
        calls.add_many_signals(frequencies, ratios)

    def _chromosome(self, name: bytes) -> str | None:
        if name not in self._chromosomes and len(self._chromosomes) < MOST_LISTED:
            self._chromosomes[name] = chromosome_of(name.decode("utf-8", "replace"))
        return self._chromosomes.get(name)

    def take(self, number: int, line: bytes) -> None:
        """The next row."""
        cells = line.split(self._separator)
        self._rows += 1
        if b" " in line and len(cells) == len(self._names):
            # Blanks around a value say nothing; of many rows at once none has any.
            for column in self._columns:
                cells[column.index] = cells[column.index].strip(b" ")
        if len(cells) != len(self._names):
            hint = " (a decimal comma?)" if len(cells) > len(self._names) and self._separator == b"," else ""
            got = f"{len(cells)} cells{hint}"
            self._reading.find(CELLS.at(Place(line=number), expected=f"{len(self._names)} cells", got=got))
            return
        for column in self._columns:
            fault = column.fault(cells[column.index])
            if fault is not None:
                place = Place(line=number, column=column.name)
                finding = fault.rule.at(place, expected=fault.expected, got=cells[column.index], part=fault.words)
                self._reading.find(finding)
        self._note_locus(cells)
        if self._table is not None:
            self._table.add(cells)
        if self._snp >= 0 and self._sample >= 0:
            self._take_call(number, cells)

    def _take_call(self, number: int, cells: list[bytes]) -> None:
        snp, sample = cells[self._snp], cells[self._sample]
        if not snp or not sample:
            part = "SNP Name" if not snp else "Sample ID"
            self._reading.find(NAMELESS.at(Place(line=number, column=part), expected="a name", part=part))
        owner = self._seen.get(sample)
        if owner is None:
            if len(self._seen) >= _MOST_SAMPLES:
                return
            owner = self._seen[sample[:_LONGEST_NAME]] = len(self._seen)
            self._look_at(sample)
        if len(self._snps) < MOST_COMPARED:
            self._snps.append(hash(snp))
            self._owners.append(owner)
        first, second = self._alleles
        if first >= 0 and first != second and (cells[first] == b"-") is not (cells[second] == b"-"):
            place = Place(line=number, column=self._names[first])
            self._reading.find(HALF_CALL.at(place, expected="two alleles, or none", got=cells[first] + cells[second]))
        if self._looked_at is not None and sample == self._looked_at.name.encode():
            self._add(self._looked_at, snp, cells)

    def _look_at(self, sample: bytes) -> None:
        """A new sample: the one that is declared is looked at, else the first."""
        declared = self._reading.declared
        name = sample.decode("utf-8", "replace")
        if self._looked_at is None or name in {declared.sample_id or declared.line_id} - {""}:
            self._looked_at = SampleCalls(name)

    def _add(self, calls: SampleCalls, snp: bytes, cells: list[bytes]) -> None:
        first, second = self._alleles
        alleles = (b"", b"")
        if first >= 0:
            alleles = (cells[first], cells[second]) if first != second else (cells[first][:1], cells[first][1:])
        chromosome, position = (cells[index] if index >= 0 else b"" for index in self._locus)
        calls.add(snp, (chromosome, position), alleles)
        frequency, ratio = (cells[index] if index >= 0 else None for index in self._signals)
        calls.add_signals(frequency, ratio)

    def _note_locus(self, cells: list[bytes]) -> None:
        """Keeps the highest position of each chromosome."""
        chromosome, position = self._locus
        if chromosome < 0 or position < 0:
            return
        known, digits = self._chromosome(cells[chromosome]), cells[position]
        if known is not None and digits.isdigit() and len(digits) <= _DIGITS:
            self.highest[known] = max(self.highest.get(known, 0), int(digits))

    def finish(self) -> Facts:
        """Counts against the header; facts."""
        if self._table is not None:
            self._table.flush()
        snps = self._count()
        samples = len(self._seen)
        if self._snp >= 0 and self._sample >= 0:
            judge_counts(self._reading, self._header, snps, samples)
            is_known = bool(snps) and self._rows <= MOST_COMPARED and not self._is_repeated
            if is_known and self._rows != snps * samples:
                got = f"{self._rows} rows, {snps} SNPs, {samples} samples"
                self._reading.find(ROWS.at(expected=f"{snps * samples} rows", got=got))
        facts: Facts = {"layout": "standard", "records": self._rows, "snps": snps, "samples": samples}
        if self._looked_at is not None:
            facts |= self._looked_at.facts()
            self._reading.evidence |= self._looked_at.evidence()
        self._reading.evidence["samples"] = self.samples
        return facts

    def _count(self) -> int:
        """The number of SNPs; notes the first that is there twice for a sample."""
        if not self._snps:
            return 0
        import numpy

        hashes = numpy.frombuffer(self._snps, "i8")
        # Each sample shifts the hashes of its SNPs by its own odd multiple, so that equal ones belong to one sample.
        keys = hashes + numpy.frombuffer(self._owners, "u2").astype("i8") * numpy.int64(-7046029254386353131)
        order = numpy.argsort(keys, kind="stable")
        ordered = keys[order]
        again = order[1:][ordered[1:] == ordered[:-1]]
        if len(again):
            self._is_repeated = True
            row = int(again.min())
            # A row that could not be taken is not among the counted ones, and the line cannot be told.
            line = self._line + 1 + row if len(self._snps) == self._rows else None
            place = Place(line=line, record=row + 1, column="SNP Name")
            self._reading.find(
                REPEATED.at(place, expected="each SNP once for a sample", got=f"{len(again)} rows too many")
            )
        return len(numpy.unique(hashes))


def judge_counts(reading: Reading, header: ReportHeader, snps: int, samples: int) -> None:
    """Holds what was counted against the header; of several files each has a part of the samples."""
    is_part = header.part[1] > 1
    for rule, name, counted in ((SNPS, "Num SNPs", snps), (SAMPLES, "Num Samples", samples)):
        stated = header.number(name)
        if stated is not None and (counted > stated if is_part else counted != stated):
            expected = f"{'at most ' if is_part else ''}{stated}"
            reading.find(rule.at(header.place(name), expected=expected, got=counted))
