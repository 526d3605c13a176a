from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from catalog.findings import Level
from catalog.formats.inspect import Manner, inspect_file, sniff_bytes
from catalog.loading.document import LARGEST_DOCUMENT_BYTES
from tests.formats.defects import Defect, assert_survives, codes, inspect_bytes, rules_of, wanted_finding

PROSE = "# The line\n\nKSCBi005-A, made from cord blood (제대혈).\n".encode()


def pdf(
    body: bytes = b"1 0 obj\n<< /Type /Catalog >>\nendobj\n", trailer: bytes = b"<< /Size 1 /Root 1 0 R >>"
) -> bytes:
    start = b"%PDF-1.7\n" + body
    return (
        start + b"xref\n0 1\n0000000000 65535 f \ntrailer\n" + trailer + f"\nstartxref\n{len(start)}\n%%EOF\n".encode()
    )


VALID_PDF = pdf()
VALID_JSON = b'{"line": "KSCBi005-A", "passages": [1, 2.5, null, true]}\n'

PDF_DEFECTS = [
    Defect(id="other header", content=b"PDF!" + VALID_PDF, code="pdf-header", offset=0),
    Defect(id="unknown version", content=VALID_PDF.replace(b"1.7", b"9.7"), code="pdf-header", offset=0),
    Defect(id="cut", content=VALID_PDF[:-8], code="pdf-no-end", offset=len(VALID_PDF) - 8),
    Defect(id="end far from the end", content=VALID_PDF + b" " * 2000, code="pdf-no-end"),
    Defect(id="no startxref", content=VALID_PDF.replace(b"startxref", b"startXref"), code="pdf-startxref"),
    Defect(id="startxref outside", content=VALID_PDF.replace(b"startxref\n", b"startxref\n99"), code="pdf-startxref"),
    Defect(id="encrypted", content=pdf(trailer=b"<< /Size 1 /Encrypt 5 0 R >>"), code="pdf-encrypted"),
    Defect(id="encrypted behind a block", content=pdf(b"%" * (1 << 20), b"<< /Encrypt 5 0 R >>"), code="pdf-encrypted"),
]

GENOTYPES = b"".join(b"rs%d\t1\t%d\tAG\n" % (number, number) for number in range(1000, 1005))

TEXT_DEFECTS = [
    Defect(
        id="latin-1", content=b"one\nt\xe9l\xe9phone\n", code="document-not-utf8", line=2, column=2, name="notes.txt"
    ),
    Defect(
        id="behind the head",
        content=b"word \n" * 20_000 + b"\xff\n",
        code="document-not-utf8",
        line=20_001,
        column=1,
        name="notes",
    ),
    Defect(
        id="escape",
        content=b"one\n\ntwo\x1b[31m\n",
        code="document-control-character",
        line=3,
        column=4,
        name="notes.txt",
    ),
    Defect(id="genotypes", content=GENOTYPES, code="document-looks-like-genotypes", name="notes.txt"),
]

JSON_DEFECTS = [
    Defect(id="too large", content=b" " * (LARGEST_DOCUMENT_BYTES + 1), code="text-too-large"),
    Defect(id="byte order mark", content=b"\xef\xbb\xbf{}", code="text-bom", line=1),
    Defect(id="utf-16", content='{"a": 1}'.encode("utf-16"), code="text-utf16", line=1),
    Defect(id="latin-1", content=b'{"a": "\xe9"}', code="text-not-utf8", line=1, column=8),
    Defect(id="control character", content=b'{"a": "\x01"}', code="text-control", line=1),
    Defect(id="syntax", content=b'{"a": 1,\n}', code="json-syntax", line=2),
    Defect(id="key twice", content=b'{"a": 1,\n"a": 2}', code="json-duplicate-key", line=2),
    Defect(id="not a number", content=b'{"a": NaN}', code="json-number", line=1),
    Defect(id="deep", content=b"[" * 200 + b"]" * 200, code="json-too-deep", line=1),
    Defect(id="deep and not closed", content=b"[" * 200 + b"\n", code="json-syntax", line=2),
    Defect(id="deep, closed by another", content=b"[" * 199 + b"{}" + b"]" * 198 + b"}", code="json-syntax", line=1),
    Defect(id="genotypes", content=b'{"rsid": "rs123"}', code="document-looks-like-genotypes"),
    Defect(id="half a character", content=b'["\\ud800"]', code="json-surrogate", line=1),
]


@pytest.mark.parametrize("defect", PDF_DEFECTS, ids=lambda defect: defect.id)
def test_pdf_when_it_has_one_defect_then_it_is_found_there(defect: Defect, tmp_path: Path) -> None:
    wanted_finding(tmp_path, defect, "report.pdf")


@pytest.mark.parametrize("defect", TEXT_DEFECTS, ids=lambda defect: defect.id)
def test_text_when_it_has_one_defect_then_it_is_found_there(defect: Defect, tmp_path: Path) -> None:
    wanted_finding(tmp_path, defect, "notes.txt")


@pytest.mark.parametrize("defect", JSON_DEFECTS, ids=lambda defect: defect.id)
def test_json_when_it_has_one_defect_then_it_is_found_there(defect: Defect, tmp_path: Path) -> None:
    wanted_finding(tmp_path, defect, "metadata.json")


def test_document_defects_when_counted_then_cover_every_rule() -> None:
    for defects, name in ((PDF_DEFECTS, "pdf"), (TEXT_DEFECTS, "text"), (JSON_DEFECTS, "json")):
        assert {defect.code for defect in defects} == rules_of(name)


def test_pdf_when_valid_then_the_version_is_told(tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "report", VALID_PDF)
    assert (subject.format, codes(subject), subject.facts) == ("pdf", [], {"version": "1.7"})


def test_text_when_valid_then_its_lines_are_counted(tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "README.md", PROSE)
    assert (subject.format, codes(subject), subject.facts) == ("text", [], {"lines": 3})


def test_text_when_a_defect_stands_in_a_last_line_without_end_then_both_paths_say_the_same(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_bytes(b"a word\n\xff\nanother\x7f")
    plain, fast = (inspect_file(path, level=Level.BANK, manner=Manner(is_fast=each)) for each in (False, True))
    assert fast.to_json() == plain.to_json()
    assert codes(plain) == ["document-control-character", "document-not-utf8"]


def test_json_when_valid_then_its_kind_is_told(tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "metadata", VALID_JSON)
    assert (subject.format, codes(subject), subject.facts) == ("json", [], {"kind": "object"})


@pytest.mark.parametrize(
    "rows",
    [
        [f"rs{n},SAMPLE-1,A,G,0.8" for n in range(10, 16)],
        [f"rs{n}\tchr1\t5\tNoCall" for n in range(10, 16)],
        [f'"rs{n}","1","5","AB"' for n in range(10, 16)],
        [f"chr1\t{n}\trs{n}\tA\tG\t.\tPASS\t.\tGT\t0/1" for n in range(10, 16)],
        [f"rs{n} 1 5 DI" for n in range(10, 16)],
        ["FAM LINE 0 0 1 -9" + " A G" * 30],
    ],
    ids=["final report", "no call", "calls as AB", "vcf body", "insertions", "ped"],
)
def test_text_when_it_has_genotypes_then_it_says_so(rows: list[str], tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "notes.txt", "\n".join(["# notes", *rows]).encode())
    assert subject.facts["genotype_like"] is True
    assert codes(subject) == ["document-looks-like-genotypes"]


@pytest.mark.parametrize(
    "rows",
    [
        ["The variant rs1815739 is common."] * 9,
        ["chr1\t10\tA\tG"] * 9,
    ],
    ids=["prose", "no identifiers"],
)
def test_text_when_it_has_no_genotypes_then_it_stays_open(rows: list[str], tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "notes.md", "\n".join(rows).encode())
    assert (subject.format, codes(subject)) == ("text", [])
    assert "genotype_like" not in subject.facts


def zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "text")
    return stream.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"##fileformat=VCFv4.3\n#CHROM\tPOS\n",
        b"#CHROM\tPOS\tID\tREF\tALT\n",
        b"@HD\tVN:1.6\n@SQ\tSN:chr1\tLN:9\n",
        b"@RG\tID:1\n@RG\tID:2\n",
        b"read1\t4\t*\t0\t0\t*\t*\t0\t0\tACGT\tIIII\n",
        b"@read1\nACGT\n+\nIIII\n",
        b">chr1\nACGTACGTACGTACGTACGTACGT\n",
        b"\x89HDF\r\n\x1a\n\0\0\0\0",
        b"BAM\1\0\0\0\0",
        b"CRAM\3\0" + b"\0" * 20,
        zipped(),
        gzip.compress(b"BAM\1\0\0\0\0", mtime=0),
        b"half text\0half not\n",
        b"",
    ],
    ids=[
        "vcf",
        "vcf header",
        "sam",
        "sam groups",
        "sam alignment",
        "fastq",
        "fasta",
        "hdf5",
        "bam",
        "cram",
        "zip",
        "gzip",
        "nul",
        "empty",
    ],
)
@pytest.mark.parametrize("name", ["notes.txt", "data", "table.xyz"])
def test_sniff_when_given_data_then_it_is_no_text(name: str, content: bytes) -> None:
    found = sniff_bytes(name, content)
    assert found is None or found.name not in {"text", "json", "table"}


def test_sniff_when_the_name_is_that_of_data_then_it_is_no_text() -> None:
    assert sniff_bytes("line.ped", b"F1 S1 0 0 1 -9 A G\n") is None


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("notes.txt", PROSE, "text"),
        ("README.md", PROSE, "text"),
        ("README", "끝".encode() * 30_000, "text"),
        ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"></svg>\n', "text"),
        ("x.json", b"{broken", "json"),
        ("x", b' [{"a": 1}]', "json"),
        ("x.txt", b"[section]\nkey=value\n", "text"),
        ("report.pdf", b"nothing", "pdf"),
        ("x.bin", b"%PDF-1.4", "pdf"),
    ],
)
def test_sniff_when_given_a_document_then_knows_its_kind(name: str, content: bytes, wanted: str) -> None:
    found = sniff_bytes(name, content)
    assert found is not None
    assert found.name == wanted


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "format_name"),
    [(VALID_PDF, "pdf"), (PROSE + GENOTYPES, "text"), (VALID_JSON, "json")],
    ids=["pdf", "text", "json"],
)
def test_document_when_damaged_at_random_then_the_outcome_is_a_subject(
    content: bytes, format_name: str, tmp_path: Path
) -> None:
    assert_survives(tmp_path, "document", content, format_name)


@pytest.mark.parametrize(
    "content",
    [b"[" * 300, b"[" * 300 + b"]" * 300, b"\xef\xbb\xbf{}", b'{"a": "\xe9"}', b" " * (LARGEST_DOCUMENT_BYTES + 1)],
    ids=["not closed", "deep", "byte order mark", "latin-1", "too large"],
)
def test_json_when_it_cannot_be_read_then_it_is_not_valid_by_the_specification_alone(
    content: bytes, tmp_path: Path
) -> None:
    subject = inspect_bytes(tmp_path, "x.json", content, level=Level.SPEC)
    assert not subject.valid
    assert {each.rules for each in subject.findings} == {Level.SPEC}
