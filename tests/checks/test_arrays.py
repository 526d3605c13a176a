"""Chains of arrays: what a scan and its results were made from is looked for in the line, then in the others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from catalog.checks.arrays import CHECK
from catalog.checks.protocol import BankSubject, LineSubject
from catalog.findings import Subject
from catalog.model import BankSettings, Publisher
from catalog.vocabulary import Vocabulary
from tests.builders import BASE_IRI, line_value, row, seen
from tests.checks.subjects import subject

BANK = BankSettings(profile="bank-1", title="x", base_iri=BASE_IRI, publisher=Publisher(name="x"))
CHIP = "CytoScanHD_Array"


def scan(path: str = "a.CEL", own: str = "cel-1", arrays: tuple[str, ...] = ("array-1",), chip: str = CHIP) -> Subject:
    evidence: dict[str, Any] = {"chip_type": chip, "identifiers": [own], "scans": [], "arrays": list(arrays)}
    return replace(seen(path, "cel"), evidence=evidence)


def results(path: str = "a.cychp", scans: tuple[str, ...] = ("cel-1",), chip: str | None = CHIP) -> Subject:
    evidence: dict[str, Any] = {"chip_type": chip, "identifiers": ["chp-1"], "scans": list(scans), "arrays": []}
    return replace(seen(path, "chp"), evidence=evidence)


def sheet(path: str = "a.ARR", *names: str) -> Subject:
    return replace(seen(path, "arr"), evidence={"identifiers": list(names)})


def line(vocabulary: Vocabulary, files: tuple[Subject, ...], line_id: str = "KSCBi005-A") -> LineSubject:
    return subject(vocabulary, line_value([row(each.path) for each in files], line_id=line_id), files)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ((scan(), results(), sheet("a.ARR", "sheet-1", "array-1")), []),
        ((scan(arrays=("{ARRAY-1}",)), sheet("a.ARR", "array-1")), []),
        ((scan(arrays=("array-9", "@550")), sheet("a.ARR", "array-1", "@550")), []),
        ((scan(), sheet("a.ARR", "array-2")), [("array-chain", "a.CEL", ("a.ARR",))]),
        ((scan(), sheet("a.ARR", "array-2"), sheet("b.ARR", "array-1")), []),
        ((scan(own="cel-2"), results()), [("array-chain", "a.cychp", ("a.CEL",))]),
        ((scan(own="cel-2", chip="GenomeWideSNP_6"), results()), []),  # another array of the line
        ((scan(own="cel-2"), results(chip=None)), [("array-chain", "a.cychp", ("a.CEL",))]),
        ((scan(own="0000000000-0000000000"), results()), []),  # that names nothing
        ((scan(arrays=()), sheet("a.ARR", "array-2")), []),  # it does not say of which array it is
        ((results(),), []),
        ((replace(scan(), evidence={}), sheet("a.ARR", "array-2")), []),
    ],
)
def test_array_files_of_a_line_when_compared_then_the_one_outside_of_the_chain_is_told(
    vocabulary: Vocabulary, files: tuple[Subject, ...], expected: list[tuple[str, str, tuple[str, ...]]]
) -> None:
    assert [(each.code, each.path, each.related) for each in CHECK.check_line(line(vocabulary, files))] == expected


def test_scans_when_swapped_between_lines_then_both_lines_are_told_the_other(vocabulary: Vocabulary) -> None:
    first = line(vocabulary, (scan(own="cel-2"), results()), "KSCBi001-A")
    second = line(vocabulary, (scan(own="cel-1"), results(scans=("cel-2",))), "KSCBi002-A")
    third = line(vocabulary, (scan(own="cel-3"), results(scans=("cel-3",))), "KSCBi003-A")
    found = CHECK.check_bank(BankSubject(settings=BANK, lines=(first, second, third)))
    assert [(line_id, each.code, each.path, each.got) for line_id, each in found] == [
        ("KSCBi001-A", "array-of-another-line", "a.cychp", "KSCBi002-A"),
        ("KSCBi002-A", "array-of-another-line", "a.cychp", "KSCBi001-A"),
    ]
