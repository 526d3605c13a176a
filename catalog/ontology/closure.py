"""The transitive closure of is_a, and its cycles. Pure.

Every walk keeps a visited set: a cycle in the file makes the closure larger than it should be, never endless.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence


def adjacency(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """The sorted parents of each child."""
    parents: dict[str, set[str]] = defaultdict(set)
    for child, parent in pairs:
        if child != parent:
            parents[child].add(parent)
    return {child: tuple(sorted(found)) for child, found in parents.items()}


def closure(parents: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str, int]]:
    """(ancestor, descendant, distance) for every pair that a walk upwards connects.

    The distance is that of the shortest walk, at least 1. A term is never its own ancestor here, not in a cycle either.

    Args:
        parents: see :func:`adjacency`.
    """
    for start in sorted(parents):
        yield from ((ancestor, start, distance) for ancestor, distance in ancestors_of(start, parents))


def ancestors_of(start: str, parents: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, int]]:
    """The ancestors of one term with their distance, nearest first."""
    seen = {start}
    level: list[str] = [start]
    distance = 0
    while level:
        distance += 1
        above: list[str] = []
        for each in level:
            for parent in parents.get(each, ()):
                if parent not in seen:
                    seen.add(parent)
                    above.append(parent)
                    yield parent, distance
        level = above


def cycles(parents: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """The groups of terms that are each other's ancestors, each group and the list sorted (Tarjan, without recursion)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    held: set[str] = set()
    found = []
    for root in sorted(parents):
        if root in order:
            continue
        work: list[tuple[str, Iterator[str]]] = []
        _enter(root, order, low, stack, held)
        work.append((root, iter(parents.get(root, ()))))
        while work:
            node, rest = work[-1]
            following = next(rest, None)
            if following is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node] and len(group := _leave(node, stack, held)) > 1:
                    found.append(tuple(sorted(group)))
            elif following not in order:
                _enter(following, order, low, stack, held)
                work.append((following, iter(parents.get(following, ()))))
            elif following in held:
                low[node] = min(low[node], order[following])
    return sorted(found)


def _enter(node: str, order: dict[str, int], low: dict[str, int], stack: list[str], held: set[str]) -> None:
    order[node] = low[node] = len(order)
    stack.append(node)
    held.add(node)


def _leave(node: str, stack: list[str], held: set[str]) -> list[str]:
    group = []
    while True:
        member = stack.pop()
        held.discard(member)
        group.append(member)
        if member == node:
            return group
