"""Fingerprints are kept in the bank's own folder, for the curator's eyes only."""

from __future__ import annotations

import base64
import json
import stat
from pathlib import Path

from catalog.bank.fingerprints import keep_fingerprints
from catalog.findings import Subject

PRINT = {"panel": "exonic-1", "kind": "calls", "assembly": "GRCh38", "samples": {"a": bytes([0, 1, 2, 255])}}
SUM = "0" * 64


def test_fingerprints_when_kept_then_only_the_curator_may_read_them(tmp_path: Path) -> None:
    known = Subject(path="a.vcf.gz", kind="file", sha256=SUM, evidence={"fingerprint": PRINT})
    other = Subject(path="b.txt", kind="file", sha256="1" * 64)
    assert keep_fingerprints(tmp_path, "EXMPi001-A", [known, other]) == 1
    [path] = (tmp_path / "fingerprints").rglob("*.json")
    assert path == tmp_path / "fingerprints" / "EXMPi001-A" / f"{SUM}.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700
    found = json.loads(path.read_text())
    assert base64.b64decode(found["samples"]["a"]) == bytes([0, 1, 2, 255])
    assert (found["line"], found["panel"], found["kind"], found["assembly"]) == (
        "EXMPi001-A",
        "exonic-1",
        "calls",
        "GRCh38",
    )


def test_fingerprints_when_there_are_none_then_no_folder_is_made(tmp_path: Path) -> None:
    assert keep_fingerprints(tmp_path, "EXMPi001-A", [Subject(path="b.txt", kind="file", sha256=SUM)]) == 0
    assert list(tmp_path.iterdir()) == []
