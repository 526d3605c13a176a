"""The files of one version: what goes into the public object and what into the controlled one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from catalog.access import Decision, PublicRecord
from catalog.checks.run import JudgedLine
from catalog.errors import ConflictError
from catalog.model import BankSettings
from catalog.model.files import RECORD_PATH, TABLE_PATHS
from catalog.package import documents
from catalog.package.documents import REPORT, render_json
from catalog.store import Content, Inventory, Store
from publish.exports import render_exports


def public_documents(public: PublicRecord, bank: BankSettings) -> dict[str, bytes]:
    """Every document of a public version, by path: the package's own and all exports."""
    return {**documents(public, bank), **render_exports(public, bank)}


def public_contents(public: PublicRecord, bank: BankSettings, sources: Mapping[str, Path]) -> list[Content]:
    """The whole logical content of a public version.

    Args:
        public: the public record, named by its release.
        bank: the bank's settings.
        sources: where the bytes of each open file lie, by path.

    Raises:
        ConflictError: a curator's file has the name of a document of an export.
    """
    made = public_documents(public, bank)
    taken = sorted({each.path for each in public.files} & set(made))
    if taken:
        raise ConflictError(
            "document-taken",
            f"{taken[0]} of {public.line_id} has the name of a document that an export makes",
            at=f"{public.line_id}/{taken[0]}",
            hint="rename the file, or uninstall the export",
        )
    contents = [Content.of_bytes(path, data) for path, data in made.items()]
    contents += [Content(path=each.path, sha256=each.sha256, source=sources[each.path]) for each in public.files]
    return contents


def stored_sources(store: Store, inventory: Inventory, version: str) -> dict[str, Path]:
    """Where the bytes of a stored version's files lie, by logical path."""
    return {path: store.content_path(inventory, digest) for path, digest in inventory.state(version).items()}


def controlled_contents(judged: JudgedLine, decisions: Mapping[str, Decision]) -> list[Content]:
    """The whole logical content of a controlled version: full record and tables, full report, controlled files."""
    line = judged.line
    contents = [Content.of_bytes(RECORD_PATH, line.record_bytes)]
    contents += [Content.of_bytes(TABLE_PATHS[name], table.content) for name, table in line.tables.items()]
    contents.append(Content.of_bytes(REPORT, render_json(_full_report(judged, decisions))))
    for path, decision in decisions.items():
        subject = judged.files[path]
        if not decision.is_open:
            assert subject.sha256 is not None
            contents.append(Content(path=path, sha256=subject.sha256, source=line.folder / path))
    return contents


def _full_report(judged: JudgedLine, decisions: Mapping[str, Decision]) -> dict[str, object]:
    """Everything that validation found and saw, and why each file has its tier."""
    return {
        "line_id": judged.line.line_id,
        "findings": [finding.to_json() for finding in judged.findings],
        "files": [
            {
                **subject.to_json(),
                "tier": str(decisions[path].tier),
                "reasons": list(decisions[path].reasons),
            }
            for path, subject in judged.files.items()
        ],
    }
