"""The example bank as a whole: its counts, what validation says of it, its release, and that building again is no change."""

from __future__ import annotations

import gzip
import itertools
import json
from collections import Counter
from pathlib import Path

import pytest

from catalog.bank import open_bank
from catalog.errors import ConflictError, UsageError
from catalog.findings import Severity
from catalog.ledger import load_ledger
from catalog.library import search
from catalog.store import Store
from catalog.verify.local import verify_bank
from publish.demo.bank import BASE_IRI, RELEASE, TITLE, build_demo, sizes
from publish.demo.published import published_lines
from tests.builders import make_bank, make_settings
from tests.demo.builders import Demo, content_below

LINES = {line.line_id: line for line in published_lines()}
CONTROLLED = {"KSCBi013-A", "KSCBi0019-A"}
FOUR_DIGITS = {"KSCBi0016-A", "KSCBi0017-A", "KSCBi0018-A", "KSCBi0019-A"}
BLANK = {"SNUhES3", "SNUhES4"}


def test_bank_when_built_then_holds_the_22_lines_and_their_measurements(demo: Demo) -> None:
    assert set(demo.bank.line_ids()) == set(demo.outcome.lines) == set(demo.outcome.made) == set(LINES)
    modalities = {name: {row.modality for row in each.line.files} for name, each in demo.judged.items()}
    assert {name: set(line.modalities) for name, line in LINES.items()} == modalities
    assert Counter(len(found) for found in modalities.values()) == {4: 13, 1: 7, 0: 2}
    replicates = {name: {row.replicate for row in each.line.files} - {""} for name, each in demo.judged.items()}
    assert sum(found == {"1", "2"} for found in replicates.values()) == 3


def test_bank_when_its_settings_are_read_then_says_that_it_is_an_example(demo: Demo) -> None:
    settings = demo.bank.settings
    assert settings.title == TITLE
    assert "(example)" in settings.title
    assert "neither runs nor approves" in settings.description
    assert "synthetic" in settings.description
    assert settings.base_iri == BASE_IRI


def test_validation_when_run_then_finds_no_error(demo: Demo) -> None:
    assert all(each.valid for each in demo.judged.values())
    assert all(finding.severity is not Severity.ERROR for finding in demo.of_bank)


def test_validation_when_run_then_finds_the_tables_known_defects(demo: Demo) -> None:
    gaps = {name for name, line in LINES.items() if line.passage != line.ngs_passage}
    assert len(gaps) == 15
    assert demo.lines_with("line-passage-gap") == gaps
    assert demo.lines_with("name-nonstandard") == FOUR_DIGITS
    assert demo.lines_with("line-no-files") == BLANK
    assert demo.lines_with("record-conflict") == {"KSCBi001-A", "KSCBi005-A"}
    assert demo.lines_with("line-one-genotype") == {n for n, line in LINES.items() if line.modalities == ("snp-array",)}
    assert demo.lines_with("access-consent-unknown") == set(LINES)


def test_validation_when_run_then_finds_nothing_else(demo: Demo) -> None:
    codes = {finding.code for each in demo.judged.values() for finding in each.all_findings()}
    assert codes == {
        "access-consent-unknown",
        "line-no-files",
        "line-one-genotype",
        "line-passage-gap",
        "name-nonstandard",
        "record-conflict",
        "record-wanted-at-deposit",
        "record-wanted-at-release",
        "term-inferred-unstated",
        "term-not-comparable",
    }
    assert demo.of_bank == ()


def test_names_with_four_digits_when_judged_then_the_evidence_is_told_for_and_against(demo: Demo) -> None:
    [sixteen] = demo.findings("KSCBi0016-A", "name-nonstandard")
    assert (sixteen.column, sixteen.expected) == ("line_id", "KSCBi016-A")
    assert "CVCL_B5S0" in sixteen.hint
    assert "CVCL_WR27" in sixteen.hint
    assert "For: its parts fit" in sixteen.hint
    [seventeen] = demo.findings("KSCBi0017-A", "name-nonstandard")
    assert "CVCL_C1TU" in seventeen.hint


def test_conflicts_when_judged_then_name_value_and_source(demo: Demo) -> None:
    [urine] = demo.findings("KSCBi001-A", "record-conflict")
    assert "UBERON:0001088" in str(urine.got)
    assert "hPSCreg-CLO" in urine.message
    found = [str(finding.got) for finding in demo.findings("KSCBi005-A", "record-conflict")]
    assert [value.split()[0] for value in found] == ["NCIT:C12434", "NCIT:C12431"]


@pytest.mark.parametrize("line_id", LINES)
def test_record_when_read_then_says_synthetic_and_invents_nothing(line_id: str, demo: Demo) -> None:
    record = demo.judged[line_id].line.record
    assert record is not None
    assert record.data_kind == "synthetic"
    assert any("synthetic" in note and "no person's data" in note for note in record.notes)
    assert "10.1016/j.scr.2021.102270" in record.references
    assert record.consent == "unknown"
    assert record.diseases == record.modifications == "unknown"
    assert record.availability is not None
    assert record.availability.status == "unknown"
    approval = record.access.approval
    if line_id in CONTROLLED:
        assert (record.access.tier, approval) == ("controlled", None)
        assert str(record.access.contact).endswith("@example.org")
        assert any("controlled" in note for note in record.notes)
        assert not any(record.donor.donor_id in note for note in record.notes)
    elif line_id in BLANK:
        assert (record.access.tier, approval) == ("open", None)
    else:
        assert approval is not None
        assert (approval.by, approval.number) == ("fairline demo", "synthetic")
        assert set(approval.scope) == {"snp-array", "wes", "rna-seq", "methyl-seq"}
        assert record.licence == "CC0-1.0"


def test_quality_tests_when_read_then_have_no_result(demo: Demo) -> None:
    for name, each in demo.judged.items():
        if name in BLANK:
            assert set(each.line.tables) == set()
            continue
        rows = each.line.tables["qc"].rows.rows
        assert Counter(row.get("verdict") for row in rows) == {"unknown": 16, "not_applicable": 4}
        assert {row.get("value") for row in rows} == {""}
        assert all(row.get("note") for row in rows)


def test_assays_when_read_then_say_what_is_inferred(demo: Demo) -> None:
    sources = {each.modality: each.source for each in demo.judged["KSCBi005-A"].line.assays}
    assert {name for name, source in sources.items() if source == "JO20, inferred"} == {"snp-array", "wes", "rna-seq"}
    assert "not printed" in sources["methyl-seq"]
    [bank] = demo.judged["KSCBi005-A"].line.tables["banks"].rows.rows
    assert (bank.get("type"), bank.get("passage"), bank.get("date")) == ("distribution", "18", "2017")


def genotypes_in(path: Path) -> dict[str, str]:
    """Genotype by the site's name, of the only sample."""
    lines = [line.split("\t") for line in gzip.decompress(path.read_bytes()).decode().splitlines() if line[0] != "#"]
    return {row[2]: row[9].partition(":")[0] for row in lines}


def test_genotypes_of_a_donor_when_compared_then_are_equal_in_every_file(demo: Demo) -> None:
    calls: dict[str, list[dict[str, str]]] = {}
    for name, each in demo.judged.items():
        for row in each.line.files:
            if row.format == "vcf":
                calls.setdefault(LINES[name].donor.donor_id, []).append(genotypes_in(each.line.folder / row.path))
    assert {donor: len(found) for donor, found in calls.items() if len(found) > 2} == {
        "SAMEA104012353": 8,
        "KSCB-donor-005": 4,
    }
    for found in calls.values():
        for other in found[1:]:
            shared = found[0].keys() & other.keys()
            assert len(shared) >= 340
            assert {name: found[0][name] for name in shared} == {name: other[name] for name in shared}
    strangers = [found[0] for found in calls.values()]
    for one, other in itertools.pairwise(strangers):
        assert sum(one[name] != other[name] for name in one.keys() & other.keys()) > 100


def test_controlled_lines_when_released_then_have_no_file_in_the_public_store(demo: Demo) -> None:
    keys = demo.bank.keys()
    public = load_ledger(demo.bank.ledger_path, keys).released_packages()
    store = Store(demo.bank.store_folder)
    assert set(public) == set(LINES)
    for name, line in LINES.items():
        inventory = store.inventory(public[name].object, public[name].version)
        data = [path for path in inventory.state() if path.startswith("data/")]
        assert bool(data) is (name not in CONTROLLED and bool(line.modalities))
    hidden = {row.sha256 for name in CONTROLLED for row in demo.judged[name].line.files}
    digests = {
        digest for entry in public.values() for digest in store.inventory(entry.object, entry.version).state().values()
    }
    assert hidden
    assert not hidden & digests
    controlled = load_ledger(demo.bank.controlled_ledger_path, keys).released_packages()
    second = Store(demo.bank.controlled_folder)
    kept = {
        digest
        for name in CONTROLLED
        for digest in second.inventory(controlled[name].object, controlled[name].version).state().values()
    }
    assert hidden <= kept


def test_packages_when_released_then_carry_the_warnings_that_pages_show(demo: Demo) -> None:
    public = load_ledger(demo.bank.ledger_path, demo.bank.keys()).released_packages()
    store = Store(demo.bank.store_folder)

    def codes(line_id: str) -> set[str]:
        inventory = store.inventory(public[line_id].object, public[line_id].version)
        return {finding["code"] for finding in json.loads(store.read(inventory, "report.json"))["findings"]}

    assert {"record-conflict", "line-passage-gap"} <= codes("KSCBi001-A")
    assert "name-nonstandard" in codes("KSCBi0016-A")
    assert "line-no-files" in codes("SNUhES3")


def test_release_when_verified_then_holds(demo: Demo) -> None:
    assert demo.outcome.released
    assert demo.outcome.sequence == 1
    verified = verify_bank(demo.bank, demo.settings)
    assert verified.valid


def test_bank_when_searched_then_shows_released_lines(demo: Demo) -> None:
    found = search("cord blood", bank=demo.bank.root, modality="wes")
    assert {each["id"] for each in found["packages"]} >= {"KSCBi005-A", "KSCBi0016-A"}


def test_bank_when_measured_then_is_small(demo: Demo) -> None:
    assert sizes(demo.bank)["bank"] < 60_000_000


def test_demo_when_built_again_then_nothing_changes(demo: Demo) -> None:
    before = content_below(demo.bank.root)
    again = build_demo(demo.bank.root, demo.settings)
    assert (again.made, again.released) == ((), False)
    assert (again.sequence, again.issued) == (1, demo.outcome.issued)
    after = content_below(demo.bank.root)
    assert {path for path in after if after[path] != before.get(path)} <= {"work/demo.lock"}


def test_lines_when_built_elsewhere_then_are_equal_byte_for_byte(demo: Demo, tmp_path: Path) -> None:
    some = [LINES[name] for name in ("KSCBi002-A", "KSCBi0019-A", "KSCBi005-A-3", "SNUhES3")]
    other = build_demo(tmp_path / "bank", make_settings(tmp_path), "https://demo.example.org/", lines=some)
    assert other.bank.settings.base_iri == "https://demo.example.org/"
    for line in some:
        mine, theirs = (content_below(bank.lines_folder / line.line_id) for bank in (demo.bank, other.bank))
        assert mine == theirs


def test_demo_when_built_anew_by_the_same_user_then_its_known_key_still_holds(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    first = build_demo(tmp_path / "one", settings, lines=[LINES["SNUhES3"]]).bank
    assert verify_bank(first, settings).valid
    second = build_demo(tmp_path / "two", settings, lines=[LINES["SNUhES4"]]).bank
    assert first.keys() == second.keys()
    assert verify_bank(second, settings).valid


def test_folder_when_it_holds_another_bank_then_is_refused_and_left(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    before = content_below(bank.root)
    with pytest.raises(ConflictError) as refused:
        build_demo(bank.root, make_settings(tmp_path))
    assert refused.value.code == "folder-taken"
    assert content_below(bank.root) == before


def test_folder_when_it_holds_something_then_is_refused_and_left(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ConflictError) as refused:
        build_demo(tmp_path, make_settings(tmp_path))
    assert refused.value.code == "folder-taken"
    assert content_below(tmp_path) == {"thesis.txt": b"mine"}


def test_base_iri_when_it_is_another_than_the_banks_then_is_refused(demo: Demo) -> None:
    with pytest.raises(ConflictError) as refused:
        build_demo(demo.bank.root, demo.settings, "https://elsewhere.example.org/")
    assert (refused.value.code, refused.value.got) == ("demo-base-iri-differs", BASE_IRI)


def test_base_iri_when_it_can_be_none_then_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        build_demo(tmp_path / "bank", make_settings(tmp_path), "bank.example.org")
    assert refused.value.code == "demo-base-iri"
    assert not (tmp_path / "bank").exists()


def test_release_when_its_name_is_kept_then_is_that_of_the_ledger(demo: Demo) -> None:
    [line] = load_ledger(demo.bank.ledger_path, demo.bank.keys()).lines
    assert line.release == RELEASE
    assert "synthetic" in line.message
    assert open_bank(demo.bank.root).settings == demo.bank.settings
