"""The journal of a publication: what it remembers, and what it forgets."""

from __future__ import annotations

from pathlib import Path

from publish.targets.journal import Past, PublishJournal

WHEN = "2026-12-01T00:00:00Z"
VERIFIED = {"step": "verify", "name": "c-p01", "package": "A", "path": "a.txt", "sha256": "0" * 64, "bytes": 3}


def journal_in(folder: Path) -> PublishJournal:
    return PublishJournal(path=folder / "publish-memory.journal")


def test_journal_when_nothing_was_published_then_it_knows_nothing_and_makes_no_file(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    assert journal.read() == Past()
    assert not journal.path.exists()


def test_journal_when_a_run_did_not_end_then_its_steps_are_known(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.begin("run-1", "2026.10", WHEN)
    journal.note({"step": "create", "name": "c-p01"})
    journal.note(VERIFIED)
    past = journal.read()
    assert (past.release, past.runs, past.is_done) == ("2026.10", ("run-1",), False)
    assert [each["step"] for each in past.steps] == ["create", "verify"]
    assert past.proved() == {("c-p01", "A", "a.txt", "0" * 64)}


def test_journal_when_several_runs_died_then_all_their_names_and_steps_are_known(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.begin("run-1", "2026.10", WHEN)
    journal.note(VERIFIED)
    journal.begin("run-2", "2026.11", WHEN)
    journal.note({"step": "create", "name": "d-p01"})
    past = journal.read()
    assert (past.release, past.runs) == ("2026.11", ("run-1", "run-2"))
    assert len(past.steps) == 2


def test_journal_when_a_run_ended_then_the_next_begins_anew(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.begin("run-1", "2026.10", WHEN)
    journal.note(VERIFIED)
    journal.end({"writes": 3})
    past = journal.read()
    assert (past.is_done, past.runs, past.steps, past.proved()) == (True, (), (), frozenset())
    journal.begin("run-2", "2026.11", WHEN)
    assert journal.read().runs == ("run-2",)
    assert "run-1" not in journal.path.read_text()


def test_journal_when_its_last_line_is_cut_off_anywhere_then_only_that_step_is_forgotten(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.begin("run-1", "2026.10", WHEN)
    journal.note({"step": "create", "name": "c-p01"})
    whole = journal.path.read_bytes()
    journal.note(VERIFIED)
    longer = journal.path.read_bytes()
    for length in range(len(whole), len(longer) - 1):
        journal.path.write_bytes(longer[:length])
        assert [each["step"] for each in journal.read().steps] == ["create"]
    journal.note(VERIFIED)
    assert [each["step"] for each in journal.read().steps] == ["create", "verify"]


def test_journal_when_a_linked_file_was_verified_then_it_proves_no_file_of_a_container(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.begin("run-1", "2026.10", WHEN)
    journal.note({"step": "verify", "name": "https://bank.example.org/x", "package": "A", "bytes": 3})
    assert journal.read().proved() == frozenset()


def test_journal_when_lines_are_no_objects_then_they_are_passed_over(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.begin("run-1", "2026.10", WHEN)
    with journal.path.open("ab") as stream:
        stream.write(b"[1]\n\xff\xfe\n\n")
    journal.note(VERIFIED)
    assert len(journal.read().proved()) == 1
