"""The model against the schemas, which are the authority: the same fields on both sides, and every field explained."""

from __future__ import annotations

import copy
import dataclasses
import typing
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from catalog.access.fields import public_fields
from catalog.model import AssayRow, BankSettings, FileRow, Record, Role, Tier
from catalog.model.files import MODALITIES, RECORD_PATH, RESERVED_PATHS, TABLE_NAMES, TABLE_PATHS
from catalog.profiles import BANK_PROFILE, LINE_PROFILE, TABLES, profile_schema, table_schema

#: Fields that are Python's own words have an underscore there.
PYTHON_NAMES = {"class": "class_"}


def properties(schema: typing.Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field of a schema with its dotted name, through alternatives and list items."""
    for branch in (schema, *schema.get("anyOf", ())):
        for inner in (branch, branch.get("items", {})):
            for name, field in inner.get("properties", {}).items():
                yield ".".join((*path, name)), field
                yield from properties(field, (*path, name))


def dataclasses_in(hint: Any) -> Iterator[type]:
    """The dataclasses that a type hint speaks of."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        yield hint
    for part in typing.get_args(hint):
        yield from dataclasses_in(part)


def fields_of(model: type, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Every field of a dataclass with its dotted name, through unions and tuples."""
    hints = typing.get_type_hints(model)
    for field in dataclasses.fields(model):
        name = next((schema for schema, python in PYTHON_NAMES.items() if python == field.name), field.name)
        yield ".".join((*path, name))
        for inner in dataclasses_in(hints[field.name]):
            yield from fields_of(inner, (*path, name))


@pytest.mark.parametrize(
    ("profile", "model"), [(LINE_PROFILE, Record), (BANK_PROFILE, BankSettings)], ids=["line", "bank"]
)
def test_model_when_compared_with_its_profile_then_the_same_fields_in_the_same_order(profile: str, model: type) -> None:
    in_schema = [name for name, _ in properties(profile_schema(profile)) if not name.startswith("targets.")]
    in_model = list(fields_of(model))
    assert set(in_model) == set(in_schema)
    top = [name for name in in_model if "." not in name]
    if model is Record:
        assert top == [name for name in in_schema if "." not in name]


ALL_PROPERTIES = [
    pytest.param(profile, field, id=f"{profile}:{name}")
    for profile in (LINE_PROFILE, BANK_PROFILE)
    for name, field in properties(profile_schema(profile))
]


@pytest.mark.parametrize(("profile", "field"), ALL_PROPERTIES)
def test_field_when_read_then_it_is_explained_and_its_examples_are_valid(profile: str, field: dict[str, Any]) -> None:
    for word in ("title", "description", "x-vocabulary"):
        assert isinstance(field[word], str)
        assert field[word].strip()
    assert field["description"].endswith(".")
    assert field["examples"]
    root = profile_schema(profile)
    schema = {**field, "$defs": root.get("$defs", {})}
    for example in field["examples"]:
        Draft202012Validator(schema).validate(example)


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Every part of a schema that is a mapping."""
    if isinstance(schema, dict):
        yield schema
        for inner in schema.values():
            yield from objects(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from objects(inner)


@pytest.mark.parametrize("profile", [LINE_PROFILE, BANK_PROFILE])
def test_profile_when_read_then_valid_and_no_object_takes_unknown_fields(profile: str) -> None:
    schema = profile_schema(profile)
    Draft202012Validator.check_schema(schema)
    for each in objects(schema):
        if "properties" in each and "type" in each:
            assert each["additionalProperties"] is False
            assert set(each.get("required", ())) <= set(each["properties"])


def test_scalars_of_the_record_when_unknown_then_admitted_but_for_the_names_of_things() -> None:
    schema = profile_schema(LINE_PROFILE)
    names = {
        "profile", "line_id", "access.tier", "aliases.name", "xrefs.db", "xrefs.id", "parent.line",
        "access.approval.by", "data_kind",
    }  # fmt: skip
    refused = set()
    for name, field in properties(schema):
        if field.get("type") in {"array", "object"} or "properties" in field:
            continue
        validator = Draft202012Validator({**field, "$defs": schema["$defs"]})
        if not validator.is_valid("unknown"):
            refused.add(name)
    assert refused <= names


FIELDS = [
    pytest.param(name, each, id=f"{name}:{each['name']}") for name in TABLES for each in table_schema(name)["fields"]
]


@pytest.mark.parametrize(("table", "field"), FIELDS)
def test_column_when_read_then_it_is_explained(table: str, field: dict[str, Any]) -> None:
    for word in ("title", "description", "example", "x-vocabulary"):
        assert isinstance(field[word], str)
        assert field[word].strip()
    assert field.get("x-public") in {True, None}
    assert field["type"] in {"string", "integer", "number", "boolean"}


def columns(name: str) -> list[str]:
    return [each["name"] for each in table_schema(name)["fields"]]


def words(name: str, column: str) -> list[str]:
    found: list[str] = next(each for each in table_schema(name)["fields"] if each["name"] == column)["constraints"][
        "enum"
    ]
    return found


def test_rows_of_files_and_assays_when_compared_with_their_schemas_then_the_same_columns() -> None:
    own = [field.name for field in dataclasses.fields(FileRow) if field.name != "line"]
    assert own == columns("files")
    assert [field.name for field in dataclasses.fields(AssayRow)] == columns("assays")


def test_words_of_the_model_when_compared_with_the_schemas_then_the_same() -> None:
    assert words("files", "modality") == words("assays", "modality") == list(MODALITIES)
    assert words("files", "role") == list(Role)
    assert words("files", "tier") == list(Tier)
    assert set(TABLE_NAMES) == set(TABLES)
    assert {RECORD_PATH, *TABLE_PATHS.values()} <= RESERVED_PATHS
    line = dict(properties(profile_schema(LINE_PROFILE)))
    assert line["access.tier"]["enum"] == list(Tier)


@pytest.mark.parametrize("tier", ["open", "registered", "controlled", "nonsense"])
def test_public_fields_when_listed_then_only_what_the_profile_allows(tier: str) -> None:
    allowed = {"always", "open"} if tier == "open" else {"always"}
    marks = {name: field.get("x-public") for name, field in properties(profile_schema(LINE_PROFILE))}
    public = public_fields(tier)
    for name in public:
        parts = name.split(".")
        assert all(marks[".".join(parts[: n + 1])] in allowed for n in range(len(parts))), name
    assert public == {
        name
        for name in marks
        if all(marks[".".join(name.split(".")[: n + 1])] in allowed for n in range(name.count(".") + 1))
    }


def test_public_fields_when_something_identifies_the_donor_then_never_among_them() -> None:
    never = {
        "donor.relatives", "donor.relatives.donor", "donor.infectious_screen.date", "consent.consent_id",
        "consent.version", "consent.withdrawal.date",
    }  # fmt: skip
    assert not never & public_fields("open")
    assert "donor.donor_id" not in public_fields("controlled")
    assert "donor.sex" in public_fields("controlled")


def test_new_field_when_the_profile_says_nothing_of_it_then_not_public(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = copy.deepcopy(dict(profile_schema(LINE_PROFILE)))
    changed["properties"]["shoe_size"] = {"type": "string"}
    changed["properties"]["donor"]["properties"]["name"] = {"type": "string"}
    del changed["properties"]["origin"]["x-public"]
    monkeypatch.setattr("catalog.access.fields.profile_schema", lambda _: changed)
    public = public_fields("open")
    assert not {name for name in public if name.startswith(("shoe_size", "donor.name", "origin"))}
    assert "donor.sex" in public
