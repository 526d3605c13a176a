"""What may not leave the bank does not: nothing of a controlled or embargoed file crosses the wire, and no token is kept."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.bank import Bank
from tests.ckan.banks import (
    CANARY,
    CONTROLLED,
    EMBARGOED,
    FIRST,
    MIXED,
    VEILED,
    aim,
    controlled_bytes,
    copy_of,
    forget,
    publish_as_user,
    publish_here,
    small_bank,
    take_back,
    veiled_files,
)
from tests.ckan.faults import FaultProxy, Request
from tests.ckan.stack.live import Stack
from tests.cli.calls import served

_WINDOW = 24


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    return small_bank(tmp_path_factory.mktemp("two"), later="change")


def secret_contents() -> dict[str, bytes]:
    """The files that are controlled or under embargo, by path."""
    return {CONTROLLED: controlled_bytes(), **veiled_files()}


def sent(request: Request) -> bytes:
    """All of a request that went over the wire."""
    assert request.body is not None, f"{request.path} was not recorded whole"
    head = json.dumps([request.method, request.path, dict(request.headers)])
    return head.encode() + b"\n" + request.body


def leaks(traffic: bytes) -> Iterator[str]:
    """What of the secret files is in some traffic: names, sizes, digests, and pieces of their bytes in three writings."""
    words = re.sub(rb"[^0-9A-Za-z]+", b" ", traffic)
    for path, content in secret_contents().items():
        stem = path.rpartition("/")[2]
        for name in (path, stem, stem.partition(".")[0]):
            if name.encode() in traffic:
                yield f"name {name}"
        if re.search(rf"(^| ){len(content)}( |$)".encode(), words):
            yield f"size of {path}"
        for kind in ("md5", "sha1", "sha256", "sha512"):
            digest = hashlib.new(kind, content).digest()
            if any(each in traffic for each in (digest, digest.hex().encode(), base64.b64encode(digest))):
                yield f"{kind} of {path}"
        middle = len(content) // 2
        for piece in (content[30 : 30 + _WINDOW], content[middle : middle + _WINDOW], content[-_WINDOW - 40 : -40]):
            if len(piece) == _WINDOW and any(each in traffic for each in (piece, base64.b64encode(piece)[:28])):
                yield f"bytes of {path}"
    if CANARY.encode() in traffic.lower():
        yield "the canary"


def test_recorder_when_something_secret_is_sent_then_sees_it(ckan: Stack) -> None:
    """The recorder itself: each kind of leak is found where it is made."""
    path, content = CONTROLLED, controlled_bytes()
    digest = hashlib.sha256(content)
    for leak in (path.encode(), str(len(content)).encode(), digest.hexdigest().encode(), content):
        assert list(leaks(b'{"a": "' + leak + b'"}')) != []
    assert list(leaks(b'{"a": "nothing"}')) == []


@pytest.mark.parametrize("delivery", ["upload", "link"])
def test_wire_when_published_and_withdrawn_then_nothing_secret_crosses_it(
    ckan: Stack, two: Bank, tmp_path: Path, delivery: str
) -> None:
    bank = copy_of(two, tmp_path / "bank")
    with served(bank, tmp_path / "serve.txt") as address, FaultProxy(ckan.url) as proxy:
        for release in (FIRST, None, "withdrawn"):
            if release == "withdrawn":
                take_back(bank)
            bank = aim(bank, proxy.url, delivery=delivery, files_url=address)
            ran = publish_here(bank, ckan.token, release=FIRST if release == FIRST else None)
            assert ran.went_well, ran.error
            assert list(leaks(ran.text().encode())) == []
        assert ran.summary["writes"] > 0
        traffic = b"\n".join(map(sent, proxy.log))
    shown = ckan.action("package_show", {"id": EMBARGOED.lower()}, token="")
    assert "embargo" in json.dumps(shown).lower()
    assert len(traffic) > 100_000
    assert MIXED.encode() in traffic
    assert list(leaks(traffic)) == []
    assert not any(name.partition("/")[2].encode() in traffic for name in VEILED)


def test_link_delivery_when_published_then_the_files_stay_in_the_bank(ckan: Stack, two: Bank, tmp_path: Path) -> None:
    bank = copy_of(two, tmp_path / "bank")
    with served(bank, tmp_path / "serve.txt") as address:
        bank = aim(bank, ckan.url, delivery="link", files_url=address)
        assert publish_here(bank, ckan.token).went_well
        again = publish_here(bank, ckan.token)
    assert again.summary["writes"] == 0
    shown = ckan.action("package_show", {"id": "bank-files-2026-12-p01"}, token="")["resources"]
    assert len(shown) == len(ckan.files_on_disk()) < 10
    assert not [each for each in shown if each["path"].startswith("data/")]
    links = ckan.action("package_show", {"id": MIXED.lower()}, token="")["resources"]
    assert {each["url"].startswith(address) for each in links if each["path"].startswith("data/")} == {True}
    ran = publish_here(aim(bank, ckan.url, delivery="link", files_url=address, tries=2), ckan.token)
    assert (ran.code, ran.status) == ("portal-failed", 5)  # the bank's own server has ended
    assert str(ran.error["at"]).startswith(address)


def test_token_when_published_then_stands_nowhere(ckan: Stack, two: Bank, tmp_path: Path) -> None:
    bank = aim(copy_of(two, tmp_path / "bank"), ckan.url)
    token = ckan.editor_token
    printed = ""
    for arguments in (
        ("--dry-run", "--json"),
        ("--release", FIRST, "--json"),
        (),
        ("--status", "--json"),
        ("--dry-run",),
    ):
        answer = publish_as_user(bank, token, *arguments)
        assert answer.status == 0, answer.err
        printed += answer.out + answer.err
    wrong = publish_as_user(bank, token[:-3] + "abc", "--json")
    assert (wrong.status, wrong.error()["error"]) == (4, "token-refused")
    printed += wrong.out + wrong.err
    missing = publish_as_user(bank, "", "--json")
    assert (missing.status, missing.error()["error"]) == (4, "token-missing")
    assert len(printed) > 2000
    for secret in (token, token[:-3] + "abc", token.rpartition(".")[2]):
        assert secret not in printed
        for path in bank.root.parent.rglob("*"):
            assert not path.is_file() or secret.encode() not in path.read_bytes(), path
    forget(bank)
