"""Exports: rendered documents of a package, one module a family. Pure: public record and settings in, bytes out.

They are rendered once, at release, and served as stored bytes. A new export is one module with one object of
:class:`Export`, one entry point in the group ``fairline.exports``, one test and one line of documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from catalog.access import PublicRecord
from catalog.model import BankSettings
from catalog.registry import EXPORTS, plugins


@runtime_checkable
class Export(Protocol):
    """One family of documents."""

    @property
    def paths(self) -> tuple[str, ...]:
        """The logical paths of its documents in a package."""

    def render(self, public: PublicRecord, bank: BankSettings) -> Mapping[str, bytes]:
        """The documents of one version, by path. The same record always gives the same bytes."""


def render_exports(public: PublicRecord, bank: BankSettings) -> dict[str, bytes]:
    """The documents of every export, by path."""
    rendered: dict[str, bytes] = {}
    for each in plugins(EXPORTS).values():
        if isinstance(each, Export):
            rendered.update(each.render(public, bank))
    return dict(sorted(rendered.items()))
