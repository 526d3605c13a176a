"""The validation report as one self-contained HTML page: findings first, then facts. No script, no foreign address."""

from __future__ import annotations

from importlib.resources import files

from jinja2 import Environment
from markupsafe import Markup

from catalog.findings import Report, Severity, Subject
from publish.report_plots import render_plots

#: Members of a fact that are shown.
_LISTED = 12


def render_report(report: Report, version: str) -> bytes:
    """The page of a report.

    Args:
        report: the report.
        version: the running fairline's version.
    """
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string((files("publish") / "templates" / "report.html").read_text(encoding="utf-8"))
    order = [Severity.ERROR, Severity.WARNING, Severity.INFO]

    def worst_first(subject: Subject) -> tuple[int, str]:
        ranks = [order.index(finding.severity) for finding in subject.findings]
        return min(ranks, default=len(order)), subject.path

    subjects = sorted(report.subjects, key=worst_first)
    page = template.render(report=report, subjects=subjects, version=version, order=order, facts=_facts, plots=_plots)
    # The name of a file may be no UTF-8; it is shown as the terminal shows it.
    return page.encode("utf-8", "backslashreplace")


def _plots(subject: Subject) -> list[Markup]:
    """The plots of a subject; our own markup, with every foreign word escaped where it is drawn."""
    return [Markup(each) for each in render_plots(subject.facts, subject.format)]  # noqa: S704  # see above


def _facts(subject: Subject) -> list[tuple[str, str]]:
    """Facts as words: lists joined, long ones cut with their length."""
    return [(name, _words(value)) for name, value in subject.facts.items()]


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        parts = [
            f"{key} ({_words(each)})" if isinstance(each, dict) else f"{key}: {_words(each)}"
            for key, each in value.items()
        ]
    elif isinstance(value, list | tuple):
        parts = [_words(each) for each in value]
    else:
        return str(value)
    rest = f" … ({len(parts)} in all)" if len(parts) > _LISTED else ""
    return ", ".join(parts[:_LISTED]) + rest
