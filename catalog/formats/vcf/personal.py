"""Personal data in the header of a VCF: e-mail addresses, folders of users, names of persons in lines meant for programs.

The header is copied into everything that is made from the file. A finding says what is there, never the datum itself.
"""

from __future__ import annotations

import re

from catalog.formats.vcf.margin import Margin, unwanted

PERSONAL = unwanted(
    "vcf-personal-data",
    "a line of the header has {kind}",
    "take it out (bcftools reheader -h), and keep the command line of a program without folders of users",
    "fairline; ISO/IEC 27559 and GDPR, Article 4(1): whatever relates to a person that can be identified",
    "It is copied into every file made from this one.",
)

_KINDS = (
    (
        "an e-mail address",
        re.compile(rb"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}\.[A-Za-z]{2,24}\b"),
    ),
    (
        "the folder of a user",
        re.compile(
            rb"(?:/(?:home|Users|users?)/|\\Users\\|/nfs/users/[A-Za-z0-9_]+/)(?!\$|\{)[A-Za-z0-9][A-Za-z0-9._-]*"
        ),
    ),
    (
        "the name of a person",
        re.compile(rb"##(?:author|operator|analyst|contact|user(?:name)?|submitter|investigator)=", re.I),
    ),
    (
        "data of a donor",
        re.compile(
            rb"(?:##|[<,])(?:patient(?:_?(?:name|id))?|donor_?name|first_?name|last_?name|surname|family_?name|full_?name|"
            rb"date_?of_?birth|birth_?date|dob|mrn|ssn|medical_?record(?:_?number)?)=(?!<)",
            re.I,
        ),
    ),
)
#: A URL may have a user; it is the address of a service (ftp://anonymous@host/).
_URL = re.compile(rb"(?<![A-Za-z0-9+.-])(?!file:)[A-Za-z][A-Za-z0-9+.-]{1,16}://[^\s,\">]*+")
_LONGEST = 1 << 20


def check_personal(line: bytes, margin: Margin) -> None:
    """Notes personal data in one meta-information line."""
    text = line[:_LONGEST]
    without_urls = _URL.sub(b"", text) if b"://" in text else text
    key = text[2:].partition(b"=")[0].decode("utf-8", "replace")
    for kind, pattern in _KINDS:
        if pattern.search(without_urls):
            margin.note(PERSONAL, key, expected="no personal data", got=kind, kind=kind)
