from __future__ import annotations

import random
import re
from dataclasses import replace
from math import comb
from pathlib import Path

import pytest

from catalog.findings import Level, Severity, Subject
from catalog.formats.containers.rules import NO_END_BLOCK, TRAILING, TRUNCATED
from catalog.formats.inspect import inspect_file, sniff_bytes
from catalog.formats.protocol import Declared
from catalog.formats.vcf import VCF
from catalog.formats.vcf.genotypes import GenotypeReader
from catalog.formats.vcf.information import InfoReader
from catalog.formats.vcf.tally import Histogram
from publish.demo.compression import bgzf_file
from tests.formats.cases_vcf import CHROM_LINE, FIRST, SECOND, header, text
from tests.formats.defects import assert_survives, codes, inspect_bytes
from tests.formats.vcf_examples import DESCRIBED

END_BLOCK = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def judged(folder: Path, content: str, level: Level = Level.BANK, declared: Declared | None = None) -> Subject:
    return inspect_bytes(folder, "a.vcf.gz", bgzf_file(content.encode()), level=level, declared=declared)


def errors(subject: Subject) -> list[tuple[str, int | None, str | int | None]]:
    return [(each.code, each.line, each.column) for each in subject.findings if each.severity is Severity.ERROR]


@pytest.mark.parametrize("minor", range(6))
def test_vcf_when_valid_then_has_facts_and_no_finding(minor: int, tmp_path: Path) -> None:
    subject = judged(tmp_path, text(minor))
    assert (subject.format, codes(subject)) == ("vcf", [])
    assert subject.facts == {
        "container": "bgzf",
        "version": f"VCFv4.{minor}",
        "samples": ["S1"],
        "contigs": 2,
        "assembly": "GRCh38",
        "records": 3,
        "snvs": 2,
        "indels": 1,
        "ti_tv": 1.0,
        "het": 2,
        "hom_alt": 0,
        "missing": 0,
        "assembly_evidence": {"agreeing": 1, "disagreeing": 0, "others": {}},
        "call_rate": 1.0,
        "filters": {".": 1, "PASS": 1, "q10": 1},
        "hom_ref": 1,
    }


def test_vcf_when_only_the_specification_is_asked_then_wishes_are_silent(tmp_path: Path) -> None:
    content = text().replace("DP=5;", "XX=5;").replace("ctg2\t5", "chr9\t5").encode()
    assert codes(inspect_bytes(tmp_path, "a.vcf", content, level=Level.SPEC)) == []


@pytest.mark.parametrize("alleles", [1, 3, 40])
@pytest.mark.parametrize("ploidy", [1, 2, 3])
def test_genotype_likelihoods_when_counted_by_ploidy_then_pass(alleles: int, ploidy: int, tmp_path: Path) -> None:
    count = comb(alleles + ploidy, ploidy)
    alts = ",".join("G" * (number + 1) for number in range(alleles))
    genotype = "/".join([str(alleles)] * ploidy)
    meta = f"##FORMAT=<ID=PL,Number=G,Type=Integer,{DESCRIBED}>\n"

    def record(values: int) -> str:
        return f"chr1\t9\t.\tT\t{alts}\t.\t.\t.\tGT:PL\t{genotype}:{','.join(['1'] * values)}\n"

    assert judged(tmp_path, header() + meta + CHROM_LINE + record(count), Level.SPEC).findings == ()
    wrong = judged(tmp_path, header() + meta + CHROM_LINE + record(count + 1))
    assert errors(wrong) == [("vcf-sample-number", 16, "FORMAT/PL")]


@pytest.mark.parametrize("number", [50, 51, 3_000])
def test_format_when_it_has_many_keys_then_is_read(number: int, tmp_path: Path) -> None:
    keys = ":".join(f"K{index}" for index in range(number))
    record = FIRST.replace("GT:AD:NOTE\t0/1:3,2:x", f"GT:{keys}\t0/1{':1' * number}")
    assert judged(tmp_path, header() + CHROM_LINE + record, Level.SPEC).findings == ()
    wrong = judged(tmp_path, header() + CHROM_LINE + record.replace("0/1", "0/3"), Level.SPEC)
    assert errors(wrong) == [("vcf-gt-allele", 15, "FORMAT/GT")]


def test_samples_when_one_of_two_is_wrong_then_it_is_named(tmp_path: Path) -> None:
    content = header() + CHROM_LINE.replace("S1\n", "S1\tS2\n") + FIRST.replace(":x\n", ":x\t0/1:3:.\n")
    finding = judged(tmp_path, content).findings[0]
    assert (finding.code, finding.got) == ("vcf-sample-number", "3")
    assert "S2" in finding.message


def test_equal_findings_when_many_then_are_one_with_the_first_place(tmp_path: Path) -> None:
    first = FIRST.replace("DP=5", "DP=x").replace("rs1", ".")
    records = "".join(first.replace("\t10\t", f"\t{pos}\t") for pos in range(10, 60))
    subject = judged(tmp_path, header() + CHROM_LINE + records)
    assert [(each.code, each.line, each.count) for each in subject.findings] == [("vcf-info-type", 15, 50)]


@pytest.mark.parametrize(
    ("line", "assembly"),
    [
        ("##contig=<ID=1,length=249250621>", "GRCh37"),
        ("##contig=<ID=chr1,length=248387328>", "T2T-CHM13v2.0"),
        ("##reference=file:///ref/Homo_sapiens_assembly38_hg38.fa", "GRCh38"),
        ("##reference=GRCh37.p13", "GRCh37"),
        ("##contig=<ID=7,assembly=b37>", "GRCh37"),
        ("##reference=mouse.fa", None),
    ],
)
def test_assembly_when_header_tells_it_then_is_a_fact(line: str, assembly: str | None, tmp_path: Path) -> None:
    subject = judged(tmp_path, f"##fileformat=VCFv4.3\n{line}\n{CHROM_LINE}", Level.SPEC)
    assert subject.facts.get("assembly") == assembly


def test_position_when_the_highest_integer_then_passes(tmp_path: Path) -> None:
    assert "vcf-pos" not in codes(judged(tmp_path, text().replace("ctg2\t5", "ctg3\t2147483647")))


def test_samples_when_the_column_names_cannot_be_read_then_none_is_missed(tmp_path: Path) -> None:
    content = text().replace(CHROM_LINE, CHROM_LINE.replace("\t", " "))
    found = codes(judged(tmp_path, content, declared=Declared(sample_id="S1", line_id="S1")))
    assert "vcf-header-line-columns" in found
    assert "vcf-sample-not-declared" not in found


@pytest.mark.parametrize("declared", ["GRCh38", "hg38", "GRCh38.p14", "", "my own"])
def test_assembly_when_declared_by_any_of_its_names_then_is_silent(declared: str, tmp_path: Path) -> None:
    assert judged(tmp_path, text(), declared=Declared(assembly=declared)).findings == ()


def test_fileformat_when_it_comes_late_then_still_tells_the_version(tmp_path: Path) -> None:
    content = text(2).replace("##fileformat=VCFv4.2\n##source=fairline\n", "##source=fairline\n##fileformat=VCFv4.2\n")
    subject = judged(tmp_path, content)
    assert (errors(subject), subject.facts["version"]) == ([("vcf-fileformat", 1, "fileformat")], "VCFv4.2")


def test_header_when_it_says_synthetic_then_is_a_fact(tmp_path: Path) -> None:
    subject = judged(tmp_path, text().replace("##source=fairline", "##source=Synthetic data of the demo"))
    assert subject.facts["synthetic"] is True


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("a.txt", text().encode(), "vcf"),
        ("a.vcf", b"no header at all\n", "vcf"),
        ("a.vcf", b"\0\1\2", "vcf"),
        ("a.txt", b"\xef\xbb\xbf##fileformat=VCFv4.3\n", "vcf"),
        ("a.txt", CHROM_LINE.encode(), "vcf"),
        ("a.vcf.gz", bgzf_file(b"broken\n"), "vcf"),
        ("a.bin", b"\0", None),
    ],
)
def test_sniff_when_content_or_name_tells_then_is_vcf(name: str, content: bytes, wanted: str | None) -> None:
    found = sniff_bytes(name, content)
    assert (found.name if found is not None and found.name == "vcf" else None) == wanted


def test_vcf_when_line_ends_are_windows_then_4_3_is_silent(tmp_path: Path) -> None:
    assert judged(tmp_path, text().replace("\n", "\r\n")).findings == ()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (bgzf_file(text().encode())[:-40], TRUNCATED.code),
        (bgzf_file(text().encode()) + b"garbage", TRAILING.code),
        (bgzf_file(text().encode()).removesuffix(END_BLOCK), NO_END_BLOCK.code),
    ],
    ids=["truncated", "trailing", "no-end-block"],
)
def test_vcf_when_container_is_damaged_then_the_container_says_so(content: bytes, code: str, tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "a.vcf.gz", content, level=Level.SPEC)
    assert (subject.format, subject.valid) == ("vcf", False)
    assert code in codes(subject)


def test_vcf_when_empty_inside_then_is_not_valid(tmp_path: Path) -> None:
    path = tmp_path / "a.vcf.gz"
    path.write_bytes(bgzf_file(b""))
    subject = inspect_file(path)
    assert errors(subject) == [("vcf-fileformat", None, "fileformat"), ("vcf-header-line-missing", None, "#CHROM")]


def test_vcf_rules_when_read_then_explain_themselves() -> None:
    for rule in VCF.rules:
        assert rule.code.startswith("vcf-")
        assert rule.hint
        assert rule.source


WORDS = ("0", "1", ".", ",", ":", "/", "|", "-", "+", "e", "A", "=", ";", "x", " ", "%", "9999999999", '"')
RICH = (
    f"##INFO=<ID=PAIR,Number=2,Type=Character,{DESCRIBED}>\n"
    f"##FORMAT=<ID=PL,Number=G,Type=Integer,{DESCRIBED}>\n"
    f"##FORMAT=<ID=LIST,Number=.,Type=Float,{DESCRIBED}>\n"
    f"##FORMAT=<ID=WORD,Number=1,Type=String,{DESCRIBED}>\n" + CHROM_LINE + FIRST + SECOND
)
RICHER = (
    "chr1\t30\t.\tA\tC,G\t.\t.\tPAIR=a,b;END=40;TXT=q,.r\tGT:PL:LIST:WORD\t0/1:1,2,3,4,5,6:1.5,.,2:hello\n"
    "chr1\t31\t.\tA\tC\t.\t.\tPAIR=a,b;AC=1;AF=.;MQ=60\tGT:PL:LIST:WORD\t0:1,2:1.5,.,2:hello\n"
)


def mutants(minor: int) -> list[str]:
    """The records of a valid file with a few characters of the grammar put in, or in place of others."""
    valid = header(minor) + RICH + RICHER
    start = valid.index("#CHROM")
    chance = random.Random(minor)
    contents = []
    for _ in range(300):
        content = valid
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(start, len(content))
            content = content[:at] + chance.choice(WORDS) + content[at + chance.randint(0, 1) :]
        contents.append(content)
    return contents


@pytest.mark.parametrize("minor", [2, 3, 5])
def test_patterns_when_compared_with_exact_checks_then_agree(
    minor: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_patterns = [judged(tmp_path, content) for content in mutants(minor)]
    info_plan, genotype_plan = InfoReader._plan, GenotypeReader._plan
    never = re.compile(rb"(?!)").fullmatch
    monkeypatch.setattr(InfoReader, "_plan", lambda *args: replace(info_plan(*args), match=never))
    monkeypatch.setattr(GenotypeReader, "_plan", lambda *args: replace(genotype_plan(*args), match=None))
    assert [judged(tmp_path, content) for content in mutants(minor)] == by_patterns
    assert len({code for subject in by_patterns for code in codes(subject)}) > 20


@pytest.mark.slow
def test_vcf_when_damaged_then_is_judged_and_never_raises(tmp_path: Path) -> None:
    assert_survives(tmp_path, "a.vcf", text(5).encode(), "vcf")
    assert_survives(tmp_path, "b.vcf", text(2).encode(), "vcf")


def test_histogram_when_values_are_higher_than_it_reaches_then_there_is_no_mean() -> None:
    histogram = Histogram(10)
    for value in (b"2", b"4", b"9"):
        histogram.add(value)
    assert histogram.facts() == {"values": 3, "median": 4, "mean": 5.0}
    histogram.add(b"12")
    assert histogram.facts() == {"values": 4, "median": 4, "from_10_on": 1}
    histogram.add(b"70")
    histogram.add(b"10")
    assert histogram.facts() == {"values": 6, "median": 9, "from_10_on": 3}
