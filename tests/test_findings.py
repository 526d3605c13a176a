"""Findings: made by rules, safe to show, equal after a journey through JSON, bounded in number."""

from __future__ import annotations

import json
import re
import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.access import ACCESS_RULES
from catalog.bank import BANK_RULES
from catalog.checks.run import checks
from catalog.checks.tables import TABLE_RULES
from catalog.checks.workers import WORKER_RULES
from catalog.explanations import rules_by_area
from catalog.findings import (
    LISTED_FINDINGS,
    Collector,
    Finding,
    Level,
    Place,
    Report,
    Rule,
    Severity,
    Subject,
    audit_level,
    show,
)
from catalog.formats.containers.rules import CONTAINER_RULES
from catalog.formats.inspect import INSPECT_RULES, formats
from catalog.loading.document import TEXT_RULES
from catalog.loading.json_reader import JSON_RULES
from catalog.loading.rows import ROWS_RULES
from catalog.loading.toml_reader import TOML_RULES
from catalog.loading.yaml_reader import YAML_RULES
from catalog.ontology.annotate import ANNOTATION_RULES
from catalog.profiles import PROFILE_RULES
from catalog.verify import VERIFY_RULES

RULE = Rule("a-code", Severity.WARNING, Level.BANK, "{field} is {what}", "mend {field}", "a source, 1")


def finding(code: str = "a-code", severity: Severity = Severity.WARNING, **members: object) -> Finding:
    default: dict[str, object] = {"rules": Level.BANK, "message": "m"}
    return Finding(code=code, severity=severity, **{**default, **members})  # type: ignore[arg-type]


def test_rule_when_met_then_a_finding_with_filled_words_and_place() -> None:
    found = RULE.at(
        Place(line=3, column="tier", path="line.yaml", record=2, offset=7),
        expected="open",
        got=["x"],
        related=["b"],
        field="tier",
        what="odd",
    )
    assert found == Finding(
        code="a-code",
        severity=Severity.WARNING,
        rules=Level.BANK,
        message="tier is odd",
        expected="open",
        got="['x']",
        hint="mend tier",
        source="a source, 1",
        line=3,
        record=2,
        column="tier",
        offset=7,
        path="line.yaml",
        related=("b",),
    )


def test_rule_when_a_value_has_braces_then_they_are_text() -> None:
    assert RULE.at(field="{what}", what="{field}").message == "{what} is {field}"


@given(st.text() | st.binary() | st.integers() | st.none())
def test_value_when_shown_then_one_line_of_printable_text(value: object) -> None:
    text = show(value)
    assert text.isprintable()
    assert "\n" not in text
    text.encode()
    assert len(text) <= 10 * 120 + 1


def test_value_when_long_then_cut() -> None:
    assert show("x" * 120) == "x" * 120
    assert show("x" * 121) == "x" * 120 + "…"
    assert show("a\nb\x1b\u202e\udcff") == "a\\nb\\x1b\\u202e\\udcff"
    assert show(b"\xff\x00") == "\\xff\\x00"


words = st.text(max_size=8)
numbers = st.integers(1, 9) | st.none()
findings = st.builds(
    Finding,
    code=st.from_regex(r"[a-z]{1,3}-[a-z]{1,3}", fullmatch=True),
    severity=st.sampled_from(Severity),
    rules=st.sampled_from(Level),
    message=words,
    expected=words | st.none(),
    got=words | st.none(),
    hint=words,
    source=words,
    line=numbers,
    record=numbers,
    column=numbers | words,
    offset=st.integers(0, 9) | st.none(),
    path=words | st.none(),
    related=st.lists(words, max_size=2).map(tuple),
    count=st.integers(1, 5),
)


@given(findings)
def test_finding_when_written_as_json_and_read_then_equal(each: Finding) -> None:
    assert Finding.from_json(json.loads(json.dumps(each.to_json()))) == each


@given(st.lists(findings, max_size=30))
def test_collector_when_filled_then_groups_by_kind_and_place_and_loses_no_count(many: list[Finding]) -> None:
    collector = Collector()
    collector.extend(many)
    listed = tuple(collector)
    assert sum(each.count for each in listed) + collector.more == sum(each.count for each in many)
    keys = [(each.code, each.column, each.path, each.expected, each.severity) for each in listed]
    assert len(keys) == len(set(keys))
    assert collector.has_errors == any(each.severity is Severity.ERROR for each in many)
    for each in listed:
        first = next(
            other
            for other in many
            if (other.code, other.column, other.path, other.expected, other.severity)
            == (each.code, each.column, each.path, each.expected, each.severity)
        )
        assert replace(each, count=1) == replace(first, count=1)


def test_collector_when_over_the_bound_then_counts_the_rest_and_still_knows_errors() -> None:
    collector = Collector()
    collector.extend(finding(column=number) for number in range(LISTED_FINDINGS))
    assert not collector.has_errors
    collector.add(finding("other", Severity.ERROR, count=3))
    collector.add(finding(column=5))
    assert len(tuple(collector)) == LISTED_FINDINGS
    assert collector.more == 3
    assert collector.has_errors


def test_subject_when_only_an_unlisted_finding_is_an_error_then_invalid() -> None:
    subject = Subject(path="a", kind="file")
    assert subject.valid
    many = [finding(column=number) for number in range(LISTED_FINDINGS)]
    full = subject.adding(many)
    assert full.valid
    hidden = full.adding([finding("other", Severity.ERROR)])
    assert not hidden.valid
    assert hidden.more == 1
    assert not hidden.adding([finding("third")]).valid
    assert not subject.adding([finding("other", Severity.ERROR)]).valid


def test_subject_when_written_then_related_and_more_only_when_they_say_something() -> None:
    plain = Subject(path="a", kind="file").to_json()
    assert set(plain) == {"path", "kind", "format", "valid", "bytes", "sha256", "md5", "facts", "findings"}
    told = Subject(path="a", kind="file", findings=(finding(related=("z", "b")),), more=2).to_json()
    assert told["related"] == ["b", "z"]
    assert told["more"] == 2


def test_report_when_counted_then_grouped_findings_count_singly_and_errors_alone_make_it_invalid() -> None:
    subjects = (
        Subject(path="a", kind="file", findings=(finding(count=3), finding("i", Severity.INFO))),
        Subject(path="b", kind="file", findings=(finding("e", Severity.ERROR, count=2),)),
    )
    report = Report(rules=Level.SPEC, subjects=subjects)
    assert report.counts == {"error": 2, "warning": 3, "info": 1}
    assert not report.valid
    assert Report(rules=Level.SPEC, subjects=subjects[:1]).valid
    written = report.to_json("0.1.0")
    assert {name: written[name] for name in ("fairline", "rules", "valid")} == {
        "fairline": "0.1.0",
        "rules": "spec",
        "valid": False,
    }


@pytest.mark.parametrize(
    ("severities", "wanted"),
    [((), "none"), (("info",), "info"), (("info", "warning", "info"), "warning"), (("error", "info"), "error")],
)
def test_audit_level_when_asked_then_the_highest_severity(severities: tuple[str, ...], wanted: str) -> None:
    assert audit_level(finding(severity=Severity(each)) for each in severities) == wanted


def declared_rules() -> list[Rule]:
    """Every rule as often as it is declared; the same object in two lists counts once."""
    lists = [
        ACCESS_RULES, BANK_RULES, TABLE_RULES, WORKER_RULES, CONTAINER_RULES, INSPECT_RULES, TEXT_RULES, JSON_RULES,
        ROWS_RULES, TOML_RULES, YAML_RULES, ANNOTATION_RULES, PROFILE_RULES, VERIFY_RULES,
        *(each.rules for each in checks()), *(each.rules for each in formats().values()),
    ]  # fmt: skip
    return list({id(rule): rule for rules in lists for rule in rules}.values())


def test_rules_when_compared_then_no_code_has_two_meanings() -> None:
    by_code: dict[str, set[Rule]] = {}
    for rule in declared_rules():
        by_code.setdefault(rule.code, set()).add(rule)
    assert {code for code, rules in by_code.items() if len(rules) > 1} == set()


@pytest.mark.parametrize("rule", declared_rules(), ids=lambda rule: rule.code)
def test_rule_when_read_then_whole_and_its_words_can_be_filled(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", rule.code)
    assert rule.message
    assert not rule.message.endswith(".")
    assert rule.hint
    assert rule.source
    needed = {name for text in (rule.message, rule.hint) for _, name, _, _ in string.Formatter().parse(text) if name}
    found = rule.at(Place(), **dict.fromkeys(needed, "x"))
    assert "{" not in found.message
    assert "{" not in found.hint.replace("{line: x", "")


def test_rules_when_listed_by_area_then_none_is_forgotten() -> None:
    listed = {rule.code for rules in rules_by_area().values() for rule in rules}
    assert {rule.code for rule in declared_rules()} <= listed
