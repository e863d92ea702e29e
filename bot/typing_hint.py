"""Shows "typing" when an answer takes longer than a moment.

It is only a courtesy: it keeps no rows, never repeats, and its failures are counted and
forgotten.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from bot.lane import Lane
from bot.store.api import ConversationKey, Store
from bot.telemetry import Metrics


class TypingHint:
    """One timer for each conversation that waits for its answer.

    Args:
        store: tells whether the conversation still waits.
        lanes: the channels by name; those without a typing call are passed over.
        metrics: `typing_total` is counted here.
        after_seconds: how long a citizen waits before the hint.
        most: timers at the same time; further conversations get no hint.
    """

    def __init__(
        self,
        store: Store,
        lanes: Mapping[str, Lane],
        metrics: Metrics,
        after_seconds: float = 1,
        most: int = 1000,
    ) -> None:
        self._store = store
        self._lanes = lanes
        self._metrics = metrics
        self._after = after_seconds
        self._most = most
        self._timers: dict[ConversationKey, asyncio.Task[None]] = {}

    def event_arrived(self, key: ConversationKey) -> None:
        """Start the timer of a conversation, unless one runs. Call after the commit."""
        lane = self._lanes.get(key.channel)
        if lane is None or not lane.shows_typing or key in self._timers:
            return
        if len(self._timers) >= self._most:
            self._count(key, "skipped")
            return
        self._timers[key] = asyncio.create_task(self._wait(key, lane))

    def part_left(self, key: ConversationKey) -> None:
        """Something reached the citizen: no hint is needed any more."""
        timer = self._timers.pop(key, None)
        if timer:
            timer.cancel()
            self._count(key, "not_needed")

    async def stop(self) -> None:
        """Cancel every timer."""
        timers, self._timers = list(self._timers.values()), {}
        for timer in timers:
            timer.cancel()
        await asyncio.gather(*timers, return_exceptions=True)

    async def _wait(self, key: ConversationKey, lane: Lane) -> None:
        try:
            await asyncio.sleep(self._after)
            account = lane.channel.accounts.get(key.account)
            if account is None or not await self._store.is_open(key):
                self._count(key, "not_needed")
                return
            await lane.channel.typing(account, key.user, await lane.tokens.token(account))
            self._count(key, "shown")
        except Exception:
            # Whatever it was: a courtesy must not bring anything down.
            self._count(key, "failed")
        finally:
            if self._timers.get(key) is asyncio.current_task():
                del self._timers[key]

    def _count(self, key: ConversationKey, outcome: str) -> None:
        self._metrics.typing.labels(key.channel, outcome).inc()
