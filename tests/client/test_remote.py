"""A portal that means no good, or that breaks off: bounded answers, words instead of traces, downloads that go on."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catalog.bank import Bank
from catalog.client.portal_check import verify_portal
from catalog.client.remote import Portal
from catalog.client.transfer import Got, Request, get
from catalog.errors import CatalogError, IntegrityError, NotFoundError, TemporaryError, UsageError
from catalog.events import Event
from catalog.index import Query
from catalog.settings import Settings, read_settings
from catalog.verify import verify_path
from tests.builders import make_bank, release, text_bytes, write_line
from tests.client.hostile import Answer, HostilePortal, bomb, endless, ends_after, hostile, says

PACKAGE, LARGE = "EXMPi001-A", "data/large.txt"
LARGE_CONTENT = text_bytes("".join(f"line {number} of a long document\n" for number in range(20_000)))
#: What may lie in the buffers of two sockets when the client hangs up.
BUFFERS = 16 << 20


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    made = make_bank(tmp_path_factory.mktemp("source"))
    write_line(made, files={LARGE: LARGE_CONTENT})
    release(made)
    return made


@pytest.fixture
def portal(bank: Bank) -> Iterator[HostilePortal]:
    with hostile(bank) as running:
        yield running


@pytest.fixture
def settings() -> Settings:
    return read_settings()


def client(address: str, heard: list[Event] | None = None) -> Portal:
    """A client that does not wait between its tries."""
    return Portal(address, tell=(heard if heard is not None else []).append, wait=lambda _: None)


def fetch(portal: HostilePortal, settings: Settings, folder: Path) -> Got:
    return get(client(portal.address), settings, Request(package=PACKAGE, folder=folder))


def failed(portal: HostilePortal, settings: Settings, folder: Path) -> CatalogError:
    with pytest.raises(CatalogError) as caught:
        fetch(portal, settings, folder)
    return caught.value


READ_INTO_MEMORY = ["/healthz", "/signing-key.pub", "/ledger.jsonl", "/inventory.json"]


@pytest.mark.slow
@pytest.mark.parametrize("path", READ_INTO_MEMORY)
@pytest.mark.parametrize("spoil", [endless, bomb], ids=["endless", "gzip bomb"])
def test_answer_when_larger_than_any_portal_needs_then_7_and_no_more_of_it_is_taken(
    portal: HostilePortal, settings: Settings, tmp_path: Path, path: str, spoil: object
) -> None:
    portal.spoilt[path] = spoil  # type: ignore[assignment]
    error = failed(portal, settings, tmp_path / "x")
    assert (error.code, error.exit_status) == ("portal-answer", 7)
    assert "too large" in error.message
    assert portal.sent < (64 << 20) + BUFFERS
    assert not (tmp_path / "x").exists()


def test_answer_when_packed_more_than_once_then_7(portal: HostilePortal, settings: Settings, tmp_path: Path) -> None:
    portal.spoilt["/healthz"] = says(b"x", Content_Encoding="gzip, gzip, gzip")
    assert failed(portal, settings, tmp_path / "x").code == "portal-answer"


HOSTILE_JSON = {
    "deep": b"[" * 500_000,
    "deep objects": b'{"a":' * 200_000,
    "huge number": b'{"sequence": ' + b"9" * 100_000 + b"}",
    "no object": b"[]",
    "no json": b"<html>",
    "no text": b"\xff\xfe\xff",
    "empty": b"",
    "no address": b'{"base_iri": 7}',
    "long address": b'{"base_iri": "' + b"h" * 10_000 + b'"}',
    "unprintable address": b'{"base_iri": "http://a/\\u001b[31m"}',
}


@pytest.mark.parametrize("body", HOSTILE_JSON.values(), ids=HOSTILE_JSON.keys())
def test_json_when_it_cannot_be_read_then_7(
    portal: HostilePortal, settings: Settings, tmp_path: Path, body: bytes
) -> None:
    portal.spoilt["/healthz"] = says(body, Content_Type="application/json")
    for call in (
        lambda: fetch(portal, settings, tmp_path / "x"),
        lambda: verify_portal(client(portal.address), settings),
    ):
        with pytest.raises(IntegrityError) as caught:
            call()
        assert (caught.value.code, caught.value.exit_status) == ("portal-answer", 7)


@pytest.mark.parametrize("path", ["/signing-key.pub", "/ledger.jsonl", "/inventory.json", "datapackage.json"])
@pytest.mark.parametrize("body", HOSTILE_JSON.values(), ids=HOSTILE_JSON.keys())
def test_document_when_it_is_nonsense_then_an_error_of_ours_and_nothing_is_written(
    portal: HostilePortal, settings: Settings, tmp_path: Path, path: str, body: bytes
) -> None:
    portal.spoilt[path] = says(body)
    error = failed(portal, settings, tmp_path / "x")
    assert error.exit_status in {3, 7}
    assert not (tmp_path / "x").exists()


def test_key_when_the_portal_gives_none_then_7_and_nothing_is_believed(
    portal: HostilePortal, settings: Settings, tmp_path: Path
) -> None:
    portal.spoilt["/signing-key.pub"] = says(b"")
    assert failed(portal, settings, tmp_path / "x").code == "key-malformed"
    with pytest.raises(IntegrityError):
        verify_portal(client(portal.address), settings)
    assert not settings.config_folder.exists()


@pytest.mark.parametrize("path", ["/api/search", "/api/files", "/api/facets", "/api/package/X"])
@pytest.mark.parametrize(
    "body", [b'{"x": 1}', b'{"files": 1, "packages": 1}', b'{"files": [1], "packages": [{"id": 1}]}']
)
def test_api_when_the_answer_has_another_shape_then_7(portal: HostilePortal, path: str, body: bytes) -> None:
    portal.spoilt = {each: says(body) for each in (path, f"{path}?")}
    asking = client(portal.address)
    calls: dict[str, Callable[[], object]] = {
        "/api/search": lambda: asking.search(Query()),
        "/api/files": lambda: asking.manifest(Query()),
        "/api/facets": lambda: asking.facets(Query()),
        "/api/package/X": lambda: asking.show("X"),
    }
    with pytest.raises(IntegrityError) as caught:
        calls[path]()
    assert caught.value.code == "portal-answer"


@pytest.mark.parametrize("status", [404, 410, 400, 500])
def test_problem_when_endless_or_deep_then_the_status_is_told_all_the_same(portal: HostilePortal, status: int) -> None:
    def forever(answer: Answer) -> None:
        answer.begin(status, Content_Type="application/problem+json")
        while answer.server.sent < 1 << 30:
            answer.send(bytes(1 << 20))

    for spoil in (forever, says(b"[" * 60_000, status, Content_Type="application/json")):
        portal.spoilt["/healthz"] = spoil
        with pytest.raises(CatalogError) as caught:
            client(portal.address).health()
        assert caught.value.exit_status == {404: 3, 410: 3, 400: 2, 500: 5}[status]
    assert portal.sent < 4 * BUFFERS


@pytest.mark.parametrize("path", [LARGE, "README.md", "datapackage.json"])
def test_file_when_it_never_ends_then_7_and_the_disk_is_not_filled(
    portal: HostilePortal, settings: Settings, tmp_path: Path, path: str
) -> None:
    portal.spoilt[path] = endless
    error = failed(portal, settings, tmp_path / "x")
    assert (error.code, error.exit_status) == ("download-wrong", 7)
    assert portal.sent < {LARGE: len(LARGE_CONTENT), "README.md": 256 << 20}.get(path, 64 << 20) + BUFFERS
    assert not list(tmp_path.rglob("*.part*"))
    assert not (tmp_path / "x" / path).exists()


def test_file_when_it_never_ends_then_verify_of_the_portal_ends(portal: HostilePortal, settings: Settings) -> None:
    portal.spoilt[LARGE] = endless
    found = verify_portal(client(portal.address), settings).findings
    assert [(each.code, (each.path or "").endswith(LARGE)) for each in found] == [("download-file", True)]
    assert "fairline get" not in found[0].hint
    assert "tell the bank" in found[0].hint


@pytest.mark.parametrize("path", ["inventory.json", LARGE])
def test_portal_when_it_goes_away_during_verify_then_temporary_and_no_fault_of_its_data(
    portal: HostilePortal, settings: Settings, path: str
) -> None:
    portal.spoilt[path] = lambda answer: None  # the connection ends without an answer
    with pytest.raises(TemporaryError) as caught:
        verify_portal(client(portal.address), settings)
    assert (caught.value.code, caught.value.exit_status) == ("portal-unreachable", 5)


@pytest.mark.parametrize(
    "target",
    ["http://localhost:{port}/x", "http://127.0.0.1:9/x", "https://127.0.0.1:{port}/x", "//example.org/x", "file:///etc/hosts", "http://[", "http://a:b/"],
)  # fmt: skip
def test_redirect_when_it_leads_to_another_host_then_7_and_nobody_is_asked_there(
    portal: HostilePortal, target: str
) -> None:
    portal.spoilt["/healthz"] = says(b"", 302, Location=target.format(port=portal.server_port))
    with pytest.raises(IntegrityError) as caught:
        client(portal.address).health()
    assert (caught.value.code, caught.value.exit_status) == ("portal-redirect", 7)
    assert "another host" in caught.value.message
    assert [path for path, _ in portal.asked] == ["/healthz"]


def test_redirect_when_it_stays_then_followed_but_not_round_in_a_circle_nor_read(portal: HostilePortal) -> None:
    def there(answer: Answer) -> None:
        answer.begin(303, Location="/there/healthz")
        while answer.server.sent < 1 << 30:
            answer.send(bytes(1 << 20))

    portal.spoilt["/there/healthz"] = says(b'{"base_iri": "http://a/"}')
    portal.spoilt["/healthz"] = there
    assert client(portal.address).base_iri() == "http://a/"
    assert portal.sent < BUFFERS
    portal.spoilt = {"/healthz": says(b"", 302, Location="healthz")}
    with pytest.raises(IntegrityError) as caught:
        client(portal.address).health()
    assert "circle" in caught.value.message
    assert len(portal.asked) < 10


def test_file_when_it_ends_early_without_a_length_then_5_and_each_call_goes_further(
    portal: HostilePortal, settings: Settings, tmp_path: Path
) -> None:
    step = len(LARGE_CONTENT) // 3 - 1
    portal.spoilt[LARGE] = ends_after(step)
    part = tmp_path / "x" / f"{LARGE}.part"
    for number in (1, 2, 3):
        error = failed(portal, settings, tmp_path / "x")
        assert (error.code, error.exit_status) == ("portal-cut-off", 5)
        assert "the same command again" in str(error.hint)
        assert part.read_bytes() == LARGE_CONTENT[: number * step]
        assert not (tmp_path / "x" / LARGE).exists()
    got = fetch(portal, settings, tmp_path / "x")
    assert got.fetched_bytes < step
    assert [asked for path, asked in portal.asked if path.endswith(LARGE)] == [
        "", *(f"bytes={number * step}-" for number in (1, 2, 3)),
    ]  # fmt: skip
    assert verify_path(tmp_path / "x", settings).findings == ()


@pytest.mark.parametrize(
    "body", [LARGE_CONTENT[:-1], LARGE_CONTENT[:-1] + b"x", b"", b"short"], ids=["cut", "changed", "empty", "short"]
)
def test_file_when_the_answer_is_whole_and_wrong_then_7_and_no_file(
    portal: HostilePortal, settings: Settings, tmp_path: Path, body: bytes
) -> None:
    portal.spoilt[LARGE] = says(body)
    error = failed(portal, settings, tmp_path / "x")
    assert (error.code, error.exit_status) == ("download-wrong", 7)
    assert not list(tmp_path.rglob("large*"))


def test_part_when_the_portal_has_nothing_after_it_then_fetched_anew(
    portal: HostilePortal, settings: Settings, tmp_path: Path
) -> None:
    fetch(portal, settings, tmp_path)
    digest = next(each.sha256 for each in fetch(portal, settings, tmp_path).plan.items if each.path == "README.md")
    whole = (tmp_path / "README.md").read_bytes()
    (tmp_path / "README.md").unlink()
    (tmp_path / "README.md.part").write_bytes(whole + b"more")
    (tmp_path / "README.md.part.json").write_text(f'{{"sha256": "{digest}"}}')

    def beyond(answer: Answer) -> None:
        if answer.headers.get("Range"):
            answer.begin(416, length=0)
        else:
            says(whole)(answer)

    portal.spoilt["README.md"] = beyond
    fetch(portal, settings, tmp_path)
    assert (tmp_path / "README.md").read_bytes() == whole


def test_sizes_when_fetched_from_a_portal_then_known_afterwards(
    portal: HostilePortal, settings: Settings, tmp_path: Path
) -> None:
    first, again = fetch(portal, settings, tmp_path).plan, fetch(portal, settings, tmp_path).plan
    sizes = {each.path: (tmp_path / each.path).stat().st_size for each in first.items}
    assert {each.path: each.bytes for each in first.items} == sizes == {each.path: each.bytes for each in again.items}


PYTHON_TEXT = re.compile(r"[A-Z][A-Za-z]+(Error|Exception|Pool|Connection)\b|0x[0-9a-f]+|[(){}<>]")


def test_portal_when_nobody_listens_then_told_in_words_with_a_hint_and_each_try_is_announced() -> None:
    heard: list[Event] = []
    with pytest.raises(TemporaryError) as caught:
        client("http://127.0.0.1:9/", heard).health()
    assert (caught.value.code, caught.value.exit_status) == ("portal-unreachable", 5)
    assert "refused" in caught.value.message
    assert "is the portal running" in str(caught.value.hint)
    assert len(heard) == 3
    for text in (caught.value.message, *(event.text for event in heard)):
        assert not PYTHON_TEXT.search(text)


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "name of the host is unknown"),
        (TimeoutError("timed out"), "too long"),
        (ConnectionResetError(104, "Connection reset by peer"), "broken off"),
        (ssl.SSLCertVerificationError("self-signed certificate"), "certificate"),
        (OSError(101, "Network is unreachable"), "network is unreachable"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_connection_when_it_fails_then_the_cause_in_words(
    monkeypatch: pytest.MonkeyPatch, cause: Exception, words: str
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise cause

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    with pytest.raises(TemporaryError) as caught:
        client("http://bank.example.org/").health()
    assert words in caught.value.message
    assert not PYTHON_TEXT.search(caught.value.message)


@pytest.mark.parametrize(
    "said", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
    ids=["nothing", "no HTTP", "no chunk"],
)  # fmt: skip
def test_answer_when_it_is_no_http_then_5_in_words(portal: HostilePortal, said: bytes) -> None:
    portal.spoilt["/healthz"] = lambda answer: answer.send(said)
    with pytest.raises(TemporaryError) as caught:
        client(portal.address).health()
    assert caught.value.exit_status == 5
    assert not PYTHON_TEXT.search(caught.value.message)


@pytest.mark.parametrize(
    "address",
    ["", "ftp://a/", "a.org", "http://", "http:///x", "http://[", "http://a:b/", "http://a:99999/", "https://:8000/"],
)
def test_address_when_it_is_none_then_2(address: str) -> None:
    with pytest.raises(UsageError) as caught:
        client(address).health()
    assert caught.value.code == "portal-url"


@pytest.mark.parametrize(
    "address", ["http://.a.org/", "http://a..b/", f"http://{'a' * 70}.org/", "http://a b/", "http://*/"]
)
def test_address_when_nobody_can_have_it_then_an_error_of_ours(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(CatalogError) as caught:
        client(address).health()
    assert caught.value.exit_status in {2, 5}


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/"),
        ("HTTPS://Bank.Example.ORG:443/Portal", "https://bank.example.org/Portal/"),
        ("http://me:secret@bank.example.org:80/", "http://bank.example.org/"),
        ("http://[::1]:8000/", "http://[::1]:8000/"),
    ],
)
def test_address_when_it_names_a_key_then_in_one_form_without_a_password(address: str, name: str) -> None:
    assert Portal(address).portal == name


def test_package_when_the_portal_says_not_found_then_3(portal: HostilePortal) -> None:
    portal.spoilt["/api/package/X"] = says(b'{"title": "no X"}', 404, Content_Type="application/problem+json")
    with pytest.raises(NotFoundError) as caught:
        client(portal.address).show("X")
    assert (caught.value.message, caught.value.exit_status) == ("no X", 3)
