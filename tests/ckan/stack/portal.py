"""The stack as a whole: made once, brought up and down, emptied."""

from __future__ import annotations

import random
import shutil
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.ckan.stack.asking import action, ask
from tests.ckan.stack.failures import StackError
from tests.ckan.stack.folder import ORGANIZATION, OTHER_ORGANIZATION, SERVICES, Folder, ckan_url, facts, solr_url
from tests.ckan.stack.installing import install
from tests.ckan.stack.processes import alive
from tests.ckan.stack.services import Ckan, Postgres, Redis, Service, Solr, say

#: Below the ports that the system gives to clients, so that a remembered one stays free.
_FREE_PORTS = range(20000, 30000)
_FREED_SECONDS = 10.0
_PASSWORD = "only-for-tests"


@dataclass(frozen=True, slots=True)
class Portal:
    """A stack in a folder; whoever changes it holds the folder's lock."""

    folder: Folder

    @property
    def ports(self) -> Mapping[str, int]:
        """Port by service.

        Raises:
            StackError: nothing was ever started here.
        """
        ports = self.folder.state().ports
        if not ports:
            raise StackError(f"there is no CKAN in {self.folder.root}: say 'up' first")
        return ports

    def postgres(self) -> Postgres:
        """The database's server."""
        return Postgres(self.folder, self.ports)

    def solr(self) -> Solr:
        """The search server."""
        return Solr(self.folder, self.ports)

    def ckan(self, solr: str | None = None) -> Ckan:
        """CKAN, as it finds Solr at an address (default: the real one)."""
        return Ckan(self.folder, self.ports, solr or solr_url(self.ports), self.folder.state().solr_timeout_seconds)

    def services(self) -> tuple[Service, ...]:
        """All four, in the order of their start."""
        return (self.postgres(), Redis(self.folder, self.ports), self.solr(), self.ckan())

    def up(self, asked: Mapping[str, int], solr_timeout_seconds: float | None) -> dict[str, str]:
        """Brings up what does not run, after installing and making what is missing.

        Args:
            asked: ports by service where the caller wants certain ones.
            solr_timeout_seconds: how long CKAN waits for Solr; None leaves it.

        Returns:
            What a client needs to know.

        Raises:
            StackError: something cannot be installed or started.
        """
        if solr_timeout_seconds is not None:
            self.folder.remember(solr_timeout_seconds=solr_timeout_seconds)
        if not (self._keeps(asked) and self._runs()):
            install(self.folder)
            self.folder.remember(ports=self._settled(asked))
            self._start()
        return facts(self.folder)

    def _keeps(self, asked: Mapping[str, int]) -> bool:
        ports = self.folder.state().ports
        return bool(ports) and all(ports[name] == port for name, port in asked.items())

    def _runs(self) -> bool:
        """Whether all is made and works as remembered; a proxy between CKAN and Solr is left there."""
        state = self.folder.state()
        if not (state.editor_token and self.folder.ini.exists()):
            return False
        timeout = f"solr_timeout = {state.solr_timeout_seconds:g}\n"
        return timeout in self.folder.ini.read_text() and all(each.pid() and each.works() for each in self.services())

    def _settled(self, asked: Mapping[str, int]) -> dict[str, int]:
        """A port for each service: of one that runs its own, else the asked, else the remembered, else a free one."""
        known = self.folder.state().ports
        chosen: dict[str, int] = {}
        for name in SERVICES:
            port = asked.get(name) or known.get(name)
            if alive(self.folder.pid_file(name)) is not None:
                if port != known[name]:
                    raise StackError(f"{name} runs on port {known[name]}: say 'down' before you move it to {port}")
            elif port is None or not _becomes_free(port):
                if name in asked:
                    raise StackError(f"port {port} is taken by another process: free it or choose another for {name}")
                port = _free_port({*chosen.values(), *asked.values()})
            chosen[name] = port
        return chosen

    def _start(self) -> None:
        *others, ckan = self.services()
        for each in others:
            each.start()
        if not (self.folder.state().editor_token and self.postgres().holds("ckan_clean")):
            self._make()
        ckan.start()
        if self.folder.state().indexed_url != ckan_url(self.ports):
            self.ckan().tool("search-index", "rebuild")
            self.folder.remember(indexed_url=ckan_url(self.ports))

    def _make(self) -> None:
        """The database with two users and two organisations, and the copy of it that a reset goes back to."""
        say("making the database")
        ckan = self.ckan()
        ckan.end()
        ckan.prepare()
        self.folder.remember(token="", editor_token="")
        self.postgres().query(
            "DROP DATABASE IF EXISTS ckan WITH (FORCE)",
            "DROP DATABASE IF EXISTS ckan_clean WITH (FORCE)",
            "DROP ROLE IF EXISTS ckan",
            "CREATE ROLE ckan LOGIN",
            "CREATE DATABASE ckan OWNER ckan",
        )
        ckan.tool("db", "init")
        ckan.tool("sysadmin", "add", "admin", "email=admin@example.org", f"password={_PASSWORD}", "--create")
        token = ckan.tool("user", "token", "add", "admin", "tests", "-q").split()[-1]
        ckan.start()
        editor_token = self._members(token)
        self.postgres().query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'ckan'",
            "CREATE DATABASE ckan_clean OWNER ckan TEMPLATE ckan",
        )
        self.reset()
        self.folder.remember(token=token, editor_token=editor_token, indexed_url=ckan_url(self.ports))

    def _members(self, token: str) -> str:
        """Makes the editor and the organisations; nobody but the sysadmin may do anything in the other one."""

        def act(what: str, /, **data: Any) -> Any:
            return action(ckan_url(self.ports), what, data, token)

        act("user_create", name="editor", email="editor@example.org", password=_PASSWORD)
        members = [{"name": "admin", "capacity": "admin"}, {"name": "editor", "capacity": "editor"}]
        act("organization_create", name=ORGANIZATION, title="Bank", users=members)
        act("organization_create", name=OTHER_ORGANIZATION, title="Other", users=members[:1])
        return str(act("api_token_create", user="editor", name="tests")["token"])

    def reset(self) -> None:
        """Back to the state after the first ``up``: no dataset, no file; all services run and CKAN has its own Solr.

        Users, organisations and their tokens stay. Requests that are under way fail.

        Raises:
            StackError: there is nothing to go back to, or a service does not start.
        """
        postgres, redis, solr, ckan = self.services()
        for each in (postgres, redis, solr):
            each.start()
        if not self.postgres().holds("ckan_clean"):
            raise StackError(f"the CKAN in {self.folder.root} was never made: say 'up' first")
        self.postgres().query("DROP DATABASE IF EXISTS ckan WITH (FORCE)")
        _await_unattended(self.ports["ckan"])
        self.postgres().query("CREATE DATABASE ckan OWNER ckan TEMPLATE ckan_clean")
        ask(f"{solr_url(self.ports)}/update?commit=true", {"delete": {"query": "*:*"}})
        Redis(self.folder, self.ports).tell("FLUSHALL")
        for path in (self.folder.storage, self.folder.temporary):
            _empty(path)
        ckan.start()

    def down(self) -> None:
        """Ends what ``up`` started, last first."""
        if self.folder.state().ports:
            for each in reversed(self.services()):
                each.end()

    def restart_ckan(self, solr: str | None) -> None:
        """Restarts CKAN; with another address for Solr it keeps that until its next start.

        Raises:
            StackError: it does not come up.
        """
        self.ckan().end()
        self.ckan(solr).start()

    def status(self) -> dict[str, Any]:
        """Number, port and health of each service, and what ``up`` tells."""
        if not self.folder.state().ports:
            return {"services": {}, "works": False, "dir": str(self.folder.root)}
        services = {
            each.name: {"pid": each.pid(), "port": self.ports[each.name], "works": bool(each.pid() and each.works())}
            for each in self.services()
        }
        return {"services": services, "works": all(each["works"] for each in services.values()), **facts(self.folder)}


def _empty(path: Path) -> None:
    for each in path.iterdir():
        if each.is_dir():
            shutil.rmtree(each, ignore_errors=True)
        else:
            each.unlink(missing_ok=True)


def _is_free(port: int) -> bool:
    with suppress(OSError), socket.create_server(("127.0.0.1", port)):
        return True
    return False


def _becomes_free(port: int) -> bool:
    """Whether nobody has a port; children of a killed service may keep theirs for a moment."""
    limit = time.monotonic() + _FREED_SECONDS
    while not (free := _is_free(port)) and time.monotonic() < limit:
        time.sleep(0.1)
    return free


def _free_port(taken: set[int]) -> int:
    for port in random.sample(_FREE_PORTS, 200):
        if port not in taken and _is_free(port):
            return port
    raise StackError(f"no free port between {_FREE_PORTS.start} and {_FREE_PORTS.stop}")


def _await_unattended(port: int, limit_seconds: float = 10.0) -> None:
    """Waits until no request is under way whose client has left: it might still write a file or into the index.

    The system shows it as a connection in CLOSE_WAIT (state 08 in proc(5), ``/proc/net/tcp``).
    """
    own = f"0100007F:{port:04X}"
    limit = time.monotonic() + limit_seconds
    while time.monotonic() < limit:
        rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
        if not any(row[1] == own and row[3] == "08" for row in rows):
            return
        time.sleep(0.02)
