"""One released bank, copied by every test that spoils it."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.bank import Bank
from tests.builders import counts_bytes, make_bank, release, text_bytes, vcf_bytes, withdraw, write_line


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    """Three releases over two lines: open and controlled files, a change, a withdrawn file."""
    made = make_bank(tmp_path_factory.mktemp("verified"))
    files = {
        "data/rna-seq/a_count.tsv": counts_bytes(),
        "data/wes/secret.vcf.gz": vcf_bytes(),
        "data/notes.txt": text_bytes(),
    }
    write_line(made, files=files, cells={"data/wes/secret.vcf.gz": {"tier": "controlled"}})
    write_line(made, "EXMPi002-A", files={"data/rna-seq/gone_count.tsv": counts_bytes("EXMPi002-A")})
    release(made, "2026.10", now="2026-10-01T08:00:00Z")
    write_line(
        made,
        files={**files, "data/notes.txt": text_bytes("Other words.")},
        cells={"data/wes/secret.vcf.gz": {"tier": "controlled"}},
    )
    release(made, "2026.11", now="2026-11-01T08:00:00Z")
    withdraw(made, "EXMPi002-A/data/rna-seq/gone_count.tsv", now="2026-11-02T08:00:00Z")
    return made


@pytest.fixture
def spoilt(bank: Bank, tmp_path: Path) -> Bank:
    """A copy of the bank."""
    from tests.verify.spoiled import copy_of

    return copy_of(bank, tmp_path)
