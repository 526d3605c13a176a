"""Processes that outlive the command which starts them, told apart from later ones with the same number.

The file that stands for a process holds what the system says of it at its start: the boot of the machine, and the
process's own line in ``/proc`` with the time of its start. The process writes it itself before it becomes the service,
so there is no moment in which a service runs that no file knows.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.ckan.stack.failures import StackError

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_LAUNCH = f'cat {_BOOT} "/proc/$$/stat" > "$0" && exec "$@"'
_FORGOTTEN = ("CKAN", "PG", "PYTHON", "GUNICORN", "REDISCLI", "JAVA_TOOL_OPTIONS")
_LEAVE_SECONDS = 10.0


def environment(**more: str) -> dict[str, str]:
    """This process's variables without those that would redirect a part of the stack; loopback needs no proxy."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FORGOTTEN)}
    direct = ",".join(filter(None, ("127.0.0.1", "localhost", kept.get("NO_PROXY") or kept.get("no_proxy"))))
    return {**kept, "NO_PROXY": direct, "no_proxy": direct, **more}


def launch(argv: Sequence[object], pid_file: Path, log: Path, home: Path, variables: Mapping[str, str]) -> None:
    """Starts a service in a session of its own; returns when its file stands or it has ended already.

    Args:
        argv: its command.
        pid_file: where it stands from then on.
        log: takes what it says.
        home: the folder it works in.
        variables: its environment.
    """
    pid_file.unlink(missing_ok=True)
    with log.open("ab") as stream:
        process = subprocess.Popen(
            ["sh", "-c", _LAUNCH, str(pid_file), *map(str, argv)],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            env=dict(variables),
            cwd=home,
            start_new_session=True,
        )
    while alive(pid_file) is None and process.poll() is None:
        time.sleep(0.01)


def alive(pid_file: Path) -> int | None:
    """The number of the process that a file stands for, while it runs or is stopped; else None."""
    with suppress(OSError, ValueError, IndexError):
        boot, then = pid_file.read_text().splitlines()
        pid = int(then.split()[0])
        now = Path(f"/proc/{pid}/stat").read_text()
        same = boot == _BOOT.read_text().strip() and _fields(now)[19] == _fields(then)[19]
        return pid if same and _fields(now)[0] not in "ZX" else None
    return None


def _fields(stat: str) -> list[str]:
    """State, parent and so on (proc(5)): what follows the name, which may hold blanks and parentheses."""
    return stat.rpartition(")")[2].split()


def send(pid_file: Path, number: signal.Signals) -> bool:
    """Sends a signal to the process that a file stands for; False when it is gone."""
    pid = alive(pid_file)
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
    return pid is not None


def send_group(pid_file: Path, number: signal.Signals) -> None:
    """Sends a signal to a process and to those that it started in its own group."""
    pid = alive(pid_file)
    if pid is not None:
        with suppress(ProcessLookupError):
            os.killpg(pid, number)


def end(pid_file: Path, number: signal.Signals, limit_seconds: float = 20.0) -> bool:
    """Ends the process that a file stands for, kindly first; one that was frozen is woken to hear it.

    Returns:
        Whether it ran.
    """
    ran = alive(pid_file) is not None
    send_group(pid_file, signal.SIGCONT)
    send(pid_file, number)
    limit = time.monotonic() + limit_seconds
    while alive(pid_file) is not None:
        if time.monotonic() > limit:
            send_group(pid_file, signal.SIGKILL)
        time.sleep(0.02)
    pid_file.unlink(missing_ok=True)
    return ran


def await_empty(home: Path, pid_file: Path) -> None:
    """Waits until the children of a killed service have left the folder they work in.

    Those that still are in the service's own group after a while are killed: a group's number is not given to
    another while a member lives.

    Raises:
        StackError: some stay.
    """
    limit = time.monotonic() + _LEAVE_SECONDS
    killed = False
    while pids := _working_in(home):
        if time.monotonic() > limit:
            if killed:
                raise StackError(f"processes {sorted(pids)} of an earlier run still work in {home}")
            _kill_group(pid_file, pids)
            limit, killed = time.monotonic() + 2.0, True
        time.sleep(0.05)


def _working_in(home: Path) -> set[int]:
    found = set()
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdecimal() and (entry / "cwd").readlink() == home:
                found.add(int(entry.name))
    return found


def _kill_group(pid_file: Path, pids: Iterable[int]) -> None:
    with suppress(OSError, ValueError, IndexError):
        group = int(pid_file.read_text().splitlines()[1].split()[0])
        for pid in pids:
            if os.getpgid(pid) == group:
                os.kill(pid, signal.SIGKILL)
