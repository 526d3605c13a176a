"""``validate``: the shape of its JSON, its exit statuses, and its report."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import subprocess
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from catalog import durable
from catalog.bank import Bank
from catalog.checks.files import CHECKSUM
from catalog.settings import VERSION
from tests.builders import counts_bytes, fastq_bytes, record_bytes, text_bytes, vcf_bytes
from tests.cli.calls import PROGRAM, Caller, program
from tests.cli.conftest import CALLS, OPEN

#: A record without its columns: wrong for the specification.
BAD_VCF = b"##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nchr1\n"
#: Right for the specification; the platform wants contigs declared and BGZF.
PLAIN_VCF = b"##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nchr1\t1\t.\tA\tC\t.\t.\t.\n"
SUBJECT = {"path", "kind", "format", "valid", "bytes", "sha256", "md5", "facts", "findings"}
FINDING = {
    "code", "severity", "rules", "line", "column", "offset", "message", "expected", "got", "hint", "source",
}  # fmt: skip


def check_shape(report: Any) -> None:
    """The report is in the shape that docs/validation.md promises."""
    assert list(report) == ["fairline", "rules", "valid", "counts", "subjects"]
    assert report["fairline"] == VERSION
    assert report["rules"] in {"spec", "bank"}
    assert set(report["counts"]) == {"error", "warning", "info"}
    counts = dict.fromkeys(report["counts"], 0)
    for subject in report["subjects"]:
        assert SUBJECT <= set(subject) <= SUBJECT | {"related", "more", "tables"}
        assert subject["kind"] in {"file", "table", "record", "line", "bank"}
        for finding in subject["findings"]:
            assert FINDING <= set(finding) <= FINDING | {"record", "path", "related", "count"}
            assert finding["rules"] in {"spec", "bank"}
            counts[finding["severity"]] += finding.get("count", 1)
        wrong = any(finding["severity"] == "error" for finding in subject["findings"])
        assert subject["valid"] is (not wrong)
        if subject["sha256"] is not None:
            content = Path(subject["path"]).read_bytes()
            assert subject["bytes"] == len(content)
            assert subject["sha256"] == hashlib.sha256(content).hexdigest()
            assert subject["md5"] == hashlib.md5(content, usedforsecurity=False).hexdigest()
    assert report["counts"] == counts
    assert report["valid"] is all(subject["valid"] for subject in report["subjects"])


def validate(call: Caller, *arguments: object, status: int = 0) -> Any:
    """The report of a call that ends with a status."""
    answer = call("validate", "--json", *arguments)
    assert answer.status == status, answer.err
    report = answer.json()
    check_shape(report)
    return report


def test_file_when_valid_then_its_facts_and_digests_are_told(call: Caller) -> None:
    Path("a.vcf.gz").write_bytes(vcf_bytes())
    report = validate(call, "a.vcf.gz")
    [subject] = report["subjects"]
    assert report["rules"] == "spec"
    assert (subject["path"], subject["kind"], subject["format"]) == ("a.vcf.gz", "file", "vcf")
    assert subject["facts"]["samples"] == [OPEN]
    assert subject["facts"]["records"] == 1
    assert subject["facts"]["assembly"] == "GRCh38"


def test_files_when_many_are_given_then_each_is_a_subject_in_the_given_order_and_as_it_was_named(
    call: Caller, tmp_path: Path
) -> None:
    Path("calls.vcf.gz").write_bytes(vcf_bytes())
    Path("reads.fastq.gz").write_bytes(fastq_bytes())
    Path("gene_counts.tsv").write_bytes(counts_bytes())
    (tmp_path / "notes.txt").write_bytes(text_bytes())
    Path("bad.vcf").write_bytes(BAD_VCF)
    for number in range(40):
        Path(f"n{number}.txt").write_bytes(text_bytes(f"file {number}"))
    many = [f"n{number}.txt" for number in range(40)]
    given = [
        "calls.vcf.gz",
        "reads.fastq.gz",
        *many,
        "gene_counts.tsv",
        str(tmp_path / "notes.txt"),
        "bad.vcf",
        "none",
    ]
    report = validate(call, *given, status=1)
    assert [each["path"] for each in report["subjects"]] == given
    formats = {each["path"]: each["format"] for each in report["subjects"]}
    assert formats["reads.fastq.gz"] == "fastq"
    assert formats["gene_counts.tsv"] == "counts-matrix"
    assert formats["n7.txt"] == "text"
    assert [each["path"] for each in report["subjects"] if not each["valid"]] == ["bad.vcf", "none"]


def test_path_when_missing_or_unreadable_then_is_a_subject_with_a_finding(call: Caller) -> None:
    Path("dangling").symlink_to("nowhere")
    os.mkfifo("pipe")
    Path("empty").write_bytes(b"")
    Path("junk").write_bytes(bytes(range(256)) * 4)
    report = validate(call, "missing", "dangling", "pipe", "empty", "junk", "missing/too", status=1)
    codes = {each["path"]: [finding["code"] for finding in each["findings"]] for each in report["subjects"]}
    assert codes["missing"] == ["file-missing"]
    assert codes["empty"] == ["file-empty"]
    assert codes["junk"] == ["format-unknown"]
    assert codes["pipe"] == ["file-not-regular"]
    assert all(len(found) == 1 for found in codes.values())
    assert all(not each["valid"] for each in report["subjects"])


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="a file of Linux that opens and cannot be read")
def test_path_when_it_cannot_be_read_then_is_a_subject_with_a_finding(call: Caller) -> None:
    [subject] = validate(call, "/proc/self/mem", status=1)["subjects"]
    assert [each["code"] for each in subject["findings"]] == ["file-unreadable"]


@pytest.mark.parametrize("given", ["./a.vcf.gz", "sub//a.vcf.gz", ".//sub/./a.vcf.gz"])
def test_path_when_written_in_an_unusual_way_then_is_echoed_as_given(call: Caller, given: str) -> None:
    Path("sub").mkdir()
    Path(given).write_bytes(vcf_bytes())
    assert [each["path"] for each in validate(call, given)["subjects"]] == [given]


def test_rules_when_chosen_then_the_platforms_rules_are_added_or_left_out(call: Caller) -> None:
    Path("plain.vcf").write_bytes(PLAIN_VCF)
    assert validate(call, "--rules", "spec", "plain.vcf")["subjects"][0]["findings"] == []
    report = validate(call, "--rules", "bank", "plain.vcf")
    assert report["rules"] == "bank"
    assert [each["code"] for each in report["subjects"][0]["findings"]] == ["vcf-contig-undeclared", "vcf-not-bgzf"]
    assert all(each["rules"] == "bank" for each in report["subjects"][0]["findings"])


def test_rules_when_not_chosen_then_files_are_judged_by_the_specification_alone(call: Caller) -> None:
    Path("plain.vcf").write_bytes(PLAIN_VCF)
    assert validate(call, "plain.vcf")["subjects"][0]["findings"] == []


def test_format_when_named_then_overrides_sniffing(call: Caller) -> None:
    Path("a.vcf.gz").write_bytes(vcf_bytes())
    [subject] = validate(call, "a.vcf.gz", "--format", "fastq", status=1)["subjects"]
    assert subject["format"] == "fastq"
    error = call("validate", "a.vcf.gz", "--format", "docx", "--json").error()
    assert (error["error"], error["exit_status"]) == ("format-not-known", 2)
    assert "vcf" in error["want"]


def test_line_folder_when_given_then_record_and_files_are_subjects_under_the_banks_rules(
    call: Caller, released: Bank
) -> None:
    folder = released.lines_folder / OPEN
    report = validate(call, folder)
    assert report["rules"] == "bank"
    kinds = {each["path"]: each["kind"] for each in report["subjects"]}
    assert kinds[str(folder / CALLS)] == "file"
    assert {"line", "file"} <= set(kinds.values())
    assert all(path == str(folder) or path.startswith(f"{folder}/") for path in kinds)


@pytest.mark.parametrize(("within", "named"), [(".", "."), ("data", ".."), ("data", "../."), ("..", OPEN)])
def test_line_folder_when_named_from_within_then_is_judged_as_by_its_own_name(
    call: Caller, released: Bank, monkeypatch: pytest.MonkeyPatch, within: str, named: str
) -> None:
    folder = released.lines_folder / OPEN
    wanted = [(each["kind"], [one["code"] for one in each["findings"]]) for each in validate(call, folder)["subjects"]]
    monkeypatch.chdir(folder / within)
    report = validate(call, named)
    assert [(each["kind"], [one["code"] for one in each["findings"]]) for each in report["subjects"]] == wanted
    assert "record-other-line" not in str(report)


@pytest.mark.parametrize("named", ["path", "--bank", "here", "below"])
def test_bank_when_named_in_any_way_then_every_line_is_judged(
    call: Caller, released: Bank, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    ways: dict[str, list[object]] = {"path": [released.root], "--bank": ["--bank", released.root]}
    if named == "here":
        monkeypatch.chdir(released.root)
    if named == "below":
        monkeypatch.chdir(released.lines_folder / OPEN / "data")
    report = validate(call, *ways.get(named, []))
    assert report["rules"] == "bank"
    assert report["subjects"][0]["kind"] == "bank"
    assert len([each for each in report["subjects"] if each["kind"] == "line"]) == 3


def test_file_when_it_is_not_the_one_that_was_added_then_exits_with_7(change: Caller, own_bank: Bank) -> None:
    path = own_bank.lines_folder / OPEN / CALLS
    path.write_bytes(vcf_bytes(positions=(10002,)))
    answer = change("validate", own_bank.lines_folder / OPEN, "--json")
    assert answer.status == 7
    wrong = [each for each in answer.json()["subjects"] if not each["valid"]]
    assert [finding["code"] for finding in wrong[0]["findings"] if finding["severity"] == "error"] == [CHECKSUM.code]
    assert change("validate", own_bank.lines_folder / OPEN).status == 7


def test_record_when_broken_then_exits_with_1_and_names_the_place(change: Caller, own_bank: Bank) -> None:
    record = own_bank.lines_folder / OPEN / "line.yaml"
    record.write_bytes(record_bytes(access=None, line_type="cow"))
    answer = change("validate", own_bank.root, "--json")
    assert answer.status == 1
    report = answer.json()
    check_shape(report)
    found = [finding for each in report["subjects"] for finding in each["findings"] if finding["severity"] == "error"]
    assert {"line_type", "access"} <= {str(each["column"]).partition(".")[0] for each in found}
    words = change("validate", own_bank.root)
    assert words.status == 1
    assert "NOT VALID" in words.out
    assert re.search(r"error\[[a-z-]+\]", words.out)


def test_warnings_when_alone_then_the_file_is_valid_and_the_status_0(ask: Caller, released: Bank) -> None:
    report = ask.well("validate", released.root, "--json").json()
    assert report["valid"] is True
    assert report["counts"]["warning"] > 0


def test_tables_when_wanted_then_those_that_were_written_are_told(call: Caller) -> None:
    Path("a.counts.tsv").write_bytes(counts_bytes())
    Path("b.counts.tsv").write_bytes(b"gene_id\tS1\nSOX2\t1.5\n")
    report = validate(call, "--tables", "out", "a.counts.tsv", "b.counts.tsv", status=1)
    assert [subject.get("tables") for subject in report["subjects"]] == [["out/a.counts.tsv.expression.parquet"], None]
    assert [each.name for each in Path("out").iterdir()] == ["a.counts.tsv.expression.parquet"]
    answer = call("validate", "--tables", "out", "a.counts.tsv")
    assert "table: out/a.counts.tsv.expression.parquet" in answer.out + answer.err


@pytest.mark.parametrize("folder", ["a.counts.tsv/out", "/proc/fairline"])
def test_tables_when_their_folder_cannot_be_made_then_it_is_said_before_reading(call: Caller, folder: str) -> None:
    Path("a.counts.tsv").write_bytes(counts_bytes())
    answer = call("validate", "--tables", folder, "a.counts.tsv")
    assert (answer.status, "disk-error" in answer.err, folder in answer.err, answer.out) == (5, True, True, "")


def test_tables_when_many_then_the_rest_is_counted(call: Caller) -> None:
    names = [f"{number}.counts.tsv" for number in range(12)]
    for name in names:
        Path(name).write_bytes(counts_bytes())
    answer = call("validate", "--tables", "out", *names)
    assert (answer.err.count("table: "), "2 further tables" in answer.err) == (10, True)


def test_tables_when_two_files_have_one_name_then_the_call_is_wrong(call: Caller) -> None:
    for folder in ("a", "b"):
        Path(folder).mkdir()
        Path(folder, "x.counts.tsv").write_bytes(counts_bytes())
    answer = call("validate", "--tables", "out", "a/x.counts.tsv", "b/x.counts.tsv")
    assert (answer.status, "tables-name-twice" in answer.err, Path("out").exists()) == (2, True, False)


def test_findings_when_there_are_too_many_then_the_rest_is_counted(call: Caller) -> None:
    lines = "".join(f"chr1\t{number}\t.\tA\tC\t.\t.\tX{number}=\x01\n" for number in range(1, 301))
    Path("many.vcf").write_text(PLAIN_VCF.decode().rpartition("chr1")[0] + lines)
    [subject] = validate(call, "many.vcf", status=1)["subjects"]
    assert len(subject["findings"]) <= 100
    assert sum(each.get("count", 1) for each in subject["findings"]) + subject.get("more", 0) >= 300


class Resources(HTMLParser):
    """Collects the elements of a page and every address in it."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "data", "action"}]


@pytest.mark.parametrize("rules", ["spec", "bank"])
def test_checksums_when_named_alone_then_says_that_nothing_was_compared(call: Caller, rules: str) -> None:
    Path("a.txt").write_bytes(text_bytes())
    Path("b.txt").write_bytes(text_bytes("another"))
    Path("SHA256SUMS").write_text("".join(f"{'0' * 64}  {name}\n" for name in ("a.txt", "b.txt")))
    [alone] = validate(call, "SHA256SUMS", "--rules", rules)["subjects"]
    [finding] = alone["findings"]
    assert (finding["code"], finding["severity"], finding["line"]) == ("checksums-file-not-read", "info", 1)
    assert "(2; the first is a.txt)" in finding["message"]
    together = validate(call, "SHA256SUMS", "a.txt", "b.txt", "--rules", rules, status=1)["subjects"][0]
    assert {each["code"] for each in together["findings"]} == {"checksums-differ"}


def test_html_when_written_then_holds_every_finding_in_one_file_that_needs_nothing(call: Caller) -> None:
    Path("bad.vcf").write_bytes(BAD_VCF)
    Path("<script>alert(1)<").write_bytes(b"\x00\x01")
    answer = call("validate", "bad.vcf", "<script>alert(1)<", "--html", "report.html", "--json")
    assert answer.status == 1
    text = Path("report.html").read_text()
    page = Resources()
    page.feed(text)
    assert page.tags[:2] == ["html", "head"]
    assert not {"script", "iframe", "img", "object", "embed", "base"} & set(page.tags)
    assert [each for each in page.addresses if not each.startswith("#")] == []
    assert "url(" not in text
    assert "@import" not in text
    assert "alert(1)" in text
    for subject in json.loads(answer.out)["subjects"]:
        for finding in subject["findings"]:
            assert finding["code"] in text
    assert [path.name for path in Path().glob(".*")] == []


def test_html_when_the_column_is_a_number_then_it_is_called_so(call: Caller) -> None:
    Path("a.counts.tsv").write_text("gene_id\tS1\n2-Sep\t1\n")
    call("validate", "a.counts.tsv", "--html", "report.html", "--json")
    assert "line 2 record 1 column 1 " in Path("report.html").read_text()


def test_html_when_there_is_no_such_folder_then_says_so_before_reading(call: Caller) -> None:
    Path("a.txt").write_bytes(text_bytes())
    error = call("validate", "a.txt", "--html", "no/such/folder/report.html", "--json").error()
    assert (error["error"], error["exit_status"]) == ("disk-error", 5)
    assert "there is no folder no/such/folder" in error["message"]


def test_html_when_the_folder_takes_no_file_then_says_so_before_reading(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("a.txt").write_bytes(text_bytes())

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refused)
    error = call("validate", "a.txt", "--html", "report.html", "--json").error()
    assert (error["error"], error["exit_status"]) == ("disk-error", 5)
    assert "into the folder .: Permission denied" in error["message"]


def test_html_when_the_disk_is_full_at_the_end_then_the_verdict_is_told_all_the_same(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("a.txt").write_bytes(text_bytes())

    def full(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(durable, "write_out", full)
    answer = call("validate", "a.txt", "--html", "report.html")
    assert (answer.status, answer.out.startswith("valid:")) == (5, True)


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["text", "json"])
def test_html_when_the_reader_of_the_verdict_went_away_then_the_page_and_the_status_are_there(
    tmp_path: Path, options: list[str]
) -> None:
    (tmp_path / "a.vcf").write_bytes(BAD_VCF)
    with subprocess.Popen(
        [PROGRAM, "validate", "a.vcf", "--html", "report.html", *options],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(timeout=120) == 1
    assert "</html>" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize("place", ["in.vcf", "./in.vcf", "x/../in.vcf", "link", "hard", "folder/in.vcf", "later.vcf"])
def test_html_when_it_would_replace_a_judged_file_then_the_call_is_wrong(call: Caller, place: str) -> None:
    Path("x").mkdir()
    Path("folder").mkdir()
    Path("folder/in.vcf").write_bytes(PLAIN_VCF)
    Path("in.vcf").write_bytes(PLAIN_VCF)
    Path("link").symlink_to("in.vcf")
    os.link("in.vcf", "hard")
    answer = call("validate", "in.vcf", "folder", "later.vcf", "--html", place, "--json")
    error = answer.error()
    assert (error["error"], error["exit_status"]) == ("report-over-input", 2)
    assert Path("in.vcf").read_bytes() == Path("folder/in.vcf").read_bytes() == PLAIN_VCF
    assert Path("link").is_symlink()
    assert not Path("later.vcf").exists()


def test_html_when_it_would_replace_a_mate_that_is_judged_along_then_the_call_is_wrong(call: Caller) -> None:
    for mate in ("a_R1.fastq.gz", "a_R2.fastq.gz"):
        Path(mate).write_bytes(fastq_bytes())
    error = call("validate", "a_R1.fastq.gz", "--rules", "bank", "--html", "a_R2.fastq.gz", "--json").error()
    assert (error["error"], error["exit_status"]) == ("report-over-input", 2)
    assert Path("a_R2.fastq.gz").read_bytes() == fastq_bytes()


def test_html_when_it_replaces_the_former_report_in_a_judged_folder_then_is_written(call: Caller) -> None:
    Path("folder").mkdir()
    Path("folder/report.html").write_bytes(text_bytes("the former"))
    call("validate", "folder", "--html", "folder/report.html")
    assert b"<html" in Path("folder/report.html").read_bytes()


def test_name_when_it_has_control_characters_then_it_is_shown_escaped_on_one_line(call: Caller) -> None:
    names = [f"{letter}\nvalid: 1 subjects\x1b[31m\r\t.vcf" for letter in "ab"]
    for name in names:
        Path(name).write_bytes(BAD_VCF)
    answer = call("validate", *names, "--rules", "bank", "--html", "r\n\x1b.html")
    lines = answer.out.splitlines()
    assert not any(line.startswith("valid: 1 subjects") for line in lines)
    assert any(r"at    a\nvalid: 1 subjects\x1b[31m\r\t.vcf" in line for line in lines)
    assert any(r"also  b\nvalid: 1 subjects\x1b[31m\r\t.vcf" in line for line in lines)
    assert r"report: r\n\x1b.html" in answer.err.splitlines()
    assert "\x1b" not in answer.out + answer.err


def test_name_when_it_is_no_utf8_then_the_json_is_and_gives_the_name_back(tmp_path: Path) -> None:
    name = b"\xff.vcf"
    Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_bytes(BAD_VCF)
    answer = program("validate", "--json", name, folder=tmp_path)
    assert answer.status == 1
    [subject] = json.loads(answer.out)["subjects"]
    assert os.fsencode(subject["path"]) == name
    words = program("validate", name, folder=tmp_path, PYTHONIOENCODING="utf-8:strict")
    assert words.status == 1
    assert "\\udcff.vcf" in words.out


def test_name_when_it_is_no_utf8_then_the_html_report_is_written_all_the_same(tmp_path: Path) -> None:
    Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), b"\xff.vcf"))).write_bytes(BAD_VCF)
    assert program("validate", b"\xff.vcf", "--html", "r.html", folder=tmp_path).status == 1
    assert (tmp_path / "r.html").exists()
