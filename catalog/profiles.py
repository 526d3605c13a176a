"""Profiles: the schemas of ``schemas/`` by name and version, and the only way from plain values to the model.

``check_*`` gives findings with line and column for a curator; ``decode_*`` turns a valid document into
frozen dataclasses with msgspec. Older profiles stay readable for ever (docs/records.md).
"""

from __future__ import annotations

import difflib
import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from importlib.resources import files
from typing import Any

import msgspec

from catalog.findings import Finding, Level, Place, Rule, Severity
from catalog.loading.characters import control_characters
from catalog.loading.document import CONTROL, Document, Path
from catalog.model import BankSettings, Record

_SOURCE = "profile {profile}"

UNKNOWN_PROFILE = Rule(
    "record-profile",
    Severity.ERROR,
    Level.BANK,
    "the profile {got_profile} is not known",
    "write 'profile: {profile}'",
    "docs/records.md",
    "The profile's name and version say how the rest is to be read.",
)
TYPE = Rule(
    "record-type",
    Severity.ERROR,
    Level.BANK,
    "{field} is not of the right kind",
    "see 'fairline explain record-type' and docs/records.md for the field's form",
    "JSON Schema 2020-12, type",
)
VALUE = Rule(
    "record-value",
    Severity.ERROR,
    Level.BANK,
    "{field} has a value that the profile does not know",
    "take one of the listed words, or 'unknown'",
    "JSON Schema 2020-12, enum and const",
)
PATTERN = Rule(
    "record-pattern",
    Severity.ERROR,
    Level.BANK,
    "{field} is not in the form that the profile wants",
    "write it as the example shows",
    "JSON Schema 2020-12, pattern",
)
REQUIRED = Rule(
    "record-required",
    Severity.ERROR,
    Level.BANK,
    "{field} is missing",
    "add it; 'unknown' is allowed where nothing is known",
    "docs/records.md",
    "Without identity, access and consent nobody may decide what can be published.",
)
UNEXPECTED = Rule(
    "record-unexpected",
    Severity.ERROR,
    Level.BANK,
    "{field} is not a field of the profile",
    "did you mean {nearest}? Otherwise put it into 'notes'",
    "JSON Schema 2020-12, additionalProperties",
    "A misspelt field is a lost field: nobody will ever read it.",
)
RANGE = Rule(
    "record-range",
    Severity.ERROR,
    Level.BANK,
    "{field} is out of bounds",
    "write a value within the bounds",
    "JSON Schema 2020-12, minimum, maximum, minItems, maxLength",
)
WANTED_AT_DEPOSIT = Rule(
    "record-wanted-at-deposit",
    Severity.WARNING,
    Level.BANK,
    "{field} is wanted when a line is deposited",
    "fill it in ({example}); if nobody knows, leave 'unknown': it stays a warning",
    "docs/records.md, wanted at deposit",
    "Later nobody will know it either.",
)
WANTED_AT_RELEASE = Rule(
    "record-wanted-at-release",
    Severity.WARNING,
    Level.BANK,
    "{field} is wanted when a line is released",
    "fill it in ({example}); if nobody knows, leave 'unknown': it stays a warning",
    "docs/records.md, wanted at release",
    "Scientists filter by it, and a line without it is not found.",
)

PROFILE_RULES = (
    UNKNOWN_PROFILE,
    TYPE,
    VALUE,
    PATTERN,
    REQUIRED,
    UNEXPECTED,
    RANGE,
    WANTED_AT_DEPOSIT,
    WANTED_AT_RELEASE,
)

LINE_PROFILE = "line-1"
BANK_PROFILE = "bank-1"
TABLES = ("qc", "hla", "str", "cnv", "banks", "files", "assays")


@functools.cache
def profile_schema(name: str) -> Mapping[str, Any]:
    """The JSON Schema of a profile such as ``line-1``.

    Raises:
        FileNotFoundError: there is no such profile.
    """
    loaded: dict[str, Any] = json.loads((files("catalog.schemas") / f"{name}.json").read_bytes())
    return loaded


@functools.cache
def table_schema(name: str) -> Mapping[str, Any]:
    """The Table Schema of one of :data:`TABLES`."""
    loaded: dict[str, Any] = json.loads((files("catalog.schemas") / "tables" / f"{name}-1.json").read_bytes())
    return loaded


def check_record(document: Document) -> list[Finding]:
    """Findings of a line's record against its profile, errors first, then what is wanted."""
    findings = _check(document, LINE_PROFILE)
    if isinstance(document.value, dict):
        findings.extend(_wanted(document))
    return findings


def check_bank(document: Document) -> list[Finding]:
    """Findings of a bank's settings against their profile."""
    return _check(document, BANK_PROFILE)


def decode_record(value: object) -> Record:
    """The record in a plain value that :func:`check_record` found no error in.

    Raises:
        msgspec.ValidationError: the value does not fit after all.
    """
    assert isinstance(value, dict)
    clo = value.get("clo")
    if isinstance(clo, dict) and "class" in clo:
        value = {**value, "clo": {("class_" if key == "class" else key): item for key, item in clo.items()}}
    return msgspec.convert(_stated(value), Record)


def encode_record(record: Record) -> dict[str, Any]:
    """The plain value of a record: stated fields only, in the profile's order. Inverse of :func:`decode_record`."""
    value: dict[str, Any] = _plain_value(record)
    value["clo"] = {("class" if key == "class_" else key): item for key, item in value["clo"].items()}
    return value


def _plain_value(value: Any) -> Any:
    """Dataclasses as mappings without what nobody stated; an empty list is a statement where the default is None."""
    if isinstance(value, tuple):
        return [_plain_value(item) for item in value]
    if not is_dataclass(value):
        return value
    stated = [
        (each.name, getattr(value, each.name)) for each in fields(value) if getattr(value, each.name) != each.default
    ]
    return {name: _plain_value(item) for name, item in stated}


def decode_bank(value: object) -> BankSettings:
    """The settings in a plain value that :func:`check_bank` found no error in."""
    return msgspec.convert(value, BankSettings)


def _stated(value: Any) -> Any:
    """The value without members that are null and so say nothing."""
    if isinstance(value, dict):
        return {key: _stated(item) for key, item in value.items() if item is not None}
    return [_stated(item) for item in value] if isinstance(value, list) else value


@functools.cache
def _validator(name: str) -> Any:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError
    from jsonschema.validators import extend

    def whole_pattern(_: Any, pattern: str, instance: object, __: Any) -> Iterator[Any]:
        # '$' of Python's re also matches before a final newline; a pattern of ours means the whole text.
        if isinstance(instance, str) and not re.fullmatch(pattern.removeprefix("^").removesuffix("$"), instance):
            yield ValidationError(f"{instance!r} does not match {pattern!r}")

    def is_integer(_: Any, instance: object) -> bool:
        # JSON Schema takes 2019.0 for an integer; the core schema of YAML 1.2 and the model do not.
        return isinstance(instance, int) and not isinstance(instance, bool)

    make: Any = extend
    kinds = Draft202012Validator.TYPE_CHECKER.redefine("integer", is_integer)
    return make(Draft202012Validator, {"pattern": whole_pattern}, type_checker=kinds)(profile_schema(name))


def _check(document: Document, profile: str) -> list[Finding]:
    value = document.value
    if not isinstance(value, dict):
        return [
            TYPE.at(document.place(()), expected="fields with values", got=type(value).__name__, field="the document")
        ]
    if value.get("profile") != profile and "profile" in value:
        place = document.place(("profile",))
        got = value["profile"]
        return [UNKNOWN_PROFILE.at(place, expected=profile, got=got, got_profile=got, profile=profile)]
    findings: list[Finding] = []
    for error in _validator(profile).iter_errors(value):
        findings.extend(_translate(error, document))
    faulty = {finding.column for finding in findings}
    for path, character in control_characters(value, _long_texts(profile)):
        field = field_name(path)
        if field not in faulty:
            findings.append(
                CONTROL.at(_at(document, path, field), expected="printable text in one line", got=character)
            )
    return sorted(findings, key=lambda finding: (finding.line or 0, str(finding.column)))


@functools.cache
def _long_texts(profile: str) -> frozenset[str]:
    """Fields that may have several lines (``x-lines``): names joined with dots, no list positions."""
    found: set[str] = set()

    def walk(schema: Mapping[str, Any], path: tuple[str, ...]) -> None:
        if schema.get("x-lines"):
            found.add(".".join(path))
        for branch in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])):
            walk(branch, path)
        for name, inner in schema.get("properties", {}).items():
            walk(inner, (*path, name))

    walk(profile_schema(profile), ())
    return frozenset(found)


def _translate(error: Any, document: Document) -> Iterator[Finding]:
    """A JSON Schema error as findings in the curator's words."""
    path = tuple(error.absolute_path)
    if error.validator in {"anyOf", "oneOf"}:
        best = _best_branch(error)
        if best is not None:
            for inner in best:
                yield from _translate(inner, document)
            return
    if error.validator == "required":
        for name in error.validator_value:
            if name not in error.instance:
                field = field_name((*path, name))
                yield REQUIRED.at(
                    _at(document, path, field), expected=f"a value for {field}", got="nothing", field=field
                )
        return
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        for name in error.instance:
            if name not in known:
                yield _unexpected(document, path, name, known)
        return
    rule, expected = _rule_of(error)
    field = field_name(path)
    yield rule.at(_at(document, path, field), expected=expected, got=_plain(error.instance), field=field)


def _best_branch(error: Any) -> list[Any] | None:
    """The branch of an anyOf that fits the value's kind, when its faults lie deeper than the value itself."""
    branches: dict[int, list[Any]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    for inner in branches.values():
        if all(
            len(each.absolute_path) > len(error.absolute_path) or each.validator in {"required", "additionalProperties"}
            for each in inner
        ):
            return inner
    return None


def _rule_of(error: Any) -> tuple[Rule, str]:
    rules = {"type": TYPE, "enum": VALUE, "const": VALUE, "pattern": PATTERN, "anyOf": PATTERN}
    rule = rules.get(error.validator, RANGE)
    if isinstance(error.instance, float) and any(each.validator_value == "integer" for each in error.context):
        rule = TYPE
    return rule, _expected(error)


def _expected(error: Any) -> str:
    schema = error.schema
    if "x-expected" in schema:
        return str(schema["x-expected"])
    if error.validator == "enum":
        return ", ".join(json.dumps(each) if isinstance(each, bool) else str(each) for each in error.validator_value)
    if error.validator == "const":
        return str(error.validator_value)
    if "examples" in schema:
        return f"such as {_plain(schema['examples'][0])}"
    return f"{error.validator} {_plain(error.validator_value)}"


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _unexpected(document: Document, path: Path, name: str, known: list[str]) -> Finding:
    nearest = difflib.get_close_matches(name, known, n=1)
    field = field_name((*path, name))
    words = {"field": field, "nearest": nearest[0] if nearest else f"one of {', '.join(known[:8])}"}
    return UNEXPECTED.at(
        _at(document, (*path, name), field), expected=nearest[0] if nearest else None, got=name, **words
    )


def _at(document: Document, path: Path, field: str) -> Place:
    """The place in the text; its column is the field's name, which a curator can search for."""
    return replace(document.place(path), column=field)


def field_name(path: Path) -> str:
    """A path as a curator writes it: ``donor.relatives[2].donor``."""
    name = ""
    for part in path:
        name += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if name else part
    return name or "the document"


def _wanted(document: Document) -> Iterator[Finding]:
    """Warnings for what is wanted at deposit and at release and what is absent or unknown."""
    schema = profile_schema(LINE_PROFILE)
    value = document.value
    assert isinstance(value, dict)
    yield from _wanted_in(schema, value, (), document)


def _applies(path: Path, record: Mapping[str, Any]) -> bool:
    """Reprogramming is asked of iPSC lines only; the embryo of ESC lines only."""
    if path[:2] == ("derivation", "reprogramming"):
        return record.get("line_type") in ("iPSC", None, "unknown")  # a tuple: the value may be of any kind
    if path[:2] == ("derivation", "embryo"):
        return record.get("line_type") == "ESC"
    return True


def _wanted_in(schema: Mapping[str, Any], value: object, path: Path, document: Document) -> Iterator[Finding]:
    record = document.value
    assert isinstance(record, dict)
    for name, field_schema in schema.get("properties", {}).items():
        here = (*path, name)
        if not _applies(here, record):
            continue
        got = value.get(name) if isinstance(value, dict) else None
        when = field_schema.get("x-wanted")
        if when and (got is None or got == "unknown"):
            rule = WANTED_AT_DEPOSIT if when == "deposit" else WANTED_AT_RELEASE
            field = field_name(here)
            example = f"such as {_plain(field_schema['examples'][0])}"
            yield rule.at(
                _at(document, here, field), expected=example, got=got or "nothing", field=field, example=example
            )
        inner = field_schema if "properties" in field_schema else field_schema.get("anyOf", [{}])[0]
        if "properties" in inner and isinstance(got, dict):
            yield from _wanted_in(inner, got, here, document)
