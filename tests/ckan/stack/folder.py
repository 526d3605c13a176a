"""The folder that everything of a stack lies in: its paths, what is remembered between commands, its lock."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from tests.ckan.stack.failures import StackError

#: In the order in which they start; each needs those before it.
SERVICES = ("postgres", "redis", "solr", "ckan")
ORGANIZATION = "bank"
OTHER_ORGANIZATION = "other"
_LOCK_WAIT_SECONDS = 1800.0
_LOG_LINES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a stack remembers.

    Attributes:
        ports: port by service, as last used.
        token: the sysadmin's API token; empty until the portal was made.
        editor_token: that of the editor of the organisation; empty until the portal was made.
        solr_timeout_seconds: how long CKAN waits for Solr.
        indexed_url: the address of CKAN that the search index was made with.
    """

    ports: Mapping[str, int] = field(default_factory=dict)
    token: str = ""
    editor_token: str = ""
    solr_timeout_seconds: float = 60.0
    indexed_url: str = ""


@dataclass(frozen=True, slots=True)
class Folder:
    """The paths of a stack; the folder is made private because it holds tokens."""

    root: Path

    @classmethod
    def opened(cls, root: Path) -> Folder:
        """A folder that exists afterwards, with the folders that the parts expect."""
        folder = cls(root.expanduser().absolute())
        for path in (folder.root, folder.storage, folder.temporary, *map(folder.home, SERVICES)):
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in ("run", "log"):
            (folder.root / name).mkdir(exist_ok=True, mode=0o700)
        return folder

    @property
    def storage(self) -> Path:
        """Where CKAN keeps uploaded files."""
        return self.root / "storage"

    @property
    def temporary(self) -> Path:
        """Where CKAN keeps files while they arrive."""
        return self.root / "tmp"

    @property
    def programs(self) -> Path:
        """The commands of CKAN's own environment."""
        return self.root / "venv" / "bin"

    @property
    def ini(self) -> Path:
        """CKAN's settings."""
        return self.root / "ckan.ini"

    def home(self, service: str) -> Path:
        """The folder that a service works in."""
        return self.root / service

    def pid_file(self, service: str) -> Path:
        """Where it stands which process a service is."""
        return self.root / "run" / f"{service}.pid"

    def log(self, name: str) -> Path:
        """The log of a service, or of ``install``."""
        return self.root / "log" / f"{name}.log"

    def log_end(self, name: str, lines: int = _LOG_LINES) -> str:
        """The last lines of a log; empty when there is none."""
        with suppress(FileNotFoundError):
            return "\n".join(self.log(name).read_text(errors="replace").splitlines()[-lines:])
        return ""

    def state(self) -> State:
        """What the last command left; the default when there was none."""
        with suppress(FileNotFoundError):
            return State(**json.loads((self.root / "state.json").read_text()))
        return State()

    def remember(self, **changes: Any) -> State:
        """Changes the state as a whole: a reader sees the old or the new one."""
        state = replace(self.state(), **changes)
        fresh = self.root / "state.json.new"
        fresh.write_text(json.dumps(asdict(state)))
        fresh.replace(self.root / "state.json")
        return state

    @contextmanager
    def locked(self, name: str = "lock", wait_seconds: float = _LOCK_WAIT_SECONDS) -> Iterator[None]:
        """Lets one process at a time work here; the lock goes with the process that holds it.

        Args:
            name: of the lock's file.
            wait_seconds: how long another may keep it.

        Raises:
            StackError: it was kept longer than that.
        """
        with (self.root / name).open("w") as stream:
            end = time.monotonic() + wait_seconds
            while not _taken(stream):
                if time.monotonic() > end:
                    raise StackError(f"another process has held {stream.name} for {wait_seconds:g} s")
                time.sleep(0.05)
            yield


def _taken(stream: IO[str]) -> bool:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def default_root() -> Path:
    """``FAIRLINE_CKAN_DIR``, else a folder in the user's cache."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.environ.get("FAIRLINE_CKAN_DIR") or f"{cache}/fairline-ckan").expanduser()


def solr_url(ports: Mapping[str, int]) -> str:
    """The address of the core that CKAN searches."""
    return f"http://127.0.0.1:{ports['solr']}/solr/ckan"


def ckan_url(ports: Mapping[str, int]) -> str:
    """The address of the portal, without a slash at its end."""
    return f"http://127.0.0.1:{ports['ckan']}"


def facts(folder: Folder) -> dict[str, str]:
    """What ``up`` prints: all that a client of the portal needs to know."""
    state = folder.state()
    return {
        "url": ckan_url(state.ports),
        "token": state.token,
        "editor_token": state.editor_token,
        "organization": ORGANIZATION,
        "other_organization": OTHER_ORGANIZATION,
        "ini": str(folder.ini),
        "ckan": str(folder.programs / "ckan"),
        "solr_url": solr_url(state.ports),
        "storage": str(folder.storage),
        "dir": str(folder.root),
    }
