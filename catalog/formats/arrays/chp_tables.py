"""The data sets of a CHP file: column types, what values point at, and what the genotypes and ratios say as a whole.

Sources: Affymetrix Genotyping Console CHP (chp-gtc) and Cyto (CYCHP) data file formats; Expression Console CHP.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from catalog.findings import Finding, Level, Place, Rule, Severity
from catalog.formats.arrays.command_console import DataSet, GenericReader
from catalog.formats.arrays.console_rules import console_rules
from catalog.formats.arrays.signals import Signals, share
from catalog.formats.protocol import Facts, Reading, as_facts

SOURCE = "Affymetrix CHP data file format (Command Console)"
CHP_RULES = console_rules("chp", SOURCE)
INDEX = Rule(
    "chp-index",
    Severity.ERROR,
    Level.SPEC,
    "data set {part} points at a probe set that is not there",
    "export the file again with Affymetrix' software",
    f"{SOURCE}, CYCHP (Index: of the probe set in data set CopyNumber)",
    "The value would be taken for that of another place of the genome.",
)
CALL = Rule(
    "chp-forced-call",
    Severity.WARNING,
    Level.SPEC,
    "a forced call is none of 6, 7 and 8",
    "look which program wrote the file",
    f"{SOURCE}, Genotyping Console (ForcedCall: 6 = AA, 7 = BB, 8 = AB)",
)
TABLE_RULES = (INDEX, CALL)

_UBYTE, _UINT, _FLOAT, _ASCII, _UNICODE = 1, 5, 6, 7, 8
#: Types of columns by their names, in every data set that has them.
_TYPES: Mapping[str, tuple[int, ...]] = {
    "ProbeSetName": (_ASCII, _UNICODE),
    "Call": (_UBYTE,),
    "Confidence": (_FLOAT,),
    "ForcedCall": (_UBYTE,),
    "Chromosome": (_UBYTE,),
    "Position": (_UINT,),
    "Log2Ratio": (_FLOAT,),
    "WeightedLog2Ratio": (_FLOAT,),
    "SmoothSignal": (_FLOAT,),
    "ASignal": (_FLOAT,),
    "BSignal": (_FLOAT,),
    "Index": (_UINT,),
    "StartIndex": (_UINT,),
}
_READ_SETS = frozenset({"Genotype", "Calls", "CopyNumber", "MarkerABSignal", "Summary"})
_DTYPES = {0: "i1", 1: "u1", 2: ">i2", 3: ">u2", 4: ">i4", 5: ">u4", 6: ">f4"}
_PROBE_SETS = "CopyNumber"
_CALL_AA, _CALL_BB, _CALL_AB = 6, 7, 8
_LARGEST_ROW_BYTES = 1 << 16
_MOST_KEPT = 8_000_000
#: Chromosomes as the CYCHP numbers them, where its data set Summary does not say it.
_X, _Y, _MT = 24, 25, 26
_OURS = {"X": 23, "Y": 24, "XY": 25, "MT": 26, "M": 26}


class ChpTables:
    """Reads the data sets of one file.

    Attributes:
        rows: of each data set by name.
        highest: the highest position by chromosome.
    """

    def __init__(self, reading: Reading, reader: GenericReader) -> None:
        self._reading = reading
        self._reader = reader
        self.rows: dict[str, int] = {}
        self.highest: dict[str, int] = {}
        self._ratios = Signals()
        self._kept: dict[str, list[Any]] = {}
        self._digest = hashlib.sha256()
        self._pointing: list[tuple[int, Finding]] = []
        self._displays: dict[int, str] = {}

    def take(self, data_set: DataSet) -> None:
        """The data set that comes next."""
        self.rows[data_set.name] = self.rows.get(data_set.name, 0) + data_set.rows
        place = Place(offset=data_set.offset, column=data_set.name)
        for name, kind, _ in data_set.columns:
            if name in _TYPES and kind not in _TYPES[name]:
                expected, got = f"{name} of type {' or '.join(map(str, _TYPES[name]))}", f"type {kind}"
                self._reading.find(CHP_RULES.column.at(place, expected=expected, got=got, part=data_set.name))
                return
        if data_set.name in _READ_SETS and data_set.columns and data_set.row_bytes <= _LARGEST_ROW_BYTES:
            self._read(data_set)

    def _read(self, data_set: DataSet) -> None:
        import numpy

        dtype = _row_type(data_set)
        if dtype is None:
            return
        done = 0
        for piece in self._reader.rows(data_set):
            values = numpy.frombuffer(piece, dtype)
            self._judge_lengths(data_set, values, done)
            judge = getattr(self, f"_take_{data_set.name.lower()}")
            judge(data_set, values, done)
            done += len(values)

    def _judge_lengths(self, data_set: DataSet, values: Any, done: int) -> None:
        """A cell of text starts with its length, which must fit into the column."""
        for number, (name, kind, size) in enumerate(data_set.columns):
            if kind not in (_ASCII, _UNICODE):
                continue
            lengths = values[f"c{number}"]["length"].astype("i8") * (1 if kind == _ASCII else 2)
            wrong = (lengths < 0) | (lengths > size - 4)
            if wrong.any():
                place = self._place(data_set, done + int(wrong.argmax()), name)
                part = f"a cell of {data_set.name}"
                finding = CHP_RULES.length.at(place, expected=f"0 to {size - 4}", got=int(lengths[wrong][0]), part=part)
                self._reading.find(finding)

    def _place(self, data_set: DataSet, row: int, column: str) -> Place:
        return Place(record=row + 1, offset=data_set.offset + row * data_set.row_bytes, column=column)

    def _keep(self, name: str, values: Any) -> None:
        kept = self._kept.setdefault(name, [])
        if sum(map(len, kept)) < _MOST_KEPT:
            kept.append(values)

    def _column(self, data_set: DataSet, values: Any, name: str) -> Any:
        """A column's values; None where there is no such column."""
        names = [column for column, _, _ in data_set.columns]
        return values[f"c{names.index(name)}"] if name in names else None

    def _take_genotype(self, data_set: DataSet, values: Any, done: int) -> None:
        self._take_calls(data_set, values, done)
        names = self._column(data_set, values, "ProbeSetName")
        if names is not None:
            self._digest.update(names.tobytes())

    def _take_calls(self, data_set: DataSet, values: Any, done: int) -> None:
        import numpy

        calls = self._column(data_set, values, "Call")
        forced = self._column(data_set, values, "ForcedCall")
        if calls is not None:
            codes = numpy.zeros(256, "u1")
            codes[[_CALL_AA, _CALL_AB, _CALL_BB]] = 1, 2, 3
            self._keep("calls", codes[calls])
        if forced is not None and data_set.name == "Genotype":
            wrong = (forced < _CALL_AA) | (forced > _CALL_AB)
            if wrong.any():
                place = self._place(data_set, done + int(wrong.argmax()), "ForcedCall")
                self._reading.find(CALL.at(place, expected="6, 7 or 8", got=int(forced[wrong][0])))
        self._take_index(data_set, values, done)

    def _take_markerabsignal(self, data_set: DataSet, values: Any, done: int) -> None:
        self._take_index(data_set, values, done)

    def _take_index(self, data_set: DataSet, values: Any, done: int) -> None:
        index = self._column(data_set, values, "Index")
        if index is None or not len(index):
            return
        if data_set.name == "Calls":
            self._keep("indexes", index.astype("u4"))
        self._point(data_set, int(index.max()), done + int(index.argmax()), "Index")

    def _point(self, data_set: DataSet, highest: int, row: int, column: str) -> None:
        """Remembers the highest index, to be held against the number of probe sets when that is known."""
        place = self._place(data_set, row, column)
        finding = INDEX.at(place, expected="an index of a probe set", got=highest, part=data_set.name)
        self._pointing.append((highest, finding))

    def _take_summary(self, data_set: DataSet, values: Any, done: int) -> None:
        codes, displays = (self._column(data_set, values, name) for name in ("Chromosome", "Display"))
        if codes is not None and displays is not None:
            for code, length, text in zip(codes, displays["length"], displays["text"], strict=True):
                shown = bytes(text)[: max(0, int(length))]
                self._displays[int(code)] = shown.replace(b"\0", b"").decode("latin-1").strip()
        start, count = (self._column(data_set, values, name) for name in ("StartIndex", "MarkerCount"))
        if start is not None and count is not None and len(start):
            ends = start.astype("i8") + count.astype("i8") - 1
            self._point(data_set, int(ends.max()), done + int(ends.argmax()), "MarkerCount")

    def _take_copynumber(self, data_set: DataSet, values: Any, done: int) -> None:
        import numpy

        codes, positions, ratios, names = (
            self._column(data_set, values, name) for name in ("Chromosome", "Position", "Log2Ratio", "ProbeSetName")
        )
        if names is not None:
            self._digest.update(names.tobytes())
        if ratios is not None:
            self._ratios.add_ratios(ratios.astype("f4"))
        if codes is None or positions is None:
            return
        self._keep("codes", codes.copy())
        self._keep("positions", positions.astype("u4"))
        for code in numpy.unique(codes):
            name = self._name_of(int(code))
            if name is not None:
                self.highest[name] = max(self.highest.get(name, 0), int(positions[codes == code].max()))

    def _name_of(self, code: int) -> str | None:
        shown = self._displays.get(code, {_X: "X", _Y: "Y", _MT: "M"}.get(code, str(code) if code <= 22 else ""))
        return {"MT": "M"}.get(shown, shown) or None

    def finish(self) -> Facts:
        """Judges what points at other data sets; puts the evidence down; the facts."""
        import numpy

        probe_sets = self.rows.get(_PROBE_SETS)
        for highest, finding in self._pointing if probe_sets is not None else ():
            if highest >= (probe_sets or 0):
                self._reading.find(finding)
        kept = {name: numpy.concatenate(pieces) for name, pieces in self._kept.items()}
        calls = kept.get("calls")
        if "codes" in kept:
            table = numpy.zeros(256, "u1")
            for code in range(256):
                name = self._name_of(code) or ""
                table[code] = _OURS.get(name, int(name) if name.isdigit() and int(name) <= 22 else 0)
            kept["chromosomes"] = table[kept.pop("codes")]
        self._reading.evidence |= kept
        self._reading.evidence["probe_count"] = self.rows.get(_PROBE_SETS) or self.rows.get("Genotype") or 0
        self._reading.evidence["probe_digest"] = self._digest.hexdigest()
        facts: Facts = {"data_sets": self.rows, "probes": self._reading.evidence["probe_count"] or None}
        ratios = self._ratios.facts()
        spread = {"log2_ratio_sd": ratios.get("lrr_sd"), "lrr_histogram": ratios.get("lrr_histogram")}
        return as_facts({**facts, **_call_facts(kept, calls), **spread})


def _call_facts(kept: Mapping[str, Any], calls: Any) -> Facts:
    """Rates of the calls and, where each has its place, what speaks for a sex."""
    if calls is None or not len(calls):
        return {}
    called, heterozygous = calls > 0, calls == 2
    facts: Facts = {
        "call_rate": share(int(called.sum()), len(calls)),
        "het_rate": share(int(heterozygous.sum()), int(called.sum())),
    }
    chromosomes, indexes = kept.get("chromosomes"), kept.get("indexes")
    if chromosomes is not None and indexes is not None and len(indexes) == len(calls):
        inside = indexes < len(chromosomes)
        places = chromosomes[indexes[inside]]
        on_x, on_y = places == _OURS["X"], places == _OURS["Y"]
        evidence = {
            "chr_x_heterozygosity": share(int((heterozygous[inside] & on_x).sum()), int((called[inside] & on_x).sum())),
            "chr_y_call_rate": share(int((called[inside] & on_y).sum()), int(on_y.sum())),
        }
        facts["sex_evidence"] = as_facts(evidence)
    return facts


def _row_type(data_set: DataSet) -> Any:
    """The rows as a numpy type with fields ``c0``, ``c1`` ...; None where a column has not the size of its type."""
    import numpy

    fields: list[tuple[str, Any]] = []
    for number, (_, kind, size) in enumerate(data_set.columns):
        if kind in _DTYPES:
            inner: Any = numpy.dtype(_DTYPES[kind])
        elif size > 4:
            inner = numpy.dtype([("length", ">i4"), ("text", f"V{size - 4}")])
        else:
            inner = numpy.dtype([("length", ">i4")])
        if inner.itemsize != size:
            return None
        fields.append((f"c{number}", inner))
    return numpy.dtype(fields)
