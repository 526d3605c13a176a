"""The term store on disk: what it holds, and that it is the old or the new one at every moment."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from catalog import durable
from catalog.database import open_memory, quoted
from catalog.errors import IntegrityError
from catalog.ontology.build import Identity, current_manifest, write_store
from catalog.ontology.content import Content, Draft
from catalog.vocabulary import open_vocabulary, read_installed
from tests import crash
from tests.ontology.builders import document, owl_class, read, some, sub, write


def identity(sha256: str = "a" * 64, version: str = "1") -> Identity:
    return Identity(
        name="ex",
        title="Example",
        ids=("EX:",),
        version=version,
        version_source="file",
        licence="CC0-1.0",
        sha256=sha256,
    )


def content_of(label: str) -> Content:
    terms = {
        "EX:1": Draft(kind="class", labels=[("", label)]),
        "EX:2": Draft(
            kind="class", labels=[("", "child")], obsolete=True, replaced_by="EX:1", consider=["EX:3", "EX:4"]
        ),
        "UBERON:0001088": Draft(kind="class", labels=[("", "urine of the file")]),
        "EX:3": Draft(kind="class"),
    }
    return Content(
        terms=terms,
        synonyms={("EX:1", "it's", "EXACT")},
        xrefs={("EX:1", "CVCL:0001"), ("EX:1", "EX:1")},
        parents={("EX:2", "EX:1"), ("EX:2", "EX:2"), ("EX:1", "UBERON:0001088")},
        edges={("EX:2", "RO:0001000", "CL:0000057", "RO:0001000")},
    )


def test_store_when_written_then_all_tables_can_be_read_with_sql(tmp_path: Path) -> None:
    manifest = write_store(content_of("one"), identity(), tmp_path / "o'clock")
    folder = tmp_path / "o'clock" / "ex" / manifest["folder"]
    with open_memory() as database:
        table = {path.stem: f"read_parquet({quoted(str(path))})" for path in folder.glob("*.parquet")}
        assert database.rows(f"SELECT curie, label, obsolete, replaced_by, consider, own FROM {table['term']}") == [
            ("EX:1", "one", False, "", "", True),
            ("EX:2", "child", True, "EX:1", "EX:3 EX:4", True),
            ("UBERON:0001088", "urine of the file", False, "", "", False),
        ]
        assert database.rows(f"FROM {table['xref']}") == [("EX:1", "CVCL:0001")]
        assert database.rows(f"FROM {table['is_a']}") == [("EX:1", "UBERON:0001088"), ("EX:2", "EX:1")]
        assert database.rows(f"SELECT ancestor, descendant, distance FROM {table['closure']}") == [
            ("UBERON:0001088", "EX:1", 1),
            ("EX:1", "EX:2", 1),
            ("UBERON:0001088", "EX:2", 2),
        ]
        assert database.rows(f"SELECT count(*) FROM {table['edge']}") == [(1,)]
    assert manifest["counts"]["own"] == 2
    assert manifest["counts"]["obsolete"] == 1
    assert current_manifest(tmp_path / "o'clock", "ex") == manifest


def test_store_when_there_is_a_cycle_then_it_is_kept_and_reported(tmp_path: Path) -> None:
    loop = document(
        owl_class("EX:1", "a", sub("EX:2")), owl_class("EX:2", "b", sub("EX:3")), owl_class("EX:3", "c", sub("EX:1"))
    )
    manifest = write_store(read(write(tmp_path / "x.owl", loop)), identity(), tmp_path / "store")
    assert manifest["cycles"] == [["EX:1", "EX:2", "EX:3"]]
    assert manifest["counts"]["closure"] == 6
    with open_vocabulary(tmp_path / "store") as vocabulary:
        assert set(vocabulary.ancestors("EX:1")) == {"EX:2", "EX:3"}
        assert set(vocabulary.descendants("EX:1")) == {"EX:2", "EX:3"}
        terms, pairs = vocabulary.closure(["EX:1"])
        assert len(terms) == 3
        assert len(pairs) == 9


def test_store_when_written_again_then_two_generations_stay(tmp_path: Path) -> None:
    for number in range(4):
        write_store(content_of(f"version {number}"), identity(str(number) * 64, str(number)), tmp_path)
    kept = [path for path in (tmp_path / "ex").iterdir() if path.is_dir()]
    assert len(kept) == 2
    assert read_installed(tmp_path)[0].version == "3"


def test_store_when_a_dead_process_left_something_then_it_is_swept_once_it_is_old(tmp_path: Path) -> None:
    old, new = tmp_path / "ex" / ".building-1-1", tmp_path / "ex" / ".building-2-2"
    for each in (old, new):
        each.mkdir(parents=True)
        (each / "term.parquet").write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    write_store(content_of("one"), identity(), tmp_path)
    assert not old.exists()
    assert new.exists()


@pytest.mark.parametrize("fault", ["bytes", "missing", "pointer", "format"])
def test_store_when_damaged_then_it_is_noticed(tmp_path: Path, fault: str) -> None:
    manifest = write_store(content_of("one"), identity(), tmp_path)
    pointer, term = tmp_path / "ex" / "current.json", tmp_path / "ex" / manifest["folder"] / "term.parquet"
    if fault == "bytes":
        term.write_bytes(term.read_bytes()[:-8])
    elif fault == "missing":
        term.unlink()
    elif fault == "pointer":
        pointer.write_text("{")
    else:
        pointer.write_text(json.dumps({**manifest, "format": 99}))
    assert current_manifest(tmp_path, "ex") is None
    with pytest.raises(IntegrityError) as caught:
        open_vocabulary(tmp_path)
    assert caught.value.code in {"ontology-store", "database-damaged"}


def label_now(folder: Path) -> str:
    with open_vocabulary(folder) as vocabulary:
        term = vocabulary.term("EX:1")
        assert term is not None
        return term.label


@pytest.mark.slow
def test_update_when_killed_at_any_disk_call_then_the_store_is_the_old_or_the_new(tmp_path: Path) -> None:
    """The killing proxy raises at the k-th call and at every one after it: nothing reaches the disk any more."""
    folder = tmp_path / "count"
    write_store(content_of("old"), identity("0" * 64), folder)
    calls = len(crash.count_calls(lambda: write_store(content_of("new"), identity("1" * 64), folder)))
    assert calls > 10
    seen = set()
    for at in range(calls + 1):
        folder = tmp_path / str(at)
        write_store(content_of("old"), identity("0" * 64), folder)
        _write_until(at, folder)
        found = label_now(folder)
        assert found in {"old", "new"}
        assert current_manifest(folder, "ex") is not None
        seen.add(found)
        write_store(content_of("newer"), identity("2" * 64), folder)
        assert label_now(folder) == "newer"
    assert seen == {"old", "new"}


class Dead(BaseException):
    """The process is dead."""


class Dying(crash.SystemCalls):
    """Lets the first calls through."""

    def __init__(self, calls: int) -> None:
        self.left = calls

    def call(self, name: str, real: object, *arguments: object, **options: object) -> object:
        self.left -= 1
        if self.left < 0:
            raise Dead
        assert callable(real)
        return real(*arguments, **options)


def _write_until(at: int, folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch, contextlib.suppress(Dead):
        patch.setattr(durable, "os", Dying(at))
        write_store(content_of("new"), identity("1" * 64), folder)


def test_update_when_the_process_is_killed_then_the_old_store_answers(tmp_path: Path) -> None:
    write_store(content_of("old"), identity("0" * 64), tmp_path)
    program = f"""
import os
from pathlib import Path
from catalog import durable
from tests.ontology.test_build import content_of, identity, write_store
durable.sync_file = lambda path: os.kill(os.getpid(), 9)
write_store(content_of("new"), identity("1" * 64), Path({str(tmp_path)!r}))
"""
    result = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=False)
    assert result.returncode == -9
    assert label_now(tmp_path) == "old"
    assert any(path.name.startswith(".building-") for path in (tmp_path / "ex").iterdir())


def test_vocabulary_when_the_store_changes_meanwhile_then_it_answers_from_what_it_opened(tmp_path: Path) -> None:
    write_store(content_of("old"), identity("0" * 64), tmp_path)
    with open_vocabulary(tmp_path) as vocabulary:
        write_store(content_of("new"), identity("1" * 64), tmp_path)
        term = vocabulary.term("EX:1")
        assert term is not None
        assert term.label == "old"
    assert label_now(tmp_path) == "new"


def test_edges_when_written_then_the_chain_survives(tmp_path: Path) -> None:
    text = document(
        owl_class(
            "EX:1",
            "a",
            f"<rdfs:subClassOf>{some('RO:0001000', some('BFO:0000050', 'NCBITaxon:9606'))}</rdfs:subClassOf>",
        )
    )
    write_store(read(write(tmp_path / "x.owl", text)), identity(), tmp_path / "store")
    with open_vocabulary(tmp_path / "store") as vocabulary:
        (edge,) = vocabulary.edges("EX:1")
    assert edge.chain == ("RO:0001000", "BFO:0000050")
    assert (edge.property_label, edge.object_label) == ("part of", "Homo sapiens")
