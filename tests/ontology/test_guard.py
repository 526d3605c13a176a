"""The guard: what is meant to do harm is refused quickly, and real files pass."""

from __future__ import annotations

import gzip
import time
from pathlib import Path

import pytest

from catalog.errors import CatalogError, IntegrityError, NotFoundError
from catalog.ontology.guard import GuardedFile, Limits, check_prolog
from tests.ontology.builders import HEAD, document, owl_class, read, write

BODY = HEAD.partition("?>")[2] + owl_class("EX:1", "&a;") + "</rdf:RDF>"


def with_dtd(declarations: str, doctype: str = "rdf:RDF") -> str:
    return f'<?xml version="1.0"?>\n<!DOCTYPE {doctype} [\n{declarations}\n]>\n{BODY}'


BOMBS = {
    "billion laughs": (
        with_dtd(
            '<!ENTITY l "lol">'
            + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
            + '<!ENTITY a "&l9;">'
        ),
        "ontology-entity",
    ),
    "nested once": (with_dtd('<!ENTITY b "x"><!ENTITY a "&b;">'), "ontology-entity"),
    "nested by a character reference": (with_dtd('<!ENTITY b "x"><!ENTITY a "&#38;b;">'), "ontology-entity"),
    "long entity": (with_dtd(f'<!ENTITY a "{"x" * 100_000}">'), "ontology-entity"),
    "markup in an entity": (with_dtd('<!ENTITY a "<b/>">'), "ontology-entity"),
    "too many entities": (with_dtd("".join(f'<!ENTITY e{n} "x">' for n in range(1001))), "ontology-entity"),
    "external entity": (with_dtd('<!ENTITY a SYSTEM "file:///etc/hostname">'), "ontology-entity"),
    "public entity": (with_dtd('<!ENTITY a PUBLIC "-//x" "http://127.0.0.1:9/x">'), "ontology-entity"),
    "parameter entity": (with_dtd('<!ENTITY % p "x"><!ENTITY a "b">'), "ontology-entity"),
    "external parameter entity": (with_dtd('<!ENTITY % p SYSTEM "http://127.0.0.1:9/p.dtd">%p;'), "ontology-entity"),
    "system type": (
        f'<?xml version="1.0"?><!DOCTYPE rdf:RDF SYSTEM "http://127.0.0.1:9/x.dtd">{BODY}',
        "ontology-entity",
    ),
    "public type": (f'<?xml version="1.0"?><!DOCTYPE rdf:RDF PUBLIC "-//x" "x.dtd">{BODY}', "ontology-entity"),
    "Latin-1": (f'<?xml version="1.0" encoding="ISO-8859-1"?>{BODY}', "ontology-encoding"),
    "UTF-16": (document(owl_class("EX:1", "x")).encode("utf-16"), "ontology-encoding"),
    "not XML": ("this is not XML", "ontology-unreadable"),
    "empty": ("", "ontology-unreadable"),
    "only a prolog": ('<?xml version="1.0"?>\n', "ontology-unreadable"),
    "endless comment": (f'<?xml version="1.0"?><!-- {"x" * (3 << 20)}', "ontology-unreadable"),
    "cut off": (document(owl_class("EX:1", "x"))[:-20], "ontology-unreadable"),
    "cut off in an element": (HEAD + "<owl:Class rdf:abo", "ontology-unreadable"),
}


@pytest.mark.parametrize(("text", "code"), BOMBS.values(), ids=BOMBS)
@pytest.mark.parametrize("suffix", [".owl", ".owl.gz"])
def test_read_when_the_file_does_harm_then_it_is_refused_quickly(
    tmp_path: Path, text: str | bytes, code: str, suffix: str
) -> None:
    path = write(tmp_path / f"bad{suffix}", text)
    began = time.monotonic()
    with pytest.raises(CatalogError) as caught:
        read(path)
    assert caught.value.code == code
    assert time.monotonic() - began < 2
    assert str(tmp_path) in str(caught.value.at)


def test_read_when_entities_are_harmless_then_they_are_expanded(tmp_path: Path) -> None:
    text = with_dtd('<!ENTITY obo "http://purl.obolibrary.org/obo/">\n<!ENTITY a "short &lt; text">')
    assert read(write(tmp_path / "good.owl", text.replace("&lt;", "and")))
    content = read(write(tmp_path / "good.owl", with_dtd('<!ENTITY a "urine">')))
    assert content.terms["EX:1"].label == "urine"


def test_read_when_many_short_entities_multiply_then_it_is_refused(tmp_path: Path) -> None:
    many = with_dtd(f'<!ENTITY a "{"x" * 256}">').replace("&a;", "&a;" * 2_000_000)
    with pytest.raises(IntegrityError) as caught:
        read(write(tmp_path / "quadratic.owl", many))
    assert caught.value.code == "ontology-bomb"


def test_read_when_gzip_expands_like_a_bomb_then_it_stops_early(tmp_path: Path) -> None:
    path = tmp_path / "bomb.owl.gz"
    with gzip.open(path, "wb") as file:
        file.write(HEAD.encode())
        for _ in range(400):
            file.write(b" " * (1 << 20))
    with GuardedFile(path) as stream, pytest.raises(IntegrityError) as caught:
        stream.drain()
    assert caught.value.code == "ontology-bomb"
    assert stream.bytes_read < 64 << 20
    with pytest.raises(IntegrityError) as caught:
        read(path)
    assert caught.value.code == "ontology-bomb"


def test_read_when_larger_than_the_limit_then_it_stops(tmp_path: Path) -> None:
    path = write(tmp_path / "large.owl", document(*(owl_class(f"EX:{n}", "x" * 100) for n in range(5000))))
    with pytest.raises(IntegrityError) as caught:
        read(path, Limits(bytes=100_000))
    assert caught.value.code == "ontology-too-large"


@pytest.mark.parametrize("keep", [10, 200, -1], ids=["header", "middle", "last byte"])
def test_read_when_gzip_is_cut_off_then_that_is_said(tmp_path: Path, keep: int) -> None:
    whole = gzip.compress(document(*(owl_class(f"EX:{n}", f"term {n}") for n in range(2000))).encode())
    path = tmp_path / "cut.owl.gz"
    path.write_bytes(whole[:keep])
    with pytest.raises(IntegrityError) as caught:
        read(path)
    assert caught.value.code == "ontology-truncated"


def test_read_when_gzip_is_flipped_then_that_is_said(tmp_path: Path) -> None:
    whole = bytearray(gzip.compress(document(*(owl_class(f"EX:{n}", f"term {n}") for n in range(2000))).encode()))
    whole[-6] ^= 0xFF
    path = tmp_path / "flipped.owl.gz"
    path.write_bytes(whole)
    with pytest.raises(IntegrityError) as caught:
        read(path)
    assert caught.value.code == "ontology-truncated"


def test_open_when_there_is_no_file_then_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        read(tmp_path / "none.owl")
    assert caught.value.code == "ontology-file"
    with pytest.raises(NotFoundError):
        read(tmp_path)


def test_head_when_read_then_comes_again_and_counts_once(tmp_path: Path) -> None:
    text = document(owl_class("EX:1", "x"))
    with GuardedFile(write(tmp_path / "x.owl", text)) as stream:
        assert stream.head(10) == text[:10].encode()
        check_prolog(stream)
        assert stream.read(0) == b""
        assert stream.read(4) + stream.read() == text.encode()
        assert stream.bytes_read == len(text)
