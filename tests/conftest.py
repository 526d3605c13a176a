"""What holds for every test: no network beyond this machine, no setting of whoever runs it, repeatable examples."""

from __future__ import annotations

import ipaddress
import itertools
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.builders import shared_folder

settings.register_profile("here", deadline=None)
settings.register_profile("machine", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("machine" if os.environ.get("CI") == "true" else "here")


def pytest_configure() -> None:
    """A shell makes what it runs in the background deaf to Ctrl-C; tests shall end then, and take their servers down."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


class NetworkUsed(AssertionError):
    """A test wanted to leave this machine."""


def is_loopback(host: object) -> bool:
    """Whether an address or a name is this machine's own."""
    if host in (None, "", "localhost", b"localhost", b""):
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


def check_address(address: Any) -> None:
    """Refuses an address of a socket that is not on this machine; paths of local sockets are."""
    if isinstance(address, tuple) and not is_loopback(address[0]):
        raise NetworkUsed(f"a test wants to reach {address[0]}; only loopback is there")


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Connections and look-ups of names that lead out of this machine fail at once, and say so."""
    patch = pytest.MonkeyPatch()

    def guarded(name: str) -> None:
        real = getattr(socket.socket, name)

        def call(self: socket.socket, *arguments: Any) -> Any:
            check_address(arguments[-1])
            return real(self, *arguments)

        patch.setattr(socket.socket, name, call)

    for name in ("connect", "connect_ex", "sendto"):
        guarded(name)
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        real = getattr(socket, name)

        def look_up(host: Any, *arguments: Any, _real: Any = real, **options: Any) -> Any:
            if not is_loopback(host):
                raise NetworkUsed(f"a test wants to look up {host!r}; only loopback is there")
            return _real(host, *arguments, **options)

        patch.setattr(socket, name, look_up)
    yield
    patch.undo()


_numbers = itertools.count()


@pytest.fixture(autouse=True)
def _own_surroundings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys and ontologies of whoever runs the tests are never seen, and no test sees those of another."""
    folder = tmp_path_factory.getbasetemp() / "surroundings"
    monkeypatch.setenv("FAIRLINE_CONFIG", str(folder / f"config-{next(_numbers)}"))
    monkeypatch.setenv("FAIRLINE_ONTOLOGIES", str(folder / "ontologies"))
    for name in ("FAIRLINE_BANK", "FAIRLINE_KEY_FILE", "FAIRLINE_DEBUG", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture
def shared() -> Path:
    """The folder of real files and standards beside the repository."""
    return shared_folder()
