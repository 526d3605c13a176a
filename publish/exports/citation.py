r"""How to cite a version of a package: BibTeX, RIS, CSL-JSON and plain text.

The author is the publisher, an institution: who made a line is in its record, who answers for the data is the bank.
Each form has its own way to be broken by a title (``}``, a line that starts with ``TY``, ``\input``); each value is
made harmless in the way of its form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from catalog.access import PublicRecord
from catalog.model import BankSettings
from publish.exports.graph import clean, date_time

#: TeX's special characters. Braces are named, since BibTeX counts them even after a backslash.
_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{character: f"\\{character}" for character in "&%$#_"},
    }
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NOT_IN_KEY = re.compile(r"[^A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reference:
    """What is cited; every text is one line."""

    name: str
    title: str
    publisher: str
    release: str
    issued: datetime | None
    address: str
    abstract: str


class CitationExport:
    """The documents ``citation.bib``, ``citation.ris``, ``citation.json`` and ``citation.txt``."""

    paths: tuple[str, ...] = ("citation.bib", "citation.json", "citation.ris", "citation.txt")

    def render(self, public: PublicRecord, bank: BankSettings) -> Mapping[str, bytes]:
        """The documents of one version, by path.

        Args:
            public: the public record, named by its release; without a date it is cited without a year.
            bank: the bank's settings.
        """
        moment = date_time(public.issued)
        reference = _Reference(
            name=_one_line(public.line_id),
            title=_one_line(public.title),
            publisher=_one_line(bank.publisher.name),
            release=_one_line(public.release),
            issued=datetime.fromisoformat(moment) if moment else None,
            address=bank.addresses.package(public.line_id, public.release),
            abstract=_one_line(public.description),
        )
        return {
            "citation.bib": _bibtex(reference).encode(),
            "citation.json": _csl(reference).encode(),
            "citation.ris": _ris(reference).encode(),
            "citation.txt": _sentence(reference).encode(),
        }


CITATION = CitationExport()


def _one_line(text: str) -> str:
    """The text without line breaks of any kind: in RIS, and for people, a line is a statement."""
    return " ".join(clean(text).split())


def _bibtex(reference: _Reference) -> str:
    fields = {
        "author": f"{{{reference.publisher.translate(_TEX)}}}",
        "title": f"{{{reference.title.translate(_TEX)}}}",
        "publisher": reference.publisher.translate(_TEX),
        "version": reference.release.translate(_TEX),
        "note": "Data set",
        "url": reference.address,
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    if reference.issued:
        lines.append(f"  year = {{{reference.issued.year:04d}}}")
        lines.append(f"  month = {_MONTHS[reference.issued.month - 1]}")
    key = _NOT_IN_KEY.sub("-", f"{reference.name}-{reference.release}").strip("-")
    return f"@misc{{{key},\n" + ",\n".join(lines) + "\n}\n"


def _ris(reference: _Reference) -> str:
    """RIS: two capitals, two spaces, a hyphen, a space, the value; lines end with CR LF."""
    lines = [
        ("TY", "DATA"),
        ("ID", f"{reference.name}-{reference.release}"),
        ("AU", reference.publisher),
        ("TI", reference.title),
        ("PB", reference.publisher),
        ("ET", reference.release),
        ("AB", reference.abstract),
        ("UR", reference.address),
    ]
    if reference.issued:
        lines += [("PY", f"{reference.issued.year:04d}"), ("DA", f"{reference.issued:%Y/%m/%d}/")]
    lines.append(("ER", ""))
    return "".join(f"{tag}  - {value}\r\n" for tag, value in lines if value or tag == "ER")


def _csl(reference: _Reference) -> str:
    item: dict[str, object] = {
        "id": f"{reference.name}-{reference.release}",
        "type": "dataset",
        "title": reference.title,
        "author": [{"literal": reference.publisher}],
        "publisher": reference.publisher,
        "version": reference.release,
        "abstract": reference.abstract,
        "URL": reference.address,
    }
    if reference.issued:
        item["issued"] = {"date-parts": [[reference.issued.year, reference.issued.month, reference.issued.day]]}
    return json.dumps([item], ensure_ascii=False, indent=2) + "\n"


def _sentence(reference: _Reference) -> str:
    year = f"{reference.issued.year:04d}" if reference.issued else "n.d."
    version = f", version {reference.release}" if reference.release else ""
    return f"{reference.publisher} ({year}). {reference.title}{version} [Data set]. {reference.address}\n"
