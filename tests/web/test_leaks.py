"""Nothing controlled leaves the bank: canaries over every surface, and a bank that looks the same without its secrets."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from starlette.routing import Route
from starlette.testclient import TestClient

from catalog.bank import Bank
from catalog.cli.root import run
from catalog.web.app import make_app
from tests.builders import LINE_ID, bgzf, counts_bytes, fastq_bytes, make_bank, release, vcf_bytes, withdraw, write_line

#: One word a place, so that a leak tells where it comes from.
PLACES = (
    "NAME", "HEADER", "CELL", "SAMPLE", "GROUP", "REPLICATE", "ASSAYKIT", "RELATIVE", "CONSENTID", "VERSIONTEXT", "CAPA",
    "QCREVIEWER", "QCREPORT", "STRKIT", "HLAALLELE", "CNVNOTE", "READNAME", "TABLECELL", "OTHERNAME",
)  # fmt: skip
WORDS = {place: f"CANARY{place}x7q" for place in PLACES}


def vcf_with(sample: str, header: str, cell: str) -> bytes:
    text = (
        "##fileformat=VCFv4.3\n"
        f"##source={header}\n"
        "##contig=<ID=chr1,length=248956422>\n"
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
        f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{sample}\n"
        f"chr1\t10001\t{cell}\tA\tC\t30\tPASS\t.\tGT\t0/1\n"
    )
    return bgzf(text.encode())


def secret_parts() -> dict[str, object]:
    """What a line keeps to itself, every part with its own word."""
    w = WORDS
    name = f"data/wes/{w['NAME']}.vcf.gz"
    reads = gzip.compress(f"@{w['READNAME']}\nACGT\n+\nIIII\n".encode(), mtime=0)
    other = f"data/wes/{w['OTHERNAME']}.csv"
    return {
        "files": {
            name: vcf_with(w["SAMPLE"], w["HEADER"], w["CELL"]),
            "data/wes/reads.fastq.gz": reads,
            other: f"rsid,genotype\n{w['TABLECELL']},AG\n".encode(),
        },
        "cells": {
            name: {"sample_id": w["SAMPLE"], "group": w["GROUP"], "assay_id": "wes-1"},
            other: {"replicate": "1"},
        },
        "tables": {
            "assays.csv": f"assay_id,modality,kit\nwes-1,wes,{w['ASSAYKIT']}\n",
            "qc.csv": "test,class,verdict,performer_kind,reviewed_by,report_file\n"
            f"mycoplasma,sterility,pass,bank,{w['QCREVIEWER']},{w['QCREPORT']}\n",
            "str.csv": f"locus,alleles,kit\nD5S818,11,{w['STRKIT']}\n",
            "hla.csv": f"locus,allele1,allele2,note\nA,A*33:03,A*33:03,{w['HLAALLELE']}\n",
        },
        "donor": {"relatives": [{"donor": w["RELATIVE"], "relation": "mother"}]},
        "consent": {"consent_id": w["CONSENTID"], "version": w["VERSIONTEXT"]},
        "nonconformities": [{"id": "NC-1", "capa": w["CAPA"]}],
    }


def write_secret_line(bank: Bank, **changes: object) -> Path:
    """An open line with a file that is open, and with everything of :func:`secret_parts`, which is not."""
    parts = {**secret_parts(), **changes}
    files = {"data/rna-seq/counts.tsv": counts_bytes(), **parts.pop("files")}  # type: ignore[dict-item]
    access = {"approval": {"scope": ["rna-seq"]}}
    return write_line(bank, LINE_ID, files=files, access=access, **parts)  # type: ignore[arg-type]


def surfaces(bank: Bank) -> Iterator[tuple[str, str]]:
    """Everything that the portal answers, headers too: every address that its pages lead to, in every form."""
    with TestClient(make_app(bank), base_url="http://testserver") as client:
        forms = ("text/html", "application/json", "text/turtle", "application/ld+json", "application/rdf+xml")
        waiting = [
            "/",
            "/catalog",
            "/api/search",
            "/api/facets",
            "/api/files",
            "/api/releases",
            "/sitemap.xml",
            "/healthz",
        ]
        waiting += [
            "/robots.txt",
            "/ledger.jsonl",
            "/signing-key.pub",
            f"/api/package/{LINE_ID}",
            f"/package/{LINE_ID}.nt",
        ]
        waiting += [f"/?q={word}" for word in WORDS.values()] + [f"/api/search?q={word}" for word in WORDS.values()]
        waiting += [f"/package/{LINE_ID}/2026.11/files/data/wes/{WORDS['NAME']}.vcf.gz", f"/term/{WORDS['NAME']}"]
        waiting += [f"/package/{LINE_ID}/2026.11/inventory.json", f"/package/{LINE_ID}/2026.11.zip"]
        seen = set()
        while waiting:
            path = waiting.pop()
            if path in seen:
                continue
            seen.add(path)
            for accept in forms if path.startswith("/package/") and "/files/" not in path else forms[:2]:
                answer = client.get(path, headers={"accept": accept})
                body = answer.content
                if answer.headers["content-type"].startswith("application/zip"):
                    body = b"".join(unzipped(body))
                asked = [word for word in WORDS.values() if word in path]
                text = f"{answer.headers}\n{body.decode('utf-8', 'replace')}"
                for word in asked:
                    text = text.replace(word, "")  # what somebody types in is shown back to them alone
                yield f"{path} ({accept})", text
                if answer.headers["content-type"].startswith("text/html"):
                    for link in re.findall(r'(?:href|src)="([^"#]+)"', answer.text):
                        target = answer.url.join(link.replace("&amp;", "&"))
                        # Facets combine without end; one at a time shows every value.
                        if target.host == "testserver" and len(target.params) < 2:
                            waiting.append(target.raw_path.decode())


def unzipped(content: bytes) -> Iterator[bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            yield name.encode() + b"\n" + archive.read(name)


def index_rows(bank: Bank) -> str:
    """Every cell of every index that is left."""
    found = []
    for path in bank.index_folder.glob("index-*.duckdb"):
        with duckdb.connect(str(path), read_only=True) as connection:
            names = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
            found += [str(connection.execute(f'SELECT * FROM "{name}"').fetchall()) for name in names]
    return "\n".join(found)


def assert_clean(where: str, text: str) -> None:
    for place, word in WORDS.items():
        assert word not in text, f"the canary of {place} is in {where}"


@pytest.fixture(scope="module")
def secret_bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    bank = make_bank(tmp_path_factory.mktemp("secrets"))
    write_secret_line(bank)
    release(bank, "2026.11")
    write_secret_line(bank, notes=["a second version"])
    release(bank, "2026.12")
    return bank


def test_canary_when_controlled_then_is_in_no_byte_of_the_public_side(secret_bank: Bank) -> None:
    held = b"".join(path.read_bytes() for path in secret_bank.controlled_folder.rglob("*") if path.is_file())
    assert WORDS["NAME"].encode() in held, "the canary must be somewhere, or the test proves nothing"
    for path in [*secret_bank.store_folder.rglob("*"), *secret_bank.index_folder.rglob("*"), secret_bank.ledger_path]:
        if path.is_file():
            assert_clean(str(path), path.read_bytes().decode("utf-8", "replace"))
    assert_clean("the index", index_rows(secret_bank))


def test_canary_when_controlled_then_is_in_no_answer(secret_bank: Bank) -> None:
    seen = 0
    for where, text in surfaces(secret_bank):
        seen += 1
        assert_clean(where, text)
    assert seen > 60


def test_canary_when_controlled_then_is_in_no_public_command(
    secret_bank: Bank, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bank = ["--bank", str(secret_bank.root)]
    calls = [
        ["search"], ["search", "--json", "--facets"], ["search", "--files"], ["show", LINE_ID], ["show", LINE_ID, "--json"],
        ["cite", LINE_ID], ["get", LINE_ID, "--out", str(tmp_path / "got")], ["diff", "2026.11", "2026.12"],
        ["query", "FROM file"], ["query", "FROM finding"], ["query", "FROM posting"], ["index", "build"], ["verify"],
    ]  # fmt: skip
    for call in calls:
        assert run([*bank, *call]) == 0, call
        captured = capsys.readouterr()
        assert_clean(" ".join(call), captured.out + captured.err)
    for path in (tmp_path / "got").rglob("*"):
        if path.is_file():
            assert_clean(str(path), path.name + path.read_bytes().decode("utf-8", "replace"))


def test_canary_when_something_fails_then_is_in_no_error_of_the_portal(secret_bank: Bank) -> None:
    with TestClient(make_app(secret_bank), base_url="http://testserver", raise_server_exceptions=False) as client:
        store = secret_bank.store_folder
        hidden = store.rename(store.with_name("store-away"))
        try:
            for path in (
                f"/package/{LINE_ID}",
                f"/api/package/{LINE_ID}",
                "/catalog.ttl",
                f"/package/{LINE_ID}/2026.12.zip",
            ):
                answer = client.get(path)
                assert answer.status_code >= 400
                assert_clean(path, answer.text)
                assert str(secret_bank.root) not in answer.text
        finally:
            hidden.rename(store)


def test_public_side_when_the_secrets_are_other_ones_then_is_byte_for_byte_the_same(tmp_path: Path) -> None:
    """Non-interference: controlled content, its names, sizes, cells and hidden fields leave no trace in what is public."""
    public = []
    for number, changes in enumerate(
        (
            {},
            {
                "files": {
                    "data/wes/quite-another-name.vcf.gz": vcf_bytes(positions=(5, 6, 7)),
                    "data/wes/reads.fastq.gz": fastq_bytes(9),
                },
                "cells": {},
                "tables": {
                    "qc.csv": "test,class,verdict,performer_kind,reviewed_by\nmycoplasma,sterility,pass,bank,somebody else\n"
                },
                "donor": {"relatives": []},
                "consent": {"consent_id": "other"},
                "nonconformities": [{"id": "NC-1"}],
            },
        )
    ):
        bank = make_bank(tmp_path / str(number))
        write_secret_line(bank, **changes)
        release(bank, "2026.11")
        public.append(
            {
                path.relative_to(bank.store_folder): path.read_bytes()
                for path in bank.store_folder.rglob("*")
                if path.is_file() and "locks" not in path.parts
            }
        )
    assert public[0].keys() == public[1].keys()
    assert [path for path in public[0] if public[0][path] != public[1][path]] == []


def test_portal_when_made_then_opens_nothing_of_the_controlled_store(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    write_secret_line(bank)
    release(bank, "2026.11")
    withdraw(bank, f"{LINE_ID}/data/rna-seq/counts.tsv")
    away = bank.controlled_folder.rename(tmp_path / "away")
    with TestClient(make_app(bank), base_url="http://testserver") as client:
        for path in (
            "/",
            f"/package/{LINE_ID}",
            "/catalog.ttl",
            "/api/search",
            "/healthz",
            f"/package/{LINE_ID}/2026.11.1.zip",
        ):
            assert client.get(path).status_code == 200
        assert client.get(f"/package/{LINE_ID}/2026.11/files/data/rna-seq/counts.tsv").status_code == 410
    assert away.is_dir()


def test_route_table_when_listed_then_none_names_the_controlled_side(tmp_path: Path) -> None:
    app = make_app(make_bank(tmp_path))
    paths = [route.path for route in app.routes if isinstance(route, Route)]
    assert paths
    assert not [path for path in paths if "control" in path or "store" in path]
