"""Pausing an account that its platform refuses as a whole.

A pause lives in the store, so that every process keeps it, and `take_delivery` passes over
paused accounts. When a pause is over, the store hands out one part of the account at a time
until the platform has accepted one: each is a probe, and a refused probe doubles the pause.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from bot import log_texts
from bot.store.api import AccountState, Store
from bot.telemetry import Metrics

#: A paused account is tried again at least this often.
LONGEST_PAUSE = timedelta(hours=1)
#: A pause made by another process is noticed within this many seconds.
REREAD_SECONDS = 5.0

Key = tuple[str, str]


class AccountPauses:
    """Which accounts rest, and for how long.

    Args:
        store: keeps the pauses.
        metrics: `account_paused` is set here.
        first_seconds: length of the first pause; each refused probe doubles it.
        now: the clock, in UTC.
    """

    def __init__(
        self, store: Store, metrics: Metrics, first_seconds: float, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._metrics = metrics
        self._first = timedelta(seconds=first_seconds)
        self._now = now
        self._states: dict[Key, tuple[AccountState, float]] = {}
        self._locks: defaultdict[Key, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def start(self, accounts: Iterable[Key]) -> None:
        """Let paused accounts be probed now: a restart is how most of them are mended.

        Raises `StoreError`.
        """
        for key in accounts:
            state = await self._read(key)
            if state.pauses:
                await self._write(key, replace(state, paused_until=self._now()))

    def resting(self, channel: str, account: str) -> bool:
        """True for a part that was taken just before its account was paused."""
        state, read_at = self._states.get((channel, account), (AccountState(), 0.0))
        # What was read long ago is not believed: another process may have ended the pause.
        fresh = time.monotonic() - read_at < REREAD_SECONDS
        return fresh and state.paused_until is not None and state.paused_until > self._now()

    async def refused(self, channel: str, account: str, reason: str) -> None:
        """Pause the account. Refusals of sends that were under way when the pause began do
        not lengthen it. Raises `StoreError`."""
        key = (channel, account)
        async with self._locks[key]:
            state = await self._read(key)
            now = self._now()
            if state.paused_until and state.paused_until > now:
                return
            # Twelve doublings pass the longest pause already; the cap avoids an overflow.
            until = now + min(self._first * 2 ** min(state.pauses, 12), LONGEST_PAUSE)
            await self._write(key, AccountState(until, reason, state.pauses + 1))
            log_texts.account_paused(channel, account, reason, until)

    async def answered(self, channel: str, account: str) -> None:
        """The platform dealt with a message of this account: a probe ends the pause.

        Raises `StoreError`.
        """
        key = (channel, account)
        state, read_at = self._states.get(key, (AccountState(), float("-inf")))
        if not state.pauses and time.monotonic() - read_at < REREAD_SECONDS:
            return
        async with self._locks[key]:
            state = await self._read(key)
            # While the pause still runs, this was a send from before it, not a probe.
            if state.pauses and (not state.paused_until or state.paused_until <= self._now()):
                await self._write(key, AccountState())
                log_texts.account_resumed(channel, account)

    def degraded(self) -> list[str]:
        """One sentence for each account that rests or is being probed."""
        return [
            f"{channel} {account}: sending is paused ({state.reason}), next try "
            f"{state.paused_until:%Y-%m-%d %H:%M:%S} UTC"
            for (channel, account), (state, _) in self._states.items()
            if state.pauses and state.paused_until
        ]

    async def _read(self, key: Key) -> AccountState:
        state = await self._store.account_state(*key)
        self._remember(key, state)
        return state

    async def _write(self, key: Key, state: AccountState) -> None:
        await self._store.pause_account(*key, state)
        self._remember(key, state)

    def _remember(self, key: Key, state: AccountState) -> None:
        self._states[key] = (state, time.monotonic())
        self._metrics.account_paused.labels(*key).set(1 if state.pauses else 0)
