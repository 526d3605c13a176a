"""Signs of persons in lines of text headers: what points at one, and what does not."""

from __future__ import annotations

import pytest

from catalog.formats.personal import signs_of_line


@pytest.mark.parametrize(
    ("line", "sign"),
    [
        ('##SAMPLE=<ID=S,Description="patient Kim, born 1980-05-05">', "data of a donor"),
        ("##commandline=x MRN 12345678", "data of a donor"),
        ("@CO\t환자 김민준", "data of a donor"),
        ("@CO\t姓名:王伟", "data of a donor"),
        ("##note=800505-1234567", "the number of a person's identity document"),
        ("##note=11010519491231002X", "the number of a person's identity document"),
        ("##contact=010-1234-5678", "a telephone number"),
        ("@CO\ttel. +82 2 123 4567", "a telephone number"),
        ("##contact=jane.doe@example.org", "an e-mail address"),
    ],
)
def test_line_when_it_points_at_a_person_then_the_sign_is_told(line: str, sign: str) -> None:
    assert sign in set(signs_of_line(line.encode()))


@pytest.mark.parametrize(
    "line",
    [
        "##command=call -r chr1:900101-1234567",
        "##reference=file:///data/800505/ref.fa",
        "##source=phone-free",
        "##contig=<ID=chr1,length=248956422,md5=6aef897c3d6ff0c78aff06ac189178dd>",
        '##SAMPLE=<ID=S,Description="iPSC of a patient with a disease">',
        "##command=--rf birthday",
        "##bcftools_viewVersion=1.16+htslib-1.16; Date=Mon Nov 23 14:00:00 2026",
        "@PG\tID:x\tVN:1.0.2019-0123456789",
    ],
)
def test_line_when_it_is_of_programs_and_data_then_there_is_no_sign(line: str) -> None:
    assert list(signs_of_line(line.encode())) == []
