"""Every rule of every format has a file with that one defect; both paths say the same; damaged bytes stop nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from catalog.checks.companions import judge_companions
from catalog.findings import Level, Severity, Subject
from catalog.formats.companions import Companions
from catalog.formats.inspect import Manner, find_format, formats, inspect_file
from catalog.registry import COMPANIONS, plugins
from tests.formats.cases import FormatCases, GroupCases, GroupDefect, all_formats, all_groups
from tests.formats.defects import Defect, codes, fuzzed

FORMATS = all_formats()
GROUPS = all_groups()
#: Formats whose proofs stand in a test of their own.
ELSEWHERE = frozenset({"image", "json", "pdf", "text"})
#: Damaged files of each format; 'make fuzz' asks for more.
FUZZED_FILES = int(os.environ.get("FAIRLINE_FUZZED_FILES", "200"))
VALID = [(case, name) for case in FORMATS for name in case.valid]
DEFECTS = [(case, defect) for case in FORMATS for defect in case.defects]
GROUP_DEFECTS = [(case, defect) for case in GROUPS for defect in case.defects]


def inspect(folder: Path, case: FormatCases, content: bytes, defect: Defect | None = None, **rest: object) -> Subject:
    path = folder / (defect.name if defect and defect.name else case.file)
    path.write_bytes(content)
    declared = defect.declared if defect and defect.declared != type(defect.declared)() else case.declared
    return inspect_file(path, shown=path.name, declared=declared, **rest)  # type: ignore[arg-type]


def test_formats_when_compared_with_the_cases_then_all_are_proved() -> None:
    assert {case.format for case in FORMATS} == set(formats()) - ELSEWHERE
    assert {case.companions for case in GROUPS} == set(plugins(COMPANIONS))


@pytest.mark.parametrize("case", FORMATS, ids=lambda case: case.format)
def test_rules_when_compared_with_the_defects_then_each_has_one_and_no_other(case: FormatCases) -> None:
    assert {defect.code for defect in case.defects} == {rule.code for rule in find_format(case.format).rules}


@pytest.mark.parametrize("case", GROUPS, ids=lambda case: case.companions)
def test_rules_of_companions_when_compared_with_the_defects_then_each_has_one(case: GroupCases) -> None:
    kind = plugins(COMPANIONS)[case.companions]
    assert isinstance(kind, Companions)
    assert {defect.code for defect in case.defects} == {rule.code for rule in kind.rules}


def on_both_paths(
    folder: Path, case: FormatCases, content: bytes, level: Level, defect: Defect | None = None
) -> Subject:
    """What is said of a file, which is the same on both paths."""
    plain = inspect(folder, case, content, defect, level=level, manner=Manner(is_fast=False))
    fast = inspect(folder, case, content, defect, level=level, manner=Manner(is_fast=True))
    assert fast.to_json() == plain.to_json()
    return plain


@pytest.mark.parametrize(("case", "name"), VALID, ids=[f"{case.format}-{name}" for case, name in VALID])
def test_valid_file_when_inspected_on_both_paths_then_has_no_error(
    tmp_path: Path, case: FormatCases, name: str
) -> None:
    subject = on_both_paths(tmp_path, case, case.valid[name], Level.SPEC)
    assert subject.format == case.format
    assert [each for each in subject.findings if each.severity is Severity.ERROR] == []
    if name in case.clean:
        assert codes(on_both_paths(tmp_path, case, case.valid[name], Level.BANK)) == []


@pytest.mark.parametrize(("case", "defect"), DEFECTS, ids=[f"{case.format}-{each.id}" for case, each in DEFECTS])
def test_defect_when_inspected_on_both_paths_then_is_found_at_its_place(
    tmp_path: Path, case: FormatCases, defect: Defect
) -> None:
    subject = on_both_paths(tmp_path, case, defect.content, defect.level, defect)
    found = [finding for finding in subject.findings if finding.code == defect.code]
    assert found, f"{defect.code} not in {codes(subject)}"
    if defect.only:
        assert set(codes(subject)) == {defect.code}
    for member in ("line", "record", "offset", "column"):
        wanted = getattr(defect, member)
        if wanted is not None:
            assert getattr(found[0], member) == wanted, f"{member} is {getattr(found[0], member)}"
    assert found[0].hint
    assert found[0].source


@pytest.mark.slow
@pytest.mark.parametrize("case", FORMATS, ids=lambda case: case.format)
def test_damaged_files_when_inspected_on_both_paths_then_stop_nothing_and_say_the_same(
    tmp_path: Path, case: FormatCases
) -> None:
    contents = [*case.valid.values(), *(each.content for each in case.defects)]
    path = tmp_path / case.file

    def judge(name: str, is_fast: bool) -> Subject:
        manner = Manner(is_fast=is_fast)
        return inspect_file(path, level=Level.BANK, format_name=name, manner=manner, declared=case.declared)

    for seed in range(FUZZED_FILES):
        path.write_bytes(fuzzed(contents[seed % len(contents)], seed))
        plain = judge(case.format, is_fast=False)
        assert "format-reader-failed" not in codes(plain), (seed, plain.findings)
        assert judge(case.format, is_fast=True).to_json() == plain.to_json(), seed
        assert "format-reader-failed" not in codes(judge("", is_fast=seed % 2 == 0)), seed


def write_group(folder: Path, files: dict[str, bytes], old: Sequence[str] = ()) -> list[Subject]:
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
        if name in old:
            os.utime(folder / name, (time.time() - 3600,) * 2)
    subjects = [inspect_file(folder / name, shown=name, level=Level.BANK) for name in files]
    return judge_companions([(folder / each.path, each) for each in subjects], Level.BANK)


@pytest.mark.parametrize(
    ("case", "name"), [(case, name) for case in GROUPS for name in case.valid], ids=lambda each: getattr(each, "companions", each)
)  # fmt: skip
def test_valid_group_when_judged_then_has_no_finding(tmp_path: Path, case: GroupCases, name: str) -> None:
    for subject in write_group(tmp_path, dict(case.valid[name])):
        assert codes(subject) == []


@pytest.mark.parametrize(
    ("case", "defect"), GROUP_DEFECTS, ids=[f"{case.companions}-{each.id}" for case, each in GROUP_DEFECTS]
)
def test_group_defect_when_judged_then_is_found_at_the_dependent_file(
    tmp_path: Path, case: GroupCases, defect: GroupDefect
) -> None:
    subjects = {subject.path: subject for subject in write_group(tmp_path, dict(defect.files), defect.old)}
    found = [finding for finding in subjects[defect.at].findings if finding.code == defect.code]
    assert found, {path: codes(subject) for path, subject in subjects.items()}
    for member in ("line", "record", "column"):
        wanted = getattr(defect, member)
        if wanted is not None:
            assert getattr(found[0], member) == wanted
    others = {path for path in subjects if path != defect.at}
    assert set(found[0].related) <= others
    assert found[0].related or not others
