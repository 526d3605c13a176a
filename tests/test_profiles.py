"""Profiles: findings with line and field for a curator, and one way from plain values to the model and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.findings import Severity
from catalog.loading import Document, read_toml, read_yaml
from catalog.profiles import (
    BANK_PROFILE,
    LINE_PROFILE,
    check_bank,
    check_record,
    decode_bank,
    decode_record,
    encode_record,
    field_name,
    profile_schema,
    table_schema,
)
from tests.builders import record


def text_of(**changes: Any) -> str:
    return yaml.safe_dump(record(**changes), sort_keys=False)


def errors(text: str) -> list[tuple[str, int | None, str | int | None]]:
    """Code, line and field of every error in a record's text."""
    document = read_yaml(text.encode())
    assert document.usable, document.findings
    return [(each.code, each.line, each.column) for each in check_record(document) if each.severity is Severity.ERROR]


def line_of(text: str, start: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if line.strip().startswith(start))


def test_record_when_the_shortest_then_no_errors_and_warnings_for_what_is_wanted() -> None:
    findings = check_record(read_yaml(text_of().encode()))
    assert {each.severity for each in findings} == {Severity.WARNING}
    wanted = {(each.code, each.column) for each in findings}
    assert ("record-wanted-at-deposit", "donor.sex") in wanted
    assert ("record-wanted-at-release", "karyotype") in wanted
    assert ("record-wanted-at-deposit", "derivation.reprogramming.method") not in wanted


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        pytest.param({"line_type": "iPS"}, "record-value", "line_type", id="word that is not listed"),
        pytest.param({"species": "human"}, "record-pattern", "species", id="no term"),
        pytest.param({"species": "NCBITaxon:9606\n"}, "record-pattern", "species", id="line end after a term"),
        pytest.param({"line_type": ["iPSC"]}, "record-value", "line_type", id="list for a word"),
        pytest.param({"aliases": "x"}, "record-type", "aliases", id="word for a list"),
        pytest.param({"donor": "EXMP-D001"}, "record-type", "donor", id="word for fields"),
        pytest.param({"derivation": {"year": 1492}}, "record-pattern", "derivation.year", id="year out of bounds"),
        pytest.param({"derivation": {"year": "soon"}}, "record-pattern", "derivation.year", id="word for a year"),
        pytest.param({"access": {"tier": "Open"}}, "record-value", "access.tier", id="tier in other case"),
        pytest.param({"access": {"embargo_until": "2027"}}, "record-pattern", "access.embargo_until", id="half a date"),
        pytest.param({"access": {"approval": {"scope": ["everything"]}}}, "record-value", "access.approval.scope[1]", id="scope"),
        pytest.param({"aliases": [{"name": "a", "kind": "nick"}]}, "record-value", "aliases[1].kind", id="in a list"),
        pytest.param({"diseases": [{"term": "MONDO:1", "status": "ill"}]}, "record-value", "diseases[1].status", id="in a list or a word"),
        pytest.param({"consent": {"duo": ["DUO:x y"]}}, "record-pattern", "consent.duo[1]", id="term of data use"),
        pytest.param({"name_reason": ""}, "record-range", "name_reason", id="empty text"),
        pytest.param({"notes": ["x"] * 501}, "record-range", "notes", id="endless list"),
        pytest.param({"pid": "javascript:alert(1)"}, "record-pattern", "pid", id="address that is a program"),
        pytest.param({"derivation": {"ror": "data:text/html,x"}}, "record-pattern", "derivation.ror", id="address that is data"),
    ],
)  # fmt: skip
def test_record_when_a_value_is_wrong_then_an_error_at_its_line_and_field(
    changes: dict[str, Any], code: str, field: str
) -> None:
    text = text_of(**changes)
    found = errors(text)
    assert [(each[0], each[2]) for each in found] == [(code, field)]
    assert found[0][1] is not None


def test_record_when_fields_are_wrong_then_their_own_lines() -> None:
    text = text_of(access={"tier": "opne"}, donor={"sexx": "male"})
    assert errors(text) == [
        ("record-unexpected", line_of(text, "sexx"), "donor.sexx"),
        ("record-value", line_of(text, "tier"), "access.tier"),
    ]


@pytest.mark.parametrize("field", ["profile", "line_id", "line_type", "species", "clo", "donor", "access", "consent"])
def test_record_when_identity_access_or_consent_is_absent_then_an_error(field: str) -> None:
    assert [(code, name) for code, _, name in errors(text_of(**{field: None}))] == [("record-required", field)]


def test_record_when_a_part_is_absent_then_the_error_stands_where_it_belongs() -> None:
    text = text_of(donor={"donor_id": None}, clo={"class": None})
    assert errors(text) == [
        ("record-required", line_of(text, "status: parent-only"), "clo.class"),
        ("record-required", line_of(text, "sex"), "donor.donor_id"),
    ]


def test_record_when_a_field_is_misspelt_then_the_nearest_is_named() -> None:
    document = read_yaml(text_of(licence=None, license="CC-BY-4.0").encode())
    (finding,) = [each for each in check_record(document) if each.code == "record-unexpected"]
    assert (finding.column, finding.expected, finding.got) == ("license", "licence", "license")
    assert "licence" in finding.hint


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("profile: line-2\nline_id: x\n", "record-profile", 1),
        ("line_id: x\nprofile: 1\n", "record-profile", 2),
        ("profile: http://127.0.0.1/line-1.json\n", "record-profile", 1),
        ("profile: ../../line-1.json\n", "record-profile", 1),
        ("- profile\n", "record-type", 1),
        ("just words\n", "record-type", 1),
        ("~\n", "record-type", 1),
    ],
)
def test_document_when_it_is_no_record_of_this_profile_then_only_that_is_said(text: str, code: str, line: int) -> None:
    findings = check_record(read_yaml(text.encode()))
    assert [(each.code, each.line) for each in findings if each.severity is Severity.ERROR] == [(code, line)]


def wanted_fields(**changes: Any) -> set[str]:
    findings = check_record(read_yaml(text_of(**changes).encode()))
    return {str(each.column) for each in findings if each.code.startswith("record-wanted")}


def test_wanted_when_the_line_type_differs_then_only_what_it_has() -> None:
    reprogramming = {"derivation": {"reprogramming": {"method": "unknown"}, "embryo": {"source": "unknown"}}}
    ipsc = wanted_fields(line_type="iPSC", **reprogramming)
    assert "derivation.reprogramming.method" in ipsc
    assert not {name for name in ipsc if "embryo" in name}
    esc = wanted_fields(line_type="ESC", **reprogramming)
    assert not {name for name in esc if "reprogramming" in name}


def test_wanted_when_unknown_is_written_then_still_wanted_but_not_when_known() -> None:
    assert "donor.sex" in wanted_fields(donor={"sex": "unknown"})
    assert "donor.sex" in wanted_fields(donor={"sex": None})
    assert "donor.sex" not in wanted_fields(donor={"sex": "female"})
    assert "diseases" not in wanted_fields(diseases=[])


def test_consent_when_unknown_then_allowed() -> None:
    assert errors(text_of(consent="unknown").replace("consent: {}", "consent: unknown")) == []
    assert errors(text_of(consent={"duo": "unknown"})) == []


@pytest.mark.parametrize(
    ("text", "code", "field"),
    [
        ('profile = "bank-1"\ntitle = "x"\nbase_iri = "https://a.example"\n[publisher]\nname = "x"\n', "record-pattern", "base_iri"),
        ('profile = "bank-1"\ntitle = "x"\nbase_iri = "ftp://a.example/"\n[publisher]\nname = "x"\n', "record-pattern", "base_iri"),
        ('profile = "bank-1"\ntitle = "x"\nbase_iri = "https://a.example/"\n', "record-required", "publisher"),
        ('profile = "bank-1"\ntitel = "x"\ntitle = "x"\nbase_iri = "https://a.example/"\n[publisher]\nname = "x"\n', "record-unexpected", "titel"),
    ],
    ids=["no slash", "no web address", "no publisher", "misspelt"],
)  # fmt: skip
def test_settings_when_wrong_then_an_error_at_its_field(text: str, code: str, field: str) -> None:
    assert [(each.code, each.column) for each in check_bank(read_toml(text.encode()))] == [(code, field)]


def test_settings_when_valid_then_decoded_with_defaults() -> None:
    text = b'profile = "bank-1"\ntitle = "x"\nbase_iri = "https://a.example/"\n[publisher]\nname = "P"\n'
    document = read_toml(text)
    assert check_bank(document) == []
    bank = decode_bank(document.value)
    assert (bank.publisher.name, bank.licence, bank.languages) == ("P", "CC0-1.0", ("en",))


def test_field_names_when_made_then_as_a_curator_writes_them() -> None:
    assert field_name(()) == "the document"
    assert field_name(("donor", "relatives", 1, "donor")) == "donor.relatives[2].donor"


def resolved(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """A schema with its reference followed; its own members win."""
    if "$ref" not in schema:
        return schema
    target: dict[str, Any] = root["$defs"][schema["$ref"].rpartition("/")[2]]
    return {**target, **{name: value for name, value in schema.items() if name != "$ref"}}


def values_of(schema: dict[str, Any], root: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Valid values of a part of a profile: its examples, its words, and any choice of its fields."""
    schema = resolved(schema, root)
    if "anyOf" in schema:
        return st.one_of(
            [values_of({**branch, "examples": []}, root) for branch in schema["anyOf"]]
            + [st.sampled_from(schema["examples"])]
        )
    if "properties" in schema:
        required = set(schema.get("required", ()))
        parts = {name: values_of(inner, root) for name, inner in schema["properties"].items()}
        return st.fixed_dictionaries(
            {name: part for name, part in parts.items() if name in required},
            optional={name: part for name, part in parts.items() if name not in required},
        )
    if schema.get("type") == "array":
        most = 2 if schema.get("minItems", 0) < 2 else schema["minItems"]
        given_items = [item for example in schema.get("examples", ()) for item in example]
        items = {"examples": given_items, **schema["items"]}
        return st.lists(values_of(items, root), min_size=schema.get("minItems", 0), max_size=most)
    known = [*schema.get("examples", ()), *schema.get("enum", ()), *([schema["const"]] if "const" in schema else [])]
    if known:
        return st.sampled_from(known)
    if schema["type"] in {"integer", "number"}:
        return st.sampled_from([schema.get("minimum", 0), schema.get("maximum", 1)])
    return st.just("unknown")


LINE_SCHEMA: dict[str, Any] = dict(profile_schema(LINE_PROFILE))


@given(values_of(LINE_SCHEMA, LINE_SCHEMA))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_record_when_decoded_and_encoded_then_the_same_record_in_the_order_of_the_profile(
    value: dict[str, Any],
) -> None:
    assert not [each for each in check_record(Document(value=value)) if each.severity is Severity.ERROR]
    decoded = decode_record(value)
    encoded = encode_record(decoded)
    assert decode_record(encoded) == decoded
    assert encode_record(decode_record(encoded)) == encoded
    assert list(encoded) == [name for name in LINE_SCHEMA["properties"] if name in encoded]
    stated = {name for name, part in value.items() if part != []}
    assert stated <= set(encoded) <= set(value)
    for name in ("modifications", "diseases"):
        assert encoded.get(name) == value.get(name), "an empty list says that there are none"


def parts_of(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The way to every part of a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(way for name, each in inner for way in parts_of(each, (*path, name)))]


anything = st.recursive(
    st.sampled_from(
        [None, True, False, 0, 1, 0.0, 1.0, 2019.0, 5.5, -1, 1e300, 2**62, "", "unknown", "open", "x\n", "é" * 5000]
    ),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["tier", "term", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(st.data())
@settings(max_examples=200)
def test_record_when_any_part_is_replaced_by_anything_then_findings_or_a_record_but_no_exception(
    data: st.DataObject,
) -> None:
    value: Any = record(
        diseases=[{"term": "MONDO:1", "status": "carrier"}], parent={"line": "X"}, consent={"permissions": {}}
    )
    way = data.draw(st.sampled_from(parts_of(value)))
    part: Any = value
    for name in way[:-1]:
        part = part[name]
    new = data.draw(anything)
    if way:
        part[way[-1]] = new
    else:
        value = new
    findings = check_record(Document(value=value))
    assert findings or value is None
    if all(each.severity is not Severity.ERROR for each in findings):
        assert decode_record(value).profile == LINE_PROFILE


def integer_fields(schema: dict[str, Any], path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to every field that may hold an integer."""
    if "$ref" in schema:
        schema = LINE_SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
    if schema.get("type") == "integer":
        yield path
    for branch in schema.get("anyOf", ()):
        yield from integer_fields(branch, path)
    for name, inner in schema.get("properties", {}).items():
        yield from integer_fields(inner, (*path, name))
    if "items" in schema:
        yield from integer_fields(schema["items"], (*path, 0))


INTEGER_FIELDS = sorted(set(integer_fields(LINE_SCHEMA)), key=str)


def with_value(way: tuple[str | int, ...], value: object) -> dict[str, Any]:
    """A valid record with a value in one field."""
    holders: dict[str, Any] = {
        "modifications": [{"type": "knock-in"}],
        "karyotype": {"iscn": "46,XX"},
        "cautions": [{"text": "x"}],
    }
    plain: Any = record(**{name: part for name, part in holders.items() if name == way[0]})
    part = plain
    for name in way[:-1]:
        part = part[name] if isinstance(name, int) else part.setdefault(name, {})
    part[way[-1]] = value
    return dict(plain)


@pytest.mark.parametrize("way", INTEGER_FIELDS, ids=field_name)
@given(number=st.integers(0, 3000).map(float) | st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=15)
def test_integer_when_written_as_a_float_then_a_finding_at_its_line(way: tuple[str | int, ...], number: float) -> None:
    text = yaml.safe_dump(with_value(way, number), sort_keys=False)
    [(code, line, field)] = errors(text)
    assert (code, field) == ("record-type", field_name(way))
    assert line is not None
    assert str(way[-1]) in text.splitlines()[line - 1]


@pytest.mark.parametrize("way", INTEGER_FIELDS, ids=field_name)
def test_integer_when_whole_then_accepted_and_decoded(way: tuple[str | int, ...]) -> None:
    value = with_value(way, 1990 if "year" in str(way[-1]) else 20)
    assert errors(yaml.safe_dump(value, sort_keys=False)) == []
    decode_record(value)


@pytest.mark.parametrize("number", ["2019.0", "2.019e3", "2019.", "+2019.0"])
def test_year_when_yaml_reads_a_float_then_a_finding_and_not_a_crash(number: str) -> None:
    text = text_of().replace("  year: unknown", f"  year: {number}")
    assert errors(text) == [("record-type", line_of(text, "year:"), "derivation.year")]


@pytest.mark.parametrize(
    "escape",
    ["\\0", "\\e", "\\N", "\\u0085", "\\x7f", "\\n", "\\t", "\\r", "\\u202E", "\\u2066", "\\u2028", "\\uFEFF"],
)
@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("  label: umbilical cord blood", '  label: "cord{}blood"', "origin.label"),
        ("- name: example-hiPSC-1", '- name: "example{}"', "aliases[1].name"),
        ("    number: DAC-1", '    number: "DAC{}"', "access.approval.number"),
    ],
)
def test_text_when_an_escape_brings_a_control_character_then_a_finding_at_its_field(
    escape: str, old: str, new: str, field: str
) -> None:
    text = text_of().replace(old, new.format(escape))
    assert errors(text) == [("text-control", line_of(text, old.strip().split(":")[0]), field)]


@pytest.mark.parametrize("escape", ["\\0", "\\e", "\\u0085", "\\u202E"])
@pytest.mark.parametrize("name", ["notes", "name_reason"])
def test_long_text_when_it_has_line_ends_then_fine_and_other_controls_are_not(name: str, escape: str) -> None:
    start = f"{name}: " if name == "name_reason" else f"{name}:\n- "
    assert errors(f'{text_of()}{start}"one\\n\\ttwo"\n') == []
    field = "notes[1]" if name == "notes" else name
    assert [(code, at) for code, _, at in errors(f'{text_of()}{start}"one{escape}two"\n')] == [("text-control", field)]


def test_bank_when_an_escape_brings_a_control_character_then_a_finding() -> None:
    text = 'profile = "bank-1"\ntitle = "a\\u0000b"\nbase_iri = "https://x.org/"\n[publisher]\nname = "x"\n'
    found = check_bank(read_toml(text.encode()))
    assert [(each.code, each.line, each.column) for each in found] == [("text-control", 2, "title")]
    described = text.replace("a\\u0000b", "ab").replace("[publisher]", 'description = "a\\nb"\n[publisher]')
    assert check_bank(read_toml(described.encode())) == []


def test_tables_when_asked_for_then_their_schemas() -> None:
    assert table_schema("files")["name"] == "files-1"
    assert profile_schema(BANK_PROFILE)["$id"] == "urn:fairline:profile:bank-1"
    with pytest.raises(FileNotFoundError):
        profile_schema("line-99")
