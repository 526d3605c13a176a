"""Samples of files: a name that is another line's is told, whatever stands around it; the line's own never is."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest

from catalog.checks.protocol import BankSubject, LineSubject
from catalog.checks.samples import CHECK
from catalog.findings import Level
from catalog.formats.arrays.sample_names import note_sample, sample_rule
from catalog.formats.containers import Source
from catalog.formats.protocol import Declared, Reading
from catalog.model import BankSettings, Publisher
from catalog.vocabulary import Vocabulary
from tests.builders import BASE_IRI, line_value, row, seen
from tests.checks.subjects import subject

BANK = BankSettings(profile="bank-1", title="x", base_iri=BASE_IRI, publisher=Publisher(name="x"))
IDS = frozenset({"KSCBi002-A", "KSCBi005-A", "KSCBi005-A-1", "H9"})
OWN = "KSCBi005-A"


def line(
    vocabulary: Vocabulary, names: list[str], line_id: str = OWN, *, cells: dict[str, Any] | None = None, **changes: Any
) -> LineSubject:
    file = replace(seen("a.vcf", "vcf"), facts={"samples": names})
    rows = [row("a.vcf", **(cells or {}))]
    return replace(subject(vocabulary, line_value(rows, line_id=line_id, **changes), [file]), line_ids=IDS)


@pytest.mark.parametrize(
    ("names", "sample_id", "expected"),
    [
        ([OWN], "", []),
        (["kscbi005_a.rep1"], "", []),
        (["KSCBi005-A-2"], "", []),  # a second one of this line: the bank has no such subclone
        (["laboratory 7"], "", []),
        ([], "KSCBi005-A", []),
        (["KSCBi002-A", OWN], "", []),  # of several lines, this one among them
        (["KSCBi002-A", "S1"], "S1", []),
        (["H9"], "H9", [("H9", "sample_id")]),
        (["plate_H9"], "", []),
        (["XKSCBi002-A"], "", []),
        (["KSCBi002-A"], "", [("KSCBi002-A", None)]),
        (["S1", "2026-03_KSCBi002_A_CytoScan"], "", [("KSCBi002-A", None)]),
        (["KSCBi005-A-1"], "", [("KSCBi005-A-1", None)]),
        (["KSCBi002-A"], "KSCBi002-A", [("KSCBi002-A", "sample_id")]),
        (["KSCBi002-A"], OWN, [("KSCBi002-A", None)]),
    ],
)
def test_samples_of_a_file_when_known_as_another_lines_then_that_line_is_named(
    vocabulary: Vocabulary, names: list[str], sample_id: str, expected: list[tuple[str, str | None]]
) -> None:
    found = list(CHECK.check_line(line(vocabulary, names, cells={"sample_id": sample_id})))
    assert [(each.got, each.column) for each in found] == expected
    assert {(each.code, each.path, str(each.severity)) for each in found} <= {
        ("sample-of-another-line", "a.vcf", "error")
    }


def test_samples_when_in_the_evidence_or_of_a_document_then_the_file_is_judged_and_the_document_is_not(
    vocabulary: Vocabulary,
) -> None:
    for member in ("samples", "sample_names"):
        file = replace(seen("a.CEL", "cel"), evidence={member: ["KSCBi002-A"]})
        for role, count in (("raw", 1), ("document", 0)):
            given = subject(vocabulary, line_value([row("a.CEL", role=role)], line_id=OWN), [file])
            assert len(list(CHECK.check_line(replace(given, line_ids=IDS)))) == count


def test_aliases_when_of_another_line_then_told_once_over_the_bank(vocabulary: Vocabulary) -> None:
    aliases: Any = [{"name": "CMC-hiPSC-003", "kind": "in-house"}, {"name": "common", "kind": "in-house"}]
    lines = (
        line(vocabulary, ["CMC-hiPSC-003_WES"], "KSCBi002-A", aliases=aliases[1:]),
        line(vocabulary, ["CMC-hiPSC-003_WES"], OWN, aliases=aliases),
        line(vocabulary, ["KSCBi002-A"], "H9", aliases=[]),
    )
    told = list(CHECK.check_bank(BankSubject(settings=BANK, lines=lines)))
    assert [(own, each.got, each.message.rpartition(" ")[2]) for own, each in told] == [
        ("KSCBi002-A", "CMC-hiPSC-003", OWN),
    ]
    shared = line(vocabulary, ["common"], "KSCBi002-A", aliases=aliases[1:])
    assert not list(CHECK.check_bank(BankSubject(settings=BANK, lines=(shared, lines[1]))))


def test_files_of_arrays_when_they_name_samples_then_the_names_are_evidence() -> None:
    reading = Reading(Source(io.BytesIO(b"")), Declared(line_id=OWN), Level.BANK, "a.CEL")
    note_sample(reading, sample_rule("cel"), [("DatHeader", " KSCBi005-A_scan "), ("other", "")])
    assert reading.evidence == {"sample_names": ["KSCBi005-A_scan"]}
