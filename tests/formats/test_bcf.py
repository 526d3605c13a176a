"""What htslib writes as BCF is valid, htslib reads what the cases are made of, and BCF says what its VCF says."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pysam
import pysam.bcftools
import pytest

from catalog.findings import Level, Place, Severity, Subject
from catalog.formats.bcf import BCF
from catalog.formats.bcf.reach import Reach
from catalog.formats.containers import Source
from catalog.formats.inspect import Manner, inspect_file, sniff_bytes
from catalog.formats.protocol import Declared, Reading
from catalog.formats.vcf.judge import VcfJudge
from tests.formats.bcf_writer import BcfWriter, bcf
from tests.formats.cases_bcf import HEADER, RECORDS, VALID, vcf, written
from tests.formats.defects import codes

COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\tB\n"
META = """##fileformat=VCFv4.{minor}
##FILTER=<ID=q10,Description="Quality below 10">
##contig=<ID=one,length=100000>
##contig=<ID=two,length=1000>
##ALT=<ID=DEL,Description="Deletion">
##ALT=<ID=INS,Description="Insertion">
##ALT=<ID=CNV,Description="Copy number">
##ALT=<ID=DUP,Description="Duplication">
##ALT=<ID=*,Description="Anything">
##INFO=<ID=DB,Number=0,Type=Flag,Description="dbSNP">
##INFO=<ID=TXT,Number=.,Type=String,Description="Text">
##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">
##INFO=<ID=AF,Number=A,Type=Float,Description="Frequency">
##INFO=<ID=END,Number=1,Type=Integer,Description="End">
##INFO=<ID=SVLEN,Number={svlen},Type=Integer,Description="Length">
##INFO=<ID=SVCLAIM,Number=A,Type=String,Description="Claim">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=FT,Number=1,Type=String,Description="Filter">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Likelihoods">
##FORMAT=<ID=LEN,Number=1,Type=Integer,Description="Length of a block">
"""
WRITTEN = (
    "one\t10\trs1;rs2\tA\tC,T\t30.1\tPASS\tDB;TXT=a,b;DP=3000;AF=0.1,0.25\tGT:FT:DP:PL\t0/1:PASS:3:0,1,2,3,4,5\t1:.:.:.",
    "one\t100\t.\tA\tC\t.\tPASS\tDB;TXT=a;DP=.;AF=.\tGT:FT:DP\t0/1:PASS:3\t1:.:.",
    "one\t102\t.\tA\t.\t.\tq10\tEND=200\tGT\t0|0\t0/0",
    "one\t103\t.\tA\t<DEL>\t.\tq10\tSVLEN=-20;SVCLAIM=D\tGT\t0|1\t1/0",
    "one\t104\t.\tA\t<DEL>\t.\tq10\tSVLEN=-20;END=124;SVCLAIM=D\tGT\t0|1\t1/0",
    "one\t105\t.\tA\t<INS>\t.\tq10\tSVLEN=20;END=105\tGT\t0|1\t1/0",
    "one\t106\t.\tA\t<CNV>\t.\tq10\tSVLEN=20\tGT\t0|1\t1/0",
    "one\t107\t.\tA\t<DUP>,<INS>\t.\tq10\tSVLEN=20,30;SVCLAIM=D,.\tGT\t0|1\t1/2",
    "one\t110\t.\tACGTACGT\tA\t.\tq10\t.\tGT\t0\t./.",
    "one\t111\t.\tA\tA[two:4[\t.\tq10\t.\tGT\t0\t1",
    "one\t300\t.\tA\t<*>\t.\tq10\tEND=342\tGT:LEN\t0|1:43\t1/0:20",
    "one\t400\t.\tA\t<*>\t.\tq10\t.\tGT:LEN\t0|1:43\t1/0:20",
    "two\t0\t.\tN\tG\t.\tq10\t.\tGT:DP\t./.:.\t0/0/0/1:300",
)


def written_by_htslib(folder: Path, text: str, *options: str) -> Path:
    """A BCF file that bcftools makes of a VCF."""
    path = folder / "a.bcf"
    (folder / "a.vcf").write_text(text)
    pysam.bcftools.view(*(options or ("-Ob",)), "-o", str(path), str(folder / "a.vcf"), catch_stdout=False)
    return path


def errors(subject: Subject) -> list[str]:
    return [f"{each.code} {each.record} {each.got}" for each in subject.findings if each.severity is Severity.ERROR]


@pytest.mark.parametrize("minor", range(1, 6))
@pytest.mark.parametrize("option", ["-Ob", "-Ou"])
def test_file_of_htslib_when_inspected_then_has_no_error(tmp_path: Path, minor: int, option: str) -> None:
    meta = META.format(minor=minor, svlen="A" if minor >= 4 else ".")
    records = [line.replace("SVLEN=-", "SVLEN=") if minor >= 4 else line for line in WRITTEN]
    path = written_by_htslib(tmp_path, meta + COLUMNS + "\n".join(records) + "\n", option)
    subject = inspect_file(path, level=Level.SPEC)
    assert subject.format == "bcf"
    assert errors(subject) == []
    assert subject.facts["records"] == len(records)


def test_file_without_samples_when_htslib_writes_it_then_has_no_error(tmp_path: Path) -> None:
    text = META.format(minor=3, svlen=".") + COLUMNS.replace("\tFORMAT\tA\tB", "")
    lines = ["\t".join(line.split("\t")[:8]) for line in WRITTEN]
    subject = inspect_file(written_by_htslib(tmp_path, text + "\n".join(lines) + "\n"), level=Level.SPEC)
    assert errors(subject) == []


def test_file_with_removed_keys_when_htslib_keeps_the_numbers_then_has_no_error(tmp_path: Path) -> None:
    text = META.format(minor=3, svlen=".") + COLUMNS + "\n".join(WRITTEN[:2]) + "\n"
    path = written_by_htslib(tmp_path, text)
    other = tmp_path / "b.bcf"
    pysam.bcftools.annotate("-x", "INFO/TXT,FORMAT/FT", "-Ob", "-o", str(other), str(path), catch_stdout=False)
    assert errors(inspect_file(other, level=Level.SPEC)) == []


@pytest.mark.parametrize("name", ["usual", "indexed", "wide-integers", "haploid", "plain", "no-records"])
def test_made_file_when_htslib_reads_it_then_says_the_same(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.bcf"
    path.write_bytes(VALID[name])
    with pysam.VariantFile(str(path)) as file:
        found = [str(record).rstrip("\n").split("\t") for record in file]
    if name in {"usual", "indexed", "plain"}:
        wanted = [record.split("\t") for record in RECORDS]
        assert [each[:7] for each in found] == [
            [*each[:5], each[5].replace("1e-5", "1e-05"), each[6]] for each in wanted
        ]
        assert [each[9:] for each in found[:5]] == [each[9:] for each in wanted[:5]]
    assert len(found) == inspect_file(path).facts["records"]


def test_facts_when_compared_with_the_vcf_then_agree(tmp_path: Path) -> None:
    (tmp_path / "a.vcf").write_text(vcf(*RECORDS))
    (tmp_path / "a.bcf").write_bytes(VALID["usual"])
    text, binary = (dict(inspect_file(tmp_path / name, level=Level.BANK).facts) for name in ("a.vcf", "a.bcf"))
    assert binary.pop("bcf_version") == "2.2"
    assert binary.pop("container") == "bgzf"
    assert binary == text


def test_evidence_when_a_file_is_whole_then_has_contigs_and_records(tmp_path: Path) -> None:
    path = tmp_path / "a.bcf"
    path.write_bytes(VALID["usual"])
    evidence = inspect_file(path).evidence
    assert evidence["contigs"] == {"chr1": 248956422, "extra": 1000}
    assert evidence["records_per_contig"] == {"chr1": 4, "extra": 2}
    cut = gzip.decompress(VALID["usual"])[:-5]
    path.write_bytes(cut)
    assert "records_per_contig" not in inspect_file(path).evidence


def test_damaged_record_when_its_length_is_right_then_the_next_is_judged(tmp_path: Path) -> None:
    content = bytearray(gzip.decompress(VALID["usual"]))
    for name in (b"rs1", b"rs2;rs3"):
        content[content.index(name) - 1] = 0x14
    (tmp_path / "a.bcf").write_bytes(content)
    subject = inspect_file(tmp_path / "a.bcf")
    assert [(each.code, each.record, each.count) for each in subject.findings] == [("bcf-type", 1, 2)]


def test_many_samples_when_records_say_nothing_of_them_then_time_is_that_of_the_bytes(tmp_path: Path) -> None:
    samples = "\t".join(f"S{number}" for number in range(50_000))
    writer = BcfWriter(HEADER.replace("S1\tS2", samples))
    record = writer.record("chr1\t5\t.\tA\tC\t.\t.\t.\t.\t" + "\t".join(["."] * 50_000), n_fmt=1, format=b"\x11\1\0")
    (tmp_path / "a.bcf").write_bytes(writer.start() + record * 2000)
    subject = inspect_file(tmp_path / "a.bcf")
    assert subject.facts["records"] == 2000
    assert codes(subject) == ["bcf-dictionary"]


def many_records(chance: random.Random, count: int) -> list[str]:
    """Records of all kinds, some of which the compiled path leaves to the plain one."""
    lines = []
    for number in range(count):
        alt = chance.choice(("C", "G,T", ".", "<DEL>", "ACGT"))
        alleles = 0 if alt == "." else alt.count(",") + 1
        info = [f"DP={chance.choice((1, 300, 70_000, '.'))}"]
        if alleles:
            info.append("AF=" + ",".join(f"{chance.random():.{chance.randrange(9)}g}" for _ in range(alleles)))
        info += chance.choice(([], ["DB"], ["TXT=caf\u00e9"], ["TXT=a,b"], ["LST=1,.,-5"]))
        info += [f"END={100 + 40 * number}"] if alt == "<DEL>" else []
        genotypes = [chance.choice((f"0/{alleles}", f"{alleles}|0", "./.", f"0|{alleles}")) for _ in range(2)]
        samples = [f"{each}:{chance.choice(('.', 5, 400))}:{chance.choice(('PASS', '.', 'q10'))}" for each in genotypes]
        quality = chance.choice((".", "30", "1e-07", "1234567", "0.001"))
        site = ["chr1", str(90 + 40 * number), chance.choice((".", f"rs{number}")), "A", alt, quality]
        lines.append("\t".join([*site, chance.choice(("PASS", ".", "q10")), ";".join(info), "GT:DP:FT", *samples]))
    return lines


def test_paths_when_compared_on_many_records_then_agree(tmp_path: Path) -> None:
    chance = random.Random(5)
    path = tmp_path / "a.bcf"
    path.write_bytes(written(*many_records(chance, 3000)))
    plain, fast = (inspect_file(path, level=Level.BANK, manner=Manner(is_fast=is_fast)) for is_fast in (False, True))
    assert fast.to_json() == plain.to_json()
    assert fast.evidence["records_per_contig"] == plain.evidence["records_per_contig"] == {"chr1": 3000}


def test_lines_when_written_by_the_compiled_path_then_are_those_of_the_plain_one(tmp_path: Path) -> None:
    content = bcf(vcf(*[line for line in many_records(random.Random(6), 2000) if "\u00e9" not in line]))
    (tmp_path / "a.bcf").write_bytes(content)
    lines: dict[bool, list[bytes]] = {False: [], True: []}
    for is_fast, taken in lines.items():
        judge = _Listener(taken)
        with (tmp_path / "a.bcf").open("rb") as file:
            reading = Reading(Source(file), Declared(), Level.BANK, "a.bcf", is_fast=is_fast)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("catalog.formats.bcf.VcfJudge", lambda reading, _, judge=judge: judge.over(reading))
                BCF.read(reading)
    assert lines[True] == lines[False]
    assert len(lines[True]) > 1500


class _Listener:
    """Keeps the lines that a judge is given."""

    def __init__(self, lines: list[bytes]) -> None:
        self._lines = lines

    def over(self, reading: Reading) -> VcfJudge:
        judge = VcfJudge(reading)
        take_record = judge.take_record

        def take(line: bytes, place: Place) -> None:
            self._lines.append(line)
            take_record(line, place)

        def take_clean(buffer: bytes, at: int, number: int) -> tuple[int, int]:
            taken = buffer[at:].split(b"\n")[:-1]
            self._lines += taken
            return len(buffer), number + len(taken)

        judge.take_record, judge.take_clean = take, take_clean  # type: ignore[method-assign]
        return judge


def test_sniff_when_it_is_the_first_form_then_is_bcf() -> None:
    found = sniff_bytes("a.data", b"BCF\4\0\0\0\0")
    assert found is not None
    assert found.name == "bcf"


@pytest.mark.parametrize(
    ("alternatives", "end", "lengths", "block", "minor", "wanted"),
    [
        ((), None, (), None, 3, {2}),
        (("C",), 200, (), None, 3, {2, 101}),
        (("<DEL>",), 200, (), None, 3, {101}),
        (("<DEL>",), None, (-20,), None, 3, {2, 21}),
        (("<DEL>",), None, (20,), None, 5, {21}),
        (("<INS>",), None, (20,), None, 5, {2}),
        (("<DEL>", "<DUP>"), None, (20, 30), None, 5, {21, 31}),
        (("<*>",), None, (), 43, 5, {43}),
        (("<*>",), 90, (), None, 4, {2}),
        (("<DEL>",), None, (), None, 5, {2}),
    ],
)
def test_reach_when_asked_then_knows_the_lengths_that_are_allowed(
    alternatives: tuple[str, ...],
    end: int | None,
    lengths: tuple[int, ...],
    block: int | None,
    minor: int,
    wanted: set[int],
) -> None:
    reach = Reach(
        start=99, ref_length=2, alternatives=alternatives, end=end, lengths=lengths, longest_block=block, minor=minor
    )
    assert reach.possible() == wanted
