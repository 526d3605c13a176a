"""Pages of the catalogue as RDF: stored documents joined byte by byte, with a hydra view. No RDF library is needed.

The frames of the stored documents are lines of their own (see ``publish/exports/graph.py``): Turtle and N-Triples are
put one after the other, JSON-LD arrays and RDF/XML roots are opened once.

Source: Hydra Core Vocabulary, PartialCollectionView; DCAT-AP 3.0.1 (harvesting by pages).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

PAGE_PACKAGES = 100
_HYDRA = "http://www.w3.org/ns/hydra/core#"
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_INTEGER = "http://www.w3.org/2001/XMLSchema#integer"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOfCatalog:
    """Which page it is.

    Attributes:
        catalog: IRI of the catalogue.
        total: packages in all.
        number: from 1.
        last: number of the last page.
    """

    catalog: str
    total: int
    number: int
    last: int

    @property
    def iri(self) -> str:
        """The page's own IRI."""
        return self._page(self.number)

    def _page(self, number: int) -> str:
        return f"{self.catalog}?page={number}"

    def links(self) -> Mapping[str, str]:
        """Hydra properties to the other pages."""
        found = {"first": self._page(1), "last": self._page(self.last)}
        if self.number > 1:
            found["previous"] = self._page(self.number - 1)
        if self.number < self.last:
            found["next"] = self._page(self.number + 1)
        return dict(sorted(found.items()))


def pages(total: int) -> int:
    """How many pages there are; one even when there is nothing."""
    return max(1, -(-total // PAGE_PACKAGES))


def join(form: str, head: bytes, documents: Sequence[bytes], page: PageOfCatalog) -> bytes:
    """A page of the catalogue.

    Args:
        form: ttl, nt, jsonld or rdf.
        head: the stored description of the catalogue in that form.
        documents: the stored descriptions of the page's packages in that form.
        page: which page it is.
    """
    return _JOINERS[form](head, documents, page)


def _triples(page: PageOfCatalog) -> bytes:
    lines = [
        f'<{page.catalog}> <{_HYDRA}totalItems> "{page.total}"^^<{_INTEGER}> .',
        f"<{page.catalog}> <{_HYDRA}view> <{page.iri}> .",
        f"<{page.iri}> <{_TYPE}> <{_HYDRA}PartialCollectionView> .",
    ]
    lines += [f"<{page.iri}> <{_HYDRA}{name}> <{iri}> ." for name, iri in page.links().items()]
    return ("\n".join(lines) + "\n").encode()


def _join_triples(head: bytes, documents: Sequence[bytes], page: PageOfCatalog) -> bytes:
    return b"".join([head, *documents, _triples(page)])


def _join_jsonld(head: bytes, documents: Sequence[bytes], page: PageOfCatalog) -> bytes:
    links = "".join(f',"{_HYDRA}{name}":[{{"@id":"{iri}"}}]' for name, iri in page.links().items())
    view = (
        f'{{"@id":"{page.catalog}","{_HYDRA}totalItems":[{{"@type":"{_INTEGER}","@value":"{page.total}"}}],'
        f'"{_HYDRA}view":[{{"@id":"{page.iri}"}}]}},\n'
        f'{{"@id":"{page.iri}","@type":["{_HYDRA}PartialCollectionView"]{links}}}'
    )
    insides = [_inside(each, 1) for each in (head, *documents)]
    return b"[\n" + b",\n".join([each for each in insides if each] + [view.encode()]) + b"\n]\n"


def _join_xml(head: bytes, documents: Sequence[bytes], page: PageOfCatalog) -> bytes:
    opening = b"\n".join(head.split(b"\n")[:2])
    closing = head.rstrip(b"\n").rsplit(b"\n", 1)[1]
    links = "".join(f'<hydra:{name} rdf:resource="{iri}"/>' for name, iri in page.links().items())
    view = (
        f'<rdf:Description rdf:about="{page.catalog}"><hydra:totalItems rdf:datatype="{_INTEGER}">{page.total}'
        f'</hydra:totalItems><hydra:view rdf:resource="{page.iri}"/></rdf:Description>\n'
        f'<hydra:PartialCollectionView rdf:about="{page.iri}">{links}</hydra:PartialCollectionView>'
    )
    insides = [_inside(each, 2) for each in (head, *documents)]
    return b"\n".join([opening, *insides, view.encode(), closing]) + b"\n"


def _inside(document: bytes, frame_lines: int) -> bytes:
    """A document without its first lines and its last."""
    lines = document.rstrip(b"\n").split(b"\n")
    return b"\n".join(lines[frame_lines:-1])


_JOINERS: Mapping[str, Callable[[bytes, Sequence[bytes], PageOfCatalog], bytes]] = {
    "ttl": _join_triples,
    "nt": _join_triples,
    "jsonld": _join_jsonld,
    "rdf": _join_xml,
}
