"""The settings of a bank (profile bank-1, ``fairline.toml``) as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog.identifiers import Addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Who publishes the bank's data."""

    name: str
    url: str | None = None
    ror: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom users of the data write to."""

    name: str
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BankSettings:
    """What ``fairline.toml`` says; ``schemas/bank-1.json`` is the authority for the meaning of each field."""

    profile: str
    title: str
    base_iri: str
    publisher: Publisher
    description: str = ""
    licence: str = "CC0-1.0"
    languages: tuple[str, ...] = ("en",)
    contact: Contact | None = None
    country: str | None = None
    themes: tuple[str, ...] = ("HEAL",)
    jobs: int | None = None
    targets: Mapping[str, object] = field(default_factory=dict)

    @property
    def addresses(self) -> Addresses:
        """The bank's IRIs."""
        return Addresses(self.base_iri)
