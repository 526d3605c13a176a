"""The order of records, compared with what the header says (SAMv1, 1.3: SO and SS)."""

from __future__ import annotations

from array import array

from catalog.findings import show
from catalog.formats.alignment.header import Header
from catalog.formats.alignment.margin import SAM, Margin, forbidden
from catalog.kernels import bam_state as at

ORDER = forbidden(
    "sam-order",
    "the records are not sorted as the header says",
    "sort the file (samtools sort), or correct SO in the header",
    f"{SAM}, 1.3 (@HD SO)",
    "Programs that look for a region or for mates pass over records at wrong places.",
)

COORDINATE, QUERYNAME, ANY = range(3)
_MOST_NAMED = 10_000
#: By what SS leaves open: lexicographical, natural.
_ORDERS = {
    (True, True): "lexicographical or in natural",
    (True, False): "lexicographical",
    (False, True): "natural",
}


class Order:
    """Follows the records.

    Attributes:
        wanted: :data:`COORDINATE`, :data:`QUERYNAME`, or :data:`ANY` where nothing is to be compared.
        last_name: the name of the last record; its length is in the counters.
    """

    def __init__(self, header: Header, state: array[int], margin: Margin) -> None:
        self._state = state
        self._margin = margin
        self._names: list[bytes] = []
        self._contigs = header.contigs
        self.last_name = bytearray(at.NAME_BYTES)
        terms = header.sub_sort[:1]
        self.wanted = ANY
        if header.order == "coordinate":
            self.wanted = COORDINATE
        elif header.order == "queryname" and header.has_names and terms in ((), ("natural",), ("lexicographical",)):
            self.wanted = QUERYNAME
        self._may_be = (terms != ("natural",), terms != ("lexicographical",))
        state[at.LAST_CONTIG] = -1
        state[at.IS_SORTED] = 1
        state[at.LAST_NAME_BYTES] = -1
        state[at.IS_LEXICOGRAPHICAL], state[at.IS_NATURAL] = map(int, self._may_be)

    def take(self, contig: int, position: int, name: bytes) -> None:
        """Takes the next record.

        Args:
            contig: its number, -1 for none.
            position: from 1, 0 for none.
            name: of the read.
        """
        state = self._state
        last = state[at.LAST_CONTIG]
        if contig < 0:
            contig = at.PAST_ALL
        elif contig < last or (contig == last and position < state[at.LAST_POSITION]):
            state[at.IS_SORTED] = 0
            if self.wanted == COORDINATE:
                got = f"{self._shown(contig, position)} after {self._shown(last, state[at.LAST_POSITION])}"
                self._margin.note(ORDER, "POS", "references in the order of the header, positions upwards", got)
        state[at.LAST_CONTIG], state[at.LAST_POSITION] = contig, position
        if self.wanted == QUERYNAME:
            self._take_name(name)

    def _shown(self, contig: int, position: int) -> str:
        # A file without @SQ names them as they come.
        if len(self._names) < min(len(self._contigs), _MOST_NAMED):
            self._names = list(self._contigs)
        if contig >= len(self._contigs):
            return "no reference"
        name = show(self._names[contig]) if contig < len(self._names) else f"reference {contig + 1}"
        return f"{name}:{position}"

    def _take_name(self, name: bytes) -> None:
        state = self._state
        length = state[at.LAST_NAME_BYTES]
        if length >= 0:
            before = bytes(self.last_name[:length])
            if before > name:
                state[at.IS_LEXICOGRAPHICAL] = 0
            if at.compare_natural(before, 0, length, name, 0, len(name)) > 0:
                state[at.IS_NATURAL] = 0
            if not state[at.IS_LEXICOGRAPHICAL] and not state[at.IS_NATURAL]:
                got = f"{show(name)} after {show(before)}"
                self._margin.note(ORDER, "QNAME", f"names in {_ORDERS[self._may_be]} order", got)
                state[at.IS_LEXICOGRAPHICAL], state[at.IS_NATURAL] = map(int, self._may_be)
        name = name[: at.NAME_BYTES]
        self.last_name[: len(name)] = name
        state[at.LAST_NAME_BYTES] = len(name)
