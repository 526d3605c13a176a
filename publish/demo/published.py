"""The published table as values: one line a row, gaps kept as gaps, with what registries say of the same lines.

Sources: ``table1.csv`` (doi 10.1016/j.scr.2021.102270, Table 1) and ``registries.toml`` beside this module.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from catalog.loading import read_rows
from catalog.loading.rows import Row
from catalog.names import parse_name

TABLE_DOI = "10.1016/j.scr.2021.102270"
#: The group's other paper: platforms, kits and builds are inferred from it.
PLATFORMS_DOI = "10.1038/s41598-020-60466-9"
#: The columns of the table that say whether there are data, by modality.
_DATA_COLUMNS = {"snp-array": "snp_array", "wes": "wes", "rna-seq": "rna_seq", "methyl-seq": "methyl_seq"}
_FEEDERS = frozenset({"STO"})
_HAS_DATA, _NO_DATA = "O", "X"
_NUMBERED = re.compile(r"(KSCB[ie][0-9]+)-.*")
_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Donor:
    """The donor of a line.

    Attributes:
        donor_id: of BioSamples where hPSCreg-CLO names one, else local, else ``unknown``.
        sex: ``female``, ``male`` or ``unknown``.
        source: where the identifier comes from, in words.
    """

    donor_id: str
    sex: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedLine:
    """One row of the table. Empty cells are empty strings: nothing is filled in.

    Attributes:
        passage: of the cells that are distributed.
        ngs_passage: of the cells that were measured.
        banked: the year.
        data: ``O`` (data), ``X`` (none) or empty (nobody says), by modality.
        rna_replicates: how many RNA-seq measurements; 0 where there are none.
        clo: the line's class in hPSCreg-CLO; empty where it has none.
        parent: the line that a subclone was made from, from its name.
        conflicts: what other sources say against the table (``field``, ``value``, ``source``).
        controlled: whether the demo keeps the line's files controlled.
    """

    line_id: str
    alias: str
    passage: str
    ngs_passage: str
    banked: str
    origin: str
    matrix: str
    data: Mapping[str, str]
    rna_replicates: int
    donor: Donor
    parent: str
    origin_terms: Mapping[str, str]
    cellosaurus: str = ""
    clo: str = ""
    notes: tuple[str, ...] = ()
    conflicts: tuple[Mapping[str, str], ...] = ()
    controlled: bool = False

    @property
    def line_type(self) -> str:
        """``ESC`` or ``iPSC``: the table's origin says hESC for the former."""
        return "ESC" if self.origin == "hESC" else "iPSC"

    @property
    def feeder(self) -> str:
        """The feeder cells, which the table names in its column of matrices."""
        return self.matrix if self.matrix in _FEEDERS else ""

    @property
    def coating(self) -> str:
        """The matrix, where the table's column names one."""
        return "" if self.feeder else self.matrix

    @property
    def modalities(self) -> tuple[str, ...]:
        """The measurements that the table says to exist."""
        return tuple(name for name, cell in self.data.items() if cell == _HAS_DATA)

    @property
    def missing_modalities(self) -> tuple[str, ...]:
        """The measurements that the table says not to exist."""
        return tuple(name for name, cell in self.data.items() if cell == _NO_DATA)

    @property
    def is_blank(self) -> bool:
        """Whether every cell of the row but name and origin is empty."""
        return not any((self.alias, self.passage, self.ngs_passage, self.banked, self.matrix, *self.data.values()))


def read_table(name: str) -> tuple[Mapping[str, str], ...]:
    """The rows of one of the tables beside this module, such as ``panel.csv``."""
    return tuple(row.cells for row in _rows(name))


def _rows(name: str) -> Sequence[Row]:
    rows = read_rows((files(__package__) / name).read_bytes())
    assert rows.usable, f"{name} is part of the installation: {rows.findings}"
    return rows.rows


@functools.cache
def published_lines() -> tuple[PublishedLine, ...]:
    """The 22 lines, in the order of the table."""
    registries = tomllib.loads((files(__package__) / "registries.toml").read_text(encoding="utf-8"))
    return tuple(_line(row, registries) for row in _rows("table1.csv"))


def _line(row: Row, registries: Mapping[str, Any]) -> PublishedLine:
    line_id = row.get("line")
    known: Mapping[str, Any] = registries["lines"].get(line_id, {})
    name = parse_name(line_id)
    data = {modality: row.get(column) for modality, column in _DATA_COLUMNS.items()}
    return PublishedLine(
        line_id=line_id,
        alias=row.get("alias"),
        passage=row.get("distribution_passage"),
        ngs_passage=row.get("ngs_passage"),
        banked=row.get("banked"),
        origin=row.get("origin"),
        matrix=row.get("matrix"),
        data=data,
        rna_replicates=int(row.get("rna_replicates") or 1) if data["rna-seq"] == _HAS_DATA else 0,
        donor=_donor(line_id, registries["donors"], is_blank=not row.get("banked")),
        parent=(name.parent or "") if name else "",
        origin_terms=registries["origins"][row.get("origin")],
        cellosaurus=known.get("cellosaurus", ""),
        clo=known.get("clo", ""),
        notes=tuple(known.get("notes", ())),
        conflicts=tuple(known.get("conflicts", ())),
        controlled=known.get("controlled", False),
    )


def _donor(line_id: str, donors: Mapping[str, Mapping[str, str]], *, is_blank: bool) -> Donor:
    """The donor that a registry names, else one that is local to the demo and says what its identifier was made from."""
    match = _NUMBERED.fullmatch(line_id)
    known = donors.get(match[1]) if match else None
    if known:
        return Donor(donor_id=known["donor_id"], sex=known["sex"], source=known["source"])
    if match:
        number = match[1][len("KSCBi") :]
        source = f"local, from the donor number {number} of the line's name"
        return Donor(donor_id=f"KSCB-donor-{number}", sex=_UNKNOWN, source=source)
    if is_blank:
        return Donor(donor_id=_UNKNOWN, sex=_UNKNOWN, source="no source says")
    source = "local, from the line's name, which has no donor number"
    return Donor(donor_id=f"KSCB-donor-of-{line_id}", sex=_UNKNOWN, source=source)
