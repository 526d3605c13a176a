"""What looks like genotypes, HLA types or reads is closed without an approval, whatever its name and however short."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from catalog.access import decide_file
from catalog.formats.genotypes import GenotypeSigns
from catalog.formats.inspect import floor_of
from catalog.formats.protocol import Declared
from catalog.profiles import decode_record
from tests.builders import NOW, counts_bytes, record, regions_bytes, row
from tests.formats.defects import inspect_bytes

VCF = (
    b"##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tX\n1\t5\t.\tA\tC\t.\t.\t.\tGT\t0/1\n"
)
READ = "ACGTTGCAAC" * 8

TELLING: dict[str, tuple[str, bytes]] = {
    "wide table": ("geno.csv", b"sample,rs1,rs2,rs3\nL1,AG,CT,AA\n"),
    "four columns": ("t.csv", b"rsid,chromosome,position,genotype\nrs12,1,5,AG\nrs13,1,6,AA\nrs14,1,7,CC\n"),
    "four columns, one row": ("t.txt", b"rsid,chromosome,position,genotype\nrs12,1,5,AG\n"),
    "four columns with spaces": ("t.txt", b"rsid chromosome position genotype\nrs12 1 5 AG\n"),
    "header alone": ("t.csv", b"SNP Name,Sample ID,Allele1 - Top,Allele2 - Top\n"),
    "alleles": ("t.csv", b"locus,a1,a2\nx,T,C\n"),
    "reference and alternative": ("t.tsv", b"Chr\tStart\tRef\tAlt\n1\t5\tA\tG\n"),
    "genotype of a sample": ("t.tsv", b"site\tL1.GT\nx\t1\n"),
    "coded": ("counts_geno.tsv", b"id\tL1\nrs1234\t0\nrs1235\t1\nrs1236\t2\nrs1237\t0\n"),
    "coded, one row": ("a_count.tsv", b"id\tL1\nrs1234\t1\n"),
    "coded, wide": ("a_count.tsv", b"gene_id\trs11_A\trs12_G\nL1\t0\t1\n"),
    "coded by position": ("a_count.tsv", b"gene_id\tL1\nchr1:1000:A:G\t0\n"),
    "coded in an array": ("a_count.tsv", b"gene_id\tL1\nSNP_A-1780619\t0\n"),
    "calls": ("t.csv", b"marker,L1,L2\nm1,AG,AA\nm2,CT,CC\n"),
    "calls with slashes": ("t.csv", b"marker,L1,L2\nm1,0/1,1|1\nm2,./.,0/0\n"),
    "far behind the head": ("t.tsv", b"id\tvalue\n" + b"region\t1\n" * 20_000 + b"rs4680\t2\n"),
    "hla types": ("hla.csv", b"gene,allele1,allele2\nHLA-A,A*02:01,A*24:02\n"),
    "hla types under other names": ("h.csv", b"gene,first,second\nHLA-A,02:01,24:02\n"),
    "hla types, wide": ("h.csv", b"sample,HLA-A_1,HLA-A_2\nL1,02:01,24:02\n"),
    "hla types in a text": ("notes.txt", b"Typed as HLA-A*02:01 and DRB1*04:05.\n"),
    "hla types in a document": ("h.json", b'{"hla": {"A": ["A*02:01", "A*24:02"]}}'),
    "hla genes as members": ("h.json", b'{"HLA-A": ["02:01", "24:02"]}'),
    "str loci": ("s.csv", b'locus,alleles\nD5S818,"11,12"\n'),
    "reads": ("reads.tsv", f"name\tbases\tmarks\nr1\t{READ}\t{'I' * 79}#\n".encode()),
    "reads alone": ("reads.csv", f"name,x\nr1,{READ[:40]}\nr2,{READ[1:41]}\nr3,{READ[2:42]}\n".encode()),
    "read table": ("reads.csv", b"name,seq,qual\nr1,ACGT,IIII\n"),
    "reads in a text": ("notes.txt", f"The read\n{READ}\nwas seen.\n".encode()),
    "fastq behind a word": ("notes.txt", b"reads:\n@r1\nACGTACGTACGT\n+\nIIIIIIIIIIII\n"),
    "vcf behind a blank line": ("notes.txt", b"\n" + VCF),
    "base64 of a vcf": ("notes.txt", base64.encodebytes(VCF)),
    "base64 of a compressed vcf": ("notes.txt", b"attached:\n" + base64.encodebytes(gzip.compress(VCF * 9, mtime=0))),
    "base64 in json": ("a.json", json.dumps({"data": base64.b64encode(gzip.compress(VCF)).decode()}).encode()),
    "base64 in a table": ("a.csv", b"name,value\nx," + base64.b64encode(VCF) + b"\n"),
    "calls in a row": ("notes.txt", b"L1" + b" AC AA" * 20 + b"\n"),
    "text with one call": ("notes.txt", b"APOE is rs429358 (C;T).\n"),
    "text with members": ("notes.txt", b"rsid: rs429358\ngenotype: CT\n"),
    "objects": ("g.json", b'[{"rsid": "rs123", "gt": "AG"}]'),
    "objects by their names": ("g.json", b'{"calls": {"rs4680": 1}}'),
    "lists": ("g.json", b'{"calls": [["rs4680", "x"]]}'),
    "sequences in json": ("g.json", json.dumps({"x": [READ]}).encode()),
}
HARMLESS: dict[str, tuple[str, bytes]] = {
    "counts": ("a_count.tsv", counts_bytes()),
    "counts of symbols": ("a_count.tsv", b"gene_id\tA1\tA2\tRS1\nHLA-A\t12\t1\t0\nHLA-DRB1\t0\t3\t1\nRS1\t5\t1\t1\nAT\t1\t1\t1\n"),
    "tpm": ("a_tpm.csv", b"gene_id,gene_name,L1\nENSG00000204531,POU5F1,1000000\n"),
    "expression table": ("t.csv", b"gene,log2fc,padj\nHLA-A,1.2,0.01\nHLA-B,-0.4,0.5\nCT45A1,2,1\n"),
    "regions": ("regions.tsv", regions_bytes()),
    "contexts": ("m.tsv", b"chrom\tstart\tcontext\tlevel\n" + b"chr1\t5\tCG\t0.5\n" * 9),
    "quality": ("qc.csv", b"test,value,acceptance\nmycoplasma,negative,negative\npassed,3/3,all\nCT,24.5,<30\n"),
    "primers": ("qc.csv", b"gene,forward,reverse\nPOU5F1,GACAGGGGGAGGGGAGGAGCTAGG,CTTCCCTCCAACCAGTTGCCCCAAAC\n"),
    "wells": ("plate.csv", b"row,A1,A2\n1,0.4,0.5\n"),
    "article": ("notes.md", b"The variant rs1815739 is common.\nCT and PCR were used at 12:30.\n"),
    "digest": ("sums.txt", b"sha256 of the archive: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n"),
    "metadata": ("m.json", b'{"line": "KSCBi005-A", "genes": ["HLA-A"], "passages": [1, 2]}'),
    "certificate": ("c.txt", base64.encodebytes(bytes(range(1, 200)))),
}  # fmt: skip


def decided(tmp_path: Path, name: str, content: bytes, cells: dict[str, Any], scope: list[str] | None) -> bool:
    """Whether a file of an open line is open, when the approval covers a scope, or when there is none."""
    subject = inspect_bytes(tmp_path, name, content, declared=Declared(**cells))
    approval: dict[str, Any] | None = {"scope": scope} if scope is not None else None
    made = decode_record(record(access={"approval": approval}))
    seen = {"format": subject.format, "floor": floor_of(subject.format), "facts": subject.facts}
    return decide_file(row(f"data/{name}", **cells), made, seen, NOW).is_open


@pytest.mark.parametrize(
    "cells", [{"modality": "rna-seq"}, {"role": "qc"}, {"modality": "methyl-seq", "role": "summary"}], ids=str
)
@pytest.mark.parametrize("case", TELLING)
def test_content_when_it_looks_like_genotypes_then_controlled(
    case: str, cells: dict[str, str], tmp_path: Path
) -> None:  # fmt: skip
    name, content = TELLING[case]
    assert not decided(tmp_path, name, content, cells, None)


@pytest.mark.parametrize("case", TELLING)
def test_content_when_it_looks_like_genotypes_then_the_sign_is_told(case: str, tmp_path: Path) -> None:
    name, content = TELLING[case]
    subject = inspect_bytes(tmp_path, name, content)
    if subject.format is None:
        return  # unknown content is controlled anyway
    assert subject.facts["genotype_like"] is True
    [finding] = [each for each in subject.findings if each.code == "document-looks-like-genotypes"]
    assert finding.severity == "warning"
    assert subject.facts.get("hla_like", False) is case.startswith("hla")


@pytest.mark.parametrize("case", HARMLESS)
def test_content_when_it_is_ordinary_then_no_sign_is_seen(case: str, tmp_path: Path) -> None:
    name, content = HARMLESS[case]
    subject = inspect_bytes(tmp_path, name, content, declared=Declared(modality="rna-seq"))
    assert "genotype_like" not in subject.facts, [each.message for each in subject.findings]
    cells = {"role": "document"} if subject.format in {"text", "json"} else {"modality": "rna-seq"}
    assert decided(tmp_path, name, content, cells, None)


def test_approval_when_it_covers_the_modality_then_genotypes_are_open_and_hla_types_are_not(tmp_path: Path) -> None:
    cells = {"modality": "rna-seq", "role": "summary"}
    assert decided(tmp_path, *TELLING["wide table"], cells, ["rna-seq"])
    assert not decided(tmp_path, *TELLING["hla types"], cells, ["rna-seq"])
    assert not decided(tmp_path, *TELLING["hla types"], cells, ["hla"])
    assert decided(tmp_path, *TELLING["hla types"], cells, ["rna-seq", "hla"])


def test_text_when_too_long_to_be_searched_then_counts_as_a_sign() -> None:
    signs = GenotypeSigns()
    for _ in range(9):
        signs.text(b"prose\n" * (1 << 18))
    assert "is not searched" in signs.sign


def test_table_when_genotypes_begin_late_then_a_sample_of_its_rows_tells(tmp_path: Path) -> None:
    plain = b"".join(b"row%d,1.5\n" % number for number in range(52_000))
    late = b"".join(b"rs%d,AG\n" % (1000 + number) for number in range(2_000))
    assert inspect_bytes(tmp_path, "late.csv", b"name,value\n" + plain + late).facts["genotype_like"] is True
    assert "genotype_like" not in inspect_bytes(tmp_path, "plain.csv", b"name,value\n" + plain).facts
