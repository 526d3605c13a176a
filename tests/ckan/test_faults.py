"""The fault proxy does what a test asks of it, no more, before a small server of ours and before CKAN."""

from __future__ import annotations

import hashlib
import http.client
import json
import resource
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from tests.ckan.faults import (
    RECORDED_BYTES,
    Fault,
    FaultProxy,
    Moment,
    Request,
    Rule,
    answer,
    answer_500_after,
    answer_500_before,
    at_moment,
    corrupt_body,
    cut_reply,
    delay,
    drop_reply,
    is_action,
    is_download,
    refuse,
    reset_mid_upload,
)
from tests.ckan.stack.live import Stack

LARGE_BYTES = 200 * 1024 * 1024
_BLOCK = bytes(range(256)) * 256


@dataclass
class Target:
    """A small server and what it has done.

    Attributes:
        done: path and hash of the body of each request that came whole.
        broken: paths of requests that did not.
    """

    url: str = ""
    done: list[tuple[str, str]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def handler_for(target: Target) -> type[BaseHTTPRequestHandler]:
    """Answers ``/early`` before the body, ``/sized/N`` and ``/chunked/N`` with N bytes, all else with its facts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            kind, _, size = self.path.strip("/").partition("/")
            if kind == "chunked":
                self.send_response(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for block in blocks(int(size)):
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(block), block))
                self.wfile.write(b"0\r\n\r\n")
            elif kind == "sized":
                self.send_response(200)
                self.send_header("Content-Length", size)
                self.end_headers()
                if self.command == "GET":
                    for block in blocks(int(size)):
                        self.wfile.write(block)
            else:
                self.tell({"path": self.path, "host": self.headers["Host"], "here": f"{target.url}/stored"})
            target.done.append((self.path, ""))

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_POST(self) -> None:
            if self.path == "/early":
                self.tell({"early": True}, status=413)
                self.close_connection = True
                return
            digest = hashlib.sha256()
            try:
                for block in self.body():
                    digest.update(block)
            except OSError:
                target.broken.append(self.path)
                self.close_connection = True
                return
            target.done.append((self.path, digest.hexdigest()))
            self.tell({"sha256": digest.hexdigest()})

        def body(self) -> Iterator[bytes]:
            if "chunked" in self.headers.get("Transfer-Encoding", ""):
                while size := int(self.rfile.readline(), 16):
                    yield self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return
            left = int(self.headers["Content-Length"])
            while left:
                block = self.rfile.read1(min(left, 1 << 16))
                if not block:
                    raise ConnectionError
                left -= len(block)
                yield block

        def tell(self, facts: dict[str, Any], status: int = 200) -> None:
            body = json.dumps(facts).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    return Handler


def blocks(size: int) -> Iterator[bytes]:
    """So many bytes, never all at once."""
    while size > 0:
        yield _BLOCK[:size]
        size -= len(_BLOCK)


def sha256_of(size: int) -> str:
    """The hash of what :func:`blocks` gives."""
    digest = hashlib.sha256()
    for block in blocks(size):
        digest.update(block)
    return digest.hexdigest()


@pytest.fixture
def target() -> Iterator[Target]:
    """The small server."""
    target = Target()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(target))
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    target.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield target
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def proxy(target: Target) -> Iterator[FaultProxy]:
    """The proxy before it."""
    with FaultProxy(target.url) as proxy:
        yield proxy


def post(proxy: FaultProxy, data: Any = b"x" * 1000, path: str = "/api/3/action/package_revise") -> requests.Response:
    """A call of an action."""
    return requests.post(proxy.url + path, data=data, headers={"Authorization": "secret"}, timeout=20)


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether something comes true within a few seconds."""
    end = time.monotonic() + 5
    while not holds() and time.monotonic() < end:
        time.sleep(0.01)
    return holds()


def test_proxy_when_no_rule_then_passes_all_on_and_notes_it(proxy: FaultProxy, target: Target) -> None:
    told = post(proxy, b"hello")
    assert told.json() == {"sha256": hashlib.sha256(b"hello").hexdigest()}
    facts = requests.get(proxy.url + "/dataset/a?b=c", timeout=20).json()
    assert facts["path"] == "/dataset/a?b=c"
    assert facts["host"] == target.url.removeprefix("http://")
    first, second = proxy.log
    assert (first.number, first.method, first.action, first.body) == (1, "POST", "package_revise", b"hello")
    assert (first.authorized, first.content_length, first.sent_bytes) == (True, 5, 5)
    assert (first.status, first.target_status, first.fault) == (200, 200, "")
    assert (second.number, second.action, second.authorized, second.content_length) == (2, "", False, 0)
    assert [each.number for each in proxy.actions("package_revise")] == [1]


def test_proxy_when_the_client_keeps_its_connection_then_serves_it_all_along(proxy: FaultProxy) -> None:
    connection = http.client.HTTPConnection(proxy.url.removeprefix("http://"), timeout=20)
    for size in (0, 5, 300):
        connection.request("GET", f"/sized/{size}")
        assert len(connection.getresponse().read()) == size
        connection.request("HEAD", f"/sized/{size}")
        with connection.getresponse() as told:
            assert (told.getheader("Content-Length"), told.read()) == (str(size), b"")
        connection.request("GET", f"/chunked/{size}")
        assert len(connection.getresponse().read()) == size
    port = connection.sock.getsockname()
    connection.request("POST", "/x", b"abc", headers={"Expect": "100-continue"})
    with connection.getresponse() as told:
        assert told.status == 200
    assert connection.sock.getsockname() == port
    connection.close()


@pytest.mark.parametrize("kind", ["sized", "chunked"])
def test_bodies_when_large_then_pass_unchanged_in_little_memory(proxy: FaultProxy, target: Target, kind: str) -> None:
    expected = sha256_of(LARGE_BYTES)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    content = blocks(LARGE_BYTES)
    headers = {"Content-Length": str(LARGE_BYTES)} if kind == "sized" else {"Transfer-Encoding": "chunked"}
    connection = http.client.HTTPConnection(proxy.url.removeprefix("http://"), timeout=60)
    connection.request("POST", "/upload", content, headers, encode_chunked=kind == "chunked")
    assert json.loads(connection.getresponse().read()) == {"sha256": expected}
    connection.request("GET", f"/{kind}/{LARGE_BYTES}")
    digest = hashlib.sha256()
    with connection.getresponse() as told:
        while block := told.read(1 << 16):
            digest.update(block)
    connection.close()
    assert digest.hexdigest() == expected
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000  # kibibytes
    assert proxy.log[0].body is None
    assert proxy.log[0].sent_bytes == LARGE_BYTES


@pytest.mark.parametrize("html", [False, True], ids=["json", "html"])
def test_error_500_when_before_or_after_then_the_target_has_done_nothing_or_all(
    proxy: FaultProxy, target: Target, html: bool
) -> None:
    proxy.add(Rule(answer_500_before(html=html), times=1))
    proxy.add(Rule(answer_500_after(html=html), times=1, nth=2))
    first = post(proxy)
    assert (first.status_code, target.done) == (500, [])
    second = post(proxy)
    assert (second.status_code, len(target.done)) == (500, 1)
    assert ("html" in first.headers["Content-Type"]) is html
    assert post(proxy).status_code == 200
    assert [(each.fault, each.status, each.target_status) for each in proxy.log] == [
        ("answer-500-before", 500, None),
        ("answer-500-after", 500, 200),
        ("", 200, 200),
    ]


def test_answer_when_chosen_then_is_given_with_its_headers(proxy: FaultProxy, target: Target) -> None:
    proxy.add(Rule(answer(429, b"<p>slow down", "text/html", {"Retry-After": "2"}), when=is_action("package_revise")))
    told = post(proxy, iter([b"x" * 70_000] * 50))
    assert (told.status_code, told.headers["Retry-After"], told.content) == (429, "2", b"<p>slow down")
    assert post(proxy, path="/api/3/action/package_show").status_code == 200
    assert len(target.done) == 1
    proxy.clear()
    assert post(proxy).status_code == 200


@pytest.mark.parametrize(
    ("fault", "done"),
    [(refuse(), 0), (reset_mid_upload(), 0), (drop_reply(), 1)],
    ids=["refused", "in-the-upload", "before-the-reply"],
)
@pytest.mark.parametrize("size", [1000, RECORDED_BYTES + 1, 20_000_000])
def test_connection_when_broken_then_the_client_hears_nothing(
    proxy: FaultProxy, target: Target, fault: Fault, done: int, size: int
) -> None:
    proxy.add(Rule(fault, times=1))
    with pytest.raises(requests.ConnectionError):
        post(proxy, b"x" * size)
    assert eventually(lambda: len(target.done) == done)
    (request,) = proxy.log
    assert request.status is None
    if fault.cut == "upload":
        assert request.sent_bytes == size // 2
        assert eventually(lambda: target.broken == [request.path])
    assert post(proxy).status_code == 200


def test_upload_when_cut_at_a_byte_then_so_many_have_gone(proxy: FaultProxy) -> None:
    proxy.add(Rule(reset_mid_upload(at=100_001)))
    with pytest.raises(requests.ConnectionError):
        post(proxy, iter([b"x" * 70_000] * 10))
    assert proxy.log[0].sent_bytes == 100_001


def test_connections_when_refused_then_nobody_listens_until_accepted(proxy: FaultProxy, target: Target) -> None:
    proxy.refuse_connections()
    with pytest.raises(requests.ConnectionError, match="refused"):
        post(proxy)
    proxy.accept_connections()
    assert post(proxy).status_code == 200
    assert len(target.done) == 1


def test_target_when_gone_then_the_client_sees_a_broken_connection() -> None:
    with FaultProxy("http://127.0.0.1:9") as proxy, pytest.raises(requests.ConnectionError):
        post(proxy)


def test_download_when_corrupted_or_cut_then_has_wrong_bytes_or_too_few(proxy: FaultProxy) -> None:
    address = f"{proxy.url}/sized/100000"
    proxy.add(Rule(corrupt_body(), times=1))
    proxy.add(Rule(cut_reply(0.25), nth=2, times=1))
    wrong = requests.get(address, timeout=20).content
    assert len(wrong) == 100_000
    assert hashlib.sha256(wrong).hexdigest() != sha256_of(100_000)
    with requests.get(address, timeout=20, stream=True) as told, pytest.raises(requests.exceptions.RequestException):
        _ = told.content
    assert hashlib.sha256(requests.get(address, timeout=20).content).hexdigest() == sha256_of(100_000)


def test_delay_when_longer_than_the_clients_patience_then_the_target_has_done_it(
    proxy: FaultProxy, target: Target
) -> None:
    proxy.add(Rule(delay(after_seconds=5), times=1))
    with pytest.raises(requests.ReadTimeout):
        requests.post(f"{proxy.url}/x", b"x", timeout=0.3)
    assert len(target.done) == 1
    proxy.add(Rule(delay(before_seconds=0.2, after_seconds=0.2)))
    begun = time.monotonic()
    assert post(proxy).status_code == 200
    assert time.monotonic() - begun >= 0.4


def test_answer_when_given_before_the_end_of_the_body_then_reaches_the_client(proxy: FaultProxy) -> None:
    told = post(proxy, b"x" * 8_000_000, path="/early")
    assert (told.status_code, told.json()) == (413, {"early": True})


def test_rule_when_looking_at_the_body_then_sees_it(proxy: FaultProxy) -> None:
    proxy.add(Rule(answer_500_before(), when=lambda request: b"pointer" in (request.body or b"")))
    assert post(proxy, b"another").status_code == 200
    assert post(proxy, b"the pointer").status_code == 500


def test_listener_when_it_looks_then_sees_the_moments_in_order(target: Target) -> None:
    seen: list[tuple[Moment, int, int | None]] = []
    with FaultProxy(target.url, block_bytes=400) as proxy:
        proxy.on_request(lambda request, moment: seen.append((moment, request.sent_bytes, request.status)))
        post(proxy)
    assert seen == [
        ("before", 0, None),
        ("during", 400, None),
        ("during", 800, None),
        ("during", 1000, None),
        ("answered", 1000, 200),
        ("done", 1000, 200),
    ]


@pytest.mark.parametrize(
    ("moment", "sent", "done"), [("before", 0, 0), ("during", 800, 0), ("answered", 1000, 1), ("done", 1000, 1)]
)
def test_listener_when_it_acts_at_a_moment_then_the_request_goes_no_further(
    target: Target, moment: Moment, sent: int, done: int
) -> None:
    acts: list[str] = []
    with FaultProxy(target.url, block_bytes=400) as proxy:
        enough = at_moment(lambda: acts.append("killed"), moment, lambda request: request.sent_bytes >= sent)
        proxy.on_request(enough)
        if moment == "done":
            assert post(proxy).status_code == 200
        else:
            with pytest.raises(requests.ConnectionError):
                post(proxy)
        assert eventually(lambda: len(target.done) == done)
        assert proxy.log[0].sent_bytes == sent
        assert post(proxy).status_code == 200
    assert acts == ["killed"]


def test_listener_when_it_fails_then_the_test_hears_of_it(target: Target) -> None:
    def fails(request: Request, moment: Moment) -> None:
        raise LookupError(moment)

    proxy = FaultProxy(target.url)
    proxy.on_request(fails)
    with pytest.raises(requests.ConnectionError):
        post(proxy)
    with pytest.raises(LookupError, match="before"):
        proxy.close()


def test_proxy_when_closed_then_ends_what_is_under_way(target: Target) -> None:
    proxy = FaultProxy(target.url)
    proxy.add(Rule(delay(before_seconds=60)))
    failures: list[BaseException] = []

    def waits() -> None:
        try:
            post(proxy)
        except requests.ConnectionError as error:
            failures.append(error)

    client = threading.Thread(target=waits)
    client.start()
    assert eventually(lambda: len(proxy.log) == 1)
    begun = time.monotonic()
    proxy.close()
    client.join()
    assert len(failures) == 1
    assert time.monotonic() - begun < 5


def test_addresses_when_rewritten_then_lead_through_the_proxy_and_back(target: Target) -> None:
    with FaultProxy(target.url, rewrite=True) as proxy:
        told = requests.get(f"{proxy.url}/api/3/action/status_show", timeout=20).json()
        assert told["here"] == f"{proxy.url}/stored"
        assert requests.get(f"{proxy.url}/other", timeout=20).json()["here"] == f"{target.url}/stored"
        body = json.dumps({"url": told["here"]}).encode()
        address = f"{proxy.url}/api/3/action/package_revise"
        requests.post(address, body, headers={"Content-Type": "application/json"}, timeout=20)
        as_meant = json.dumps({"url": f"{target.url}/stored"}).encode()
        assert target.done[-1][1] == hashlib.sha256(as_meant).hexdigest()


def test_path_of_the_target_when_given_then_is_part_of_the_address(target: Target) -> None:
    with FaultProxy(f"{target.url}/solr/ckan") as proxy:
        assert requests.get(f"{proxy.url}/select", timeout=20).json()["path"] == "/solr/ckan/select"


def make_dataset(ckan: Stack, url: str, name: str) -> requests.Response:
    """Makes a dataset through an address."""
    data = {"name": name, "title": name, "notes": "An example.", "owner_org": ckan.organization}
    return requests.post(
        f"{url}/api/3/action/package_create", json=data, headers={"Authorization": ckan.editor_token}, timeout=60
    )


def test_ckan_when_behind_the_proxy_then_writes_uploads_and_serves_through_it(ckan: Stack) -> None:
    content = b"".join(blocks(3_000_000))
    with FaultProxy(ckan.url, rewrite=True) as proxy:
        proxy.add(Rule(drop_reply(), when=is_action("package_create"), times=1))
        with pytest.raises(requests.ConnectionError):
            make_dataset(ckan, proxy.url, "line-a")
        assert ckan.action("package_show", {"id": "line-a"})["num_resources"] == 0
        assert make_dataset(ckan, proxy.url, "line-a").status_code == 409
        stored = requests.post(
            f"{proxy.url}/api/3/action/resource_create",
            data={"package_id": "line-a", "name": "calls"},
            files={"upload": ("calls.bin", content)},
            headers={"Authorization": ckan.editor_token},
            timeout=60,
        ).json()["result"]
        assert stored["url"].startswith(proxy.url)
        proxy.add(Rule(corrupt_body(), when=is_download, times=1))
        assert requests.get(stored["url"], timeout=60).content != content
        assert requests.get(stored["url"], timeout=60).content == content
        assert list(ckan.files_on_disk().values()) == [len(content)]


def test_upload_when_reset_in_the_middle_then_ckan_has_no_file(ckan: Stack) -> None:
    assert make_dataset(ckan, ckan.url, "line-a").status_code == 200
    with FaultProxy(ckan.url) as proxy:
        proxy.add(Rule(reset_mid_upload()))
        with pytest.raises(requests.ConnectionError):
            requests.post(
                f"{proxy.url}/api/3/action/resource_create",
                data={"package_id": "line-a", "name": "calls"},
                files={"upload": ("calls.bin", b"".join(blocks(5_000_000)))},
                headers={"Authorization": ckan.editor_token},
                timeout=60,
            )
    assert ckan.action("package_show", {"id": "line-a"})["resources"] == []


def test_solr_when_its_reply_is_dropped_then_ckan_rolls_back_and_search_has_a_ghost(ckan: Stack) -> None:
    with FaultProxy(ckan.solr_url) as proxy:
        ckan.restart_ckan(proxy.url)
        proxy.add(Rule(drop_reply(), when=lambda request: "/update" in request.path))
        assert make_dataset(ckan, ckan.url, "line-a").status_code == 500
        proxy.clear()
        assert [each["name"] for each in ckan.action("package_search")["results"]] == ["line-a"]
        assert ckan.action("package_list") == []
        assert "drop-reply" in {each.fault for each in proxy.log}
