"""The made-up panel: sites that fit into both builds, and genotypes that state no sex which nobody stated."""

from __future__ import annotations

import pytest

from publish.demo.genome import CHROMOSOMES, GRCH37, GRCH38, LENGTHS, genotypes, panel
from publish.demo.published import Donor


def donor(name: str = "D1", sex: str = "unknown") -> Donor:
    return Donor(donor_id=name, sex=sex, source="a test")


@pytest.mark.parametrize(("build", "total"), [(GRCH37, 3_095_677_412), (GRCH38, 3_088_269_832)])
def test_lengths_when_added_up_then_are_those_of_the_build(build: str, total: int) -> None:
    assert sum(LENGTHS[build].values()) == total


@pytest.mark.parametrize("build", [GRCH37, GRCH38])
def test_panel_when_placed_then_is_sorted_within_its_chromosomes(build: str) -> None:
    places = [(CHROMOSOMES.index(site.chromosome), site.positions[build]) for site in panel()]
    assert places == sorted(set(places))
    assert all(1 <= site.positions[build] <= LENGTHS[build][site.chromosome] for site in panel())


def test_panel_when_counted_then_assays_share_enough_sites_for_a_comparison() -> None:
    shared = [site for site in panel() if site.on_array and site.in_exome]
    assert len({site.name for site in panel()}) == len(panel()) == 680
    assert sum(site.chromosome != "X" for site in shared) == 320
    assert sum(site.chromosome == "X" for site in shared) == 20
    assert all(site.ref != site.alt for site in panel())


def test_genotypes_when_asked_twice_then_are_the_donors_own() -> None:
    one = genotypes(donor("D1"))
    assert one == genotypes(donor("D1"))
    other = genotypes(donor("D2"))
    differing = sum(one[site.name] != other[site.name] for site in panel() if site.chromosome != "X")
    assert differing > 250


@pytest.mark.parametrize(
    ("sex", "heterozygous", "called"), [("female", True, 40), ("male", False, 40), ("unknown", False, 0)]
)
def test_genotypes_on_x_when_drawn_then_show_only_a_stated_sex(sex: str, heterozygous: bool, called: int) -> None:
    found = [genotypes(donor(sex=sex))[site.name] for site in panel() if site.chromosome == "X"]
    assert sum(each is not None for each in found) == called
    assert any(each == (0, 1) for each in found) is heterozygous
