"""The validation report as one self-contained HTML page: findings first, then facts. No script, no foreign address."""

from __future__ import annotations

from importlib.resources import files

from jinja2 import Environment
from markupsafe import Markup

from catalog.findings import Report, Severity, Subject
from publish.report_plots import render_plots


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
    return [Markup(each) for each in render_plots(subject.facts)]  # noqa: S704  # see above


def _facts(subject: Subject) -> list[tuple[str, str]]:
    """Facts as words: lists joined, long ones cut with their length."""
    shown = []
    for name, value in subject.facts.items():
        if isinstance(value, list | tuple):
            listed = ", ".join(str(each) for each in value[:12])
            shown.append((name, listed + (f" … ({len(value)} in all)" if len(value) > 12 else "")))
        elif isinstance(value, dict):
            shown.append((name, ", ".join(f"{key}: {inner}" for key, inner in list(value.items())[:12])))
        else:
            shown.append((name, str(value)))
    return shown
