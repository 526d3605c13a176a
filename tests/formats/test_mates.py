"""Mates of FASTQ pairs: which files are a pair, and what is looked up in them a second time."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from catalog.checks.companions import judge_companions
from catalog.checks.mates import name_groups
from catalog.findings import Finding, Level, Subject
from catalog.formats.inspect import Manner, inspect_file
from catalog.formats.mates import MATES
from tests.formats import cases_fastq as cases
from tests.formats.defects import codes

FIRST, SECOND = cases.reads(), cases.reads(mate=2)
NAMES = (
    "a_R1.fastq.gz", "a_R2.fastq", "a_1.fq", "a_2.fq.gz", "a.1.fastq", "a.2.fq.bgz", "a_S1_L001_R1_001.fastq.gz", "a_R3.fastq",
    "a_R1.txt", "a_R1_002.fastq", "R1.fastq", "_R1.fastq", "a1.fastq", "a_R1.fastq.bz2", "a_r1.fastq", "a_R1_R2.fastq",
    "a.R1.fastq", "a-R2.fastq", "a_R1.trimmed.fastq.gz", "a_R2_paired.fq",
)  # fmt: skip


def judged(folder: Path, files: dict[str, bytes], group: str = "", *, level: Level = Level.BANK) -> dict[str, Subject]:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    subjects = [inspect_file(folder / name, shown=name, level=level) for name in files]
    groups = {folder / name: group for name in files if group}
    found = judge_companions([(folder / each.path, each) for each in subjects], level, groups)
    return {each.path: each for each in found}


def found(subjects: dict[str, Subject]) -> list[tuple[str, Finding]]:
    return [(path, each) for path, subject in subjects.items() for each in subject.findings if "mates-" in each.code]


@pytest.mark.parametrize("name", NAMES)
def test_part_when_taken_from_a_name_then_agrees_with_what_is_shown_as_related(name: str) -> None:
    part = MATES.part_of(name)
    groups = [each.removeprefix("mates ") for each in name_groups(name) if each.startswith("mates ")]
    assert groups == ([part[0]] if part else [])
    if part:
        assert part[1] == ("R1" if name.startswith(part[0].replace("*", "1") + ".") else "R2")


def test_mates_when_only_one_is_compressed_then_are_a_pair(tmp_path: Path) -> None:
    first, other = cases.text(FIRST), cases.text(SECOND[:-1])
    subjects = judged(tmp_path, {"a_R1.fastq": first, "a_R2.fq.gz": gzip.compress(other, mtime=0)})
    [(path, finding)] = found(subjects)
    assert (path, finding.code, finding.related) == ("a_R2.fq.gz", "mates-reads", ("a_R1.fastq",))
    assert subjects["a_R1.fastq"].related == ()


def test_mates_when_they_are_there_in_two_forms_then_each_is_judged_with_that_of_its_form(tmp_path: Path) -> None:
    short = {"a_R1.fastq": cases.text(FIRST[:3]), "a_R2.fastq": cases.text(SECOND[:3])}
    whole = {
        "a_R1.fq.gz": gzip.compress(cases.text(FIRST), mtime=0),
        "a_R2.fq.gz": gzip.compress(cases.text(SECOND), mtime=0),
    }
    assert found(judged(tmp_path, short | whole)) == []
    [(path, finding)] = found(
        judged(tmp_path, whole | {"a_R2.fastq": short["a_R2.fastq"]} | {"a_R1.fastq": cases.text(FIRST)})
    )
    assert (path, finding.code, finding.related) == ("a_R2.fastq", "mates-reads", ("a_R1.fastq",))


def test_second_look_when_files_are_compressed_or_of_windows_then_finds_the_line(tmp_path: Path) -> None:
    windows = cases.text(cases.PLAIN, "\r\n")
    swapped = [*cases.PLAIN[:7], cases.PLAIN[8], cases.PLAIN[7], *cases.PLAIN[9:]]
    second = gzip.compress(cases.text(cases.wrapped(swapped)), mtime=0)
    [(path, finding)] = found(judged(tmp_path, {"a_R1.fastq": windows, "a_R2.fastq.gz": second}, "g"))
    assert (path, finding.code, finding.line, finding.record) == ("a_R2.fastq.gz", "mates-names", 57, 8)
    assert (finding.expected, finding.got, finding.related) == ("read7", "read8", ("a_R1.fastq",))


def test_paths_when_compared_on_mates_then_digests_agree(tmp_path: Path) -> None:
    for reads in (FIRST, SECOND, cases.pairs(), cases.ARCHIVE, cases.wrapped(cases.PLAIN)):
        path = tmp_path / "a.fastq"
        path.write_bytes(cases.text(reads))
        plain, fast = (inspect_file(path, level=Level.BANK, manner=Manner(is_fast=each)) for each in (False, True))
        assert plain.evidence == fast.evidence


def test_group_when_it_has_several_pairs_then_each_is_judged_by_its_own_mate(tmp_path: Path) -> None:
    files = dict(cases.LANES)
    files["a_L002_R2_001.fastq"] = cases.text(cases.reads(20, mate=2))
    [(path, finding)] = found(judged(tmp_path, files, "wes"))
    assert (path, finding.code, finding.related) == ("a_L002_R2_001.fastq", "mates-reads", ("a_L002_R1_001.fastq",))
    assert (finding.expected, finding.got) == ("24 reads", "20 reads")


def test_group_when_the_names_have_other_stems_then_the_two_are_a_pair(tmp_path: Path) -> None:
    files = {"forward_R1.fastq": cases.text(FIRST), "backward_R2.fastq": cases.text(SECOND[:9])}
    assert [finding.code for _, finding in found(judged(tmp_path, files))] == ["mates-missing"]
    [(path, finding)] = found(judged(tmp_path, files, "wes"))
    assert (path, finding.code) == ("backward_R2.fastq", "mates-reads")


def test_mates_when_trimmed_by_trim_galore_then_are_a_pair(tmp_path: Path) -> None:
    files = {"a_1_R1_val_1.fq": cases.text(FIRST), "a_1_R2_val_2.fq": cases.text(SECOND[:9])}
    [(path, finding)] = found(judged(tmp_path, files))
    assert (path, finding.code, finding.related) == ("a_1_R2_val_2.fq", "mates-reads", ("a_1_R1_val_1.fq",))


def test_group_when_names_say_nothing_then_titles_tell_the_mates(tmp_path: Path) -> None:
    files = {"x.reverse.fastq": cases.text(SECOND[:9]), "x.forward.fastq": cases.text(FIRST)}
    assert found(judged(tmp_path, files)) == []
    [(path, finding)] = found(judged(tmp_path, files, "wes"))
    assert (path, finding.code, finding.related) == ("x.reverse.fastq", "mates-reads", ("x.forward.fastq",))


def test_second_mate_when_alone_then_only_a_name_or_reads_that_say_so_count(tmp_path: Path) -> None:
    unmarked = cases.text(cases.PLAIN)
    for name, content, wanted in (
        ("a_R2.fastq", unmarked, ["mates-missing"]),
        ("a_2.fastq", unmarked, []),
        ("a_2.fq", cases.text(SECOND), ["mates-missing"]),
        ("a_R1.fastq", unmarked, []),
    ):
        folder = tmp_path / name
        folder.mkdir()
        assert codes(judged(folder, {name: content})[name]) == wanted


def test_mates_when_judged_by_the_specification_then_nothing(tmp_path: Path) -> None:
    files = {"a_R1.fastq": cases.text(FIRST), "a_R2.fastq": cases.text(FIRST[:9])}
    assert found(judged(tmp_path, files, level=Level.SPEC)) == []


def test_mates_when_one_is_damaged_then_only_what_can_be_said_is_said(tmp_path: Path) -> None:
    cut = gzip.compress(cases.text(SECOND), mtime=0)[:-300]
    subjects = judged(tmp_path, {"a_R1.fastq": cases.text(FIRST), "a_R2.fastq.gz": cut, "b_R2.fastq": b"\0\1\2"}, "g")
    assert found(subjects) == []
    files = {"d_R1.fastq": cases.text(FIRST), "d_R2.fastq": cases.text(SECOND)[:-150]}
    assert [finding.code for _, finding in found(judged(tmp_path, files))] == ["mates-reads"]


def test_mates_when_a_file_is_gone_at_the_second_look_then_nothing_is_said(tmp_path: Path) -> None:
    swapped = [SECOND[1], SECOND[0], *SECOND[2:]]
    subjects = []
    for name, reads in (("a_R1.fastq", FIRST), ("a_R2.fastq", swapped)):
        (tmp_path / name).write_bytes(cases.text(reads))
        subjects.append(inspect_file(tmp_path / name, shown=name, level=Level.BANK))
        (tmp_path / name).unlink()
    found = judge_companions([(tmp_path / each.path, each) for each in subjects], Level.BANK)
    assert [codes(each) for each in found] == [[], []]
