"""The console on a real store and a small desk, listening on a port of its own."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from argon2 import PasswordHasher

from bot.config_schema import Console as ConsoleSettings
from bot.console.context import Console
from bot.console.signing import Signer
from bot.console.site import add_console
from bot.dialogue import Desk
from bot.errors import StoreError
from bot.store import ConsoleStore, SqlStore, open_store
from bot.store.users import Role
from tests import small_answers

PASSWORD = "đúng-mật-khẩu-của-tôi"
#: One cheap hash for all tests: a real one costs tens of milliseconds at every log-in.
HASHED = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
SECRET = "a-secret-of-the-tests"


class FailingStore(ConsoleStore):
    """A store that can be taken away."""

    away = False

    async def session_user(self, session_id: str, idle_ms: int) -> Any:
        if self.away:
            raise StoreError("The store is away.")
        return await super().session_user(session_id, idle_ms)

    async def add_copies(self, *args: Any) -> list[int]:
        if self.away_for_copies:
            raise StoreError("The store is away.")
        return await super().add_copies(*args)

    away_for_copies = False


@dataclass
class Running:
    """A console that serves, with one user of every role (named like it)."""

    folder: Path
    desk: Callable[[], Desk] = small_answers.desk
    settings: ConsoleSettings = field(default_factory=ConsoleSettings)
    behind_tls: bool = False
    local_run: bool = True
    windows: Mapping[str, float] = field(default_factory=dict)
    clock: Callable[[], datetime] = lambda: small_answers.NOW
    port: int = 0
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def __aenter__(self) -> Running:
        self.sql: SqlStore = open_store(f"sqlite:///{self.folder}/bot.db")
        await self.sql.open()
        self.stack.push_async_callback(self.sql.close)
        self.store = FailingStore(self.sql)
        for role in Role:
            await self.store.put_user(role.value, role, HASHED, actor="test")
        self.console = Console(
            store=self.store,
            desk=self.desk,
            signer=Signer(SECRET),
            settings=self.settings,
            clock=self.clock,
            behind_tls=self.behind_tls,
            local_run=self.local_run,
            windows=self.windows,
        )
        self.app = web.Application()
        add_console(self.app, self.console)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", self.port))
            self.port = int(probe.getsockname()[1])
        runner = web.AppRunner(self.app, shutdown_timeout=1)
        await runner.setup()
        self.stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stack.aclose()

    @property
    def url(self) -> str:
        """Where the console is, with the slash."""
        return f"http://127.0.0.1:{self.port}/console/"
