"""Small plots of facts as inline SVG: drawn on the server, no script, readable without colour, with the numbers beside.

Every plot has a title and a description for readers who do not see it; the numbers themselves stand among the facts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT = 300, 110
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 8, 8, 30
_MOST_BARS = 60
_LONGEST_LABEL = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """How a fact is drawn.

    Attributes:
        fact: its name; dots lead into members, such as ``coverage.bins``.
        title: what it shows.
        across: what stands below.
        up: what stands at the side, with its unit.
        is_line: whether values are joined; else they are bars.
        ends: what the two ends of a list of ranges stand for.
        not_of: formats of which the fact says nothing.
    """

    fact: str
    title: str
    across: str
    up: str
    is_line: bool = False
    ends: tuple[str, str] | None = None
    not_of: tuple[str, ...] = ()


PLOTS = (
    Plot(
        fact="mean_quality_by_cycle", title="Quality by cycle", across="cycle", up="mean quality (Phred)", is_line=True
    ),
    # Values per million have the same sum in every sample.
    Plot(fact="library_sizes", title="Library sizes", across="sample", up="counts", not_of=("tpm-matrix",)),
    Plot(fact="detected_genes", title="Detected genes", across="sample", up="genes"),
    Plot(fact="baf_histogram", title="B-allele frequency", across="share of allele B", up="probes", ends=("0", "1")),
    Plot(fact="lrr_histogram", title="Log R ratio", across="log2 ratio", up="probes", ends=("-1", "1")),
    Plot(fact="coverage_histogram", title="Coverage", across="reads on a site", up="sites"),
    Plot(
        fact="methylation_histogram", title="Methylation", across="methylated reads", up="sites", ends=("0 %", "100 %")
    ),
)


def render_plots(facts: Mapping[str, object], format_name: str | None = None) -> list[str]:
    """The plots of a file's facts as SVG elements; none for facts that have no plot."""
    drawn = []
    for plot in PLOTS:
        if format_name in plot.not_of:
            continue
        points = _points(_value(facts, plot.fact))
        if len(points) > 1:
            drawn.append(_draw(plot, points))
    return drawn


def _value(facts: Mapping[str, object], name: str) -> object:
    found: object = facts
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _points(value: object) -> list[tuple[str, float]]:
    """Labels and values of a list of numbers, or of a mapping to numbers."""
    if isinstance(value, Mapping):
        pairs = [(str(name), each) for name, each in value.items()]
    elif isinstance(value, Sequence) and not isinstance(value, str):
        pairs = [(str(number), each) for number, each in enumerate(value, start=1)]
    else:
        return []
    return [(name, float(each)) for name, each in pairs if isinstance(each, (int, float))][:_MOST_BARS]


def _draw(plot: Plot, points: Sequence[tuple[str, float]]) -> str:
    low = min(0.0, *(value for _, value in points))
    high = max(0.0, *(value for _, value in points)) or 1.0
    wide, tall = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    step = wide / len(points)

    def down(value: float) -> float:
        return _TOP + tall * (high - value) / (high - low)

    if plot.is_line:
        joined = " ".join(f"{_LEFT + (n + 0.5) * step:.1f},{down(value):.1f}" for n, (_, value) in enumerate(points))
        marks = f'<polyline points="{joined}" fill="none" stroke="currentColor" stroke-width="1.5"/>'
    else:
        marks = "".join(
            f'<rect x="{_LEFT + n * step + 0.1 * step:.1f}" y="{min(down(value), down(0)):.1f}" width="{0.8 * step:.1f}" '
            f'height="{abs(down(0) - down(value)):.1f}" fill="currentColor" opacity="0.75"/>'
            for n, (_, value) in enumerate(points)
        )
    first, last = plot.ends or (points[0][0], points[-1][0])
    said = f"{plot.title}: {first} to {last}, {_short(min(v for _, v in points))} to {_short(high)}"
    axis = (
        f'<path d="M{_LEFT} {_TOP}V{_TOP + tall}H{_WIDTH - _RIGHT}" fill="none" stroke="currentColor" opacity="0.5"/>'
    )
    middle = _LEFT + wide / 2
    texts = (
        _text(_LEFT - 4, _TOP + 8, _short(high), "end"),
        _text(_LEFT - 4, _TOP + tall, _short(low), "end"),
        _text(_LEFT, _HEIGHT - 18, _end_of(first), "start"),
        _text(_WIDTH - _RIGHT, _HEIGHT - 18, _end_of(last), "end"),
        _text(middle, _HEIGHT - 4, f"{plot.title}: {plot.up} by {plot.across}", "middle"),
    )
    return (
        f'<svg class="plot" role="img" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" '
        f'aria-label="{escape(said, {chr(34): "&quot;"})}"><title>{escape(plot.title)}</title>'
        f"{axis}{marks}{''.join(texts)}</svg>"
    )


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" font-size="9" text-anchor="{anchor}" fill="currentColor">{escape(words)}</text>'
    )


def _end_of(label: str) -> str:
    """A label as far as there is room: its end, since samples of one line begin alike."""
    return label if len(label) <= _LONGEST_LABEL else f"…{label[1 - _LONGEST_LABEL :]}"


def _short(value: float) -> str:
    """A number as people read it beside an axis."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"
