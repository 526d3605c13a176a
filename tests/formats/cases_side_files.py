"""Cases of checksum side files, alone and beside the files that they name, and of gzip files of unknown content."""

from __future__ import annotations

import gzip
import hashlib
import random

from tests.formats.cases import FormatCases, GroupCases, GroupDefect
from tests.formats.defects import Defect

MD5, SHA1, SHA256 = "d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "e3b0c442" * 8
TWO = f"{SHA256}  a.vcf.gz\n{'0' * 64}  b/c d.txt\n".encode()


def lines(*each: str) -> bytes:
    """Lines of a file."""
    return "".join(f"{line}\n" for line in each).encode()


VALID = {
    "two": TWO,
    "binary": lines(f"{SHA256} *a.vcf.gz"),
    "upper case": lines(f"{SHA256.upper()}  a.vcf.gz"),
    "escaped": lines(f"\\{SHA256}  a\\nb\\\\c"),
    "bsd": lines(f"SHA256 (a (1).txt) = {SHA256}"),
    "openssl": lines(f"SHA2-256(a.txt)= {SHA256}", f"SHA256(b.txt)= {SHA256}"),
    "blanks and tabs": lines(
        f" \t{SHA256}  a", f"{SHA256}\tb", f"{SHA256}\t c", f"\t\\{SHA256}\t*d\\\\", f" SHA256 (e)\t=  {SHA256}"
    ),
    "tabs alone": lines(f"{SHA256}\ta.vcf.gz"),
    "one blank": lines(f"{SHA256} a.vcf.gz"),
    "comments": lines("# made by hand", f"{SHA256}  a.vcf.gz"),
    "no line end": TWO[:-1],
    "other alphabets": lines(f"{SHA256}  세포주.txt"),
    "name of latin-1": SHA256.encode() + b"  t\xe9l\n",
    "name like an option": lines(f"{SHA256}  -", f"{SHA256}  a..b"),
    "alone": lines(SHA256),
    "crlf": TWO.replace(b"\n", b"\r\n"),
    "same twice": lines(f"{SHA256}  a", f"{SHA256}  a"),
    "many": lines(*(f"{hashlib.sha256(str(number).encode()).hexdigest()}  f{number}" for number in range(20_000))),
}
_NOT_CLEAN = {"alone", "crlf"}


def second(text: str) -> bytes:
    """Two lines, the second another one."""
    return lines(f"{SHA256}  a", text)


DEFECTS = [
    Defect(id="words", content=second("no checksum at all"), code="checksums-line", line=2),
    Defect(id="short digest and tab", content=second(f"\t{SHA256[1:]}\tb"), code="checksums-digest", line=2),
    Defect(id="no-break space", content=second(f"\u00a0{SHA256}  b"), code="checksums-line", line=2),
    Defect(id="comment behind a blank", content=second(f" # {SHA256}  b"), code="checksums-line", line=2),
    Defect(id="no name", content=second(f"{SHA256}  "), code="checksums-no-name", line=2),
    Defect(id="unknown escape", content=second(f"\\{SHA256}  a\\tb"), code="checksums-line", line=2),
    Defect(id="no bracket", content=second(f"SHA256 (b = {SHA256}"), code="checksums-line", line=2),
    Defect(id="long name", content=second(f"{SHA256}  " + "x" * 5000), code="checksums-line", line=2),
    Defect(id="short digest", content=second(f"{SHA256[1:]}  b"), code="checksums-digest", line=2),
    Defect(id="digest of another algorithm", content=second(f"MD5 (b) = {SHA256}"), code="checksums-digest", line=2),
    Defect(id="only comments", content=b"# none\n", code="checksums-none"),
    Defect(
        id="md5 in a list of sha256", content=second(f"{MD5}  b"), code="checksums-suffix", line=2, name="files.sha256"
    ),
    Defect(id="sha256 in a list of md5", content=TWO, code="checksums-suffix", line=1, name="MD5SUMS"),
    Defect(id="blank line", content=second("") + TWO, code="checksums-blank-line", line=2),
    Defect(id="crlf", content=VALID["crlf"], code="checksums-line-end", line=1),
    Defect(id="alone", content=VALID["alone"], code="checksums-no-name", line=1),
    Defect(id="absolute", content=second(f"{SHA256}  /data/b"), code="checksums-path", line=2),
    Defect(id="above", content=second(f"{SHA256}  b/../../c"), code="checksums-path", line=2),
    Defect(id="absolute of Windows", content=second(f"{SHA256}  C:\\data\\b"), code="checksums-path", line=2),
    Defect(id="above of Windows", content=second(f"{SHA256}  ..\\b"), code="checksums-path", line=2),
    Defect(id="contradiction", content=second(f"{'1' * 64}  a"), code="checksums-contradiction", line=2),
    Defect(id="sha3", content=TWO, code="checksums-not-compared", line=1, name="SHA3-256SUMS"),
    Defect(id="blake3", content=TWO, code="checksums-not-compared", line=1, name="files.b3"),
    Defect(
        id="sha1", content=lines(f"{SHA1}  a", f"{SHA1}  b"), code="checksums-not-compared", line=1, name="files.sha1"
    ),
]

FILE = b"a,b\n1,2\n"
OTHER = b"a,b\n1,3\n"


def sums(content: bytes, name: str) -> bytes:
    """The line of sha256sum."""
    return f"{hashlib.sha256(content).hexdigest()}  {name}\n".encode()


def md5_of(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


GROUPS = [
    GroupCases(
        companions="checksums",
        valid={
            "all": {"SHA256SUMS": sums(FILE, "a.csv") + sums(OTHER, "b.csv"), "a.csv": FILE, "b.csv": OTHER},
            "side file": {"a.csv.md5": f"{md5_of(FILE)}  a.csv\n".encode(), "a.csv": FILE},
            "in a folder below": {"SHA256SUMS": sums(FILE, "x/a.csv"), "a.csv": OTHER},
            "no list": {"a.csv": FILE, "b.csv": OTHER},
        },
        defects=[
            GroupDefect(
                id="another file",
                files={"SHA256SUMS": sums(FILE, "a.csv") + sums(FILE, "b.csv"), "a.csv": FILE, "b.csv": OTHER},
                code="checksums-differ",
                at="SHA256SUMS",
                line=2,
            ),
            GroupDefect(
                id="another md5",
                files={"a.csv.md5": f"{md5_of(OTHER)} *a.csv\n".encode(), "a.csv": FILE},
                code="checksums-differ",
                at="a.csv.md5",
                line=1,
            ),
            GroupDefect(
                id="digest alone",
                files={"a.csv.sha256": hashlib.sha256(OTHER).hexdigest().encode(), "a.csv": FILE},
                code="checksums-differ",
                at="a.csv.sha256",
                line=1,
            ),
            GroupDefect(
                id="no such file",
                files={"SHA256SUMS": sums(FILE, "a.csv")},
                code="checksums-file-missing",
                at="SHA256SUMS",
                line=1,
            ),
            GroupDefect(
                id="in another folder",
                files={"SHA256SUMS": sums(OTHER, "b.csv") + sums(FILE, "x/a.csv"), "b.csv": OTHER, "x/a.csv": FILE},
                code="checksums-file-not-read",
                at="SHA256SUMS",
                line=2,
            ),
        ],
    )
]

BYTES = random.Random(1).randbytes(100_000)
_UNKNOWN = {
    "bytes": gzip.compress(b"\0\1\2\3" + BYTES, mtime=0),
    "archive": gzip.compress(b"data/" + bytes(507) + BYTES, mtime=0),
    "two members": gzip.compress(b"\0\1" + BYTES, mtime=0) + gzip.compress(b"more", mtime=0),
    "nothing": gzip.compress(b"", mtime=0),
}
FORMATS = [
    FormatCases(
        format="checksums",
        file="checksums.txt",
        valid=VALID,
        clean=sorted(set(VALID) - _NOT_CLEAN),
        defects=DEFECTS,
    ),
    FormatCases(
        format="gzip",
        file="unknown.gz",
        valid=_UNKNOWN,
        clean=[],
        defects=[
            Defect(id=name, content=content, code="gzip-content-unknown", offset=0)
            for name, content in _UNKNOWN.items()
        ],
    ),
]
