"""A package that was built and not released: its files against its own descriptor, and nobody vouches for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.bank import Bank
from catalog.vocabulary import open_vocabulary
from publish.unreleased import build_package
from tests.builders import NO_ONTOLOGIES, NOW
from tests.verify.spoiled import flip, verify

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def folder(bank: Bank, tmp_path: Path) -> Path:
    with open_vocabulary(NO_ONTOLOGIES) as vocabulary:
        build_package(bank, "EXMPi001-A", tmp_path / "package", vocabulary, NOW)
    return tmp_path / "package"


def test_package_when_whole_then_0_and_it_says_that_nothing_is_signed(folder: Path, capsys: Capture) -> None:
    said = verify(capsys, folder)
    assert (said.status, said.errors, said.others) == (0, [], [])
    assert said.outcome["kind"] == "package"
    assert said.outcome["files"] == len(json.loads((folder / "datapackage.json").read_bytes())["resources"])
    assert any("nothing is signed" in sentence for sentence in said.outcome["unproved"])


@pytest.mark.parametrize("path", ["data/rna-seq/a_count.tsv", "record.json", "files.csv"])
def test_file_when_a_byte_is_flipped_then_7_and_this_very_file(folder: Path, capsys: Capture, path: str) -> None:
    flip(folder / path)
    said = verify(capsys, folder)
    assert said.status == 7
    assert said.errors == [("download-file", path, None)]
    (folder / path).unlink()
    assert verify(capsys, folder).errors == [("download-missing", path, None)]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"resources": [{}]}', b'{"resources": 7}', b"\xff"])
def test_descriptor_when_it_cannot_be_read_then_7(folder: Path, capsys: Capture, content: bytes) -> None:
    (folder / "datapackage.json").write_bytes(content)
    said = verify(capsys, folder)
    assert (said.status, said.error["error"]) == (7, "package-malformed")


@pytest.mark.parametrize("path", ["../secret", "/etc/hosts", "http://127.0.0.1/x", "a\\b"])
def test_descriptor_when_it_names_a_hostile_path_then_7_and_it_is_not_opened(
    folder: Path, tmp_path: Path, capsys: Capture, path: str
) -> None:
    (tmp_path / "secret").write_text("x")
    descriptor = json.loads((folder / "datapackage.json").read_bytes())
    descriptor["resources"][0] |= {
        "path": path,
        "hash": "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
    }
    (folder / "datapackage.json").write_text(json.dumps(descriptor))
    said = verify(capsys, folder)
    assert said.errors == [("download-file", path, None)]
