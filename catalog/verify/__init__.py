"""Verifying: a bank, a store, a download or a package against its hashes and signatures; the exact place of each fault.

Portals are verified over HTTP by :mod:`catalog.client.portal_check`, with the same parts.
"""

from catalog.verify.chain import check_chain
from catalog.verify.local import verify_path
from catalog.verify.outcome import VERIFY_RULES, Verified
from catalog.verify.trust import Trust, pinned_key, remember_key, require_key

__all__ = [
    "VERIFY_RULES",
    "Trust",
    "Verified",
    "check_chain",
    "pinned_key",
    "remember_key",
    "require_key",
    "verify_path",
]
