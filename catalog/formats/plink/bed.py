"""PLINK .bed: the genotypes of a fileset, two bits each. What its size must be, only its .bim and .fam can say.

Source: PLINK 1.9 file formats, .bed; PLINK 1.07 documentation, binary PED files (sample-major form).
"""

from __future__ import annotations

from collections.abc import Sequence

from catalog.findings import Place, Rule
from catalog.formats.plink.fileset_rows import fileset_rows
from catalog.formats.plink.lines import plink_error, plink_wish
from catalog.formats.protocol import BY_NAME, NO, SURE, Facts, Head, Reading
from catalog.model import Tier

MAGIC = plink_error(
    "bed-magic",
    "the file does not start with the magic number of PLINK",
    "make the fileset again with plink --make-bed; files older than 2006 have none and must be converted",
    ".bed: the first three bytes",
)
MODE = plink_error(
    "bed-mode",
    "the third byte says neither variant-major nor sample-major",
    "make the fileset again with plink --make-bed; a .pgen of PLINK 2 is another format",
    ".bed: the first three bytes",
)
TRUNCATED = plink_error(
    "bed-truncated", "the file ends inside its first three bytes", "copy the file again", ".bed: the first three bytes"
)
SAMPLE_MAJOR = plink_wish(
    "bed-sample-major",
    "the genotypes are stored sample by sample",
    "convert the fileset with plink 1.9 --make-bed",
    "It is a valid old form that most programs refuse, or read as nonsense.",
)
NO_GENOTYPES = plink_wish("bed-empty", "the file has no genotypes", "look whether the right file was exported")

_MAGIC = b"\x6c\x1b"
_MODES = {1: "variant-major", 0: "sample-major"}
HEAD_BYTES = 3
#: Genotypes of filesets up to this size are kept as evidence.
_MOST_KEPT_BYTES = 16 << 20
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\v"))


class _PlinkBed:
    """The .bed format (see :class:`catalog.formats.protocol.Format`)."""

    name = "plink-bed"
    title = "PLINK genotypes (bed)"
    mediatype = "application/octet-stream"
    edam = None
    floor = Tier.CONTROLLED
    rules: Sequence[Rule] = (MAGIC, MODE, TRUNCATED, SAMPLE_MAJOR, NO_GENOTYPES)

    def sniff(self, head: Head) -> int:
        """Sure of the magic number; text of that name is intervals, anything else a damaged fileset."""
        if head.text.startswith(_MAGIC):
            return SURE
        if not head.has_suffix(".bed") or not head.text:
            return NO
        is_text = not head.text.translate(None, bytes(range(32, 256)) + b"\t\n\r\f\v")
        return NO if is_text and (head.text.isascii() or _is_utf8(head.text)) else BY_NAME + 1

    def read(self, reading: Reading) -> Facts:
        """Reads a file once.

        Facts: ``mode`` (variant-major or sample-major), ``genotype_bytes``, ``missing`` and ``heterozygous`` genotypes.
        How many genotypes there are, the .fam says: the last byte of each block is filled up.

        Evidence: ``mode``, ``genotype_bytes``; ``genotypes``, the stored bytes as a numpy array, of at most 16 MiB.
        """
        import numpy

        head = reading.source.read(HEAD_BYTES)
        if not _MAGIC.startswith(head[:2]):
            reading.find(MAGIC.at(Place(offset=0), expected="0x6c1b", got=f"0x{head[:2].hex()}"))
            return {}
        if len(head) < HEAD_BYTES:
            reading.find(TRUNCATED.at(Place(offset=len(head)), expected="3 bytes"))
            return {}
        mode = _MODES.get(head[2])
        if mode is None:
            reading.find(MODE.at(Place(offset=2), expected="1 (or 0)", got=head[2]))
            return {}
        if mode == "sample-major":
            reading.find(SAMPLE_MAJOR.at(Place(offset=2), expected="1", got=0))
        counts = numpy.zeros(256, "i8")
        kept: list[bytes] = []
        size = 0
        with fileset_rows(reading, is_variant_major=mode == "variant-major") as rows:
            for block in reading.source.blocks():
                counts += numpy.bincount(numpy.frombuffer(block, "u1"), minlength=256)
                size += len(block)
                if size <= _MOST_KEPT_BYTES:
                    kept.append(block)
                if rows is not None:
                    rows.take(block)
        if not size:
            reading.find(NO_GENOTYPES.at(Place(offset=HEAD_BYTES), expected="genotypes"))
        reading.evidence |= {"mode": mode, "genotype_bytes": size}
        if size <= _MOST_KEPT_BYTES:
            reading.evidence["genotypes"] = numpy.frombuffer(b"".join(kept), "u1")
        values = numpy.arange(256)
        missing = sum(int(counts[(values >> shift) & 3 == 1].sum()) for shift in (0, 2, 4, 6))
        heterozygous = sum(int(counts[(values >> shift) & 3 == 2].sum()) for shift in (0, 2, 4, 6))
        return {"mode": mode, "genotype_bytes": size, "missing": missing, "heterozygous": heterozygous}


PLINK_BED = _PlinkBed()


def _is_utf8(text: bytes) -> bool:
    try:
        text[:-4].decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(text) - 8
    return True
