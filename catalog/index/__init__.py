"""The index: a DuckDB file made from ledger and store, and the one value that every search is."""

from catalog.index.build import build_index
from catalog.index.current import Current, read_current
from catalog.index.query import FACETS, Query, from_pairs, query_pairs, to_command, to_url
from catalog.index.results import Index, open_index

__all__ = [
    "FACETS",
    "Current",
    "Index",
    "Query",
    "build_index",
    "from_pairs",
    "open_index",
    "query_pairs",
    "read_current",
    "to_command",
    "to_url",
]
