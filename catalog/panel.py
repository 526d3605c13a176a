"""The panel of sites by which files of one donor are recognised (``schemas/panel``).

A genotype at a site is the number of copies of allele ``b``, the later of the site's two alleles in the alphabet:
reference and alternative differ between builds, the alphabet does not.
"""

from __future__ import annotations

import csv
import functools
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

GRCH37 = "GRCh37"
GRCH38 = "GRCh38"
#: A site of which nothing is known.
MISSING = 255
_VERSION = "exonic-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One site.

    Attributes:
        number: from 0, its place in every fingerprint.
        a: the allele that comes first in the alphabet.
        b: the other.
        reference: which of them both builds have.
        shares: the share of ``b`` in each superpopulation (AFR, AMR, EAS, EUR, SAS).
    """

    number: int
    a: str
    b: str
    reference: str
    shares: tuple[float, ...]

    def copies_of_b(self, alleles: Sequence[str]) -> int:
        """The genotype of two alleles, :data:`MISSING` when one of them is of neither kind."""
        if len(alleles) != 2 or any(each not in (self.a, self.b) for each in alleles):
            return MISSING
        return sum(each == self.b for each in alleles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """All sites.

    Attributes:
        version: the panel's name; fingerprints of two versions are not compared.
        sites: in the order of their numbers.
    """

    version: str
    sites: tuple[Site, ...]
    _places: Mapping[str, Mapping[str, Mapping[int, Site]]]

    def on(self, build: str, chromosome: str) -> Mapping[int, Site]:
        """The sites of a chromosome by position (from 1), in ``GRCh37`` or ``GRCh38``; the name with or without ``chr``."""
        return self._places.get(build, {}).get(chromosome.removeprefix("chr"), {})

    def empty(self) -> bytearray:
        """A fingerprint of which nothing is known."""
        return bytearray([MISSING]) * len(self.sites)


@functools.cache
def open_panel() -> Panel:
    """The panel that fairline comes with."""
    text = files("catalog.schemas").joinpath("panel", f"{_VERSION}.tsv").read_text("ascii")
    sites = []
    places: dict[str, dict[str, dict[int, Site]]] = {GRCH37: {}, GRCH38: {}}
    for number, row in enumerate(csv.reader(io.StringIO(text), delimiter="\t")):
        if number == 0:
            continue
        chromosome, first, second, a, b, reference, *shares = row
        site = Site(number=number - 1, a=a, b=b, reference=reference, shares=tuple(map(float, shares)))
        sites.append(site)
        places[GRCH37].setdefault(chromosome, {})[int(first)] = site
        places[GRCH38].setdefault(chromosome, {})[int(second)] = site
    return Panel(version=_VERSION, sites=tuple(sites), _places=places)
