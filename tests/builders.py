"""Builders: a bank in a folder, lines in it, small valid files, releases and public records; every part is the real one.

A bank is made in ``folder/bank`` and its keys in ``folder/config``, so that :func:`settings_of` finds them again::

    bank = make_bank(tmp_path)
    write_line(bank, files={"data/wes/calls.vcf.gz": vcf_bytes()})
    release(bank, "2026.11")
"""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog.access import PublicRecord, project, restore
from catalog.bank import Bank, Line, add_files, init_bank
from catalog.bank.lines import Table
from catalog.checks.run import JudgedLine, Surroundings, judge_line
from catalog.checksums import Hasher
from catalog.findings import Subject
from catalog.loading import read_rows, read_yaml
from catalog.model import AssayRow, FileRow
from catalog.profiles import decode_record
from catalog.settings import Settings
from catalog.vocabulary import open_vocabulary
from publish.releasing import Outcome, ReleaseJob
from publish.releasing import release as make_release
from publish.withdrawal import Withdrawn
from publish.withdrawal import withdraw as make_withdrawal

BASE_IRI = "https://bank.example.org/"
LINE_ID = "EXMPi001-A"
NOW = "2026-11-22T08:00:00Z"
#: No folder of ontologies: the vocabulary is the shipped core alone.
NO_ONTOLOGIES = Path("no-ontologies-installed")

#: The shortest record that is valid at deposit.
RECORD: Mapping[str, Any] = {
    "profile": "line-1",
    "line_id": LINE_ID,
    "aliases": [{"name": "example-hiPSC-1", "kind": "in-house"}],
    "line_type": "iPSC",
    "species": "NCBITaxon:9606",
    "clo": {"class": "CLO:0037308", "status": "parent-only"},
    "donor": {"donor_id": "EXMP-D001", "sex": "unknown"},
    "origin": {"tissue": "UBERON:0012168", "label": "umbilical cord blood"},
    "derivation": {"lab": "unknown", "year": "unknown"},
    "access": {
        "tier": "open",
        "approval": {
            "by": "Example Bank data access committee",
            "number": "DAC-1",
            "date": "2021-02-01",
            "scope": ["snp-array", "wes", "methyl-seq", "rna-seq"],
        },
    },
    "consent": {"duo": ["DUO:0000042"], "irb": {"committee": "Example IRB", "approval_no": "1"}},
    "grade": "research",
    "availability": {"status": "available"},
    "licence": "CC-BY-4.0",
}


def shared_folder() -> Path:
    """The folder of real files beside the repository (``FAIRLINE_SHARED``, default ``../shared``).

    Where it is missing the test is skipped; on the build machine it fails.
    """
    default = Path(__file__).resolve().parents[2] / "shared"
    found = Path(os.environ.get("FAIRLINE_SHARED", default))
    if not found.is_dir():
        absent(f"{found} is missing; set FAIRLINE_SHARED")
    return found


def absent(what: str) -> None:
    """Something that a test needs is not here: skipped by default, a failure on the build machine."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


def make_settings(folder: Path) -> Settings:
    """Settings whose keys and known keys lie in ``folder/config``."""
    return Settings(
        bank=None,
        key_file=None,
        config_folder=folder / "config",
        ontologies_folder=folder / NO_ONTOLOGIES,
        color=False,
    )


def settings_of(bank: Bank) -> Settings:
    """The settings with which :func:`make_bank` made a bank."""
    return make_settings(bank.root.parent)


def make_bank(folder: Path, *, base_iri: str = BASE_IRI, title: str = "Example Stem Cell Bank") -> Bank:
    """A new bank in ``folder/bank`` with a real key pair in ``folder/config``."""
    bank, _ = init_bank(
        folder / "bank", make_settings(folder), title=title, base_iri=base_iri, publisher="Example Institute"
    )
    return bank


def merged(value: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A value with changes: mappings are merged, anything else is replaced, None takes the field out."""
    result = dict(value)
    for name, change in changes.items():
        old = result.get(name)
        if change is None:
            result.pop(name, None)
        elif isinstance(change, Mapping) and isinstance(old, Mapping):
            result[name] = merged(old, change)
        else:
            result[name] = change
    return result


def record(**changes: Any) -> dict[str, Any]:
    """The shortest valid record with changes, as a plain value of its own."""
    plain: dict[str, Any] = json.loads(json.dumps(merged(RECORD, changes)))
    return plain


def record_bytes(**changes: Any) -> bytes:
    """The text of ``line.yaml`` with the shortest valid record and changes."""
    return yaml.safe_dump(record(**changes), sort_keys=False, allow_unicode=True).encode()


def write_line(
    bank: Bank,
    line_id: str = LINE_ID,
    *,
    files: Mapping[str, bytes] | None = None,
    cells: Mapping[str, Mapping[str, str]] | None = None,
    tables: Mapping[str, str | bytes] | None = None,
    **changes: Any,
) -> Path:
    """Writes a line's folder and registers its files.

    Args:
        bank: the bank.
        line_id: the line; also the record's ``line_id``.
        files: content by path; each file is registered with ``add``. A modality is taken from a folder on the path.
        cells: what ``add`` is told of a file, by path.
        tables: the text of tables by name, such as ``qc.csv``; a ``files.csv`` here stands as it is, nothing is added.
        **changes: of the record (see :func:`merged`).

    Returns:
        The line's folder.
    """
    folder = bank.lines_folder / line_id
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "line.yaml").write_bytes(record_bytes(**{"line_id": line_id, **changes}))
    for path, content in (files or {}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    for name, text in (tables or {}).items():
        (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    if "files.csv" not in (tables or {}):
        for path in files or {}:
            add_files(folder, [folder / path], (cells or {}).get(path, {}))
    return folder


def row(path: str, **cells: Any) -> FileRow:
    """A row of files.csv; an absent ``tier`` is an empty cell, which inherits the line's tier."""
    return FileRow(**{"path": path, "tier": "", **cells})


def seen(path: str, format_name: str | None = "text", content: bytes = b"x\n", **facts: Any) -> Subject:
    """What inspection says of a file."""
    digests = Hasher()
    digests.update(content)
    sums = digests.finish()
    return Subject(
        path=path, kind="file", format=format_name, bytes=sums.bytes, sha256=sums.sha256, md5=sums.md5, facts=facts
    )


def line_value(
    rows: Sequence[FileRow] = (), tables: Mapping[str, str] | None = None, line_id: str = LINE_ID, **changes: Any
) -> Line:
    """A line in memory, as reading a folder would give it.

    Args:
        rows: its files.
        tables: the text of tables by their names without ``.csv``.
        line_id: the line.
        **changes: of the record (see :func:`merged`).
    """
    content = record_bytes(**{"line_id": line_id, **changes})
    document = read_yaml(content)
    held = {name: Table(content=text.encode(), rows=read_rows(text.encode())) for name, text in (tables or {}).items()}
    assays = [dict(each.cells) for each in held["assays"].rows.rows] if "assays" in held else []
    return Line(
        line_id=line_id,
        folder=Path("lines") / line_id,
        record=decode_record(document.value),
        record_bytes=content,
        document=document,
        tables=held,
        files=tuple(rows),
        assays=tuple(AssayRow(**{"modality": "", **each}) for each in assays),
    )


def judge(bank: Bank, line_id: str = LINE_ID) -> JudgedLine:
    """A line after all checks."""
    with open_vocabulary(NO_ONTOLOGIES) as vocabulary:
        surroundings = Surroundings(vocabulary=vocabulary, line_ids=frozenset(bank.line_ids()))
        return judge_line(bank.lines_folder / line_id, surroundings)


def public_record(bank: Bank, line_id: str = LINE_ID, *, now: str = NOW) -> PublicRecord:
    """The public record of a working copy, as a release at that time would make it (without modality terms)."""
    judged = judge(bank, line_id)
    terms = [{**each.to_json(), "field": each.field} for each in judged.annotations]
    return project(judged.line, judged.files, terms, judged.all_findings(), now)[0]


def sealed(**members: Any) -> PublicRecord:
    """A public record with given members, as a stored package gives one; nothing else is in it."""
    plain = record()
    default: dict[str, Any] = {
        "line_id": LINE_ID,
        "title": f"{LINE_ID}: human induced pluripotent stem-cell line",
        "description": "An example.",
        "tier": "open",
        "record": plain,
        "files": (),
        "tables": {},
        "restricted": (),
        "annotations": (),
        "findings": (),
    }
    return restore({**default, **members})


def release(bank: Bank, name: str = "2026.11", *, now: str = NOW, message: str = "") -> Outcome:
    """Makes a release with the shipped core of terms and a clock that stands still."""
    with open_vocabulary(NO_ONTOLOGIES) as vocabulary:
        job = ReleaseJob(bank=bank, settings=settings_of(bank), vocabulary=vocabulary, clock=lambda: now)
        return make_release(job, name, message)


def withdraw(bank: Bank, target: str, reason: str = "consent withdrawn", *, now: str = NOW) -> Withdrawn:
    """Withdraws ``LINE`` or ``LINE/PATH`` with a clock that stands still."""
    return make_withdrawal(bank, settings_of(bank), target, reason, lambda: now)


def bgzf(content: bytes) -> bytes:
    """Content as BGZF (SAMv1, 4.1), with its end block."""
    end = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
    blocks = []
    for at in range(0, len(content), 0xFF00):
        piece = content[at : at + 0xFF00]
        packer = zlib.compressobj(wbits=-15)
        packed = packer.compress(piece) + packer.flush()
        size = (len(packed) + 25).to_bytes(2, "little")
        tail = zlib.crc32(piece).to_bytes(4, "little") + len(piece).to_bytes(4, "little")
        blocks.append(b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0" + size + packed + tail)
    return b"".join([*blocks, end])


def vcf_bytes(sample: str = LINE_ID, *, positions: Sequence[int] = (10001,)) -> bytes:
    """A small VCF of one sample, BGZF, of GRCh38."""
    text = (
        "##fileformat=VCFv4.3\n"
        "##contig=<ID=chr1,length=248956422>\n"
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
        f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{sample}\n"
    )
    text += "".join(f"chr1\t{position}\t.\tA\tC\t30\tPASS\t.\tGT\t0/1\n" for position in positions)
    return bgzf(text.encode())


def fastq_bytes(reads: int = 2, *, bases: str = "ACGTN") -> bytes:
    """A small gzipped FASTQ file; mates have the same names and other bases."""
    return gzip.compress("".join(f"@read{n}\n{bases}\n+\nII#II\n" for n in range(reads)).encode(), mtime=0)


def counts_bytes(sample: str = LINE_ID, *, counts: Sequence[int] = (0, 10, 200)) -> bytes:
    """A small matrix of counts; its file's name must say ``count``."""
    lines = [f"gene_id\t{sample}", *(f"ENSG{n:011d}\t{count}" for n, count in enumerate(counts, start=1))]
    return ("\n".join(lines) + "\n").encode()


def regions_bytes(*values: float) -> bytes:
    """A small table of regional methylation."""
    rows = [f"chr1\t{n * 1000}\t{n * 1000 + 500}\t{value}" for n, value in enumerate(values or (0.25, 0.75), start=1)]
    return ("\n".join(["chrom\tstart\tend\tmean_methylation", *rows]) + "\n").encode()


def text_bytes(text: str = "Colonies are compact.") -> bytes:
    """A small text document."""
    return f"{text}\n".encode()
