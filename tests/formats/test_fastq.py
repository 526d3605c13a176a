"""FASTQ beyond one defect a file: facts against an independent reader, both paths on many files, names on disk."""

from __future__ import annotations

import gzip
import random
import statistics
from array import array
from collections import Counter
from pathlib import Path

import numpy
import pytest

from catalog.findings import Level, Severity, Subject
from catalog.formats.containers.rules import TRAILING, TRUNCATED
from catalog.formats.fastq import keys as keys_module
from catalog.formats.fastq.counts import Counts, length_class
from catalog.formats.fastq.keys import Keys
from catalog.formats.fastq.names import Lines
from catalog.formats.fastq.titles import are_one_sample, illumina_facts, key_of, parse_title
from catalog.formats.inspect import Manner, inspect_file, sniff_bytes
from catalog.kernels import fastq_layout as layout
from tests.formats import cases_fastq as cases
from tests.formats.defects import codes, fuzzed, inspect_bytes

BOTH = (False, True)


def judged(folder: Path, content: bytes, level: Level = Level.BANK, *, is_fast: bool = False) -> Subject:
    path = folder / "a.fastq"
    path.write_bytes(content)
    return inspect_file(path, shown="a.fastq", level=level, manner=Manner(is_fast=is_fast))


def errors(subject: Subject) -> list[tuple[str, int | None]]:
    return [(each.code, each.line) for each in subject.findings if each.severity is Severity.ERROR]


def random_reads(count: int, seed: int, lengths: tuple[int, int] = (4, 200)) -> list[cases.Read]:
    chance = random.Random(seed)
    made = []
    for number in range(count):
        length = chance.randint(*lengths)
        sequence = "".join(chance.choices("ACGTN", (3, 2, 2, 3, 0.1), k=length))
        made.append([f"@read{number}", sequence, "+", "".join(chance.choices("!#,28<@AEI~", k=length))])
    return made


@pytest.mark.parametrize("is_fast", BOTH)
def test_facts_when_compared_with_an_independent_reader_then_agree(tmp_path: Path, is_fast: bool) -> None:
    pysam = pytest.importorskip("pysam")
    content = cases.text(random_reads(300, 1, (1, 700)))
    subject = judged(tmp_path, content, is_fast=is_fast)
    assert subject.findings == ()
    with pysam.FastxFile(str(tmp_path / "a.fastq")) as file:
        reads = [(read.sequence, list(read.get_quality_array())) for read in file]
    letters = Counter("".join(sequence for sequence, _ in reads))
    lengths = [len(sequence) for sequence, _ in reads]
    qualities = [quality for _, each in reads for quality in each]
    first, last = (
        statistics.fmean(quality for _, each in reads for quality in each[cycles])
        for cycles in (slice(9), slice(495, 500))
    )
    facts = dict(subject.facts)
    points = facts.pop("mean_quality_by_cycle")
    assert isinstance(points, dict)
    assert facts == {
        "records": 300,
        "bases": sum(lengths),
        "shortest": min(lengths),
        "longest": max(lengths),
        "mean_length": round(statistics.fmean(lengths), 2),
        "median_length": statistics.median_low(lengths),
        "n50_length": n50(lengths),
        "gc_percent": round(100 * (letters["G"] + letters["C"]) / (sum(lengths) - letters["N"]), 2),
        "n_percent": round(100 * letters["N"] / sum(lengths), 4),
        "encoding": "Phred+33",
        "mean_quality": round(statistics.fmean(qualities), 2),
        "q30_percent": round(100 * sum(each >= 30 for each in qualities) / len(qualities), 2),
        "interleaved": False,
    }
    assert list(points) == [str(cycle) for cycle in range(1, 501, 9)]
    assert (points["1"], points["496"]) == (round(first, 2), round(last, 2))


def n50(lengths: list[int]) -> int:
    reached = 0
    for length in sorted(lengths, reverse=True):
        reached += length
        if 2 * reached >= sum(lengths):
            return length
    return 0


@pytest.mark.parametrize("is_fast", BOTH)
def test_facts_when_lines_are_wrapped_or_of_windows_then_stay_the_same(tmp_path: Path, is_fast: bool) -> None:
    reads = random_reads(2_000, 2)
    wanted = judged(tmp_path, cases.text(reads), is_fast=is_fast)
    assert wanted.findings == ()
    wrapped = judged(tmp_path, cases.text(cases.wrapped(reads)), is_fast=is_fast)
    assert (codes(wrapped), wrapped.facts) == (["fastq-multi-line"], wanted.facts)
    assert wrapped.findings[0].count == sum(len(read[1]) > 11 for read in reads)
    windows = judged(tmp_path, cases.text(reads, "\r\n"), is_fast=is_fast)
    assert (codes(windows), windows.facts) == (["fastq-line-end-windows"], wanted.facts)


@pytest.mark.parametrize("level", [Level.SPEC, Level.BANK])
def test_paths_when_compared_on_every_valid_file_then_agree(tmp_path: Path, level: Level) -> None:
    for content in cases.VALID.values():
        plain, fast = (judged(tmp_path, content, level, is_fast=is_fast) for is_fast in BOTH)
        assert fast.to_json() == plain.to_json()
        assert fast.evidence == plain.evidence


@pytest.mark.parametrize("level", [Level.SPEC, Level.BANK])
def test_paths_when_compared_on_damaged_files_then_agree(tmp_path: Path, level: Level) -> None:
    contents = [cases.text(each) for each in (cases.GOOD, cases.pairs(), cases.REPEATED_TITLE, random_reads(40, 3))]
    for seed in range(400):
        content = fuzzed(contents[seed % len(contents)], seed)
        plain, fast = (judged(tmp_path, content, level, is_fast=is_fast) for is_fast in BOTH)
        assert fast.to_json() == plain.to_json(), seed
        assert fast.evidence == plain.evidence, seed


@pytest.mark.parametrize("is_fast", BOTH)
def test_paths_when_a_file_is_longer_than_a_buffer_then_agree(tmp_path: Path, is_fast: bool) -> None:
    reads = [[f"@m{number}/1", *read[1:]] for number, read in enumerate(random_reads(70_000, 4, (20, 60)))]
    reads[66_000][1] = reads[66_000][1].lower()
    reads[68_000][0] = reads[3][0]
    subject = judged(tmp_path, cases.text(reads), is_fast=is_fast)
    places = [(each.code, each.line, each.record) for each in subject.findings]
    assert places == [("fastq-letters", 264_002, None), ("fastq-name-twice", 272_001, 68_001)]
    evidence = subject.evidence["fastq-names"]
    assert isinstance(evidence, dict)
    assert evidence["lines"] == [1, 4 * 65_536 + 1]
    assert evidence["numbers"] == {1: 70_000}
    assert not evidence["is_sound"] or subject.findings[0].severity is Severity.WARNING


@pytest.mark.parametrize(
    ("quality", "got"),
    [
        ("IIII\nIIIII", "9 for 8 bases"),
        ("III\nII", "5 for 8 bases"),
        ("", "0 for 8 bases"),
    ],
)
def test_quality_when_of_several_lines_then_all_of_its_characters_are_counted(
    tmp_path: Path, quality: str, got: str
) -> None:
    content = f"@a\nACGT\nACGT\n+\n{quality}\n@b\nAC\n+\nII\n".encode()
    (finding,) = inspect_bytes(tmp_path, "a.fastq", content, level=Level.SPEC).findings
    assert (finding.code, finding.line, finding.got) == ("fastq-length", 5, got)


@pytest.mark.parametrize("is_fast", BOTH)
@pytest.mark.parametrize("at", [0, 1, 9_999, 19_998])
def test_fastq_when_one_of_many_qualities_is_short_then_the_others_are_read(
    at: int, is_fast: bool, tmp_path: Path
) -> None:
    reads = [f"@r{number}\nACGTACGTAC\n+\n@IIIIIIII{'I' if number != at else ''}\n" for number in range(20_000)]
    subject = judged(tmp_path, "".join(reads).encode(), is_fast=is_fast)
    assert errors(subject) == [("fastq-length", 4 * at + 4)]
    assert subject.facts["records"] == 20_000


@pytest.mark.parametrize("is_fast", BOTH)
def test_fastq_when_letters_are_unusual_then_they_are_counted(tmp_path: Path, is_fast: bool) -> None:
    reads = "".join(f"@r{number}\n{'acgt' if number % 2 else 'ACGT'}\n+\n#III\n" for number in range(1_000)).encode()
    subject = judged(tmp_path, reads, is_fast=is_fast)
    assert [(each.code, each.line, each.count) for each in subject.findings] == [("fastq-letters", 6, 500)]
    assert judged(tmp_path, reads, Level.SPEC, is_fast=is_fast).findings == ()
    assert subject.facts["gc_percent"] == 50.0


@pytest.mark.parametrize(
    ("quality", "encoding"),
    [
        ("IIII", "Phred+33"), ("!~~~", "Phred+33"), ("hhhh", "Phred+64"), (";hhh", "Solexa+64"), ("~~~~", "Phred+33"),
        ("#hhh", "Phred+33"), ("SSSS", "Phred+33"),
    ],
)  # fmt: skip
def test_encoding_when_guessed_then_old_ones_are_told(quality: str, encoding: str, tmp_path: Path) -> None:
    subject = judged(tmp_path, f"@r\nACGT\n+\n{quality}\n".encode())
    assert subject.facts["encoding"] == encoding
    assert codes(subject) == (["fastq-encoding"] if encoding != "Phred+33" else [])


def test_mean_quality_when_the_encoding_is_an_old_one_then_is_read_in_it(tmp_path: Path) -> None:
    assert judged(tmp_path, b"@r\nACGT\n+\nhhhh\n").facts["mean_quality"] == 40.0


def test_first_title_when_it_tells_of_the_run_then_the_run_is_a_fact(tmp_path: Path) -> None:
    facts = judged(tmp_path, cases.text(cases.GOOD)).facts
    told = {name: facts[name] for name in ("instrument", "run", "flow_cell", "lane")}
    assert told == {"instrument": "A00572", "run": "112", "flow_cell": "HGTMNDSXY", "lane": 2}
    assert judged(tmp_path, b"@Synthetic_1\nA\n+\n#\n").facts["synthetic"] is True


@pytest.mark.parametrize("is_fast", BOTH)
def test_barcode_and_lane_when_they_change_often_then_the_first_are_told(tmp_path: Path, is_fast: bool) -> None:
    reads = cases.reads(6_000)
    for number, read in enumerate(reads):
        if number % 3 == 1:
            read[0] = read[0].replace(":2:1101", f":{3 + number % 2}:1101")
        if number % 5 == 4:
            read[0] = read[0].replace("ATTACTCG", "".join(random.Random(number).choices("ACGT", k=8)))
    subject = judged(tmp_path, cases.text(reads), is_fast=is_fast)
    assert [(each.code, each.line, each.count) for each in subject.findings[:2]] == [
        ("fastq-lanes", 5, 2),
        ("fastq-barcode", 17, subject.findings[1].count),
    ]
    assert subject.findings[1].count > 900


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("a.txt", cases.text(cases.GOOD), "fastq"),
        ("a.txt", cases.text(cases.GOOD, "\r\n"), "fastq"),
        ("a.txt", b"@r\nAC\nGT\n+\nIIII\n", "fastq"),
        ("a.txt", b"@r\n" + b"ACGT" * 20_000 + b"\n+\n" + b"I" * 80_000 + b"\n", "fastq"),
        ("a.fq", b"broken\n", "fastq"),
        ("a.fq.gz", gzip.compress(b"broken\n", mtime=0), "fastq"),
        ("a.fq", b"\0", "fastq"),
        ("a.fastqsolexa", b"broken\n", "fastq"),
        ("a.fq.gz", gzip.compress(b"@r\nA\0C\n+\nIII\n", mtime=0), "fastq"),
        ("a.fq", b"@r\nA\n+\n\0\n", "fastq"),
        ("a.fq", b"@HD\tVN:1.6\n", None),
        ("a.fq", b"@CO\tACGT\n+\n", None),
        ("a.txt", b"@someone\nsays hello\n", None),
    ],
    ids=range(13),
)
def test_sniff_when_content_or_name_tells_then_is_fastq(name: str, content: bytes, wanted: str | None) -> None:
    found = sniff_bytes(name, content)
    assert (found.name if found is not None and found.name == "fastq" else None) == wanted


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (gzip.compress(cases.text(cases.GOOD), mtime=0)[:-9], TRUNCATED.code),
        (gzip.compress(cases.text(cases.GOOD), mtime=0) + b"garbage", TRAILING.code),
    ],
    ids=["truncated", "trailing"],
)
def test_fastq_when_container_is_damaged_then_only_the_container_says_so(
    content: bytes, code: str, tmp_path: Path
) -> None:
    subject = inspect_bytes(tmp_path, "a.fastq.gz", content, level=Level.BANK)
    assert (subject.format, subject.valid, codes(subject)) == ("fastq", False, [code])


@pytest.mark.parametrize(
    ("title", "root", "number"),
    [
        (b"read/1", b"read", 1),
        (b"read/2 comment", b"read", 2),
        (b"read 2:N:0:ACGT", b"read", 2),
        (b"read\t1:Y:18:1", b"read", 1),
        (b"read/1 2:N:0:ACGT", b"read", 1),
        (b"SRR001666.17.2 length=36", b"SRR001666.17", 2),
        (b"SRR001666.2 length=36", b"SRR001666.2", 0),
        (b"SRR.1.2", b"SRR.1.2", 0),
        (b"XRR1.1.2", b"XRR1.1.2", 0),
        (b"HWUSI-EAS100R:6:73:941:1973#ACGT/1", b"HWUSI-EAS100R:6:73:941:1973#ACGT", 1),
        (b"/1", b"/1", 0),
        (b"read 0:N:0:ACGT", b"read", 0),
        (b"read 1:N", b"read", 0),
    ],
)
def test_title_when_it_has_the_number_of_a_mate_then_the_root_is_without_it(
    title: bytes, root: bytes, number: int, tmp_path: Path
) -> None:
    parts = parse_title(title)
    assert (parts.root, parts.number) == (root, number)
    # The same in the compiled path: the title is that of the fifth read.
    content = b"".join(b"@%b\nACGT\n+\nIIII\n" % each for each in (b"w", b"x", b"y", b"z", title))
    plain, fast = (judged(tmp_path, content, is_fast=is_fast) for is_fast in BOTH)
    assert plain.evidence == fast.evidence


def test_title_when_it_is_of_no_illumina_run_then_there_are_no_facts() -> None:
    assert illumina_facts(b"read1:2:3") == {}
    assert illumina_facts(b"M1:2:FC-a:1:1101:1:2:ACGT 1:N:0:1")["flow_cell"] == "FC-a"


@pytest.mark.parametrize(
    ("barcode", "other", "wanted"),
    [
        (b"ATTACTCG", b"ATTACTCG", True),
        (b"ATTACTCG", b"NNTACTGG", True),
        (b"ATTACTCG", b"TTTACTGC", False),
        (b"ATTACTCG+AC", b"ATTACTCG", False),
        (b"ATTACTCG+AC", b"ATTACTCG+ACG", False),
        (b"1", b"2", False),
        (b"1", b"1", True),
    ],
)
def test_barcodes_when_compared_then_reading_errors_are_allowed(barcode: bytes, other: bytes, wanted: bool) -> None:
    assert are_one_sample(barcode, other) is wanted


def test_keys_when_of_many_names_then_differ() -> None:
    names = {b"A:1:F:%d:%d:%d:%d" % (lane, tile, x, y) for lane in range(2) for tile in range(20) for x in range(40) for y in range(40)}  # fmt: skip
    assert len({key_of(name) for name in names}) == len(names)


@pytest.mark.parametrize("is_many", BOTH)
def test_repeated_keys_when_few_or_many_then_the_first_is_found(is_many: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"_HELD": 64, "_SORTED": 50, "_READ": 7, "_FEW": 10}.items() if is_many else ():
        monkeypatch.setattr(keys_module, name, value)
    chance = random.Random(5)
    made = [chance.getrandbits(64) for _ in range(1_000)]
    made[700], made[900], made[950] = made[17], made[17], made[3]
    keys = Keys()
    for key in made:
        keys.add(key)
    assert keys.repeated() == (3, 700, 17)
    keys.close()
    keys = Keys()
    keys.add_all(numpy.array(made[:700], numpy.uint64))
    assert keys.repeated() is None
    keys.close()


def test_keys_when_there_are_too_many_then_the_rest_is_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_module, "_HELD", 8)
    monkeypatch.setattr(keys_module, "MOST_KEYS", 32)
    keys = Keys()
    for key in range(100):
        keys.add(key % 50)
    assert (len(keys), keys.repeated()) == (32, None)
    keys.close()


def test_names_when_not_all_are_compared_then_a_fact_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_module, "_HELD", 8)
    monkeypatch.setattr(keys_module, "MOST_KEYS", 8)
    subject = judged(tmp_path, cases.text([*cases.GOOD, cases.GOOD[0]]))
    assert (codes(subject), subject.facts["names_compared"]) == ([], 8)


def test_keys_when_the_disk_is_full_then_the_rest_is_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    class FullDisk:
        def write(self, _: object) -> None:
            raise OSError(28, "No space left on device")

        def close(self) -> None:
            pass

    monkeypatch.setattr(keys_module, "_HELD", 8)
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: FullDisk())
    keys = Keys()
    for key in range(100):
        keys.add(key % 7)
    assert len(keys) == 8
    assert keys.repeated() == (1, 7, 0)
    keys.close()


def test_lines_when_records_have_other_than_four_then_are_known_all_the_same() -> None:
    lines = Lines()
    starts = [1, 5, 9, 15, 19, 20, 24]
    for record, line in enumerate(starts):
        lines.begin(record, line)
    assert [lines.line_of(record) for record in range(len(starts))] == starts
    lines.begin(7, 30, 100)
    assert lines.line_of(106) == 30 + 4 * 99


@pytest.mark.parametrize("length", [0, 1, 2047, 2048, 2049, 4095, 4096, 1_000_003, 1 << 30])
def test_length_when_classed_then_its_class_begins_at_most_a_thousandth_below(length: int) -> None:
    assert length_class(length) < layout.LENGTH_CLASSES
    counts = Counts()
    counts.add_read(length)
    median = counts.facts()["median_length"]
    assert isinstance(median, int)
    assert 0 <= length - median <= length / 1000


def test_layout_when_added_up_then_parts_do_not_overlap() -> None:
    assert layout.LONGEST < layout.LETTERS
    assert layout.QUALITIES + layout.ROW * (layout.BAD_QUALITY + 1) == layout.LENGTHS
    assert layout.CYCLES + layout.TAIL_MASK < layout.ROW
    assert array("q").itemsize == 8
