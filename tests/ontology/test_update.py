"""Updates: trust, versions, forms, addresses; a refused one changes nothing."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from catalog.errors import CatalogError, IntegrityError, TemporaryError, UsageError
from catalog.ontology.fetch import download, is_address
from catalog.ontology.sources import read_sources, source
from catalog.ontology.update import ANY, update_ontology
from catalog.vocabulary import open_vocabulary
from tests.ontology.builders import document, example_source, owl_class, sub, write

TEXT = document(owl_class("EX:1", "one"), owl_class("EX:2", "two", sub("EX:1")))
HEADER = '<owl:Ontology rdf:about="http://example.org/ex"><owl:versionInfo>7</owl:versionInfo></owl:Ontology>'
OBO = "format-version: 1.4\ndata-version: 8\n\n[Term]\nid: EX:1\nname: one\n"
TTL = '@prefix obo: <http://purl.obolibrary.org/obo/> . obo:EX_1 <http://www.w3.org/2000/01/rdf-schema#label> "one" .'


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_update_when_a_file_is_given_then_it_is_installed_and_summed_up(tmp_path: Path) -> None:
    path = write(tmp_path / "ex.owl.gz", TEXT)
    summary = update_ontology(example_source(), path, tmp_path / "store")
    assert (summary.own, summary.terms, summary.is_a, summary.closure) == (2, 2, 1, 1)
    assert summary.sha256 == digest(TEXT)
    assert summary.licence == "CC0-1.0"
    assert not summary.unchanged
    with open_vocabulary(tmp_path / "store") as vocabulary:
        assert vocabulary.is_descendant("EX:2", "EX:1")
        assert vocabulary.versions()["ex"] == digest(TEXT)[:12]


def test_update_when_the_same_content_comes_again_then_nothing_is_written(tmp_path: Path) -> None:
    update_ontology(example_source(), write(tmp_path / "ex.owl.gz", TEXT), tmp_path / "store")
    before = sorted((tmp_path / "store").rglob("*"))
    summary = update_ontology(example_source(), write(tmp_path / "plain.owl", TEXT), tmp_path / "store")
    assert summary.unchanged
    assert summary.own == 2
    assert sorted((tmp_path / "store").rglob("*")) == before


def test_update_when_the_store_is_damaged_then_it_is_written_again(tmp_path: Path) -> None:
    path = write(tmp_path / "ex.owl", TEXT)
    update_ontology(example_source(), path, tmp_path / "store")
    for file in (tmp_path / "store").rglob("term.parquet"):
        file.write_bytes(b"")
    assert not update_ontology(example_source(), path, tmp_path / "store").unchanged
    with open_vocabulary(tmp_path / "store") as vocabulary:
        assert vocabulary.term("EX:1") is not None


@pytest.mark.parametrize(
    ("text", "name", "pinned", "version", "origin"),
    [
        (document(HEADER, owl_class("EX:1", "one")), "x.owl", True, "7", "file"),
        (TEXT, "x.owl", True, "2019", "sources"),
        (TEXT, "x.owl", False, digest(TEXT)[:12], "sha256"),
        (OBO, "x.obo", False, "8", "file"),
        (OBO, "sniffed", False, "8", "file"),
        (TTL, "x.ttl.gz", False, digest(TTL)[:12], "sha256"),
        (TTL, "sniffed", False, digest(TTL)[:12], "sha256"),
        (TEXT, "sniffed.gz", False, digest(TEXT)[:12], "sha256"),
    ],
)
def test_update_when_installed_then_the_version_says_where_it_is_from(
    tmp_path: Path, text: str, name: str, pinned: bool, version: str, origin: str
) -> None:
    known = example_source(version="2019", sha256=digest(text) if pinned else None)
    summary = update_ontology(known, write(tmp_path / name, text), tmp_path / "store")
    assert (summary.version, summary.version_source) == (version, origin)


@pytest.mark.parametrize(
    ("trust", "code"),
    [
        ("pinned", "ontology-digest"),
        ("b" * 64, "ontology-digest"),
        ("abc", "ontology-digest-form"),
        (ANY, None),
        (digest(TEXT), None),
        (f"sha256:{digest(TEXT).upper()}", None),
    ],
    ids=["pinned", "another", "no digest", "any", "named", "named with prefix"],
)
def test_update_when_the_digest_is_asked_for_then_only_the_right_file(
    tmp_path: Path, trust: str, code: str | None
) -> None:
    path = write(tmp_path / "ex.owl", TEXT)
    known = example_source(sha256="c" * 64)
    if code is None:
        assert update_ontology(known, path, tmp_path / "store", trust=trust).own == 2
        return
    with pytest.raises(CatalogError) as caught:
        update_ontology(known, path, tmp_path / "store", trust=trust)
    assert caught.value.code == code
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("x.owl", document(owl_class("CL:1", "of another ontology")), "ontology-empty"),
        ("x.owl", document(owl_class("EX:1")), "ontology-empty"),
        ("x.json", '{"graphs": []}', "ontology-format"),
        ("x.owl", "no XML", "ontology-unreadable"),
        ("x.txt", "", "ontology-format"),
    ],
)
def test_update_when_refused_then_the_old_store_stays(tmp_path: Path, name: str, text: str, code: str) -> None:
    update_ontology(example_source(), write(tmp_path / "good.owl", TEXT), tmp_path / "store")
    before = sorted((tmp_path / "store").rglob("*"))
    with pytest.raises(CatalogError) as caught:
        update_ontology(example_source(), write(tmp_path / name, text), tmp_path / "store")
    assert caught.value.code == code
    assert sorted((tmp_path / "store").rglob("*")) == before


def test_update_when_neither_file_nor_address_is_known_then_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        update_ontology(source("hpscreg-clo"), None, tmp_path)
    assert caught.value.code == "ontology-no-file"
    with pytest.raises(UsageError) as caught:
        source("nonsense")
    assert caught.value.code == "ontology-unknown"
    assert "clo" in str(caught.value.want)


class Answers(BaseHTTPRequestHandler):
    """Answers by path; remembers every path."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/").replace("|", "/"))
            self.end_headers()
            return
        if self.path == "/cut":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"short")
            return
        content = {"/ex.owl": TEXT.encode(), "/ex.owl.gz": gzip.compress(TEXT.encode())}.get(self.path)
        self.send_response(200 if content is not None else 404)
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[tuple[str, list[str]]]:
    """A server on loopback: its address and the paths that were asked for."""
    asked: list[str] = []
    handler = type("Handler", (Answers,), {"asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_update_when_an_address_is_given_then_it_is_downloaded_and_not_kept(tmp_path: Path) -> None:
    with serving() as (address, asked):
        assert update_ontology(example_source(url=f"{address}/ex.owl"), None, tmp_path).own == 2
        assert update_ontology(example_source(), f"{address}/to/|ex.owl.gz", tmp_path).unchanged
    assert asked == ["/ex.owl", "/to/|ex.owl.gz", "/ex.owl.gz"]
    assert [path.name for path in tmp_path.iterdir()] == ["ex"]


def test_update_when_it_imports_others_then_they_are_listed_and_never_fetched(tmp_path: Path) -> None:
    with serving() as (address, asked):
        header = f'<owl:Ontology rdf:about="http://example.org/ex"><owl:imports rdf:resource="{address}/ex.owl"/></owl:Ontology>'
        path = write(tmp_path / "x.owl", document(header, owl_class("EX:1", "one")))
        assert update_ontology(example_source(), path, tmp_path / "store").imports == (f"{address}/ex.owl",)
        obo = write(tmp_path / "x.obo", OBO.replace("data-version: 8", f"import: {address}/ex.owl"))
        assert update_ontology(example_source(), obo, tmp_path / "store").imports == (f"{address}/ex.owl",)
    assert asked == []


@pytest.mark.parametrize(
    ("path", "kind", "code"),
    [
        ("/none.owl", TemporaryError, "ontology-download"),
        ("/cut", TemporaryError, "ontology-download"),
        ("/to/ftp:||127.0.0.1|x", IntegrityError, "ontology-address"),
        ("/to/file:|||etc|hostname", IntegrityError, "ontology-address"),
    ],
)
def test_download_when_it_goes_wrong_then_the_reason_is_told(
    tmp_path: Path, path: str, kind: type[CatalogError], code: str
) -> None:
    with serving() as (address, _), pytest.raises(kind) as caught:
        update_ontology(example_source(), address + path, tmp_path)
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []


def test_download_when_larger_than_allowed_then_it_stops(tmp_path: Path) -> None:
    with serving() as (address, _), pytest.raises(IntegrityError) as caught:
        download(f"{address}/ex.owl", tmp_path / "part", most_bytes=10)
    assert caught.value.code == "ontology-too-large"


@pytest.mark.parametrize("address", ["file:///etc/hostname", "ftp://127.0.0.1/x", "http://", "data:text/plain,x"])
def test_download_when_the_address_is_of_another_kind_then_usage_error(tmp_path: Path, address: str) -> None:
    with pytest.raises(UsageError) as caught:
        update_ontology(example_source(), address, tmp_path)
    assert caught.value.code == "ontology-address"


def test_download_when_nobody_listens_then_temporary(tmp_path: Path) -> None:
    with pytest.raises(TemporaryError) as caught:
        download("http://127.0.0.1:9/x.owl", tmp_path / "part")
    assert caught.value.code == "ontology-download"


def test_addresses_when_told_from_paths_then_drives_are_paths() -> None:
    assert is_address("https://example.org/x.owl")
    assert not is_address("C:/x.owl")
    assert not is_address("folder/x.owl")


def test_sources_when_read_then_each_is_complete() -> None:
    for name, each in read_sources().items():
        assert each.name == name
        assert each.title
        assert each.prefixes
        assert all(start.startswith(each.prefixes) for start in each.ids)
        assert each.iri.startswith(("http://", "https://"))
        assert each.url is None or each.url.startswith(("http://", "https://"))
        assert each.format in {"owl", "obo", "ttl"}
        assert each.licence
        assert each.sha256 is None or len(each.sha256) == 64
    owners = [start for each in read_sources().values() for start in each.ids]
    assert not [(a, b) for a in owners for b in owners if a is not b and a.startswith(b)]
