"""The root of all commands: their names, one line of help each, and where they are found when they are wanted."""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from catalog.cli.paths import UsablePath
from catalog.errors import CatalogError
from catalog.settings import VERSION

#: name: (where it is, its line of help), by audience. publish is known by its import string only.
SECTIONS: dict[str, dict[str, tuple[str, str]]] = {
    "Curators": {
        "init": ("publish.cli.curator:init", "make a new bank"),
        "line": ("publish.cli.curator:line", "make a new line in a bank"),
        "add": ("publish.cli.curator:add", "register files of a line in files.csv"),
        "status": ("publish.cli.curator:status", "what changed since the last release, and the next command"),
        "validate": ("publish.cli.validation:validate", "judge files, line folders or banks"),
        "package": ("publish.cli.releases:package", "build a line's data package without releasing it"),
        "release": ("publish.cli.releases:release", "freeze every changed package, sign, make it public"),
        "diff": ("publish.cli.releases:diff", "what a release added, changed and withdrew"),
        "withdraw": ("publish.cli.releases:withdraw", "replace a line or file by a tombstone; its bytes are erased"),
        "publish": ("publish.cli.publishing:publish", "push a release to a portal or a folder; resumes; rolls back"),
        "key": ("publish.cli.curator:key", "signing keys: new, show"),
    },
    "Scientists": {
        "search": ("catalog.cli.scientist:search", "find packages by words, facets and ontology terms"),
        "show": ("catalog.cli.scientist:show", "one package: what, how, quality, rights, files"),
        "get": ("catalog.cli.scientist:get", "download a package and verify it; resumes"),
        "verify": ("catalog.cli.scientist:verify", "check a download, package, store, bank or portal"),
        "query": ("catalog.cli.scientist:query", "read-only SQL over the index"),
        "cite": ("catalog.cli.scientist:cite", "how to cite a package"),
    },
    "Operators": {
        "index": ("catalog.cli.operator:index", "build or check the search index"),
        "serve": ("catalog.cli.operator:serve", "serve the portal, JSON API and RDF"),
        "demo": ("publish.cli.demo:demo", "build the example bank"),
        "doctor": ("publish.cli.operator:doctor", "versions, disk, clock, keys, data files; targets, and mending them"),
    },
    "Ontologies": {
        "ontology": ("catalog.cli.ontology:ontology", "update, lookup, annotate"),
    },
    "All": {
        "explain": ("catalog.cli.explain:explain", "what a code means, and what to do"),
    },
}
_TARGETS = {name: target for section in SECTIONS.values() for name, target in section.items()}

_EXAMPLES = """\b
Examples:
  fairline search "cord blood" --modality wes
  fairline get KSCBi005-A --url http://127.0.0.1:8000/

\b
Exit status: 0 done or nothing to do, 1 findings of severity error, 2 usage, 3 not found,
4 not authorised, 5 temporary, 6 conflict, 7 integrity, 70 our bug, 130 interrupted.
"""


class LazyGroup(click.Group):
    """A group whose commands are imported when they run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the sections."""
        return list(_TARGETS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports one command."""
        if cmd_name not in _TARGETS:
            return None
        module, _, name = _TARGETS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Suggests near names over all commands, also those that are not loaded."""
        name = args[0] if args else ""
        if name and name not in _TARGETS and not name.startswith("-"):
            import difflib

            near = difflib.get_close_matches(name, _TARGETS, n=3)
            words = f" Did you mean {' or '.join(near)}?" if near else ""
            raise click.UsageError(f"There is no command '{name}'.{words}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Commands by audience; nothing is imported."""
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, line) for name, (_, line) in commands.items()])


@click.group(cls=LazyGroup, epilog=_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="fairline")
@click.option(
    "--bank",
    "bank",
    type=UsablePath(),
    help="The bank's folder (else FAIRLINE_BANK, else upwards from here).",
)
@click.option("--no-color", is_flag=True, help="No colours (also NO_COLOR).")
@click.pass_context
def root(ctx: click.Context, bank: Path | None, no_color: bool) -> None:
    """Turn a cell-line bank's folders into signed, searchable data packages."""
    from catalog.cli.output import color_choice

    if no_color:
        os.environ["NO_COLOR"] = "1"
    ctx.color = color_choice()
    ctx.obj = {"bank": bank}


def run(arguments: Sequence[str]) -> int:
    """Runs a command line and returns its exit status. Nothing but a status and words ever comes out."""
    wants_json = "--json" in arguments
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # The name of a file may be no UTF-8, and the terminal may have fewer characters than a name has.
            stream.reconfigure(errors="backslashreplace")
    try:
        result = root.main(list(arguments), prog_name="fairline", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        from catalog.cli.output import show_usage

        show_usage(error, as_json=wants_json)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        from catalog.cli.output import show_interrupted

        show_interrupted(as_json=wants_json)
        return 130
    except SystemExit:
        return 0  # click ends a command so when nobody reads its output any more, and only then
    except BrokenPipeError:
        from catalog.cli.output import nobody_reads

        nobody_reads()
        return 0
    except CatalogError as error:
        from catalog.cli.output import show_error

        show_error(error, as_json=wants_json)
        return error.exit_status
    except OSError as error:  # a disk or a permission that no part of ours met in its own way
        from catalog.cli.output import show_error
        from catalog.durable import disk_error

        failed = disk_error(error, Path.cwd())
        show_error(failed, as_json=wants_json)
        return failed.exit_status
    except Exception as error:  # the edge: our bug, said in words
        from catalog.cli.output import show_bug

        show_bug(error, as_json=wants_json)
        return 70
