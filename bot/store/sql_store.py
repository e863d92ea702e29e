"""`SqlStore`: the `Store` of `bot.store.api` on SQLite or PostgreSQL.

This file only says where each verb runs. Writers: SQLite has one for everything; PostgreSQL
has one that groups webhook bodies, and a few threads for work that locks rows. Reads have
connections of their own and never wait for a writer.

One file although it is long: it is the one place where a verb meets its thread, a few lines each;
the queries themselves stand in the modules beside it, by stage.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot import texts
from bot.errors import StoreError
from bot.models import Parsed, Signal
from bot.split import split
from bot.store import (
    accounts,
    claims,
    counts,
    erasure,
    feedback,
    outbox,
    recovery,
    reports,
    simulated,
    takeovers,
)
from bot.store import conversations as people
from bot.store import switches as switching
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
from bot.store.engine import Database
from bot.store.inbox import Body, Inbox
from bot.store.publishing import PublishedKnowledge
from bot.store.tables import heartbeat
from bot.store.values import to_ms
from bot.store.writer import Writer

T = TypeVar("T")

#: Threads that lock rows on PostgreSQL; SQLite has one writer for everything.
_POSTGRES_THREADS = 4
_READERS = 2
#: Webhook bodies that wait to be written; further ones hear 503 and come again.
MOST_WAITING = 4096
#: A store that has not written for so long cannot take events "right now".
_PING_SECONDS = 5.0


class SqlStore:
    """See `bot.store.api.Store` for the verbs, `open_store` for the arguments."""

    def __init__(
        self,
        url: str,
        *,
        batch_size: int,
        lease_seconds: float,
        takeover_minutes: float,
        crash_resend_seconds: float,
        in_flight_seconds: float,
        serves: bool,
    ) -> None:
        self.database = Database(url)
        self._lease_ms = round(lease_seconds * 1000)
        self._takeover_ms = round(takeover_minutes * 60_000)
        self._resend_ms = round(crash_resend_seconds * 1000)
        self._in_flight_ms = round(in_flight_seconds * 1000)
        self._serves = serves
        self._swept_at = 0.0
        merge = Inbox(self.database, self._takeover_ms).accept
        self.writer = Writer(
            self.database,
            "store-accept",
            batch_size=batch_size,
            merge=merge,
            most_waiting=MOST_WAITING,
        )
        self._work = self.writer
        if not self.database.is_sqlite:
            self._work = Writer(
                self.database, "store-work", batch_size=1, threads=_POSTGRES_THREADS
            )
        self._readers: ThreadPoolExecutor | None = None
        #: Published snapshots and which of them is active.
        self.knowledge = PublishedKnowledge(self.database, self._read, self._work.run)

    async def open(self) -> None:
        """Connect, migrate, and clear what a crash left behind."""
        try:
            await asyncio.to_thread(self._open)
        except StoreError:
            self.database.dispose()
            raise
        except (SQLAlchemyError, OSError) as error:
            self.database.dispose()
            raise StoreError(f"The store cannot be opened: {type(error).__name__}.") from error
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="store-read")
        self.writer.start()
        if self._work is not self.writer:
            self._work.start()

    def _open(self) -> None:
        db = self.database
        db.make_folder()
        if self._serves:
            db.own()
        db.migrate()
        if not self._serves:
            return
        with db.engine.begin() as conn:
            if db.is_sqlite:
                claims.clear_claims(conn)
            recovery.recover(conn, db, self._resend_ms, all_attempts=db.is_sqlite)

    async def close(self) -> None:
        """Finish the queue and disconnect."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self.writer.stop()
        if self._work is not self.writer:
            self._work.stop()
        if self._readers is not None:
            self._readers.shutdown()
            self._readers = None
        self.database.dispose()

    async def ping(self) -> None:
        """Write one row; raises `StoreError` when that fails or takes longer than 5 s."""
        try:
            async with asyncio.timeout(_PING_SECONDS):
                await self.writer.run(self._beat)
        except TimeoutError as error:
            raise StoreError("The store takes too long to write.") from error

    def _beat(self, conn: Connection) -> None:
        at = self.database.now(conn)
        insert = self.database.insert(heartbeat)
        conn.execute(
            insert.on_conflict_do_update(index_elements=["id"], set_={"at": at}),
            {"id": 1, "at": at},
        )

    # -- webhooks -----------------------------------------------------------------------
    async def accept(
        self, parsed: Parsed, redacted: Mapping[str, tuple[str, ...]], *, channel: str = ""
    ) -> Accepted:
        """Store one webhook body in a group commit.

        `channel` names the channel for counts of bodies that hold nothing but ignored events.
        """
        result: Accepted = await self.writer.add(Body(parsed, redacted, channel))
        return result

    # -- worker -------------------------------------------------------------------------
    async def claim(self, worker: str) -> Claim | None:
        """The conversation whose oldest open event waits longest, or None."""
        self._require_owner()
        return await self._work.run(
            lambda conn: claims.claim(conn, self.database, worker, self._lease_ms)
        )

    async def claim_some(self, worker: str, most: int) -> list[Claim]:
        """Up to `most` conversations with one commit."""
        self._require_owner()
        return await self._work.run(
            lambda conn: claims.claim_some(conn, self.database, worker, self._lease_ms, most)
        )

    async def renew(self, claim: Claim) -> None:
        """Extend the lease. Raises `ClaimLost`."""
        await self._work.run(lambda conn: claims.renew(conn, self.database, claim, self._lease_ms))

    async def close_event(self, claim: Claim, closing: Closing, *, last: bool = False) -> None:
        """Write outcome, outbox rows and conversation together. Raises `ClaimLost`."""
        await self._work.run(
            lambda conn: claims.close_event(conn, self.database, claim, closing, last=last)
        )

    async def release(self, claim: Claim) -> None:
        """Give the conversation back."""
        await self._work.run(lambda conn: claims.release(conn, claim))

    async def is_open(self, key: ConversationKey) -> bool:
        """True while the conversation has an unanswered event or an unsent part."""
        return await self._read(lambda conn: people.is_open(conn, key))

    # -- sender -------------------------------------------------------------------------
    async def take_delivery(self, sender: str) -> Delivery | None:
        """Commit an attempt row for the next part that may leave, and return it."""
        taken = await self.take_deliveries(sender, 1)
        return taken[0] if taken else None

    async def take_deliveries(self, sender: str, most: int) -> list[Delivery]:
        """Commit an attempt row for each of the next parts that may leave, and return them."""
        self._require_owner()
        return await self._work.run(partial(self._take, sender, most))

    def _take(self, sender: str, most: int, conn: Connection) -> list[Delivery]:
        now = self.database.now(conn)
        if now - self._swept_at >= 1000:
            # A sender that died elsewhere, or a coroutine of ours that ended without settling.
            self._swept_at = now
            recovery.recover(conn, self.database, self._resend_ms, all_attempts=False)
        return outbox.take_deliveries(conn, self.database, sender, self._in_flight_ms, most)

    async def settle(self, delivery: Delivery, settlement: Settlement) -> None:
        """Record what the platform said about an attempt."""
        await self._work.run(lambda conn: outbox.settle(conn, self.database, delivery, settlement))

    async def account_state(self, channel: str, account: str) -> AccountState:
        """Whether the account is paused."""
        return await self._read(lambda conn: accounts.account_state(conn, channel, account))

    async def pause_account(self, channel: str, account: str, state: AccountState) -> None:
        """Pause the account (or clear the pause with `AccountState()`)."""
        await self._work.run(
            lambda conn: accounts.pause_account(conn, self.database, channel, account, state)
        )

    async def replay_dead(self) -> int:
        """Put dead-lettered parts back; returns how many."""
        return await self._work.run(recovery.replay_dead)

    # -- tokens -------------------------------------------------------------------------
    async def token_pair(self, channel: str, account: str) -> TokenPair | None:
        """The stored pair, None before the first."""
        return await self._read(lambda conn: accounts.token_pair(conn, channel, account))

    async def save_token_pair(
        self, channel: str, account: str, pair: TokenPair, *, replaces: str | None = None
    ) -> bool:
        """Commit a new pair; see `Store.save_token_pair`."""
        return await self._work.run(
            lambda conn: accounts.save_token_pair(
                conn, self.database, channel, account, pair, replaces
            )
        )

    async def lock_tokens(self, channel: str, account: str, holder: str, seconds: float) -> bool:
        """Take the refresher's lock for `seconds`; False while another holds it."""
        return await self._work.run(
            lambda conn: accounts.lock_tokens(
                conn, self.database, channel, account, holder, seconds
            )
        )

    async def unlock_tokens(self, channel: str, account: str, holder: str) -> None:
        """Give the refresher's lock back."""
        await self._work.run(lambda conn: accounts.unlock_tokens(conn, channel, account, holder))

    # -- switches -------------------------------------------------------------------------
    async def set_switch(self, target: str, *, off: bool, by: str = "") -> bool:
        """Switch a target off or on; False when it was so already."""
        return await self._work.run(
            lambda conn: switching.set_switch(conn, self.database, target, off, by)
        )

    async def switches(self) -> tuple[SwitchedOff, ...]:
        """Everything that is off."""
        return await self._read(switching.switched_off)

    # -- people and reports ---------------------------------------------------------------
    async def apply_signal(self, signal: Signal) -> None:
        """Apply one signal outside a webhook (command line, console)."""
        await self._work.run(
            lambda conn: people.apply_signal(
                conn, self.database, signal, self.database.now(conn), self._takeover_ms
            )
        )

    async def take_over(
        self, key: ConversationKey, staff: str, minutes: float, *, force: bool = False
    ) -> Takeover | None:
        """Let one of our staff hold the conversation; see `Store.take_over`."""
        return await self._work.run(
            lambda conn: takeovers.take_over(conn, self.database, key, staff, minutes, force=force)
        )

    async def release_conversation(self, key: ConversationKey) -> bool:
        """Let the bot answer again; its next reply says so. False when nobody held it."""
        return await self._work.run(lambda conn: takeovers.release(conn, self.database, key))

    async def staff_reply(self, key: ConversationKey, text: str, staff: str) -> int | None:
        """Send a person's message; see `Store.staff_reply`."""
        parts = split(text, takeovers.PART_LENGTH)
        minutes = self._takeover_ms / 60_000

        def send(conn: Connection) -> int | None:
            takeovers.take_over(conn, self.database, key, staff, minutes, force=True)
            return takeovers.staff_reply(conn, self.database, key, parts, staff, texts.STAFF_HERE)

        return await self._work.run(send)

    async def feedback_totals(self, first: date, last: date) -> list[Mapping[str, Any]]:
        """Verdicts of some days; see `bot.store.feedback.totals`."""
        return await self._read(lambda conn: feedback.totals(conn, first, last))

    async def buttons_refused(self, channel: str, account: str, until: datetime) -> None:
        """Remember that the platform refuses buttons on this account, until then."""
        await self._work.run(
            lambda conn: accounts.buttons_refused(
                conn, self.database, channel, account, to_ms(until)
            )
        )

    async def forget(self, channel: str, user: str) -> Mapping[str, int]:
        """Delete everything about one citizen; returns rows deleted by table."""
        return await self._work.run(lambda conn: people.forget(conn, self.database, channel, user))

    async def expire(self, before: datetime) -> Mapping[str, int]:
        """Delete closed events that arrived before `before`, with their replies.

        Conversations left without events go too. Returns rows deleted by table.
        """
        return await self._work.run(lambda conn: people.expire(conn, self.database, to_ms(before)))

    async def erase_due(self) -> Mapping[str, int]:
        """Delete what citizens asked to be erased and of which nothing must leave any more."""
        return await self._work.run(lambda conn: erasure.erase_due(conn, self.database))

    async def settle_simulators(self, own: Sequence[tuple[str, str]]) -> int:
        """Settle what simulators of earlier starts left; see `bot.store.simulated`."""
        return await self._work.run(
            lambda conn: simulated.settle_simulators(conn, self.database, own)
        )

    async def ledger(self, day: date) -> Mapping[str, Any]:
        """Balancing totals of one day (UTC+7)."""
        return await self._read(lambda conn: reports.ledger(conn, day))

    async def gauges(self) -> Mapping[str, float]:
        """Current depths for the metrics."""
        return await self._read(lambda conn: reports.gauges(conn, self.database))

    async def token_ages(self) -> tuple[TokenAge, ...]:
        """Age of every stored token pair."""
        return await self._read(reports.token_ages)

    async def paused_accounts(self) -> Mapping[tuple[str, str], AccountState]:
        """Every account that rests or is being probed."""
        return await self._read(reports.paused_accounts)

    async def raise_alarm(self, channel: str, account: str, kind: str) -> None:
        """Record that something needs the operator."""
        await self._work.run(
            lambda conn: counts.raise_alarm(
                conn, self.database, self.database.now(conn), channel, account, kind
            )
        )

    async def alarms(self, day: date) -> list[dict[str, Any]]:
        """What needed the operator on one day (UTC+7)."""
        return await self._read(lambda conn: reports.list_alarms(conn, day))

    async def record_deletion_request(self, code: str, channel: str, app_user: str) -> None:
        """Store a data-deletion request under its confirmation code."""
        await self._work.run(
            lambda conn: reports.record_deletion_request(
                conn, self.database, code, channel, app_user
            )
        )

    async def deletion_request(self, code: str) -> Mapping[str, Any] | None:
        """The request's state, None when unknown."""
        return await self._read(lambda conn: reports.deletion_request(conn, code))

    # -- the console's own tables -----------------------------------------------------------
    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction; returns after the commit. It may run twice."""
        return await self._work.run(work)

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run a query on a connection of its own that never waits for a writer."""
        return await self._read(query)

    # -- helpers --------------------------------------------------------------------------
    def _require_owner(self) -> None:
        if not (self._serves and self.database.owned):
            raise StoreError("This store was opened for looking, not for serving.")

    async def _read(self, query: Callable[[Connection], T]) -> T:
        if self._readers is None:
            raise StoreError("The store is closed.")
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._readers, self._query, query)
        except SQLAlchemyError as error:
            raise StoreError(f"The store cannot read: {type(error).__name__}.") from error

    def _query(self, query: Callable[[Connection], T]) -> T:
        with self.database.reading() as conn:
            return query(conn)


def open_store(
    url: str,
    *,
    batch_size: int = 256,
    lease_seconds: float = 15.0,
    takeover_minutes: float = 60.0,
    crash_resend_seconds: float = 10.0,
    in_flight_seconds: float = 30.0,
    serves: bool = True,
) -> SqlStore:
    """The store behind `url`; call its `open()` before use.

    Args:
        url: `sqlite:///var/bot.db` (its folder is created) or `postgresql://…`.
        batch_size: most webhook bodies in one commit.
        lease_seconds: how long a claim lasts without a heartbeat.
        takeover_minutes: how long the bot is silent after a person answered.
        crash_resend_seconds: wait for an echo before a cut-off part is sent again.
        in_flight_seconds: after so long without a settlement an attempt counts as cut off;
            must be longer than the longest send timeout.
        serves: True for the service; False for a command that only looks or changes rows
            beside a running service (it may not claim or send, and clears nothing).

    Raises `StoreError` for an address that is no supported database.
    """
    return SqlStore(
        url,
        batch_size=batch_size,
        lease_seconds=lease_seconds,
        takeover_minutes=takeover_minutes,
        crash_resend_seconds=crash_resend_seconds,
        in_flight_seconds=in_flight_seconds,
        serves=serves,
    )
