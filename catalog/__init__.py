"""fairline for scientists: find lines and files, judge them, download them verified, query inside them.

Nothing heavy is imported until a function is called::

    import catalog

    catalog.search("cord blood", modality="wes", bank="demo-bank")
    catalog.get("KSCBi005-A", source="http://127.0.0.1:8000/")
"""

from __future__ import annotations

from typing import Any

__all__ = ["cite", "facts", "get", "query", "search", "show"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from catalog import library

        return getattr(library, name)
    raise AttributeError(f"module 'catalog' has no attribute {name!r}")
