"""Access, consent and licence of a line."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.access import ACCESS_RULES
from catalog.checks.rights import CHECK, RIGHTS_RULES
from catalog.findings import Finding
from catalog.vocabulary import Vocabulary
from tests.builders import line_value, row
from tests.checks.subjects import subject


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, []),
        ({"licence": None}, [("rights-licence", "warning", "licence")]),
        ({"licence": "unknown"}, [("rights-licence", "warning", "licence")]),
        ({"licence": None, "access": {"tier": "controlled"}}, []),
        ({"licence": None, "access": {"tier": "registered"}}, []),
        ({"consent": {"permissions": {"sharing_open": False}}}, [("access-against-consent", "error", "access.tier")]),
        ({"consent": {"duo": "unknown"}}, [("access-consent-unknown", "warning", "consent")]),
    ],
)  # fmt: skip
def test_rights_when_something_is_missing_or_refused_then_a_finding_at_its_field(
    vocabulary: Vocabulary, changes: dict[str, Any], wanted: list[tuple[str, str, str]]
) -> None:
    found = of_line(vocabulary, changes, files=True)
    assert [(each.code, str(each.severity), each.column) for each in found] == wanted
    assert all(each.path == "line.yaml" for each in found)


def of_line(vocabulary: Vocabulary, changes: dict[str, Any], *, files: bool) -> list[Finding]:
    rows = [row("data/a.txt", role="document")] if files else []
    return list(CHECK.check_line(subject(vocabulary, line_value(rows, **changes))))


def test_licence_when_there_are_no_files_then_none_is_asked_for(vocabulary: Vocabulary) -> None:
    assert of_line(vocabulary, {"licence": None}, files=False) == []


def test_rules_when_listed_then_those_of_access_and_the_licence() -> None:
    assert {rule.code for rule in RIGHTS_RULES} == {*(rule.code for rule in ACCESS_RULES), "rights-licence"}
