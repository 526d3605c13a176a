"""FASTQ pairs of the demo: bases drawn at random, so that no read is anybody's, with the qualities of a sequencer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from publish.demo.compression import gzip_file
from publish.demo.disclosure import IN_FILES
from publish.demo.seeds import generator

READ_BASES = 100
_READS = 1500
_STEADY_BASES = 70


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One sequencing run of one line.

    Attributes:
        modality: ``wes`` or ``rna-seq``.
        replicate: number of the measurement, from 1.
    """

    line_id: str
    modality: str
    replicate: int = 1


def _table(shares: Mapping[str, int]) -> bytes:
    """A translation of random bytes into characters; of 256 values each character has its share."""
    drawn = "".join(character * share for character, share in shares.items())
    assert len(drawn) == 256
    return drawn.encode("ascii")


_BASES = _table(dict.fromkeys("ACGT", 64))
#: Qualities early and late in a read: NovaSeq writes four values, HiSeq 2500 many.
_QUALITIES = {
    "wes": (_table({"F": 240, ":": 10, ",": 5, "#": 1}), _table({"F": 216, ":": 24, ",": 14, "#": 2})),
    "rna-seq": (
        _table({"J": 120, "I": 56, "H": 36, "F": 24, "D": 12, "B": 6, "#": 2}),
        _table({"J": 72, "I": 52, "H": 44, "F": 40, "D": 28, "B": 14, "#": 6}),
    ),
}


def read_pair(run: Run) -> tuple[bytes, bytes]:
    """The two gzip files of a run; mates have the same names in the same order."""
    return _mate(run, 1), _mate(run, 2)


def _mate(run: Run, mate: int) -> bytes:
    draw = generator(run.line_id, run.modality, f"replicate {run.replicate}", f"mate {mate}")
    bases = draw.randbytes(_READS * READ_BASES).translate(_BASES).decode("ascii")
    drawn = draw.randbytes(_READS * READ_BASES)
    early, late = (drawn.translate(table).decode("ascii") for table in _QUALITIES[run.modality])
    name = f"@synthetic:{run.line_id}:{run.modality}:{run.replicate}"
    records = []
    for number in range(_READS):
        start = number * READ_BASES
        turn, end = start + _STEADY_BASES, start + READ_BASES
        title = f"{name}:{number + 1:05d} {mate}:N:0:SYNTHETIC"
        records.append(f"{title}\n{bases[start:end]}\n+\n{early[start:turn]}{late[turn:end]}\n")
    return gzip_file("".join(records).encode("ascii"), IN_FILES)
