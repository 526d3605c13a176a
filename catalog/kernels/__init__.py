"""Compiled fast paths of formats: one module a format, imported only for a large file. Formats work without them.

A kernel walks over bytes as long as nothing is wrong, and stops at the first line or record of which its format has
something to say; the format's own plain code judges that one. So both paths give the same findings.
"""

from __future__ import annotations

import functools
import importlib.util
import os
from collections.abc import Callable
from typing import Any

#: ``off`` in this variable leaves the compiled paths out.
SWITCH = "FAIRLINE_KERNELS"


@functools.cache
def _is_installed() -> bool:
    return importlib.util.find_spec("numba") is not None


def are_usable() -> bool:
    """Whether the compiled paths can be taken on this machine; says it without importing the compiler."""
    return os.environ.get(SWITCH, "") != "off" and _is_installed()


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compiles a function at its first call, keeps the outcome on disk, and lets other threads run beside it."""
    import numba

    compiled: Callable[..., Any] = numba.njit(nogil=True, cache=True)(function)
    return compiled
