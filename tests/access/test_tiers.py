"""Tiers: the whole matrix of what can close a file, against an answer worked out in another way; the strictest wins."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.access import decide_file, decide_table, line_faults
from catalog.access.tiers import approval_covers, parse_tier
from catalog.formats.inspect import floor_of
from catalog.model import Record, Tier
from catalog.profiles import decode_record
from tests.builders import NOW, record, row

TODAY = NOW[:10]


@dataclass(frozen=True)
class Kind:
    """A kind of file: what its row says, what was seen in it, and whether it is controlled by its kind."""

    name: str
    format: str | None
    closed: bool
    modality: str = "wes"
    role: str = "processed"
    facts: Mapping[str, object] = field(default_factory=dict)


KINDS = [
    Kind("reads", "fastq", True, role="raw"),
    Kind("alignments", "bam", True, role="raw"),
    Kind("variants", "vcf", True),
    Kind("array", "cel", True, "snp-array", "raw"),
    Kind("genotype table", "table", True, "snp-array"),
    Kind("table of nothing stated", "table", True, ""),
    Kind("STR table", "table", True, "str"),
    Kind("HLA table", "table", True, "hla", "summary"),
    Kind("per CpG", "bismark-cov", True, "methyl-seq"),
    Kind("methylation table, processed", "table", True, "methyl-seq"),
    Kind("unknown content", None, True, "rna-seq"),
    Kind("unknown document", None, True, "", "document"),
    Kind("text as data", "text", True, "wes", "raw"),
    Kind("matrix that looks like genotypes", "counts-matrix", True, "rna-seq", facts={"genotype_like": True}),
    Kind("document that looks like genotypes", "text", True, "", "document", {"genotype_like": True}),
    Kind("counts", "counts-matrix", False, "rna-seq"),
    Kind("TPM", "tpm-matrix", False, "rna-seq"),
    Kind("expression table", "table", False, "rna-seq"),
    Kind("regional methylation", "table", False, "methyl-seq", "summary"),
    Kind("quality table", "table", False, "karyotyping", "qc"),
    Kind("report", "pdf", False, "", "document"),
    Kind("picture of a quality test", "image", False, "imaging", "qc"),
]
LINE_TIERS = {"open": True, "registered": False, "controlled": False, "": False, "Open": False, "public": False}
FILE_TIERS: dict[str | None, bool] = {
    "open": True,
    "": True,
    "registered": False,
    "controlled": False,
    "OPEN": False,
    "opne": False,
    None: False,
}
WHOLE = {
    "by": "DAC",
    "number": "1",
    "date": "2021-02-01",
    "scope": sorted({kind.modality for kind in KINDS if kind.modality}),
}
#: name: (approval, whether it covers every modality that is stated)
APPROVALS: dict[str, tuple[dict[str, Any] | None, bool]] = {
    "covers": (WHOLE, True),
    "none": (None, False),
    "other scope": ({**WHOLE, "scope": ["proteomics"]}, False),
    "empty scope": ({**WHOLE, "scope": []}, False),
    "by unknown": ({**WHOLE, "by": "unknown"}, False),
    "number blank": ({**WHOLE, "number": "  "}, False),
    "date unknown": ({**WHOLE, "date": "Unknown"}, False),
    "number none": ({**WHOLE, "number": "None"}, False),
    "number not applicable": ({**WHOLE, "number": "n/a"}, False),
    "number a dash": ({**WHOLE, "number": "-"}, False),
    "by to be decided": ({**WHOLE, "by": " TBD "}, False),
    "date of today": ({**WHOLE, "date": TODAY}, True),
    "date of tomorrow": ({**WHOLE, "date": "2026-11-23"}, False),
    "date far away": ({**WHOLE, "date": "2099-01-01"}, False),
    "no day": ({**WHOLE, "date": "2021-02-31"}, False),
}
#: name: (consent, whether it is known, whether it refuses)
CONSENTS: dict[str, tuple[Any, bool, bool]] = {
    "known": ({"duo": ["DUO:0000042"]}, True, False),
    "unknown": ("unknown", False, False),
    "use unknown": ({"duo": "unknown"}, False, False),
    "use partly unknown": ({"duo": ["DUO:0000042", "unknown"]}, False, False),
    "sharing refused": ({"duo": ["DUO:0000042"], "permissions": {"sharing_open": False}}, True, True),
    "sharing unknown": ({"duo": ["DUO:0000042"], "permissions": {"sharing_open": "unknown"}}, False, False),
    "withdrawn": ({"duo": ["DUO:0000042"], "withdrawal": {"state": "full"}}, True, True),
    "withdrawn in part": ({"duo": ["DUO:0000042"], "withdrawal": {"state": "partial"}}, True, True),
    "not withdrawn": ({"duo": ["DUO:0000042"], "withdrawal": {"state": "none"}}, True, False),
}
#: date: whether it is over
EMBARGOES: dict[str | None, bool] = {
    None: True,
    "2026-11-21": True,
    TODAY: True,
    "2026-11-23": False,
    "9999-12-31": False,
    "unknown": False,
    "2026": False,
    "2020-1-1": False,
    "2020-13-45": False,
    "2020-02-30": False,
    "": False,
}


def make_record(line_tier: str, approval: str, consent: str, embargo: str | None) -> Record:
    plain = record()
    plain["access"] = {"tier": line_tier}
    if APPROVALS[approval][0] is not None:
        plain["access"]["approval"] = APPROVALS[approval][0]
    if embargo is not None:
        plain["access"]["embargo_until"] = embargo
    plain["consent"] = CONSENTS[consent][0]
    return decode_record(plain)


def is_open(kind: Kind, file_tier: str | None, made: Record) -> bool:
    cells = {"modality": kind.modality, "role": kind.role, "tier": file_tier}
    decision = decide_file(
        row("data/x", **cells), made, {"format": kind.format, "floor": floor_of(kind.format), "facts": kind.facts}, NOW
    )
    assert decision.is_open == (decision.reasons == ())
    assert decision.tier in {Tier.OPEN, Tier.CONTROLLED}
    return decision.is_open


@pytest.mark.slow
def test_file_when_every_combination_is_tried_then_open_only_where_nothing_closes_it() -> None:
    wrong = []
    seen = {True: 0, False: 0}
    for line_tier, approval, consent, embargo in itertools.product(LINE_TIERS, APPROVALS, CONSENTS, EMBARGOES):
        made = make_record(line_tier, approval, consent, embargo)
        _, known, refuses = CONSENTS[consent]
        line_is_open = LINE_TIERS[line_tier] and not refuses and EMBARGOES[embargo]
        for file_tier, kind in itertools.product(FILE_TIERS, KINDS):
            if not line_is_open and kind is not KINDS[-1] and file_tier != "open":
                continue  # closed by the line already; one kind and one tier show it
            covered = APPROVALS[approval][1] and kind.modality != ""
            wanted = line_is_open and FILE_TIERS[file_tier] and (covered or (not kind.closed and known))
            seen[wanted] += 1
            if is_open(kind, file_tier, made) != wanted:
                wrong.append((line_tier, file_tier, kind.name, approval, consent, embargo))
    assert wrong == []
    assert min(seen.values()) > 500


choices = st.tuples(
    st.sampled_from(KINDS),
    st.sampled_from(list(FILE_TIERS)),
    st.sampled_from(list(LINE_TIERS)),
    st.sampled_from(list(APPROVALS)),
    st.sampled_from(list(CONSENTS)),
    st.sampled_from(list(EMBARGOES)),
)
MOST_OPEN = (KINDS[-1], "open", "open", "covers", "known", None)


def decided(chosen: tuple[Kind, str | None, str, str, str, str | None]) -> bool:
    kind, file_tier, line_tier, approval, consent, embargo = chosen
    return is_open(kind, file_tier, make_record(line_tier, approval, consent, embargo))


@given(choices)
def test_file_when_one_input_alone_would_close_it_then_all_together_close_it(
    chosen: tuple[Kind, str | None, str, str, str, str | None],
) -> None:
    assert decided(MOST_OPEN)
    alone = [decided((*MOST_OPEN[:at], chosen[at], *MOST_OPEN[at + 1 :])) for at in range(len(chosen))]  # type: ignore[arg-type]
    assert not decided(chosen) or all(alone)


@given(choices, st.integers(0, 5))
def test_file_when_open_then_a_laxer_input_leaves_it_open(
    chosen: tuple[Kind, str | None, str, str, str, str | None], at: int
) -> None:
    if decided(chosen):
        assert decided((*chosen[:at], MOST_OPEN[at], *chosen[at + 1 :]))  # type: ignore[arg-type]


def test_file_when_closed_then_every_reason_is_told() -> None:
    made = make_record("registered", "none", "sharing refused", "2027-01-01")
    decision = decide_file(row("data/x", modality="wes", tier="controlled"), made, {"format": "vcf", "facts": {}}, NOW)
    assert decision.tier is Tier.CONTROLLED
    assert decision.embargo_until == "2027-01-01"
    assert len(decision.reasons) == 5
    for word in ("registered", "sharing_open", "files.csv says controlled", "vcf", "embargo until 2027-01-01"):
        assert any(word in reason for reason in decision.reasons), word


def test_embargo_when_its_first_day_begins_in_utc_then_over() -> None:
    made = make_record("open", "covers", "known", "2027-01-01")
    seen = {"format": "vcf", "facts": {}}
    times = {"2026-12-31T23:59:59Z": False, "2027-01-01T00:00:00Z": True, "2030-06-01T12:00:00Z": True}
    assert {now: decide_file(row("x", modality="wes"), made, seen, now).is_open for now in times} == times


@pytest.mark.parametrize("text", ["open", "registered", "controlled"])
def test_tier_when_a_known_word_then_it(text: str) -> None:
    assert parse_tier(text) == text


@pytest.mark.parametrize("text", [None, "", "Open", "open ", "public", "unknown", "0"])
def test_tier_when_anything_else_then_controlled(text: str | None) -> None:
    assert parse_tier(text) is Tier.CONTROLLED


@pytest.mark.parametrize("approval", APPROVALS)
def test_approval_when_asked_then_only_a_whole_one_covers_what_it_names(approval: str) -> None:
    made = make_record("open", approval, "known", None)
    assert approval_covers(made, NOW, "wes") is APPROVALS[approval][1]
    assert not approval_covers(made, NOW, "atac-seq")
    assert not approval_covers(made, NOW, "")
    assert not approval_covers(made, NOW)
    assert approval_covers(made, NOW, "atac-seq", "wes") is APPROVALS[approval][1]


@pytest.mark.parametrize(
    ("table", "scope", "wanted"),
    [
        *((name, [], True) for name in ("qc", "banks", "assays", "files", "cnv")),
        ("hla", [], False),
        ("hla", ["wes", "str"], False),
        ("hla", ["hla"], True),
        ("str", ["hla"], False),
        ("str", ["str"], True),
        ("relatives", ["hla", "str"], False),
    ],
)
def test_table_when_decided_then_by_its_kind_and_the_approvals_scope(
    table: str, scope: list[str], wanted: bool
) -> None:
    made = decode_record(record(access={"approval": {"scope": scope}}))
    assert decide_table(table, made, NOW).is_open is wanted
    for closing in (
        {"access": {"tier": "registered"}},
        {"access": {"embargo_until": "2027-01-01"}},
        {"consent": {"withdrawal": {"state": "full"}}},
        {"consent": {"permissions": {"sharing_open": False}}},
    ):
        changes = {**closing, "access": {"approval": {"scope": scope}, **closing.get("access", {})}}
        by_tier_alone = closing == {"access": {"tier": "registered"}}
        stays_open = table == "banks" and by_tier_alone  # tiers are about files, not about what cells there are
        assert decide_table(table, decode_record(record(**changes)), NOW).is_open is stays_open


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, []),
        ({"consent": {"permissions": {"sharing_open": False}}}, [("access-against-consent", "error", "access.tier")]),
        ({"consent": {"withdrawal": {"state": "partial"}}}, [("access-against-consent", "error", "access.tier")]),
        ({"access": {"tier": "controlled"}, "consent": {"withdrawal": {"state": "full"}}}, []),
        ({"consent": {"duo": "unknown"}}, [("access-consent-unknown", "warning", "consent")]),
        ({"access": {"approval": {"by": "unknown"}}}, [("access-approval-incomplete", "warning", "access.approval.by")]),
        ({"access": {"approval": {"number": " "}}}, [("access-approval-incomplete", "warning", "access.approval.number")]),
        ({"access": {"approval": {"number": "tbd"}}}, [("access-approval-incomplete", "warning", "access.approval.number")]),
        ({"access": {"approval": {"date": "2099-01-01"}}}, [("access-approval-incomplete", "warning", "access.approval.date")]),
        ({"access": {"embargo_until": "unknown"}}, [("access-embargo-date", "warning", "access.embargo_until")]),
        ({"access": {"embargo_until": "2026-02-31"}}, [("access-embargo-date", "warning", "access.embargo_until")]),
        ({"consent": {"duo": ["DUO:0000042", "DUO:0000028"]}}, [("access-open-with-limits", "warning", "consent.duo")]),
        ({"access": {"tier": "controlled"}, "consent": {"duo": ["DUO:0000042", "DUO:0000028"]}}, []),
    ],
)  # fmt: skip
def test_access_of_a_line_when_it_does_not_fit_together_then_a_finding_at_its_field(
    changes: dict[str, Any], wanted: list[tuple[str, str, str]]
) -> None:
    made = decode_record(record(**changes))
    findings = [(each.code, str(each.severity), each.column) for each in line_faults(made, NOW)]
    assert findings == wanted
    assert all(each.path == "line.yaml" for each in line_faults(decode_record(record(**changes))))


def test_consent_when_the_whole_of_it_is_unknown_then_a_finding() -> None:
    plain = record()
    plain["consent"] = "unknown"
    assert [each.code for each in line_faults(decode_record(plain))] == ["access-consent-unknown"]
