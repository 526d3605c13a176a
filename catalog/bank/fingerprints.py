"""Where a bank keeps the fingerprints of its files: a folder of its own that no store, package, index or portal reads.

A fingerprint is made anew whenever its file is validated, so that the folder may be deleted at any time.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from catalog import durable
from catalog.findings import Subject

FOLDER = "fingerprints"
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600


def keep_fingerprints(work_folder: Path, line_id: str, subjects: Iterable[Subject]) -> int:
    """Writes the fingerprints of a line's files, each under its file's sha256, readable for the curator alone.

    Args:
        work_folder: the bank's ``work``.
        line_id: the line.
        subjects: its files after validation.

    Returns:
        How many there are.

    Raises:
        CatalogError: the disk is full or may not be written.
    """
    found = {
        subject.sha256: subject.evidence["fingerprint"]
        for subject in subjects
        if subject.sha256 and "fingerprint" in subject.evidence
    }
    if not found:
        return 0
    folder = work_folder / FOLDER / line_id
    with durable.disk_errors(folder):
        durable.make_directories(folder)
        for each in (folder.parent, folder):
            each.chmod(_PRIVATE_FOLDER)
        for sha256, fingerprint in found.items():
            content = json.dumps({"sha256": sha256, "line": line_id, **_plain(fingerprint)}, sort_keys=True)
            durable.replace_file(folder / f"{sha256}.json", content.encode(), mode=_PRIVATE_FILE)
    return len(found)


def _plain(value: object) -> dict[str, object]:
    """A fingerprint as JSON members: bytes in base64."""
    assert isinstance(value, Mapping)
    return {str(name): _member(each) for name, each in value.items()}


def _member(value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return _plain(value) if isinstance(value, Mapping) else value
