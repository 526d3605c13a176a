"""The chain: whoever changes, drops, adds or reorders a line is found, with the number of the line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from catalog.errors import IntegrityError
from catalog.findings import Finding
from catalog.ledger import check_ledger, current_key, read_ledger
from catalog.signing import make_key
from catalog.verify import check_chain
from catalog.verify.chain import Witness
from tests.ledger.chains import Chain, entry, resigned, three_lines


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    return three_lines(tmp_path_factory.mktemp("keys"))


def only(content: bytes, chain: Chain) -> Finding:
    """The one finding of a ledger that does not hold; everything before its line does."""
    ledger, findings = check_ledger(content, [chain.first_key])
    (finding,) = findings
    assert finding.line is not None
    assert ledger.sequence == finding.line - 1
    assert [line.bytes_sha256 for line in ledger.lines] == [
        line.bytes_sha256 for line in chain.lines[: ledger.sequence]
    ]
    return finding


def test_chain_when_whole_then_every_line_is_read_and_equal(chain: Chain) -> None:
    ledger, findings = check_ledger(chain.content(), [chain.first_key])
    assert findings == []
    assert list(ledger.lines) == chain.lines
    assert [line.bytes_sha256 for line in ledger.lines] == [line.bytes_sha256 for line in chain.lines]
    assert read_ledger(chain.content(), [chain.first_key]) == ledger
    assert check_ledger(b"", [chain.first_key])[0].lines == ()


def test_byte_when_any_is_flipped_then_a_finding_in_its_line(chain: Chain) -> None:
    content = chain.content()
    ends = [at for at, byte in enumerate(content) if byte == 0x0A]
    for at in range(0, len(content), 3):
        number = sum(end < at for end in ends) + 1
        for bit in (0x01, 0x80, 0x20)[at % 3 :][:1] + ((0x04,) if at % 7 == 0 else ()):
            changed = bytearray(content)
            changed[at] ^= bit
            finding = only(bytes(changed), chain)
            assert finding.line == number, (at, bit, finding)


def test_byte_when_each_of_the_last_line_is_flipped_then_found_though_nothing_follows(chain: Chain) -> None:
    content = chain.content()
    start = content.rindex(b"\n", 0, len(content) - 1) + 1
    for at in range(start, len(content)):
        changed = bytearray(content)
        changed[at] ^= 0x01
        assert only(bytes(changed), chain).line == 3, at


@pytest.mark.parametrize(
    ("change", "line", "code", "column"),
    [
        pytest.param(lambda lines: lines[1:], 1, "ledger-chain", "previous", id="first dropped"),
        pytest.param(lambda lines: [lines[0], lines[2]], 2, "ledger-chain", "previous", id="middle dropped"),
        pytest.param(lambda lines: [lines[1], lines[0], lines[2]], 1, "ledger-chain", "previous", id="first two swapped"),
        pytest.param(lambda lines: [lines[0], lines[2], lines[1]], 2, "ledger-chain", "previous", id="last two swapped"),
        pytest.param(lambda lines: [lines[0], *lines], 2, "ledger-chain", "previous", id="first twice"),
        pytest.param(lambda lines: [*lines, lines[2]], 4, "ledger-chain", "previous", id="last twice"),
        pytest.param(lambda lines: [*lines, b"\n"], 4, "ledger-malformed", None, id="blank line at the end"),
        pytest.param(lambda lines: [lines[0], b"\n", *lines[1:]], 2, "ledger-malformed", None, id="blank line"),
        pytest.param(lambda lines: [*lines[:2], lines[2][:-1]], 3, "ledger-malformed", None, id="line end lost"),
        pytest.param(lambda lines: [*lines[:2], lines[2][:40]], 3, "ledger-malformed", None, id="cut off"),
        pytest.param(lambda lines: [lines[0][:-1] + b"\r\n", *lines[1:]], 1, "ledger-malformed", None, id="crlf"),
        pytest.param(lambda lines: [b"\xef\xbb\xbf" + lines[0], *lines[1:]], 1, "ledger-malformed", None, id="mark"),
        pytest.param(lambda lines: [b" " + lines[0], *lines[1:]], 1, "ledger-malformed", None, id="space"),
        pytest.param(lambda lines: [b"[]\n"], 1, "ledger-malformed", None, id="a list"),
        pytest.param(lambda lines: [b"null\n"], 1, "ledger-malformed", None, id="null"),
        pytest.param(lambda lines: [b"{}\n"], 1, "ledger-malformed", None, id="no members"),
        pytest.param(lambda lines: [b"[" * 100_000 + b"\n"], 1, "ledger-malformed", None, id="very deep"),
        pytest.param(lambda lines: [b"9" * 100_000 + b"\n"], 1, "ledger-malformed", None, id="endless number"),
        pytest.param(lambda lines: [b"\xff\n"], 1, "ledger-malformed", None, id="not utf-8"),
    ],
)  # fmt: skip
def test_lines_when_dropped_added_swapped_or_malformed_then_found_at_the_first_that_does_not_follow(
    chain: Chain, change: Callable[[list[bytes]], list[bytes]], line: int, code: str, column: str | None
) -> None:
    lines = [each.stored_bytes() for each in chain.lines]
    finding = only(b"".join(change(lines)), chain)
    assert (finding.line, finding.code, finding.column) == (line, code, column)


def test_last_line_when_dropped_then_only_a_witness_can_tell(chain: Chain) -> None:
    content = chain.content(chain.lines[:2])
    assert check_ledger(content, [chain.first_key])[1] == []
    last = chain.lines[2]
    witness = Witness(who="the index", sequence=3, sha256=last.bytes_sha256)
    ledger, (finding,) = check_chain(content, chain.first_key, "ledger.jsonl", (witness,))
    assert (finding.code, finding.path, finding.line) == ("ledger-shorter", "ledger.jsonl", 3)
    assert ledger.sequence == 2
    assert check_chain(chain.content(), chain.first_key, "ledger.jsonl", (witness,))[1] == []


def test_whole_ledger_when_gone_then_a_witness_tells(chain: Chain) -> None:
    _, (finding,) = check_chain(b"", chain.first_key, "ledger.jsonl", (Witness(who="the index", sequence=3),))
    assert (finding.code, finding.line) == ("ledger-shorter", 1)


def test_line_when_another_one_of_the_bank_stands_in_its_place_then_the_witness_tells(chain: Chain) -> None:
    other = resigned(chain, chain.lines[2], message="rewritten")
    content = chain.content([*chain.lines[:2], other])
    assert check_ledger(content, [chain.first_key])[1] == []
    witness = Witness(who="the index", sequence=3, sha256=chain.lines[2].bytes_sha256)
    _, (finding,) = check_chain(content, chain.first_key, "ledger.jsonl", (witness,))
    assert (finding.code, finding.line) == ("ledger-shorter", 3)
    assert check_chain(content, chain.first_key, "ledger.jsonl", (replace(witness, sha256=""),))[1] == []


def test_signature_when_of_another_key_then_found(chain: Chain, tmp_path: Path) -> None:
    stranger = Chain(tmp_path)
    line = stranger.sign(replace(chain.lines[1], signature=""))
    finding = only(chain.content([chain.lines[0], line]), chain)
    assert (finding.line, finding.code, finding.column) == (2, "ledger-signature", "signature")


def test_signature_when_of_another_release_or_another_line_then_found(chain: Chain) -> None:
    for signature in (chain.lines[0].signature, chain.lines[2].signature, "", "x"):
        finding = only(chain.content([chain.lines[0], replace(chain.lines[1], signature=signature)]), chain)
        assert (finding.line, finding.code) == (2, "ledger-signature")


def test_ledger_when_the_trusted_key_is_another_then_its_first_line_does_not_hold(chain: Chain, tmp_path: Path) -> None:
    ledger, (finding,) = check_ledger(chain.content(), [make_key(tmp_path)])
    assert (finding.line, finding.code, ledger.lines) == (1, "ledger-signature", ())
    with pytest.raises(IntegrityError) as caught:
        read_ledger(chain.content(), [make_key(tmp_path)], at="there/ledger.jsonl")
    assert (caught.value.code, caught.value.exit_status, caught.value.at) == (
        "ledger-signature", 7, "there/ledger.jsonl line 1",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("members", "code", "column"),
    [
        ({"state_sha256": "0" * 64}, "ledger-state", "state_sha256"),
        ({"sequence": 3}, "ledger-chain", "sequence"),
        ({"sequence": 0}, "ledger-chain", "sequence"),
        ({"release": "2026.10"}, "ledger-chain", "release"),
        ({"release": "2026.09.9"}, "ledger-chain", "release"),
        ({"release": "first"}, "ledger-chain", "release"),
        ({"previous": "0" * 64}, "ledger-chain", "previous"),
        ({"packages": (entry("C-1", 1),)}, "ledger-state", "state_sha256"),
        ({"packages": ()}, "ledger-state", "state_sha256"),
    ],
)
def test_line_when_the_bank_itself_signed_what_cannot_be_then_found(
    chain: Chain, members: dict[str, Any], code: str, column: str
) -> None:
    wrong = resigned(chain, chain.lines[1], **members)
    finding = only(chain.content([chain.lines[0], wrong]), chain)
    assert (finding.line, finding.code, finding.column) == (2, code, column)


def rewritten(line: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """A line in canonical form with other members."""
    members = json.loads(line)
    change(members)
    return rfc8785.dumps(members) + b"\n"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda members: members.pop("message"), id="member lost"),
        pytest.param(lambda members: members.update(extra="x"), id="member added"),
        pytest.param(lambda members: members.update(sequence="2"), id="text for a number"),
        pytest.param(lambda members: members.update(sequence=True), id="truth for a number"),
        pytest.param(lambda members: members.update(release=2026), id="number for text"),
        pytest.param(lambda members: members.update(packages={}), id="mapping for a list"),
        pytest.param(lambda members: members["packages"].append({}), id="entry of nothing"),
        pytest.param(lambda members: members["packages"][0].update(odd="x"), id="entry with more"),
        pytest.param(lambda members: members["packages"][0].update(id=None), id="entry without id"),
        pytest.param(lambda members: members.update(withdrawn=[None]), id="withdrawal of nothing"),
        pytest.param(lambda members: members.update(key=None), id="no key"),
        pytest.param(lambda members: members.update(catalog=[]), id="list for a mapping"),
    ],
)  # fmt: skip
def test_line_when_its_members_are_not_those_of_a_line_then_malformed(
    chain: Chain, change: Callable[[dict[str, Any]], object]
) -> None:
    content = chain.lines[0].stored_bytes() + rewritten(chain.lines[1].stored_bytes(), change)
    finding = only(content, chain)
    assert (finding.line, finding.code) == (2, "ledger-malformed")


@pytest.mark.parametrize(
    "rewrite",
    [
        pytest.param(lambda text: json.dumps(json.loads(text)), id="spaces"),
        pytest.param(lambda text: json.dumps(json.loads(text), separators=(",", ":")), id="escapes"),
        pytest.param(
            lambda text: json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False, sort_keys=False)[:-1] + ',"message":"x"}',
            id="member twice",
        ),
        pytest.param(lambda text: text.replace('"sequence":1,', '"sequence":1.0,'), id="1.0 for 1"),
        pytest.param(lambda text: text.replace('"sequence":1,', '"sequence":1e0,'), id="1e0 for 1"),
        pytest.param(lambda text: text.replace("é", "\\u00e9").replace("제", "\\uc81c"), id="escaped letter"),
    ],
)  # fmt: skip
def test_line_when_not_in_canonical_form_then_malformed_though_its_meaning_is_the_same(
    chain: Chain, rewrite: Callable[[str], str]
) -> None:
    text = chain.lines[0].stored_bytes().decode().rstrip("\n")
    changed = rewrite(text)
    assert changed != text
    finding = only(changed.encode() + b"\n" + chain.content(chain.lines[1:]), chain)
    assert (finding.line, finding.code) == (1, "ledger-malformed")


def test_key_when_announced_by_the_old_one_then_it_signs_from_the_next_line_on(tmp_path: Path) -> None:
    chain = Chain(tmp_path)
    chain.append("2026.10", [entry("A-1", 1)])
    new = make_key(tmp_path)
    chain.append("2026.11", key=new.base64)
    chain.append("2026.12", [entry("A-1", 2)])
    ledger, findings = check_ledger(chain.content(), [chain.first_key])
    assert findings == []
    assert current_key(ledger, chain.first_key) == new
    assert check_ledger(chain.content(), [chain.first_key, new])[1] == []
    assert current_key(ledger.upto(1), chain.first_key) == chain.first_key


def test_key_when_the_old_one_signs_after_the_change_then_found(tmp_path: Path) -> None:
    chain = Chain(tmp_path)
    new = make_key(tmp_path)
    chain.append("2026.11", key=new.base64)
    late = chain.sign(chain.draft("2026.12"), chain.first_key)
    finding = only(chain.content([*chain.lines, late]), chain)
    assert (finding.line, finding.code) == (2, "ledger-signature")


def test_key_when_its_change_is_signed_by_the_new_key_alone_then_refused(tmp_path: Path) -> None:
    chain = Chain(tmp_path)
    chain.append("2026.10")
    new = make_key(tmp_path)
    stolen = chain.sign(chain.draft("2026.11", key=new.base64), new)
    finding = only(chain.content([*chain.lines, stolen]), chain)
    assert (finding.line, finding.code) == (2, "ledger-signature")
    assert check_ledger(chain.content([*chain.lines, stolen]), [chain.first_key, new])[1], "later keys are not trusted"


def test_key_when_a_line_announces_something_else_then_an_integrity_fault(tmp_path: Path) -> None:
    chain = Chain(tmp_path)
    odd = chain.sign(chain.draft("2026.11", key="not a key"))
    with pytest.raises(IntegrityError) as caught:
        read_ledger(chain.content([odd]), [chain.first_key])
    assert caught.value.exit_status == 7


def test_ledger_when_no_key_is_given_then_form_chain_and_state_are_still_checked(chain: Chain) -> None:
    assert check_ledger(chain.content(), [])[1] == []
    assert [each.line for each in check_ledger(chain.content([chain.lines[0], chain.lines[2]]), [])[1]] == [2]
    wrong = replace(chain.lines[1], state_sha256="0" * 64)
    assert [each.code for each in check_ledger(chain.content([chain.lines[0], wrong]), [])[1]] == ["ledger-state"]
