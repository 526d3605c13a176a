"""OBO 1.4 flat files, plain or gzip: their frames as :class:`~catalog.ontology.content.Content`.

The only module that imports fastobo. ``import:`` lines are listed and never followed; instance frames are counted.

Source: OBO Flat File Format 1.4; its mapping to OWL (relationship = someValuesFrom, intersection_of = genus and
differentia, alt_id = obsolete class replaced by this one).
"""

from __future__ import annotations

import functools
import re
from typing import Any

import fastobo

from catalog.errors import IntegrityError
from catalog.identifiers import iri_to_curie, is_curie
from catalog.ontology.content import Content, as_reference
from catalog.ontology.guard import GuardedFile, refusals_first

_ALTERNATIVE = {"IAO:0000118": "RELATED", "skos:altLabel": "RELATED"}
_LICENCE = re.compile(r"(?:http://purl\.org/dc/(?:terms|elements/1\.1)/|dc(?:terms)?:)(?:license|rights)")


def read_obo(stream: GuardedFile) -> Content:
    """The content of an OBO file.

    Raises:
        IntegrityError: ``ontology-unreadable``, or what the guard refuses.
    """
    reader = _Reader()
    with refusals_first(stream):
        try:
            frames = fastobo.iter(stream, ordered=True, threads=1)
            reader.header(frames.header())
            for frame in frames:
                reader.frame(frame)
        except (SyntaxError, ValueError, OSError) as error:
            raise IntegrityError(
                "ontology-unreadable",
                f"the file cannot be parsed: {error}",
                at=str(stream.path),
                want="OBO 1.4",
                hint="get the file again from its publisher, or take its OWL form",
            ) from error
    stream.drain()
    return reader.finish()


@functools.lru_cache(maxsize=1 << 18)
def _curie(text: str) -> str | None:
    """An OBO identifier as a CURIE: prefixed as it is, addresses by pattern, ``CVCL_9949`` as ``CVCL:9949``."""
    if "://" in text:
        return iri_to_curie(text)
    reference = as_reference(text.replace("\\", ""))
    return reference if is_curie(reference) else None


class _Reader:
    def __init__(self) -> None:
        self.content = Content()
        self.properties: dict[str, str] = {}
        self.links: list[tuple[str, str, str]] = []
        self.secondary: list[tuple[str, str]] = []

    def header(self, header: Any) -> None:
        """The header: version, imports, licence."""
        for clause in header:
            tag, value = clause.raw_tag(), clause.raw_value()
            if tag == "data-version":
                self.content.version_text = value.strip()
                self.content.version_iri = value.strip() if "/" in value else ""
            elif tag == "import":
                self.content.imports.append(value.strip())
            elif tag == "ontology":
                self.content.iri = f"http://purl.obolibrary.org/obo/{value.strip()}.owl"
            elif tag == "property_value" and _LICENCE.match(value):
                self.content.licence = value.split(None, 1)[1].split('"')[1 if '"' in value else 0].strip()

    def frame(self, frame: Any) -> None:
        """One term or typedef; other frames say nothing that the tables hold."""
        if isinstance(frame, fastobo.term.TermFrame):
            kind = "class"
        elif isinstance(frame, fastobo.typedef.TypedefFrame):
            kind = "property"
        else:
            self.content.skipped += 1
            return
        raw = str(frame.id)
        curie = _curie(raw)
        if kind == "property":
            references = (_curie(str(c.xref.id)) for c in frame if c.raw_tag() == "xref")
            self.properties[raw] = curie or next(
                (r for r in references if r is not None and r.startswith(("BFO:", "RO:"))), raw
            )
            curie = _curie(self.properties[raw])
        if curie is None:
            self.content.nameless += 1
            return
        self.content.draft(curie).kind = kind
        for clause in frame:
            self._clause(curie, kind, clause)

    def _clause(self, curie: str, kind: str, clause: Any) -> None:
        tag = clause.raw_tag()
        draft = self.content.draft(curie)
        if tag == "name":
            draft.labels.append(("", clause.name))
        elif tag == "def":
            draft.definition = str(clause.definition)
        elif tag == "synonym":
            synonym = clause.synonym
            self.content.synonyms.add((curie, str(synonym.desc), str(synonym.scope)))
        elif tag == "xref":
            self.content.xrefs.add((curie, as_reference(str(clause.xref.id).replace("\\", ""))))
        elif tag == "alt_id" and (secondary := _curie(str(clause.alt_id))) is not None:
            self.secondary.append((secondary, curie))
        elif tag == "is_obsolete":
            draft.obsolete = bool(clause.obsolete)
        elif tag == "replaced_by":
            draft.replaced_by = draft.replaced_by or _curie(str(clause.term)) or ""
        elif tag == "consider":
            draft.consider.append(_curie(str(clause.term)) or str(clause.term))
        elif tag == "comment":
            draft.comments.append(str(clause.raw_value()))
        elif tag == "property_value":
            self._property_value(curie, clause.raw_value())
        elif kind == "class":
            self._axiom(curie, tag, clause)

    def _axiom(self, curie: str, tag: str, clause: Any) -> None:
        if tag == "is_a" and (parent := _curie(str(clause.term))) is not None:
            self.content.parents.add((curie, parent))
        elif tag == "relationship":
            self.links.append((curie, str(clause.typedef), str(clause.term)))
        elif tag == "intersection_of":
            if clause.typedef is not None:
                self.links.append((curie, str(clause.typedef), str(clause.term)))
            elif (genus := _curie(str(clause.term))) is not None:
                self.content.parents.add((curie, genus))
        elif tag in {"union_of", "equivalent_to", "disjoint_from"}:
            self.content.skipped += tag != "disjoint_from"

    def _property_value(self, curie: str, raw: str) -> None:
        name, _, rest = raw.partition(" ")
        scope = _ALTERNATIVE.get(name)
        if scope is not None and rest.count('"') >= 2:
            self.content.synonyms.add((curie, rest.split('"')[1], scope))

    def finish(self) -> Content:
        """Relationships are named last, because typedefs stand at the end of a file."""
        for subject, relation, target in self.links:
            other = _curie(target)
            named = _curie(self.properties.get(relation, relation)) or self.properties.get(relation, relation)
            if other is None:
                self.content.skipped += 1
            else:
                self.content.edges.add((subject, named, other, named))
        for secondary, primary in self.secondary:
            self.content.add_secondary(secondary, primary)
        return self.content.finish()
