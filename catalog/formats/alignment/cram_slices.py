"""Compression headers and slice headers of CRAM (CRAMv3, 8.4 and 8.5)."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.formats.alignment.cram_fields import Content, Fields, WrongLength

#: The reference of a slice with records of several references.
SEVERAL = -2
_BOOLEANS = frozenset({b"RN", b"AP", b"RR", b"MI", b"UI", b"PI"})
_MATRIX_BYTES = 5
_HIGHEST_CODEC = 9
_MOST = (1 << 31) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Compression:
    """What a compression header says.

    Attributes:
        needs_reference: whether the records cannot be had without the reference.
        has_names: whether the names of the reads are kept; else whoever unpacks them makes names up.
    """

    needs_reference: bool
    has_names: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """What a slice header says.

    Attributes:
        contig: number of its reference, -1 for unmapped, -2 for several.
        start: where its records begin on the reference.
        span: bases that they cover there.
        records: how many records it holds.
        counter: as in :class:`~catalog.formats.alignment.cram_fields.Container`.
        blocks: how many blocks follow.
        content_ids: of those blocks.
        embedded: the content id of the block with its reference; -1 for none.
        has_md5: whether it states the checksum of its part of the reference.
    """

    contig: int
    start: int
    span: int
    records: int
    counter: int
    blocks: int
    content_ids: tuple[int, ...]
    embedded: int
    has_md5: bool


def read_compression(content: bytes) -> Compression:
    """A compression header.

    Raises:
        FileEnded: it ends before its maps do.
        WrongLength: a count or length cannot be right, or a key or encoding is unknown.
    """
    whole = Fields(Content(content))
    preserved = _map_of(whole)
    needs_reference = has_names = True
    keys: set[bytes] = set()
    for _ in range(preserved.count(_MOST)):
        key = preserved.take(2)
        if key in keys:
            raise WrongLength
        keys.add(key)
        if key in _BOOLEANS:
            value = preserved.take(1)[0]
            if value > 1:
                raise WrongLength
            needs_reference = bool(value) if key == b"RR" else needs_reference
            has_names = bool(value) if key == b"RN" else has_names
        elif key == b"SM":
            _judge_matrix(preserved.take(_MATRIX_BYTES))
        elif key == b"TD":
            _judge_dictionary(preserved.take(preserved.count(_MOST)))
        else:
            raise WrongLength
    for is_tags in (False, True):
        encodings = _map_of(whole)
        for _ in range(encodings.count(_MOST)):
            if is_tags:
                encodings.itf8()
            else:
                encodings.take(2)
            if not 0 <= encodings.itf8() <= _HIGHEST_CODEC:
                raise WrongLength
            encodings.take(encodings.count(_MOST))
    return Compression(needs_reference=needs_reference, has_names=has_names)


def _map_of(fields: Fields) -> Fields:
    return Fields(Content(fields.take(fields.count(_MOST))))


def _judge_matrix(content: bytes) -> None:
    """The substitution matrix: for each base the codes of the four others, each once."""
    if any(len({byte >> shift & 3 for shift in (0, 2, 4, 6)}) < 4 for byte in content):
        raise WrongLength


def _judge_dictionary(content: bytes) -> None:
    """The tag dictionary: lists of three bytes each, every list ended by NUL."""
    if content and not content.endswith(b"\0"):
        raise WrongLength
    if any(len(each) % 3 for each in content[:-1].split(b"\0")):
        raise WrongLength


def read_slice(content: bytes, major: int, most_blocks: int) -> Slice:
    """A slice header.

    Args:
        content: of its block.
        major: version of the format.
        most_blocks: that there can be.

    Raises:
        FileEnded: it ends before its fields do.
        WrongLength: a count cannot be right.
    """
    fields = Fields(Content(content))
    contig, start, span = fields.itf8(), fields.itf8(), fields.itf8()
    records = fields.count(_MOST)
    counter = fields.ltf8() if major >= 3 else fields.itf8()
    blocks = fields.count(most_blocks)
    content_ids = tuple(fields.itf8() for _ in range(fields.count(most_blocks)))
    embedded = fields.itf8()
    has_md5 = any(fields.take(16))
    if contig < -2 or start < 0 or span < 0:
        raise WrongLength
    return Slice(
        contig=contig, start=start, span=span, records=records, counter=counter, blocks=blocks, content_ids=content_ids,
        embedded=embedded, has_md5=has_md5,
    )  # fmt: skip
