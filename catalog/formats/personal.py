"""Signs of persons in the headers of files: names of operators and users, e-mail addresses, donors' names.

A sign is a reason to look, not a proof. The text itself is never repeated in a finding: reports travel further than
the files they are about. Headers are of two kinds: lines of text (VCF, SAM) and members with a name (arrays).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.protocol import Reading

_ADDRESS = re.compile(r"(?<![\w.%+-])[\w.%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}(?![\w@])")
#: Members that hold the name of an account or of a person at work.
_PERSONS = re.compile(
    r"(?i:user(?:[-_ ]?name)?$|operator|created[-_ ]?by|imaging[-_ ]?user|technician|investigator|author|scanned[-_ ]?by)"
)
#: Accounts that the makers of scanners create, and words that name nobody.
_NOBODY = frozenset(
    """
    admin administrator affymetrix agcc anonymous array default deidentified genechip gcos guest illumina iscan lab
    labuser local na nobody none operator owner redacted removed root sbsuser scanner service synthetic system technician
    test tester unknown user
    """.split()  # noqa: SIM905  # a list of words reads better as text
)
_WORD = r"[A-Z\u00c0-\u00d6][a-z\u00df-\u00f6]{1,14}"
_NAME = re.compile(
    rf"{_WORD}(?:[ _.]{{1,2}}[A-Z]\.?)?[ _.]{{1,2}}{_WORD}|[A-Z][A-Za-z]{{1,14}}, ?{_WORD}|[가-힣]{{2,4}}"
)
#: Words of laboratories: with one of them, two capitalised words are no person.
_NO_NAME = frozenset(
    """
    array bank blank blood cell cells chip clone control cord day default dna embryonic feeder fibroblast gene genomic
    human induced line lines lot matrigel medium negative no not parent passage plate positive project reference
    replicate rna sample set skin stem synthetic test unknown urine vial well whole
    """.split()  # noqa: SIM905
)
#: A URL may have a user; it is the address of a service (``ftp://anonymous@host/``).
_URL = re.compile(r"(?<![A-Za-z0-9+.-])(?!file:)[A-Za-z][A-Za-z0-9+.-]{1,16}://[^\s,\">]*+")
#: Accounts in paths that are no persons.
_ACCOUNTS = r"(?!(?:root|ubuntu|user|users|runner|docker|data|shared|public|guest|admin|ec2-user|jovyan|conda)\b)"
_MONTH_AND_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_SIGNS_OF_LINE = (
    ("an e-mail address", _ADDRESS),
    (
        "the name of an account in a path",
        re.compile(rf"(?:/(?:home|Users|users|user)/|\\Users\\+){_ACCOUNTS}[A-Za-z0-9][\w.-]*"),
    ),
    (
        "the name of a person",
        re.compile(
            r"(?:^##(?:contact|user(?:[ _]?name)?)|\b(?:author|operator|analyst|submitter|technician|investigator)"
            r"(?:[ _-]?(?:name|id|initials))?)\s*[:=]\s*(?!<)[^\W_]",
            re.IGNORECASE,
        ),
    ),
    (
        "data of a donor",
        re.compile(
            r"\b(?:(?:patient|donor|subject)[ _-]?(?:name|initials)|patient(?:[ _-]?id)?"
            r"|(?:first|last|full|family)[ _]?name|surname|date[ _]of[ _]birth|dateofbirth|birth[ _]?date|dob|mrn|ssn"
            r"|social security(?: number)?|resident registration(?: number)?|medical[ _]?record(?:[ _]?number)?)"
            r"\s*[:=]\s*(?!<)[^\W_]"
            r"|\bmrn\s+[0-9]{4,}|\bborn\s+(?:on\s+|in\s+)?[0-9]{4}"
            r"|(?:환자|성명|생년월일|주민등록|患者|姓名|出生日期|身份证)[^\W_]*\s*[:=]?\s*[^\W_]",
            re.IGNORECASE,
        ),
    ),
    (
        "the number of a person's identity document",
        re.compile(
            # Korea: date of birth, then seven digits (no region of a contig); China: region, date of birth, three digits and a check digit.
            rf"(?<![0-9:])(?:[0-9]{{2}}{_MONTH_AND_DAY}-[1-8][0-9]{{6}}"
            rf"|[1-9][0-9]{{5}}(?:19|20)[0-9]{{2}}{_MONTH_AND_DAY}[0-9]{{3}}[0-9Xx])(?![0-9A-Za-z])"
        ),
    ),
    (
        "a telephone number",
        re.compile(
            r"(?<![0-9])01[016-9]-[0-9]{3,4}-[0-9]{4}(?![0-9])"
            r"|\b(?:tel|phone|telephone|mobile|전화|电话)\b[.:=]?\s*\+?[0-9(][0-9() -]{6,}[0-9]",
            re.IGNORECASE,
        ),
    ),
)
_LONGEST_LINE = 100_000


def signs_of_line(line: bytes) -> Iterator[str]:
    """What in one line of a text header points at a person; never the words themselves.

    Args:
        line: without its line end.
    """
    text = line[:_LONGEST_LINE].decode("utf-8", "replace")
    if "://" in text:
        text = _URL.sub("", text)
    return (what for what, pattern in _SIGNS_OF_LINE if pattern.search(text))


def personal_rule(prefix: str) -> Rule:
    """The rule about persons of the format with this prefix."""
    return Rule(
        f"{prefix}-personal",
        Severity.WARNING,
        Level.BANK,
        "the file seems to name a person: {sign}",
        "take the name out with the maker's software, or keep the file controlled and state why",
        "docs/tiers.md",
        "Names of donors and staff are personal data, and a released file cannot be called back.",
    )


def sign_of(member: str, value: str, *, names_sample: bool = False) -> str | None:
    """What about a member's value points at a person; None when nothing does.

    Args:
        member: its name, such as ``Username``.
        value: its value.
        names_sample: whether it names a sample, so that a person's name there would be a donor's.
    """
    value = value.strip()[:200]
    if _ADDRESS.search(value):
        return "an e-mail address"
    words = {word for word in re.split(r"[^a-z]+", value.lower()) if word}
    if _PERSONS.search(member) and words - _NOBODY:
        return "the name of a user or operator"
    if names_sample and _NAME.fullmatch(value) and not words & (_NO_NAME | _NOBODY):
        return "a sample that is called like a person"
    return None


def note_personal(
    reading: Reading, rule: Rule, members: Iterable[tuple[str, str]], samples: Iterable[tuple[str, str]] = ()
) -> None:
    """Puts down a finding for each member that points at a person.

    Args:
        reading: where findings go.
        rule: made by :func:`personal_rule`.
        members: names and values of a header.
        samples: likewise, of members that name a sample.
    """
    for pairs, names_sample in ((members, False), (samples, True)):
        for member, value in pairs:
            sign = sign_of(member, value, names_sample=names_sample)
            if sign is not None:
                reading.find(rule.at(Place(column=member[:80]), expected="no person", sign=sign))
