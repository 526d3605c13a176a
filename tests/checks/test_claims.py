"""Variants that a record claims: genomic HGVS is read, looked for in one pass through the files, and judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog import kernels
from catalog.bank import Bank
from catalog.checks.claims import CLAIM_RULES
from catalog.checks.run import Surroundings, judge_line
from catalog.claims import Claim, read_claim
from catalog.formats.inspect import Manner, inspect_file
from catalog.formats.protocol import Declared
from catalog.vocabulary import Vocabulary
from publish.demo.compression import bgzf_file
from tests.builders import LINE_ID, make_bank, write_line

SNV = "NC_000017.11:g.1000G>C"
DELETION = "NC_000017.11:g.2000_2001del"
DUPLICATION = "chr17:g.3000_3002dup"
INSERTION = "NC_000017.11:g.4000_4001insTT"
REPLACED = "NC_000017.11:g.5000_5001delinsACT"
HEADER = """##fileformat=VCFv4.2
##contig=<ID=chr17,length=83257441>
##contig=<ID=chrX,length=156040895>
##ALT=<ID=NON_REF,Description="Any other allele">
##INFO=<ID=END,Number=1,Type=Integer,Description="Last base">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
"""
BLOCK = "<NON_REF>"


def claim(hgvs: str) -> Claim:
    found = read_claim(hgvs)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("hgvs", "wanted"),
    [
        (SNV, ("GRCh38", "17", 1000, 1000, "G", "C")),
        ("NC_000017.10:g.1000G>C", ("GRCh37", "17", 1000, 1000, "G", "C")),
        ("NC_060947.1:g.12_13delGA", ("T2T-CHM13v2.0", "X", 12, 13, "GA", "")),
        ("NC_012920.1:m.3243A>G", ("", "M", 3243, 3243, "A", "G")),
        ("chrMT:m.3243A>G", ("", "M", 3243, 3243, "A", "G")),
        ("chrX:g.7del", ("", "X", 7, 7, None, "")),
        ("chr2:g.7_9dup", ("", "2", 7, 9, "", None)),
        ("chr2:g.7_8insAC", ("", "2", 7, 8, "", "AC")),
        ("chr2:g.7_8delGTinsA", ("", "2", 7, 8, "GT", "A")),
    ],
)
def test_hgvs_when_genomic_then_place_and_bases_are_read(hgvs: str, wanted: tuple[object, ...]) -> None:
    found = claim(hgvs)
    assert (found.assembly, found.chromosome, found.start, found.end, found.deleted, found.inserted) == wanted


@pytest.mark.parametrize(
    "hgvs",
    [
        "NM_006617.2:c.100_101ins", "NP_000001.1:p.Gly12Asp", "NC_000017.9:g.1000G>C", "NC_000099.1:g.1A>C", "chr23:g.1A>C",
        "chr1:g.1_2A>C", "chr1:g.1_3insA", "chr1:g.5_4del", "chr1:g.1_3delGG", "chr1:g.1_5000del", "chr1:g.1A>C;2G>T",
        "chr1:g.(1_2)_(5_6)del", "chr1:g.1_5inv", "NC_012920.1:g.3243A>G", "chr1:g.1=", "", "unknown", "chr1:g.0A>C",
        "chr1:g.99999999999999999999A>C",
    ],
)  # fmt: skip
def test_hgvs_when_of_another_form_then_is_none(hgvs: str) -> None:
    assert read_claim(hgvs) is None


@pytest.mark.parametrize(
    ("hgvs", "record", "is_made"),
    [
        (SNV, (1000, "G", "C"), True),
        (SNV, (999, "AG", "AC"), True),
        (SNV, (999, "AGT", "TCA"), True),
        (SNV, (1000, "G", "T"), False),
        (SNV, (1000, "A", "C"), False),
        (SNV, (1000, "GA", "G"), False),
        (DELETION, (1999, "AGT", "A"), True),
        (DELETION, (1989, "CAG", "C"), True),
        (DELETION, (1999, "AG", "A"), False),
        (DELETION, (1900, "CAG", "C"), False),
        ("chr17:g.2000_2001delGT", (1999, "AGT", "A"), True),
        ("chr17:g.2000_2001delGT", (1998, "CTG", "C"), True),
        ("chr17:g.2000_2001delGT", (1999, "AGG", "A"), False),
        (DUPLICATION, (2999, "A", "ACAG"), True),
        (DUPLICATION, (3002, "G", "GCAG"), True),
        (DUPLICATION, (2999, "A", "ACA"), False),
        (INSERTION, (4000, "C", "CTT"), True),
        (INSERTION, (3997, "C", "CTT"), True),
        (INSERTION, (4001, "C", "CTT"), False),
        (INSERTION, (4000, "C", "CTA"), False),
        (REPLACED, (5000, "GG", "ACT"), True),
        (REPLACED, (4999, "CGG", "CACT"), True),
        (REPLACED, (5000, "GG", "AC"), False),
        (REPLACED, (5000, "G", "ACT"), False),
    ],
)
def test_allele_when_written_as_vcf_may_then_is_known_as_the_claim(
    hgvs: str, record: tuple[int, str, str], is_made: bool
) -> None:
    assert claim(hgvs).is_made_by(*record) == is_made


def lines(*records: str, samples: str = LINE_ID) -> bytes:
    """A VCF of records written as ``POS REF ALT INFO GT...``."""
    text = HEADER + f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{samples}\n"
    for each in records:
        pos, ref, alt, info, *genotypes = each.split()
        chrom, _, pos = pos.rpartition(":")
        text += "\t".join([chrom or "chr17", pos, ".", ref, alt, "30", "PASS", info, "GT", *genotypes]) + "\n"
    return text.encode()


RECORDS = (
    "900 A C . 0/1", "1000 G C . 0/1", f"1999 A {BLOCK} END=2005 0/0", "2999 A ACAG . 1/1", f"3000 A {BLOCK} END=4000 0/0",
    "4001 A T . 0/1",
)  # fmt: skip


@pytest.mark.parametrize("is_fast", [False, True] if kernels.are_usable() else [False])
def test_file_when_read_then_evidence_has_what_it_says_of_each_claim(tmp_path: Path, is_fast: bool) -> None:
    path = tmp_path / "a.vcf"
    path.write_bytes(lines(*RECORDS))
    stated = (SNV, DELETION, DUPLICATION, INSERTION, "NC_000017.10:g.900A>C", "chr9:g.4A>C")
    declared = Declared(claims=tuple(map(claim, stated)))
    subject = inspect_file(path, declared=declared, manner=Manner(is_fast=is_fast))
    assert subject.evidence["claims"] == {
        SNV: {LINE_ID: {"copies": 1, "alleles": 2}},
        DELETION: {LINE_ID: {"copies": 0, "alleles": 0}},
        DUPLICATION: {LINE_ID: {"copies": 2, "alleles": 2}},
        INSERTION: {},
        "chr9:g.4A>C": {},
    }
    assert "claims" not in str(subject.to_json())
    assert "claims" not in inspect_file(path).evidence


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return make_bank(tmp_path)


def found(bank: Bank, vocabulary: Vocabulary, content: bytes, *stated: dict[str, str]) -> list[tuple[str, str | None]]:
    write_line(bank, files={"data/wgs/a.vcf.gz": bgzf_file(content)}, modifications=list(stated))
    line = judge_line(bank.lines_folder / LINE_ID, Surroundings(vocabulary=vocabulary, line_ids=frozenset({LINE_ID})))
    codes = {each.code for each in CLAIM_RULES}
    return [(each.code, each.path) for each in line.all_findings() if each.code in codes]


FILE = "data/wgs/a.vcf.gz"
TEXTS = {"zygosity": "heterozygous", "type": "variant"}


@pytest.mark.parametrize(
    ("records", "changes", "wanted"),
    [
        (["1000 G C . 0/1"], {}, []),
        (["1000 G C . 1|0"], {"type": "knock-in"}, []),
        (["1000 G C . 0/1"], {"zygosity": "homozygous"}, [("file-claim-zygosity", FILE)]),
        (["1000 G C . 1/1"], {}, [("file-claim-zygosity", FILE)]),
        (["1000 G C . 1/1"], {"zygosity": "homozygous"}, []),
        (["1000 G C . 1/1"], {"zygosity": "unknown"}, []),
        (["1000 G A,C . 1/2"], {}, []),
        (["1000 G . . 0/0"], {}, [("file-claim-absent", FILE)]),
        (["1000 G A . 0/1"], {}, [("file-claim-absent", FILE)]),
        ([f"990 G {BLOCK} END=1010 0/0"], {}, [("file-claim-absent", FILE)]),
        ([f"990 G {BLOCK} END=1010 ./."], {}, [("file-claim-not-covered", FILE)]),
        ([f"990 G {BLOCK} END=999 0/0"], {}, [("file-claim-not-covered", FILE)]),
        (["1000 G C . ./1"], {}, []),
        (["2000 G C . 0/1"], {}, [("file-claim-not-covered", FILE)]),
        (["1000 G C . 0/1"], {"hgvs": "NM_006617.2:c.100G>C"}, [("record-claim-unchecked", "line.yaml")]),
        (["1000 G C . 0/1"], {"hgvs": "NC_000017.10:g.1000G>C"}, [("record-claim-unchecked", "line.yaml")]),
        (["1000 G . . 0/0"], {"type": "isogenic"}, [("record-claim-unchecked", "line.yaml")]),
        (["1000 G . . 0/0"], {"hgvs": "unknown"}, []),
        (["chrX:50 G C . 1"], {"hgvs": "chrX:g.50G>C", "zygosity": "hemizygous"}, []),
        (["chrX:50 G C . 1/1"], {"hgvs": "chrX:g.50G>C", "zygosity": "hemizygous"}, []),
        (["1999 AGT A . 0/1", f"2002 A {BLOCK} END=2010 0/0"], {"hgvs": DELETION}, []),
        ([f"1999 A {BLOCK} END=2010 0/0"], {"hgvs": DELETION}, [("file-claim-absent", FILE)]),
        ([f"1999 A {BLOCK} END=2000 0/0"], {"hgvs": DELETION}, [("file-claim-not-covered", FILE)]),
        ([f"1999 A {BLOCK} END=2000 0/0", f"2001 A {BLOCK} . 0/0"], {"hgvs": DELETION}, [("file-claim-absent", FILE)]),
    ],
)
def test_line_when_its_record_claims_a_variant_then_the_file_is_asked(
    bank: Bank, vocabulary: Vocabulary, records: list[str], changes: dict[str, str], wanted: list[tuple[str, str]]
) -> None:
    assert found(bank, vocabulary, lines(*records), {**TEXTS, "hgvs": SNV, **changes}) == wanted


def test_line_when_a_file_has_several_samples_then_its_own_counts(bank: Bank, vocabulary: Vocabulary) -> None:
    content = lines("1000 G C . 0/1 0/0", samples=f"OTHER\t{LINE_ID}")
    cells = {FILE: {"sample_id": LINE_ID}}
    stated = [{**TEXTS, "hgvs": SNV}]
    write_line(bank, files={FILE: bgzf_file(content)}, cells=cells, modifications=stated)
    line = judge_line(bank.lines_folder / LINE_ID, Surroundings(vocabulary=vocabulary, line_ids=frozenset({LINE_ID})))
    assert "file-claim-absent" in {each.code for each in line.all_findings()}


def test_line_when_it_has_no_variant_file_then_nothing_is_said(bank: Bank, vocabulary: Vocabulary) -> None:
    write_line(bank, modifications=[{**TEXTS, "hgvs": "NM_006617.2:c.100G>C"}])
    line = judge_line(bank.lines_folder / LINE_ID, Surroundings(vocabulary=vocabulary, line_ids=frozenset({LINE_ID})))
    assert [each.code for each in line.all_findings() if "claim" in each.code] == []
