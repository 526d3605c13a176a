"""What the cases cannot say of PLINK filesets: facts, evidence, an independent reading, intervals of the same name."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest

from catalog.findings import Level, Subject
from catalog.formats.companions import Member
from catalog.formats.inspect import sniff_bytes
from catalog.formats.plink import trio
from catalog.formats.plink.bim import _Variants
from catalog.formats.plink.trio import PLINK_TRIO
from tests.formats.cases_plink import BIM, BIM_DEFECTS, FAM, FORMATS, GENOTYPES, ROWS
from tests.formats.defects import codes, inspect_bytes

BIM_CONTENTS = {
    **{defect.id: defect.content for defect in BIM_DEFECTS},
    **{name: content for case in FORMATS if case.format == "plink-bim" for name, content in case.valid.items()},
}


def test_fileset_when_read_then_facts_and_evidence_are_told(tmp_path: Path) -> None:
    bed = inspect_bytes(tmp_path, "a.bed", GENOTYPES)
    flat = [genotype for row in ROWS for genotype in row]
    assert bed.facts == {
        "mode": "variant-major",
        "genotype_bytes": len(GENOTYPES) - 3,
        "missing": flat.count(None),
        "heterozygous": flat.count(1),
    }
    bim = inspect_bytes(tmp_path, "a.bim", BIM.encode())
    assert bim.facts == {"variants": 12, "snvs": 12, "chromosomes": {"1": 4, "2": 4, "X": 4}}
    assert list(bim.evidence["chromosomes"]) == [1] * 4 + [2] * 4 + [23] * 4  # type: ignore[call-overload]
    fam = inspect_bytes(tmp_path, "a.fam", FAM.encode())
    assert fam.facts == {"samples": 6, "families": 4, "males": 2, "females": 3, "founders": 5}


def test_genotypes_when_unpacked_by_numpy_then_are_those_that_were_written(tmp_path: Path) -> None:
    stored = numpy.asarray(inspect_bytes(tmp_path, "a.bed", GENOTYPES).evidence["genotypes"]).reshape(12, 2)
    codes_of = numpy.stack([(stored >> shift) & 3 for shift in (0, 2, 4, 6)], axis=2).reshape(12, 8)[:, :6]
    expected = [[{0: 0, None: 1, 1: 2, 2: 3}[genotype] for genotype in row] for row in ROWS]
    assert codes_of.tolist() == expected


def member(folder: Path, name: str, content: bytes) -> Member:
    part = PLINK_TRIO.part_of(name)
    assert part is not None
    return Member(path=folder / name, part=part[1], subject=inspect_bytes(folder, name, content, level=Level.BANK))


def test_padding_when_the_file_is_too_large_for_evidence_then_it_is_looked_at_in_place(tmp_path: Path) -> None:
    damaged = GENOTYPES[:-1] + bytes([GENOTYPES[-1] | 0x40])
    bed, bim, fam = (
        member(tmp_path, name, content)
        for name, content in (("a.bed", damaged), ("a.bim", BIM.encode()), ("a.fam", FAM.encode()))
    )
    bare = {name: value for name, value in bed.subject.evidence.items() if name != "genotypes"}
    large = Member(
        path=bed.path,
        part="bed",
        subject=Subject(path="a.bed", kind="file", format="plink-bed", facts=bed.subject.facts, evidence=bare),
    )
    found = list(PLINK_TRIO.judge([large, bim, fam]))
    assert [(each.path.name, finding.code, finding.record) for each, finding in found] == [
        ("a.bed", trio.PADDING.code, 12)
    ]


def test_intervals_when_named_like_a_fileset_then_are_no_part_of_one(tmp_path: Path) -> None:
    intervals = member(tmp_path, "a.bed", b"chr1\t1\t20\nchr1\t30\t40\n")
    assert intervals.subject.format != "plink-bed"
    assert list(PLINK_TRIO.judge([intervals])) == []


def test_bed_when_its_magic_is_damaged_then_it_is_still_told_from_intervals(tmp_path: Path) -> None:
    assert codes(inspect_bytes(tmp_path, "a.bed", b"\0" + GENOTYPES[1:])) == ["plink-bed-magic"]


@pytest.mark.parametrize("name", sorted(BIM_CONTENTS))
def test_variants_when_taken_line_by_line_then_the_outcome_is_that_of_many_at_once(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = inspect_bytes(tmp_path, "a.bim", BIM_CONTENTS[name])
    monkeypatch.setattr(_Variants, "take_many", lambda *_: False)
    one_by_one = inspect_bytes(tmp_path, "a.bim", BIM_CONTENTS[name])
    assert one_by_one.to_json() == at_once.to_json()
    for array in ("chromosomes", "positions", "alleles", "rs"):
        assert numpy.array_equal(one_by_one.evidence[array], at_once.evidence[array])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("x.bim", b"PAR1\trs1\t0\t100\tA\tC\n", "plink-bim"),  # a region of X and Y, as plink2 calls it
        ("x.fam", b"IDAT1 I1 0 0 1 2\n", "plink-fam"),
        ("x.fam", b"gtc\tI1\t0\t0\t1\t2\n", "plink-fam"),
        ("x.fam", b"PARE I1 0 0 1 2\n", "plink-fam"),
    ],
)
def test_text_of_a_fileset_when_it_begins_like_another_format_then_is_not_taken_for_it(
    name: str, content: bytes, wanted: str
) -> None:
    found = sniff_bytes(name, content)
    assert found is not None
    assert found.name == wanted
