"""The reserved object ``catalog``: the documents of the bank as a whole, one version a release.

It holds the catalogue's own description and the ontology terms that the released packages use, and nothing of
any package, so that a withdrawal never has to reach into it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from catalog.access import PublicRecord
from catalog.model import BankSettings
from catalog.package.documents import render_json
from catalog.store import Content
from catalog.vocabulary import Vocabulary
from publish.exports.bank_catalog import render_catalog_head

BANK_NAME = "bank.json"
TERMS_NAME = "terms.json"
RELEASE_NAME = "release.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseNote:
    """What a release says of itself: its name, when, and the curator's words."""

    release: str
    issued: str
    message: str = ""


def catalog_contents(bank: BankSettings, note: ReleaseNote, terms: bytes) -> list[Content]:
    """The content of the reserved object for a release.

    Args:
        bank: the bank's settings.
        note: the release.
        terms: the bytes of ``terms.json`` (:func:`render_terms`, or those of the version before).
    """
    made = {
        BANK_NAME: render_json(_public_settings(bank)),
        TERMS_NAME: terms,
        RELEASE_NAME: render_json(asdict(note)),
        **render_catalog_head(bank, note.release, note.issued),
    }
    return [Content.of_bytes(path, data) for path, data in sorted(made.items())]


def _public_settings(bank: BankSettings) -> dict[str, object]:
    """What of the settings the portal shows; targets stay in the bank."""
    members = asdict(bank)
    for private in ("targets", "jobs"):
        del members[private]
    return {name: list(value) if isinstance(value, tuple) else value for name, value in members.items()}


def render_terms(records: Iterable[PublicRecord], vocabulary: Vocabulary) -> bytes:
    """The terms that the current packages use, with all their ancestors, from one pinned version of each ontology."""
    used = sorted({str(each["term"]) for record in records for each in record.annotations})
    terms, pairs = vocabulary.closure(used)
    members = {
        "ontologies": dict(sorted((each.ontology, each.ontology_version) for each in terms)),
        "terms": [
            {
                "curie": each.curie,
                "label": each.label,
                "ontology": each.ontology,
                "ontology_version": each.ontology_version,
                "synonyms": sorted({synonym.text for synonym in each.synonyms}),
            }
            for each in sorted(terms, key=lambda each: each.curie)
        ],
        "closure": sorted([ancestor, descendant] for ancestor, descendant in pairs),
    }
    return render_json(members)
