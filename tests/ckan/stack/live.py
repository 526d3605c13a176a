"""The stack as a test holds it: what a client needs to know, and the ways to disturb each part."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.ckan.stack import asking, processes
from tests.ckan.stack.failures import PartMissing, StackError
from tests.ckan.stack.folder import Folder

_ROOT = Path(__file__).resolve().parents[3]
_MISSING = 3
_COMMAND_SECONDS = 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A stack that was brought up.

    Commands run as processes of their own, as a person would give them.

    Attributes:
        url: of the portal, without a slash at its end.
        token: of the sysadmin ``admin``.
        editor_token: of ``editor``, who may write in ``organization`` only.
        organization: its name.
        other_organization: one in which the editor may do nothing.
        ini: CKAN's settings.
        ckan: CKAN's own command.
        solr_url: the core's address.
        storage: where CKAN keeps uploaded files.
        folder: of the stack.
    """

    url: str
    token: str
    editor_token: str
    organization: str
    other_organization: str
    ini: Path
    ckan: Path
    solr_url: str
    storage: Path
    folder: Folder

    @classmethod
    def brought_up(cls, root: Path, solr_timeout_seconds: float) -> Stack:
        """The stack in a folder, brought up first.

        Raises:
            PartMissing: something must be installed first.
            StackError: it does not come up.
        """
        printed = command(root, "up", "--solr-timeout", f"{solr_timeout_seconds:g}")
        facts: dict[str, Any] = json.loads(printed)
        folder = Folder(Path(facts.pop("dir")))
        return cls(folder=folder, **{**facts, **{name: Path(facts[name]) for name in ("ini", "ckan", "storage")}})

    def action(self, name: str, data: Mapping[str, Any] | None = None, *, token: str | None = None) -> Any:
        """The result of an action of CKAN's API.

        Args:
            name: of the action.
            data: its arguments.
            token: who asks: None is the sysadmin, empty is nobody.

        Raises:
            AnswerRefused: CKAN refuses; the error has ``status`` and ``body``.
            OSError: no answer.
        """
        return asking.action(self.url, name, dict(data or {}), self.token if token is None else token)

    def files_on_disk(self) -> dict[str, int]:
        """Size by path below ``storage`` of every file that CKAN keeps, whether or not its database knows of it."""
        found = (path for path in self.storage.rglob("*") if path.is_file())
        return {path.relative_to(self.storage).as_posix(): path.stat().st_size for path in found}

    def runs(self, service: str) -> bool:
        """Whether the process of a service is there (also when frozen)."""
        return processes.alive(self.folder.pid_file(service)) is not None

    def up(self) -> None:
        """Starts again what was ended or killed."""
        self._command("up")

    def reset(self) -> None:
        """Empties the portal; everything runs afterwards, nothing is frozen, CKAN has its own Solr."""
        self._command("reset")

    def stop_solr(self) -> None:
        """Ends Solr: CKAN's connections are refused."""
        self._command("stop-solr")

    def start_solr(self) -> None:
        """Starts Solr and wakes it when it is frozen."""
        self._command("start-solr")

    def freeze_solr(self) -> None:
        """Stops Solr where it stands: it takes connections and is silent."""
        self._send("solr", signal.SIGSTOP)

    def thaw_solr(self) -> None:
        """Lets a frozen Solr go on, also with what it was asked meanwhile."""
        self._send("solr", signal.SIGCONT)

    def restart_ckan(self, solr_url: str | None = None) -> None:
        """Restarts CKAN, which takes another address (of a proxy) for Solr until its next start or reset."""
        self._command("restart-ckan", *(["--solr-url", solr_url] if solr_url else []))

    def kill_ckan(self) -> None:
        """Kills CKAN with all its workers, which are gone afterwards; :meth:`up` or :meth:`reset` starts it again."""
        processes.send_group(self.folder.pid_file("ckan"), signal.SIGKILL)
        processes.await_empty(self.folder.home("ckan"), self.folder.pid_file("ckan"))

    def ckan_command(self, *arguments: str) -> str:
        """Runs CKAN's own command (``search-index check`` and the like) and gives what it printed."""
        line = [str(self.ckan), "-c", str(self.ini), *arguments]
        done = subprocess.run(line, capture_output=True, text=True, timeout=300.0, env=processes.environment())
        if done.returncode:
            raise StackError(f"{' '.join(line)} ended with {done.returncode}: {done.stderr[-2000:]}")
        return done.stdout

    def _command(self, *arguments: str) -> None:
        command(self.folder.root, *arguments)

    def _send(self, service: str, number: signal.Signals) -> None:
        if not processes.send(self.folder.pid_file(service), number):
            raise StackError(f"{service} does not run")


def command(root: Path, *arguments: str) -> str:
    """Runs a command of the stack in a folder and gives what it printed.

    Raises:
        PartMissing: something must be installed first.
        StackError: it failed.
    """
    line = [sys.executable, "-m", "tests.ckan.stack", *arguments, "--dir", str(root)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=_COMMAND_SECONDS, cwd=_ROOT)
    if done.returncode == _MISSING:
        raise PartMissing(done.stderr.strip())
    if done.returncode:
        raise StackError(f"{arguments[0]} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def is_up(root: Path) -> bool:
    """Whether any process of a stack in a folder runs: then someone else wants it."""
    folder = Folder(root)
    return any(processes.alive(path) is not None for path in (folder.root / "run").glob("*.pid"))
