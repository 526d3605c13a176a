"""The published table as data: its counts, its gaps, and that what registries say of it is what they say."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from catalog.vocabulary import Vocabulary, open_vocabulary
from publish.demo.published import Donor, PublishedLine, published_lines, read_table

LINES = {line.line_id: line for line in published_lines()}
FOUR = ("snp-array", "wes", "rna-seq", "methyl-seq")


def test_table_when_counted_then_is_as_published() -> None:
    lines = published_lines()
    assert len(lines) == len(LINES) == 22
    assert Counter(line.line_type for line in lines) == {"ESC": 4, "iPSC": 18}
    assert Counter(line.modalities for line in lines) == {FOUR: 13, ("snp-array",): 7, (): 2}
    assert [line.line_id for line in lines if line.is_blank] == ["SNUhES3", "SNUhES4"]
    assert {line.line_id for line in lines if line.rna_replicates == 2} == {"SNUhES31", "KSCBi002-A", "KSCBi002-B"}
    assert sum(line.passage != line.ngs_passage for line in lines) == 15
    assert sum(bool(line.alias) for line in lines) == 17
    assert {row["source"] for row in read_table("table1.csv")} == {"10.1016/j.scr.2021.102270 Table 1"}


@pytest.mark.parametrize(
    ("line_id", "cells"),
    [
        ("NCRM5AS1-iCAGcGFP.c9", ("", "74", "70", "2015", "CD34+ cord blood", "Matrigel")),
        ("KSCBi005-A", ("CMC-hiPSC-003", "18", "18", "2017", "cord blood", "vitronectin")),
        ("KSCBi0016-A", ("CMC-hiPSC-005", "20", "20", "2017", "cord blood", "vitronectin")),
        ("KSCBi003-A", ("hAdMSiPS1", "16", "18", "2018", "adipocyte", "STO")),
        ("SNUhES3", ("", "", "", "", "hESC", "")),
    ],
)
def test_row_when_read_then_gaps_stay_gaps(line_id: str, cells: tuple[str, ...]) -> None:
    line = LINES[line_id]
    assert (line.alias, line.passage, line.ngs_passage, line.banked, line.origin, line.matrix) == cells


def test_cells_of_data_when_blank_then_are_neither_data_nor_a_no() -> None:
    assert LINES["SNUhES3"].missing_modalities == ()
    assert LINES["KSCBi010-A"].missing_modalities == ("wes", "rna-seq", "methyl-seq")
    assert LINES["KSCBi005-A"].missing_modalities == ()


@pytest.fixture(scope="module")
def core() -> Vocabulary:
    return open_vocabulary(Path("no-ontologies-installed"))


@pytest.mark.parametrize("line", published_lines(), ids=LINES)
def test_identifiers_when_looked_up_then_are_of_this_line(line: PublishedLine, core: Vocabulary) -> None:
    names = {line.line_id, line.alias}
    for curie in (line.cellosaurus.replace("CVCL_", "CVCL:"), line.clo):
        if curie:
            term = core.term(curie)
            assert term is not None, curie
            assert term.label in names
    for curie in line.origin_terms.values():
        assert core.term(curie) is not None


def test_identifiers_when_no_source_has_one_then_none_is_stated() -> None:
    without = {line.line_id for line in published_lines() if not line.cellosaurus}
    assert without == {
        "KSCBi0016-A",
        "KSCBi0017-A",
        "KSCBi0018-A",
        "KSCBi0019-A",
        "KSCBi013-A",
        "NCRM5AS1-iCAGcGFP.c9",
    }
    assert sum(bool(line.clo) for line in published_lines()) == 7


def test_donors_when_hpscreg_clo_names_them_then_are_its_donors(core: Vocabulary) -> None:
    named: dict[Donor, str] = {}
    for line in published_lines():
        for edge in core.edges(line.clo) if line.clo else ():
            if edge.property == "CLO:0037207" and edge.object.startswith("CLO:11"):
                named[line.donor] = edge.object
    assert {donor.donor_id for donor in named} == {"SAMEA104012033", "SAMEA104012353", "SAMEA4675623"}
    for donor, curie in named.items():
        term = core.term(curie)
        assert term is not None
        assert donor.donor_id == term.label
        [sex] = [edge.object_label for edge in core.edges(curie) if edge.property == "RO:0000086"]
        assert donor.sex == sex
    assert {line.donor.sex for line in published_lines() if line.donor not in named} == {"unknown"}


def test_donors_when_lines_share_a_donor_number_then_are_one() -> None:
    by_donor: dict[str, set[str]] = {}
    for line in published_lines():
        by_donor.setdefault(line.donor.donor_id, set()).add(line.line_id)
    assert {donor: lines for donor, lines in by_donor.items() if len(lines) > 1} == {
        "SAMEA104012353": {"KSCBi002-A", "KSCBi002-A-1", "KSCBi002-B", "KSCBi002-B-1"},
        "KSCB-donor-005": {"KSCBi005-A", "KSCBi005-A-1", "KSCBi005-A-3"},
        "unknown": {"SNUhES3", "SNUhES4"},
    }
