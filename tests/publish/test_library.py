"""The functions that Python users call, of both sides, over one small bank."""

from __future__ import annotations

from pathlib import Path

import pytest

import catalog
import publish
from catalog.errors import ConflictError, NotFoundError, UsageError
from catalog.index import Query
from tests.builders import LINE_ID, counts_bytes, make_bank, write_line


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    bank = make_bank(tmp_path)
    monkeypatch.setenv("FAIRLINE_CONFIG", str(tmp_path / "config"))
    write_line(bank, files={"data/rna-seq/counts.tsv": counts_bytes()})
    return bank.root


def test_doors_when_listed_then_offer_the_promised_functions() -> None:
    assert sorted(catalog.__all__) == ["cite", "facts", "get", "query", "search", "show"]
    assert sorted(publish.__all__) == ["apply", "plan", "publish", "release", "withdraw"]
    assert all(callable(getattr(catalog, name)) for name in catalog.__all__)
    assert all(callable(getattr(publish, name)) for name in publish.__all__)
    for door in (catalog, publish):
        with pytest.raises(AttributeError):
            door.nothing  # noqa: B018  # the access itself is what is tested


def test_scientist_when_using_python_then_finds_judges_queries_cites_and_gets(folder: Path, tmp_path: Path) -> None:
    publish.release(folder, "2026.11", "the first")
    found = catalog.search("cord", bank=folder, modality="rna-seq")
    assert [each["id"] for each in found["packages"]] == [LINE_ID]
    assert catalog.show(LINE_ID, bank=folder)["release"] == "2026.11"
    assert catalog.facts(LINE_ID, bank=folder)["data/rna-seq/counts.tsv"]["genes"] == 3
    names, rows = catalog.query("SELECT id, open_files FROM package", bank=folder)
    assert (names, rows) == (["id", "open_files"], [(LINE_ID, 1)])
    assert LINE_ID in catalog.cite(LINE_ID, form="bibtex", bank=folder)
    got = catalog.get(LINE_ID, to=tmp_path / "got", source=folder)
    assert got.fetched == len(list((tmp_path / "got").rglob("*"))) - 4 - sum(
        each.is_dir() for each in (tmp_path / "got").rglob("*")
    )
    with pytest.raises(NotFoundError):
        catalog.show("nobody", bank=folder)
    with pytest.raises(UsageError):
        catalog.search(bank=folder, colour="red")
    with pytest.raises(UsageError):
        catalog.cite(LINE_ID, form="napkin", bank=folder)


def test_search_and_query_when_used_side_by_side_then_do_not_lock_each_other(folder: Path) -> None:
    publish.release(folder, "2026.11")
    index = catalog.library.index_of(catalog.library.open_here(folder))
    try:
        assert catalog.query("SELECT 1", bank=folder)[1] == [(1,)]
        assert index.search(Query())["total"] == 1
    finally:
        index.close()


def test_curator_when_planning_then_applies_that_plan_alone(folder: Path) -> None:
    planned = publish.plan(folder, "2026.11", "the first")
    assert not (folder / "ledger.jsonl").exists()
    assert publish.apply(folder, planned).sequence == 1
    stale = publish.plan(folder, "2026.12")
    (folder / "lines" / LINE_ID / "qc.csv").write_text("test,class,verdict\nmycoplasma,sterility,pass\n")
    with pytest.raises(ConflictError) as caught:
        publish.apply(folder, stale)
    assert caught.value.code == "plan-stale"
    assert publish.withdraw(folder, LINE_ID, "donor's wish").public
