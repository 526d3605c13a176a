"""What must be on the machine and in the folder before anything starts: Debian packages, CKAN's environment, jars."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.ckan.stack import processes
from tests.ckan.stack.failures import PartMissing, StackError
from tests.ckan.stack.folder import Folder
from tests.ckan.stack.services import PARTS, run, say, server_program

#: Of Python, that CKAN 2.12 runs with; the newest is taken.
_PYTHONS = ("3.12", "3.11", "3.10")
_INCLUDE = "import sysconfig; print(sysconfig.get_path('include'))"


def install(folder: Folder) -> None:
    """Installs what is missing and does nothing else: a second call looks at a few files.

    Raises:
        PartMissing: a program is not here and this user or machine cannot install it.
        StackError: an installation failed; its log tells more.
    """
    python = _python()
    _debian_packages(folder, python)
    requirements = PARTS / "requirements.txt"
    pip = [folder.programs / "python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    _made(folder, "venv", requirements, [[python, "-m", "venv", "venv"], [*pip, "--requirement", requirements]])
    pom = PARTS / "solr-pom.xml"
    maven = ["mvn", "--batch-mode", "--quiet", "--file", pom, "dependency:copy-dependencies"]
    _made(folder, "jars", pom, [[*maven, f"-DoutputDirectory={folder.root}/jars"]])


def _python() -> str:
    """This Python when CKAN runs with it, else another on the search path."""
    if f"{sys.version_info.major}.{sys.version_info.minor}" in _PYTHONS:
        return sys.executable
    for version in _PYTHONS:
        if found := shutil.which(f"python{version}"):
            return found
    raise PartMissing(f"CKAN 2.12 needs Python {_PYTHONS[-1]} to {_PYTHONS[0]}, and none of them is here")


def _debian_packages(folder: Folder, python: str) -> None:
    missing = _missing_packages(folder, python)
    if not missing:
        return
    names = " ".join(missing)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise PartMissing(f"CKAN needs Debian packages that are missing here: sudo apt-get install {names}")
    say(f"installing {names} with apt")
    command = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *missing]
    try:
        run(folder, command, limit_seconds=900.0, DEBIAN_FRONTEND="noninteractive")
    except StackError:  # the lists of packages may be old or not there at all
        run(folder, ["apt-get", "update", "--quiet"], limit_seconds=300.0)
        run(folder, command, limit_seconds=900.0, DEBIAN_FRONTEND="noninteractive")
    if still := _missing_packages(folder, python):
        raise PartMissing(f"apt has installed {names}, yet this is still missing: {' '.join(still)}")


def _missing_packages(folder: Folder, python: str) -> list[str]:
    """Packages whose use is not there: servers, a compiler for Java, and what psycopg2 is built with."""
    built = _recipe_of(folder, "venv") == (PARTS / "requirements.txt").read_text()
    found: dict[str, object] = {
        "postgresql": Path(server_program("initdb")).is_file() and shutil.which("psql"),
        "redis-server": shutil.which("redis-server"),
        "default-jdk-headless": shutil.which("javac"),
        "maven": shutil.which("mvn"),
        "libmagic1": any(Path("/usr/lib").glob("*/libmagic.so.1")),
        "gcc": built or shutil.which("gcc"),
        "libpq-dev": built or shutil.which("pg_config"),
        "python3-dev": built or _python_header(python).is_file(),
    }
    return [package for package, there in found.items() if not there]


def _python_header(python: str) -> Path:
    done = subprocess.run([python, "-c", _INCLUDE], capture_output=True, text=True, env=processes.environment())
    return Path(done.stdout.strip() or "nowhere") / "Python.h"


def _recipe_of(folder: Folder, name: str) -> str:
    with suppress(FileNotFoundError):
        return (folder.root / name / "made-from").read_text()
    return ""


def _made(folder: Folder, name: str, recipe: Path, commands: Sequence[Sequence[object]]) -> None:
    """Fills a folder by a recipe unless it was filled by this very one; a half-filled one is made anew."""
    if _recipe_of(folder, name) == recipe.read_text():
        return
    say(f"installing what {recipe.name} names (a minute or two)")
    shutil.rmtree(folder.root / name, ignore_errors=True)
    die_with_us = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
    for command in commands:  # one that outlived a killed 'up' would write into what the next one makes
        run(folder, [*die_with_us, *command], limit_seconds=1200.0)
    (folder.root / name / "made-from").write_text(recipe.read_text())
