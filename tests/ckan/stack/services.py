"""The four services: how each is started, how one knows that it works, how it is ended."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from tests.ckan.stack import processes
from tests.ckan.stack.asking import answers
from tests.ckan.stack.failures import StackError
from tests.ckan.stack.folder import Folder, ckan_url, solr_url

PARTS = Path(__file__).resolve().parent / "parts"
_WAKE_SECONDS = 15.0


def say(text: str) -> None:
    """Progress, on stderr."""
    print(f"ckan: {text}", file=sys.stderr, flush=True)


def run(folder: Folder, argv: Sequence[object], *, limit_seconds: float = 300.0, **variables: str) -> str:
    """Runs a command to its end and gives what it printed; its complaints go to the log ``install``.

    Args:
        folder: of the stack; the command works in it.
        argv: the command.
        limit_seconds: for all of it.
        **variables: added to its environment.

    Raises:
        StackError: it failed or took too long.
    """
    command = [str(each) for each in argv]
    with folder.log("install").open("ab") as log:
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                timeout=limit_seconds,
                cwd=folder.root,
                env=processes.environment(**variables),
            )
        except subprocess.TimeoutExpired:
            raise StackError(f"{' '.join(command[:4])} ... took longer than {limit_seconds:g} s") from None
        except OSError as error:
            raise StackError(f"{command[0]} cannot be run: {error.strerror}") from None
    if done.returncode:
        told = f"{folder.log_end('install')}\n{done.stdout[-2000:]}".strip()
        raise StackError(f"{told}\n{' '.join(command[:4])} ... ended with {done.returncode}")
    return done.stdout.strip()


@dataclass(frozen=True, slots=True)
class Service:
    """One of the four; subclasses say what to run and how to ask whether it works.

    Attributes:
        folder: of the stack.
        ports: port by service.
    """

    folder: Folder
    ports: Mapping[str, int]

    name: ClassVar[str]
    start_seconds: ClassVar[float]
    ending: ClassVar[signal.Signals] = signal.SIGTERM

    def command(self) -> list[object]:
        """What starts it."""
        raise NotImplementedError

    def works(self) -> bool:
        """Whether it answers as it should."""
        raise NotImplementedError

    def prepare(self) -> None:
        """What must be on the disk before it starts."""

    def variables(self) -> dict[str, str]:
        """What is added to its environment."""
        return {}

    @property
    def pid_file(self) -> Path:
        """What stands for its process."""
        return self.folder.pid_file(self.name)

    def pid(self) -> int | None:
        """The number of its process; None when it does not run."""
        return processes.alive(self.pid_file)

    def start(self) -> None:
        """Starts it unless it works; one that runs but stays silent, even after waking it, is started anew.

        Raises:
            StackError: it does not come up.
        """
        processes.send_group(self.pid_file, signal.SIGCONT)
        if self.pid() is not None:
            if self._comes_up(_WAKE_SECONDS):
                return
            self.end()
        say(f"starting {self.name}")
        processes.await_empty(self.folder.home(self.name), self.pid_file)
        self.prepare()
        processes.launch(
            self.command(),
            self.pid_file,
            self.folder.log(self.name),
            self.folder.home(self.name),
            processes.environment(**self.variables()),
        )
        if not self._comes_up(self.start_seconds):
            how = "ended" if self.pid() is None else f"did not answer within {self.start_seconds:g} s"
            raise StackError(f"{self.folder.log_end(self.name)}\n{self.name} {how} when it was started")

    def _comes_up(self, limit_seconds: float) -> bool:
        limit = time.monotonic() + limit_seconds
        while self.pid() is not None and time.monotonic() < limit:
            if self.works():
                return True
            time.sleep(0.1)
        return False

    def end(self) -> None:
        """Ends it if it runs."""
        if processes.end(self.pid_file, self.ending):
            say(f"ended {self.name}")


class Postgres(Service):
    """PostgreSQL. It refuses to be root's process: then the user ``postgres`` has it, with leave to enter our folder."""

    __slots__ = ()
    name = "postgres"
    start_seconds = 60.0
    ending = signal.SIGINT  # its fast shutdown: does not wait for those who are connected

    def command(self) -> list[object]:
        home = self.folder.home(self.name)
        options = ("-h", "127.0.0.1", "-p", self.ports[self.name], "-k", "", "-c", "synchronous_commit=off")
        return [*_unprivileged(server_program("postgres")), "-D", home, *options]

    def prepare(self) -> None:
        home = self.folder.home(self.name)
        (home / "postmaster.pid").unlink(missing_ok=True)  # left when it was killed; its number may be another's now
        if (home / "global" / "pg_control").exists() and (self.folder.root / "postgres-made").exists():
            return
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(home, "postgres", "postgres")
        options = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
        run(self.folder, [*_unprivileged(server_program("initdb")), "-D", home, *options])
        (self.folder.root / "postgres-made").touch()

    def works(self) -> bool:
        with suppress(StackError):
            return self.query("SELECT 1") == "1"
        return False

    def query(self, *statements: str) -> str:
        """Runs statements of SQL, each on its own, and gives the cells of the answers as text.

        Raises:
            StackError: the server refuses one.
        """
        each = [part for statement in statements for part in ("-c", statement)]
        reach = ("-h", "127.0.0.1", "-p", self.ports[self.name], "-U", "postgres")
        return run(self.folder, ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", *reach, *each], PGCONNECT_TIMEOUT="5")

    def holds(self, database: str) -> bool:
        """Whether a database is there."""
        return bool(self.query(f"SELECT 1 FROM pg_database WHERE datname = '{database}'"))


def server_program(name: str) -> str:
    """The newest PostgreSQL's program; Debian keeps them away from the search path."""
    found = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = max(found, key=lambda path: float(path.parts[4]), default=None)
    return str(newest or shutil.which(name) or name)


def _unprivileged(program: str) -> list[object]:
    if os.geteuid():
        return [program]
    enter = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *enter, program]


class Redis(Service):
    """Redis, which keeps nothing."""

    __slots__ = ()
    name = "redis"
    start_seconds = 20.0

    def command(self) -> list[object]:
        keep_nothing = ("--save", "", "--appendonly", "no")
        where = ("--bind", "127.0.0.1", "--port", self.ports[self.name], "--dir", self.folder.home(self.name))
        return ["redis-server", *where, *keep_nothing]

    def works(self) -> bool:
        with suppress(OSError):
            return self.tell("PING") == "+PONG"
        return False

    def tell(self, command: str) -> str:
        """Sends a command without arguments and gives the first line of the answer."""
        with socket.create_connection(("127.0.0.1", self.ports[self.name]), timeout=5.0) as connection:
            connection.sendall(f"{command}\r\n".encode())
            with connection.makefile("r", encoding="utf-8") as answer:
                return answer.readline().rstrip()


class Solr(Service):
    """Solr with the one core of CKAN, made from the jars alone; the schema comes with CKAN."""

    __slots__ = ()
    name = "solr"
    start_seconds = 90.0

    def command(self) -> list[object]:
        memory = ("-Xms256m", "-Xmx512m")
        logs = ("-Dlog4j2.level=INFO", f"-Dsolr.log.dir={self.folder.root}/log")
        jars = f"{self.folder.root}/jars/*"
        home = self.folder.home(self.name) / "cores"
        return ["java", *memory, *logs, "-cp", jars, PARTS / "LoopbackSolr.java", home, self.ports[self.name]]

    def prepare(self) -> None:
        cores = self.folder.home(self.name) / "cores"
        settings = cores / "ckan" / "conf"
        settings.mkdir(parents=True, exist_ok=True)
        (cores / "solr.xml").write_text("<solr/>\n")
        (cores / "ckan" / "core.properties").write_text("name=ckan\n")
        (schema,) = self.folder.root.glob("venv/lib/python3*/site-packages/ckan/config/solr/schema.xml")
        shutil.copyfile(schema, settings / "managed-schema.xml")
        shutil.copyfile(PARTS / "solrconfig.xml", settings / "solrconfig.xml")
        for named_by_the_schema in ("protwords.txt", "synonyms.txt"):
            (settings / named_by_the_schema).touch()

    def works(self) -> bool:
        return answers(f"{solr_url(self.ports)}/admin/ping", 5.0)


@dataclass(frozen=True, slots=True)
class Ckan(Service):
    """CKAN behind gunicorn, two processes of four threads.

    Attributes:
        solr_url: what it takes for Solr: the real one or a proxy before it.
        solr_timeout_seconds: how long it waits for an answer of it.
    """

    solr_url: str
    solr_timeout_seconds: float

    name = "ckan"
    start_seconds = 120.0

    def command(self) -> list[object]:
        workers = ("--workers", 2, "--worker-class", "gthread", "--threads", 4, "--no-control-socket")
        patience = ("--timeout", 600, "--graceful-timeout", 5)
        where = ("--bind", f"127.0.0.1:{self.ports[self.name]}", "--pythonpath", PARTS)
        return [self.folder.programs / "gunicorn", *workers, *patience, *where, "served:application"]

    def variables(self) -> dict[str, str]:
        return {
            "CKAN_INI": str(self.folder.ini),
            "TMPDIR": str(self.folder.temporary),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def prepare(self) -> None:
        generated = self.folder.root / "base.ini"
        if not generated.exists():
            fresh = self.folder.root / "base.ini.new"
            fresh.unlink(missing_ok=True)
            run(self.folder, [self.folder.programs / "ckan", "generate", "config", fresh])
            fresh.replace(generated)
        self.folder.ini.write_text(self._settings())

    def _settings(self) -> str:
        return (
            (PARTS / "ckan.ini")
            .read_text()
            .format(
                root=self.folder.root,
                storage=self.folder.storage,
                url=ckan_url(self.ports),
                solr_url=self.solr_url,
                solr_timeout=self.solr_timeout_seconds,
                postgres=self.ports["postgres"],
                redis=self.ports["redis"],
            )
        )

    def is_as_asked(self) -> bool:
        """Whether it was started with these very settings."""
        with suppress(FileNotFoundError):
            return self.folder.ini.read_text() == self._settings()
        return False

    def start(self) -> None:
        if self.pid() is not None and not self.is_as_asked():
            self.end()
        Service.start(self)

    def works(self) -> bool:
        return answers(f"{ckan_url(self.ports)}/api/3/action/status_show", 10.0)

    def tool(self, *arguments: str) -> str:
        """Runs CKAN's own command.

        Raises:
            StackError: it failed.
        """
        return run(self.folder, [self.folder.programs / "ckan", "-c", self.folder.ini, *arguments])
