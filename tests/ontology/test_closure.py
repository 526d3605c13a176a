"""The closure against a naive reachability, on graphs with and without cycles."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from catalog.ontology.closure import adjacency, closure, cycles

NODES = st.sampled_from([f"EX:{n}" for n in range(9)])
GRAPHS = st.sets(st.tuples(NODES, NODES), max_size=30)


def naive_distances(pairs: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """(ancestor, descendant) to the length of the shortest walk, by repeated joining."""
    edges = {pair for pair in pairs if pair[0] != pair[1]}
    found = {(parent, child): 1 for child, parent in edges}
    while True:
        further = {
            (parent, descendant): distance + 1
            for (ancestor, descendant), distance in found.items()
            for child, parent in edges
            if child == ancestor
        }
        better = {pair: d for pair, d in further.items() if d < found.get(pair, 99)}
        if not better:
            return {pair: d for pair, d in found.items() if pair[0] != pair[1]}
        found.update(better)


@given(GRAPHS)
def test_closure_when_compared_with_reachability_then_equal(pairs: set[tuple[str, str]]) -> None:
    rows = list(closure(adjacency(pairs)))
    assert len(rows) == len({row[:2] for row in rows})
    assert {(ancestor, descendant): d for ancestor, descendant, d in rows} == naive_distances(pairs)


@given(GRAPHS)
def test_cycles_when_compared_with_reachability_then_the_mutual_ancestors(pairs: set[tuple[str, str]]) -> None:
    reach = naive_distances(pairs)
    mutual = {frozenset(pair) for pair in reach if (pair[1], pair[0]) in reach}
    groups = cycles(adjacency(pairs))
    assert {frozenset((a, b)) for group in groups for a in group for b in group if a != b} == mutual
    assert groups == sorted(groups)


def test_closure_when_deep_then_no_recursion_limit() -> None:
    pairs = {(f"EX:{n}", f"EX:{n + 1}") for n in range(1500)}
    parents = adjacency(pairs)
    assert sum(1 for _ in closure(parents)) == 1500 * 1501 // 2
    assert cycles(adjacency({*pairs, ("EX:1500", "EX:0")})) == [tuple(sorted(f"EX:{n}" for n in range(1501)))]
