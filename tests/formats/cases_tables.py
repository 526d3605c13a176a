"""Cases of tables: CSV and TSV."""

from __future__ import annotations

import random

from catalog.findings import Level
from tests.formats.cases import FormatCases
from tests.formats.defects import Defect

VALID = b'sample,passage,note\nKSCBi005-A,18,"cord blood, frozen"\nKSCBi001-A,24,"two\r\nlines"\n'
TSV = b'sample\tpassage\tnote\nKSCBi005-A\t18\t5" dish\nKSCBi001-A\t24\t\n'


def replaced(number: int, new: bytes, content: bytes = VALID) -> bytes:
    """The content with another line."""
    lines = content.split(b"\n")
    lines[number - 1] = new
    return b"\n".join(lines)


def random_table(seed: int, rows: int, separator: str = "\t") -> bytes:
    """A table of numbers and words, some cells quoted where commas separate, some of other alphabets."""
    chance = random.Random(seed)
    words = (
        "alpha",
        "beta gamma",
        "passage",
        "세포주",
        "naïve",
        "-80C",
        "n.a.",
        "A1",
        "iPSC",
        "12:30",
        "S01",
        "x/y",
        "",
    )
    lines = [separator.join(("id", "start", "percent", "word", "change", "note"))]
    for number in range(rows):
        note = chance.choice(words)
        if separator == "," and chance.random() < 0.3:
            note = '"' + note + chance.choice(("", ", more", ' ""quoted""', "\nsecond line")) + '"'
        lines.append(
            separator.join(
                (
                    f"r{number}",
                    str(chance.randrange(10**9)),
                    f"{chance.uniform(0, 100):.3f}",
                    chance.choice(words),
                    f"{chance.gauss(0, 3):+.2e}",
                    note,
                )
            )
        )
    return ("\n".join(lines) + "\n").encode()


def in_large(cell: bytes, separator: bytes = b"\t") -> bytes:
    """A large table with one other cell, in line 9000."""
    content = random_table(11, 12_000, separator.decode())
    lines = content.split(b"\n")
    cells = lines[8999].split(separator)
    return replaced(9000, separator.join((*cells[:3], cell, *cells[4:])), content)


LARGE = random_table(11, 12_000)
VALIDS = {
    "csv": VALID,
    "tsv": TSV,
    "large tsv": LARGE,
    "large csv": random_table(12, 12_000, ","),
    "header alone": b"a,b\n",
    "one column": b"word\nx\ny\n",
    "no line end": VALID[:-1],
    "crlf": TSV.replace(b"\n", b"\r\n"),
    "blank lines": b"\n\na,b\n\n1,2\n\n",
    "empty cells": b"a,b,c\n,,\n1,,\n",
    "quotes": b'"a ""b""","c"\n"",""\n"1, 2",""""\n',
    "quoted header of two lines": b'"a\nb",c\n1,2\n',
    "other alphabets": "이름,값\n세포주,1\nnaïve,2\n".encode(),
    "like formulas": b"a,b\n-5,+3.2\n-1e-5,-\n--,-80C\n-inf,a@b.de\n+,+5\n",
    "control characters between tabs": b"a\tb\n1\x0b\t2\n",
    "like dates": b"a,b\nOCT4,SEP15\n2021-09-02,HLA-A\n1-2,sep\nSEPTIN2,MAR\n",
    "quoted delimiters at an end": b'a,b\n"x,",1\n",x","2"\n',
    "comment": b"# made by a program\n" + VALID,
    "blank line in one column": b"word\n\nx\n\ny\n",
    "semicolons in names": b"id,sex (m; f; x),note (a; b; c)\nA,m,one; two\nB,f,\n",
    "semicolons in quoted names": b'"id; name","sex; m; f","note"\n"A","m","one; two"\n"B","f",""\n',
    "semicolons in the name of one column": b"name; unit\nx\ny\n",
    "semicolons and a cell of two lines": b'id;name,note\n1,"one\ntwo"\n2,x\n',
    "comma in a quoted name of one column": b'"name, unit; note"\nx\n',
}
DEFECTS = [
    Defect(id="latin-1", content=replaced(2, b"KSCBi005-A,18,t\xe9l"), code="table-encoding", line=2, column=16),
    Defect(id="latin-1 late", content=in_large(b"t\xe9l"), code="table-encoding", line=9000),
    Defect(id="overlong", content=in_large(b"\xc0\xaf"), code="table-encoding", line=9000),
    Defect(id="surrogate", content=replaced(2, b"\xed\xa0\x80,1,2"), code="table-encoding", line=2, column=1),
    Defect(id="blank lines", content=b"\n\n", code="table-empty", line=1),
    Defect(id="blank", content=b" \n", code="table-empty", line=1),
    Defect(id="semicolons", content=VALID.replace(b",", b";"), code="table-separator", line=1),
    Defect(
        id="semicolons and commas",
        content=b"id;share;note\nA;0,5;x\nB;0,75;y\n",
        code="table-separator",
        line=1,
    ),
    Defect(id="semicolons and a comma", content=b"id;share, %;note\nA;0,5;x\nB;7;y\n", code="table-separator", line=1),
    Defect(id="semicolons alone", content=b"a;b;c\n", code="table-separator", line=1),
    Defect(id="blank line", content=replaced(2, b"\nKSCBi005-A,18,x"), code="table-blank-line", line=2),
    Defect(id="blank lines between", content=b"a,b\n1,2\n\n\n3,4\n\n", code="table-blank-line", line=3),
    Defect(id="blank line tsv", content=TSV + b"\r\na\tb\tc\n", code="table-blank-line", line=4, level=Level.SPEC),
    Defect(id="blank line late", content=replaced(9000, b"", LARGE), code="table-blank-line", line=9000),
    Defect(id="comment", content=b"# made by a program\n" + VALID, code="table-comment", line=1),
    Defect(id="too many columns", content=b"x" + b",x" * 200_000, code="table-many-columns", line=1),
    Defect(id="no name", content=replaced(1, b"sample,,note"), code="table-column-without-name", line=1, column=2),
    Defect(id="blank name", content=replaced(1, b"sample, ,note"), code="table-column-without-name", line=1, column=2),
    Defect(id="name twice", content=replaced(1, b"sample,note,note"), code="table-column-twice", line=1, column="note"),
    Defect(id="short", content=replaced(2, b"KSCBi005-A,18"), code="table-ragged", line=2, record=1),
    Defect(id="long", content=replaced(2, b"KSCBi005-A,18,x,"), code="table-ragged", line=2, record=1),
    Defect(id="long tsv", content=TSV + b"a\tb\tc\td\n", code="table-ragged", line=4, record=3),
    Defect(id="one cell more", content=in_large(b"x\ty"), code="table-ragged", line=9000, record=8999),
    Defect(id="blank line of blanks", content=VALID + b"  \n", code="table-ragged", line=5, record=3),
    Defect(id="short behind a row of lines", content=VALID + b"a,b\n", code="table-ragged", line=5, record=3),
    Defect(id="open quote", content=replaced(2, b'KSCBi005-A,18,"cord blood'), code="table-quotes", line=2, only=False),
    Defect(id="half quoted", content=replaced(2, b'KSCBi005-A,18,"cord" blood'), code="table-quotes", line=2),
    Defect(id="quote inside", content=replaced(2, b'KSCBi005-A,18,cord "blood"'), code="table-quotes", line=2),
    Defect(id="quote inside late", content=in_large(b'a "b"', b","), code="table-quotes", only=False),
    Defect(id="half quoted late", content=in_large(b'"a"b', b","), code="table-quotes", only=False),
    Defect(id="carriage return", content=replaced(2, b"a,b\rc,d"), code="table-quotes", line=2),
    Defect(
        id="endless cell",
        content=replaced(2, b'KSCBi005-A,18,"' + b"cord blood\n" * 200_000),
        code="table-quotes",
        line=2,
    ),
    Defect(
        id="control character", content=replaced(2, b"x,1\x0b8,y"), code="table-control-character", line=2, column=4
    ),
    Defect(id="quoted control character", content=replaced(2, b'x,"\x07",y'), code="table-control-character", line=2),
    Defect(id="delete in the header", content=replaced(1, b"a\x7f,b,c"), code="table-control-character", line=1),
    Defect(id="control late", content=in_large(b"a\x1bb", b","), code="table-control-character", only=False),
    Defect(id="date", content=replaced(2, b"2-Sep,18,x"), code="table-gene-date", line=2, column="sample"),
    Defect(id="short date", content=replaced(2, b"x,18,Mar-01"), code="table-gene-date", line=2, column="note"),
    Defect(id="other date", content=replaced(2, b"x,18,SEP2"), code="table-gene-date", line=2, column="note"),
    Defect(id="quoted date", content=replaced(2, b'"1-Mar",18,x'), code="table-gene-date", line=2, column="sample"),
    Defect(id="date late", content=in_large(b"10-Dec"), code="table-gene-date", line=9000, column="word"),
    Defect(id="formula", content=replaced(2, b"x,18,=1+1"), code="table-formula", line=2, column="note"),
    Defect(id="call", content=replaced(2, b"x,18,@SUM(A1)"), code="table-formula", line=2, column="note"),
    Defect(id="sum", content=replaced(2, b"x,18,-2+3"), code="table-formula", line=2, column="note"),
    Defect(id="command", content=replaced(2, b"x,18,+cmd|' /C calc'!A0"), code="table-formula", line=2, column="note"),
    Defect(id="quoted formula", content=replaced(2, b'x,18,"=HYPERLINK(""a"")"'), code="table-formula", line=2),
    Defect(id="tab before", content=replaced(2, b"x,18,\t=1"), code="table-formula", line=2, column="note"),
    Defect(id="formula late", content=in_large(b"=A1"), code="table-formula", line=9000, column="word"),
    Defect(id="difference late", content=in_large(b"-1-2"), code="table-formula", line=9000, column="word"),
    Defect(
        id="genotypes",
        content=b"rsid,chromosome,position,genotype\n" + b"".join(b"rs%d,1,5,AG\n" % n for n in range(10, 16)),
        code="document-looks-like-genotypes",
    ),
    Defect(id="one variant late", content=in_large(b"rs4680"), code="document-looks-like-genotypes"),
    Defect(id="hla late", content=in_large(b"A*02:01"), code="document-looks-like-genotypes"),
    Defect(id="read late", content=in_large(b"ACGTTGCA" * 8), code="document-looks-like-genotypes"),
]

FORMATS = [
    FormatCases(
        format="table",
        file="table.csv",
        valid=VALIDS,
        clean=sorted(set(VALIDS) - {"comment", "blank lines"}),
        defects=DEFECTS,
    )
]
