"""SAM, BAM and CRAM beside an independent reader (htslib), the public samples, both paths on damaged records, listeners."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import random
import signal
from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path

import pysam
import pytest

from catalog.findings import Level, Severity, Subject
from catalog.formats.alignment import cram_decoder
from catalog.formats.alignment.bam import BamFormat, RecordStream
from catalog.formats.alignment.binary_header import BinaryHeaderReader
from catalog.formats.alignment.cram import CramFormat
from catalog.formats.alignment.cram_fields import Content, Fields
from catalog.formats.alignment.cram_reference import checksums
from catalog.formats.alignment.header import Header
from catalog.formats.alignment.margin import Margin
from catalog.formats.containers import Source
from catalog.formats.cursor import Cursor
from catalog.formats.inspect import Manner, inspect_file
from catalog.formats.protocol import Declared, Reading
from catalog.kernels.bam_state import compare_natural
from publish.demo.compression import bgzf_file
from tests.builders import absent
from tests.formats.alignment_files import GENOME, HEADER, BamRecord, bam_of, itf8, ltf8, pair_lines, text_of
from tests.formats.cases_alignment import BAM_VALID, CRAM_VALID, SAM_VALID, START, bam_defects, cram_of
from tests.formats.defects import codes, fuzzed

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(os.environ.get("FAIRLINE_SHARED", ROOT.parent / "shared")) / "corpus"
#: The same bytes are among the samples that are valid (hdr.HD6.sam), and no sentence of SAMv1 forbids them.
ALSO_VALID = {"hdr.HD3.sam"}
PATHS = pytest.mark.parametrize("is_fast", [False, True], ids=["plain", "fast"])


def inspect(path: Path, level: Level = Level.BANK, *, is_fast: bool = False) -> Subject:
    return inspect_file(path, shown=str(path), level=level, manner=Manner(is_fast=is_fast))


def samples(folder: str) -> list[Path]:
    return sorted((CORPUS / folder).glob("*"))


def test_samples_when_looked_for_then_are_there() -> None:
    if not samples("sam/passed"):
        absent(f"no samples in {CORPUS}")
    assert len(samples("sam/passed")) == 82
    assert len(samples("sam/failed")) == 108
    assert len(samples("bam")) == 2


@pytest.mark.parametrize("path", samples("sam/passed"), ids=lambda path: path.name)
def test_sample_when_known_as_valid_then_has_no_error(path: Path) -> None:
    subject = inspect(path, Level.SPEC)
    assert subject.format == "sam"
    assert subject.valid, codes(subject)


@pytest.mark.parametrize("path", samples("sam/failed"), ids=lambda path: path.name)
def test_sample_when_known_as_invalid_then_is_rejected(path: Path) -> None:
    subject = inspect(path, Level.SPEC)
    assert subject.format == "sam"
    assert subject.valid == (path.name in ALSO_VALID)


@pytest.mark.parametrize("path", samples("sam/passed"), ids=lambda path: path.name)
def test_sample_when_written_as_bam_then_has_no_error_and_the_same_counts(path: Path, tmp_path: Path) -> None:
    stored = tmp_path / "a.bam"
    stored.write_bytes(bam_of(path.read_bytes()))
    of_bam, of_sam = inspect(stored, Level.SPEC), inspect(path, Level.SPEC)
    assert of_bam.valid, codes(of_bam)
    for name in ("records", "mapped", "paired", "secondary", "supplementary", "read_length", "mean_quality", "samples"):
        assert of_bam.facts.get(name) == of_sam.facts.get(name)


@PATHS
@pytest.mark.parametrize("path", samples("bam"), ids=lambda path: path.name)
def test_sample_of_bam_when_inspected_then_is_valid_and_counted_as_htslib_counts(path: Path, is_fast: bool) -> None:
    subject = inspect(path, Level.SPEC, is_fast=is_fast)
    assert subject.valid, codes(subject)
    with pysam.AlignmentFile(str(path)) as stored:
        records = list(stored)
    assert subject.facts["records"] == len(records)
    assert subject.facts["mapped"] == sum(not each.is_unmapped for each in records)
    assert subject.facts["duplicates"] == sum(each.is_duplicate for each in records)
    assert subject.facts["assembly"] == "GRCh37"
    scores = [score for each in records for score in each.query_qualities or ()]
    assert subject.facts["mean_quality"] == round(sum(scores) / len(scores), 2)
    assert subject.facts["q30_percent"] == round(100 * sum(score >= 30 for score in scores) / len(scores), 2)


@pytest.mark.parametrize("name", [name for name in SAM_VALID if name in BAM_VALID])
def test_valid_bam_when_read_by_htslib_then_has_the_records_of_the_sam(name: str, tmp_path: Path) -> None:
    lines, stored = tmp_path / "a.sam", tmp_path / "a.bam"
    lines.write_bytes(SAM_VALID[name])
    stored.write_bytes(BAM_VALID[name])
    pysam.set_verbosity(0)
    with (
        pysam.AlignmentFile(str(lines), check_sq=False) as text,
        pysam.AlignmentFile(str(stored), check_sq=False) as binary,
    ):
        assert [each.to_string() for each in text] == [each.to_string() for each in binary]


def test_evidence_when_read_then_has_the_counts_of_an_index(tmp_path: Path) -> None:
    path = tmp_path / "a.bam"
    path.write_bytes(BAM_VALID["pairs"])
    pysam.index(str(path))
    with pysam.AlignmentFile(str(path)) as stored:
        wanted = {each.contig: (each.mapped, each.unmapped) for each in stored.get_index_statistics()}
    for is_fast in (False, True):
        evidence = inspect(path, is_fast=is_fast).evidence
        assert evidence["contigs"] == {"chr1": 3000, "chr2": 1000}
        assert evidence["records_per_contig"] == {**wanted, "*": (0, 0)}


def test_facts_of_sex_when_reads_lie_on_x_and_y_then_are_shares_of_the_autosomes(tmp_path: Path) -> None:
    header = ("@HD VN:1.6", "@SQ SN:chr1 LN:1000", "@SQ SN:chrX LN:500", "@SQ SN:chrY LN:100")
    places = [("chr1", 100), ("chrX", 25), ("chrY", 5)]
    records = [
        f"{contig}{number} 0 {contig} 1 60 4M * 0 0 ACGT FFFF" for contig, count in places for number in range(count)
    ]
    path = tmp_path / "a.sam"
    path.write_bytes(text_of(header, records))
    evidence = inspect(path).facts["sex_evidence"]
    assert isinstance(evidence, Mapping)
    assert (evidence["x_coverage_share"], evidence["y_coverage_share"]) == (0.5, 0.5)


@pytest.mark.slow
def test_paths_when_compared_on_damaged_records_then_agree(tmp_path: Path) -> None:
    contents = [
        gzip.decompress(each) for each in (BAM_VALID["pairs"], BAM_VALID["unusual"], BAM_VALID["small-integers"])
    ]
    contents += [gzip.decompress(each.content) for each in bam_defects()]
    path = tmp_path / "a.bam"
    for seed in range(600):
        path.write_bytes(bgzf_file(fuzzed(contents[seed % len(contents)], seed)))
        plain, fast = inspect(path), inspect(path, is_fast=True)
        assert fast.to_json() == plain.to_json(), seed
        assert fast.evidence == plain.evidence, seed


@pytest.mark.parametrize("bases", [7, 8, 63, 64, 65, 100, 127, 128, 150, 200])
@pytest.mark.parametrize("bad", [0, 1, 2, 3, 4, 64, "all", "missing"])
def test_qualities_when_any_number_is_too_high_then_paths_agree(tmp_path: Path, bases: int, bad: int | str) -> None:
    chance = random.Random(f"{bases} {bad}")
    path = tmp_path / "a.bam"
    with pysam.AlignmentFile(str(path), "wb", header={"HD": {"VN": "1.6"}, "SQ": [{"SN": "c", "LN": 9000}]}) as bam:
        for number in range(30):
            record = pysam.AlignedSegment()
            record.query_name, record.flag, record.query_sequence = f"r{number}", 0, "A" * bases
            record.reference_id, record.reference_start, record.cigarstring = 0, number, f"{bases}M"
            scores = [chance.randrange(94) for _ in range(bases)]
            for at in chance.sample(range(bases), min(bad, bases)) if isinstance(bad, int) and number == 17 else ():
                scores[at] = chance.randrange(94, 255)
            if bad == "all" and number == 17:
                scores = [254] * bases
            record.query_qualities = None if bad == "missing" and number % 2 else array("B", scores)
            bam.write(record)
    plain, fast = (inspect(path, Level.SPEC, is_fast=is_fast) for is_fast in (False, True))
    assert ("sam-qual" in codes(plain)) is (bad not in (0, "missing"))
    assert fast.to_json() == plain.to_json()


@PATHS
def test_read_that_comes_twice_when_a_record_before_is_broken_then_its_own_record_is_named(
    tmp_path: Path, is_fast: bool
) -> None:
    names = (b"r0\0", b"r@\0", b"r1\0", b"r0\0")
    path = tmp_path / "a.bam"
    path.write_bytes(bgzf_file(START + b"".join(BamRecord(name=name).stored() for name in names)))
    subject = inspect_file(path, level=Level.BANK, manner=Manner(is_fast=is_fast))
    assert [(each.code, each.record) for each in subject.findings] == [("sam-qname", 2), ("sam-read-twice", 4)]


@PATHS
def test_records_when_they_come_in_pieces_of_any_size_then_are_the_same(is_fast: bool) -> None:
    content = gzip.decompress(BAM_VALID["pairs"])
    wanted: set[str] = set()
    for seed in range(60):
        chance = random.Random(seed)
        reading = Reading(Source(io.BytesIO(content)), Declared(), Level.BANK, "a.bam", is_fast=is_fast)
        margin = Margin(reading)
        cursor = Cursor(reading.source)
        stream = RecordStream(BinaryHeaderReader(cursor, margin).read(), reading, margin, [])
        rest, longest = b"".join(cursor.rest()), chance.choice((3, 40, 300, 5000))
        pieces = []
        while rest:
            size = chance.randint(1, longest)
            pieces.append(rest[:size])
            rest = rest[size:]
        assert stream.take_all(iter(pieces), cursor.offset)
        judge = stream.finish(reading, is_whole=True)
        assert not reading.finish()[0]
        wanted.add(str((judge.tally.facts(judge.header), judge.mates.counts_so_far())))
    assert len(wanted) == 1


class Starts:
    """A listener that keeps where records begin and what they are."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []

    def take(self, buffer: bytes, starts: Sequence[int]) -> None:
        self.seen += [buffer[start : start + 8] for start in starts]

    def evidence(self) -> Mapping[str, object]:
        return {"seen": self.seen}


def heard(content: bytes, form: BamFormat | CramFormat, path: Path, *, is_fast: bool) -> list[bytes]:
    path.write_bytes(content)
    with path.open("rb", buffering=0) as stream:
        reading = Reading(Source(stream), Declared(), Level.SPEC, str(path), is_fast=is_fast)
        form.read(reading)
    found = reading.evidence["seen"]
    assert isinstance(found, list)
    return found


@PATHS
def test_listener_when_a_file_is_read_then_hears_every_record_in_order(tmp_path: Path, is_fast: bool) -> None:
    def listen(header: Header) -> Starts:
        assert list(header.contigs) == [b"chr1", b"chr2"]
        return Starts()

    lines = [*pair_lines(3, 50), "odd 64 chr2 900 60 4M4M * 0 0 ACGTACGT *", "last 0 chr2 950 60 8M * 0 0 ACGTACGT *"]
    content = bam_of(text_of(HEADER, lines))
    with pysam.AlignmentFile(str(_written(tmp_path / "b.bam", content))) as stored:
        wanted = [
            each.reference_id.to_bytes(4, "little", signed=True) + each.reference_start.to_bytes(4, "little")
            for each in stored
        ]
    assert heard(content, BamFormat([listen]), tmp_path / "a.bam", is_fast=is_fast) == wanted
    unpacked = cram_of(text_of(HEADER, lines[:-2]))
    assert heard(unpacked, CramFormat([listen]), tmp_path / "a.cram", is_fast=is_fast) == wanted[:-2]


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.fixture
def by_reference(tmp_path: Path) -> Path:
    """A CRAM that needs its reference, which lies in another folder that the header names."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    genome = elsewhere / "genome.fa"
    sequences = {"chr1": GENOME[:3000], "chr2": GENOME[:1000]}
    genome.write_text("".join(f">{name}\n{bases}\n" for name, bases in sequences.items()))
    digests = {
        name: hashlib.md5(bases.encode(), usedforsecurity=False).hexdigest() for name, bases in sequences.items()
    }
    header = [
        f"{line} M5:{digests[line.split()[1][3:]]} UR:{genome}" if line.startswith("@SQ") else line for line in HEADER
    ]
    lines = "".join(line.replace(" ", "\t") + "\n" for line in (*header, *pair_lines(5, 40))).encode()
    path = tmp_path / "a.cram"
    path.write_bytes(cram_of(lines, b"version=3.0", reference=str(genome)))
    return path


@pytest.mark.parametrize("comments", [0, 100, 240, 900])
def test_cram_when_htslib_writes_version_2_then_is_valid_whatever_its_header_container_says(
    comments: int, tmp_path: Path
) -> None:
    path = tmp_path / "a.cram"
    header = {"HD": {"VN": "1.6"}, "SQ": [{"SN": "chr1", "LN": 1000}], "CO": ["x" * 60] * comments}
    with pysam.AlignmentFile(str(path), "wc", header=header, format_options=[b"version=2.1", b"no_ref=1"]):
        pass
    assert inspect_file(path).findings == ()


def test_cram_when_the_header_names_its_reference_then_the_records_are_judged(by_reference: Path) -> None:
    before = {each.name for each in (by_reference.parent / "elsewhere").iterdir()}
    subject = inspect(by_reference)
    assert codes(subject) == []
    assert subject.facts["mapped"] == 80
    assert {each.name for each in (by_reference.parent / "elsewhere").iterdir()} == before


def test_cram_when_the_reference_lies_beside_it_then_the_records_are_judged(by_reference: Path) -> None:
    (by_reference.parent / "elsewhere" / "genome.fa").rename(by_reference.parent / "any.fasta")
    subject = inspect(by_reference)
    assert codes(subject) == []
    assert subject.facts["mapped"] == 80
    assert not (by_reference.parent / "any.fasta.fai").exists()


def test_cram_when_the_reference_is_nowhere_then_one_info_says_so(by_reference: Path) -> None:
    for each in (by_reference.parent / "elsewhere").iterdir():
        each.unlink()
    subject = inspect(by_reference)
    assert [(each.code, each.severity) for each in subject.findings] == [("cram-records-not-checked", Severity.INFO)]
    assert subject.valid
    assert subject.facts["records"] == 80
    assert "mapped" not in subject.facts


def test_cram_when_the_reference_is_another_then_is_not_unpacked(by_reference: Path) -> None:
    genome = by_reference.parent / "elsewhere" / "genome.fa"
    genome.write_text(genome.read_text().replace("ACG", "AGG"))
    subject = inspect(by_reference)
    assert [(each.code, each.severity) for each in subject.findings] == [("cram-records-not-checked", Severity.INFO)]
    assert "genome.fa is not their reference" in subject.findings[0].message
    assert subject.valid


@pytest.mark.parametrize("option", [b"multi_seq_per_slice=0", b"multi_seq_per_slice=1"])
def test_cram_when_its_slices_have_no_checksum_and_the_reference_is_another_then_is_not_judged(
    by_reference: Path, option: bytes
) -> None:
    genome = by_reference.parent / "elsewhere" / "genome.fa"
    with pysam.AlignmentFile(str(by_reference), reference_filename=str(genome)) as stored:
        lines = (str(stored.header) + "".join(f"{record.to_string()}\n" for record in stored)).encode()
    content = cram_of(lines, b"version=3.0", option, reference=str(genome))
    by_reference.write_bytes(content)
    assert inspect(by_reference).facts["mapped"] == 80
    genome.write_text(genome.read_text().replace("ACG", "AGG"))
    subject = inspect(by_reference)
    assert codes(subject) == ["cram-records-not-checked"]
    assert "mapped" not in subject.facts


def test_cram_when_other_sequences_lie_beside_it_then_the_right_ones_are_taken(by_reference: Path) -> None:
    folder = by_reference.parent
    (folder / "elsewhere" / "genome.fa").rename(folder / "genome.fa")
    (folder / "a.fa").write_text(">chrX\nACGT\n")
    (folder / "b.fa").write_text(">chr1\nACGT\n")
    (folder / "b.fa.fai").write_text("chr1\t4\t6\t4\t5\n")
    (folder / "c.fa.gz").write_bytes(b"no gzip")
    subject = inspect(by_reference)
    assert codes(subject) == []
    assert subject.facts["mapped"] == 80


def test_checksums_of_a_reference_when_it_comes_in_pieces_of_any_size_then_are_those_of_its_sequences() -> None:
    fasta = b">a one >two\nACGT\nacgt\n>b\n\nN N\r\n>c\n"
    wanted = [(name, hashlib.md5(bases, usedforsecurity=False).hexdigest())
              for name, bases in (("a", b"ACGTACGT"), ("b", b"NN"), ("c", b""))]  # fmt: skip
    for size in (1, 2, 5, 100):
        assert list(checksums(fasta[at : at + size] for at in range(0, len(fasta), size))) == wanted


def test_cram_when_htslib_says_why_it_stopped_then_that_is_told() -> None:
    said = [
        "[E::cram_index_load] Could not retrieve index file for '-'",
        "[E::cram_decode_slice] MD5 mismatch",
        "truncated file",
    ]
    assert cram_decoder.problem_of(said) == "MD5 mismatch"
    assert "does not say why" in cram_decoder.problem_of(said[::2])


def test_cram_when_htslib_is_killed_then_the_file_costs_one_info(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "dies.py"
    script.write_text(f"import os\nos.kill(os.getpid(), {int(signal.SIGSEGV)})\n")
    monkeypatch.setattr(cram_decoder, "_SCRIPT", script)
    path = _written(tmp_path / "a.cram", CRAM_VALID["3.0"])
    subject = inspect(path)
    assert codes(subject) == ["cram-records-not-checked"]
    assert subject.findings[0].severity is Severity.INFO


def test_cram_when_htslib_hangs_then_it_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "hangs.py"
    script.write_text("import time\ntime.sleep(600)\n")
    monkeypatch.setattr(cram_decoder, "_SCRIPT", script)
    monkeypatch.setattr(cram_decoder, "_PATIENCE_SECONDS", 0.2)
    subject = inspect(_written(tmp_path / "a.cram", CRAM_VALID["3.0"]))
    assert codes(subject) == ["cram-records-not-checked"]


def test_names_when_compared_naturally_then_are_in_the_order_of_the_specification() -> None:
    ordered = "abc abc+5 abc-5 abc.d abc03 abc5 abc008 abc08 abc8 abc17 abc17.+ abc17.2 abc17.d abc59 abcd"
    names = [each.encode() for each in ordered.split()]
    for number, one in enumerate(names):
        for other in names[number:]:
            assert compare_natural(one, 0, len(one), other, 0, len(other)) <= 0
            is_same = one.replace(b"0", b"") == other.replace(b"0", b"")
            assert (compare_natural(other, 0, len(other), one, 0, len(one)) > 0) != is_same


def test_numbers_of_cram_when_written_then_are_read_again() -> None:
    chance = random.Random(1)
    for _ in range(500):
        small, large = chance.randrange(-(1 << 31), 1 << 31), chance.randrange(0, 1 << 63)
        small >>= chance.randrange(32)
        assert Fields(Content(itf8(small))).itf8() == small
        assert Fields(Content(ltf8(large >> chance.randrange(63)))).ltf8() >= 0
        assert Fields(Content(ltf8(large))).ltf8() == large
    assert Fields(Content(bytes.fromhex("ffffffff0f"))).itf8() == -1
    assert Fields(Content(b"\xff" * 9)).ltf8() == -1
