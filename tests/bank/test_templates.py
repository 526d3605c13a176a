"""What 'init' and 'line new' write is valid as it is, and says 'unknown' where nobody has said anything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.bank.templates import bank_settings, line_record
from catalog.identifiers import LINE_ID
from catalog.loading import read_toml, read_yaml
from catalog.profiles import check_bank, check_record, decode_bank, decode_record, encode_record


def leaves(value: object) -> Iterator[object]:
    """Every scalar in a value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    if inner is None:
        yield value
    else:
        for each in inner:
            yield from leaves(each)


texts = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\ufeff"), min_size=1)


@given(title=texts, publisher=texts)
def test_settings_when_written_then_valid_and_every_word_as_given(title: str, publisher: str) -> None:
    document = read_toml(bank_settings(title, "https://bank.example.org/", publisher))
    assert document.usable
    assert check_bank(document) == []
    bank = decode_bank(document.value)
    assert (bank.title, bank.publisher.name) == (title, publisher)


@given(st.from_regex(LINE_ID, fullmatch=True))
def test_record_when_written_for_any_line_then_only_warnings_and_the_same_name(line_id: str) -> None:
    document = read_yaml(line_record(line_id))
    assert document.usable, document.findings
    assert not [each for each in check_record(document) if each.severity == "error"]
    record = decode_record(document.value)
    assert record.line_id == line_id
    assert record.access.tier == "controlled"
    assert record.donor.donor_id == "unknown"


@pytest.mark.parametrize(
    ("line_id", "line_type", "parent"),
    [
        ("KSCBi005-A", "iPSC", None),
        ("KSCBe001-A", "ESC", None),
        ("KSCBi005-A-1", "iPSC", "KSCBi005-A"),
        ("local-1", "unknown", None),
    ],
)
def test_record_when_written_then_what_the_name_tells_and_no_more(
    line_id: str, line_type: str, parent: str | None
) -> None:
    text = line_record(line_id)
    record = decode_record(read_yaml(text).value)
    assert record.line_type == line_type
    assert (b"# from the name" in text) is (line_type != "unknown")
    assert (record.species, record.clo.class_, record.clo.status, record.grade) == ("unknown",) * 4
    stated = {"profile", "line_id", "aliases", "xrefs", "line_type", "parent", "name_reason", "access"}
    plain = {name: value for name, value in encode_record(record).items() if name not in stated}
    assert set(leaves(plain)) == {"unknown"}
    assert (record.parent.line if record.parent else None) == parent
    assert (record.name_reason is None) == (line_type != "unknown")
