"""Anyone can check a release without fairline: Debian's minisign, jq and six lines of shell.

The signature of a line covers the RFC 8785 form of its members without ``signature``. For what a ledger holds (text and
whole numbers) that is what ``jq -cSj`` prints: members sorted, no spaces, no line end. jq escapes U+007F and RFC 8785
does not, so a curator's message with that character is the one thing that this snippet cannot check.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import absent, make_bank, release, text_bytes, withdraw, write_line

#: $1: the ledger, $2: the number of the line, $3: the public key that signs it, $4: a folder for two small files.
SNIPPET = """\
set -eu
sed -n "${2}p" "$1" > "$4/line.json"
jq -cSj 'del(.signature)' "$4/line.json" > "$4/signed"
jq -rj .signature "$4/line.json" > "$4/signed.minisig"
release=$(jq -r .release "$4/line.json")
minisign -VQm "$4/signed" -P "$3" | grep -qx "fairline $release"
"""


@pytest.fixture(autouse=True)
def _programs() -> None:
    for program in ("minisign", "jq"):
        if shutil.which(program) is None:
            absent(f"the program {program} is missing; apt-get install {program}")


def check(ledger: Path, number: int, key: str, folder: Path) -> bool:
    folder.mkdir(exist_ok=True)
    command = ["sh", "-c", SNIPPET, "sh", str(ledger), str(number), key, str(folder)]
    return subprocess.run(command, capture_output=True).returncode == 0


def test_ledger_of_a_bank_when_checked_with_minisign_and_jq_then_every_line_holds(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    write_line(bank, files={"data/notes.txt": text_bytes()}, cells={"data/notes.txt": {"role": "document"}})
    release(bank, "2026.10", message='제대혈 "quoted" \\ back\u00a0slash 😀 </script>')
    withdraw(bank, "EXMPi001-A/data/notes.txt", 'he said: "no" \\u0001')
    (key,) = bank.keys()
    lines = bank.ledger_path.read_bytes().splitlines()
    assert len(lines) == 2
    for number in (1, 2):
        assert check(bank.ledger_path, number, key.base64, tmp_path / "work")


def test_line_when_changed_then_the_snippet_says_no(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    write_line(bank)
    release(bank, "2026.10", message="first")
    (key,) = bank.keys()
    content = bank.ledger_path.read_bytes()
    other = make_bank(tmp_path / "other").keys()[0]
    assert check(bank.ledger_path, 1, key.base64, tmp_path / "work")
    assert not check(bank.ledger_path, 1, other.base64, tmp_path / "work")
    for old, new in ((b'"message":"first"', b'"message":"First"'), (b"2026.10", b"2026.11"), (b'"v1"', b'"v2"')):
        bank.ledger_path.write_bytes(content.replace(old, new))
        assert not check(bank.ledger_path, 1, key.base64, tmp_path / "work")


texts = st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), max_size=20)
members = st.fixed_dictionaries(
    {
        "sequence": st.integers(1, 10**6),
        "message": texts,
        "withdrawn": st.lists(st.fixed_dictionaries({"reason": texts, "path": texts | st.none()}), max_size=2),
    }
)


@given(st.lists(members, min_size=20, max_size=20))
@settings(max_examples=5)
def test_canonical_form_when_jq_prints_members_of_a_ledger_then_it_is_that_of_rfc_8785(
    many: list[dict[str, Any]],
) -> None:
    text = "\n".join(json.dumps(each) for each in many)
    printed = subprocess.run(["jq", "-cS", "."], input=text.encode(), capture_output=True, check=True).stdout
    assert printed == b"".join(rfc8785.dumps(each) + b"\n" for each in many)
