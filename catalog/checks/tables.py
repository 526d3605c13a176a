"""Tables that a curator keeps (``files.csv``, ``qc.csv``, ...) against their Table Schema.

The structure is read by :mod:`catalog.loading`; then every cell is read by frictionless' field of its
column, which knows types and constraints. frictionless is given cells in memory, never a path, an address
or a package, so that it has nothing to open. Its ``Resource.validate`` would do the same; it copies every
field several times and takes ten times as long, which counts over the tables of a thousand lines.

Source: Table Schema 2.0 (Data Package 2.0).
"""

from __future__ import annotations

import difflib
import functools
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from catalog.findings import Finding, Level, Place, Rule, Severity
from catalog.loading import Row, Rows, read_rows
from catalog.profiles import WANTED_AT_DEPOSIT, WANTED_AT_RELEASE

_SOURCE = "Table Schema 2.0"
#: The standard's own profile, which frictionless carries with it; a table's ``$schema`` is never passed on.
_PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"

MISSING_COLUMN = Rule(
    "table-missing-column",
    Severity.ERROR,
    Level.BANK,
    "the table has no column {column}",
    "add the column {column}; every row needs a value in it",
    f"{_SOURCE}, constraints (required)",
)
UNKNOWN_COLUMN = Rule(
    "table-unknown-column",
    Severity.ERROR,
    Level.BANK,
    "{column} is not a column of this table",
    "did you mean {nearest}? Otherwise delete the column or put its content into a column 'note'",
    f"{_SOURCE}, fieldsMatch (subset)",
    "A misspelt column is a lost column: nobody will ever read it.",
)
TYPE = Rule(
    "table-type",
    Severity.ERROR,
    Level.BANK,
    "the cell is not of the column's type",
    "write a value of the type; leave the cell empty where nothing is known",
    f"{_SOURCE}, field types",
)
REQUIRED = Rule(
    "table-required",
    Severity.ERROR,
    Level.BANK,
    "the cell is empty, but every row needs a value here",
    "fill it in",
    f"{_SOURCE}, constraints (required)",
)
ENUM = Rule(
    "table-enum",
    Severity.ERROR,
    Level.BANK,
    "the cell has a word that the column does not know",
    "take one of the expected words, or leave the cell empty",
    f"{_SOURCE}, constraints (enum)",
)
PATTERN = Rule(
    "table-pattern",
    Severity.ERROR,
    Level.BANK,
    "the cell is not in the form that the column wants",
    "write it as the example shows",
    f"{_SOURCE}, constraints (pattern)",
)
RANGE = Rule(
    "table-range",
    Severity.ERROR,
    Level.BANK,
    "the cell is out of bounds",
    "write a value within the bounds",
    f"{_SOURCE}, constraints (minimum, maximum, minLength, maxLength)",
)
UNIQUE = Rule(
    "table-unique",
    Severity.ERROR,
    Level.BANK,
    "the value stands twice in its column",
    "correct one of the two rows; the other is named in 'got'",
    f"{_SOURCE}, constraints (unique)",
)
PRIMARY_KEY = Rule(
    "table-primary-key",
    Severity.ERROR,
    Level.BANK,
    "two rows have the same key",
    "correct or delete one of the two rows; the other is named in 'got'",
    f"{_SOURCE}, primaryKey",
    "Other tables point to rows by this key.",
)
FOREIGN_KEY = Rule(
    "table-foreign-key",
    Severity.ERROR,
    Level.BANK,
    "the cell points to a row that does not exist",
    "correct the cell, or add the row to {table}; the nearest is {nearest}",
    f"{_SOURCE}, foreignKeys",
)
BLANK_ROW = Rule(
    "table-blank-row",
    Severity.WARNING,
    Level.BANK,
    "every cell of the row is empty",
    "delete the row",
    "fairline",
)

TABLE_RULES = (
    MISSING_COLUMN,
    UNKNOWN_COLUMN,
    TYPE,
    REQUIRED,
    ENUM,
    PATTERN,
    RANGE,
    UNIQUE,
    PRIMARY_KEY,
    FOREIGN_KEY,
    BLANK_ROW,
)

#: The rule of a constraint; those that bound a value share one.
_RULES = {"type": TYPE, "required": REQUIRED, "enum": ENUM, "pattern": PATTERN, "jsonSchema": TYPE}
_BOUNDS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
}
_ARTICLES = {"integer": "a whole number", "number": "a number", "boolean": "true or false"}
_SCHEMAS_KEPT = 64
#: ISO 8601; XML Schema Part 2, 3.3.13 (integer), 3.2.3 (decimal) and 3.2.5 (double), to which Table Schema refers.
_WRITTEN = {
    "date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "integer": re.compile(r"[+-]?[0-9]+"),
    "number": re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|-?INF|NaN"),
}
#: What stands before and behind a number that is not bare, such as a currency or a percent sign.
_NOT_OF_NUMBER = re.compile(r"\A[^-+.\d]+|[^.\d]+\Z")

#: A cell's text to its value and, by constraint, what is wrong with it.
CellReader = Callable[[str], tuple[Any, Mapping[str, str] | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """A column of a schema: its description, and frictionless' reader of its cells."""

    name: str
    descriptor: Mapping[str, Any]
    read: CellReader

    @property
    def constraints(self) -> Mapping[str, Any]:
        return self.descriptor.get("constraints") or {}

    def expected(self, constraint: str) -> str:
        """What a constraint wants, in words; the same for every row."""
        bound = self.constraints.get(constraint)
        if constraint == "enum":
            return ", ".join(str(each) for each in bound or ())
        if constraint in _BOUNDS:
            return _BOUNDS[constraint].format(bound)
        if constraint == "required":
            return "a value"
        kind = self.descriptor.get("type", "string")
        example = self.descriptor.get("example")
        if constraint == "pattern":
            return f"such as {example}" if example else f"the form {bound}"
        return _ARTICLES.get(kind, f"a value of type {kind}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Schema:
    fields: Mapping[str, _Field]
    key: tuple[str, ...]
    references: tuple[tuple[str, str], ...]


def check_table(name: str, content: bytes, schema: Mapping[str, Any]) -> list[Finding]:
    """Findings of a small CSV table: of its text and structure, else of its columns and cells.

    Args:
        name: the table's path as the curator knows it; findings carry it, it is never opened.
        content: the bytes of the table.
        schema: a Table Schema (version 1 or 2) as a plain value. Columns of the schema may be absent
            unless they are required; columns that the schema does not have are errors.

    Returns:
        Findings by line. Where the structure has errors, only those: the cells cannot be told apart.
    """
    return check_rows(name, read_rows(content), schema)


def check_rows(name: str, rows: Rows, schema: Mapping[str, Any]) -> list[Finding]:
    """The same for a table that was read already (see :func:`check_table`)."""
    findings = list(rows.findings)
    if rows.usable:
        compiled = _compile(json.dumps(schema, sort_keys=True))
        findings.extend(_check_columns(rows, compiled))
        findings.extend(_check_cells(rows, compiled))
        findings.extend(_check_wanted(rows, compiled))
        for column, referred in compiled.references:
            known = {row.get(referred) for row in rows.rows}
            findings.extend(check_foreign_key(name, rows, column, known, table="this table", other="unknown"))
        findings.sort(key=lambda finding: finding.line or 0)
    return [replace(finding, path=name or None) for finding in findings]


def check_foreign_key(
    name: str, rows: Rows, column: str, known: Collection[str], *, table: str, other: str = ""
) -> list[Finding]:
    """Findings of cells that must name a row of another table (or of the same one).

    Args:
        name: the table's path; findings carry it.
        rows: the table.
        column: the column that points; empty cells point nowhere and are passed over.
        known: the values that exist.
        table: the table that has them, for people.
        other: a value that is allowed as well, such as ``unknown``.

    Returns:
        One finding a row, in the order of the rows; none where the table has no such column.
    """
    findings = []
    for row in rows.rows:
        value = row.get(column)
        if value and value not in known and value != other:
            nearest = difflib.get_close_matches(value, sorted(known), n=1)
            place = Place(line=row.line, column=column, path=name or None)
            words = {"table": table, "nearest": nearest[0] if nearest else "not known"}
            findings.append(FOREIGN_KEY.at(place, expected=f"a value of {table}", got=value, **words))
    return findings


@functools.lru_cache(maxsize=_SCHEMAS_KEPT)
def _compile(descriptor: str) -> _Schema:
    """A schema with frictionless' readers of its fields; it is made once, which is most of the work."""
    from frictionless import Schema

    schema = json.loads(descriptor)
    key = _names(schema.get("primaryKey"))
    plain = [_plain(field, is_needed=field["name"] in key) for field in schema.get("fields", ())]
    missing = schema.get("missingValues", [""])
    built: Any = Schema.from_descriptor({"$schema": _PROFILE, "fields": plain, "missingValues": missing})
    fields = {
        field["name"]: _Field(name=field["name"], descriptor=field, read=_strict(field, made.create_cell_reader()))
        for field, made in zip(schema.get("fields", ()), built.fields, strict=True)
    }
    references = tuple(
        (_names(each["fields"])[0], _names(each["reference"]["fields"])[0])
        for each in schema.get("foreignKeys", ())
        if not each["reference"].get("resource")  # without a resource it is the table itself
    )
    return _Schema(fields=fields, key=key, references=references)


def _strict(field: Mapping[str, Any], read: CellReader) -> CellReader:
    """A reader that takes values as the standard writes them only.

    frictionless takes 2020-1-1 for a date as well, and for numbers whatever Python reads: 1_000, digits of other scripts,
    blanks around them.
    """
    kind = str(field.get("type"))
    if kind not in ("integer", "number") and (kind != "date" or field.get("format", "default") != "default"):
        return read

    def read_strictly(text: str) -> tuple[Any, Mapping[str, str] | None]:
        value, wrong = read(text)
        is_other = wrong is None and value is not None and _WRITTEN[kind].fullmatch(_bare(field, text)) is None
        return value, {"type": kind} if is_other else wrong

    return read_strictly


def _bare(field: Mapping[str, Any], text: str) -> str:
    """A cell without what its field allows besides a number; blanks around it are a finding of the text already."""
    if field.get("groupChar"):
        text = text.replace(field["groupChar"], "")
    if field.get("decimalChar"):
        text = text.replace(field["decimalChar"], ".")
    return text.strip() if field.get("bareNumber", True) else _NOT_OF_NUMBER.sub("", text)


def _names(value: Any) -> tuple[str, ...]:
    """Names of columns; one alone may be written without a list."""
    return (value,) if isinstance(value, str) else tuple(value or ())


def _plain(field: Mapping[str, Any], *, is_needed: bool) -> dict[str, Any]:
    """What frictionless must know of a field; its pattern in brackets.

    frictionless puts ``^`` and ``$`` around a pattern as it is, so that they would bind to the first
    and the last of its alternatives only, and ``$`` would let a line end pass.
    """
    kept = {
        name: field[name]
        for name in ("name", "type", "format", "trueValues", "falseValues", "groupChar", "decimalChar", "bareNumber")
        if name in field
    }
    constraints = {name: value for name, value in (field.get("constraints") or {}).items() if name != "unique"}
    if is_needed:  # a column of the primary key has a value in every row
        constraints["required"] = True
    if "pattern" in constraints:
        constraints["pattern"] = rf"(?:{constraints['pattern']})\Z"
    return {**kept, "constraints": constraints}


def _check_columns(rows: Rows, schema: _Schema) -> Iterator[Finding]:
    for column in rows.columns:
        if column not in schema.fields:
            nearest = difflib.get_close_matches(column, schema.fields, n=1)
            words = {"column": column, "nearest": nearest[0] if nearest else f"one of {', '.join(schema.fields)}"}
            expected = nearest[0] if nearest else None
            yield UNKNOWN_COLUMN.at(Place(line=1, column=column), expected=expected, got=column, **words)
    for name, field in schema.fields.items():
        needed = field.constraints.get("required") or name in schema.key
        if needed and name not in rows.columns:
            yield MISSING_COLUMN.at(Place(line=1, column=name), expected=f"a column {name}", column=name)


def _check_cells(rows: Rows, schema: _Schema) -> Iterator[Finding]:
    fields = [schema.fields[column] for column in rows.columns if column in schema.fields]
    twins = _Twins(fields, schema.key)
    for row in rows.rows:
        if not any(row.cells.values()):
            yield BLANK_ROW.at(Place(line=row.line), expected="a value in at least one cell")
            continue
        values = {}
        for field in fields:
            text = row.cells[field.name]
            values[field.name], wrong = field.read(text)
            if wrong:
                constraint = next(iter(wrong))
                place = Place(line=row.line, column=field.name)
                rule = _RULES.get(constraint, RANGE)
                yield rule.at(place, expected=field.expected(constraint), got=text or None)
        yield from twins.take(row, values)


def _check_wanted(rows: Rows, schema: _Schema) -> Iterator[Finding]:
    """One warning a column that is wanted, at the first row that leaves it open."""
    for name, field in schema.fields.items():
        when = field.descriptor.get("x-wanted")
        open_rows = [row for row in rows.rows if (row.get(name) or "") in {"", "unknown"}] if when else []
        if open_rows:
            rule = WANTED_AT_DEPOSIT if when == "deposit" else WANTED_AT_RELEASE
            example = f"such as {field.descriptor['example']}"
            got = f"nothing in {len(open_rows)} of {len(rows.rows)} rows"
            place = Place(line=open_rows[0].line, column=name)
            yield rule.at(place, expected=example, got=got, field=name, example=example)


class _Twins:
    """Rows with the same value in a unique column, or with the same key; empty cells are never twins."""

    def __init__(self, fields: Sequence[_Field], key: tuple[str, ...]) -> None:
        names = {field.name for field in fields}
        self._key = key if key and names.issuperset(key) else ()
        unique = (field.name for field in fields if field.constraints.get("unique"))
        self._columns = [name for name in unique if self._key != (name,)]
        self._seen: dict[tuple[object, ...], int] = {}

    def take(self, row: Row, values: Mapping[str, object]) -> Iterator[Finding]:
        """The next row with its values as frictionless read them."""
        for column in self._columns:
            yield from self._compare(UNIQUE, (column,), row, values)
        if self._key:
            yield from self._compare(PRIMARY_KEY, self._key, row, values)

    def _compare(
        self, rule: Rule, columns: tuple[str, ...], row: Row, values: Mapping[str, object]
    ) -> Iterator[Finding]:
        found = tuple(values[column] for column in columns)
        if any(value is None for value in found):
            return
        # A list or an object is compared by its text: it cannot be a key of a dict.
        first = self._seen.setdefault((rule.code, columns, tuple(map(repr, found))), row.line)
        if first != row.line:
            text = ", ".join(row.cells[column] for column in columns)
            place = Place(line=row.line, column=", ".join(columns))
            yield rule.at(place, expected="a value of its own", got=f"{text}, as in line {first}")
