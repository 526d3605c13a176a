"""Where a token comes from, and which places and texts are refused."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from catalog.errors import UnauthorisedError
from publish.targets.tokens import SERVICE, find_token, variable_of

URL = "https://data.example.org"
TOKEN = "eyJhbGciOi.J9-_x"


class MemoryKeyring(KeyringBackend):
    """A keyring that lives as long as the test."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


class LockedKeyring(MemoryKeyring):
    """A keyring that nobody opened."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked


@pytest.fixture(autouse=True)
def ring() -> Iterator[MemoryKeyring]:
    """The user's keyring, empty."""
    before, own = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(own)
    yield own
    keyring.set_keyring(before)


def token_file(folder: Path, text: str = f"{TOKEN}\n", mode: int = 0o600) -> Path:
    path = folder / "token"
    path.write_text(text)
    path.chmod(mode)
    return path


def find(folder: Path, path: Path | str | None = None, **environment: str) -> str:
    root = folder / "bank"
    root.mkdir(exist_ok=True)
    return find_token("ckan", URL, str(path) if path is not None else None, root, environment)


def refused(folder: Path, path: Path | str | None = None, **environment: str) -> UnauthorisedError:
    with pytest.raises(UnauthorisedError) as caught:
        find(folder, path, **environment)
    assert TOKEN not in f"{caught.value} {caught.value.to_json()}"
    return caught.value


@pytest.mark.parametrize(
    ("target", "variable"),
    [("ckan", "FAIRLINE_CKAN_TOKEN"), ("my-site.2", "FAIRLINE_MY_SITE_2_TOKEN")],
    ids=["plain", "other-signs"],
)
def test_variable_when_named_then_it_bears_the_name_of_the_target(target: str, variable: str) -> None:
    assert variable_of(target) == variable


def test_token_when_it_is_everywhere_then_the_variable_wins_then_the_file(tmp_path: Path, ring: MemoryKeyring) -> None:
    ring.set_password(SERVICE, URL, "of-the-keyring")
    path = token_file(tmp_path, "of-the-file")
    assert find(tmp_path, path, FAIRLINE_CKAN_TOKEN=f" {TOKEN}\n") == TOKEN
    assert find(tmp_path, path, FAIRLINE_CKAN_TOKEN="  ") == "of-the-file"
    assert find(tmp_path) == "of-the-keyring"


def test_token_when_the_file_is_named_with_a_tilde_then_it_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    token_file(tmp_path)
    assert find(tmp_path, "~/token") == TOKEN


def test_token_when_there_is_none_then_the_error_names_all_places(tmp_path: Path) -> None:
    error = refused(tmp_path)
    assert error.code == "token-missing"
    assert "FAIRLINE_CKAN_TOKEN" in str(error.want)
    assert URL in str(error.want)


def test_token_when_the_keyring_has_one_for_another_address_then_it_is_not_taken(
    tmp_path: Path, ring: MemoryKeyring
) -> None:
    ring.set_password(SERVICE, "https://other.example.org", TOKEN)
    assert refused(tmp_path).code == "token-missing"


def test_token_when_the_keyring_is_locked_then_it_counts_as_empty(tmp_path: Path) -> None:
    keyring.set_keyring(LockedKeyring())
    assert refused(tmp_path).code == "token-missing"


def test_token_when_no_keyring_is_installed_then_it_counts_as_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert refused(tmp_path).code == "token-missing"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602], ids=oct)
def test_token_when_others_can_read_its_file_then_refused(tmp_path: Path, mode: int) -> None:
    assert refused(tmp_path, token_file(tmp_path, mode=mode)).code == "token-file-open"


@pytest.mark.parametrize("where", ["token", "work/token", "../bank/token"])
def test_token_when_its_file_lies_in_the_bank_then_refused(tmp_path: Path, where: str) -> None:
    (tmp_path / "bank" / "work").mkdir(parents=True)
    (tmp_path / "bank" / where).write_text(TOKEN)
    assert refused(tmp_path, where).code == "token-in-bank"
    assert refused(tmp_path, tmp_path / "bank" / where).code == "token-in-bank"


def test_token_when_a_link_leads_into_the_bank_then_refused(tmp_path: Path) -> None:
    (tmp_path / "bank").mkdir()
    (tmp_path / "bank" / "token").write_text(TOKEN)
    (tmp_path / "link").symlink_to(tmp_path / "bank" / "token")
    assert refused(tmp_path, tmp_path / "link").code == "token-in-bank"


def test_token_when_its_file_is_missing_or_no_text_then_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, tmp_path / "nowhere").code == "token-file"
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    assert refused(tmp_path, tmp_path / "binary").code == "token-file"


@pytest.mark.parametrize("text", ["", "two words", "a\nb", "a\tb", "schlüssel", "a\x7fb"], ids=ascii)
def test_token_when_its_file_holds_no_token_then_refused(tmp_path: Path, text: str) -> None:
    assert refused(tmp_path, token_file(tmp_path, text)).code == "token-malformed"


def test_token_when_the_variable_holds_two_lines_then_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, FAIRLINE_CKAN_TOKEN=f"{TOKEN}\nX-Other: 1").code == "token-malformed"
