"""A PostgreSQL server of one's own, which a test or a bench may stop and start again."""

from __future__ import annotations

import contextlib
import importlib
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Server:
    """A server from the `pgserver` wheel. `stop` and `start` keep its data and address."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.url: str = server.get_uri()

    def stop(self) -> None:
        """End the server at once, as when its machine fails."""
        commands = importlib.import_module("pgserver._commands")
        commands.pg_ctl(
            ["-w", "-m", "immediate", "stop"],
            pgdata=self._server.pgdata,
            user=self._server.system_user,
            timeout=20,
        )

    def start(self) -> None:
        """Start it again, recovering what was committed."""
        self._server.ensure_postgres_running()


@contextlib.contextmanager
def postgres() -> Iterator[Server]:
    """A fresh server. Raises `ImportError` where there is no `pgserver` wheel."""
    with warnings.catch_warnings():
        # A folder of desktop log-ins that servers and containers lack.
        warnings.simplefilter("ignore")
        pgserver = importlib.import_module("pgserver")
        # A socket's path must be short.
        folder = tempfile.mkdtemp(prefix="pg")
        server = pgserver.get_server(Path(folder))
    try:
        yield Server(server)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
