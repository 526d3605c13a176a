"""Illumina's array files: IDAT and its pair, GTC, FinalReport."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable

from catalog.formats.protocol import Declared
from tests.formats.cases import FormatCases, GroupCases, GroupDefect
from tests.formats.defects import Defect
from tests.formats.illumina_files import (
    RUNS,
    Placed,
    Report,
    gtc,
    gtc_fields,
    idat,
    idat_fields,
    report,
    run_info,
    text,
)

PROBES = 40
SCAN = idat(idat_fields())
IDAT_NAME = "204776850065_R01C01_Grn.idat"


def scan(**changes: bytes | None) -> bytes:
    return idat(idat_fields(**changes)).content  # type: ignore[arg-type]


def identifiers(*changed: tuple[int, int], count: int = PROBES) -> bytes:
    values = [10_600_313 + 7 * number for number in range(count)]
    for at, value in changed:
        values[at] = value
    return struct.pack(f"<{count}i", *values)


def run_with(index: int, **parts: str) -> bytes:
    names = ("RunTime", "BlockType", "BlockPars", "BlockCode", "CodeVersion")
    runs = [list(run) for run in RUNS]
    for name, value in parts.items():
        runs[index][names.index(name)] = value
    return run_info(runs)


def idat_defect(title: str, code: str, content: bytes, **rest: object) -> Defect:
    return Defect(id=title, code=f"idat-{code}", content=content, **rest)  # type: ignore[arg-type]


LAST = list(SCAN.starts)[-1]
TWICE = idat(idat_fields(), order=[*SCAN.starts, 402])
SHIFTED = [*identifiers()[4:], *identifiers()[:4]]
TEN = identifiers((10, 10_600_313 + 7 * 11), (11, 10_600_313 + 7 * 10))
IDAT_DEFECTS = [
    idat_defect("magic", "magic", b"IDAC" + SCAN.content[4:], offset=0),
    idat_defect("empty magic", "magic", b"ID", offset=0),
    idat_defect("version 1", "encrypted", SCAN.at(4, struct.pack("<q", 1)), offset=4),
    idat_defect("version 2", "version", SCAN.at(4, struct.pack("<q", 2)), offset=4),
    idat_defect("version 4", "version", SCAN.at(4, struct.pack("<q", 4)), offset=4),
    idat_defect("cut in the version", "truncated", SCAN.content[:9], column="the version"),
    idat_defect("cut in the table", "truncated", SCAN.content[:60], column="the table of fields"),
    idat_defect("cut in the means", "truncated", SCAN.content[: SCAN.starts[104] + 21], column="means"),
    idat_defect("cut between fields", "truncated", SCAN.content[: SCAN.starts[107]], column="numbers of beads"),
    idat_defect("cut in the last text", "truncated", SCAN.content[:-1], column="CodeVersion"),
    idat_defect("no fields", "field-table", SCAN.at(12, struct.pack("<i", 0)), offset=12),
    idat_defect("fields below none", "field-table", SCAN.at(12, struct.pack("<i", -5)), offset=12),
    idat_defect("two thousand million fields", "field-table", SCAN.at(12, struct.pack("<i", 2_000_000_000))),
    idat_defect("barcode twice", "field-repeated", TWICE.content, record=len(TWICE.starts) + 1),
    idat_defect("no means", "field-missing", scan(f104=None), column="means"),
    idat_defect("no probe identifiers", "field-missing", scan(f102=None), column="probe identifiers"),
    idat_defect("no number of probes", "field-missing", scan(f1000=None), only=False),
    idat_defect("a new field", "field-unknown", scan(f999=b"new"), record=20),
    idat_defect(
        "offset behind the end", "field-offset", SCAN.with_offset(LAST, 1 << 40), column="run info", only=False
    ),
    idat_defect("offset in the table", "field-offset", SCAN.with_offset(1000, 20), record=1, only=False),
    idat_defect("offset below none", "field-offset", SCAN.with_offset(402, -1), column="barcode", only=False),
    idat_defect(
        "manifest inside the colour", "field-overlap", SCAN.with_offset(401, SCAN.starts[400] + 2), column="manifest"
    ),
    idat_defect(
        "two fields at one place",
        "field-overlap",
        SCAN.with_offset(403, SCAN.starts[402]),
        column="chip type",
        only=False,
    ),
    idat_defect("one probe more", "count", scan(f1000=struct.pack("<i", PROBES + 1)), only=False),
    idat_defect("one probe less", "count", scan(f1000=struct.pack("<i", PROBES - 1)), only=False),
    idat_defect("a mean too few", "count", scan(f104=bytes(2 * PROBES - 2)), column="means", offset=SCAN.starts[104]),
    idat_defect("a deviation too many", "count", scan(f103=bytes(2 * PROBES + 2)), column="standard deviations"),
    idat_defect("text longer than its field", "text", scan(f402=b"\x7f20477685"), column="barcode", only=False),
    idat_defect("endless length", "text", scan(f402=b"\xff" * 6), column="barcode", only=False),
    idat_defect("barcode not UTF-8", "text", scan(f402=b"\x0c20477685006\xff"), column="barcode", only=False),
    idat_defect("trailing", "trailing-bytes", SCAN.content + b"\0", offset=len(SCAN.content)),
    idat_defect(
        "number of probes is last",
        "first-field",
        idat({code: idat_fields()[code] for code in (*list(SCAN.starts)[1:], 1000)}).content,
    ),
    idat_defect("no probes", "probes", scan(f1000=struct.pack("<i", 0))),
    idat_defect("probes below none", "probes", scan(f1000=struct.pack("<i", -40)), column="number of probes"),
    idat_defect("two identifiers changed places", "probe-order", scan(f102=TEN), record=12),
    idat_defect(
        "the same identifier again",
        "probe-repeated",
        scan(f102=identifiers((9, 10_600_313 + 56)), f200=None),
        record=10,
    ),
    idat_defect(
        "middle block of a strange probe",
        "mid-block",
        scan(f200=struct.pack("<2i", 1, 10_600_314)),
        offset=SCAN.starts[200] + 4,
    ),
    idat_defect("middle block too large", "mid-block", scan(f200=struct.pack("<i", 1_000_000)), column="middle block"),
    idat_defect("middle block below none", "mid-block", scan(f200=struct.pack("<i", -1)), offset=SCAN.starts[200]),
    idat_defect("runs below none", "run-info", scan(f300=struct.pack("<i", -1)), only=False),
    idat_defect("a million runs", "run-info", scan(f300=struct.pack("<i", 1_000_000)), only=False),
    idat_defect("run time in words", "date", scan(f300=run_with(1, RunTime="yesterday")), record=2, column="RunTime"),
    idat_defect("run in month 13", "date", scan(f300=run_with(0, RunTime="13/31/2011 7:53:01 PM")), record=1),
    idat_defect("no barcode", "field-wanted", scan(f402=None), column="barcode"),
    idat_defect("empty chip type", "field-wanted", scan(f403=text("")), column="chip type"),
    idat_defect("no runs", "field-wanted", scan(f300=run_info(())), column="run info"),
    idat_defect("chip of another maker", "chip-type", scan(f403=text("CytoScan HD"))),
    idat_defect("other barcode", "barcode-name", scan(f402=text("204776850066")), column="barcode"),
    idat_defect("other position", "barcode-name", scan(f404=text("R02C01")), column="position"),
    idat_defect("renamed", "barcode-name", SCAN.content, name="line5_Grn.idat"),
    idat_defect("no beads", "beads", scan(f107=bytes(8) + bytes([9] * (PROBES - 8)))),
    idat_defect(
        "a person at the scanner",
        "personal",
        scan(f300=run_with(1, BlockPars="ScannerID=N296|Username=CORP\\mkim")),
        column="Username",
    ),
    idat_defect("a person as sample", "personal", scan(f406=text("Jane Roe")), column="sample name"),
    idat_defect(
        "other line",
        "sample-not-the-line",
        scan(f406=text("KSCBi005-A")),
        column="sample name",
        declared=Declared(line_id="KSCBi001-A"),
    ),
    idat_defect("an address", "personal", scan(f407=text("ask jane.roe@example.org")), column="description"),
]
KOREAN_TIME = run_with(1, RunTime="2021-03-04 오전 9:12:44")
IDAT_VALID = {
    "usual": SCAN.content,
    "table in another order": idat(idat_fields(), order=sorted(SCAN.starts)).content,
    "gzip": gzip.compress(SCAN.content),
    "date of a Korean computer": scan(f300=KOREAN_TIME),
    "date of a German computer": scan(f300=run_with(1, RunTime="04.03.2021 09:12:44")),
    "only what readers need": idat({c: idat_fields()[c] for c in (1000, 102, 103, 104, 107)}).content,
    "without dates": scan(f300=run_with(0, RunTime="")),
    "long text": scan(f405=text("x" * 6264)),
    "an unknown field at the end": scan(f999=b"new"),
    "middle block of some probes": scan(f200=struct.pack("<3i", 2, 10_600_313, 10_600_320)),
    "a Unicode label": scan(f405=text("시료 1")),
    "one probe": idat(idat_fields(probes=1)).content,
    "many probes": idat(idat_fields(probes=70_000)).content,
}
CALLS = gtc(gtc_fields())
SNPS = 30


def calls(**changes: bytes | None) -> bytes:
    return gtc(gtc_fields(**changes)).content  # type: ignore[arg-type]


def at_value(code: int, index: int, value: bytes) -> bytes:
    return CALLS.at(CALLS.starts[code] + 4 + len(value) * index, value)


def gtc_defect(title: str, code: str, content: bytes, **rest: object) -> Defect:
    return Defect(id=title, code=f"gtc-{code}", content=content, **rest)  # type: ignore[arg-type]


GTC_DEFECTS = [
    gtc_defect("magic", "magic", b"gtd" + CALLS.content[3:], offset=0),
    gtc_defect("version 2", "version", CALLS.at(3, b"\x02"), offset=3),
    gtc_defect("version 6", "version", CALLS.at(3, b"\x06"), offset=3),
    gtc_defect("cut in the table", "truncated", CALLS.content[:40], column="the table of fields"),
    gtc_defect("cut in the scores", "truncated", CALLS.content[: CALLS.starts[1004] + 11], column="genotype scores"),
    gtc_defect("cut in the last text", "truncated", CALLS.content[:-1], column="slide identifier"),
    gtc_defect("no fields", "field-table", CALLS.at(4, struct.pack("<i", 0)), offset=4),
    gtc_defect(
        "a field twice", "field-repeated", CALLS.at(CALLS.entries[11], struct.pack("<H", 10)), record=5, only=False
    ),
    gtc_defect("no genotypes", "field-missing", calls(f1002=None), column="genotypes"),
    gtc_defect("no number of SNPs", "field-missing", gtc(gtc_fields(), f1=None).content, only=False),
    gtc_defect("an unknown field", "field-unknown", calls(f2000=b"new")),
    gtc_defect("offset behind the end", "field-offset", CALLS.with_offset(1016, 1 << 30, 4), column="slide identifier"),
    gtc_defect("offset in the table", "field-offset", CALLS.with_offset(10, 8, 4), column="sample name", only=False),
    gtc_defect(
        "two fields at one place",
        "field-overlap",
        CALLS.with_offset(12, CALLS.starts[11], 4),
        column="sample well",
        only=False,
    ),
    gtc_defect(
        "a score too few", "count", calls(f1004=struct.pack("<i29f", 29, *([0.5] * 29))), column="genotype scores"
    ),
    gtc_defect("counts a million genotypes", "count", at_value(1002, -1, struct.pack("<i", 1_000_000))),
    gtc_defect("another number of SNPs", "count", gtc(gtc_fields(), probes=29).content, only=False),
    gtc_defect("controls without end", "count", CALLS.at(CALLS.starts[500], struct.pack("<i", 1 << 30)), only=False),
    gtc_defect("endless length of a text", "text", calls(f101=b"\xff" * 9), column="SNP manifest", only=False),
    gtc_defect("trailing", "trailing-bytes", CALLS.content + b"more", offset=len(CALLS.content)),
    gtc_defect("not finished", "incomplete", calls(f1016=None)),
    gtc_defect("version 4 not finished", "incomplete", gtc(gtc_fields(version=4, f1013=None), version=4).content),
    gtc_defect("version 3 not finished", "incomplete", gtc(gtc_fields(version=3, f1011=None), version=3).content),
    gtc_defect("no SNPs", "probes", gtc(gtc_fields(), probes=0).content),
    gtc_defect("SNPs below none", "probes", gtc(gtc_fields(), probes=-1).content),
    gtc_defect("genotype 46", "genotype", at_value(1002, 7, b"\x2e"), record=8, offset=CALLS.starts[1002] + 11),
    gtc_defect("base N", "base-call", at_value(1003, 3, b"AN"), record=4, offset=CALLS.starts[1003] + 10),
    gtc_defect("score above one", "score", at_value(1004, 5, struct.pack("<f", 1.01)), record=6),
    gtc_defect("score below zero", "score", at_value(1004, 5, struct.pack("<f", -0.1)), record=6),
    gtc_defect("score that is no number", "score", at_value(1004, 29, struct.pack("<f", float("nan"))), record=30),
    gtc_defect("call rate in percent", "rate", calls(f1006=struct.pack("<f", 98.7)), column="call rate"),
    gtc_defect("call rate that is no number", "rate", calls(f1006=struct.pack("<f", float("nan")))),
    gtc_defect("GC10 above one", "rate", calls(f1009=struct.pack("<f", 1.5)), column="GC10"),
    gtc_defect("frequency above one", "baf", at_value(1012, 2, struct.pack("<f", 1.2)), record=3),
    gtc_defect("sex X", "gender", calls(f1007=b"X"), column="sex"),
    gtc_defect("more calls than SNPs", "calls", calls(f1011=struct.pack("<f3i", 0.8, 29, 2, 0))),
    gtc_defect("calls below none", "calls", calls(f1011=struct.pack("<f3i", 0.8, 29, -1, 0))),
    gtc_defect("imaging date in words", "date", calls(f200=text("some day")), column="imaging date"),
    gtc_defect("autocall in month 13", "date", calls(f201=text("13/31/2015 1:47 PM")), column="autocall date"),
    gtc_defect("no manifest", "manifest", calls(f101=text("")), column="SNP manifest"),
    gtc_defect(
        "a person at the scanner",
        "personal",
        calls(f1005=text("N296") + bytes(8) + text("3.4.8") + text("mkim")),
        column="imaging user",
    ),
    gtc_defect("a person as sample", "personal", calls(f10=text("Kim, Minsu")), column="sample name"),
    gtc_defect("other line", "sample-not-the-line", CALLS.content, declared=Declared(line_id="KSCBi001-A")),
    gtc_defect("assembly", "assembly-not-declared", CALLS.content, declared=Declared(assembly="GRCh38")),
]
GTC_VALID = {
    "version 5": CALLS.content,
    "version 4": gtc(gtc_fields(version=4), version=4).content,
    "version 3": gtc(gtc_fields(version=3), version=3).content,
    "without ploidy": gtc(gtc_fields(version=3), version=3, f2=None, f3=None).content,
    "polyploid codes": calls(f1002=struct.pack("<i30B", 30, *range(16, 46))),
    "not scanned yet": calls(f200=text("")),
    "many SNPs": gtc(gtc_fields(probes=40_000), probes=40_000).content,
    "only the header and genotypes": gtc({c: gtc_fields()[c] for c in (10, 101, 1002)}).content,
    "insertions": calls(f1003=struct.pack("<i", 30) + b"DIIIDD--AT" * 6),
}
REPORT = report()


def changed(change: Callable[[Report], object], **arguments: object) -> bytes:
    made = report(**arguments)  # type: ignore[arg-type]
    change(made)
    return made.written()


def report_defect(title: str, code: str, content: bytes, **rest: object) -> Defect:
    return Defect(id=title, code=f"final-report-{code}", content=content, **rest)  # type: ignore[arg-type]


def cell_defect(title: str, code: str, column: str, value: str, row: int = 4) -> Defect:
    content = changed(lambda made: made.set(row, column, value))
    return report_defect(title, code, content, line=REPORT.line_of(row), column=column)


def header_defect(title: str, code: str, name: str, value: str | None, **rest: object) -> Defect:
    return report_defect(title, code, changed(lambda made: made.header.update({name: value})), column=name, **rest)


def decimal_commas(made: Report) -> None:
    for row in made.rows:
        row[made.columns.index("GC Score")] = "0,9506"


def without_copy_numbers(made: Report) -> None:
    made.columns.append("CNV Value")
    made.rows[:] = [[*row, "" if number % 2 else "1.98"] for number, row in enumerate(made.rows)]


def padded(made: Report) -> None:
    for row in made.rows[3:5]:
        row[2:] = [f" {cell} " for cell in row[2:]]


PLAIN = REPORT.written()
TWO = report(samples=("KSCBi005-A", "KSCBi002-B"))
REPORT_DEFECTS = [
    report_defect("no [Header]", "start", PLAIN.removeprefix(b"[Header]\r\n"), line=1, name="report.txt"),
    *(header_defect(f"no {name}", "key-missing", name, None) for name in REPORT.header if not name.startswith("Num")),
    header_defect("no Num SNPs", "key-missing", "Num SNPs", None),
    header_defect("no Num Samples", "key-missing", "Num Samples", None),
    report_defect(
        "date twice", "key-repeated", PLAIN.replace(b"Content", b"Processing Date\t3/4/2021\r\nContent"), line=4
    ),
    report_defect("no value", "header-line", PLAIN.replace(b"Total SNPs\t17", b"Total SNPs"), line=6),
    report_defect("semicolons", "separator", PLAIN.replace(b"\t", b";"), line=2),
    *(
        report_defect(
            f"semicolons of a spreadsheet, {start!r}",
            "separator",
            PLAIN.replace(b"\t", b";").replace(b"[Header]", start),
            line=1,
            name="report.txt",
        )
        for start in (b"[Header];;", b'"[Header]";;')
    ),
    header_defect("version", "version", "GSGT Version", "two", line=2),
    header_defect("date", "date", "Processing Date", "31/31/2021", line=3),
    header_defect("empty number of SNPs", "number", "Num SNPs", "", line=5),
    header_defect("fraction of a SNP", "number", "Num SNPs", "12.5", line=5),
    header_defect("samples below none", "number", "Num Samples", "-1", line=7),
    report_defect(
        "more SNPs than there are",
        "total",
        changed(lambda made: made.header.update({"Total SNPs": "11"})),
        column="Num SNPs",
    ),
    report_defect(
        "more samples than there are", "total", changed(lambda made: made.header.update({"Total Samples": "0"}))
    ),
    header_defect("fifth of four files", "file-part", "File", "5 of 4", line=9),
    header_defect("file in words", "file-part", "File", "one", line=9),
    report_defect("no [Data]", "no-data", PLAIN[: PLAIN.index(b"[Data]")]),
    report_defect("nothing behind [Data]", "no-data", PLAIN[: PLAIN.index(b"SNP Name")]),
    header_defect("no manifest", "content", "Content", ""),
    report_defect("latin-1", "encoding", PLAIN.replace(b"GSA-24v3-0_A1.bpm", b"caf\xe9.bpm"), line=4, only=False),
    report_defect(
        "a score, and latin-1 in a last line without end",
        "encoding",
        changed(lambda made: made.set(2, "GC Score", "1.5")) + b"caf\xe9",
        line=REPORT.line_of(len(REPORT.rows)),
        only=False,
    ),
    cell_defect("allele N", "allele", "Allele1 - Forward", "N"),
    cell_defect("two letters as an allele", "allele", "Allele2 - Forward", "AG"),
    cell_defect("base in an AB column", "allele", "Allele1 - AB", "G"),
    cell_defect("GC score above one", "score", "GC Score", "1.5"),
    cell_defect("GC score below zero", "score", "GC Score", "-0.1"),
    cell_defect("GC score in words", "score", "GC Score", "good"),
    cell_defect("chromosome", "chromosome", "Chr", "chromosome 1"),
    cell_defect("position below none", "position", "Position", "-5"),
    cell_defect("position of a spreadsheet", "position", "Position", "1.6E+07"),
    cell_defect("frequency above one", "baf", "B Allele Freq", "1.2"),
    cell_defect("frequency in words", "baf", "B Allele Freq", "NA"),
    cell_defect("theta above one", "theta", "Theta", "1.5"),
    cell_defect("R below zero", "r", "R", "-0.5"),
    cell_defect("ratio in words", "value", "Log R Ratio", "#N/A"),
    cell_defect("raw intensity with a fraction", "raw", "X Raw", "812.5"),
    cell_defect("decimal comma", "decimal-comma", "B Allele Freq", "0,5012"),
    *(
        cell_defect(f"{title} {where} {column}", code, column, value)
        for column, code, text in (
            ("Position", "position", "16004"),
            ("Allele1 - Forward", "allele", "A"),
            ("GC Score", "score", "0.9506"),
            ("B Allele Freq", "baf", "0.5012"),
            ("Log R Ratio", "value", "0.1"),
            ("X Raw", "raw", "812"),
            ("Chr", "chromosome", "1"),
        )
        for title, mark in (
            ("NBSP", "\u00a0"),
            ("CR", "\r"),
            ("bell", "\a"),
            ("wide blank", "\u3000"),
            ("tab of lines", "\v"),
        )
        for where, value in (("before", mark + text), ("behind", text + mark))
    ),
    cell_defect("CR at the end of a row", "value", "Log R Ratio", "0.1\r"),
    report_defect(
        "NBSP in the name of a column", "column-missing", PLAIN.replace(b"SNP Name\t", b"SNP Name\xc2\xa0\t")
    ),
    header_defect("NBSP behind a number", "number", "Num SNPs", "12\u00a0", line=5),
    report_defect("decimal commas", "decimal-comma", changed(decimal_commas), column="GC Score"),
    report_defect(
        "half a call",
        "half-call",
        changed(lambda made: made.set(4, "Allele1 - Forward", "A").set(4, "Allele2 - Forward", "-")),
        line=REPORT.line_of(4),
    ),
    report_defect("no SNP Name", "column-missing", PLAIN.replace(b"SNP Name", b"SNP")),
    report_defect("no Sample ID", "column-missing", PLAIN.replace(b"Sample ID", b"ID")),
    report_defect("column twice", "column-repeated", PLAIN.replace(b"\tTheta\t", b"\tY\t"), column=13),
    report_defect("a cell too few", "cells", PLAIN.replace(b"\trs1004\t", b"\t").replace(b"rs1004\t", b""), only=False),
    report_defect("cut in a row", "cells", PLAIN[:-30], line=REPORT.line_of(11), only=False),
    report_defect("blank line", "blank-line", PLAIN.replace(b"rs1004", b"\r\nrs1004"), line=REPORT.line_of(4)),
    cell_defect("SNP without name", "name-empty", "SNP Name", ""),
    report_defect("a row twice", "repeated", changed(lambda made: made.rows.append(list(made.rows[2]))), record=13),
    report_defect(
        "a name twice",
        "repeated",
        changed(lambda made: made.set(6, "SNP Name", "rs1002")),
        line=REPORT.line_of(6),
        only=False,
    ),
    report_defect("a row less", "snps", changed(lambda made: made.rows.pop()), line=5, column="Num SNPs"),
    report_defect("header of more SNPs", "snps", changed(lambda made: made.header.update({"Num SNPs": "15"}))),
    header_defect("header of more samples", "samples", "Num Samples", "2"),
    report_defect(
        "another sample in between", "samples", changed(lambda made: made.set(3, "Sample ID", "S2")), only=False
    ),
    report_defect(
        "a row less of one sample",
        "rows",
        changed(lambda made: made.rows.pop(5), samples=("KSCBi005-A", "KSCBi002-B")),
    ),
    report_defect("assembly", "assembly-not-declared", PLAIN, declared=Declared(assembly="GRCh38")),
    report_defect(
        "position behind the end",
        "assembly-not-declared",
        changed(lambda made: made.header.update({"Content": "Custom.bpm"}) or made.set(6, "Position", "51000000")),
        declared=Declared(assembly="GRCh38"),
    ),
    report_defect(
        "a person as sample",
        "personal",
        report(samples=("Jane Roe",)).written(),
        column="Sample ID",
    ),
    report_defect("other sample", "sample-not-declared", PLAIN, declared=Declared(sample_id="KSCBi001-A")),
    report_defect("other line", "sample-not-the-line", PLAIN, declared=Declared(line_id="KSCBi001-A")),
]


def matrix(rows: str, snps: int = 3, samples: int = 2) -> bytes:
    made = report(snps, ["s"] * samples)
    made.rows = []
    made.columns = ["", *(f"S{number}" for number in range(1, samples + 1))]
    return made.written() + rows.encode()


MATRIX = "rs1\tAG\t--\r\nrs2\tAA|0.95\tBB|0.12\r\nrs3\tDI\tNC\r\n"
REPORT_DEFECTS += [
    report_defect("matrix cell", "matrix-cell", matrix(MATRIX.replace("DI", "AX")), line=13, column=2),
    report_defect("matrix row", "cells", matrix(MATRIX.replace("\tDI", "")), line=13),
    report_defect("matrix row twice", "repeated", matrix(MATRIX.replace("rs3", "rs1")), line=13, only=False),
    report_defect("matrix row too few", "snps", matrix(MATRIX, snps=4)),
    report_defect(
        "matrix column too few", "samples", matrix(MATRIX, samples=2).replace(b"Num Samples\t2", b"Num Samples\t1")
    ),
]


def commas() -> bytes:
    made = report()
    made.separator = ","
    return made.written()


def part_of_four() -> bytes:
    made = report()
    made.header |= {"Num Samples": "4", "Total Samples": "8", "File ": "1 of 4"}
    return made.written()


def by_script() -> bytes:
    """As Illumina's own script for GTC files writes it: no version, calls of two letters."""
    rows = [
        ["rs1", "S1", "1", "100", "AB", "AG"],
        ["rs2", "S1", "X", "200", "-", "-"],
        ["rs3", "S1", "Y", "9", "A", "A"],
    ]
    made = report(3, ("S1",))
    made.header["GSGT Version"] = None
    made.columns = ["SNP Name", "Sample ID", "Chr", "MapInfo", "Alleles - AB", "Alleles - Plus"]
    made.rows = rows
    return made.written()


def further_columns() -> bytes:
    made = report()
    for row, cell in zip((made.columns, *made.rows), ["Plate", *"x" * 12], strict=True):
        row.append(cell)
    return made.written()


REPORT_VALID = {
    "usual": PLAIN,
    "copy numbers not looked for": changed(without_copy_numbers),
    "two samples": TWO.written(),
    "commas": commas(),
    "first of four files": part_of_four(),
    "unix line ends": PLAIN.replace(b"\r\n", b"\n"),
    "without last line end": PLAIN.removesuffix(b"\r\n"),
    "gzip": gzip.compress(PLAIN),
    "matrix": matrix(MATRIX),
    "by Illumina's script": by_script(),
    "date as in ISO 8601": changed(lambda made: made.header.update({"Processing Date": "2022-06-02 9:25 AM"})),
    "date of a Korean computer": changed(lambda made: made.header.update({"Processing Date": "2022-06-02 오후 9:25"})),
    "chromosome 29 of cattle": changed(lambda made: made.set(4, "Chr", "29")),
    "further columns": further_columns(),
    "blanks around values": changed(padded),
    "blank last lines": PLAIN + b"\r\n\r\n",
}
FORMATS = [
    FormatCases(
        format="idat", file=IDAT_NAME, valid=IDAT_VALID, clean=["usual", "gzip", "many probes"], defects=IDAT_DEFECTS
    ),
    FormatCases(format="gtc", file="a.gtc", valid=GTC_VALID, clean=["version 5", "version 3"], defects=GTC_DEFECTS),
    FormatCases(
        format="final-report",
        file="array_FinalReport.txt",
        valid=REPORT_VALID,
        clean=["usual", "two samples", "commas", "first of four files", "matrix", "by Illumina's script"],
        defects=REPORT_DEFECTS,
    ),
]


def red(**changes: bytes | None) -> bytes:
    return idat(idat_fields(seed=9, **changes)).content  # type: ignore[arg-type]


def pair(name: str, green: bytes, other: bytes) -> dict[str, bytes]:
    return {f"{name}_Grn.idat": green, f"{name}_Red.idat": other}


ARRAY = "204776850065_R01C01"
RED_NAME = f"{ARRAY}_Red.idat"


def pair_defect(title: str, code: str, other: bytes, column: str | None = None) -> GroupDefect:
    files = pair(ARRAY, SCAN.content, other)
    return GroupDefect(id=title, code=f"idat-pair-{code}", files=files, at=RED_NAME, column=column)


def placed_red() -> Placed:
    return idat(idat_fields(seed=9))


GROUPS = [
    GroupCases(
        companions="idat-pair",
        valid={
            "green and red": pair(ARRAY, SCAN.content, red()),
            "packed": {
                f"{ARRAY}_Grn.idat.gz": gzip.compress(SCAN.content),
                f"{ARRAY}_Red.idat.gz": gzip.compress(red()),
            },
        },
        defects=[
            GroupDefect(id="no red", code="idat-pair-missing", files={IDAT_NAME: SCAN.content}, at=IDAT_NAME),
            GroupDefect(id="no green", code="idat-pair-missing", files={RED_NAME: red()}, at=RED_NAME),
            pair_defect("fewer probes", "probes", idat(idat_fields(probes=39)).content),
            pair_defect("other probes", "probes", red(f102=identifiers((39, 99_999_999)), f200=None)),
            pair_defect("other chip", "chip-type", red(f403=text("BeadChip 12x8"))),
            pair_defect("other barcode", "barcode", red(f402=text("204776850099")), "barcode"),
            pair_defect("other position", "barcode", red(f404=text("R08C01")), "position"),
            pair_defect("twice the same", "same", SCAN.content),
        ],
    )
]
