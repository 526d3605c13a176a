"""Reading a line's folder: record, tables and rows as values, and a finding for whatever is wrong with them."""

from __future__ import annotations

import codecs
import os
from pathlib import Path

import pytest

from catalog.bank import Bank, Line, read_line
from catalog.loading.document import LARGEST_DOCUMENT_BYTES
from tests.builders import LINE_ID, judge, make_bank, record_bytes, text_bytes, write_line


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return make_bank(tmp_path)


def errors(line: Line) -> set[tuple[str, str | None, int | None, str | int | None]]:
    """Code, path, line and column of every error."""
    return {(each.code, each.path, each.line, each.column) for each in line.findings if each.severity == "error"}


def codes(line: Line) -> set[str]:
    return {each.code for each in line.findings if not each.code.startswith("record-wanted")}


def test_line_when_whole_then_record_rows_and_tables(bank: Bank) -> None:
    folder = write_line(
        bank,
        files={"data/notes.txt": text_bytes()},
        cells={"data/notes.txt": {"modality": "imaging", "assay_id": "i1"}},
        tables={
            "assays.csv": "assay_id,modality,extra\ni1,imaging,x\n",
            "qc.csv": "test,class,verdict\nx,purity,pass\n",
        },
    )
    line = read_line(folder)
    assert codes(line) == set()
    assert line.record is not None
    assert line.record.line_id == line.line_id == LINE_ID
    assert line.record_bytes == (folder / "line.yaml").read_bytes()
    (row,) = line.files
    assert (row.path, row.modality, row.bytes, row.tier, row.line) == ("data/notes.txt", "imaging", 22, "", 2)
    (assay,) = line.assays
    assert (assay.assay_id, assay.modality, assay.kit) == ("i1", "imaging", "")
    assert set(line.tables) == {"files", "assays", "qc"}
    assert line.tables["qc"].rows.columns == ("test", "class", "verdict")


def test_folder_when_it_is_a_link_then_nothing_in_it_is_read(bank: Bank, tmp_path: Path) -> None:
    real = write_line(bank)
    moved = tmp_path / LINE_ID
    real.rename(moved)
    real.symlink_to(moved)
    line = read_line(real)
    assert errors(line) == {("path-symlink", ".", None, None)}
    assert line.record is None
    assert line.record_bytes == b""


def test_record_when_missing_or_of_another_line_then_an_error(bank: Bank) -> None:
    folder = write_line(bank)
    (folder / "line.yaml").write_bytes(record_bytes(line_id="EXMPi002-A"))
    line = read_line(folder)
    assert errors(line) == {("record-other-line", "line.yaml", 2, "line_id")}
    assert line.record is not None, "everything else is still judged"
    (folder / "line.yaml").unlink()
    assert errors(read_line(folder)) == {("record-missing", "line.yaml", None, None)}


@pytest.mark.parametrize("name", ["line.yaml", "files.csv", "qc.csv"])
@pytest.mark.parametrize("kind", ["symlink", "hard link", "pipe", "folder", "too large"])
def test_own_file_when_it_is_not_a_small_plain_file_then_an_error_and_never_opened(
    bank: Bank, tmp_path: Path, name: str, kind: str
) -> None:
    folder = write_line(bank)
    (folder / name).unlink(missing_ok=True)
    outside = tmp_path / "outside"
    outside.write_bytes(record_bytes() if name == "line.yaml" else b"path\na\n")
    match kind:
        case "symlink":
            (folder / name).symlink_to(outside)
        case "hard link":
            os.link(outside, folder / name)
        case "pipe":
            os.mkfifo(folder / name)
        case "folder":
            (folder / name).mkdir()
        case _:
            with (folder / name).open("wb") as stream:
                stream.truncate(LARGEST_DOCUMENT_BYTES + 1)
    wanted = {
        "symlink": "path-symlink",
        "hard link": "path-hard-link",
        "pipe": "path-not-regular",
        "folder": "path-not-regular",
        "too large": "text-too-large",
    }[kind]
    line = read_line(folder)
    assert (wanted, name, None, None) in errors(line)
    assert {each[0] for each in errors(line)} == {wanted}
    assert name != "line.yaml" or line.record is None
    assert not line.files


@pytest.mark.parametrize(
    ("content", "code", "line", "column"),
    [
        pytest.param(codecs.BOM_UTF8 + b"path,tier\ndata/a.txt,open\n", "text-bom", 1, 1, id="mark"),
        pytest.param("path,tier\ndata/a.txt,open\n".encode("utf-16"), "text-utf16", 1, 1, id="utf-16"),
        pytest.param(b"path;tier\ndata/a.txt;open\n", "csv-separator", 1, None, id="semicolons"),
        pytest.param(b"path,tier\ndata/a.txt,open,x\n", "csv-ragged", 2, None, id="ragged"),
        pytest.param(b'path,tier\n"data/a.txt,open\n', "csv-quotes", 2, None, id="open quote"),
        pytest.param(b"", "csv-empty", 1, None, id="empty"),
        pytest.param(
            b"path,tier,tier\ndata/a.txt,controlled,open\n", "csv-duplicate-column", 1, "tier", id="tier twice"
        ),
    ],
)
def test_files_table_when_it_cannot_be_read_then_an_error_and_no_file_of_it_is_used(
    bank: Bank, content: bytes, code: str, line: int, column: str | int | None
) -> None:
    folder = write_line(bank, files={"data/a.txt": text_bytes()}, tables={"files.csv": content})
    read = read_line(folder)
    assert errors(read) == {(code, "files.csv", line, column)}
    assert read.files == ()
    assert "file-unregistered" not in codes(read), "nobody knows what is registered"


def test_files_table_when_a_path_stands_twice_then_an_error_at_the_second(bank: Bank) -> None:
    rows = "path,tier\ndata/a.txt,controlled\ndata/a.txt,open\n"
    folder = write_line(bank, files={"data/a.txt": text_bytes()}, tables={"files.csv": rows})
    line = read_line(folder)
    assert errors(line) == {("files-duplicate-path", "data/a.txt", 3, "path")}


@pytest.mark.parametrize(
    ("paths", "wanted"),
    [
        (["../x"], {("path-unsafe", "../x", 2, "path")}),
        (["/etc/passwd"], {("path-unsafe", "/etc/passwd", 2, "path")}),
        (["http://127.0.0.1/x"], {("path-unsafe", "http://127.0.0.1/x", 2, "path")}),
        (["data\\a.txt"], {("path-unsafe", "data\\a.txt", 2, "path")}),
        (["record.json"], {("path-reserved", "record.json", 2, "path")}),
        (["data/a.txt", "data/A.txt"], {("path-twin", "data/A.txt", None, None)}),
    ],
    ids=["climbs", "absolute", "address", "backslash", "reserved", "twins"],
)
def test_files_table_when_a_path_is_hostile_then_an_error_at_its_row(
    bank: Bank, paths: list[str], wanted: set[tuple[str, str, int | None, str | None]]
) -> None:
    folder = write_line(bank, tables={"files.csv": "path,tier\n" + "".join(f"{path},open\n" for path in paths)})
    assert errors(read_line(folder)) == wanted


def test_files_table_when_it_has_no_tier_column_then_a_warning_and_every_tier_is_none(bank: Bank) -> None:
    folder = write_line(bank, files={"data/a.txt": text_bytes()}, tables={"files.csv": "path\ndata/a.txt\n"})
    line = read_line(folder)
    assert [(each.path, each.line, each.column) for each in line.findings if each.code == "files-tier-column"] == [
        ("files.csv", 1, "tier")
    ]
    assert [row.tier for row in line.files] == [None]


@pytest.mark.parametrize("size", ["", "x", "-1", "1.0", "٣", "9" * 5000, " 5"])
def test_size_when_the_cell_is_no_number_then_none(bank: Bank, size: str) -> None:
    rows = f"path,bytes,tier\ndata/a.txt,{size},open\n"
    folder = write_line(bank, files={"data/a.txt": text_bytes()}, tables={"files.csv": rows})
    assert read_line(folder).files[0].bytes is None


def test_files_table_when_it_is_gone_but_files_are_there_then_an_error_that_stops_a_release(bank: Bank) -> None:
    folder = write_line(bank, files={"data/rna-seq/a.txt": text_bytes()})
    assert "files-table-missing" not in codes(read_line(folder))
    (folder / "files.csv").unlink()
    assert ("files-table-missing", "files.csv", None, None) in errors(read_line(folder))
    assert not judge(bank).valid


@pytest.mark.parametrize("name", [None, "data/.hidden", "data/.cache/x", "notes.txt"])
def test_files_table_when_there_is_none_and_no_data_then_no_error(bank: Bank, name: str | None) -> None:
    folder = write_line(bank)
    if name:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text_bytes())
    assert "files-table-missing" not in codes(read_line(folder))


def test_file_when_it_is_not_registered_then_a_warning(bank: Bank) -> None:
    folder = write_line(bank, files={"data/a.txt": text_bytes()})
    (folder / "data" / "new.txt").write_bytes(text_bytes())
    line = read_line(folder)
    (finding,) = [each for each in line.findings if each.code == "file-unregistered"]
    assert (finding.path, finding.severity) == ("data/new.txt", "warning")
    assert LINE_ID in finding.hint
