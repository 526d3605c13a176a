"""One released bank for all tests of the portal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from catalog.bank import Bank
from catalog.web.app import make_app
from tests.builders import counts_bytes, fastq_bytes, make_bank, regions_bytes, release, vcf_bytes, withdraw, write_line

OPEN, CONTROLLED, OTHER, GONE = "EXMPi001-A", "EXMPi002-A", "Local.line_3", "EXMPi004-A"
QC = (
    "test,class,role,verdict,performer_kind,date\n"
    "mycoplasma,sterility,release,pass,bank,2020-01-01\nteratoma,pluripotency,fio,not_done,bank,\n"
)


def make_portal_bank(folder: Path) -> Bank:
    """Four lines and two releases, then one file and one line withdrawn."""
    bank = make_bank(folder)
    files = {
        "data/wes/calls.vcf.gz": vcf_bytes(),
        "data/wes/reads_R1.fastq.gz": fastq_bytes(),
        "data/wes/reads_R2.fastq.gz": fastq_bytes(bases="TTGCA"),
        "data/rna-seq/counts.tsv": counts_bytes(),
        "data/methyl-seq/regions.tsv": regions_bytes(),
        "data/notes.txt": b"a text document\n",
    }
    write_line(bank, OPEN, files=files, tables={"qc.csv": QC})
    write_line(bank, CONTROLLED, files={"data/wes/secret.vcf.gz": vcf_bytes(CONTROLLED)}, access={"tier": "controlled"})
    write_line(bank, OTHER, line_type="ESC", clo={"class": "CLO:0037280"}, name_reason="a local name")
    write_line(bank, GONE, files={"data/wes/gone.vcf.gz": vcf_bytes(GONE)})
    release(bank, "2026.11", message="the first")
    write_line(bank, OPEN, files=files, tables={"qc.csv": QC}, notes=["a second version"])
    release(bank, "2026.12", now="2026-12-20T08:00:00Z")
    withdraw(bank, f"{OPEN}/data/notes.txt", "wrong document", now="2026-12-21T08:00:00Z")
    withdraw(bank, GONE, "donor's wish", now="2026-12-22T08:00:00Z")
    return bank


@pytest.fixture(scope="session")
def portal_bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    """The bank of the portal's tests; nobody changes it."""
    return make_portal_bank(tmp_path_factory.mktemp("portal"))


@pytest.fixture(scope="session")
def client(portal_bank: Bank) -> Iterator[TestClient]:
    """A client of the portal that follows no redirect."""
    with TestClient(make_app(portal_bank), base_url="http://testserver", follow_redirects=False) as client:
        yield client
