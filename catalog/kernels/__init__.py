"""Compiled fast paths of formats: one module a format, imported only for a large file. Formats work without them.

A kernel walks over bytes as long as nothing is wrong, and stops at the first line or record of which its format has
something to say; the format's own plain code judges that one. So both paths give the same findings.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import importlib.util
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs

#: ``off`` in this variable leaves the compiled paths out.
SWITCH = "FAIRLINE_KERNELS"
_KEPT_SECONDS = 30 * 86_400


@functools.cache
def _is_installed() -> bool:
    return importlib.util.find_spec("numba") is not None


def are_usable() -> bool:
    """Whether the compiled paths can be taken on this machine; says it without importing the compiler."""
    return os.environ.get(SWITCH, "") != "off" and _is_installed()


def are_loaded() -> bool:
    """Whether the compiler is in memory already, so that a fast path costs little more than its own kernels."""
    return "numba" in sys.modules


def are_compiled() -> bool:
    """Whether a large file was judged with these kernels before; else the first one waits up to a minute for them."""
    return _folder().is_dir()


def _folder() -> Path:
    """Where compiled kernels are kept: a folder of the user, named after the source of all of them.

    numba keeps a compiled function as long as its own module is the same; parts of other modules that were compiled
    into it may have changed since, and memory would be read at wrong places.
    """
    digest = hashlib.sha256()
    for module in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(module.name.encode() + module.read_bytes())
    kept = Path(os.environ.get("NUMBA_CACHE_DIR") or Path(platformdirs.user_cache_dir("fairline")) / "kernels")
    return kept / digest.hexdigest()[:16]


@functools.cache
def _keep_compiled() -> bool:
    """Says where compiled kernels are kept, and whether they can be kept at all."""
    import numba

    folder = _folder()
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True)
            _forget_former(folder.parent, folder)
        numba.config.CACHE_DIR = str(folder)
        return os.access(folder, os.W_OK)
    except OSError:
        return False


def _forget_former(kept: Path, folder: Path) -> None:
    """Removes what was compiled of other sources and has been there for long."""
    for other in kept.iterdir():
        if (
            other != folder
            and len(other.name) == len(folder.name)
            and other.stat().st_mtime < time.time() - _KEPT_SECONDS
        ):
            shutil.rmtree(other, ignore_errors=True)


@functools.cache
def _leave_out_algebra() -> None:
    """Keeps numba from loading the linear algebra of scipy, 0.2 s and 16 MB that no kernel here needs."""
    name = "scipy.linalg"
    if name not in sys.modules:
        sys.modules[name] = None  # type: ignore[assignment]  # an import of it fails, which numba is prepared for
        try:
            importlib.import_module("numba.np.arraymath")
        finally:
            del sys.modules[name]


def kernel(function: Callable[..., Any], *, is_part: bool = False) -> Callable[..., Any]:
    """Compiles a function at its first call, keeps the outcome on disk, and lets other threads run beside it.

    Args:
        function: over numbers and arrays.
        is_part: whether it is compiled into whatever calls it.
    """
    import numba

    _leave_out_algebra()
    # Nothing here makes or keeps arrays: counting references to them, by instructions that lock memory, is left out.
    compiled: Callable[..., Any] = numba.njit(nogil=True, cache=_keep_compiled(), forceinline=is_part, _nrt=False)(
        function
    )
    return compiled
