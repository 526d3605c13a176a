"""H5AD: annotated matrices of single cells (anndata) in HDF5.

The file is judged in a process of its own (:mod:`catalog.formats.isolation`): damaged HDF5 can crash, hang or fill memory.

Source: anndata, On-disk format (0.8 and later; what was written before is read as well). Legacy files have no encoding at
their root; their elements are told by their structure.
"""

from __future__ import annotations

from collections.abc import Sequence

from catalog.findings import Rule
from catalog.formats.h5ad.rules import H5AD_RULES, UNREADABLE
from catalog.formats.isolation import judge_isolated
from catalog.formats.protocol import BY_NAME, NO, SURE, Facts, Head, Reading
from catalog.model import Tier

_SIGNATURE = b"\x89HDF\r\n\x1a\n"


class _H5ad:
    """H5AD (see :class:`catalog.formats.protocol.Format`)."""

    name = "h5ad"
    title = "anndata (H5AD)"
    mediatype = "application/x-hdf5"
    edam = "EDAM:format_3590"
    floor = Tier.CONTROLLED
    rules: Sequence[Rule] = H5AD_RULES

    def sniff(self, head: Head) -> int:
        """Sure of HDF5 that is called so, or that speaks of anndata; other HDF5 is of another format."""
        is_named = head.has_suffix(".h5ad")
        if any(head.text[at : at + 8] == _SIGNATURE for at in (0, *(512 << power for power in range(7)))):
            return SURE if is_named or (b"encoding-type" in head.text and b"anndata" in head.text) else NO
        return BY_NAME if is_named else NO

    def read(self, reading: Reading) -> Facts:
        """Reads the file, then every element of it once.

        Facts: ``cells``, ``genes``; ``encoding`` (version of the whole, ``legacy`` before 0.8); ``x`` (``layout``: array,
        csr_matrix or csc_matrix; ``type``; ``entries`` of a sparse one; ``whole``, whether all values are whole numbers);
        ``library_size`` (``min``, ``median``, ``max`` of the sums of cells); ``raw`` (``genes``); the names of columns and
        members, the first 100 each: ``obs``, ``var``, ``layers``, ``obsm``, ``varm``, ``obsp``, ``varp``, ``uns``.
        """
        return judge_isolated(reading, "h5ad", UNREADABLE)


H5AD = _H5ad()
