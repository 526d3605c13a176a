"""Signs of persons in the header of an alignment file: what should not travel with data that are given away."""

from __future__ import annotations

import re
from collections.abc import Iterator

#: Accounts that are no persons.
_ACCOUNTS = rb"(?!(?:root|ubuntu|user|users|runner|docker|data|shared|public|guest|admin|ec2-user|jovyan|conda)\b)"
_SIGNS = (
    (
        "an e-mail address",
        re.compile(rb"(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}(?![\w@])"),
    ),
    (
        "the name of an account in a path",
        re.compile(rb"(?:/(?:home|Users|nfs/users)/|[A-Za-z]:\\+Users\\+)" + _ACCOUNTS + rb"[A-Za-z0-9][\w.-]*"),
    ),
    (
        "a word such as patient, donor name or operator",
        re.compile(
            rb"\b(?:patient|donor|subject|operator|technician|investigator)[ _-]?(?:name|id|initials)?\s*[:=]\s*[A-Za-z]"
            rb"|\b(?:date of birth|birth ?date|dob|mrn|social security|resident registration)\b",
            re.IGNORECASE,
        ),
    ),
)
_LONGEST = 100_000


def personal_signs(line: bytes) -> Iterator[str]:
    """What kinds of signs a line has; never the words themselves, so that a report gives nobody away."""
    text = line[:_LONGEST]
    return (what for what, pattern in _SIGNS if pattern.search(text))
