"""The portal's view: a new generation under running readers, damaged ones refused, withdrawals at once."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from catalog.bank import Bank
from catalog.index import build_index
from catalog.index.current import CURRENT, read_current
from catalog.web.app import make_app
from catalog.web.state import Portal
from tests.builders import LINE_ID, counts_bytes, make_bank, release, withdraw, write_line

pytestmark = pytest.mark.slow

FILES = {"data/rna-seq/counts.tsv": counts_bytes(), "data/rna-seq/more_counts.tsv": counts_bytes(counts=(1, 2, 3))}


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    made = make_bank(tmp_path)
    write_line(made, files=FILES)
    release(made, "2026.11")
    return made


def test_index_when_swapped_under_readers_then_no_request_fails_and_generations_never_mix(bank: Bank) -> None:
    stop = threading.Event()
    faults: list[str] = []
    seen: set[int] = set()

    def read(client: TestClient) -> None:
        while not stop.is_set():
            health = client.get("/healthz").json()
            found = client.get("/api/search")
            page = client.get(f"/package/{LINE_ID}")
            if found.status_code != 200 or page.status_code != 200 or health["status"] != "ok":
                faults.append(f"{found.status_code} {page.status_code} {health}")
            seen.add(health["generation"])

    with TestClient(make_app(bank), base_url="http://testserver") as client:
        readers = [threading.Thread(target=read, args=(client,)) for _ in range(3)]
        for reader in readers:
            reader.start()
        for _ in range(8):
            build_index(bank)
        stop.set()
        for reader in readers:
            reader.join()
        final = client.get("/healthz").json()["generation"]
    assert faults == []
    assert len(seen) > 2
    assert final == read_current(bank.index_folder).generation
    assert len(list(bank.index_folder.glob("index-*.duckdb"))) == 2


def damage_truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4096])


def damage_flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def damage_foreign(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + b"\0" * 8192)


def damage_remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    "damage", [damage_truncate, damage_flip, damage_foreign, damage_remove], ids=lambda each: each.__name__
)
def test_index_when_the_new_one_is_damaged_then_the_old_one_goes_on_serving(bank: Bank, damage: object) -> None:
    with TestClient(make_app(bank), base_url="http://testserver") as client:
        assert client.get("/healthz").json()["status"] == "ok"
        old = client.get("/healthz").json()["generation"]
        # The pointer must move only after the damage, as a disk that loses bytes would do it.
        pointer = bank.index_folder / CURRENT
        before = pointer.read_bytes()
        current = build_index(bank)
        after = pointer.read_bytes()
        pointer.write_bytes(before)
        client.get("/healthz")
        assert callable(damage)
        damage(bank.index_folder / current.file)
        pointer.write_bytes(after)
        health = client.get("/healthz")
        assert (health.status_code, health.json()["status"], health.json()["generation"]) == (200, "degraded", old)
        assert client.get("/api/search").json()["total"] == 1
        build_index(bank)
        assert client.get("/healthz").json()["status"] == "ok"


def test_index_when_missing_at_the_start_then_503_and_words_until_it_is_built(bank: Bank) -> None:
    (bank.index_folder / CURRENT).unlink()
    with TestClient(make_app(bank), base_url="http://testserver") as client:
        assert client.get("/healthz").status_code == 503
        assert client.get("/").status_code in {404, 503}
        build_index(bank)
        assert client.get("/healthz").status_code == 200
        assert client.get("/").status_code == 200


def test_index_when_of_another_schema_then_is_refused(bank: Bank) -> None:
    pointer = bank.index_folder / CURRENT
    members = json.loads(pointer.read_bytes())
    pointer.write_text(json.dumps({**members, "schema": members["schema"] + 1}))
    with TestClient(make_app(bank), base_url="http://testserver") as client:
        assert client.get("/healthz").json()["fault"] == "index-version"


def test_withdrawal_when_the_index_lags_then_is_answered_at_once(bank: Bank) -> None:
    pointer = bank.index_folder / CURRENT
    with TestClient(make_app(bank), base_url="http://testserver") as client:
        assert client.get("/api/search").json()["total"] == 1
        index = {path: path.read_bytes() for path in bank.index_folder.iterdir()}
        withdraw(bank, f"{LINE_ID}/data/rna-seq/counts.tsv")
        # A portal whose index could not be renewed: the old generation is put back.
        for path in bank.index_folder.iterdir():
            path.unlink()
        for path, content in index.items():
            path.write_bytes(content)
        assert pointer.exists()
        health = client.get("/healthz").json()
        assert (health["status"], health["lag"]) == ("ok", 1)
        assert client.get(f"/package/{LINE_ID}/2026.11/files/data/rna-seq/counts.tsv").status_code == 410
        page = client.get(f"/package/{LINE_ID}/2026.11", headers={"accept": "text/html"})
        assert page.status_code == 200
        assert [each["path"] for each in client.get("/api/files").json()["files"]] == ["data/rna-seq/more_counts.tsv"]
        assert client.get(f"/package/{LINE_ID}/2026.11/files/data/rna-seq/more_counts.tsv").status_code == 200
        assert client.get(f"/package/{LINE_ID}/2026.11.1").status_code == 404


def test_portal_when_nothing_is_released_then_pages_say_so(tmp_path: Path) -> None:
    empty = make_bank(tmp_path)
    build_index(empty)
    with TestClient(make_app(empty), base_url="http://testserver") as client:
        assert client.get("/").status_code == 200
        assert client.get("/release/").status_code == 200
        assert client.get("/catalog.ttl").status_code == 404
        assert client.get("/api/search").json() == {"total": 0, "bytes": 0, "next": None, "packages": []}


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "${7*7}",
    "javascript:alert(1)",
    "</textarea><svg onload=alert(1)>",
    "' OR 1=1 --",
    "%_\\",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_when_in_a_record_or_a_query_then_is_only_text(tmp_path: Path, text: str) -> None:
    bank = make_bank(tmp_path)
    write_line(bank, files=FILES, aliases=[{"name": text, "kind": "in-house"}], notes=[text], origin={"label": text})
    release(bank, "2026.11")
    with TestClient(make_app(bank), base_url="http://testserver") as client:
        for path in ("/", f"/package/{LINE_ID}"):
            page = client.get(path, headers={"accept": "text/html"}).text
            assert "<script>alert" not in page
            assert "<img src=x" not in page
            assert "<svg onload" not in page
            assert 'href="javascript:' not in page
            assert ">49<" not in page
        answer = client.get("/", params={"q": text}, headers={"accept": "text/html"})
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        for name in ("modality", "term", "sort", "year_from"):
            assert client.get("/api/search", params={name: text}).status_code in {200, 400}


def test_portal_when_closed_then_closes_its_index(bank: Bank) -> None:
    portal = Portal(bank)
    with portal.snapshot() as snapshot:
        assert snapshot.sequence == 1
    portal.close()
    portal.close()


@pytest.mark.parametrize("lost", ["store", "object", "ledger", "half of the ledger"])
@pytest.mark.parametrize("started", ["before", "after"])
def test_data_when_they_cannot_be_read_then_no_package_is_said_to_be_gone(bank: Bank, lost: str, started: str) -> None:
    withdraw(bank, f"{LINE_ID}/data/rna-seq/more_counts.tsv")
    places = {"store": bank.store_folder, "ledger": bank.ledger_path, "object": bank.store_folder}
    addresses = [f"/package/{LINE_ID}", f"/api/package/{LINE_ID}", f"/package/{LINE_ID}.ttl"]
    with TestClient(make_app(bank), base_url="http://testserver") as client:
        if started == "before":
            assert client.get("/api/search").json()["total"] == 1
        if lost == "object":
            (place,) = [
                each.parent for each in bank.store_folder.rglob("0=ocfl_object_1.1") if LINE_ID in each.parent.name
            ]
        else:
            place = places.get(lost, bank.ledger_path)
        if lost == "half of the ledger":
            bank.ledger_path.write_bytes(bank.ledger_path.read_bytes().splitlines(keepends=True)[0])
        else:
            place.rename(place.with_name("away"))
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code not in {404, 410}, (address, answer.text[:200])
            if started == "after":
                assert answer.status_code >= 500
        if lost != "half of the ledger":
            place.with_name("away").rename(place)
            assert [client.get(address).status_code for address in addresses] == [200, 200, 200]


def test_release_page_when_a_file_was_withdrawn_then_says_which_and_why(bank: Bank) -> None:
    done = withdraw(bank, f"{LINE_ID}/data/rna-seq/more_counts.tsv", "names a <person>")
    with TestClient(make_app(bank), base_url="http://testserver") as client:
        [gone] = client.get(f"/release/{done.release}.json").json()["withdrawn"]
        page = client.get(f"/release/{done.release}").text
    assert (gone["id"], gone["path"], gone["reason"]) == (LINE_ID, "data/rna-seq/more_counts.tsv", "names a <person>")
    assert "data/rna-seq/more_counts.tsv" in page
    assert "names a &lt;person&gt;" in page
