"""Outbox to platform: takes parts that may leave, sends each, records what became of it.

For every part: is the citizen's window still open? is the account at rest? a token, a place
in the rate, `channel.send`, and the settlement. What is to be tried again goes back to the
store with its time: retries are durable rows, so no retry library loops in memory, and the
rate bucket is a dozen lines. Only writing a settlement is repeated on the spot, for an
unrecorded send would go out twice.

An attempt is committed before this module sees it, and the store takes a silent attempt for
one that a crash cut off. So all waiting before the call is short (`PATIENCE_SECONDS`); a part
that would wait longer is put back uncounted.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot import log_texts
from bot.config_schema import DeliverySettings, Settings
from bot.errors import (
    AccountTrouble,
    RefusedForGood,
    SendError,
    StoreError,
    TokenRefused,
    Unknown,
    WindowClosed,
)
from bot.lane import Lane
from bot.models import DeliveryState
from bot.pauses import AccountPauses
from bot.store.api import Delivery, Settlement, Store
from bot.telemetry import Metrics, correlation
from bot.trace import Trace
from bot.typing_hint import TypingHint
from bot.verdicts import Verdicts
from webhooks.base import Account, OutPart, Receipt
from webhooks.http import CONNECT_SECONDS

#: Longest wait for a token or a place in the rate before a part is put back.
PATIENCE_SECONDS = 3.0
#: When a part is taken again that could not be tried for reasons of our own.
SOON = timedelta(seconds=1)
#: Parts of a channel that no longer exists are given up after this long.
LONGEST_WINDOW = timedelta(days=7)
#: How long an account is sent plain text after its platform refused buttons.
BUTTONS_OFF = timedelta(days=7)
#: Longest pause between two tries to reach the store.
LONGEST_NAP = 5.0


def longest_attempt_seconds(settings: Settings) -> float:
    """How long an attempt can take from `take_delivery` to `settle`, in seconds.

    The store must not take a younger attempt for one that a crash cut off.
    """
    timeouts = (settings.channels.zalo, settings.channels.messenger)
    call = CONNECT_SECONDS + max(channel.timeout_seconds for channel in timeouts)
    return 3 * PATIENCE_SECONDS + 2 * call + 5


class _NotNow(Exception):
    """The part could not be tried for reasons of our own, named by the first argument."""


@dataclass(slots=True)
class _Flight:
    """Whether the platform may have the part already."""

    called: bool = False


class Dispatcher:
    """Sends what the store hands out, several parts at a time.

    Args:
        store: hands out parts and takes settlements.
        lanes: the channels by name.
        settings: the `delivery` section.
        metrics: deliveries, retries and times are counted here.
        hint: is told when a part has left, None without typing hints.
        trace: writes the log lines of each attempt.
        now: the clock, in UTC.
        jitter: a number between 0 and its argument; evenly spread by default.
    """

    def __init__(
        self,
        store: Store,
        lanes: Mapping[str, Lane],
        settings: DeliverySettings,
        metrics: Metrics,
        *,
        hint: TypingHint | None = None,
        trace: Trace | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        jitter: Callable[[float], float] = lambda top: secrets.SystemRandom().uniform(0, top),
    ) -> None:
        self._store = store
        self._lanes = lanes
        self._settings = settings
        self._metrics = metrics
        self._hint = hint
        self._trace = trace or Trace()
        self._now = now
        self._verdicts = Verdicts(settings, metrics, now, jitter)
        self._sender = uuid.uuid4().hex
        self._pauses = AccountPauses(store, metrics, settings.account_probe_seconds, now)
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._wake = asyncio.Event()
        self._stopping = False
        self._runner: asyncio.Task[None] | None = None
        self._flights: set[asyncio.Task[None]] = set()
        #: Flights whose outcome is known and being written: a stop lets them finish.
        self._landing: set[asyncio.Task[None] | None] = set()

    # -- life -----------------------------------------------------------------------------
    async def start(self) -> None:
        """Begin sending in the background. Raises `StoreError`."""
        await self._pauses.start(
            (name, account)
            for name, lane in self._lanes.items()
            for account in lane.channel.accounts
        )
        self._runner = asyncio.create_task(self._run())

    def wake(self) -> None:
        """There may be something to send: do not wait for the next look."""
        self._wake.set()

    async def stop(self, drain_seconds: float = 10) -> None:
        """Take no more parts and finish those in flight.

        What is still in flight after `drain_seconds` is cut off and recorded as unknown.
        """
        self._stopping = True
        self._wake.set()
        if self._runner is None:
            return
        _, late = await asyncio.wait({self._runner}, timeout=drain_seconds)
        if late and self._flights:
            log_texts.drain_cut_short(len(self._flights))
        for task in (*late, *(self._flights - self._landing)):
            task.cancel()
        await asyncio.gather(self._runner, *self._flights, return_exceptions=True)

    def degraded(self) -> list[str]:
        """Paused accounts and token trouble, one sentence each."""
        found = self._pauses.degraded()
        for lane in self._lanes.values():
            found += lane.tokens.degraded()
        return found

    async def _run(self) -> None:
        while not self._stopping:
            await self._slots.acquire()
            places = 1
            while not self._slots.locked():
                await self._slots.acquire()
                places += 1
            deliveries = await self._take(places)
            for _ in range(places - len(deliveries)):
                self._slots.release()
            for delivery in deliveries:
                task = asyncio.create_task(self._deliver(delivery))
                self._flights.add(task)
                task.add_done_callback(self._landed)
        if self._flights:
            await asyncio.wait(set(self._flights))

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flights.discard(task)
        self._landing.discard(task)
        self._slots.release()
        self._wake.set()  # the next part of the same conversation may leave now

    async def _take(self, most: int) -> Sequence[Delivery]:
        """The next parts; () when stopping, or when a place has become free meanwhile."""
        nap = self._settings.poll_seconds
        while not self._stopping:
            self._wake.clear()
            try:
                deliveries = await self._store.take_deliveries(self._sender, most)
            except Exception as error:
                log_texts.store_unavailable("sender", error, nap)
                await asyncio.sleep(nap)
                nap = min(nap * 2, LONGEST_NAP)
                continue
            if deliveries:
                return deliveries
            nap = self._settings.poll_seconds
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), nap)
            if not self._slots.locked():
                break  # look again for all places that are free now
        return ()

    # -- one part ---------------------------------------------------------------------------
    async def _deliver(self, delivery: Delivery) -> None:
        flight = _Flight()
        with correlation(self._trace.name_for(delivery)):
            self._trace.attempt(delivery)
            if delivery.after_crash:
                self._metrics.resent_after_crash.labels(delivery.key.channel).inc()
            try:
                settlement = await self._outcome(delivery, flight)
            except asyncio.CancelledError:
                cut_off = (
                    Settlement(DeliveryState.UNKNOWN, "cut_off_by_stop")
                    if flight.called
                    else self._verdicts.later(timedelta(), "stopped")
                )
                await self._settle(delivery, cut_off)
                raise
            await self._settle(delivery, settlement)

    async def _outcome(self, delivery: Delivery, flight: _Flight) -> Settlement:
        """Try once, and turn whatever happens into a settlement."""
        channel, account = delivery.key.channel, delivery.key.account
        lane = self._lanes.get(channel)
        window = lane.channel.limits.window if lane else LONGEST_WINDOW
        if self._now() > delivery.window_from + window:
            return self._verdicts.too_late(delivery)
        try:
            if self._pauses.resting(channel, account):
                return self._verdicts.later(SOON, "account_paused")
            if lane is None or account not in lane.channel.accounts:
                raise AccountTrouble("not among the configured accounts", code="not configured")
            receipt = await self._send(delivery, lane, lane.channel.accounts[account], flight)
            await self._tell(self._pauses.answered(channel, account))
            if receipt.buttons_refused:
                until = self._now() + BUTTONS_OFF
                await self._tell(self._store.buttons_refused(channel, account, until))
                log_texts.buttons_refused(channel, account)
            return Settlement(DeliveryState.ACCEPTED, message_id=receipt.message_id)
        except (AccountTrouble, TokenRefused) as error:
            await self._tell(self._pauses.refused(channel, account, error.code or str(error)))
            return self._verdicts.later(SOON, error.code or "account_refused")
        except WindowClosed:
            await self._tell(self._pauses.answered(channel, account))
            return self._verdicts.too_late(delivery)
        except RefusedForGood as error:
            await self._tell(self._pauses.answered(channel, account))
            return self._verdicts.dead(delivery, error.code or "refused")
        except Unknown as error:
            return self._verdicts.unknown(delivery, error.code or "timeout")
        except SendError as error:
            return self._verdicts.again(delivery, error.code or "refused")
        except _NotNow as reason:
            return self._verdicts.later(SOON, str(reason))
        except StoreError as error:
            log_texts.store_unavailable("sender", error, SOON.total_seconds())
            return self._verdicts.later(SOON, "store")
        except Exception as error:
            log_texts.send_broke(channel, delivery.outbox_id, error)
            # Behind the call nobody can say whether the platform has the part.
            if flight.called:
                return self._verdicts.unknown(delivery, "fault")
            return self._verdicts.again(delivery, "fault")

    async def _send(
        self, delivery: Delivery, lane: Lane, account: Account, flight: _Flight
    ) -> Receipt:
        # Choices stand in the text, too: without buttons nothing is lost.
        options = delivery.options if delivery.buttons else ()
        part = OutPart(delivery.text, options, f"out:{delivery.outbox_id}")
        token = await self._in_time(lane.tokens.token(account))
        await self._turn(lane, account)
        try:
            flight.called = True
            return await self._call(lane, account, delivery, part, token)
        except TokenRefused:
            flight.called = False
        token = await self._in_time(lane.tokens.refresh(account, token))
        flight.called = True
        return await self._call(lane, account, delivery, part, token)

    async def _call(
        self, lane: Lane, account: Account, delivery: Delivery, part: OutPart, token: str
    ) -> Receipt:
        started = time.perf_counter()
        try:
            return await lane.channel.send(account, delivery.key.user, part, token)
        finally:
            took = time.perf_counter() - started
            self._metrics.send_seconds.labels(delivery.key.channel).observe(took)

    async def _turn(self, lane: Lane, account: Account) -> None:
        wait = lane.reserve(account, PATIENCE_SECONDS)
        if wait is None:
            raise _NotNow("rate")
        await asyncio.sleep(wait)

    async def _in_time(self, token: Awaitable[str]) -> str:
        try:
            return await asyncio.wait_for(token, PATIENCE_SECONDS)
        except TimeoutError:
            raise _NotNow("token") from None

    # -- settlements --------------------------------------------------------------------------
    async def _settle(self, delivery: Delivery, settlement: Settlement) -> None:
        """Record the outcome, however long the store takes: unrecorded, it would be resent."""
        self._trace.receipt(delivery, settlement)
        if settlement.state is not DeliveryState.PENDING:
            channel = delivery.key.channel
            self._metrics.deliveries.labels(channel, settlement.state.value).inc()
            if settlement.state is DeliveryState.ACCEPTED:
                took = (self._now() - delivery.created_at).total_seconds()
                self._metrics.delivery_seconds.labels(channel).observe(max(0.0, took))
                if self._hint:
                    self._hint.part_left(delivery.key)
        self._landing.add(asyncio.current_task())
        nap, tries = self._settings.poll_seconds, 0
        while True:
            try:
                return await self._store.settle(delivery, settlement)
            except Exception as error:
                tries += 1
                log_texts.store_unavailable("sender, for a settlement,", error, nap)
                # A stop must end; a fault that is not the store's will not mend by waiting.
                if tries >= 5 and (self._stopping or not isinstance(error, StoreError)):
                    return None
            await asyncio.sleep(nap)
            nap = min(nap * 2, LONGEST_NAP)

    async def _tell(self, note: Coroutine[None, None, None]) -> None:
        """Note something about the account; a store that is down must not cost the part."""
        try:
            await note
        except StoreError as error:
            log_texts.store_unavailable("sender, for an account,", error, 0)


__all__ = ["Dispatcher", "Lane", "TypingHint", "longest_attempt_seconds"]
