"""A package that is built but not released: valid by frictionless, by the Data Package 2.0 profile, and by fairline."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import frictionless
import jsonschema
import pytest

from catalog.bank import Bank
from catalog.errors import ConflictError, InvalidError
from catalog.verify import verify_path
from catalog.vocabulary import open_vocabulary
from publish.unreleased import build_package
from tests.builders import (
    LINE_ID,
    NO_ONTOLOGIES,
    NOW,
    counts_bytes,
    fastq_bytes,
    make_bank,
    regions_bytes,
    release,
    settings_of,
    vcf_bytes,
    withdraw,
    write_line,
)

FILES = {
    "data/wes/calls.vcf.gz": vcf_bytes(),
    "data/wes/reads_R1.fastq.gz": fastq_bytes(),
    "data/wes/reads_R2.fastq.gz": fastq_bytes(bases="TTGCA"),
    "data/rna-seq/counts.tsv": counts_bytes(),
    "data/methyl-seq/regions.tsv": regions_bytes(),
    "data/Notes.json": b'{"a": [1, 2]}\n',
}
TABLES = {
    "qc.csv": "test,class,role,verdict,performer_kind,value,unit,parental\nmycoplasma,sterility,release,pass,bank,<0.25,EU/mL,false\n"
    '"teratoma, in mice",pluripotency,fio,not_done,bank,,,\n',
    "banks.csv": "bank_id,type,passage,date\nMCB1,master,15,2016\nDB1,distribution,p10+8,2017\n",
    "hla.csv": "locus,allele1,allele2\nA,A*33:03,A*33:03\n",
    "cnv.csv": "band,type,hotspot,chrom,start,end\n20q11.21,gain,true,chr20,29420000,31200000\n",
    "assays.csv": "assay_id,modality,kit\nwes-1,wes,SureSelect\n",
}
CASES: dict[str, dict[str, Any]] = {
    "everything": {
        "files": FILES,
        "tables": TABLES,
        "cells": {"data/wes/calls.vcf.gz": {"assay_id": "wes-1", "assembly": "GRCh38"}},
        "access": {"approval": {"scope": ["wes", "rna-seq", "methyl-seq", "hla", "cnv"]}},
    },
    "blank": {},
    "all-controlled": {"files": FILES, "tables": TABLES, "access": {"tier": "controlled"}},
    "hangul-and-markup": {
        "files": FILES,
        "notes": ["한국 줄기세포 <b>은행</b>\tand\nmore"],
        "origin": {"label": "제대혈 | cord blood"},
    },
    "tables-of-many-kinds": {
        "files": {
            "data/rna-seq/counts.tsv": b"# made by featureCounts\n# twice\n" + counts_bytes(),
            "data/half.csv": b"# a comment\na,b\n1,2\n",
            "data/tabs.csv": b"a\tb\n1\t2\n",
        },
        "cells": {path: {"role": "document"} for path in ("data/half.csv", "data/tabs.csv")},
    },
    "licence-with-plus": {"files": FILES, "licence": "GPL-2.0+"},
    "licence-as-address": {"files": FILES, "licence": "https://example.org/terms"},
}


def build(bank: Bank, folder: Path) -> list[str]:
    with open_vocabulary(NO_ONTOLOGIES) as vocabulary:
        return build_package(bank, LINE_ID, folder, vocabulary, NOW)


@pytest.fixture(params=CASES, ids=list(CASES))
def package(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    bank = make_bank(tmp_path)
    write_line(bank, **CASES[request.param])
    build(bank, tmp_path / "package")
    return tmp_path / "package"


@pytest.mark.filterwarnings("ignore")  # frictionless and petl warn about themselves
def test_package_when_judged_by_frictionless_then_is_valid(package: Path) -> None:
    report = frictionless.validate(str(package / "datapackage.json"))
    assert report.valid, report.flatten(["type", "fieldName", "note"])
    assert len(report.tasks) == len(json.loads((package / "datapackage.json").read_bytes())["resources"])


def test_package_when_judged_by_the_profile_then_is_valid(package: Path, shared: Path) -> None:
    profile = json.loads((shared / "standards/datapackage-2.0/datapackage.json").read_bytes())
    descriptor = json.loads((package / "datapackage.json").read_bytes())
    jsonschema.Draft7Validator(profile).validate(descriptor)
    assert descriptor["$schema"].endswith("2.0/datapackage.json")
    assert all("fieldsMatch" not in each.get("schema", {}) for each in descriptor["resources"])
    assert all(each["hash"].startswith("sha256:") for each in descriptor["resources"])


def test_package_when_verified_then_holds_and_names_a_flipped_byte(package: Path, tmp_path: Path) -> None:
    bank = make_bank(tmp_path / "other")
    assert verify_path(package, settings_of(bank)).valid
    target = package / "record.json"
    target.write_bytes(target.read_bytes().replace(b"line-1", b"line-2"))
    outcome = verify_path(package, settings_of(bank))
    assert [(finding.code, finding.path) for finding in outcome.findings] == [("download-file", "record.json")]


def test_package_when_built_twice_then_is_byte_for_byte_the_same(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    write_line(bank, **CASES["everything"])
    paths = build(bank, tmp_path / "one")
    build(bank, tmp_path / "two")
    assert paths == build(bank, tmp_path / "one")
    for path in paths:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes(), path
    assert {"README.md", "citation.bib", "citation.txt", "record.json", "files.csv", "report.json", "dcat.ttl"} <= set(
        paths
    )


def test_package_when_the_line_has_errors_then_nothing_is_built(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    write_line(bank, line_type="nonsense")
    with pytest.raises(InvalidError) as caught:
        build(bank, tmp_path / "package")
    assert caught.value.code == "line-has-errors"
    assert not (tmp_path / "package").exists()


def test_package_when_the_folder_holds_something_else_then_is_refused(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    folder = write_line(bank)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken/thesis.txt").write_text("years of work")
    with pytest.raises(ConflictError):
        build(bank, tmp_path / "taken")
    assert (tmp_path / "taken/thesis.txt").read_text() == "years of work"
    with pytest.raises(ConflictError):
        build(bank, folder / "package")
    shutil.rmtree(folder)


def test_package_when_built_twice_then_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bank = make_bank(tmp_path)
    write_line(bank, files=FILES)
    for name, now in (("one", "2026-11-22T08:00:00Z"), ("two", "2026-12-24T08:00:00Z")):
        with open_vocabulary(NO_ONTOLOGIES) as vocabulary:
            build_package(bank, LINE_ID, tmp_path / name, vocabulary, now)
    one, two = (
        {p.relative_to(f): p.read_bytes() for p in f.rglob("*") if p.is_file()}
        for f in (tmp_path / "one", tmp_path / "two")
    )
    assert one == two
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    build(bank, tmp_path / "three")
    assert json.loads((tmp_path / "three/datapackage.json").read_bytes())["created"] == "2023-11-14T22:13:20Z"


def test_package_when_a_file_or_the_line_was_withdrawn_then_refused(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    write_line(bank, files=FILES)
    release(bank, "2026.10")
    for target in (f"{LINE_ID}/{next(iter(FILES))}", LINE_ID):
        withdraw(bank, target)
        with pytest.raises(ConflictError) as caught:
            build(bank, tmp_path / "package")
        assert caught.value.code == ("withdrawn-file" if "/" in target else "withdrawn-line")
        assert not (tmp_path / "package").exists()
