r"""Citations: what they say, and that no title can break out of them."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.access import PublicRecord
from catalog.model import Publisher
from catalog.registry import EXPORTS, plugins
from publish.exports import Export
from publish.exports.citation import CITATION
from tests.exports.builders import PACKAGE, bank, public

ADDRESS = f"{PACKAGE}/2026.11"
TITLE = "EXMPi001-A: human induced pluripotent stem-cell line from umbilical cord blood"


def cite(record: PublicRecord, publisher: str = "Example Institute") -> dict[str, str]:
    made = CITATION.render(record, bank(publisher=Publisher(name=publisher)))
    assert set(made) == set(CITATION.paths)
    return {path.rpartition(".")[2]: content.decode() for path, content in made.items()}


def fields_of(bibtex: str) -> dict[str, str]:
    """The fields of an entry, as BibTeX reads them: braces are counted, whatever stands before them."""
    opening = re.match(r"@misc\{[A-Za-z0-9.-]+,\n", bibtex)
    assert opening is not None
    body = bibtex[opening.end() :]
    found: dict[str, str] = {}
    position = 0
    while match := re.compile(r"  (\w+) = ").match(body, position):
        start = position = match.end()
        depth = 0
        while depth or body[position] not in ",\n":
            depth += {"{": 1, "}": -1}.get(body[position], 0)
            position += 1
        found[match[1]] = body[start:position]
        position += 2 if body[position] == "," else 1
    assert body[position:] == "}\n"
    return found


def lines_of(ris: str) -> list[tuple[str, str]]:
    lines = ris.split("\r\n")
    assert lines.pop() == ""
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - [^\r\n]*", line) for line in lines)
    return [(line[:2], line[6:]) for line in lines]


def test_citation_when_registered_then_found_by_name() -> None:
    export = plugins(EXPORTS)["citation"]
    assert isinstance(export, Export)


def test_citation_when_written_as_text_then_publisher_year_title_version_address() -> None:
    assert cite(public())["txt"] == f"Example Institute (2026). {TITLE}, version 2026.11 [Data set]. {ADDRESS}\n"


def test_citation_when_written_as_bibtex_then_an_institution_is_the_author() -> None:
    assert fields_of(cite(public())["bib"]) == {
        "author": "{{Example Institute}}",
        "title": f"{{{{{TITLE}}}}}",
        "publisher": "{Example Institute}",
        "version": "{2026.11}",
        "note": "{Data set}",
        "url": f"{{{ADDRESS}}}",
        "year": "{2026}",
        "month": "nov",
    }


def test_citation_when_written_as_ris_then_a_data_set() -> None:
    lines = lines_of(cite(public())["ris"])
    assert lines[0] == ("TY", "DATA")
    assert lines[-1] == ("ER", "")
    assert dict(lines) == {
        "TY": "DATA",
        "ID": "EXMPi001-A-2026.11",
        "AU": "Example Institute",
        "TI": TITLE,
        "PB": "Example Institute",
        "ET": "2026.11",
        "AB": "Data package of the cell line. Its data files are synthetic.",
        "UR": ADDRESS,
        "PY": "2026",
        "DA": "2026/11/22/",
        "ER": "",
    }


def test_citation_when_written_as_csl_then_one_item() -> None:
    assert json.loads(cite(public())["json"]) == [
        {
            "id": "EXMPi001-A-2026.11",
            "type": "dataset",
            "title": TITLE,
            "author": [{"literal": "Example Institute"}],
            "publisher": "Example Institute",
            "version": "2026.11",
            "abstract": "Data package of the cell line. Its data files are synthetic.",
            "URL": ADDRESS,
            "issued": {"date-parts": [[2026, 11, 22]]},
        }
    ]


def test_citation_when_planned_then_no_date_and_no_version() -> None:
    made = cite(public(release="", issued=""))
    assert made["txt"] == f"Example Institute (n.d.). {TITLE} [Data set]. {PACKAGE}\n"
    assert not {"year", "month", "version"} & set(fields_of(made["bib"]))
    assert not {"PY", "DA", "ET"} & {tag for tag, _ in lines_of(made["ris"])}
    assert "issued" not in json.loads(made["json"])[0]


def test_citation_when_title_has_tex_specials_then_escaped() -> None:
    title = fields_of(cite(public(title="100% {a}_b & c^2 ~ $x #1 \\input{/etc/passwd}"))["bib"])["title"]
    assert title == (
        r"{{100\% \textbraceleft{}a\textbraceright{}\_b \& c\textasciicircum{}2 \textasciitilde{} \$x \#1 "
        r"\textbackslash{}input\textbraceleft{}/etc/passwd\textbraceright{}}}"
    )


@pytest.mark.parametrize(
    "text",
    ["x\nTY  - JOUR", "x\r\nER  - \r\nTY  - JOUR", "x\x0bTY  - JOUR", "x\u2028TY  - JOUR", "x\x85TY  - JOUR"],
)
def test_citation_when_title_holds_a_ris_line_then_it_stays_in_its_line(text: str) -> None:
    lines = lines_of(cite(public(title=text, description=text), publisher=text)["ris"])
    assert [tag for tag, _ in lines] == ["TY", "ID", "AU", "TI", "PB", "ET", "AB", "UR", "PY", "DA", "ER"]


@settings(max_examples=200, deadline=None)
@given(
    text=st.one_of(
        st.text(min_size=1),
        st.text(alphabet="{}\\%,@\"'=\r\n -TYER_$&#~^x", min_size=1),
    )
)
def test_citation_when_anything_is_a_title_then_no_form_breaks(text: str) -> None:
    made = cite(public(title=f"t {text}", description=text), publisher=f"p {text}")
    assert set(fields_of(made["bib"])) >= {"author", "title", "publisher", "version", "note", "url", "year", "month"}
    assert [tag for tag, _ in lines_of(made["ris"])][-1] == "ER"
    [item] = json.loads(made["json"])
    assert item["title"].startswith("t")
    assert len(made["txt"].splitlines()) == 1
