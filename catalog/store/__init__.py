"""The store: an OCFL 1.1 storage root that only this package opens.

One object a line package, one version a changed package and release. A version becomes visible by
one rename; readers trust the inventory inside the version's folder, never the copy in the object's
root. What is *public* is decided by the ledger alone (:mod:`catalog.ledger`).

Source: OCFL 1.1 (https://ocfl.io/1.1/spec/); storage layout extension 0003.
"""

from catalog.store.inventory import Inventory
from catalog.store.root import Content, History, Store

__all__ = ["Content", "History", "Inventory", "Store"]
