"""What lies in a line's folder: nothing but plain files with safe names gets through, and no link is followed."""

from __future__ import annotations

import os
import socket
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.bank.paths import check_folder, check_path, check_status, check_twins, scan
from catalog.model.files import RESERVED_PATHS

NFD = unicodedata.normalize("NFD", "é")


def put(folder: Path, path: str, content: bytes = b"x\n") -> Path:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return target


def symlink_file(folder: Path) -> str:
    outside = put(folder.parent, "outside.txt")
    (folder / "link.txt").symlink_to(outside)
    return "link.txt"


def symlink_inside(folder: Path) -> str:
    put(folder, "real.txt")
    (folder / "link.txt").symlink_to("real.txt")
    return "link.txt"


def symlink_dangling(folder: Path) -> str:
    (folder / "link.txt").symlink_to("nowhere")
    return "link.txt"


def symlink_folder(folder: Path) -> str:
    put(folder.parent, "elsewhere/a.txt")
    (folder / "data").symlink_to(folder.parent / "elsewhere")
    return "data/a.txt"


def symlink_folder_inside(folder: Path) -> str:
    put(folder, "real/deep/a.txt")
    (folder / "data").mkdir()
    (folder / "data" / "deep").symlink_to(folder / "real" / "deep")
    return "data/deep/a.txt"


def hard_link(folder: Path) -> str:
    os.link(put(folder.parent, "outside.txt"), folder / "a.txt")
    return "a.txt"


def fifo(folder: Path) -> str:
    os.mkfifo(folder / "a.txt")
    return "a.txt"


def local_socket(folder: Path) -> str:
    here = os.getcwd()
    os.chdir(folder)  # the address of a local socket is short
    try:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.bind("a.txt")
    finally:
        os.chdir(here)
    return "a.txt"


def directory(folder: Path) -> str:
    (folder / "a.txt").mkdir()
    return "a.txt"


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (symlink_file, "path-symlink"),
        (symlink_inside, "path-symlink"),
        (symlink_dangling, "path-symlink"),
        (symlink_folder, "path-symlink"),
        (symlink_folder_inside, "path-symlink"),
        (hard_link, "path-hard-link"),
        (fifo, "path-not-regular"),
        (local_socket, "path-not-regular"),
        (directory, "path-not-regular"),
    ],
    ids=lambda value: value.__name__ if callable(value) else value,
)
def test_path_when_something_else_than_a_plain_file_lies_there_then_one_finding(
    tmp_path: Path, make: Callable[[Path], str], code: str
) -> None:
    folder = tmp_path / "line"
    folder.mkdir()
    path = make(folder)
    finding = check_path(folder, path)
    assert finding is not None
    assert (finding.code, finding.path) == (code, path)
    assert finding.severity == "error"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("../x.txt", "path-unsafe"),
        ("data/../../x", "path-unsafe"),
        ("/etc/passwd", "path-unsafe"),
        ("C:\\x", "path-unsafe"),
        ("http://127.0.0.1/x", "path-unsafe"),
        ("a\\b", "path-unsafe"),
        ("a\u202eb", "path-unsafe"),
        ("CON.txt", "path-unsafe"),
        ("a" * 300, "path-unsafe"),
        (NFD, "path-unsafe"),
        ("", "path-unsafe"),
        *((path, "path-reserved") for path in sorted(RESERVED_PATHS)),
        ("Record.JSON", "path-reserved"),
        ("readme.md", "path-reserved"),
        ("LINE.YAML", "path-reserved"),
        ("datapackage.json/x", "path-reserved"),
        ("README.MD/deep/x", "path-reserved"),
    ],
)
def test_path_when_its_name_will_not_do_then_refused_before_the_disk_is_asked(path: str, code: str) -> None:
    finding = check_path(Path("there-is-no-such-folder"), path)
    assert finding is not None
    assert (finding.code, finding.path) == (code, path)


@pytest.mark.parametrize("path", ["data/a.txt", "a.txt", "data/README.md", "data/record.json", "line.yaml.txt"])
def test_path_when_plain_or_not_there_yet_then_no_finding(tmp_path: Path, path: str) -> None:
    assert check_path(tmp_path, path) is None
    put(tmp_path, path)
    assert check_path(tmp_path, path) is None


def test_path_when_a_part_of_it_is_a_file_then_no_finding_here_reading_will_tell(tmp_path: Path) -> None:
    put(tmp_path, "data")
    assert check_path(tmp_path, "data/a.txt") is None


def test_status_of_a_link_when_checked_then_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("x")
    finding = check_status("link", (tmp_path / "link").lstat())
    assert finding is not None
    assert finding.code == "path-symlink"


@pytest.mark.parametrize(
    ("paths", "twins"),
    [
        (["data/a.txt", "data/A.txt"], ["data/A.txt"]),
        (["data/a.txt", "Data/b.txt"], ["Data/b.txt"]),
        (["é.txt", f"{NFD}.txt"], [f"{NFD}.txt"]),
        (["straße", "STRASSE"], ["STRASSE"]),
        (["a/x", "a/y", "b/x"], []),
        (["x", "x"], []),
        (["a/b/c", "A/b/c", "a/B/d"], ["A/b/c", "a/B/d"]),
    ],
)
def test_paths_when_they_differ_in_case_or_form_only_then_the_later_is_a_twin(
    paths: list[str], twins: list[str]
) -> None:
    findings = list(check_twins(paths))
    assert [(each.code, each.path) for each in findings] == [("path-twin", twin) for twin in twins]


def test_folder_when_scanned_then_in_order_of_path_and_links_are_listed_not_followed(tmp_path: Path) -> None:
    for path in ("b/z.txt", "b/a/x.txt", "a.txt", "c/y.txt", "c.txt", "b.txt"):
        put(tmp_path, path)
    put(tmp_path.parent, "outside-of-scan/secret.txt")
    (tmp_path / "link").symlink_to(tmp_path.parent / "outside-of-scan")
    assert [entry.path for entry in scan(tmp_path)] == [
        "a.txt", "b.txt", "b/a/x.txt", "b/z.txt", "c.txt", "c/y.txt", "link",
    ]  # fmt: skip


def test_folder_when_checked_then_what_is_not_registered_and_what_is_no_file(tmp_path: Path) -> None:
    folder = tmp_path / "KSCBi005-A"
    put(folder, "line.yaml")
    put(folder, "data/known.txt")
    put(folder, "data/new.txt")
    put(folder, ".DS_Store")
    put(folder, "data/.cache/x")
    os.mkfifo(folder / "data" / "pipe")
    (folder / ".hidden-link").symlink_to("x")
    (folder / "qc.csv").symlink_to("data/known.txt")
    findings = {(each.code, each.path) for each in check_folder(folder, folder.name, {"data/known.txt"})}
    assert findings == {
        ("file-unregistered", "data/new.txt"),
        ("path-not-regular", "data/pipe"),
        ("path-symlink", ".hidden-link"),
        ("path-symlink", "qc.csv"),
    }
