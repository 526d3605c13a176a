from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from catalog.findings import Level, Severity, Subject
from catalog.formats import fastq
from catalog.formats.containers import TRAILING, TRUNCATED
from catalog.formats.fastq import FASTQ
from catalog.formats.inspect import sniff_bytes
from tests.formats.defects import Defect, assert_survives, codes, fuzzed, inspect_bytes, rules_of, wanted_finding

READS = (
    "@read1 first\nACGTN\n+\nII#II\n",
    "@read2\nGGCC\n+read2\n@FFF\n",
    "@read3\nAT\n+\n+,\n",
)
VALID = "".join(READS)


def defect(code: str, line: int | None, column: str | None, *changes: tuple[str, str], **rest: object) -> Defect:
    """The valid file with a few words replaced, each once."""
    content = VALID
    for old, new in changes:
        assert old in content, old
        content = content.replace(old, new, 1)
    members = {"id": code, "only": True, **rest}
    return Defect(content=content.encode(), code=code, line=line, column=column, **members)  # type: ignore[arg-type]


DEFECTS = [
    defect("fastq-name-mark", 9, "name", ("@read3\n", "read3\n")),
    defect("fastq-name-empty", 5, "name", ("@read2\nGGCC\n+read2", "@\nGGCC\n+")),
    defect("fastq-name-empty", 5, "name", ("@read2\nGGCC\n+read2", "@ read2\nGGCC\n+"), id="name-after-space"),
    defect("fastq-sequence-character", 6, "sequence", ("GGCC", "GG C")),
    defect("fastq-sequence-character", 6, "sequence", ("GGCC", "GGE!"), id="sequence-of-no-bases"),
    defect("fastq-plus-missing", 3, "+", ("\n+\nII#II", ""), id="two-lines-lost"),
    defect("fastq-plus-differs", 7, "+", ("+read2", "+read9")),
    defect("fastq-length", 8, "quality", ("@FFF", "@FF")),
    defect("fastq-length", 8, "quality", ("@FFF", "@FFFF"), id="quality-too-long"),
    defect("fastq-length", 12, "quality", ("+,\n", "+\n"), id="last-quality-too-short"),
    defect("fastq-length", 8, "quality", ("@FFF", ""), id="quality-empty"),
    defect("fastq-quality-character", 8, "quality", ("@FFF", "@F F")),
    defect("fastq-quality-character", 8, "quality", ("@FFF", "@F\x7fF"), id="quality-delete-character"),
    defect("fastq-truncated", 9, "name", ("+\n+,\n", "+\n")),
    defect("fastq-truncated", 9, "name", ("AT\n+\n+,\n", "A"), id="cut-in-sequence", only=False),
    defect("fastq-letters", 6, "sequence", ("GGCC", "ggUC")),
    defect("fastq-multi-line", 5, "name", ("GGCC", "GG\nCC"), ("@FFF", "@F\nFF")),
    defect("fastq-zero-length", 5, "sequence", ("GGCC", ""), ("@FFF", "")),
    defect("fastq-zero-length", 9, "sequence", ("AT\n+\n+,\n", "+\n"), id="zero-length-without-quality-line"),
    defect("fastq-encoding", None, "quality", ("II#II", "hhhhh"), ("@FFF", "hhhh"), ("+,", "BB")),
    defect("fastq-final-newline", None, None, ("+,\n", "+,")),
    Defect(id="fastq-no-reads", content=b"\n", code="fastq-no-reads", only=False),
    defect("fastq-line-end-windows", 1, None, (VALID, VALID.replace("\n", "\r\n"))),
    defect("fastq-blank-line", 5, "name", ("@read2", "\n@read2")),
    defect("fastq-blank-line", 13, "name", ("+,\n", "+,\n\n"), id="blank-last-line"),
]


def judged(folder: Path, content: str | bytes, level: Level = Level.BANK) -> Subject:
    return inspect_bytes(folder, "a.fastq", content.encode() if isinstance(content, str) else content, level=level)


def errors(subject: Subject) -> list[tuple[str, int | None]]:
    return [(each.code, each.line) for each in subject.findings if each.severity is Severity.ERROR]


@pytest.mark.parametrize("case", DEFECTS, ids=lambda case: case.id)
def test_fastq_when_one_thing_is_wrong_then_one_finding_says_where(case: Defect, tmp_path: Path) -> None:
    wanted_finding(tmp_path, case, "a.fastq")


def test_fastq_defects_when_listed_then_cover_every_rule() -> None:
    assert {case.code for case in DEFECTS} == rules_of("fastq")
    assert len({case.id for case in DEFECTS}) == len(DEFECTS)


def test_fastq_when_valid_then_has_facts_and_no_finding(tmp_path: Path) -> None:
    subject = judged(tmp_path, VALID)
    assert (subject.format, codes(subject)) == ("fastq", [])
    qualities = "II#II@FFF+,"
    assert subject.facts == {
        "records": 3,
        "bases": 11,
        "shortest": 2,
        "longest": 5,
        "mean_quality": round(sum(map(ord, qualities)) / len(qualities) - 33, 2),
        "gc_percent": 60.0,
        "first_name": "read1",
        "quality_offset_guess": 33,
    }


def test_fastq_when_read_line_by_line_then_counts_as_in_blocks(tmp_path: Path) -> None:
    chance = random.Random(1)
    reads = []
    for number in range(20_000):
        length = chance.randint(4, 200)
        sequence = "".join(chance.choices("ACGTN", k=length))
        reads.append((f"@read{number}", sequence, "+", "".join(chance.choices("!#,28<@AEI", k=length))))
    plain = "".join("\n".join(read) + "\n" for read in reads)
    wrapped = "".join(
        f"{name}\n{sequence[:3]}\n{sequence[3:]}\n+\n{quality[:3]}\n{quality[3:]}\n"
        for name, sequence, _, quality in reads
    )
    in_blocks = judged(tmp_path, plain)
    line_by_line = judged(tmp_path, wrapped)
    assert in_blocks.findings == ()
    assert set(codes(line_by_line)) == {"fastq-multi-line"}
    assert line_by_line.findings[0].count == 20_000
    assert in_blocks.facts == line_by_line.facts
    assert in_blocks.facts["bases"] == sum(len(read[1]) for read in reads)
    windows = judged(tmp_path, plain.replace("\n", "\r\n"))
    assert (codes(windows), windows.facts) == (["fastq-line-end-windows"], in_blocks.facts)


@pytest.mark.parametrize("at", [0, 1, 9_999, 19_998])
def test_fastq_when_one_of_many_qualities_is_short_then_the_others_are_read(at: int, tmp_path: Path) -> None:
    reads = [f"@r{number}\nACGTACGTAC\n+\n@IIIIIIII{'I' if number != at else ''}\n" for number in range(20_000)]
    subject = judged(tmp_path, "".join(reads))
    assert errors(subject) == [("fastq-length", 4 * at + 4)]
    assert subject.facts["records"] == 20_000


def test_fastq_when_letters_are_unusual_then_they_are_counted(tmp_path: Path) -> None:
    reads = "".join(f"@r{number}\n{'acgt' if number % 2 else 'ACGT'}\n+\n#III\n" for number in range(1_000))
    subject = judged(tmp_path, reads)
    assert [(each.code, each.line, each.count) for each in subject.findings] == [("fastq-letters", 6, 500)]
    assert judged(tmp_path, reads, Level.SPEC).findings == ()
    assert subject.facts["gc_percent"] == 50.0


@pytest.mark.parametrize(
    ("quality", "offset"), [("IIII", 33), ("!~~~", 33), ("hhhh", 64), (";hhh", 64), ("~~~~", 33), ("#hhh", 33)]
)
def test_quality_offset_when_guessed_then_old_encodings_are_told(quality: str, offset: int, tmp_path: Path) -> None:
    subject = judged(tmp_path, f"@r\nACGT\n+\n{quality}\n")
    assert subject.facts["quality_offset_guess"] == offset
    assert codes(subject) == (["fastq-encoding"] if offset == 64 else [])


def test_first_name_when_it_says_synthetic_then_is_a_fact(tmp_path: Path) -> None:
    assert judged(tmp_path, "@Synthetic_1\nA\n+\n#\n").facts["synthetic"] is True


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("a.txt", VALID.encode(), "fastq"),
        ("a.txt", VALID.replace("\n", "\r\n").encode(), "fastq"),
        ("a.txt", b"@r\nAC\nGT\n+\nIIII\n", "fastq"),
        ("a.fq", b"broken\n", "fastq"),
        ("a.fq.gz", gzip.compress(b"broken\n", mtime=0), "fastq"),
        ("a.fq", b"\0", None),
        ("a.fq", b"@r\nA\n+\n\0\n", "fastq"),
        ("a.fq", b"@HD\tVN:1.6\n", None),
        ("a.fq", b"@CO\tACGT\n+\n", None),
        ("a.txt", b"@someone\nsays hello\n", None),
    ],
)
def test_sniff_when_content_or_name_tells_then_is_fastq(name: str, content: bytes, wanted: str | None) -> None:
    found = sniff_bytes(name, content)
    assert (found.name if found is not None and found.name == "fastq" else None) == wanted


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (gzip.compress(VALID.encode(), mtime=0)[:-9], TRUNCATED.code),
        (gzip.compress(VALID.encode(), mtime=0) + b"garbage", TRAILING.code),
    ],
    ids=["truncated", "trailing"],
)
def test_fastq_when_container_is_damaged_then_only_the_container_says_so(
    content: bytes, code: str, tmp_path: Path
) -> None:
    subject = inspect_bytes(tmp_path, "a.fastq.gz", content, level=Level.SPEC)
    assert (subject.format, subject.valid, codes(subject)) == ("fastq", False, [code])


def test_fastq_rules_when_read_then_explain_themselves() -> None:
    for rule in FASTQ.rules:
        assert rule.code.startswith("fastq-")
        assert rule.hint
        assert rule.source


def test_blocks_when_compared_with_lines_then_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = [fuzzed(VALID.encode() * 5, seed) for seed in range(300)]
    in_blocks = [judged(tmp_path, content) for content in damaged]
    monkeypatch.setattr(fastq, "_take_block", lambda *_: False)
    assert [judged(tmp_path, content) for content in damaged] == in_blocks


@pytest.mark.slow
def test_fastq_when_damaged_then_is_judged_and_never_raises(tmp_path: Path) -> None:
    assert_survives(tmp_path, "a.fastq", VALID.encode() * 20, "fastq")
