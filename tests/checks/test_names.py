"""Names: linted with a suggestion and the evidence for and against it; nothing is ever renamed."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.checks.names import CHECK, NAME_RULES
from catalog.checks.protocol import BankSubject
from catalog.findings import Finding
from catalog.model import BankSettings, Publisher
from catalog.vocabulary import Vocabulary
from tests.builders import BASE_IRI, line_value
from tests.checks.subjects import named, subject

BANK = BankSettings(profile="bank-1", title="x", base_iri=BASE_IRI, publisher=Publisher(name="x"))


def of_line(vocabulary: Vocabulary, line_id: str, **changes: Any) -> list[Finding]:
    return list(CHECK.check_line(named(vocabulary, line_id, **changes)))


def codes(findings: list[Finding]) -> list[tuple[str, str, object]]:
    assert all(each.path == "line.yaml" for each in findings)
    return [(each.code, str(each.severity), each.column) for each in findings]


@pytest.mark.parametrize(
    ("line_id", "changes", "wanted"),
    [
        ("KSCBi005-A", {}, []),
        ("KSCBe001-A", {"line_type": "ESC"}, []),
        ("KSCBi005-A", {"line_type": "ESC"}, [("name-type-letter", "error", "line_type")]),
        ("KSCBe001-A", {"line_type": "iPSC"}, [("name-type-letter", "error", "line_type")]),
        ("KSCBi005-A", {"line_type": "derived"}, []),
        ("KSCBi005-A", {"line_type": "unknown"}, []),
        ("KSCBi0016-A", {}, [("name-nonstandard", "warning", "line_id")]),
        ("SNUhES3", {"line_type": "ESC"}, [("name-local", "warning", "line_id")]),
        ("SNUhES3", {"name_reason": "unknown"}, [("name-local", "warning", "line_id")]),
        ("SNUhES3", {"line_type": "ESC", "name_reason": "banked before registration"}, []),
        ("KSCBi005-A-1", {}, [("name-parent", "warning", "parent"), ("name-parent-elsewhere", "info", "parent")]),
        ("KSCBi005-A-1", {"parent": {"line": "KSCBi005-A"}}, [("name-parent-elsewhere", "info", "parent")]),
        ("KSCBi005-A-1", {"parent": {"line": "KSCBi006-A"}, "line_ids": ["KSCBi005-A"]}, [("name-parent", "warning", "parent")]),
        ("KSCBi005-A-1", {"parent": {"line": "KSCBi005-A"}, "line_ids": ["KSCBi005-A"]}, []),
    ],
)  # fmt: skip
def test_name_when_it_does_not_fit_the_record_then_a_finding_at_the_field(
    vocabulary: Vocabulary, line_id: str, changes: dict[str, Any], wanted: list[tuple[str, str, str]]
) -> None:
    assert codes(of_line(vocabulary, line_id, **changes)) == wanted


def test_parent_when_it_is_missing_then_the_hint_shows_what_to_write(vocabulary: Vocabulary) -> None:
    finding = of_line(vocabulary, "KSCBi005-A-1")[0]
    assert "parent: {line: KSCBi005-A, relation: edited}" in finding.hint


def test_name_when_the_obvious_repair_would_merge_two_lines_then_the_evidence_says_so(vocabulary: Vocabulary) -> None:
    """The trap of the Korea National Stem Cell Bank: KSCBi0016-A is not KSCBi016-A."""
    changes = {"aliases": [{"name": "CMC-hiPSC-005", "kind": "in-house"}], "line_ids": ["KSCBi016-A"]}
    (finding,) = of_line(vocabulary, "KSCBi0016-A", **changes)
    assert (finding.code, finding.expected, finding.got) == ("name-nonstandard", "KSCBi016-A", "KSCBi0016-A")
    against = finding.hint.split("Against:")[1]
    for words in (
        "CVCL_B5S0",
        "the alias CMC-hiPSC-005 is CVCL_WR27",
        "this bank has another line KSCBi016-A",
        "merge two lines",
    ):
        assert words in against
    assert "Nothing is renamed" in finding.hint


def test_name_when_nothing_speaks_against_the_repair_then_the_evidence_says_that_too(vocabulary: Vocabulary) -> None:
    (unknown,) = of_line(vocabulary, "KSCBi0999-A")
    assert unknown.expected == "KSCBi999-A"
    assert "Against: nothing is known." in unknown.hint
    (registered,) = of_line(vocabulary, "KSCBi0017-A")
    assert "KSCBi017-A is registered as CVCL_C1TU; that may be this line" in registered.hint
    (none,) = of_line(vocabulary, "KSCBi1234-A")
    assert none.expected is None
    assert "No standard name can be suggested." in none.hint


def of_bank(vocabulary: Vocabulary, *lines: tuple[str, str]) -> list[tuple[str, str, object]]:
    subjects = [subject(vocabulary, line_value(line_id=line_id, donor={"donor_id": donor})) for line_id, donor in lines]
    found = list(CHECK.check_bank(BankSubject(settings=BANK, lines=subjects)))
    return [(line_id, each.code, each.column) for line_id, each in found]


def test_bank_when_names_share_a_donor_number_but_not_the_donor_then_a_warning(vocabulary: Vocabulary) -> None:
    assert of_bank(vocabulary, ("KSCBi005-A", "D1"), ("KSCBi005-A-1", "D2"), ("KSCBi005-B", "D1")) == [
        ("KSCBi005-A-1", "name-donor", "donor.donor_id")
    ]
    assert of_bank(vocabulary, ("KSCBi005-A", "D1"), ("KSCBi005-B", "unknown"), ("KSCBe005-A", "D3")) == []
    assert (
        of_bank(vocabulary, ("KSCBi005-A", "D1"), ("SCBi005-A", "D2"), ("KSCBi0005-A", "D3"), ("local-5", "D4")) == []
    )


def test_donor_when_it_differs_then_that_of_the_other_line_is_not_told(vocabulary: Vocabulary) -> None:
    """The other line may be closed, and then its donor is not public; this finding may be."""
    subjects = [
        named(vocabulary, "KSCBi005-A", donor={"donor_id": "SECRET"}, access={"tier": "controlled"}),
        named(vocabulary, "KSCBi005-B", donor={"donor_id": "D2"}),
    ]
    ((_, finding),) = CHECK.check_bank(BankSubject(settings=BANK, lines=subjects))
    assert "SECRET" not in str(finding.to_json())
    assert "KSCBi005-A" in finding.message


def test_bank_when_two_names_are_one_on_portals_then_an_error(vocabulary: Vocabulary) -> None:
    assert of_bank(vocabulary, ("line.one", "D1"), ("Line-One", "D2"), ("line-two", "D3")) == [
        ("Line-One", "name-portal-twin", "line_id")
    ]


def test_rules_when_all_cases_are_taken_together_then_each_has_one() -> None:
    assert {rule.code for rule in NAME_RULES} == {
        "name-nonstandard", "name-local", "name-type-letter", "name-parent", "name-parent-elsewhere", "name-donor",
        "name-portal-twin",
    }  # fmt: skip
