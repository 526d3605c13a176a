"""hPSCreg names: the standard ones are read without faults, nearly right ones get a suggestion, others nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.names import parse_name


@pytest.mark.parametrize(
    ("text", "provider", "line_type", "donor", "clone", "subclone", "parent"),
    [
        ("KSCBi005-A", "KSCB", "iPSC", "005", "A", None, None),
        ("KSCBi005-A-1", "KSCB", "iPSC", "005", "A", 1, "KSCBi005-A"),
        ("WTSIi001-B-25", "WTSI", "iPSC", "001", "B", 25, "WTSIi001-B"),
        ("RGIe007-AB", "RGI", "ESC", "007", "AB", None, None),
        ("UKBi012-A", "UKB", "iPSC", "012", "A", None, None),
        ("SCBEe001-A-2", "SCBE", "ESC", "001", "A", 2, "SCBEe001-A"),
    ],
)
def test_name_when_standard_then_its_parts_and_no_faults(
    text: str, provider: str, line_type: str, donor: str, clone: str, subclone: int | None, parent: str | None
) -> None:
    name = parse_name(text)
    assert name is not None
    assert (name.provider, name.line_type, name.donor, name.clone, name.subclone) == (
        provider,
        line_type,
        donor,
        clone,
        subclone,
    )
    assert name.faults == ()
    assert name.parent == parent
    assert name.standard_form == text


@given(st.from_regex(r"[A-Z]{2,6}[ei][0-9]{3}-[A-Z](-[1-9][0-9]?)?", fullmatch=True))
def test_name_when_of_the_form_that_all_registered_names_have_then_it_is_its_own_suggestion(text: str) -> None:
    name = parse_name(text)
    assert name is not None
    assert name.standard_form == text
    assert bool(name.faults) == (len(text) > 15)


@pytest.mark.parametrize(
    ("text", "suggested", "faults"),
    [
        pytest.param("KSCBi0016-A", "KSCBi016-A", 1, id="four digits"),
        pytest.param("KSCBi0019-A", "KSCBi019-A", 1, id="four digits, another"),
        pytest.param("KSCBi16-A", "KSCBi016-A", 1, id="two digits"),
        pytest.param("KSCBi1016-A", None, 1, id="four digits that count"),
        pytest.param("kscbi005-a", "KSCBi005-A", 2, id="small letters"),
        pytest.param("KSCBI005-A", "KSCBi005-A", 1, id="capital type letter"),
        pytest.param("KSCBi005A", "KSCBi005-A", 1, id="not joined"),
        pytest.param("KSCBi005_A-1", "KSCBi005-A-1", 1, id="joined otherwise"),
        pytest.param("KSCBi005-A-123", "KSCBi005-A-123", 1, id="subclone of three digits"),
        pytest.param("ABCDEFi001-AB-25", "ABCDEFi001-AB-25", 1, id="too long"),
    ],
)
def test_name_when_nearly_right_then_faults_and_a_suggestion(text: str, suggested: str | None, faults: int) -> None:
    name = parse_name(text)
    assert name is not None
    assert len(name.faults) == faults
    assert name.standard_form == suggested


@pytest.mark.parametrize(
    "text", ["SNUhES3", "CHA-hES15", "NCRM5AS1-iCAGcGFP.c9", "HPS0063", "", "i001-A", "KSCBi-A", "KSCBi005-A\n"]
)
def test_name_when_of_another_kind_then_none(text: str) -> None:
    assert parse_name(text) is None


@given(st.text(max_size=20) | st.from_regex(r"[A-Za-z]{1,7}[eEiI][0-9]{1,6}[-_ ]?[A-Za-z]{0,3}(-[0-9]{1,4})?"))
def test_suggestion_when_made_then_it_is_a_standard_name_or_says_what_is_not(text: str) -> None:
    name = parse_name(text)
    if name is None or name.standard_form is None:
        return
    again = parse_name(name.standard_form)
    assert again is not None
    assert again.standard_form == name.standard_form
    assert (again.line_type, int(again.donor), again.subclone) == (name.line_type, int(name.donor), name.subclone)
