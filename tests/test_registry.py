"""The plug-in mechanism: ours by the same door as others', and a stranger's fault is named and passed over."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.checks.protocol import Check
from catalog.errors import DefectError
from catalog.formats.protocol import Format
from catalog.registry import CHECKS, EXPORTS, FORMATS, broken_plugins, plugins


@pytest.mark.parametrize(("group", "protocol"), [(FORMATS, Format), (CHECKS, Check)], ids=["formats", "checks"])
def test_plugins_when_listed_then_ours_are_there_and_fit_the_protocol(group: str, protocol: type) -> None:
    found = plugins(group)
    assert list(found) == sorted(found)
    assert found
    assert all(isinstance(each, protocol) for each in found.values())
    assert broken_plugins(group) == ()


def test_exports_when_listed_then_the_known_ones() -> None:
    assert {"citation", "dcat"} <= set(plugins(EXPORTS))


def test_group_when_it_has_no_members_then_the_installation_is_broken() -> None:
    with pytest.raises(DefectError) as caught:
        plugins("fairline.nothing-of-this-name")
    assert caught.value.code == "plugins-missing"


def install(folder: Path, name: str, entries: str) -> None:
    """A distribution as an installer leaves it: metadata beside the modules."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(entries)


def loaded(folder: Path, program: str) -> str:
    """What a new process prints that has a folder of distributions beside ours."""
    root = Path(__file__).resolve().parent.parent
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(root)])}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, cwd=folder, check=True
    )
    return done.stdout.strip()


def test_plugin_when_a_stranger_breaks_or_takes_our_name_then_named_and_passed_over(tmp_path: Path) -> None:
    (tmp_path / "stranger_checks.py").write_text("GOOD = object()\n")
    entries = (
        "[fairline.checks]\n"
        "files = stranger_checks:GOOD\n"
        "stranger = stranger_checks:GOOD\n"
        "absent = stranger_checks:ABSENT\n"
        "gone = no_such_module:X\n"
    )
    install(tmp_path, "stranger", entries)
    program = (
        "from catalog.registry import CHECKS, broken_plugins, plugins\n"
        "found = plugins(CHECKS)\n"
        "print(type(found['files']).__name__, type(found['stranger']).__name__, sorted(found))\n"
        "print([(each.name, each.distribution, each.reason.split(':')[0]) for each in broken_plugins(CHECKS)])\n"
    )
    ours = sorted([*plugins(CHECKS), "stranger"])
    assert loaded(tmp_path, program).splitlines() == [
        f"FileCheck object {ours}",
        "[('absent', 'stranger', 'AttributeError'), ('gone', 'stranger', 'ModuleNotFoundError')]",
    ]


def test_plugin_when_one_of_ours_breaks_then_the_installation_is_broken(tmp_path: Path) -> None:
    install(tmp_path, "fairline", "[fairline.odd]\nours = no_such_module:X\n")
    program = (
        "from catalog.errors import DefectError\n"
        "from catalog.registry import plugins\n"
        "try:\n    plugins('fairline.odd')\n"
        "except DefectError as error:\n    print(error.code, error.at)\n"
    )
    assert loaded(tmp_path, program) == "plugin-broken no_such_module:X"
