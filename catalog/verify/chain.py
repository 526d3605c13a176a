"""Following a chain: the ledger's bytes against the trusted key, and against what was seen before."""

from __future__ import annotations

from dataclasses import dataclass, replace

from catalog.findings import Finding, Place
from catalog.ledger import Ledger, check_ledger
from catalog.ledger.chain import SHORTER
from catalog.signing import PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A line that was seen before: an index or a download remembers it.

    Attributes:
        who: who remembers, for people.
        sequence: the line's number.
        sha256: the digest of its bytes; empty when only the number is known.
    """

    who: str
    sequence: int
    sha256: str = ""


def check_chain(
    content: bytes, key: PublicKey | None, path: str, witnesses: tuple[Witness, ...] = ()
) -> tuple[Ledger, list[Finding]]:
    """Follows a ledger and compares it with its witnesses.

    Args:
        content: the bytes of the ledger.
        key: the trusted first key.
        path: the ledger's name in findings.
        witnesses: what was seen before.
    """
    ledger, findings = check_ledger(content, [key] if key else [])
    found = [replace(finding, path=path) for finding in findings]
    for witness in witnesses:
        if findings or witness.sequence == 0:
            continue
        if ledger.sequence < witness.sequence:
            expected = f"line {witness.sequence}, seen by {witness.who}"
            found.append(_shorter(Place(path=path, line=ledger.sequence + 1), ledger, witness, expected))
        elif witness.sha256 and ledger.lines[witness.sequence - 1].bytes_sha256 != witness.sha256:
            expected = f"the line that {witness.who} saw"
            found.append(_shorter(Place(path=path, line=witness.sequence), ledger, witness, expected))
    return ledger, found


def _shorter(place: Place, ledger: Ledger, witness: Witness, expected: str) -> Finding:
    return SHORTER.at(place, expected=expected, got_sequence=ledger.sequence, known=witness.sequence)
