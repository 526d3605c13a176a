"""The ontologies that fairline knows: ``ontologies/sources.toml``."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from catalog.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An ontology and where it comes from.

    Attributes:
        name: its short name here, and its folder in the term store.
        prefixes: the CURIE prefixes of its own terms.
        ids: how its own CURIEs begin; the prefixes with a colon unless several ontologies share one.
        iri: its permanent address.
        url: where an update downloads it, or None where it must be given as a file.
        version: the version that fairline was written against, or empty.
        sha256: of the decompressed file of that version, or None.
        format: ``owl``, ``ttl`` or ``obo``.
        licence: SPDX identifier.
        roots: the terms below which its useful branches hang.
    """

    name: str
    title: str
    prefixes: tuple[str, ...]
    ids: tuple[str, ...]
    iri: str
    format: str
    licence: str
    url: str | None = None
    version: str = ""
    sha256: str | None = None
    roots: tuple[str, ...] = ()
    note: str = ""


@functools.cache
def read_sources() -> Mapping[str, Source]:
    """All known ontologies by name, in the order of the file."""
    text = files("catalog.ontologies").joinpath("sources.toml").read_text(encoding="utf-8")
    return {name: _source(name, table) for name, table in tomllib.loads(text).items()}


def _source(name: str, table: Mapping[str, object]) -> Source:
    known = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    prefixes = known["prefixes"]
    assert isinstance(prefixes, tuple)
    known.setdefault("ids", tuple(f"{prefix}:" for prefix in prefixes))
    return Source(name=name, **known)  # type: ignore[arg-type]  # the file is ours and a test reads every entry


def source(name: str) -> Source:
    """One of the known ontologies.

    Raises:
        UsageError: ``ontology-unknown``.
    """
    found = read_sources().get(name)
    if found is None:
        raise UsageError(
            "ontology-unknown",
            f"there is no ontology named {name}",
            want=", ".join(read_sources()),
            got=name,
            hint="take one of the names, with the file or address to read as a second argument",
        )
    return found
