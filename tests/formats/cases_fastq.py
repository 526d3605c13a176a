"""FASTQ and mates: valid files of all kinds that the description allows, and one defect for every rule."""

from __future__ import annotations

import gzip
import random
from collections.abc import Sequence

from catalog.findings import Level
from tests.formats.cases import FormatCases, GroupCases, GroupDefect
from tests.formats.defects import Defect

READS = 24
INSTRUMENT = "A00572:112:HGTMNDSXY"
#: The read that the defects are in: behind the first ones, which both paths take line by line.
BROKEN = 13
LINE = 4 * (BROKEN - 1) + 1

Read = list[str]


def name_of(number: int, *, lane: int = 2, flow_cell: str = INSTRUMENT) -> str:
    return f"{flow_cell}:{lane}:1101:{1000 + 37 * number}:{1100 + number}"


def reads(count: int = READS, *, mate: int = 1, lane: int = 2, length: int = 40, seed: int = 1) -> list[Read]:
    """Reads of four lines as Illumina writes them."""
    chance = random.Random(seed + 10 * mate)
    made = []
    for number in range(count):
        sequence = "".join(chance.choices("ACGTN", (25, 25, 25, 25, 1), k=length))
        quality = "".join(chance.choices("#,28<AEI", k=length))
        made.append([f"@{name_of(number, lane=lane)} {mate}:N:0:ATTACTCG+AGGCTATA", sequence, "+", quality])
    return made


def plain(count: int = READS, length: int = 30, seed: int = 3) -> list[Read]:
    """Reads of other names, of one length."""
    return [[f"@read{number}", *read[1:]] for number, read in enumerate(reads(count, length=length, seed=seed))]


def text(made: Sequence[Sequence[str]], end: str = "\n") -> bytes:
    return "".join(line + end for read in made for line in read).encode()


def pairs(count: int = READS, *, style: str = "casava") -> list[Read]:
    """Interleaved mates, told by the comment, by ``/1`` and ``/2``, or by their order alone."""
    made = []
    for number, (first, second) in enumerate(zip(reads(count), reads(count, mate=2), strict=True)):
        marks = {"casava": None, "slash": ("/1", "/2"), "none": ("", "")}[style]
        for read, mate in ((first, 0), (second, 1)):
            made.append([f"@pair{number}{marks[mate]}", *read[1:]] if marks else read)
    return made


def wrapped(made: Sequence[Read], width: int = 11) -> list[Read]:
    """The reads with sequence and quality on several lines."""
    folded = []
    for title, sequence, plus, quality in made:
        rows = [[letters[at : at + width] for at in range(0, len(letters), width)] for letters in (sequence, quality)]
        folded.append([title, *rows[0], plus, *rows[1]])
    return folded


def edited(made: Sequence[Read], number: int, **changes: str) -> list[Read]:
    """The reads with parts of one changed (counted from 1): title, sequence, plus or quality."""
    places = {"title": 0, "sequence": 1, "plus": 2, "quality": 3}
    copy = [list(read) for read in made]
    for part, value in changes.items():
        copy[number - 1][places[part]] = value
    return copy


def with_qualities(letters: str, count: int = READS) -> list[Read]:
    chance = random.Random(7)
    return [[*read[:3], "".join(chance.choices(letters, k=len(read[1])))] for read in plain(count)]


GOOD = reads()
PLAIN = plain()
LONG = [
    [f"@{number:08x}-ab", "ACGT" * (number + 400), "+", "5" * (4 * number + 1600)] for number in range(10)
]  # fmt: skip
UNEQUAL = [
    [title, sequence[: 5 + n], plus, quality[: 5 + n]] for n, (title, sequence, plus, quality) in enumerate(PLAIN)
]
REPEATED_TITLE = [[read[0], read[1], "+" + read[0][1:], read[3]] for read in GOOD]
REPEATED_NAME = [[read[0], read[1], "+" + read[0][1:].split(" ")[0], read[3]] for read in GOOD]
AT_QUALITY = [[*read[:3], "@" * len(read[1])] for read in PLAIN[:12]] + [
    [*read[:3], "@+" + "#" * (len(read[1]) - 2)] for read in PLAIN[12:]
]
COLOURS = [[read[0], "T" + "0123." * 6, "+", "5" * 30] for read in PLAIN]
COLOURS_ALL = [[read[0], "T" + "0123." * 6, "+", "!" + "5" * 30] for read in PLAIN]
ARCHIVE = [[f"@SRR001666.{number + 1} {name_of(number)} length=30", *read[1:]] for number, read in enumerate(PLAIN)]
TITLES = [[f"@read{number} \t änderung\x7f {{}} @ +", *read[1:]] for number, read in enumerate(PLAIN)]
EMPTY_READ = [*edited(PLAIN, BROKEN, sequence="", quality="")]
MISREAD_BARCODES = [
    [read[0].replace("ATTACTCG", "ATTNCTCA" if number % 3 else "ATTACTCG"), *read[1:]]
    for number, read in enumerate(GOOD)
]  # fmt: skip

VALID = {
    "illumina": text(GOOD),
    "other-names": text(PLAIN),
    "one-read": text(GOOD[:1]),
    "lengths-differ": text(UNEQUAL),
    "long-reads": text(LONG),
    "title-repeated": text(REPEATED_TITLE),
    "name-repeated": text(REPEATED_NAME),
    "long-titles": text([[read[0] + " " + "x" * (65_530 + number), *read[1:]] for number, read in enumerate(PLAIN)]),
    "quality-like-titles": text(AT_QUALITY),
    "archive": text(ARCHIVE),
    "flow-cell-with-control-character": text(GOOD).replace(b":HGT", b":H\x12T"),
    "titles": text(TITLES),
    "barcodes-read-wrongly": text(MISREAD_BARCODES),
    "gzip": gzip.compress(text(GOOD), mtime=0),
    "wrapped": text(wrapped(PLAIN)),
    "wrapped-in-part": text([*PLAIN[:10], *wrapped(PLAIN[10:15]), *PLAIN[15:]]),
    "windows": text(PLAIN, "\r\n"),
    "windows-no-end": text(PLAIN, "\r\n").removesuffix(b"\r\n"),
    "no-final-newline": text(PLAIN).removesuffix(b"\n"),
    "zero-length": text(EMPTY_READ),
    "zero-length-in-three-lines": text(EMPTY_READ).replace(b"\n\n+\n\n", b"\n+\n"),
    "zero-length-last": text([*PLAIN, ["@last", "", "+", ""]]),
    "zero-length-last-no-end": text([*PLAIN, ["@last", "+"]]).removesuffix(b"\n"),
    "blank-lines-at-the-end": text(PLAIN) + b"\n\n",
    "lower-case": text([[read[0], read[1].lower(), *read[2:]] for read in PLAIN]),
    "rna": text([[read[0], read[1].replace("T", "U"), *read[2:]] for read in PLAIN]),
    "ambiguous": text(edited(PLAIN, BROKEN, sequence="ACGTURYSWKMBDHVNacgturyswkmbdh")),
    "gaps": text(edited(PLAIN, BROKEN, sequence="ACGT..--**" * 3)),
    "solexa": text(with_qualities(";<@ABCUVh")),
    "illumina-1.3": text(with_qualities("@BCDUVWgh")),
    "all-qualities": text([["@all", "A" * 94, "+", "".join(map(chr, range(126, 32, -1)))]]),
    "colour-space": text(COLOURS),
    "colour-space-with-quality-of-the-base": text(COLOURS_ALL),
    "colour-space-without-base": text([[read[0], read[1][1:], *read[2:]] for read in COLOURS]),
    "colour-space-wrapped": text(wrapped(COLOURS)),
    "names-twice": text([*PLAIN, PLAIN[2]]),
    "both-mates": text([*GOOD, *reads(mate=2)]),
    "interleaved": text(pairs()),
    "no-reads": b"\n",
}
CLEAN = (
    "illumina", "other-names", "one-read", "lengths-differ", "long-reads", "title-repeated", "name-repeated", "long-titles", "quality-like-titles", "archive",
    "titles", "barcodes-read-wrongly", "gzip", "all-qualities",
)  # fmt: skip


def broken(identifier: str, code: str, column: str | None, line: int | None = None, **changes: str) -> Defect:
    """The usual file with one read changed."""
    places = {"title": 0, "sequence": 1, "plus": 2, "quality": 3}
    place = LINE + (places[next(iter(changes))] if line is None else line)
    return Defect(id=identifier, content=text(edited(GOOD, BROKEN, **changes)), code=code, line=place, column=column)


def lines_of(made: Sequence[Read]) -> list[str]:
    return [line for read in made for line in read]


def without(*numbers: int) -> bytes:
    """The usual file without some lines."""
    return "".join(line + "\n" for number, line in enumerate(lines_of(GOOD), 1) if number not in numbers).encode()


TITLE, SEQUENCE, _, QUALITY = GOOD[BROKEN - 1]
NAME = TITLE[1:].split(" ")[0]
LAST = 4 * READS

SPEC_DEFECTS = [
    broken("no-at", "fastq-name-mark", "name", title=TITLE[1:]),
    Defect(id="no-title", content=without(LINE), code="fastq-name-mark", line=LINE, column="name"),
    broken("quality-twice", "fastq-name-mark", "name", 4, quality=f"{QUALITY}\n+\n{QUALITY}"),
    broken("no-name", "fastq-name-empty", "name", title="@"),
    broken("name-after-space", "fastq-name-empty", "name", title="@ " + TITLE[1:]),
    broken("name-after-tab", "fastq-name-empty", "name", title="@\t" + TITLE[1:]),
    broken("space-in-sequence", "fastq-sequence-character", "sequence", sequence=SEQUENCE[:9] + " " + SEQUENCE[10:]),
    broken("tab-in-sequence", "fastq-sequence-character", "sequence", sequence=SEQUENCE[:9] + "\t" + SEQUENCE[10:]),
    broken("protein", "fastq-sequence-character", "sequence", sequence="ELVIS" * 8),
    broken("return-in-sequence", "fastq-sequence-character", "sequence", sequence=SEQUENCE[:9] + "\r" + SEQUENCE[10:]),
    broken("digit", "fastq-sequence-character", "sequence", sequence=SEQUENCE[:-1] + "5"),
    broken("colour-space-and-bases", "fastq-sequence-character", "sequence", sequence="T0123" * 8),
    Defect(
        id="bases-then-colours", content=text(edited(GOOD, BROKEN, sequence=f"{SEQUENCE[:30]}\n0123012301")),
        code="fastq-sequence-character", line=LINE + 2, column="sequence", only=False,
    ),
    Defect(id="no-plus", content=without(LINE + 2, LINE + 3), code="fastq-plus-missing", line=LINE + 2, column="+"),
    broken("title-and-sequence-twice", "fastq-plus-missing", "+", 2, sequence=f"{SEQUENCE}\n{TITLE}\n{SEQUENCE}"),
    broken("other-name-after-plus", "fastq-plus-differs", "+", plus="+" + TITLE[1:-1]),
    broken("half-a-name-after-plus", "fastq-plus-differs", "+", plus="+" + NAME[:-1]),
    broken("space-after-plus", "fastq-plus-differs", "+", plus="+ "),
    broken("quality-short", "fastq-length", "quality", quality=QUALITY[1:]),
    broken("quality-long", "fastq-length", "quality", quality=QUALITY + "I"),
    broken("quality-empty", "fastq-length", "quality", quality=""),
    broken("sequence-short", "fastq-length", "quality", 3, sequence=SEQUENCE[1:]),
    broken("no-sequence", "fastq-length", "quality", 3, sequence="", quality=QUALITY),
    Defect(id="last-quality-short", content=text(GOOD)[:-2] + b"\n", code="fastq-length", line=LAST, column="quality"),
    broken("space-in-quality", "fastq-quality-character", "quality", quality=QUALITY[:-1] + " "),
    broken("tab-in-quality", "fastq-quality-character", "quality", quality="\t" + QUALITY[1:]),
    broken("escape-in-quality", "fastq-quality-character", "quality", quality=QUALITY[:9] + "\x1b" + QUALITY[10:]),
    broken("delete-in-quality", "fastq-quality-character", "quality", quality=QUALITY[:9] + "\x7f" + QUALITY[10:]),
    broken("umlaut-in-quality", "fastq-quality-character", "quality", quality="ä" + QUALITY[2:]),
    Defect(id="cut-at-title", content=text(GOOD) + b"@last\n", code="fastq-truncated", line=LAST + 1, column="name"),
    Defect(id="cut-in-plus", content=text(REPEATED_TITLE)[:-70], code="fastq-truncated", line=LAST - 3, only=False),
    Defect(id="cut-at-quality", content=text(GOOD)[:-41], code="fastq-truncated", line=LAST - 3, column="name"),
    Defect(id="cut-in-sequence", content=text(GOOD)[:-60], code="fastq-truncated", line=LAST - 3, only=False),
    Defect(id="cut-before-quality", content=text(GOOD) + b"@last\nA\n\n", code="fastq-truncated", line=LAST + 1),
    broken("one-return", "fastq-line-ends-mixed", None, sequence=SEQUENCE + "\r"),
    broken("return-after-title", "fastq-line-ends-mixed", None, title=TITLE + "\r"),
    Defect(
        id="one-line-without-return", code="fastq-line-ends-mixed", line=LINE, only=False,
        content=text(GOOD, "\r\n").replace(TITLE.encode() + b"\r", TITLE.encode()),
    ),
]  # fmt: skip

ONE_LANE = text(GOOD)
OTHER_LANE = text(reads(lane=3, seed=5))
OTHER_RUN = text([[read[0].replace(":112:HGT", ":113:HJT"), *read[1:]] for read in GOOD])
OTHER_SAMPLE = text([[read[0].replace(":1101:", ":2201:").replace("ATTACTCG", "GGCCTTAA"), *read[1:]] for read in GOOD])
OTHER_LENGTH_BARCODE = text(
    [[read[0].replace(":1101:", ":2201:").replace("+AGGCTATA", ""), *read[1:]] for read in GOOD]
)
INTERLEAVED = "reads.interleaved.fastq"
HALVES = pairs(style="slash")

BANK_DEFECTS = [
    Defect(id="name-twice", content=text([*GOOD, GOOD[2]]), code="fastq-name-twice", line=LAST + 1, record=READS + 1),
    Defect(id="name-twice-wrapped", content=text([*wrapped(PLAIN), PLAIN[2]]), code="fastq-name-twice",
           line=1 + READS * 8, record=READS + 1, only=False),
    Defect(id="name-twice-among-three", content=text([*PLAIN[:2], PLAIN[0]]), code="fastq-name-twice", line=9, record=3),
    Defect(id="name-twice-interleaved", content=text([*HALVES, *HALVES[2:4]]), code="fastq-name-twice",
           line=2 * LAST + 1, name=INTERLEAVED),
    Defect(id="mate-lost", content=text(HALVES[:13] + HALVES[14:]), code="fastq-interleaved-mate", line=LINE,
           column="name", name=INTERLEAVED),
    Defect(id="first-mate-lost", content=text(HALVES[:12] + HALVES[13:]), code="fastq-interleaved-mate", line=LINE,
           column="name", name=INTERLEAVED),
    Defect(id="last-mate-lost", content=text(HALVES[:-1]), code="fastq-interleaved-mate", line=2 * LAST - 7,
           column="name", name=INTERLEAVED),
    Defect(id="casava-mate-lost", content=text([*pairs()[:13], *pairs()[14:]]), code="fastq-interleaved-mate", line=LINE,
           name=INTERLEAVED),
    Defect(id="unmarked-mate-lost", content=text([*pairs(style="none")[:13], *pairs(style="none")[14:]]),
           code="fastq-interleaved-mate", line=LINE, name=INTERLEAVED),
    Defect(id="other-mate", content=text(edited(HALVES, 14, title="@stranger/2")), code="fastq-interleaved-mate",
           line=LINE, name=INTERLEAVED),
    Defect(id="solexa", content=VALID["solexa"], code="fastq-encoding", column="quality"),
    Defect(id="illumina-1.3", content=VALID["illumina-1.3"], code="fastq-encoding", column="quality"),
    Defect(id="colours", content=text([*GOOD, ["@colours", "T0123.", "+", "!!!!!!"]]), code="fastq-colour-space",
           line=LAST + 2, column="sequence"),
    Defect(id="colours-without-quality-of-the-base", content=VALID["colour-space"], code="fastq-colour-space", line=2),
    broken("t-and-u", "fastq-t-and-u", "sequence", sequence="ACGTU" * 8),
    Defect(id="t-and-u-wrapped", content=text(edited(GOOD, BROKEN, sequence="ACGUU" * 4 + "\n" + "ACGTT" * 4)),
           code="fastq-t-and-u", line=LINE + 1, only=False),
    Defect(id="no-reads", content=b"\n", code="fastq-no-reads", only=False),
    Defect(id="gzip-of-nothing", content=gzip.compress(b"", mtime=0), code="fastq-no-reads", only=False),
    broken("lower-case", "fastq-letters", "sequence", sequence=SEQUENCE.lower()),
    broken("ambiguous", "fastq-letters", "sequence", sequence="R" * 40),
    broken("dots", "fastq-letters", "sequence", sequence="A..." * 10),
    Defect(id="wrapped", content=VALID["wrapped-in-part"], code="fastq-multi-line", line=41, column="name"),
    Defect(id="empty-read", content=VALID["zero-length"], code="fastq-zero-length", line=LINE, column="sequence"),
    Defect(id="empty-read-in-three-lines", content=VALID["zero-length-in-three-lines"], code="fastq-zero-length", line=LINE),
    Defect(id="no-line-end", content=VALID["no-final-newline"], code="fastq-final-newline"),
    Defect(id="windows", content=VALID["windows"], code="fastq-line-end-windows", line=1),
    Defect(id="blank-between", content=text(GOOD[:12]) + b"\n" + text(GOOD[12:]), code="fastq-blank-line", line=LINE),
    Defect(id="blank-at-the-end", content=text(GOOD) + b"\n", code="fastq-blank-line", line=LAST + 1),
    Defect(id="not-named-interleaved", content=text(pairs()), code="fastq-interleaving"),
    Defect(id="not-named-interleaved-slash", content=text(HALVES), code="fastq-interleaving"),
    Defect(id="not-named-interleaved-none", content=text(pairs(style="none")), code="fastq-interleaving"),
    Defect(id="named-interleaved", content=text(GOOD), code="fastq-interleaving", name=INTERLEAVED),
    Defect(id="both-mates", content=text([*GOOD, *reads(mate=2)]), code="fastq-mates-mixed", line=LAST + 1),
    Defect(id="other-run", content=ONE_LANE + OTHER_RUN, code="fastq-flow-cells", line=LAST + 1, column="name"),
    Defect(id="other-sample", content=ONE_LANE + OTHER_SAMPLE, code="fastq-barcode", line=LAST + 1, column="name"),
    Defect(id="one-index-for-two", content=ONE_LANE + OTHER_LENGTH_BARCODE, code="fastq-barcode", line=LAST + 1),
    Defect(id="other-lane", content=ONE_LANE + OTHER_LANE, code="fastq-lanes", line=LAST + 1, column="name"),
]  # fmt: skip

FORMATS = [
    FormatCases(
        format="fastq", file="reads.fastq", valid=VALID, clean=CLEAN, defects=[*SPEC_DEFECTS, *BANK_DEFECTS]
    )
]  # fmt: skip


def renamed(made: Sequence[Read], mark: str) -> list[Read]:
    return [[f"@read{number}{mark}", *read[1:]] for number, read in enumerate(made)]


FIRST, SECOND = text(reads()), text(reads(mate=2))
SWAPPED = reads(mate=2)
SWAPPED[11], SWAPPED[12] = SWAPPED[12], SWAPPED[11]
LANES = {
    "a_L001_R1_001.fastq": text(reads(lane=1)),
    "a_L001_R2_001.fastq": text(reads(mate=2, lane=1)),
    "a_L002_R1_001.fastq": text(reads(lane=2)),
    "a_L002_R2_001.fastq": text(reads(mate=2, lane=2)),
}
#: More reads than are digested together; the order of two is changed behind that.
MANY = [[f"@m{number}", "ACGT", "+", "5555"] for number in range(70_000)]
MANY_SECOND = [*MANY[:66_000], MANY[66_001], MANY[66_000], *MANY[66_002:]]
OTHER_BASES = [[title, "GGGG", *rest] for title, _, *rest in MANY]


def pair(first: bytes, second: bytes, *, one: str = "a_R1.fastq", two: str = "a_R2.fastq") -> dict[str, bytes]:
    return {one: first, two: second}


def differ(
    identifier: str, first: bytes, second: bytes, code: str, line: int | None = None, **rest: int
) -> GroupDefect:
    record = rest.get("record")
    files = pair(first, second)
    return GroupDefect(
        id=identifier, files=files, code=code, at="a_R2.fastq", line=line, record=record, level=Level.BANK
    )


GROUPS = [
    GroupCases(
        companions="mates",
        valid={
            "casava": pair(FIRST, SECOND),
            "slash": pair(text(renamed(GOOD, "/1")), text(renamed(SWAPPED, "/2")), one="a_1.fq", two="a_2.fq"),
            "dots": pair(text(renamed(GOOD, "")), text(renamed(SWAPPED, "")), one="a.1.fastq", two="a.2.fastq"),
            "lanes": LANES,
            "many": pair(text(MANY), text(OTHER_BASES)),
            "first-alone": {"a_R1.fastq": FIRST},
            "replicate-alone": {"a_2.fastq": FIRST},
            "other-stems": {"a_R1.fastq": FIRST, "b_R1.fastq": text(reads(seed=8))},
        },
        defects=[
            differ("same-file", FIRST, FIRST, "mates-same-file"),
            differ("one-read-less", FIRST, text(reads(mate=2)[:-1]), "mates-reads"),
            differ("no-reads", FIRST, b"\n", "mates-reads"),
            differ("order", FIRST, text(SWAPPED), "mates-names", line=45, record=12),
            differ("read-lost", FIRST, text([*reads(mate=2)[:5], *reads(mate=2)[6:]]), "mates-names", line=21, record=6),
            differ("other-names", text(PLAIN), text(renamed(PLAIN, "b")), "mates-names", line=1, record=1),
            differ("wrapped", text(PLAIN), text([*wrapped(renamed(GOOD, "")[:9]), *PLAIN[10:], PLAIN[9]]), "mates-names",
                   line=91, record=10),
            differ("order-far-behind", text(MANY), text(MANY_SECOND), "mates-names", line=264_001, record=66_001),
            differ("other-lane", FIRST, text(reads(mate=2, lane=3)), "mates-lane"),
            differ("first-twice", FIRST, text(reads(seed=4)), "mates-numbers"),
            differ("exchanged", SECOND, FIRST, "mates-numbers"),
            GroupDefect(id="second-alone", files={"a_R2.fastq": SECOND}, code="mates-missing", at="a_R2.fastq"),
        ],
    )
]  # fmt: skip
