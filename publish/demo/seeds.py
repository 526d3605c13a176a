"""Random numbers that are the same everywhere and always: a generator of its own for each thing that is made up.

No state is shared: what one generator gives does not depend on what was made before. Not for secrets.
"""

from __future__ import annotations

import hashlib
import random
import uuid

#: Another word here makes another demo bank.
_DEMO = "fairline demo 1"


def _digest(words: tuple[str, ...]) -> bytes:
    return hashlib.sha256("\n".join((_DEMO, *words)).encode()).digest()


def generator(*words: str) -> random.Random:
    """A generator for the thing that some words name, such as a line and a modality."""
    return random.Random(int.from_bytes(_digest(words), "big"))  # noqa: S311  # made-up data, no secrets


def identifier(*words: str) -> str:
    """A GUID for the thing that some words name (RFC 9562, version 8: made by rules of one's own)."""
    raw = bytearray(_digest(words)[:16])
    raw[6] = raw[6] & 0x0F | 0x80
    raw[8] = raw[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(raw)))
