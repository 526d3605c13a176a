"""Personal data in the header of a VCF, which is copied into everything that is made from the file."""

from __future__ import annotations

from catalog.formats.personal import signs_of_line
from catalog.formats.vcf.margin import Margin, unwanted

PERSONAL = unwanted(
    "vcf-personal-data",
    "a line of the header has {kind}",
    "take it out (bcftools reheader -h), and keep the command line of a program without folders of users",
    "fairline; ISO/IEC 27559 and GDPR, Article 4(1): whatever relates to a person that can be identified",
    "It is copied into every file made from this one.",
)


def check_personal(line: bytes, margin: Margin) -> None:
    """Notes personal data in one meta-information line."""
    key = line[2:].partition(b"=")[0].decode("utf-8", "replace")
    for kind in signs_of_line(line):
        margin.note(PERSONAL, key, expected="no personal data", got=kind, kind=kind)
