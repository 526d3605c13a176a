"""Signing: keys are made once and kept secret; a signature holds for its bytes, its key and its comment alone."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import minisign
import pytest

from catalog.errors import CatalogError, ConflictError, IntegrityError, UnauthorisedError
from catalog.signing import (
    PublicKey,
    find_secret_key,
    make_key,
    parse_public_key,
    parse_public_keys,
    public_key_of,
    sign,
    signature_fault,
)
from tests.builders import make_settings

CONTENT = b'{"release":"2026.11"}'
COMMENT = "fairline 2026.11"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def key(folder: Path) -> PublicKey:
    return make_key(folder)


@pytest.fixture(scope="module")
def signature(folder: Path, key: PublicKey) -> str:
    return sign(CONTENT, folder / f"{key.key_id}.key", COMMENT)


def test_key_when_made_then_secret_file_is_only_the_owners_and_never_overwritten(tmp_path: Path) -> None:
    key = make_key(tmp_path / "new" / "keys")
    path = tmp_path / "new" / "keys" / f"{key.key_id}.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert public_key_of(path) == key
    content = path.read_bytes()
    with pytest.raises(ConflictError) as caught:
        make_key(tmp_path, path)
    assert caught.value.code == "key-exists"
    assert path.read_bytes() == content


def test_public_keys_when_written_and_read_then_all_in_order(tmp_path: Path) -> None:
    keys = tuple(make_key(tmp_path) for _ in range(3))
    text = "\n".join(each.file_text() for each in keys)
    assert parse_public_keys(text) == keys
    assert parse_public_keys(text.replace("\n", "\r\n")) == keys
    assert parse_public_key(text) == keys[0]
    assert parse_public_key(f" {keys[1].base64}\n") == keys[1]
    assert all(len(each.key_id) == 16 and each.key_id in each.file_text() for each in keys)
    assert parse_public_keys("") == ()


@pytest.mark.parametrize("text", ["", "untrusted comment: x\n", "not a key", "RWQ=", "é"])
def test_public_key_when_not_one_then_refused(text: str) -> None:
    with pytest.raises(IntegrityError) as caught:
        parse_public_key(text)
    assert caught.value.code == "key-malformed"


def test_signature_when_made_then_holds(key: PublicKey, signature: str) -> None:
    assert signature_fault(CONTENT, signature, key, COMMENT) is None
    assert signature.splitlines()[2] == f"trusted comment: {COMMENT}"


def test_signature_when_content_key_or_comment_differ_then_does_not_hold(
    tmp_path: Path, key: PublicKey, signature: str
) -> None:
    assert signature_fault(CONTENT + b" ", signature, key, COMMENT)
    assert signature_fault(CONTENT, signature, make_key(tmp_path), COMMENT)
    assert signature_fault(CONTENT, signature, key, "fairline 2026.12")
    assert signature_fault(CONTENT, "", key, COMMENT)
    assert signature_fault(CONTENT, "a\nb\nc\nd", key, COMMENT)


def test_signature_when_any_byte_is_changed_then_does_not_hold(key: PublicKey, signature: str) -> None:
    for at, character in enumerate(signature):
        for bit in (0x01, 0x02, 0x20):
            changed = signature[:at] + chr(ord(character) ^ bit) + signature[at + 1 :]
            assert signature_fault(CONTENT, changed, key, COMMENT), (at, character, bit)


@pytest.mark.parametrize(
    "change", [lambda text: text + "\n", lambda text: text.replace("\n", "\r\n")], ids=["end", "crlf"]
)
def test_signature_when_written_otherwise_then_does_not_hold(key: PublicKey, signature: str, change: object) -> None:
    assert callable(change)
    assert signature_fault(CONTENT, change(signature), key, COMMENT)


def test_signature_when_not_prehashed_then_refused(folder: Path, key: PublicKey) -> None:
    secret = minisign.SecretKey.from_file(folder / f"{key.key_id}.key")
    legacy = bytes(secret.sign(CONTENT, prehash=False, trusted_comment=COMMENT)).decode()
    assert signature_fault(CONTENT, legacy, key, COMMENT) == "the signature is not of the prehashed kind"


def test_secret_key_when_others_can_read_it_then_not_used(tmp_path: Path) -> None:
    key = make_key(tmp_path)
    path = tmp_path / f"{key.key_id}.key"
    for mode in (0o640, 0o604, 0o660, 0o601):
        path.chmod(mode)
        with pytest.raises(UnauthorisedError) as caught:
            sign(CONTENT, path, COMMENT)
        assert (caught.value.code, caught.value.got, caught.value.at) == ("key-readable", f"mode {mode:04o}", str(path))
    assert not os.listdir(tmp_path)[1:]


def test_secret_key_when_locked_with_a_password_then_named(tmp_path: Path) -> None:
    pair = minisign.KeyPair.generate()
    pair.secret_key.encrypt("secret")
    path = tmp_path / "locked.key"
    path.write_bytes(bytes(pair.secret_key))
    path.chmod(0o600)
    with pytest.raises(UnauthorisedError) as caught:
        sign(CONTENT, path, COMMENT)
    assert caught.value.code == "key-locked"


def test_secret_key_when_malformed_then_an_error_that_says_where(tmp_path: Path) -> None:
    path = tmp_path / "bad.key"
    path.write_text("not a key")
    path.chmod(0o600)
    with pytest.raises(IntegrityError) as caught:
        sign(CONTENT, path, COMMENT)
    assert (caught.value.code, caught.value.at) == ("key-malformed", str(path))


def test_secret_key_when_looked_for_then_the_named_file_first_else_the_folder(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    key = make_key(settings.keys_folder)
    other = make_key(tmp_path / "elsewhere")
    named = tmp_path / "elsewhere" / f"{other.key_id}.key"
    assert find_secret_key(key, settings.keys_folder, None) == settings.keys_folder / f"{key.key_id}.key"
    assert find_secret_key(other, settings.keys_folder, named) == named
    assert find_secret_key(key, settings.keys_folder, named) == settings.keys_folder / f"{key.key_id}.key"
    for folder, file in ((tmp_path, None), (tmp_path, tmp_path / "absent.key"), (tmp_path, named)):
        with pytest.raises(CatalogError) as caught:
            find_secret_key(key, folder, file)
        assert (caught.value.code, caught.value.exit_status) == ("key-missing", 4)


def test_settings_when_a_key_file_is_named_then_new_keys_lie_beside_it(tmp_path: Path) -> None:
    settings = replace(make_settings(tmp_path), key_file=tmp_path / "secret" / "bank.key")
    assert settings.keys_folder == tmp_path / "secret"
