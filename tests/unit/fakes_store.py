"""An in-memory store for tests of the sending side.

`FakeStore` keeps the promises of `bot.store.api` that sending relies on: order within a
conversation, paused accounts, retry times, dropped later parts, compare-and-set of token
pairs. It holds no SQL and no clock of its own. What sending never calls is not there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.errors import StoreError
from bot.models import DeliveryState, Option, Parsed, Signal
from bot.store.api import (
    Accepted,
    AccountState,
    Claim,
    Closing,
    ConversationKey,
    Delivery,
    Settlement,
    SwitchedOff,
    Takeover,
    TokenAge,
    TokenPair,
)

START = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


async def until(condition: Callable[[], bool]) -> None:
    """Let other tasks run until the condition holds; fails after a second or two."""
    for turn in range(2000):
        if condition():
            return
        await asyncio.sleep(0 if turn < 1000 else 0.001)
    raise AssertionError("the awaited condition never came")


@dataclass
class Clock:
    """A clock that moves only when told."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Row:
    """One outbox row."""

    id: int
    key: ConversationKey
    text: str
    options: tuple[Option, ...]
    window_from: datetime
    created_at: datetime
    reply: int
    state: DeliveryState = DeliveryState.PENDING
    retry_at: datetime | None = None
    in_flight: bool = False
    counted: int = 0
    after_crash: bool = False
    settlements: list[Settlement] = field(default_factory=list)


class FakeStore:
    """Rows in lists. `down` makes every verb raise; `failures` makes the next settles fail."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.rows: list[Row] = []
        self.accounts: dict[tuple[str, str], AccountState] = {}
        self.pauses: list[AccountState] = []
        self.pairs: dict[tuple[str, str], TokenPair] = {}
        self.locks: dict[tuple[str, str], tuple[str, datetime]] = {}
        self.lock_seconds: list[float] = []
        self.open_keys: set[ConversationKey] = set()
        self.alarms: list[tuple[str, str, str]] = []
        self.down = False
        self.failures = 0
        self._attempts = 0

    def _check(self) -> None:
        if self.down:
            raise StoreError

    # -- what tests put in ----------------------------------------------------------------
    def add(
        self,
        *texts: str,
        user: str = "u",
        channel: str = "zalo",
        account: str = "22",
        window_from: datetime | None = None,
        options: tuple[Option, ...] = (),
        after_crash: bool = False,
    ) -> list[Row]:
        """One reply of several parts, options on the last."""
        reply, added = len(self.rows), []
        for number, text in enumerate(texts, 1):
            row = Row(
                id=len(self.rows) + 1,
                key=ConversationKey(channel, account, user),
                text=text,
                options=options if number == len(texts) else (),
                window_from=window_from or self.clock(),
                created_at=self.clock(),
                reply=reply,
                after_crash=after_crash,
            )
            self.rows.append(row)
            added.append(row)
        return added

    # -- sender -----------------------------------------------------------------------------
    async def take_deliveries(self, sender: str, most: int) -> list[Delivery]:
        taken: list[Delivery] = []
        while len(taken) < most and (one := await self.take_delivery(sender)) is not None:
            taken.append(one)
        return taken

    async def take_delivery(self, sender: str) -> Delivery | None:
        await asyncio.sleep(0)
        self._check()
        held: set[ConversationKey] = set()
        for row in self.rows:
            if row.state is not DeliveryState.PENDING or row.key in held:
                continue
            held.add(row.key)
            paused = self.accounts.get((row.key.channel, row.key.account), AccountState())
            if (
                row.in_flight
                or (row.retry_at and row.retry_at > self.clock())
                or (paused.paused_until and paused.paused_until > self.clock())
                or (paused.pauses and any(r.in_flight for r in self._rows_of(row)))
            ):
                continue
            row.in_flight = True
            self._attempts += 1
            return Delivery(
                outbox_id=row.id,
                attempt_id=self._attempts,
                attempt=row.counted + 1,
                key=row.key,
                text=row.text,
                options=row.options,
                window_from=row.window_from,
                created_at=row.created_at,
                after_crash=row.after_crash,
            )
        return None

    def _rows_of(self, row: Row) -> list[Row]:
        mine = (row.key.channel, row.key.account)
        return [r for r in self.rows if (r.key.channel, r.key.account) == mine]

    async def settle(self, delivery: Delivery, settlement: Settlement) -> None:
        await asyncio.sleep(0)
        self._check()
        if self.failures:
            self.failures -= 1
            raise StoreError
        row = self.rows[delivery.outbox_id - 1]
        row.in_flight = False
        row.settlements.append(settlement)
        row.state, row.retry_at = settlement.state, settlement.retry_at
        row.counted += settlement.counted
        if settlement.state in (DeliveryState.DEAD, DeliveryState.DROPPED):
            for later in self.rows[row.id :]:
                if later.reply == row.reply:
                    later.state = DeliveryState.DROPPED

    async def account_state(self, channel: str, account: str) -> AccountState:
        self._check()
        return self.accounts.get((channel, account), AccountState())

    async def pause_account(self, channel: str, account: str, state: AccountState) -> None:
        self._check()
        self.accounts[channel, account] = state
        self.pauses.append(state)

    async def is_open(self, key: ConversationKey) -> bool:
        self._check()
        return key in self.open_keys

    # -- tokens -----------------------------------------------------------------------------
    async def token_pair(self, channel: str, account: str) -> TokenPair | None:
        await asyncio.sleep(0)
        self._check()
        return self.pairs.get((channel, account))

    async def save_token_pair(
        self, channel: str, account: str, pair: TokenPair, *, replaces: str | None = None
    ) -> bool:
        await asyncio.sleep(0)
        self._check()
        assert pair.access_token
        assert pair.refresh_token
        stored = self.pairs.get((channel, account))
        if replaces is not None and (stored.refresh_token if stored else "") != replaces:
            return False
        self.pairs[channel, account] = pair
        return True

    async def lock_tokens(self, channel: str, account: str, holder: str, seconds: float) -> bool:
        self._check()
        owner, until = self.locks.get((channel, account), ("", self.clock()))
        if owner not in ("", holder) and until > self.clock():
            return False
        self.locks[channel, account] = (holder, self.clock() + timedelta(seconds=seconds))
        self.lock_seconds.append(seconds)
        return True

    async def unlock_tokens(self, channel: str, account: str, holder: str) -> None:
        self._check()
        if self.locks.get((channel, account), ("",))[0] == holder:
            del self.locks[channel, account]

    async def raise_alarm(self, channel: str, account: str, kind: str) -> None:
        self._check()
        self.alarms.append((channel, account, kind))

    # -- never called by sending --------------------------------------------------------------
    async def open(self) -> None:
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError

    async def ping(self) -> None:
        raise NotImplementedError

    async def accept(
        self, parsed: Parsed, redacted: Mapping[str, tuple[str, ...]], *, channel: str = ""
    ) -> Accepted:
        raise NotImplementedError

    async def claim(self, worker: str) -> Claim | None:
        raise NotImplementedError

    async def claim_some(self, worker: str, most: int) -> Sequence[Claim]:
        raise NotImplementedError

    async def renew(self, claim: Claim) -> None:
        raise NotImplementedError

    async def close_event(self, claim: Claim, closing: Closing, *, last: bool = False) -> None:
        raise NotImplementedError

    async def release(self, claim: Claim) -> None:
        raise NotImplementedError

    async def replay_dead(self) -> int:
        raise NotImplementedError

    async def apply_signal(self, signal: Signal) -> None:
        raise NotImplementedError

    async def forget(self, channel: str, user: str) -> Mapping[str, int]:
        raise NotImplementedError

    async def ledger(self, day: date) -> Mapping[str, Any]:
        raise NotImplementedError

    async def gauges(self) -> Mapping[str, float]:
        raise NotImplementedError

    async def buttons_refused(self, channel: str, account: str, until: datetime) -> None:
        raise NotImplementedError

    async def take_over(
        self, key: ConversationKey, staff: str, minutes: float, *, force: bool = False
    ) -> Takeover | None:
        raise NotImplementedError

    async def release_conversation(self, key: ConversationKey) -> bool:
        raise NotImplementedError

    async def staff_reply(self, key: ConversationKey, text: str, staff: str) -> int | None:
        raise NotImplementedError

    async def feedback_totals(self, first: date, last: date) -> Sequence[Mapping[str, Any]]:
        raise NotImplementedError

    async def set_switch(self, target: str, *, off: bool, by: str = "") -> bool:
        raise NotImplementedError

    async def switches(self) -> tuple[SwitchedOff, ...]:
        raise NotImplementedError

    async def erase_due(self) -> Mapping[str, int]:
        raise NotImplementedError

    async def settle_simulators(self, own: Sequence[tuple[str, str]]) -> int:
        raise NotImplementedError

    async def token_ages(self) -> tuple[TokenAge, ...]:
        raise NotImplementedError

    async def paused_accounts(self) -> Mapping[tuple[str, str], AccountState]:
        raise NotImplementedError

    async def record_deletion_request(self, code: str, channel: str, app_user: str) -> None:
        raise NotImplementedError

    async def deletion_request(self, code: str) -> Mapping[str, Any] | None:
        raise NotImplementedError
