"""The samples of one record of BCF, read field by field and given sample by sample (VCFv4.5, 6.3.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from catalog.findings import Finding, Rule, show
from catalog.formats.bcf.dictionary import Dictionary
from catalog.formats.bcf.rules import END_OF_VECTOR, GENOTYPE, KEY, VALUE_TYPE
from catalog.formats.bcf.typed import (
    FIRST_PLAIN,
    INTEGERS,
    TEXT,
    TYPE_NAMES,
    Number,
    Part,
    TextCheck,
    fits,
    numbers,
    shown,
    vector,
)
from catalog.formats.vcf.header import Header

_GT = b"GT"
_MOST_CACHED = 20_000
#: From this minor version on the first allele of a genotype has a phase of its own.
_FIRST_PHASED = 4
#: How far END_OF_VECTOR and MISSING lie below the lowest plain value.
_END_BACK, _MISSING_BACK = 7, 8
_HIGHEST_ALLELE = 1_000_000


class SampleReader:
    """Reads the samples of one record after the other.

    Attributes:
        longest_block: the highest FORMAT/LEN in the last record; None where there is none.
    """

    def __init__(self, header: Header, dictionary: Dictionary, find: Callable[[Finding], None]) -> None:
        self.longest_block: int | None = None
        self._header = header
        self._strings = dictionary.strings
        self._find = find
        self._texts = TextCheck(r"\x00-\x1f:", find)
        self._keys: dict[int, tuple[str, str, bytes]] = {}
        self._genotypes: dict[tuple[int, bytes], str] = {}

    def read(self, part: Part, keys: int, *, is_wanted: bool) -> list[str]:
        """Reads all fields of a record.

        Args:
            part: the genotypes.
            keys: how many fields there are.
            is_wanted: whether the samples are wanted; fields are read in any case.

        Returns:
            FORMAT, and a column for each sample; nothing when they are not wanted.

        Raises:
            Unreadable: the fields cannot be read to their end.
        """
        samples = len(self._header.samples)
        self.longest_block = None
        names, fields = [], []
        for _ in range(keys):
            began = part.at
            number = part.integer("FORMAT")
            known = self._keys.get(number) or self._know(number)
            name, column, _ = known or ("", "FORMAT", b"")
            kind, count = part.descriptor(column)
            raw = part.raw(kind, count * samples, column)
            if not known:
                expected, got = "a key that a FORMAT line declares", self._strings.get(number, number)
                self._find(KEY.at(part.place("FORMAT", began), expected=expected, got=got, kind="FORMAT"))
            elif is_wanted:
                names.append(name)
                fields.append(self._field(part, known, kind, raw) or ["."] * samples)
        if not is_wanted:
            return []
        if not fields:
            return ["."] * (samples + 1)
        return [":".join(names), *map(":".join, zip(*fields, strict=True))]

    def _know(self, number: int) -> tuple[str, str, bytes] | None:
        """The name of a key, how findings name it, and the Type that it is stored as; None when it is not declared."""
        name = self._strings.get(number)
        declared = self._header.declarations.format.get(name) if name is not None else None
        if name is None or declared is None or b":" in name:
            return None
        kind = b"Integer" if name == _GT else declared.kind
        self._keys[number] = name.decode("latin-1"), f"FORMAT/{show(name)}", kind
        return self._keys[number]

    def _field(self, part: Part, known: tuple[str, str, bytes], kind: int, raw: bytes) -> list[str]:
        """One field of every sample; nothing when it is missing or cannot be read."""
        if not raw:
            return []
        name, column, declared = known
        if not fits(kind, declared):
            self._find(
                VALUE_TYPE.at(
                    part.place(column, part.at - len(raw)),
                    expected=f"{declared.decode()} values",
                    got=raw[:32].hex(),
                    key=name,
                    origin="by the format" if name == "GT" else "declared",
                    kind=declared,
                    stored=TYPE_NAMES[kind],
                )
            )
            return []
        if name == "GT":
            return self._read_genotypes(part, raw, kind)
        if kind == TEXT:
            return self._read_texts(part, raw, column)
        field = self._read_numbers(part, raw, kind, column)
        if name == "LEN":
            self.longest_block = max(map(int, filter(str.isdigit, field)), default=None)
        return field

    def _read_numbers(self, part: Part, raw: bytes, kind: int, column: str) -> list[str]:
        """Integers or floats: the list of each sample."""
        if kind in INTEGERS:
            values = numbers(raw, kind)
            if min(values) >= FIRST_PLAIN[kind]:
                each, count = list(map(str, values)), len(values) // len(self._header.samples)
                return each if count == 1 else [",".join(each[at : at + count]) for at in range(0, len(each), count)]
        return [
            ",".join(map(shown, self._settled(part, kind, at, piece, column))) or "."
            for at, piece in _pieces(raw, len(self._header.samples))
        ]

    def _settled(self, part: Part, kind: int, at: int, piece: bytes, column: str) -> Sequence[Number]:
        values, rule = vector(piece, kind, has_ends=part.has_ends)
        if rule is not None:
            self._note(rule, part, column, at, piece, "values, then END_OF_VECTOR only")
        # Before BCF 2.2 short vectors were padded with MISSING: nobody can tell how long one was.
        return () if not part.has_ends and values[-1] is None else values

    def _read_texts(self, part: Part, raw: bytes, column: str) -> list[str]:
        """Strings, padded with NUL."""
        began = part.at
        return [
            self._texts.field(_without_comma(piece.rstrip(b"\0"), part), part, column, began - at)
            for at, piece in _pieces(raw, len(self._header.samples))
        ]

    def _read_genotypes(self, part: Part, raw: bytes, kind: int) -> list[str]:
        found = []
        for at, piece in _pieces(raw, len(self._header.samples)):
            known = self._genotypes.get((kind, piece))
            if known is None:
                known, rule = genotype(numbers(piece, kind), kind, self._header.minor, has_ends=part.has_ends)
                if rule is not None:
                    self._note(rule, part, "FORMAT/GT", at, piece, "alleles, then END_OF_VECTOR only")
                elif len(self._genotypes) < _MOST_CACHED:
                    self._genotypes[kind, piece] = known
            found.append(known)
        return found

    def _note(self, rule: Rule, part: Part, column: str, at: int, piece: bytes, expected: str) -> None:
        """Notes a rule that the vector of one sample breaks; ``at`` counts back from the end of the field."""
        place = part.place(column, part.at - at)
        self._find(rule.at(place, expected=expected, got=piece[:32].hex(), part=column))


def _without_comma(text: bytes, part: Part) -> bytes:
    """A list of strings began with a comma before BCF 2.2."""
    return text if part.has_ends else text.removeprefix(b",")


def _pieces(raw: bytes, samples: int) -> Iterator[tuple[int, bytes]]:
    """The bytes of each sample, and how many bytes before the end of the field they begin."""
    width = len(raw) // samples
    for at in range(0, len(raw), width):
        yield len(raw) - at, raw[at : at + width]


def genotype(values: Sequence[Number], kind: int, minor: int, *, has_ends: bool) -> tuple[str, Rule | None]:
    """A genotype as VCF writes it, and the rule that it breaks, if any.

    Args:
        values: the vector as stored: each allele and whether it is phased.
        kind: the type of its integers.
        minor: the minor version of VCF; from 4.4 on the first allele has a phase of its own.
        has_ends: whether END_OF_VECTOR is known; before, MISSING stood in its place.
    """
    end = FIRST_PLAIN[kind] - (_END_BACK if has_ends else _MISSING_BACK)
    stored = [int(value) for value in values if value is not None]
    length = stored.index(end) if end in stored else len(stored)
    alleles = stored[:length]
    if any(value != end for value in stored[length:]):
        return ".", END_OF_VECTOR
    if any(value < 0 for value in alleles):
        return ".", GENOTYPE
    if not alleles:
        return ".", None
    names = [str(min(value >> 1, _HIGHEST_ALLELE) - 1) if value > 1 else "." for value in alleles]
    phases = ["/|"[value & 1] for value in alleles]
    text = names[0] + "".join(phase + name for phase, name in zip(phases[1:], names[1:], strict=True))
    if minor >= _FIRST_PHASED and phases[0] != ("/" if "/" in phases[1:] else "|"):
        text = phases[0] + text
    return text, None
