"""Serving a bank on this machine: uvicorn with httptools, one process, a few threads for the database."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import uvicorn

from catalog.bank import Bank
from catalog.errors import ConflictError
from catalog.web.app import make_app

_KEEP_ALIVE_SECONDS = 20
#: How long a download that nobody reads may hold up the end.
_LAST_SECONDS = 5
_BACKLOG = 512


def serve_bank(bank: Bank, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serves until Ctrl-C.

    Args:
        bank: the bank.
        host: the address to listen on.
        port: the port; 0 for a free one.
        ready: is told the portal's address when it answers.

    Raises:
        ConflictError: the port is taken.
    """
    listener = _listen(host, port)
    bound = listener.getsockname()[1]
    config = uvicorn.Config(
        make_app(bank), http="httptools", ws="none", lifespan="off", log_level="warning", access_log=False,
        server_header=False, date_header=True, timeout_keep_alive=_KEEP_ALIVE_SECONDS, backlog=_BACKLOG,
        proxy_headers=False, timeout_graceful_shutdown=_LAST_SECONDS,
    )  # fmt: skip
    server = _Server(config, lambda: ready(f"http://{host}:{bound}/"))
    try:
        asyncio.run(server.serve(sockets=[listener]))
    except KeyboardInterrupt:
        return
    finally:
        listener.close()


class _Server(uvicorn.Server):
    """Tells when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts, then tells."""
        await super().startup(sockets)
        self._ready()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConflictError(
            "port-taken",
            f"cannot listen on {host}:{port}: {error.strerror}",
            at=f"{host}:{port}",
            hint="pass another --port, or 0 for a free one",
        ) from error
    return listener
