"""The head of a Matrix Market file: the banner, comments, and the line of sizes.

Source: Boisvert, Pozo, Remington 1996, The Matrix Market Exchange Formats: Initial Design (NISTIR 5935), and the page of
the Matrix Market at NIST about text formats. ``vector``, ``double`` and ``unsigned-integer`` came later; programs of
today write and read them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.findings import Finding, Level, Place, Rule, Severity

SOURCE = "NISTIR 5935 (Matrix Market exchange formats)"

BANNER = Rule(
    "mtx-banner",
    Severity.ERROR,
    Level.SPEC,
    "the first line is not the banner of a Matrix Market file",
    "the first line is: %%MatrixMarket matrix coordinate integer general, or the like",
    f"{SOURCE}: header line",
)
WORD = Rule(
    "mtx-banner-word",
    Severity.ERROR,
    Level.SPEC,
    "the banner has an unknown {word}",
    "write one of the words that the specification knows; look which program wrote the file",
    f"{SOURCE}: object, format, field, symmetry",
)
LATER_WORD = Rule(
    "mtx-banner-later-word",
    Severity.WARNING,
    Level.SPEC,
    "the banner has a {word} that came after the specification",
    "write real for double and integer for unsigned-integer: older programs refuse the file",
    f"{SOURCE}: field; SciPy and fast_matrix_market write it",
)
COMBINATION = Rule(
    "mtx-banner-combination",
    Severity.ERROR,
    Level.SPEC,
    "the words of the banner do not go together: {problem}",
    "look which program wrote the file, and write it again",
    f"{SOURCE}: qualifiers of the formats",
)
SIZES = Rule(
    "mtx-sizes",
    Severity.ERROR,
    Level.SPEC,
    "the line of sizes is missing or damaged",
    "write rows, columns and entries (coordinate) or rows and columns (array) as whole numbers behind the comments",
    f"{SOURCE}: size line",
)
NOT_SQUARE = Rule(
    "mtx-not-square",
    Severity.ERROR,
    Level.SPEC,
    "a matrix with a symmetry has as many rows as columns",
    "write general, or look which program wrote the sizes",
    f"{SOURCE}: symmetry structures",
)

HEADER_RULES = (BANNER, WORD, LATER_WORD, COMBINATION, SIZES, NOT_SQUARE)

_BANNER = b"%%MatrixMarket"
_WORDS = (
    ("object", ("matrix", "vector")),
    ("format", ("coordinate", "array")),
    ("field", ("real", "integer", "complex", "pattern", "double", "unsigned-integer")),
    ("symmetry", ("general", "symmetric", "skew-symmetric", "hermitian")),
)
_LATER = frozenset({"double", "unsigned-integer"})
_WHOLE = re.compile(rb"[0-9]{1,30}")


#: What Python takes for blanks as well, and the format does not.
_OTHER_BLANK = re.compile(rb"[\v\f\r]")
_BLANKS = re.compile(rb"[ \t]+")


def words_of(line: bytes) -> list[bytes]:
    """The words of a line, which blanks and tabs separate; other control characters are parts of words."""
    if _OTHER_BLANK.search(line) is None:
        return line.split()
    return [word for word in _BLANKS.split(line) if word]


def has_other_blank(words: Sequence[bytes]) -> bool:
    """Whether a word has a vertical tab, a form feed or a CR in it."""
    return any(map(_OTHER_BLANK.search, words))


@dataclass(frozen=True, slots=True)
class Banner:
    """The four words of a banner, in lower case."""

    object: str
    format: str
    field: str
    symmetry: str

    @property
    def coordinates(self) -> int:
        """How many indices an entry has."""
        return 0 if self.format == "array" else 1 if self.object == "vector" else 2

    @property
    def numbers(self) -> int:
        """How many numbers an entry has."""
        return {"pattern": 0, "complex": 2}.get(self.field, 1)

    @property
    def is_whole(self) -> bool:
        """Whether the numbers are whole."""
        return self.field in {"integer", "unsigned-integer"}

    def problem(self) -> str | None:
        """Why the words do not go together; None when they do."""
        if self.field == "pattern" and self.format == "array":
            return "an array has values, a pattern has none"
        if self.symmetry == "hermitian" and self.field != "complex":
            return "only a complex matrix is Hermitian"
        if self.symmetry == "skew-symmetric" and self.field in {"pattern", "unsigned-integer"}:
            return f"{self.field} has no signs, which a skew-symmetric matrix needs"
        if self.object == "vector" and self.symmetry != "general":
            return "a vector has no symmetry"
        return None


@dataclass(frozen=True, slots=True)
class Sizes:
    """Rows, columns (1 for a vector) and lines of entries."""

    rows: int
    columns: int
    entries: int


def read_banner(line: bytes) -> tuple[Banner | None, list[Finding]]:
    """The banner of a first line, and what is wrong with it; None when the rest cannot be read by it.

    The reference programs (mmio) take its four words in either case, and its first word as it is.
    """
    stored = words_of(line)
    words = [word.decode("ascii", "replace").lower() for word in stored]
    place = Place(line=1)
    if line[:1] != b"%" or stored[0] != _BANNER:
        return None, [BANNER.at(place, expected="%%MatrixMarket object format field symmetry", got=line)]
    if len(words) == 4 and words[1] == "vector":
        words.append("general")
    if len(words) != 5:
        return None, [BANNER.at(place, expected="four words behind %%MatrixMarket", got=line)]
    findings = []
    for (name, known), word in zip(_WORDS, words[1:], strict=True):
        if word not in known:
            findings.append(WORD.at(Place(line=1, column=name), expected=" or ".join(known), got=word, word=name))
        elif word in _LATER:
            findings.append(LATER_WORD.at(Place(line=1, column=name), expected="real or integer", got=word, word=name))
    if any(each.severity is Severity.ERROR for each in findings):
        return None, findings
    banner = Banner(*words[1:])
    problem = banner.problem()
    if problem is not None:
        findings.append(COMBINATION.at(place, expected="words that go together", got=line, problem=problem))
        return None, findings
    return banner, findings


def read_sizes(banner: Banner, words: Sequence[bytes], line: int) -> tuple[Sizes | None, list[Finding]]:
    """The sizes, and what is wrong with them; None when the rest cannot be read by them."""
    names = ["rows"] if banner.object == "vector" else ["rows", "columns"]
    names += ["entries"] if banner.format == "coordinate" else []
    if len(words) != len(names) or not all(_WHOLE.fullmatch(word) for word in words):
        got = b" ".join(words) or "nothing"
        return None, [SIZES.at(Place(line=line), expected=f"whole numbers: {', '.join(names)}", got=got)]
    said = dict(zip(names, map(int, words), strict=True))
    rows, columns = said["rows"], said.get("columns", 1)
    if banner.symmetry != "general" and rows != columns:
        place = Place(line=line)
        return None, [NOT_SQUARE.at(place, expected="as many rows as columns", got=f"{rows} x {columns}")]
    entries = said.get("entries", _array_entries(banner, rows, columns))
    return Sizes(rows, columns, entries), []


def _array_entries(banner: Banner, rows: int, columns: int) -> int:
    """How many values an array has: all, or those on and below the diagonal, or those below it."""
    if banner.symmetry == "general":
        return rows * columns
    return rows * (rows - 1) // 2 if banner.symmetry == "skew-symmetric" else rows * (rows + 1) // 2
