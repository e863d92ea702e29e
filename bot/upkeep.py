"""What a worker process does besides answering: deletes what must not stay.

Two clocks: erasures that citizens asked for go within seconds of their confirmation leaving,
what is past its retention within the hour. Both are idempotent, so any number of processes may
do them side by side.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bot import log_texts
from bot.errors import StoreError

#: How often confirmed erasures are looked for.
ERASURE_SECONDS = 3.0
#: How often messages past their retention are looked for.
RETENTION_SECONDS = 3600.0


class Deletes(Protocol):
    """The part of the store that deletes."""

    async def erase_due(self) -> Mapping[str, int]:
        """Delete what citizens asked to be erased."""

    async def expire(self, before: datetime) -> Mapping[str, int]:
        """Delete closed events that arrived before."""


class Upkeep:
    """Runs both clocks until cancelled.

    Args:
        store: what deletes.
        kept: how long messages are kept.
        now: the clock, in UTC.
    """

    def __init__(
        self,
        store: Deletes,
        kept: timedelta,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._kept = kept
        self._now = now
        self._next_retention = datetime.min.replace(tzinfo=UTC)

    async def turn(self) -> None:
        """Do what is due now. Raises `StoreError`."""
        erased = await self._store.erase_due()
        if any(erased.values()):
            log_texts.erased(erased)
        if self._now() >= self._next_retention:
            await self._store.expire(self._now() - self._kept)
            self._next_retention = self._now() + timedelta(seconds=RETENTION_SECONDS)

    async def run(self) -> None:
        """Take turns until cancelled; a store that is away is asked again at the next one."""
        while True:
            try:
                await self.turn()
            except StoreError as error:
                log_texts.store_unavailable("upkeep", error, ERASURE_SECONDS)
            await asyncio.sleep(ERASURE_SECONDS)
