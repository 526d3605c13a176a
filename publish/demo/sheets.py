"""The tables beside a line's record: ``banks.csv``, ``qc.csv`` and ``assays.csv``. What the source does not print stays empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from catalog.loading.rows import write_rows
from publish.demo.published import PublishedLine, read_table

_BANK = "Korea National Stem Cell Bank"
_NOT_PRINTED = "performed by the bank; result not printed in the source"
_NOT_OF_THIS_GRADE = "a test of the GMP-grade panel; the line is of research grade"


def sheets(line: PublishedLine) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each table; a line of which the source says nothing has none."""
    if line.is_blank:
        return
    yield "banks.csv", _banks(line)
    yield "qc.csv", _quality(line)
    yield "assays.csv", _assays(line)


def assay_id(modality: str) -> str:
    """The identifier of a modality's assay; a line has one of each kind."""
    return f"{modality}-1"


def _banks(line: PublishedLine) -> bytes:
    row = {
        "bank_id": "distribution",
        "type": "distribution",
        "passage": line.passage,
        "date": line.banked,
        "matrix": line.coating,
        "feeder": line.feeder,
        "note": "passage and year as in the published table",
    }
    return write_rows(("bank_id", "type", "passage", "date", "matrix", "feeder", "note"), [row])


def _quality(line: PublishedLine) -> bytes:
    columns = ("test", "class", "role", "term", "method", "material", "specification", "verdict", "performer")
    rows = [_test(each) for each in read_table("panel.csv")]
    return write_rows((*columns, "performer_kind", "note"), rows)


def _test(each: Mapping[str, str]) -> dict[str, str]:
    shared = {name: each[name] for name in ("test", "class", "method", "term")}
    shared |= {"role": "unknown", "specification": f"KSCB 2021, {each['grade']} grade (Table 2)"}
    if each["grade"] != "research":
        return {**shared, "verdict": "not_applicable", "note": _NOT_OF_THIS_GRADE}
    done = {"material": "distribution", "performer": _BANK, "performer_kind": "bank"}
    return {**shared, **done, "verdict": "unknown", "note": _NOT_PRINTED}


def _assays(line: PublishedLine) -> bytes:
    rows = [
        {"assay_id": assay_id(each["modality"]), "passage": line.ngs_passage, **each}
        for each in read_table("assays.csv")
        if each["modality"] in line.modalities
    ]
    columns = ("assay_id", "modality", "passage", "kit", "instrument", "platform", "pipeline", "version", "reference")
    return write_rows((*columns, "source"), rows)
