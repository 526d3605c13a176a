"""Class expressions: what a class's anonymous superclasses say, as edges. Pure.

``X subClassOf (p some Y)`` and ``X subClassOf (p value y)`` are the edge (X, p, Y). An intersection says all of its
members; of an equivalent class, the named member is the genus and so a parent. A restriction inside a restriction is
an edge with the chain of its properties: CLO's ``derives from some (cell and part of some organ)`` gives
(X, RO:0001000, cell) and (X, BFO:0000050, organ) with the chain ``RO:0001000 BFO:0000050``. Unions, complements and
cardinalities say nothing certain of the kind and are counted.

Source: OWL 2 Mapping to RDF Graphs, 3.2.4; CLO design pattern of 2023.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from catalog.ontology.content import Content

Curies = Callable[[str], str | None]

_NIL = "http://www.w3.org/1999/02/22-rdf-syntax-ns#nil"
_THING = "http://www.w3.org/2002/07/owl#Thing"
#: Deeper nesting than any ontology has; also ends expressions that contain themselves.
_DEEPEST = 12


class Expressions:
    """Gathers the pieces of anonymous classes, and writes their meaning into the content at the end."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._nodes: dict[str, dict[str, str]] = {}
        self._axioms: list[tuple[str, str, str]] = []

    def add(self, node: str, part: str, value: str) -> None:
        """A piece of an anonymous node, such as its ``onProperty``; ``value`` is an IRI or a ``_:`` name."""
        self._nodes.setdefault(f"_:{node}", {})[part] = value

    def axiom(self, curie: str, kind: str, value: str) -> None:
        """``sub``, ``same`` or ``type`` of a named subject."""
        self._axioms.append((curie, kind, value))

    def resolve(self, curies: Curies) -> None:
        """Turns what was gathered into parents and edges.

        Args:
            curies: an IRI's CURIE, or None.
        """
        for subject, kind, value in self._axioms:
            if value.startswith("_:"):
                self._anonymous(subject, kind, value, curies)
            elif value != _THING and (parent := curies(value)) is not None:
                self._content.parents.add((subject, parent))
                if kind == "same":
                    self._content.parents.add((parent, subject))
        self._nodes.clear()
        self._axioms.clear()

    def _anonymous(self, subject: str, kind: str, node: str, curies: Curies) -> None:
        for member in self._members(node, 0):
            if member.startswith("_:"):
                self._restriction(subject, member, (), curies)
            elif kind != "type" and member != _THING and (genus := curies(member)) is not None and genus != subject:
                self._content.parents.add((subject, genus))

    def _members(self, node: str, depth: int) -> Iterator[str]:
        """The conjuncts of a class: itself, or the members of its intersection, nested ones flattened."""
        first = self._nodes.get(node, {}).get("intersectionOf")
        if first is None:
            yield node
            return
        seen = set()
        while first and first != _NIL and first not in seen and depth < _DEEPEST:
            seen.add(first)
            cell = self._nodes.get(first, {})
            if member := cell.get("first"):
                yield from self._members(member, depth + 1)
            first = cell.get("rest", "")

    def _restriction(self, subject: str, node: str, chain: tuple[str, ...], curies: Curies) -> None:
        parts = self._nodes.get(node, {})
        filler = parts.get("someValuesFrom") or parts.get("hasValue")
        named = curies(parts["onProperty"]) if "onProperty" in parts else None
        if not filler or named is None or len(chain) >= _DEEPEST:
            self._content.skipped += 1
            return
        chain = (*chain, named)
        for member in self._members(filler, 0):
            if member.startswith("_:"):
                self._restriction(subject, member, chain, curies)
            elif (value := curies(member)) is not None:
                self._content.edges.add((subject, named, value, " ".join(chain)))
