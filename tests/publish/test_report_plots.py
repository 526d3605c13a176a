"""Plots of a report: numbers become marks, foreign words stay words, and nothing is drawn of what is no number."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from publish.report_plots import PLOTS, render_plots

SVG = "{http://www.w3.org/2000/svg}"


def drawn(facts: dict[str, object]) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(each) for each in render_plots(facts)]


def test_line_when_drawn_then_goes_through_every_value() -> None:
    [plot] = drawn({"mean_quality_by_cycle": [37.0, 36.5, 30.0]})
    [line] = plot.iter("polyline")
    points = [tuple(map(float, each.split(","))) for each in str(line.get("points")).split()]
    assert len(points) == 3
    assert points[0][1] < points[1][1] < points[2][1]
    assert "37" in str(plot.get("aria-label"))


def test_bars_when_drawn_then_are_as_high_as_their_values() -> None:
    [plot] = drawn({"library_sizes": {"a": 10, "b": 40}})
    heights = [float(str(each.get("height"))) for each in plot.iter("rect")]
    assert heights[1] == pytest.approx(4 * heights[0], rel=0.01)


def test_names_when_hostile_then_stay_text() -> None:
    [plot] = drawn({"library_sizes": {"<script>": 1, '" onload="x': 2}})
    assert list(plot.iter("script")) == []
    assert "onload" not in plot.attrib
    assert "<script>" in str(plot.get("aria-label"))


@pytest.mark.parametrize("value", [None, "text", [], [1], {"a": "b"}, {"a": {"b": 1}}, 7])
def test_fact_when_it_is_no_series_then_nothing_is_drawn(value: object) -> None:
    assert [render_plots({plot.fact: value}) for plot in PLOTS] == [[]] * len(PLOTS)


def test_plots_when_their_captions_are_written_then_these_fit_below_them() -> None:
    # Characters of nine pixels' size are about five wide; a plot has 300 pixels.
    assert all(len(f"{plot.title}: {plot.up} by {plot.across}") <= 54 for plot in PLOTS)


def test_plot_when_it_is_of_ranges_then_its_ends_are_those_of_the_quantity() -> None:
    [plot] = drawn({"baf_histogram": [5, 1, 9]})
    words = [each.text for each in plot.iter() if each.tag.endswith("text")]
    assert {"0", "1"} <= set(words)
    assert "3" not in words


def test_plot_when_names_are_long_then_their_ends_are_shown() -> None:
    [plot] = drawn(
        {"library_sizes": {"KSCBi002-A.a.rather.long.name.rep1": 10, "KSCBi002-A.a.rather.long.name.rep2": 40}}
    )
    words = [str(each.text) for each in plot.iter() if each.tag.endswith("text")]
    assert [each[-4:] for each in words if each.startswith("…")] == ["rep1", "rep2"]


def test_library_sizes_when_of_values_per_million_then_are_not_drawn() -> None:
    facts = {"library_sizes": {"a": 1_000_000, "b": 1_000_000}}
    assert render_plots(facts, "tpm-matrix") == []
    assert len(render_plots(facts, "counts-matrix")) == 1
