"""The tables beside a record as people read them: columns that answer a question, empty ones left out. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from catalog.access import PublicTable
from catalog.model.files import MODALITIES
from catalog.profiles import table_schema
from catalog.web.contexts import QualityView, TableView
from catalog.wording import NO_VERDICTS, VERDICTS, result_words

Row = Mapping[str, str]
Column = tuple[str, Callable[[Row], str]]


def _plain(name: str) -> Callable[[Row], str]:
    return lambda row: row.get(name, "")


def _joined(*names: str) -> Callable[[Row], str]:
    return lambda row: ", ".join(row[name] for name in names if row.get(name))


def _verdict(row: Row) -> str:
    return VERDICTS.get(row.get("verdict", ""), row.get("verdict", "")) or "unknown"


#: Columns of the page, in its order; the whole table is a download beside it.
_QUALITY: Sequence[Column] = (
    ("Test", _plain("test")),
    ("Verdict", _verdict),
    ("Result", result_words),
    ("Acceptance", _plain("acceptance")),
    ("Method", _plain("method")),
    ("Passage", _plain("passage")),
    ("Performer", _plain("performer")),
    ("Class", _plain("class")),
    ("Note", _plain("note")),
)
_ASSAYS: Sequence[Column] = (
    ("Measurement", lambda row: MODALITIES.get(row.get("modality", ""), row.get("modality", ""))),
    ("Platform, instrument, kit", _joined("platform", "instrument", "kit")),
    ("Pipeline", _joined("pipeline", "version")),
    ("Build", _plain("reference")),
    ("Targets", _plain("target_bed")),
    ("Passage", _plain("passage")),
    ("Source", _plain("source")),
)


def quality_view(table: PublicTable) -> QualityView:
    """The quality tests: those with a verdict, and apart from them those that say nothing (unknown, not applicable)."""
    judged = [row for row in table.rows if row.get("verdict", "") not in NO_VERDICTS]
    silent = [row for row in table.rows if row.get("verdict", "") in NO_VERDICTS]
    counts = Counter(_verdict(row) for row in silent)
    return QualityView(
        judged=_view("qc", "Quality tests", _QUALITY, judged) if judged else None,
        silent=_view("qc-silent", "Tests without a result", _QUALITY, silent) if silent else None,
        silent_words=", ".join(f"{count} {verdict}" for verdict, count in counts.items()),
    )


def table_view(table: PublicTable) -> TableView:
    """Any other table: empty columns left out."""
    schema = table_schema(table.name)
    if table.name == "assays":
        return _view("assays", str(schema["title"]), _ASSAYS, table.rows)
    columns = [(str(each["title"]), _plain(each["name"])) for each in schema["fields"] if each["name"] in table.columns]
    return _view(table.name, str(schema["title"]), columns, table.rows)


def _view(name: str, title: str, columns: Sequence[Column], rows: Sequence[Row]) -> TableView:
    used = [(head, cell) for head, cell in columns if any(cell(row) for row in rows)]
    return TableView(
        name=name,
        title=title,
        columns=[head for head, _ in used],
        rows=[[cell(row) for _, cell in used] for row in rows],
    )
