"""The commands: ``python -m tests.ckan.stack COMMAND``. Answers go to stdout, progress and complaints to stderr."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from tests.ckan.stack.failures import PartMissing, StackError
from tests.ckan.stack.folder import SERVICES, Folder, default_root
from tests.ckan.stack.portal import Portal
from tests.ckan.stack.services import say

_COMMANDS = {
    "up": "install what is missing, start what does not run, print one JSON object",
    "reset": "empty the portal; users, organisations and tokens stay",
    "down": "end what 'up' started",
    "status": "which parts work, as JSON; ends with 1 unless all do",
    "logs": "the end of a log: ckan, solr, postgres, redis or install",
    "stop-solr": "end Solr",
    "start-solr": "start Solr",
    "restart-ckan": "restart CKAN, with --solr-url at another Solr",
}
_FAILED, _MISSING = 1, 3
_SHOWN_LOG_LINES = 200


def _arguments() -> argparse.Namespace:
    told = "\n".join(f"  {name:13} {text}" for name, text in _COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.ckan.stack",
        description=f"A real CKAN for tests, on loopback.\n\n{told}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=_COMMANDS, metavar="COMMAND")
    parser.add_argument("log", nargs="?", default="ckan", choices=(*SERVICES, "install"), help="for logs: which one")
    parser.add_argument("--dir", type=Path, default=default_root(), help="default: FAIRLINE_CKAN_DIR or in the cache")
    for name in SERVICES:
        parser.add_argument(f"--{name}-port", type=int, help="for up; default: that of the last time, or a free one")
    parser.add_argument("--solr-timeout", type=float, help="for up, in seconds: CKAN's patience with Solr; remembered")
    parser.add_argument("--solr-url", help="for restart-ckan: what CKAN takes for Solr until its next start")
    return parser.parse_args()


def _execute(portal: Portal, asked: argparse.Namespace) -> None:
    ports = {name: port for name in SERVICES if (port := getattr(asked, f"{name}_port"))}
    match asked.command:
        case "up":
            print(json.dumps(portal.up(ports, asked.solr_timeout)))
        case "reset":
            portal.reset()
        case "down":
            portal.down()
        case "stop-solr":
            portal.solr().end()
        case "start-solr":
            portal.solr().start()
        case "restart-ckan":
            portal.restart_ckan(asked.solr_url)


def main() -> int:
    """Runs one command.

    Returns:
        The exit status: 0 done, 1 failed, 3 something must be installed first.
    """
    asked = _arguments()
    os.umask(0o077)
    folder = Folder.opened(asked.dir)
    portal = Portal(folder)
    try:
        if asked.command == "logs":
            print(folder.log_end(asked.log, _SHOWN_LOG_LINES))
        elif asked.command == "status":
            status = portal.status()
            print(json.dumps(status, indent=1))
            return 0 if status["works"] else _FAILED
        else:
            with folder.locked():
                _execute(portal, asked)
    except PartMissing as error:
        say(str(error))
        return _MISSING
    except (StackError, OSError) as error:
        say(str(error))
        return _FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
