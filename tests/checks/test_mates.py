"""Files that belong together name each other, by path and in line folders, by their names and by files.csv."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.checks.mates import with_mates
from catalog.cli.root import run
from catalog.findings import Subject
from tests.builders import LINE_ID, fastq_bytes, judge, make_bank, write_line


def related(*paths: str) -> dict[str, tuple[str, ...]]:
    found = with_mates([Subject(path=path, kind="file") for path in paths])
    assert [each.path for each in found] == list(paths)
    return {each.path: each.related for each in found if each.related}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a_R1.fastq.gz", "a_R2.fastq.gz"),
        ("x/a_1.fq.gz", "x/a_2.fq.gz"),
        ("a.1.fastq", "a.2.fastq"),
        ("a_R1.fastq", "a_R2.fastq.gz"),
        ("a_R1.fastq.gz", "a_R2.fq"),
        ("a_S1_L001_R1_001.fastq.gz", "a_S1_L001_R2_001.fastq.gz"),
        ("./a_R1.fastq", "a_R2.fastq"),
        ("a.R1.fastq", "a.R2.fastq.gz"),
        ("a_R1_001_val_1.fq.gz", "a_R2_001_val_2.fq.gz"),
        ("a_r1_paired.fastq", "a_r2_paired.fastq"),
        ("a.vcf.gz", "a.vcf.gz.tbi"),
        ("a.bam", "a.bam.bai"),
        ("a.bam", "a.bai"),
        ("a.cram", "a.cram.crai"),
    ],
)
def test_files_when_their_names_belong_together_then_each_names_the_other(first: str, second: str) -> None:
    assert related(first, "other.fastq.gz", second) == {first: (second,), second: (first,)}


@pytest.mark.parametrize(
    "paths",
    [
        ("a_R1.fastq.gz", "b_R2.fastq.gz"),
        ("x/a_R1.fastq.gz", "y/a_R2.fastq.gz"),
        ("a_R1.fastq.gz", "a_1.fastq.gz"),
        ("a_R1.fastq.gz", "a_R1.fastq.gz"),
        ("a_R1.txt", "a_R2.txt"),
        ("a_R3.fastq.gz", "a_R2.fastq.gz"),
        ("a_1_R1.fastq", "a_2_R2.fastq"),
    ],
)
def test_files_when_their_names_do_not_belong_together_then_nothing(paths: tuple[str, ...]) -> None:
    assert related(*paths) == {}


def test_files_of_plink_when_there_are_three_then_each_names_two() -> None:
    assert related("a.bed", "a.bim", "a.fam", "b.bed")["a.bim"] == ("a.bed", "a.fam")


def test_validate_when_one_mate_is_named_then_the_other_is_judged_by_the_rules_of_the_bank_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a_R1.fastq.gz").write_bytes(fastq_bytes())
    Path("a_R2.fastq").write_bytes(b"no reads\n")
    Path("a_R2.fastq.gz").write_bytes(fastq_bytes()[:-4])
    assert run(["validate", "a_R1.fastq.gz", "--rules", "spec"]) == 0
    assert run(["validate", "a_R1.fastq.gz", "--rules", "bank"]) == 1
    assert "a_R2.fastq.gz" in capsys.readouterr().out


def test_validate_when_mates_are_given_by_path_then_related_is_in_its_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a_R1.fastq.gz", "a_R2.fastq.gz", "b_R1.fastq.gz"):
        Path(name).write_bytes(fastq_bytes())
    assert run(["validate", "a_R1.fastq.gz", "./a_R2.fastq.gz", "b_R1.fastq.gz", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["subjects"]
    assert [each.get("related") for each in told] == [["./a_R2.fastq.gz"], ["a_R1.fastq.gz"], None]


def test_line_when_files_have_one_group_then_related_paths_are_as_the_caller_writes_them(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    one, two, alone = "data/wes/forward_R1.fastq.gz", "data/wes/backward_R2.fastq.gz", "data/wes/alone.fastq.gz"
    files = {one: fastq_bytes(2), two: fastq_bytes(3), alone: fastq_bytes()}
    write_line(bank, files=files, cells={one: {"group": "g"}, two: {"group": "g"}})
    subjects = {each.path: each for each in judge(bank).subjects(f"lines/{LINE_ID}")}
    first, second = f"lines/{LINE_ID}/{one}", f"lines/{LINE_ID}/{two}"
    assert subjects[first].to_json()["related"] == [second]
    assert subjects[second].to_json()["related"] == [first]
    assert "related" not in subjects[f"lines/{LINE_ID}/{alone}"].to_json()
    [other] = [each.related for path in (first, second) for each in subjects[path].findings if each.related]
    assert other in {(first,), (second,)}, "the finding about the mate is as the caller writes it as well"
