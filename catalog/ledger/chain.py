"""Reading a ledger: every line's form, chain, signature and state is checked; a place for each fault (docs/ledger.md)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from catalog.errors import IntegrityError
from catalog.findings import Finding, Level, Place, Rule, Severity
from catalog.identifiers import ReleaseName
from catalog.ledger.lines import NO_PREVIOUS, Ledger, LedgerLine, PackageEntry, Withdrawal, state_sha256
from catalog.signing import PublicKey, parse_public_key, signature_fault

_SOURCE = "docs/ledger.md"

MALFORMED = Rule(
    "ledger-malformed",
    Severity.ERROR,
    Level.SPEC,
    "the ledger's line cannot be read: {problem}",
    "restore the ledger from a backup or from any download of this bank",
    _SOURCE,
)
BROKEN_CHAIN = Rule(
    "ledger-chain",
    Severity.ERROR,
    Level.SPEC,
    "the line does not follow the one before it",
    "a line was changed, dropped or added: restore the ledger from a backup or a download",
    _SOURCE,
)
BAD_SIGNATURE = Rule(
    "ledger-signature",
    Severity.ERROR,
    Level.SPEC,
    "the line is not signed by the bank's key: {problem}",
    "do not use these data; ask the bank for its public key",
    _SOURCE,
)
BAD_STATE = Rule(
    "ledger-state",
    Severity.ERROR,
    Level.SPEC,
    "the line's state is not what its lines add up to",
    "restore the ledger from a backup or from any download of this bank",
    _SOURCE,
)
SHORTER = Rule(
    "ledger-shorter",
    Severity.ERROR,
    Level.SPEC,
    "the ledger ends at line {got_sequence}, but line {known} was seen before",
    "lines were cut off: restore the ledger from a backup or from any download of this bank",
    _SOURCE,
)

LEDGER_RULES = (MALFORMED, BROKEN_CHAIN, BAD_SIGNATURE, BAD_STATE, SHORTER)


def read_ledger(content: bytes, keys: Sequence[PublicKey], *, at: str = "ledger.jsonl") -> Ledger:
    """The ledger in some bytes, every line checked.

    Args:
        content: the file.
        keys: the trusted first key; further ones are taken from the lines that announce them.
        at: the file's name, for errors.

    Raises:
        IntegrityError: the first line that does not hold, by its number.
    """
    ledger, findings = check_ledger(content, keys)
    if findings:
        first = findings[0]
        raise IntegrityError(
            first.code, first.message, at=f"{at} line {first.line}", want=first.expected, got=first.got, hint=first.hint
        )
    return ledger


def check_ledger(content: bytes, keys: Sequence[PublicKey]) -> tuple[Ledger, list[Finding]]:
    """Follows chain, signatures and states.

    Args:
        content: the bytes of the file.
        keys: the trusted first key, alone or followed by others; with no key, signatures are checked
            with the key that the caller cannot vouch for, so pass at least one for any proof.

    Returns:
        The ledger up to the first line that does not hold, and at most one finding for that line.
    """
    lines: list[LedgerLine] = []
    state: dict[str, PackageEntry] = {}
    key = keys[0] if keys else None
    for number, raw in _raw_lines(content):
        line, finding = _check_line(raw, number, lines, state, key)
        if finding is not None or line is None:
            return Ledger(tuple(lines)), [finding] if finding else []
        if line.key is not None:
            key = parse_public_key(line.key)
        lines.append(line)
    return Ledger(tuple(lines)), []


def current_key(ledger: Ledger, first: PublicKey) -> PublicKey:
    """The key that signs the next line."""
    key = first
    for line in ledger.lines:
        if line.key is not None:
            key = parse_public_key(line.key)
    return key


def _raw_lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    number = 0
    while content:
        number += 1
        end = content.find(b"\n")
        raw, content = (content, b"") if end < 0 else (content[: end + 1], content[end + 1 :])
        yield number, raw


def _check_line(
    raw: bytes, number: int, lines: list[LedgerLine], state: dict[str, PackageEntry], key: PublicKey | None
) -> tuple[LedgerLine | None, Finding | None]:
    place = Place(line=number)
    try:
        line = _parse_line(raw)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        problem = f"the member {error} is missing" if isinstance(error, KeyError) else str(error)
        return None, MALFORMED.at(place, problem=problem[:120])
    last = lines[-1] if lines else None
    previous = last.bytes_sha256 if last else NO_PREVIOUS
    if line.previous != previous:
        return None, BROKEN_CHAIN.at(Place(line=number, column="previous"), expected=previous, got=line.previous)
    if line.sequence != number:
        return None, BROKEN_CHAIN.at(Place(line=number, column="sequence"), expected=number, got=line.sequence)
    name = ReleaseName.parse(line.release)
    before = ReleaseName.parse(last.release) if last else None
    if name is None or (before is not None and not before < name):
        expected = f"a release above {last.release}" if last else "YYYY.MM"
        return None, BROKEN_CHAIN.at(Place(line=number, column="release"), expected=expected, got=line.release)
    if key is not None:
        fault = signature_fault(line.signed_bytes(), line.signature, key, line.trusted_comment)
        if fault is not None:
            return None, BAD_SIGNATURE.at(
                Place(line=number, column="signature"), expected=f"key {key.key_id}", problem=fault
            )
    state.update({entry.id: entry for entry in line.packages})
    expected = state_sha256(state.values())
    if line.state_sha256 != expected:
        return None, BAD_STATE.at(Place(line=number, column="state_sha256"), expected=expected, got=line.state_sha256)
    return line, None


def _parse_line(raw: bytes) -> LedgerLine:
    """A line from its bytes; the bytes must be the canonical ones, so that a flipped byte cannot hide."""
    if not raw.endswith(b"\n"):
        raise ValueError("the line is cut off")
    members: dict[str, Any] = json.loads(raw)
    line = LedgerLine(
        sequence=_whole(members["sequence"]),
        release=_text(members["release"]),
        issued=_text(members["issued"]),
        previous=_text(members["previous"]),
        packages=tuple(map(_entry, members["packages"])),
        state_sha256=_text(members["state_sha256"]),
        catalog={_text(name): _text(value) for name, value in members["catalog"].items()},
        withdrawn=tuple(
            Withdrawal(
                id=_text(each["id"]),
                path=None if each["path"] is None else _text(each["path"]),
                reason=_text(each["reason"]),
                date=_text(each["date"]),
            )
            for each in members["withdrawn"]
        ),
        replaced=tuple({_text(name): _text(value) for name, value in each.items()} for each in members["replaced"]),
        key=_text(members["key"]) if "key" in members else None,
        message=_text(members["message"]),
        fairline=_text(members["fairline"]),
        signature=_text(members["signature"]),
        bytes_sha256=hashlib.sha256(raw).hexdigest(),
    )
    if line.stored_bytes() != raw:
        raise ValueError("the line is not in canonical form (RFC 8785)")
    return line


def _entry(members: Mapping[str, object]) -> PackageEntry:
    names = [each.name for each in fields(PackageEntry)]
    if sorted(members) != sorted(names):
        raise ValueError(f"a package has the members {', '.join(sorted(members))}, not {', '.join(sorted(names))}")
    return PackageEntry(**{name: _text(members[name]) for name in names})


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{value!r} is not a whole number")
    return value
