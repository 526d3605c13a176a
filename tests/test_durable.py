"""Durable writes: what stands under a name is the old content or the new, whatever happens in between."""

from __future__ import annotations

import errno
import itertools
import os
import resource
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog import durable
from catalog.errors import CatalogError, TemporaryError
from tests.crash import DIED, Killer, count_calls, run_with

OLD, NEW = b"old\n", b"new\n" * 1000


@pytest.fixture
def small_files() -> Iterator[int]:
    """No file may grow beyond 1000 bytes while the test runs: the kernel refuses as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    yield 1000
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_file_when_replaced_then_new_content_mode_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    durable.replace_file(path, OLD, mode=0o600)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    durable.replace_file(path, NEW)
    assert path.read_bytes() == NEW
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_file_when_replaced_over_a_link_then_the_link_goes_and_its_target_stays(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(OLD)
    (tmp_path / "link").symlink_to("target")
    durable.replace_file(tmp_path / "link", NEW)
    assert (tmp_path / "target").read_bytes() == OLD
    assert not (tmp_path / "link").is_symlink()


def test_file_when_the_disk_is_full_then_old_content_and_an_error_with_the_place(
    tmp_path: Path, small_files: int
) -> None:
    path = tmp_path / "file"
    durable.replace_file(path, OLD)
    with pytest.raises(TemporaryError) as caught, durable.disk_errors(tmp_path):
        durable.replace_file(path, b"x" * (small_files + 1))
    assert (caught.value.code, caught.value.exit_status, caught.value.at) == ("disk-full", 5, str(tmp_path))
    assert path.read_bytes() == OLD
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "disk-full"),
        (errno.EDQUOT, "disk-full"),
        (errno.EFBIG, "disk-full"),
        (errno.EIO, "disk-error"),
        (errno.EROFS, "disk-error"),
        (errno.EACCES, "disk-error"),
    ],
    ids=lambda value: errno.errorcode[value] if isinstance(value, int) else None,
)
def test_system_error_when_turned_then_temporary_with_the_file_that_failed(number: int, code: str) -> None:
    error: CatalogError = durable.disk_error(OSError(number, os.strerror(number), "inner"), Path("outer"))
    assert (error.code, error.exit_status, error.at) == (code, 5, "inner")
    assert durable.disk_error(OSError(number, os.strerror(number)), Path("outer")).at == "outer"


def test_line_when_appended_then_after_the_others(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    for line in (b"1\n", b"2\n"):
        durable.append_line(path, line)
    assert path.read_bytes() == b"1\n2\n"


def test_new_file_when_the_name_is_taken_then_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)
    (tmp_path / "dangling").symlink_to("nowhere")
    for taken in (path, tmp_path / "dangling"):
        with pytest.raises(FileExistsError):
            durable.write_new(taken, NEW)
        with pytest.raises(FileExistsError):
            durable.NewFile(taken)
    assert path.read_bytes() == OLD
    assert not (tmp_path / "nowhere").exists()


def test_new_file_when_written_in_pieces_then_whole(tmp_path: Path) -> None:
    new = durable.NewFile(tmp_path / "file")
    new.write(b"a" * (3 << 20))
    new.write(b"b")
    new.close()
    assert (tmp_path / "file").read_bytes() == b"a" * (3 << 20) + b"b"


def test_folders_when_made_then_every_parent_and_again_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b" / "c"
    calls = count_calls(lambda: durable.make_directories(folder))
    assert [name for name, _ in calls].count("mkdir") == 3
    assert [name for name, _ in calls].count("fsync") == 3
    assert count_calls(lambda: durable.make_directories(folder)) == []


def test_tree_when_removed_then_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_bytes(OLD)
    tree = tmp_path / "tree"
    (tree / "inner").mkdir(parents=True)
    (tree / "inner" / "file").write_bytes(OLD)
    (tree / "folder-link").symlink_to(outside)
    (tree / "file-link").symlink_to(outside / "kept")
    (tree / "dangling").symlink_to("nowhere")
    durable.remove_tree(tree)
    durable.remove_tree(tree)
    assert not tree.exists()
    assert (outside / "kept").read_bytes() == OLD


def test_file_when_removed_twice_then_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(OLD)
    durable.remove_file(tmp_path / "file")
    durable.remove_file(tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


def test_empty_folders_when_pruned_then_up_to_the_stop_and_no_further_than_something_is_in_them(tmp_path: Path) -> None:
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    (tmp_path / "a" / "kept").write_bytes(b"")
    durable.prune_empty_directories(tmp_path / "a" / "b" / "c", tmp_path)
    assert [each.name for each in (tmp_path / "a").iterdir()] == ["kept"]
    (tmp_path / "x" / "y").mkdir(parents=True)
    durable.prune_empty_directories(tmp_path / "x" / "y", tmp_path / "x")
    assert (tmp_path / "x").is_dir()
    durable.prune_empty_directories(tmp_path / "x", tmp_path / "other")
    assert (tmp_path / "x").is_dir()


def test_free_space_when_asked_for_what_is_not_there_yet_then_that_of_its_parent(tmp_path: Path) -> None:
    assert durable.free_bytes(tmp_path / "not" / "there") > 0


@pytest.mark.parametrize("job", ["replace", "append"])
def test_file_when_the_process_is_killed_at_any_call_then_old_content_or_new(tmp_path: Path, job: str) -> None:
    def run(path: Path) -> None:
        if job == "replace":
            durable.replace_file(path, NEW)
        else:
            durable.append_line(path, NEW)

    wanted = {OLD, NEW if job == "replace" else OLD + NEW}
    (tmp_path / "count").write_bytes(OLD)
    calls = count_calls(lambda: run(tmp_path / "count"))
    seen = set()
    for at, when in itertools.product(range(len(calls)), ("before", "half", "after")):
        if when == "half" and calls[at][0] != "write":
            continue
        folder = tmp_path / f"{at}-{when}"
        folder.mkdir()
        path = folder / "file"
        path.write_bytes(OLD)
        assert run_with(Killer(at, when), lambda path=path: run(path)).status == DIED  # type: ignore[misc]
        seen.add(path.read_bytes())
        run(path)
        assert path.read_bytes() in {NEW, OLD + NEW, OLD + NEW + NEW}
    assert seen == wanted


def test_out_when_it_is_a_pipe_then_written_into_and_left_there(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    durable.write_out(pipe, b"content")
    reader.join(10)
    assert got == [b"content"]
    assert pipe.is_fifo()
    durable.write_out(tmp_path / "file", b"x")
    assert (tmp_path / "file").read_bytes() == b"x"


def test_disk_error_when_something_is_gone_then_says_so() -> None:
    gone = durable.disk_error(FileNotFoundError(2, "No such file or directory", "a/b"), Path("a"))
    assert (gone.code, gone.exit_status, gone.at) == ("disk-error", 5, "a/b")
    assert "removed in the meantime" in str(gone.hint)
