"""Editing a bank: each command does its work once, and again changes nothing; no path leads out of the line's folder."""

from __future__ import annotations

import hashlib
import itertools
import os
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.bank import Added, Bank, add_files, init_bank, new_line, open_bank, read_line
from catalog.cli.root import run
from catalog.errors import ConflictError, InvalidError, UsageError
from catalog.loading import read_rows
from tests.builders import (
    BASE_IRI,
    LINE_ID,
    counts_bytes,
    fastq_bytes,
    make_bank,
    make_settings,
    settings_of,
    text_bytes,
    vcf_bytes,
    write_line,
)
from tests.crash import DIED, Killer, count_calls, run_with


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return make_bank(tmp_path)


def snapshot(folder: Path) -> dict[str, tuple[str, int]]:
    """Every file with its bytes and the time it was written."""
    return {
        path.relative_to(folder).as_posix(): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def table(folder: Path) -> dict[str, dict[str, str]]:
    """The rows of files.csv by path."""
    return {row.get("path"): dict(row.cells) for row in read_rows((folder / "files.csv").read_bytes()).rows}


def outcomes(added: list[Added]) -> list[tuple[str, str]]:
    return [(each.path, each.outcome) for each in added]


def test_bank_when_made_twice_then_the_second_time_changes_nothing(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    before = snapshot(tmp_path)
    again, made = init_bank(bank.root, settings_of(bank), title="Other", base_iri=BASE_IRI, publisher="Other")
    assert made == []
    assert again.settings.title == "Example Stem Cell Bank"
    assert snapshot(tmp_path) == before


def test_bank_when_its_making_is_killed_at_any_call_then_the_same_command_completes_it(tmp_path: Path) -> None:
    def make(folder: Path) -> None:
        make_bank(folder)

    (tmp_path / "count").mkdir()
    calls = count_calls(lambda: make(tmp_path / "count"))
    for at in range(0, len(calls), 3):
        folder = tmp_path / str(at)
        folder.mkdir()
        assert run_with(Killer(at, "before"), lambda folder=folder: make(folder)).status == DIED  # type: ignore[misc]
        make(folder)
        bank = open_bank(folder / "bank")
        assert len(bank.keys()) == 1
        assert bank.lines_folder.is_dir()


def test_bank_when_a_key_file_is_named_then_its_key_is_the_banks(tmp_path: Path) -> None:
    settings = replace(make_settings(tmp_path), key_file=tmp_path / "secret" / "bank.key")
    for folder in ("one", "two"):
        init_bank(tmp_path / folder, settings, title="x", base_iri=BASE_IRI, publisher="x")
    assert open_bank(tmp_path / "one").keys() == open_bank(tmp_path / "two").keys()
    assert [path.name for path in (tmp_path / "secret").iterdir()] == ["bank.key"]
    assert not list((tmp_path / "one").rglob("*.key")), "the secret key is never in the bank"


def test_line_when_made_twice_then_the_second_time_changes_nothing(bank: Bank) -> None:
    folder, made = new_line(bank, "KSCBi005-A")
    assert made
    (folder / "line.yaml").write_bytes((folder / "line.yaml").read_bytes() + b"notes: [kept]\n")
    before = snapshot(bank.root)
    assert new_line(bank, "KSCBi005-A") == (folder, False)
    assert snapshot(bank.root) == before
    assert {each.code.rpartition("-at-")[0] for each in read_line(folder).findings} == {"record-wanted"}


@pytest.mark.parametrize(
    "line_id", ["", "a", "..", "../x", "a/b", "a b", "catalog", "CATALOG", "é1", "a" * 62, "-x", "x\n"]
)
def test_line_when_its_name_will_not_do_then_usage_and_nothing_is_made(bank: Bank, line_id: str) -> None:
    before = sorted(bank.root.rglob("*"))
    with pytest.raises(UsageError) as caught:
        new_line(bank, line_id)
    assert (caught.value.code, caught.value.exit_status) == ("line-id", 2)
    assert sorted(bank.root.rglob("*")) == before


def test_line_when_another_differs_only_in_case_then_conflict(bank: Bank) -> None:
    new_line(bank, "KSCBi005-A")
    with pytest.raises(ConflictError) as caught:
        new_line(bank, "kscbi005-a")
    assert (caught.value.code, caught.value.exit_status, caught.value.at) == ("line-twin", 6, "KSCBi005-A")


def test_file_when_added_twice_and_changed_then_added_unchanged_updated(bank: Bank) -> None:
    folder = write_line(bank)
    path = folder / "data" / "rna-seq" / "gene_counts.tsv"
    path.parent.mkdir(parents=True)
    path.write_bytes(counts_bytes())
    assert outcomes(add_files(folder, [path], {"passage": "p20"})) == [("data/rna-seq/gene_counts.tsv", "added")]
    row = table(folder)["data/rna-seq/gene_counts.tsv"]
    assert row["sha256"] == hashlib.sha256(counts_bytes()).hexdigest()
    assert (row["bytes"], row["format"], row["modality"], row["role"], row["passage"], row["tier"]) == (
        str(len(counts_bytes())), "counts-matrix", "rna-seq", "processed", "p20", "",
    )  # fmt: skip
    before = snapshot(folder)
    assert outcomes(add_files(folder, [path], {})) == [("data/rna-seq/gene_counts.tsv", "unchanged")]
    assert outcomes(add_files(folder, [path, path], {"passage": "p20"})) == [
        ("data/rna-seq/gene_counts.tsv", "unchanged")
    ]
    assert snapshot(folder) == before
    path.write_bytes(counts_bytes(counts=(1, 2, 3)))
    assert outcomes(add_files(folder, [path], {})) == [("data/rna-seq/gene_counts.tsv", "updated")]
    assert outcomes(add_files(folder, [path], {"tier": "controlled"})) == [("data/rna-seq/gene_counts.tsv", "updated")]
    row = table(folder)["data/rna-seq/gene_counts.tsv"]
    assert row["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (row["passage"], row["tier"]) == ("p20", "controlled")


def test_files_when_added_then_format_mediatype_role_and_group_come_from_what_is_seen(bank: Bank) -> None:
    files = {
        "data/wes/calls.vcf.gz": vcf_bytes(),
        "data/wes/s_R1_001.fastq.gz": fastq_bytes(),
        "data/wes/s_R2_001.fastq.gz": fastq_bytes(bases="TTGCA"),
        "data/notes.txt": text_bytes(),
        "data/odd.bin": b"\0\1\2\3",
    }
    folder = write_line(bank, files=files)
    seen = {
        path: (row["format"], row["mediatype"], row["modality"], row["role"], row["group"])
        for path, row in table(folder).items()
    }
    assert seen == {
        "data/wes/calls.vcf.gz": ("vcf", "application/gzip", "wes", "processed", ""),
        "data/wes/s_R1_001.fastq.gz": ("fastq", "application/gzip", "wes", "raw", "s"),
        "data/wes/s_R2_001.fastq.gz": ("fastq", "application/gzip", "wes", "raw", "s"),
        "data/notes.txt": ("text", "text/plain", "", "document", ""),
        "data/odd.bin": ("", "application/octet-stream", "", "document", ""),
    }


def test_table_when_edited_then_other_rows_and_own_columns_stay_as_they_are(bank: Bank) -> None:
    rows = 'path,note,tier\ndata/old.txt,"by hand, kept",open\n'
    folder = write_line(bank, files={"data/old.txt": b"old\n", "data/new.txt": b"new\n"}, tables={"files.csv": rows})
    add_files(folder, [folder / "data" / "new.txt"], {})
    assert (
        table(folder)["data/old.txt"] | {"note": "by hand, kept", "tier": "open", "sha256": ""}
        == table(folder)["data/old.txt"]
    )
    assert table(folder)["data/new.txt"]["sha256"]
    assert (folder / "files.csv").read_text().startswith("path,note,tier,")


def test_folder_when_added_then_everything_in_it_in_order_but_hidden_and_own_files(bank: Bank) -> None:
    folder = write_line(bank, tables={"qc.csv": "test,class,verdict\nx,purity,pass\n"})
    for path in ("data/b.txt", "data/a/z.txt", "data/.hidden", "top.txt", ".git/config"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text_bytes())
    assert [each.path for each in add_files(folder, [folder / "data"], {})] == ["data/a/z.txt", "data/b.txt"]
    assert [each.path for each in add_files(folder, [folder], {})] == ["data/a/z.txt", "data/b.txt", "top.txt"]
    assert set(table(folder)) == {"data/a/z.txt", "data/b.txt", "top.txt"}


def test_path_when_relative_or_through_the_working_folder_then_the_same_file(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_line(bank)
    (folder / "data").mkdir()
    (folder / "data" / "a.txt").write_bytes(text_bytes())
    monkeypatch.chdir(folder / "data")
    assert outcomes(add_files(folder, [Path("a.txt")], {})) == [("data/a.txt", "added")]
    assert outcomes(add_files(folder, [Path("../data/./a.txt")], {})) == [("data/a.txt", "unchanged")]


def test_path_when_the_bank_is_reached_through_a_link_then_the_same_file(bank: Bank, tmp_path: Path) -> None:
    folder = write_line(bank, files={"data/a.txt": text_bytes()})
    (tmp_path / "short").symlink_to(bank.root)
    linked = tmp_path / "short" / "lines" / LINE_ID
    assert outcomes(add_files(folder, [linked / "data" / "a.txt"], {})) == [("data/a.txt", "unchanged")]


Hostile = Callable[[Path, Path], Path]


def a_link(folder: Path, outside: Path) -> Path:
    (folder / "link.txt").symlink_to(outside)
    return folder / "link.txt"


def a_link_to_nothing(folder: Path, outside: Path) -> Path:
    (folder / "link.txt").symlink_to("nowhere")
    return folder / "link.txt"


def a_file_behind_a_link(folder: Path, outside: Path) -> Path:
    (folder / "data").symlink_to(outside.parent)
    return folder / "data" / outside.name


def a_folder_that_is_a_link(folder: Path, outside: Path) -> Path:
    (folder / "data").symlink_to(outside.parent)
    return folder / "data"


def a_hard_link(folder: Path, outside: Path) -> Path:
    os.link(outside, folder / "hard.txt")
    return folder / "hard.txt"


def a_pipe(folder: Path, outside: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def named(name: str) -> Hostile:
    def make(folder: Path, outside: Path) -> Path:
        (folder / name).write_bytes(text_bytes())
        return folder / name

    make.__name__ = f"named {name!r}"
    return make


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (a_link, "path-symlink"),
        (a_link_to_nothing, "path-symlink"),
        (a_file_behind_a_link, "path-symlink"),
        (a_folder_that_is_a_link, "path-symlink"),
        (a_hard_link, "path-hard-link"),
        (a_pipe, "path-not-regular"),
        (named("a b.txt"), "path-unsafe"),
        (named("a\nb.txt"), "path-unsafe"),
        (named("a\u202eb.txt"), "path-unsafe"),
        (named("CON"), "path-unsafe"),
        (named("a."), "path-unsafe"),
        (named("a\\b"), "path-unsafe"),
        (named("C:x"), "path-unsafe"),
        (named(unicodedata.normalize("NFD", "é.txt")), "path-unsafe"),
        (named("é.txt"), "path-unsafe"),
        (named("x" * 255), "path-unsafe"),
        (named("record.json"), "path-reserved"),
        (named("Readme.md"), "path-reserved"),
        (named("files.csv"), "path-reserved"),
    ],
    ids=lambda value: value.__name__ if callable(value) else value,
)
def test_path_when_hostile_then_usage_and_nothing_is_registered(
    bank: Bank, tmp_path: Path, make: Hostile, code: str
) -> None:
    folder = write_line(bank)
    (tmp_path / "outside").mkdir()
    outside = tmp_path / "outside" / "secret.txt"
    outside.write_bytes(b"secret\n")
    path = make(folder, outside)
    before = snapshot(folder)
    with pytest.raises(UsageError) as caught:
        add_files(folder, [path], {})
    assert (caught.value.code, caught.value.exit_status) == (code, 2)
    assert snapshot(folder) == before
    assert outside.read_bytes() == b"secret\n"


@pytest.mark.parametrize("how", ["absolute", "climbing", "line yaml of another"])
def test_path_when_outside_then_exit_2_and_copy_is_named(
    bank: Bank, tmp_path: Path, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_line(bank)
    other = write_line(bank, "EXMPi002-A")
    outside = tmp_path / "outside.txt"
    outside.write_bytes(text_bytes())
    path = {
        "absolute": outside,
        "climbing": folder / ".." / ".." / ".." / "outside.txt",
        "line yaml of another": other / "line.yaml",
    }[how]
    assert run(["add", str(path), "--line", LINE_ID, "--bank", str(bank.root)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "error[path-outside]" in told.err
    assert "--copy" in told.err
    assert not (folder / "files.csv").exists()


def test_path_when_there_is_nothing_then_usage(bank: Bank) -> None:
    folder = write_line(bank)
    with pytest.raises(UsageError) as caught:
        add_files(folder, [folder / "absent.txt"], {})
    assert (caught.value.code, caught.value.exit_status) == ("path-missing", 2)
    assert "address" not in str(caught.value)


@pytest.mark.parametrize("address", ["http://x/y", "https://example.org/a.vcf.gz", "ftp://x/y", "s3://bucket/y"])
def test_path_when_it_is_an_address_then_it_says_that_none_is_fetched(bank: Bank, address: str) -> None:
    folder = write_line(bank)
    with pytest.raises(UsageError) as caught:
        add_files(folder, [Path(address)], {})
    assert caught.value.code == "path-missing"
    assert "not fetched" in str(caught.value)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda table, other: table.symlink_to(other), "path-symlink"),
        (lambda table, other: table.symlink_to(other.with_name("gone")), "path-symlink"),
        (lambda table, other: table.hardlink_to(other), "path-hard-link"),
        (lambda table, other: table.mkdir(), "path-not-regular"),
    ],
    ids=["link", "link to nothing", "second name", "folder"],
)
def test_table_when_it_is_no_plain_file_then_refused_as_by_validate(
    bank: Bank, tmp_path: Path, make: Callable[[Path, Path], None], code: str
) -> None:
    folder = write_line(bank)
    (folder / "data").mkdir()
    (folder / "data/a.txt").write_bytes(text_bytes())
    other = tmp_path / "other.csv"
    other.write_bytes(b"path,tier\ndata/a.txt,open\n")
    make(folder / "files.csv", other)
    with pytest.raises(UsageError) as caught:
        add_files(folder, [folder / "data/a.txt"], {})
    assert caught.value.code == code
    assert other.read_bytes() == b"path,tier\ndata/a.txt,open\n"
    assert code in {each.code for each in read_line(folder).findings}


def test_added_file_when_told_as_json_then_the_size_is_a_number_and_blank_cells_are_null(bank: Bank) -> None:
    folder = write_line(bank)
    (folder / "data").mkdir()
    (folder / "data/a.txt").write_bytes(text_bytes("x"))
    [added] = add_files(folder, [folder / "data/a.txt"], {"sample_id": "1"})
    told = added.to_json()
    assert (told["bytes"], told["sample_id"], told["modality"], told["tier"]) == (2, "1", None, None)
    assert (told["outcome"], told["findings"]) == ("added", [])


def test_file_when_the_installation_lacks_a_part_then_nothing_is_added_and_the_part_is_named(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_panel() -> None:
        raise FileNotFoundError(2, "No such file or directory", "panel/none.tsv")

    folder = write_line(bank)
    (folder / "data").mkdir()
    (folder / "data/a.vcf").write_bytes(vcf_bytes())
    before = snapshot(folder)
    monkeypatch.setattr("catalog.formats.fingerprints.calls.open_panel", no_panel)
    with pytest.raises(UsageError) as caught:
        add_files(folder, [folder / "data/a.vcf"], {})
    assert caught.value.code == "file-unreadable"
    assert "panel/none.tsv" in str(caught.value)
    assert snapshot(folder) == before


def test_file_when_copied_in_then_in_data_once_and_again_unchanged(bank: Bank, tmp_path: Path) -> None:
    folder = write_line(bank)
    outside = tmp_path / "notes.txt"
    outside.write_bytes(text_bytes())
    assert outcomes(add_files(folder, [outside], {}, copy=True)) == [("data/notes.txt", "added")]
    before = snapshot(folder)
    assert outcomes(add_files(folder, [outside], {}, copy=True)) == [("data/notes.txt", "unchanged")]
    assert snapshot(folder) == before
    outside.write_bytes(text_bytes("Other words."))
    with pytest.raises(ConflictError) as caught:
        add_files(folder, [outside], {}, copy=True)
    assert (caught.value.code, caught.value.exit_status) == ("path-taken", 6)
    assert snapshot(folder) == before


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "bad name", "data is a link", "data/x is a link"])
def test_file_when_it_cannot_be_copied_in_safely_then_usage_and_nothing_is_written_anywhere(
    bank: Bank, tmp_path: Path, kind: str
) -> None:
    folder = write_line(bank)
    outside = tmp_path / "away" / "x.txt"
    outside.parent.mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    match kind:
        case "link":
            outside.symlink_to(folder / "line.yaml")
        case "pipe":
            os.mkfifo(outside)
        case "folder":
            outside.mkdir()
        case "bad name":
            outside = outside.with_name("a b.txt")
            outside.write_bytes(text_bytes())
        case "data is a link":
            outside.write_bytes(text_bytes())
            (folder / "data").symlink_to(elsewhere)
        case _:
            outside.write_bytes(text_bytes())
            (folder / "data").mkdir()
            (folder / "data" / "x.txt").symlink_to(elsewhere / "y.txt")
    before = sorted(folder.rglob("*"))
    with pytest.raises(UsageError) as caught:
        add_files(folder, [outside], {}, copy=True)
    assert caught.value.exit_status == 2
    assert sorted(folder.rglob("*")) == before
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"path;tier\na;open\n", "csv-separator"),
        ("path,tier\n".encode("utf-16"), "text-utf16"),
        (b"path,tier\nx\n", "csv-ragged"),
    ],
)
def test_table_when_it_has_errors_then_it_is_not_rewritten(bank: Bank, content: bytes, code: str) -> None:
    folder = write_line(bank, files={"data/a.txt": text_bytes()}, tables={"files.csv": content})
    with pytest.raises(InvalidError) as caught:
        add_files(folder, [folder / "data" / "a.txt"], {})
    assert (caught.value.code, caught.value.exit_status) == (code, 1)
    assert (folder / "files.csv").read_bytes() == content


def test_table_when_the_process_is_killed_at_any_call_then_old_or_new(bank: Bank) -> None:
    folder = write_line(bank, files={"data/a.txt": text_bytes()})
    old = (folder / "files.csv").read_bytes()
    (folder / "data" / "b.txt").write_bytes(text_bytes())

    def add() -> None:
        add_files(folder, [folder / "data" / "b.txt"], {})

    calls = count_calls(add)
    new = (folder / "files.csv").read_bytes()
    assert new != old
    seen = set()
    for at, when in itertools.product(range(len(calls)), ("before", "half", "after")):
        if when == "half" and calls[at][0] != "write":
            continue
        (folder / "files.csv").write_bytes(old)
        assert run_with(Killer(at, when), add).status == DIED
        seen.add((folder / "files.csv").read_bytes())
        for left in folder.glob(".files.csv*"):
            left.unlink()
    assert seen == {old, new}
