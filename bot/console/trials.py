"""Trials of changes that run behind the pages, one at a time.

A trial belongs to one state of a change: what was saved meanwhile is tried anew, and the older
result is dropped by the store (`bot.store.changes.tried`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot import change_trial, changes, log_texts
from bot.errors import BotError
from bot.match import MatchSettings
from bot.store import changes as rows
from bot.store.sql_store import SqlStore

#: What is noted when a trial came to no end.
FAILED = {"failed": True, "problems": [], "questions": [], "previews": []}


@dataclass(slots=True)
class Trials:
    """The trials of one console. `run` does the work; the tests put a quicker one in its place."""

    run: Callable[[change_trial.Trial], Awaitable[dict[str, Any]]] = change_trial.run
    _running: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _one: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    def running(self, number: int) -> bool:
        """True while this change is being tried, or waits for its turn."""
        return number in self._running

    def start(self, store: SqlStore, number: int, settings: MatchSettings, today: date) -> None:
        """Try a change as it is now; an older trial of it is given up."""
        older = self._running.pop(number, None)
        if older:
            older.cancel()
        task = asyncio.create_task(self._try(store, number, settings, today))
        self._running[number] = task
        task.add_done_callback(lambda done: self._ended(number, done))

    async def wait(self, number: int) -> None:
        """Return when the trial of a change has ended."""
        task = self._running.get(number)
        if task:
            await asyncio.wait([task])

    def _ended(self, number: int, task: asyncio.Task[None]) -> None:
        if self._running.get(number) is task:
            del self._running[number]
        if not task.cancelled() and (error := task.exception()):
            log_texts.console_broke(error)

    async def _try(
        self, store: SqlStore, number: int, settings: MatchSettings, today: date
    ) -> None:
        async with self._one:
            change = await store.read(lambda conn: rows.get(conn, number))
            base = await changes.ground(store, change.base) if change else None
            if change is None or base is None:
                return
            trial = change_trial.Trial(
                files=base.with_files(change.files),
                touched=tuple(change.files),
                questions=change.questions,
                settings=settings,
                today=today,
            )
            try:
                found = await self.run(trial)
            except BotError as error:
                log_texts.console_broke(error)
                found = FAILED
            await store.write(lambda conn: rows.tried(conn, number, change.seen, found))
