"""The compiled path of VCF says what the plain one says, and is left only where something is to be said."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from pathlib import Path
from statistics import median_low

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import kernels
from catalog.findings import Level, Severity, Subject
from catalog.formats.inspect import Manner, inspect_file
from catalog.formats.protocol import Declared, Reading, judge_lines
from catalog.formats.vcf.identifiers import Identifiers
from catalog.formats.vcf.judge import VcfJudge
from catalog.formats.vcf.listener import SiteCalls
from catalog.kernels import vcf_state
from publish.demo.compression import bgzf_file
from tests.builders import absent
from tests.formats.cases_vcf import BLOCK, CHROM_LINE, FORMATS, UNSPECIFIED, header
from tests.formats.defects import codes
from tests.formats.vcf_examples import form, info
from tests.formats.vcf_generator import generate, mutant

pytestmark = pytest.mark.skipif(not kernels.are_usable(), reason="the compiler is not installed")
#: From so many samples on a file is read as a cohort.
COHORT = "catalog.formats.vcf.fast._COHORT"
[VCF] = [case for case in FORMATS if case.format == "vcf"]
FILES = [(seed, 1 + seed % 5, (0, 1, 1, 3, 40)[seed // 2 % 5], seed % 6 == 5) for seed in range(20)]


def inspect(path: Path, content: bytes, level: Level, *, is_fast: bool) -> Subject:
    path.write_bytes(content)
    return inspect_file(path, shown=path.name, level=level, manner=Manner(is_fast=is_fast))


def both(folder: Path, content: bytes, level: Level = Level.BANK) -> Subject:
    """The outcome of both paths, which is the same."""
    plain = inspect(folder / "a.vcf", content, level, is_fast=False)
    compiled = inspect(folder / "a.vcf", content, level, is_fast=True)
    assert compiled.to_json() == plain.to_json()
    assert compiled.evidence == plain.evidence
    return compiled


class Source:
    """A stream of lines in memory."""

    container = "bgzf"
    ends_with_newline = True

    def __init__(self, buffers: Sequence[bytes]) -> None:
        self.findings: list[object] = []
        self._buffers = buffers

    def line_buffers(self) -> Sequence[bytes]:
        return self._buffers


class Counting(VcfJudge):
    """Counts the lines that the plain path takes."""

    taken = 0

    def take(self, number: int, line: bytes) -> None:
        self.taken += 1
        super().take(number, line)


def judge_in_memory(
    content: bytes, listener: object = None, *, is_fast: bool = True, level: Level = Level.BANK, size: int = 1 << 16
) -> tuple[Counting, Reading]:
    """Judges a file in buffers of about a size."""
    buffers, at = [], 0
    while at < len(content):
        end = content.rfind(b"\n", at, at + size) + 1 or content.index(b"\n", at) + 1
        buffers.append(content[at:end])
        at = end
    reading = Reading(Source(buffers), Declared(), level, "a.vcf", is_fast=is_fast)  # type: ignore[arg-type]
    judge = Counting(reading, listener)  # type: ignore[arg-type]
    judge_lines(reading, judge)
    return judge, reading


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("cohort", [1, 1_000])
@pytest.mark.parametrize(("seed", "minor", "samples", "is_gvcf"), FILES)
def test_paths_when_compared_on_generated_files_then_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, minor: int, samples: int, is_gvcf: bool, cohort: int,
    level: Level,
) -> None:  # fmt: skip
    monkeypatch.setattr(COHORT, cohort)
    content = generate(seed, minor, samples, 60, is_gvcf=is_gvcf, is_declared=seed % 4 != 1)
    subject = both(tmp_path, content, level)
    assert [each for each in subject.findings if each.severity is Severity.ERROR] == []
    for number in range(3):
        both(tmp_path, mutant(content, 100 * seed + number), level)


def test_defects_when_read_as_those_of_a_cohort_then_paths_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(COHORT, 1)
    contents = [*VCF.valid.values(), *(defect.content for defect in VCF.defects)]
    assert len(contents) > 200
    for content in contents:
        both(tmp_path, content)


SAMPLE = "0/1:12,3:15:40:5,0,90"
ODD_SAMPLES = [
    "0/0:1,2:3:4:5,6,7", "1|1:1,2:3:4:5,6,7", "0/2:1,2:3:4:5,6,7", "./.:1,2:3:4:5,6,7", "0/.", ".", "0", "1:1,2:3:4:5,6",
    "0/1:12345678,2:3:4:5,6,7", "0/1:123456789,2:3:4:5,6,7", "0/1:1,2:3:4:5,6,123456789", "0/1:1,2:2147483647:4:5,6,7",
    "0/1:1,2:99999999999:4:5,6,7", "0/1:,2:3:4:5,6,7", "0/1:1,2:3:4:5,6,", "0/1:1,2:3:4:5,,7", "0/1::3:4:5,6,7",
    "0/1:1:3:4:5,6,7", "0/1:1,2,3:3:4:5,6,7", "0/1:1,2:3:4:5,6", "0/1:1,2:3:4:5,6,7,8", "0/1:1,2:3:4:5,6,7:8", "0/1:1,2:3",
    "0/1,1:2:3:4:5,6,7", "0/1:1:2,3:4:5,6,7", "0:1/1,2:3:4:5,6,7", "0/1/1:1,2:3:4:5,6,7", "10/1:1,2:3:4:5,6,7",
    "0/1:1,2:-3:4:5,6,7", "0/1:1,2:3:+4:5,6,7", "0/1:1,2:.:.:.", "0/1:.,.:3:4:.,.,.", "0/1:1,2:3:4:5,6,é", "0-1:1,2:3:4:5,6,7",
    "2/0:1,2:3:4:5,6,7", "2/2:1,2:3:4:5,6,7", "0/1,1,2:3:4:5,6,7", "0/1;1,2:3:4:5,6,7",
    # Of 63 to 66 bytes: more than 64 are not looked at at once.
    *("0/1:00000001,00000002:00000003:00000004:00000005,00000006,00000007".replace("0000000", zeros, 1)
      for zeros in ("0000", "00000", "000000", "0000000")),
    "0/1:,000000002:000000003:000000004:000000005,000000006,000000007",
]  # fmt: skip


@pytest.mark.parametrize("samples", [1, 8, 9])
def test_samples_of_a_cohort_when_their_values_are_at_a_limit_then_paths_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, samples: int
) -> None:
    monkeypatch.setattr(COHORT, 1)
    names = "".join(f"\tS{number}" for number in range(samples))
    declared = "".join([form("GT", of="String"), form("DP"), form("GQ"), form("PL", "G"), form("AD", "R")])
    head = header(3) + declared + CHROM_LINE.removesuffix("\tS1\n") + names + "\n"
    for odd in ODD_SAMPLES:
        for place in {0, samples - 1}:
            columns = [SAMPLE] * samples
            columns[place] = odd
            records = [[SAMPLE] * samples] * 20 + [columns] + [[SAMPLE] * samples] * 20
            lines = [
                "\t".join(["chr1", str(10 * number + 10), ".", "A", "C", ".", ".", ".", "GT:AD:DP:GQ:PL", *each])
                for number, each in enumerate(records)
            ]
            both(tmp_path, (head + "\n".join(lines) + "\n").encode())


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20, 60))
def test_paths_when_compared_on_many_mutants_then_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(COHORT, 1 + seed // 2 % 2 * 1_000)
    content = generate(seed, 1 + seed % 5, (1, 3)[seed % 2], 40, is_gvcf=seed % 7 == 0)
    for number in range(20):
        both(tmp_path, mutant(content, 1_000 * seed + number), Level.BANK)


@pytest.mark.parametrize("samples", [1, 3])
def test_facts_when_compared_with_another_reader_then_agree(tmp_path: Path, samples: int) -> None:
    pysam = pytest.importorskip("pysam")
    path = tmp_path / "a.vcf"
    subject = inspect(path, generate(5, 3, samples, 100), Level.SPEC, is_fast=True)
    records = het = missing = snvs = 0
    depths = []
    for record in pysam.VariantFile(str(path)):
        records += 1
        snvs += sum(len(record.ref) == len(alt) == 1 and alt in "ACGT" for alt in record.alts or ())
        for sample in record.samples.values():
            alleles = sample.get("GT")
            if "GT" in record.format:
                het += None not in alleles and len(set(alleles)) > 1
                missing += None in alleles
                depths += [sample["DP"]] if sample.get("DP") is not None else []
    facts = subject.facts
    listed = [facts] if samples == 1 else facts["genotypes"]
    assert isinstance(listed, list)
    assert (facts["records"], facts["snvs"]) == (records, snvs)
    assert (sum(each["het"] for each in listed), sum(each["missing"] for each in listed)) == (het, missing)
    assert facts["depth"]["median"] == median_low(depths)  # type: ignore[index]


@pytest.mark.parametrize("samples", [0, 1, 3, 200])
def test_records_when_nothing_is_wrong_then_almost_all_go_the_compiled_path(samples: int) -> None:
    judge, _ = judge_in_memory(generate(1, 3, samples, 300))
    assert judge.taken < 60


def test_undeclared_keys_when_in_every_record_then_are_counted_without_the_plain_path(tmp_path: Path) -> None:
    content = generate(2, 2, 3, 300, is_declared=False)
    judge, _ = judge_in_memory(content)
    assert judge.taken < 80
    found = {(each.code, each.column): each.count for each in both(tmp_path, content).findings}
    assert found["vcf-info-undeclared", "INFO/DP"] > 500
    assert found["vcf-format-undeclared", "FORMAT/GT"] > 500
    assert found["vcf-filter-undeclared", "FILTER"] > 100


def test_gvcf_when_its_keys_are_unusual_then_goes_the_compiled_path(tmp_path: Path) -> None:
    lines = "".join(
        BLOCK.format(at, at + 9).replace("GT\t0/0", "GT:DP:MIN_DP\t0/0:5:4") for at in range(10, 20_000, 10)
    )
    content = (header(2) + UNSPECIFIED + form("DP") + form("MIN_DP") + CHROM_LINE + lines).encode()
    judge, _ = judge_in_memory(content)
    assert judge.taken < 30
    subject = both(tmp_path, content)
    assert [(each.code, each.count) for each in subject.findings] == [
        ("vcf-format-key-unusual", 1_999),
        ("vcf-not-bgzf", 1),
    ]
    assert subject.facts["reference_blocks"] == 1_999


def test_identifiers_when_repeated_far_apart_then_are_found_by_both_paths(tmp_path: Path) -> None:
    records = "".join(f"chr1\t{at}\trs{at % 900}\tA\tC\t.\tPASS\t.\tGT\t0/1\n" for at in range(1, 1_001))
    subject = both(tmp_path, (header() + CHROM_LINE + records).encode(), Level.SPEC)
    assert [(each.code, each.line, each.count) for each in subject.findings] == [("vcf-id-in-two-records", 915, 100)]


@given(
    digests=st.lists(st.builds(lambda high, low: high << 32 | low, st.integers(0, 3), st.integers(0, 2)), max_size=40)
)
def test_identifiers_when_halves_of_their_digests_are_equal_then_only_whole_ones_count(digests: list[int]) -> None:
    from catalog.formats.vcf import fast  # needs the compiler

    plain = Identifiers()
    for number, digest in enumerate(digests, 1):
        plain.add(digest, number)
    assert fast._Identifiers(array("q", bytes(8 * vcf_state.SIZE)), plain).repeated() == plain.repeated()


@pytest.mark.parametrize("size", [1, 100, 1_000, 1 << 20])
def test_buffers_when_of_any_size_then_change_nothing(size: int) -> None:
    content = generate(7, 3, 3, 60)
    whole, _ = judge_in_memory(content, is_fast=False)
    parts, _ = judge_in_memory(content, size=size)
    assert parts.finish() == whole.finish()


def test_line_when_longer_than_what_is_marked_at_once_then_is_judged() -> None:
    text = ",".join(["x"] * 100_000)
    lines = [f"chr1\t{at}\t.\tA\tC\t.\tPASS\tTXT={text}\tGT\t0/1\n" for at in range(1, 6)]
    judge, _ = judge_in_memory((header() + CHROM_LINE + "".join(lines)).encode())
    assert judge.finish()["records"] == 5


def test_sample_when_its_names_are_many_then_all_are_judged(tmp_path: Path) -> None:
    samples = 3_000
    names = "".join(f"\tS{number}" for number in range(samples))
    records = "".join(
        f"chr1\t{at}\t.\tA\tC\t.\tPASS\tDP=1\tGT:AD" + "\t0/1:1,2" * samples + "\n" for at in range(1, 30)
    )
    content = header() + CHROM_LINE.replace("\tS1", names) + records
    judge, _ = judge_in_memory(content.encode())
    assert judge.taken < 25
    wrong = content.removesuffix("2\n") + "2,3\n"
    found = both(tmp_path, wrong.encode(), Level.SPEC).findings
    assert [(each.code, each.line) for each in found] == [("vcf-sample-number", 43)]
    assert f"S{samples - 1}" in found[0].message


class Panel:
    """Somebody who wants every hundredth position."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.calls: list[SiteCalls] = []

    def positions(self, chrom: str, assembly: str | None) -> Sequence[int]:
        self.asked.append((chrom, assembly))
        return range(100, 20_000, 100) if chrom != "chrX" else ()

    def take(self, calls: SiteCalls) -> None:
        self.calls.append(calls)


@pytest.mark.parametrize("is_gvcf", [False, True])
def test_listener_when_it_wants_positions_then_both_paths_give_the_same_records(is_gvcf: bool) -> None:
    content = generate(9, 3, 1, 400, is_gvcf=is_gvcf)
    panels = []
    for is_fast in (False, True):
        panel = Panel()
        judge, _ = judge_in_memory(content, panel, is_fast=is_fast)
        panels.append(panel)
    assert panels[0].calls == panels[1].calls
    assert panels[0].asked == panels[1].asked == [(chrom, "GRCh38") for chrom in ("chr1", "chrX", "chrY", "ctg2")]
    assert judge.taken < 200
    for calls in panels[0].calls:
        assert calls.pos <= calls.chosen[0] <= calls.chosen[-1] <= calls.end
    if is_gvcf:
        covered = {position for calls in panels[0].calls if calls.chrom == "chr1" for position in calls.chosen}
        assert len(covered) > 10


def test_vcf_when_compressed_and_large_then_the_compiled_path_is_taken(tmp_path: Path) -> None:
    content = bgzf_file(generate(3, 2, 1, 300))
    subject = inspect(tmp_path / "a.vcf.gz", content, Level.BANK, is_fast=True)
    assert set(codes(subject)) <= {"vcf-id-in-two-records", "vcf-record-repeated"}


def test_corpus_when_read_by_both_paths_then_they_agree(tmp_path: Path) -> None:
    from tests.formats.test_vcf_corpus import samples

    files = [path for verdict in ("passed", "failed") for path in samples(verdict) if path.suffix == ".vcf"]
    if not files:
        absent("no samples")
    for path in files:
        both(tmp_path, path.read_bytes())


def test_end_when_read_by_both_paths_then_they_agree(tmp_path: Path) -> None:
    meta = header() + info("END") + CHROM_LINE
    for end in ("5", "4", "248956422", "248956423", ".", "5,6", "x", "+9"):
        line = "chr1\t5\t.\tA\tC\t.\tPASS\tEND={}\tGT\t0/1\n"
        both(tmp_path, (meta + line.format(9) + line.format(9).replace("\t5\t", "\t6\t") + line.format(end)).encode())


def test_line_end_when_the_compiled_path_takes_the_last_line_then_its_line_is_told(tmp_path: Path) -> None:
    records = "".join(f"1\t{place}\t.\tA\tC\t.\tPASS\tDP=4\n" for place in range(100, 120))
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    found = both(tmp_path, f"##fileformat=VCFv4.3\n{columns}{records}".removesuffix("\n").encode(), Level.SPEC)
    assert [(each.code, each.line) for each in found.findings if each.code == "vcf-final-newline"] == [
        ("vcf-final-newline", 22)
    ]


def test_identifiers_when_a_record_stands_where_the_columns_should_then_are_all_compared(tmp_path: Path) -> None:
    records = "".join(f"1\t{place}\trs{place % 19}\tA\tC\t.\tPASS\tDP=4\n" for place in range(100, 120))
    found = both(tmp_path, f"##fileformat=VCFv4.3\n{records}".encode(), Level.SPEC)
    assert "vcf-id-in-two-records" in codes(found)
