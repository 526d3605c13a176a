"""Affymetrix CHP and ARR."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from typing import Any

from catalog.formats.protocol import Declared
from tests.formats.affymetrix_files import (
    ARRAY_ELEMENT,
    Console,
    Table,
    arr,
    chp_header,
    cychp_groups,
    data_header,
    genotype_table,
    wide,
)
from tests.formats.cases import FormatCases
from tests.formats.defects import Defect

Groups = list[tuple[str, list[Table]]]


def cychp(change: Callable[[dict[str, Table]], object] | None = None, gap: int = 1, **header: Any) -> Console:
    """A CYCHP whose data sets (by name) may be changed before it is written."""
    groups = cychp_groups()
    if change is not None:
        change({table.name: table for _, tables in groups for table in tables})
    return Console(header=chp_header(**header), groups=groups, gap=gap)


def written(change: Callable[[dict[str, Table]], object] | None = None, **header: Any) -> bytes:
    return cychp(change, **header).written()


def set_cell(name: str, row: int, column: int, value: Any) -> Callable[[dict[str, Table]], None]:
    def change(tables: dict[str, Table]) -> None:
        rows = [list(each) for each in tables[name].rows]
        rows[row][column] = value
        tables[name].rows = rows

    return change


def genotypes(table: Table | None = None) -> bytes:
    header = chp_header(affymetrix_array_type="GenomeWideSNP_6", affymetrix_algorithm_name="birdseed-v2")
    return Console(header=header, groups=[("MultiData", [table or genotype_table()])]).written()


def swapped(content: bytes, old: bytes, new: bytes) -> bytes:
    assert old in content
    return content.replace(old, new, 1)


PLACED = cychp()
CHP = PLACED.written()
WHOLE = genotypes()
NAMES = PLACED.starts["CopyNumber"]
ROW_BYTES = 16 + 1 + 4 + 4


def chp_defect(title: str, code: str, content: bytes, **rest: Any) -> Defect:
    return Defect(id=title, code=f"chp-{code}", content=content, **rest)


def retyped(tables: dict[str, Table]) -> None:
    tables["CopyNumber"].columns = [("ProbeSetName", 12), ("Chromosome", "h"), ("Position", "I"), ("Log2Ratio", "f")]


def forced(value: int) -> bytes:
    table = genotype_table()
    table.rows = [(*row[:3], value if number == 4 else 6, row[4]) for number, row in enumerate(table.rows)]
    return genotypes(table)


def deep(levels: int) -> bytes:
    parent = data_header("affymetrix-calvin-array", "")
    for _ in range(levels):
        parent = data_header("affymetrix-calvin-array", "", "", {}, [parent])
    known: dict[str, Any] = {"affymetrix-algorithm-name": "a", "affymetrix-array-type": "T"}
    header = data_header("affymetrix-multi-data-type-analysis", "0000-chp", "", known, [parent])
    return Console(header=header, groups=[("MultiData", [genotype_table()])]).written()


def without_algorithm() -> bytes:
    known: dict[str, Any] = {"affymetrix-array-type": "GenomeWideSNP_6"}
    header = data_header("affymetrix-multi-data-type-analysis", "0000-chp", "", known)
    return Console(header=header, groups=[("MultiData", [genotype_table()])]).written()


CHP_DEFECTS = [
    chp_defect("magic", "magic", b"not a CHP file", offset=0),
    chp_defect("XDA", "old-version", struct.pack("<2i", 65, 1) + bytes(60), offset=0),
    chp_defect("historical", "old-version", b"GeneChip Sequence File" + struct.pack("<i", 13) + bytes(40), offset=0),
    chp_defect("version 2", "version", b"\x3b\x02" + CHP[2:], offset=1),
    chp_defect(
        "image",
        "identifier",
        swapped(CHP, b"affymetrix-multi-data-type-analysis", b"affymetrix-calvin-scan-acquisition!"),
        offset=10,
    ),
    chp_defect("analysis of nobody", "identifier", swapped(CHP, b"multi-data-type", b"other-data-type"), offset=10),
    chp_defect("cut in the header", "truncated", CHP[:60], offset=60),
    chp_defect("cut in the rows", "truncated", CHP[: NAMES + 40], offset=NAMES + 40),
    chp_defect("negative count of groups", "length", CHP[:2] + b"\xff\xff\xff\xff" + CHP[6:], offset=2),
    chp_defect(
        "name longer than its column",
        "length",
        CHP[:NAMES] + struct.pack(">i", 13) + CHP[NAMES + 4 :],
        record=1,
        offset=NAMES,
        column="ProbeSetName",
    ),
    chp_defect(
        "name of a length below none",
        "length",
        CHP[: NAMES + ROW_BYTES] + struct.pack(">i", -1) + CHP[NAMES + ROW_BYTES + 4 :],
        record=2,
    ),
    chp_defect("parents without end", "too-deep", deep(17)),
    chp_defect("half a character", "text", swapped(CHP, wide("en-US"), wide("en-US")[:4] + b"\xd8\0\0n\0-\0U\0S")),
    chp_defect("ASCII that is none", "text", written(affymetrix_chipsummary_note=b"\xffmale")),
    chp_defect("unknown type of parameter", "parameter", swapped(CHP, wide("text/ascii"), wide("text/ebcdi"))),
    chp_defect("data set elsewhere", "position", CHP[:6] + struct.pack(">I", 77) + CHP[10:], offset=6),
    chp_defect("gap of four bytes", "position", cychp(gap=4).written(), only=False),
    chp_defect("chromosome as a short", "column", written(retyped), column="CopyNumber"),
    chp_defect("column of type 9", "column", swapped(CHP, wide("Confidence") + b"\x06", wide("Confidence") + b"\x09")),
    chp_defect("trailing", "trailing-bytes", CHP + b"more", offset=len(CHP)),
    chp_defect(
        "no identifier", "no-guid", swapped(CHP, struct.pack(">i", 8) + b"0000-chp", struct.pack(">i", 0)), only=False
    ),
    chp_defect("made from itself", "guid-twice", swapped(CHP, b"0000-chp", b"0000-cel")),
    chp_defect("date", "date", swapped(CHP, wide("2021-05-05T10:11:12Z"), wide("2021-05-35T10:11:12Z"))),
    chp_defect("a person", "personal", written(user_name="mkim"), column="user-name"),
    chp_defect(
        "other line",
        "sample-not-the-line",
        written(sample_name="KSCBi005-A"),
        column="sample-name",
        declared=Declared(line_id="KSCBi001-A"),
    ),
    chp_defect("assembly", "assembly-not-declared", CHP, declared=Declared(assembly="GRCh38")),
    chp_defect(
        "position behind the end",
        "assembly-not-declared",
        written(set_cell("CopyNumber", 2, 2, 249_000_000), affymetrix_algorithm_param_genome_version_ucsc=None),
        declared=Declared(assembly="GRCh38"),
    ),
    chp_defect(
        "call of a probe set that is not there", "index", written(set_cell("Calls", 5, 0, 24)), record=6, column="Index"
    ),
    chp_defect("signal of one that is not there", "index", written(set_cell("MarkerABSignal", 23, 0, 99)), record=24),
    chp_defect("chromosome longer than it is", "index", written(set_cell("Summary", 1, 3, 13)), record=2),
    chp_defect("forced call of none", "forced-call", forced(11), record=5, column="ForcedCall"),
    chp_defect("no algorithm", "no-parameter", without_algorithm(), column="affymetrix-algorithm-name"),
    chp_defect("no data sets", "data-sets", Console(header=chp_header(), groups=[("MultiData", [])]).written()),
    chp_defect("MAPD", "quality", written(affymetrix_chipsummary_MAPD=0.31), column="affymetrix-chipsummary-MAPD"),
    chp_defect("SNP-QC", "quality", written(affymetrix_chipsummary_snp_qc=9.5)),
    chp_defect("waviness", "quality", written(affymetrix_chipsummary_waviness_sd=0.4)),
]


EXPRESSION = Table(
    name="Expression Results",
    columns=[
        ("Probe Set Name", 10),
        ("Detection", "B"),
        ("Detection p-value", "f"),
        ("Signal", "f"),
        ("Number of Pairs", "H"),
    ],
    rows=[("1007_s_at", 0, 0.01, 523.2, 16), ("1053_at", 2, 0.6, 11.0, 16)],
)


def expression() -> bytes:
    known: dict[str, Any] = {"affymetrix-algorithm-name": "MAS5", "affymetrix-array-type": "HG-U133_Plus_2"}
    header = data_header("affymetrix-expression-probeset-analysis", "0000-chp", "2021-05-05T10:11:12Z", known)
    return Console(header=header, groups=[("Expression Results", [EXPRESSION]), ("Background Zone Data", [])]).written()


def arr_defect(title: str, code: str, content: str | bytes, **rest: Any) -> Defect:
    raw = content.encode() if isinstance(content, str) else content
    return Defect(id=title, code=f"arr-{code}", content=raw, **rest)


ATTRIBUTE = '<UserAttribute Name="Passage" Type="Int"><UserAttributeValue>18</UserAttributeValue></UserAttribute>'
SAMPLE = arr(attributes=ATTRIBUTE)
DTD = '<!DOCTYPE ArraySetFile SYSTEM "ArraySetAndTemplateFile.dtd">\n'
ROOT = 'GUID="1-2" Version="1.0"'


def second_array(guid: str) -> str:
    return ARRAY_ELEMENT + ARRAY_ELEMENT.replace("0000065535-0000000001", guid)


ARR_DEFECTS = [
    arr_defect("element not closed", "not-well-formed", SAMPLE.replace("</UserAttributes>", ""), line=5),
    arr_defect("cut", "not-well-formed", SAMPLE[:-20]),
    arr_defect("no XML", "not-well-formed", "sample,array\n1,2\n", line=1, name="a.arr"),
    arr_defect("encoding of nobody", "not-well-formed", SAMPLE.replace("UTF-8", "x-fairline")),
    arr_defect("encoding that is not taken", "not-well-formed", SAMPLE.replace("UTF-8", "euc-kr")),
    arr_defect(
        "not in its encoding", "not-well-formed", SAMPLE.replace("chip-7", "chip-\xff").encode("latin-1"), line=3
    ),
    arr_defect(
        "other document type", "doctype", arr(prolog='<!DOCTYPE a SYSTEM "http://example.org/a.dtd">\n'), line=2
    ),
    arr_defect("own declarations", "doctype", arr(prolog="<!DOCTYPE ArraySetFile [<!ELEMENT a ANY>]>\n"), line=2),
    arr_defect(
        "an entity",
        "doctype",
        arr(prolog='<!DOCTYPE ArraySetFile SYSTEM "ArraySetAndTemplateFile.dtd" [<!ENTITY a "b">]>\n'),
    ),
    arr_defect("other root", "root", '<TemplateFile GUID="1-2"/>', name="a.arr", line=1),
    arr_defect(
        "array outside of the arrays", "element", arr(attributes=ARRAY_ELEMENT, arrays=""), column="PhysicalArray"
    ),
    arr_defect("root without identifier", "no-guid", arr(root='Version="1.0"'), column="GUID"),
    arr_defect(
        "array without identifier", "array-no-guid", arr(arrays='<PhysicalArray MasterFileName="a"/>'), column="GUID"
    ),
    arr_defect("identifier with spaces", "guid", arr(root='GUID="not-an-identifier"'), column="GUID"),
    arr_defect(
        "master file's identifier", "guid", SAMPLE.replace("0000065535-0000000009", "?"), column="MasterFileGUID"
    ),
    arr_defect("arrays of one identifier", "guid-twice", arr(arrays=second_array("0000065535-0000000001"))),
    arr_defect("date in words", "date", arr(root=ROOT + ' CreatedDateTime="soon"'), column="CreatedDateTime"),
    arr_defect("month 13", "date", SAMPLE.replace("2021-05-03T08:00:00Z", "2021-13-03T08:00:00Z", 1)),
    arr_defect("no array", "no-array", arr(arrays="")),
    arr_defect("array without type", "array-type", arr(arrays='<PhysicalArray GUID="3-4"/>'), column="MasterFileName"),
    arr_defect("nested without end", "large", arr(attributes="<a>" * 120 + "</a>" * 120)),
    arr_defect(
        "other line", "sample-not-the-line", SAMPLE, column="ArrayName", declared=Declared(line_id="KSCBi001-A")
    ),
    arr_defect("a user", "personal", arr(root=ROOT + ' CreatedBy="CORP\\mkim"'), column="CreatedBy"),
    arr_defect(
        "a donor",
        "personal",
        arr(attributes=ATTRIBUTE.replace("Passage", "Donor").replace("18", "Jane Roe")),
        column="Donor",
    ),
    arr_defect(
        "an address", "personal", SAMPLE.replace('Value="4321"', 'Value="jane.roe@example.org"'), column="Value"
    ),
]
FORMATS = [
    FormatCases(
        format="chp",
        file="a.cychp",
        valid={
            "CYCHP": CHP,
            "CYCHP without free bytes": cychp(gap=0).written(),
            "CYCHP in gzip": gzip.compress(CHP),
            "genotypes": WHOLE,
            "expression": expression(),
            "forced call of none": forced(0),
            "without metrics": written(affymetrix_chipsummary_MAPD=None),
            "other chip": written(affymetrix_array_type="Axiom_KORV1", affymetrix_chipsummary_MAPD=0.4),
        },
        clean=["CYCHP", "genotypes", "expression"],
        defects=CHP_DEFECTS,
    ),
    FormatCases(
        format="arr",
        file="a.ARR",
        valid={
            "usual": SAMPLE.encode(),
            "UTF-16": b"\xff\xfe" + SAMPLE.replace("UTF-8", "UTF-16").encode("utf-16-le"),
            "UTF-16, big-endian": b"\xfe\xff" + SAMPLE.replace("UTF-8", "UTF-16").encode("utf-16-be"),
            "UTF-8 with mark": b"\xef\xbb\xbf" + SAMPLE.encode(),
            "with Affymetrix' document type": arr(prolog=DTD).encode(),
            "namespace": SAMPLE.replace("<ArraySetFile", '<ArraySetFile xmlns="http://www.affymetrix.com"').encode(),
            "two arrays": arr(arrays=second_array("0000065535-0000000002")).encode(),
            "a template": arr(arrays="").encode(),
            "Korean attributes": arr(attributes=ATTRIBUTE.replace("Passage", "계대")).encode(),
            "elements of others": arr(attributes="<More><Deep/></More>").encode(),
            "comments": SAMPLE.replace("<UserAttributes>", "<!-- none --><UserAttributes>").encode(),
        },
        clean=["usual", "UTF-16", "UTF-8 with mark", "with Affymetrix' document type", "two arrays"],
        defects=ARR_DEFECTS,
    ),
]
