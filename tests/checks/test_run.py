"""Running all checks: a line or a bank in, judged lines out; data may be as bad as they like, nothing raises."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.bank import Bank
from catalog.checks.protocol import Check
from catalog.checks.run import JudgedLine, Surroundings, checks, judge_bank, judge_line, judge_lines
from catalog.checks.workers import Watch
from catalog.findings import LISTED_FINDINGS, Finding, Level, Severity
from catalog.vocabulary import Vocabulary
from tests.builders import LINE_ID, counts_bytes, fastq_bytes, make_bank, text_bytes, vcf_bytes, write_line


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return make_bank(tmp_path)


def judged(bank: Bank, vocabulary: Vocabulary, line_id: str = LINE_ID, level: Level = Level.BANK) -> JudgedLine:
    around = Surroundings(vocabulary=vocabulary, level=level, line_ids=frozenset(bank.line_ids()))
    return judge_line(bank.lines_folder / line_id, around)


def errors(line: JudgedLine) -> set[tuple[str, str | None]]:
    return {(each.code, each.path) for each in line.all_findings() if each.severity is Severity.ERROR}


def test_checks_when_listed_then_each_is_whole() -> None:
    assert {type(each).__name__ for each in checks()} >= {"FileCheck", "LineAsWholeCheck", "NameCheck", "RightsCheck"}
    assert all(isinstance(each, Check) and each.rules for each in checks())


def test_line_when_sound_then_valid_with_a_subject_for_every_file(bank: Bank, vocabulary: Vocabulary) -> None:
    files = {
        "data/wes/a.vcf.gz": vcf_bytes(),
        "data/rna-seq/a_count.tsv": counts_bytes(),
        "data/notes.txt": text_bytes(),
    }
    write_line(bank, files=files)
    line = judged(bank, vocabulary)
    assert errors(line) == set()
    assert line.valid
    assert {path: each.format for path, each in line.files.items()} == {
        "data/wes/a.vcf.gz": "vcf", "data/rna-seq/a_count.tsv": "counts-matrix", "data/notes.txt": "text",
    }  # fmt: skip
    assert line.annotations
    (own, *rest) = line.subjects("lines/X")
    assert (own.path, own.kind) == ("lines/X", "line")
    assert [each.path for each in rest] == [f"lines/X/{path}" for path in line.files]
    assert line.subjects("")[0].path == LINE_ID


def test_file_when_it_has_findings_then_they_stand_with_the_file_and_carry_its_path(
    bank: Bank, vocabulary: Vocabulary
) -> None:
    folder = write_line(bank, files={"data/wes/a.vcf.gz": vcf_bytes(), "data/notes.txt": text_bytes()})
    (folder / "data/wes/a.vcf.gz").write_bytes(vcf_bytes("EXMPi009-Z"))
    line = judged(bank, vocabulary)
    assert ("file-checksum", "data/wes/a.vcf.gz") in errors(line)
    assert not line.files["data/wes/a.vcf.gz"].valid
    assert line.files["data/notes.txt"].valid
    assert all(each.path is None for each in line.files["data/wes/a.vcf.gz"].findings)
    assert not line.valid


@pytest.mark.parametrize("kind", ["symlink", "hard link", "pipe", "climbs", "absolute", "twice", "gone"])
def test_path_when_it_may_not_be_opened_then_it_is_not_and_the_line_is_invalid(
    bank: Bank, vocabulary: Vocabulary, tmp_path: Path, kind: str
) -> None:
    outside = tmp_path / "secret.vcf.gz"
    outside.write_bytes(vcf_bytes("SECRET-SAMPLE"))
    folder = write_line(bank, files={"data/a.txt": text_bytes()})
    path = {"climbs": "../../../secret.vcf.gz", "absolute": str(outside), "twice": "data/a.txt"}.get(kind, "data/x")
    match kind:
        case "symlink":
            (folder / path).symlink_to(outside)
        case "hard link":
            os.link(outside, folder / path)
        case "pipe":
            os.mkfifo(folder / path)
    with (folder / "files.csv").open("a") as stream:
        stream.write(f"{path},wes,processed{',' * 12}\n")
    line = judged(bank, vocabulary)
    assert not line.valid
    wanted = {
        "symlink": "path-symlink", "hard link": "path-hard-link", "pipe": "path-not-regular", "climbs": "path-unsafe",
        "absolute": "path-unsafe", "twice": "files-duplicate-path", "gone": "file-missing",
    }  # fmt: skip
    assert (wanted[kind], path) in errors(line)
    if kind not in {"twice", "gone"}:
        assert path not in line.files
    assert "SECRET-SAMPLE" not in repr(line)


def test_tables_when_they_have_defects_then_findings_with_table_and_line(bank: Bank, vocabulary: Vocabulary) -> None:
    tables = {
        "qc.csv": "test,class,verdict\nmycoplasma,sterility,passed\n",
        "hla.csv": "locus;allele1\nA;x\n",
        "cnv.csv": "band,type\n20q11.21,gain\n20q11.21,duplication\n",
    }
    write_line(bank, tables=tables)
    found = {
        (each.code, each.path, each.line, each.column)
        for each in judged(bank, vocabulary).all_findings()
        if each.severity is Severity.ERROR
    }
    assert found == {
        ("table-enum", "qc.csv", 2, "verdict"),
        ("csv-separator", "hla.csv", 1, None),
        ("table-enum", "cnv.csv", 3, "type"),
    }


def test_record_when_it_has_errors_then_files_are_judged_all_the_same(bank: Bank, vocabulary: Vocabulary) -> None:
    folder = write_line(bank, files={"data/wes/a.vcf.gz": vcf_bytes()})
    (folder / "line.yaml").write_bytes(b"profile: line-1\nprofile: line-1\n")
    line = judged(bank, vocabulary)
    assert line.line.record is None
    assert line.annotations == ()
    assert line.files["data/wes/a.vcf.gz"].format == "vcf"
    assert ("yaml-duplicate-key", "line.yaml") in errors(line)


def test_level_when_only_the_specification_counts_then_no_finding_of_the_bank(
    bank: Bank, vocabulary: Vocabulary
) -> None:
    write_line(bank, files={"data/wes/a.vcf.gz": vcf_bytes()}, line_type="nonsense")
    assert {each.rules for each in judged(bank, vocabulary).all_findings()} == {Level.BANK}
    assert judged(bank, vocabulary, level=Level.SPEC).all_findings() == []


def test_lines_when_judged_together_then_as_each_alone(bank: Bank, vocabulary: Vocabulary) -> None:
    for number in (1, 2, 3):
        write_line(bank, f"EXMPi00{number}-A", files={"data/wes/a.vcf.gz": vcf_bytes(f"EXMPi00{number}-A")})
    heard: list[str] = []
    around = Surroundings(
        vocabulary=vocabulary,
        line_ids=frozenset(bank.line_ids()),
        watch=Watch(done=lambda each: heard.append(each.path)),
        jobs=2,
    )
    together = judge_lines([bank.lines_folder / line_id for line_id in bank.line_ids()], around)
    alone = [judged(bank, vocabulary, line_id) for line_id in bank.line_ids()]
    assert [(each.line.line_id, each.files, each.findings) for each in together] == [
        (each.line.line_id, each.files, each.findings) for each in alone
    ]
    assert len(heard) == 3


def test_bank_when_judged_then_findings_over_lines_come_to_the_line_they_concern(
    bank: Bank, vocabulary: Vocabulary
) -> None:
    write_line(bank, "EXMPi001-A", donor={"donor_id": "D1"})
    write_line(bank, "EXMPi001-B", donor={"donor_id": "D2"})
    folder = write_line(bank, "EXMPi001-C")
    (folder / "line.yaml").write_bytes(b"")
    lines = [judged(bank, vocabulary, line_id) for line_id in bank.line_ids()]
    again, of_the_bank = judge_bank(bank.settings, lines, vocabulary)
    assert of_the_bank == []
    assert {each.line.line_id for each in again if "name-donor" in {f.code for f in each.findings}} == {"EXMPi001-B"}
    assert [each.line.line_id for each in again] == bank.line_ids()


def test_line_when_it_has_very_many_findings_then_the_report_is_bounded_and_still_invalid(
    bank: Bank, vocabulary: Vocabulary
) -> None:
    write_line(bank)
    line = judged(bank, vocabulary)
    warning = Finding(code="a-b", severity=Severity.WARNING, rules=Level.BANK, message="m")
    many = tuple(replace(warning, column=number) for number in range(LISTED_FINDINGS + 50))
    last = replace(warning, severity=Severity.ERROR, code="z-z")
    own = replace(line, findings=(*many, last)).subjects("X")[0]
    assert len(own.findings) == LISTED_FINDINGS
    assert own.more == 51
    assert not own.valid


def test_mates_when_of_different_lengths_then_the_pair_is_an_error(bank: Bank, vocabulary: Vocabulary) -> None:
    write_line(bank, files={"data/wes/a_1.fastq.gz": fastq_bytes(3), "data/wes/a_2.fastq.gz": fastq_bytes(2)})
    assert errors(judged(bank, vocabulary)) == {("mates-reads", "data/wes/a_2.fastq.gz")}


HOSTILE = {
    "yaml bomb": {"line.yaml": b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"},
    "yaml object": {"line.yaml": b"!!python/object/apply:os.system ['echo hello']\n"},
    "yaml nesting": {"line.yaml": b"[" * 100_000},
    "yaml tier twice": {"line.yaml": b"access: {tier: controlled}\naccess: {tier: open}\n"},
    "yaml list": {"line.yaml": b"- 1\n"},
    "yaml values of other kinds": {"line.yaml": b"profile: line-1\nline_type: [iPSC]\nconsent: [x]\naccess: 1\ndonor: ~\nclo: {class: {a: b}}\n"},
    "binary record": {"line.yaml": bytes(range(256))},
    "utf-16 tables": {"files.csv": "path,tier\nx,open\n".encode("utf-16"), "qc.csv": b"\xff\xfe"},
    "nul in a table": {"files.csv": b"path,tier\na\0b,open\n"},
    "endless line": {"qc.csv": b"test,class,verdict\n" + b"x" * 3_000_000},
    "many columns": {"qc.csv": b",".join(b"c%d" % n for n in range(20_000)) + b"\n"},
    "formulas": {"qc.csv": b"test,class,verdict\n=1+1,@x,-2\n"},
    "sizes": {"files.csv": b"path,bytes,sha256,tier\ndata/a," + b"9" * 9000 + b",x,open\n"},
    "paths": {"files.csv": b"path,tier\n../../etc/passwd,open\n/etc/passwd,open\nhttp://127.0.0.1/x,open\nsqlite:///x,open\n"},
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_line_when_its_own_files_are_hostile_then_findings_and_nothing_else(
    bank: Bank, vocabulary: Vocabulary, name: str
) -> None:
    folder = write_line(bank)
    for path, content in HOSTILE[name].items():
        (folder / path).write_bytes(content)
    line = judged(bank, vocabulary)
    assert not line.valid
    assert len(line.subjects("")[0].findings) <= LISTED_FINDINGS
    for each in line.all_findings():
        assert each.message.isprintable()
        assert each.path in {*HOSTILE[name], "line.yaml", "files.csv", *(row.path for row in line.line.files)}
