from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from catalog.checks.tables import TABLE_RULES, check_foreign_key, check_table
from catalog.findings import Finding
from catalog.loading import read_rows
from catalog.profiles import TABLES, table_schema

BANKS = table_schema("banks")
#: A schema with what ours do not have: a key of two columns, a unique column that is no key, bounds of every kind.
SAMPLES: dict[str, Any] = {
    "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
    "name": "samples-1",
    "fields": [
        {"name": "line", "type": "string", "constraints": {"required": True}},
        {"name": "replicate", "type": "integer", "constraints": {"required": True, "minimum": 1, "maximum": 9}},
        {"name": "barcode", "type": "string", "constraints": {"unique": True, "minLength": 3}},
        {"name": "share", "type": "number", "constraints": {"exclusiveMaximum": 1}},
        {"name": "frozen", "type": "boolean"},
        {"name": "passage", "type": "string", "example": "18", "constraints": {"pattern": "p?[0-9]+|unknown"}},
        {"name": "class", "type": "string", "constraints": {"enum": ["a", "b"]}},
    ],
    "missingValues": [""],
    "primaryKey": ["line", "replicate"],
}
HEADER = "line,replicate,barcode,share,frozen,passage,class"
VALID = [HEADER, "A,1,abc,0.5,true,p12,a", "A,2,abd,,false,unknown,", "B,1,,,,,"]


@dataclass(frozen=True, slots=True)
class Case:
    id: str
    lines: list[str]
    code: str
    line: int
    column: str | None = None
    expected: str | None = None


def changed(number: int, text: str) -> list[str]:
    return [*VALID[: number - 1], text, *VALID[number:]]


CASES = [
    Case("no key column", ["line,barcode", "A,abc"], "table-missing-column", 1, "replicate"),
    Case("misspelt", changed(1, HEADER.replace("barcode", "barcod")), "table-unknown-column", 1, "barcod", "barcode"),
    Case("text for a number", changed(2, "A,one,abc,,,,"), "table-type", 2, "replicate", "a whole number"),
    Case("text for a truth", changed(2, "A,1,abc,,perhaps,,"), "table-type", 2, "frozen", "true or false"),
    Case("empty", changed(3, ",2,abd,,,,"), "table-required", 3, "line", "a value"),
    Case("other word", changed(3, "A,2,abd,,,,c"), "table-enum", 3, "class", "a, b"),
    Case("after the first alternative", changed(3, "A,2,abd,,,12x,"), "table-pattern", 3, "passage", "such as 18"),
    Case("before the last alternative", changed(3, "A,2,abd,,,xunknown,"), "table-pattern", 3, "passage"),
    Case("too small", changed(3, "A,0,abd,,,,"), "table-range", 3, "replicate", "at least 1"),
    Case("too large", changed(3, "A,10,abd,,,,"), "table-range", 3, "replicate", "at most 9"),
    Case("at the bound", changed(3, "A,2,abd,1,,,"), "table-range", 3, "share", "less than 1"),
    Case("too short", changed(3, "A,2,ab,,,,"), "table-range", 3, "barcode", "at least 3 characters"),
    Case("barcode twice", changed(3, "A,2,abc,,,,"), "table-unique", 3, "barcode"),
    Case("key twice", changed(3, "A,01,abd,,,,"), "table-primary-key", 3, "line, replicate"),
    Case("blank", changed(3, ",,,,,,"), "table-blank-row", 3),
]


def check(lines: list[str], schema: Any = SAMPLES) -> list[Finding]:
    return check_table("samples.csv", "\n".join(lines).encode(), schema)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_table_when_it_has_one_defect_then_it_is_found_there(case: Case) -> None:
    (finding,) = check(case.lines)
    assert (finding.code, finding.line, finding.column) == (case.code, case.line, case.column)
    assert finding.path == "samples.csv"
    if case.expected is not None:
        assert finding.expected == case.expected


def test_cases_when_counted_then_cover_every_rule() -> None:
    assert {case.code for case in CASES} | {"table-foreign-key"} == {rule.code for rule in TABLE_RULES}


def test_table_when_valid_then_there_are_no_findings() -> None:
    assert check(VALID) == []


@pytest.mark.parametrize("name", TABLES)
def test_our_tables_when_filled_with_their_own_examples_then_have_no_findings(name: str) -> None:
    schema = table_schema(name)
    columns = [field["name"] for field in schema["fields"]]
    pointing = {column for key in schema.get("foreignKeys", ()) for column in key["fields"]}  # one row points nowhere
    cells = [str(field.get("example") or "") * (field["name"] not in pointing) for field in schema["fields"]]
    content = ",".join(columns) + "\n" + ",".join(f'"{cell}"' for cell in cells) + "\n"
    assert check_table(f"{name}.csv", content.encode(), schema) == []


def test_table_when_columns_are_absent_or_in_another_order_then_only_required_ones_are_missed() -> None:
    assert check_table("banks.csv", b"date,passage,type,bank_id\n2018,8,master,MCB1\n", BANKS) == []
    (finding,) = check_table("banks.csv", b"bank_id,passage,date\nMCB1,8,2018\n", BANKS)
    assert (finding.code, finding.column) == ("table-missing-column", "type")


def test_table_when_its_structure_is_broken_then_only_that_is_told() -> None:
    findings = check(changed(2, "A,none,abc"))
    assert [finding.code for finding in findings] == ["csv-ragged"]
    assert findings[0].path == "samples.csv"


def test_table_when_cells_have_line_ends_then_later_findings_have_the_line_of_the_file() -> None:
    content = b'bank_id,type,passage,date,note\nMCB1,master,8,2018,"one\ntwo\nthree"\nMCB2,maestro,8,2018,x\n'
    (finding,) = check_table("banks.csv", content, BANKS)
    assert (finding.code, finding.line, finding.column) == ("table-enum", 5, "type")


def test_pattern_when_the_cell_ends_with_a_line_end_then_it_does_not_fit() -> None:
    findings = check(changed(2, 'A,1,abc,,,"12\n",'))
    assert "table-pattern" in {finding.code for finding in findings}


def test_key_when_a_cell_of_it_is_wrong_then_it_is_no_twin() -> None:
    findings = check([HEADER, "A,x,abc,,,,", "A,x,abd,,,,"])
    assert [finding.code for finding in findings] == ["table-type", "table-type"]


def test_table_when_cells_look_like_addresses_or_paths_then_nothing_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    check(VALID)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("something was opened")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("builtins.open", refuse)
    cells = ["http://example.org/a.csv", "/etc/hosts", "file:///etc/hosts", "../schema.json"]
    rows = [f"{cell},1,{cell},,,," for cell in cells]
    schema = {**SAMPLES, "$schema": "http://example.org/profile.json"}
    assert check([HEADER, *rows], schema) == []
    assert check_table("/etc/hosts", b"line,replicate\nA,1\n", schema) == []


def test_table_when_checked_then_the_limit_of_cells_stays() -> None:
    before = csv.field_size_limit()
    check(VALID)
    assert csv.field_size_limit() == before


@pytest.mark.parametrize(
    ("field", "key", "cell", "wanted"),
    [
        ({"type": "date"}, "", "2020-01-31", []),
        ({"type": "date"}, "", "2020-1-31", ["table-type"]),
        ({"type": "number", "decimalChar": ",", "groupChar": "."}, "", '"1.000,5"', []),
        ({"type": "number", "bareNumber": False}, "", "95%", []),
        ({"type": "number", "bareNumber": False}, "", "EUR -1.5e3", []),
        ({"type": "number", "bareNumber": False}, "", "１%", ["table-type"]),
        ({"type": "number", "bareNumber": False}, "", "1_0%", ["table-type"]),
        ({"type": "integer", "groupChar": "_"}, "", "1_000", []),
        *(({"type": "integer"}, "", cell, []) for cell in ("7", "+7", "-007", "0")),
        *(({"type": "integer"}, "", cell, ["table-type"]) for cell in ("1_000", "１２", "٣", "7.0")),
        *(({"type": "number"}, "", cell, []) for cell in ("1", "-.5", "5.", "+1.5e-3", "1E5", "NaN", "INF", "-INF")),
        *(
            ({"type": "number"}, "", cell, ["table-type"])
            for cell in ("1_0.5", "１.5", "٣", "infinity", "inf", "nan", "+INF", "-NaN", "sNaN")
        ),
        ({"type": "integer"}, "", " 7", ["csv-space"]),
        ({"type": "number"}, "", "7\u00a0", ["csv-space"]),
        ({"type": "string"}, "a", "", ["table-required"]),
    ],
)
def test_cell_when_its_field_says_more_than_a_type_then_that_counts(
    field: dict[str, object], key: str, cell: str, wanted: list[str]
) -> None:
    schema = {"fields": [{"name": "a", **field}, {"name": "b", "type": "string"}], "primaryKey": key}
    schema["foreignKeys"] = [{"fields": "b", "reference": {"resource": "", "fields": "b"}}]
    found = check_table("t.csv", f"a,b\n{cell},x\n".encode(), schema)
    assert [each.code for each in found] == wanted


def test_foreign_key_when_a_value_is_unknown_then_its_row_is_told() -> None:
    rows = read_rows(b"path,assay_id\na,wes-2018\nb,\nc,wes-2081\nd,unknown\n")
    known = {"wes-2018", "rna-2018"}
    (finding,) = check_foreign_key("files.csv", rows, "assay_id", known, table="assays.csv", other="unknown")
    assert (finding.code, finding.line, finding.column, finding.got) == (
        "table-foreign-key",
        4,
        "assay_id",
        "wes-2081",
    )
    assert "wes-2018" in finding.hint
    assert check_foreign_key("files.csv", rows, "batch", known, table="batches.csv") == []


def test_banks_when_one_names_a_parent_that_is_not_there_then_its_row_is_told() -> None:
    text = b"bank_id,type,parent_bank,passage,date\nM1,master,,8,2018\nW1,working,M1,12,2019\nW2,working,M2,12,2019\nW3,working,unknown,12,2019\n"
    (finding,) = check_table("banks.csv", text, table_schema("banks"))
    assert (finding.code, finding.line, finding.column, finding.got) == ("table-foreign-key", 4, "parent_bank", "M2")


def test_columns_when_wanted_and_left_open_then_one_warning_a_column_at_its_first_row() -> None:
    text = b"bank_id,type,passage\nM1,master,8\nW1,working,\nW2,working,unknown\n"
    found = check_table("banks.csv", text, table_schema("banks"))
    assert [(each.code, each.line, each.column, each.got) for each in found] == [
        ("record-wanted-at-deposit", 2, "date", "nothing in 3 of 3 rows"),
        ("record-wanted-at-deposit", 3, "passage", "nothing in 2 of 3 rows"),
    ]


#: What frictionless itself would say, by the kinds of its errors; ours are finer.
_SAME = {
    "type-error": {"table-type"},
    "constraint-error": {"table-required", "table-enum", "table-pattern", "table-range"},
    "unique-error": {"table-unique"},
    "primary-key": {"table-primary-key"},
    "blank-row": {"table-blank-row"},
}


def told_by_frictionless(lines: list[str]) -> Iterator[tuple[int, set[str]]]:
    from frictionless import Resource

    rows = [next(csv.reader([line])) for line in lines]
    known = [field for name in rows[0] for field in SAMPLES["fields"] if field["name"] == name]
    bracketed = [
        {**field, "constraints": {**field.get("constraints", {}), "pattern": "(?:p?[0-9]+|unknown)"}}
        if field["name"] == "passage"
        else field
        for field in known
    ]
    described = {"name": "samples", "data": rows, "schema": {**SAMPLES, "fields": bracketed}}
    profile = "https://datapackage.org/profiles/2.0/dataresource.json"
    resource: Any = Resource.from_descriptor({"$schema": profile, **described})
    report = resource.validate()
    for error in report.tasks[0].errors:
        # A row without a key is refused twice by frictionless: as an empty cell, and as a key.
        if "composing the primary keys are all" not in error.message:
            yield error.row_number, _SAME[error.type]


@pytest.mark.parametrize("case", [case for case in CASES if case.line > 1], ids=lambda case: case.id)
def test_table_when_frictionless_judges_it_whole_then_it_agrees(case: Case) -> None:
    said = list(told_by_frictionless(case.lines))
    assert said
    assert all(line == case.line and case.code in codes for line, codes in said)


def test_table_of_twenty_rows_when_checked_then_takes_milliseconds() -> None:
    rows = [f"A,{1 + number % 9},b{number:03},0.5,true,{number},a" for number in range(9)]
    lines = [HEADER, *rows, *(row.replace("A,", "B,", 1).replace("b0", "c0") for row in rows), "C,1,,,,,", "C,2,,,,,"]
    assert check(lines) == []
    content = "\n".join(lines).encode()
    took = []
    for _ in range(5):
        start = time.perf_counter()
        check_table("samples.csv", content, SAMPLES)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.02
