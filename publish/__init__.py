"""fairline's write side: what curators' commands do, as functions. It imports ``catalog``, never the other way::

import publish

planned = publish.plan("demo-bank", "2026.12", "second release")
publish.apply("demo-bank", planned)
"""

from __future__ import annotations

from typing import Any

__all__ = ["apply", "plan", "publish", "release", "withdraw"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from publish import library

        return getattr(library, name)
    raise AttributeError(f"module 'publish' has no attribute {name!r}")
