"""Every code that fairline can print, with its meaning and its mend: rules from where they are declared, errors from data."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from catalog.access import ACCESS_RULES
from catalog.bank import BANK_RULES
from catalog.checks.companions import companions
from catalog.checks.run import checks
from catalog.checks.tables import TABLE_RULES
from catalog.checks.workers import WORKER_RULES
from catalog.findings import Rule
from catalog.formats.containers.rules import CONTAINER_RULES
from catalog.formats.inspect import INSPECT_RULES, formats
from catalog.loading.document import TEXT_RULES
from catalog.loading.json_reader import JSON_RULES
from catalog.loading.rows import ROWS_RULES
from catalog.loading.toml_reader import TOML_RULES
from catalog.loading.yaml_reader import YAML_RULES
from catalog.ontology.annotate import ANNOTATION_RULES
from catalog.profiles import PROFILE_RULES
from catalog.verify import VERIFY_RULES


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a code means.

    Attributes:
        code: the code.
        kind: ``finding`` or ``error``.
        title: what happened.
        why: what goes wrong for somebody; may be empty.
        mend: what to do.
        severity: of a finding; empty for an error.
        level: ``spec`` or ``bank`` of a finding; empty for an error.
        source: the specification that a rule comes from, or the exit status of an error.
        area: where the code belongs, for the list in the documentation.
    """

    code: str
    kind: str
    title: str
    why: str
    mend: str
    severity: str
    level: str
    source: str
    area: str


def rules_by_area() -> dict[str, tuple[Rule, ...]]:
    """Every rule, by the part of fairline that declares it; plug-ins have areas of their own."""
    areas: dict[str, tuple[Rule, ...]] = {
        "Text, YAML, JSON, TOML, CSV": (*TEXT_RULES, *YAML_RULES, *JSON_RULES, *TOML_RULES, *ROWS_RULES),
        "Records and settings": PROFILE_RULES,
        "Folders and paths": BANK_RULES,
        "Access": ACCESS_RULES,
        "Tables": TABLE_RULES,
        "Ontology terms": ANNOTATION_RULES,
        "Files in general": (*INSPECT_RULES, *WORKER_RULES, *CONTAINER_RULES),
        "Verification": VERIFY_RULES,
    }
    seen = {rule.code for rules in areas.values() for rule in rules}
    for each in checks():
        new = tuple(rule for rule in each.rules if rule.code not in seen)
        areas[f"Checks: {type(each).__name__}"] = new
        seen |= {rule.code for rule in new}
    for name, each_format in formats().items():
        new = tuple(rule for rule in each_format.rules if rule.code not in seen)
        if new:
            areas[f"Format: {each_format.title} ({name})"] = new
            seen |= {rule.code for rule in new}
    for kind in companions():
        new = tuple(rule for rule in kind.rules if rule.code not in seen)
        areas[f"Files that belong together: {kind.name}"] = new
        seen |= {rule.code for rule in new}
    return areas


@functools.cache
def error_texts() -> Mapping[str, Mapping[str, str]]:
    """``schemas/errors.toml``: for each error code its meaning and its mend."""
    loaded: dict[str, dict[str, str]] = tomllib.loads(
        (files("catalog.schemas") / "errors.toml").read_text(encoding="utf-8")
    )
    return loaded


def explanations() -> dict[str, Explanation]:
    """Every explanation by code, in the order of the documentation."""
    found: dict[str, Explanation] = {}
    for area, rules in rules_by_area().items():
        for rule in rules:
            found[rule.code] = Explanation(
                code=rule.code, kind="finding", title=rule.message, why=rule.why, mend=rule.hint,
                severity=str(rule.severity), level=str(rule.level), source=rule.source, area=area,
            )  # fmt: skip
    for code, text in error_texts().items():
        if code not in found:
            found[code] = Explanation(
                code=code, kind="error", title=text["means"], why="", mend=text["mend"], severity="", level="",
                source=f"exit status {text['exit']}", area="Errors",
            )  # fmt: skip
    return found


def markdown() -> str:
    """The page of all codes (``docs/codes.md``)."""
    lines = [
        "# Codes", "",
        "Every code of a finding or an error. Made by `make docs` from the rules themselves; a test compares.",
        "Words in braces stand for values of the case at hand.", "",
    ]  # fmt: skip
    area = ""
    for each in explanations().values():
        if each.area != area:
            area = each.area
            lines += [f"## {area}", ""]
        about = f"{each.severity}, {each.level}" if each.kind == "finding" else "error"
        lines += [f"### `{each.code}`", "", f"*{about}; {each.source}.* {_sentence(each.title)}"]
        if each.why:
            lines.append(each.why)
        lines += [f"**Mend:** {_sentence(each.mend)}", ""]
    return "\n".join(lines).rstrip() + "\n"


def _sentence(text: str) -> str:
    text = text.strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."
