"""Claim, answer, close: turns open events into outcomes, one conversation at a time.

    claim -> for each event: silent? rate? -> respond (pure, in a thread) -> cut -> close

Every event gets exactly one outcome here, also when answering it fails. What happens to the
reply afterwards is the dispatcher's business.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot import handover, texts
from bot.bucket import Bucket
from bot.errors import ClaimLost, StoreError
from bot.models import Conversation, Option, Outcome, Reply
from bot.store.api import Claim, Closing, InboxEvent, Store
from bot.telemetry import correlation
from bot.trace import Trace

log = logging.getLogger(__name__)

Respond = Callable[[InboxEvent, Conversation, datetime], tuple[Reply, Conversation]]
Cut = Callable[[str, Sequence[str], Sequence[Option]], list[str]]

TAKEOVER = "takeover"
RATE_LIMITED = "rate_limited"
INTERNAL_ERROR = "internal_error"
#: `Conversation.notes` key that marks: the note about the limit was given, and no message has
#: been allowed since.
RATE_NOTE = "rate_limited"

_LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
_LONGEST_BACKOFF = 5.0


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """Numbers of config.yaml that the worker needs.

    `refill_seconds` is the time in which one more message is allowed.
    """

    concurrency: int = 4
    poll_seconds: float = 0.2
    lease_seconds: float = 15.0
    burst: int = 20
    refill_seconds: float = 3.0


class Worker:
    """Works on up to `settings.concurrency` conversations at a time.

    Args:
        store: where events come from and outcomes go.
        respond: the pure answering function; runs in a thread, off the event loop.
        cut: cuts a reply's parts to the size of a channel.
        clock: the present, aware.
        settings: see `WorkerSettings`.
        sorry_text: what a citizen reads when answering failed; names the hotline.
        name: who holds the claims, unique per process.
        wake: set by whoever stored an event in this process; the worker also polls.
        after_close: called when a reply was stored, to wake the sender.
        snapshot: hash of the knowledge that is live, recorded with each reply.
        observe: told of each closed event, for the metrics: channel, closing, seconds it took.
        trace: writes the log line of each closed event.
    """

    def __init__(
        self,
        store: Store,
        respond: Respond,
        cut: Cut,
        *,
        clock: Callable[[], datetime],
        settings: WorkerSettings,
        sorry_text: str,
        name: str = "worker",
        wake: asyncio.Event | None = None,
        after_close: Callable[[], None] = lambda: None,
        snapshot: Callable[[], str] = lambda: "",
        observe: Callable[[str, Closing, float], None] = lambda _channel, _closing, _seconds: None,
        trace: Trace | None = None,
    ) -> None:
        self._store = store
        self._respond = respond
        self._cut = cut
        self._clock = clock
        self._settings = settings
        self._sorry_text = sorry_text
        self._name = name
        self.wake = wake or asyncio.Event()
        self._after_close = after_close
        self._snapshot = snapshot
        self._observe = observe
        self._trace = trace or Trace()
        self._stopping = asyncio.Event()
        self._backoff = settings.poll_seconds
        self._pool: ThreadPoolExecutor | None = None

    async def run(self) -> None:
        """Work until `stop` is called; returns when every conversation has been given back."""
        self._pool = ThreadPoolExecutor(self._settings.concurrency, thread_name_prefix="answer")
        try:
            async with asyncio.TaskGroup() as tasks:
                await self._take(tasks)
        finally:
            self._pool.shutdown(wait=False)
            self._pool = None

    def stop(self) -> None:
        """Take no more conversations and end after the events that are being answered."""
        self._stopping.set()
        self.wake.set()

    async def _take(self, tasks: asyncio.TaskGroup) -> None:
        """Claim for every free place with one commit; one call instead of one per place."""
        free = asyncio.Semaphore(self._settings.concurrency)
        while not self._stopping.is_set():
            await free.acquire()
            places = 1
            while not free.locked():
                await free.acquire()
                places += 1
            claims = await self._claims(places)
            for _ in range(places - len(claims)):
                free.release()
            for claim in claims:
                tasks.create_task(self._hold(claim)).add_done_callback(lambda _: free.release())
            if not claims:
                await self._idle()

    async def _claims(self, most: int) -> Sequence[Claim]:
        if self._stopping.is_set():
            return ()
        try:
            claims = await self._store.claim_some(self._name, most)
        except Exception as error:
            await self._trouble(error)
            return ()
        self._backoff = self._settings.poll_seconds
        return claims

    async def _hold(self, claim: Claim) -> None:
        """Work on one conversation; whatever goes wrong there ends there."""
        try:
            await self.work_on(claim)
        except ClaimLost:
            log.warning("a conversation passed to another worker; nothing was written")
        except Exception as error:
            await self._trouble(error)

    async def _trouble(self, error: Exception) -> None:
        """Say what happened and wait, longer from time to time."""
        backoff = self._backoff
        self._backoff = min(backoff * 2, _LONGEST_BACKOFF)
        if isinstance(error, StoreError):
            log.error("the store does not answer, waiting %.1f s: %s", backoff, error)
        else:
            log.error("the worker met an unexpected error and goes on", exc_info=error)
        await self._pause(backoff)

    async def step(self, name: str) -> bool:
        """Claim one conversation and close its open events; False when there was none.

        Raises as `work_on`.
        """
        claim = await self._store.claim(name)
        if claim is None:
            return False
        await self.work_on(claim)
        return True

    async def work_on(self, claim: Claim) -> None:
        """Close the open events of a conversation and give it back.

        Raises `ClaimLost` when the claim passed to another worker meanwhile, and `StoreError`.
        """
        heartbeat = asyncio.create_task(self._keep(claim))
        given_back = False
        try:
            given_back = await self._work(claim, heartbeat)
        finally:
            heartbeat.cancel()
            with contextlib.suppress(asyncio.CancelledError, StoreError):
                await heartbeat
            # On a lost claim this changes nothing; when the store is gone the lease runs out.
            if not given_back:
                with contextlib.suppress(StoreError):
                    await self._store.release(claim)

    async def _work(self, claim: Claim, heartbeat: asyncio.Task[None]) -> bool:
        """Close the claim's events; True when the last one gave the conversation back."""
        conversation = claim.conversation
        bucket = None
        if claim.rate_tokens is not None and claim.rate_at is not None:
            bucket = Bucket(claim.rate_tokens, claim.rate_at)
        for event in claim.events:
            if self._stopping.is_set():
                return False
            if heartbeat.done() and not heartbeat.cancelled():
                heartbeat.result()
            started = time.perf_counter()
            with correlation(self._trace.name_of(event.event)):
                closing, bucket = await self._decide(claim, event, conversation, bucket)
                last = event is claim.events[-1]
                closing = await self._close(claim, closing, conversation, last=last)
            conversation = closing.conversation
            took = time.perf_counter() - started
            self._observe(claim.key.channel, closing, took)
            self._trace.answered(event.event, closing, took)
            if closing.parts:
                self._after_close()
        return bool(claim.events)

    async def _close(
        self, claim: Claim, closing: Closing, before: Conversation, *, last: bool
    ) -> Closing:
        """Close the event; an outcome that cannot be stored gives way to an apology.

        Raises `ClaimLost`, and `StoreError` when the store takes nothing at all.
        """
        try:
            await self._store.close_event(claim, closing, last=last)
        except ClaimLost:
            raise
        except StoreError:
            await self._store.ping()
            # The store is well, so it is this outcome: trying it again would never end.
            log.exception("the outcome of event %d could not be stored", closing.event_id)
            closing = self._sorry(closing.event_id, before, closing.rate_tokens, closing.rate_at)
            await self._store.close_event(claim, closing, last=last)
        return closing

    def _sorry(
        self,
        event_id: int,
        conversation: Conversation,
        rate_tokens: float | None,
        rate_at: datetime | None,
    ) -> Closing:
        return Closing(
            event_id=event_id,
            outcome=Outcome.NOT_KNOWN,
            reason=INTERNAL_ERROR,
            conversation=conversation,
            parts=(self._sorry_text,),
            rate_tokens=rate_tokens,
            rate_at=rate_at,
        )

    async def _keep(self, claim: Claim) -> None:
        """Renew the lease for as long as the work lasts. Raises `ClaimLost`."""
        while True:
            await asyncio.sleep(self._settings.lease_seconds / 3)
            try:
                await self._store.renew(claim)
            except ClaimLost:
                raise
            except StoreError as error:
                # The lease may outlast a short outage; closing will tell.
                log.warning("a claim could not be renewed: %s", error)

    async def _decide(
        self,
        claim: Claim,
        event: InboxEvent,
        conversation: Conversation,
        bucket: Bucket | None,
    ) -> tuple[Closing, Bucket | None]:
        """The outcome of one event, and the citizen's bucket after it."""
        now = self._clock()
        if claim.taken_over_until is not None and claim.taken_over_until > now:
            return _silent(event, conversation, TAKEOVER, bucket), bucket
        settings = self._settings
        # Arrival counts, not the moment of working: a backlog is no fault of the citizen.
        bucket = bucket or Bucket(float(settings.burst), event.arrived_at)
        allowed, bucket = bucket.spend(event.arrived_at, settings.burst, settings.refill_seconds)
        if not allowed:
            return self._refuse(event, conversation, bucket, now), bucket
        if RATE_NOTE in conversation.notes:
            notes = {key: day for key, day in conversation.notes.items() if key != RATE_NOTE}
            conversation = replace(conversation, notes=notes)
        conversation = handover.resumed(conversation, claim.taken_over_until)
        return await self._answer(event, conversation, bucket, now), bucket

    def _refuse(
        self, event: InboxEvent, conversation: Conversation, bucket: Bucket, now: datetime
    ) -> Closing:
        if RATE_NOTE in conversation.notes:
            return _silent(event, conversation, RATE_LIMITED, bucket)
        notes = {**conversation.notes, RATE_NOTE: now.astimezone(_LOCAL).date().isoformat()}
        return Closing(
            event_id=event.id,
            outcome=Outcome.CHITCHAT,
            reason=RATE_LIMITED,
            conversation=replace(conversation, notes=notes),
            parts=(texts.RATE_NOTE,),
            rate_tokens=bucket.tokens,
            rate_at=bucket.at,
        )

    async def _answer(
        self, event: InboxEvent, conversation: Conversation, bucket: Bucket, now: datetime
    ) -> Closing:
        try:
            loop = asyncio.get_running_loop()
            reply, after = await loop.run_in_executor(
                self._pool, self._respond, event, conversation, now
            )
            parts = tuple(self._cut(event.event.channel, reply.parts, reply.options))
        except Exception:
            # The event must neither be lost nor come back for ever.
            log.exception("answering event %d failed", event.id)
            return self._sorry(event.id, conversation, bucket.tokens, bucket.at)
        return Closing(
            event_id=event.id,
            outcome=reply.outcome,
            reason=reply.ignored_reason or "; ".join(reply.reasons),
            conversation=after,
            parts=parts,
            options=(*reply.options, *reply.buttons),
            feedback=reply.feedback,
            erase=reply.erase,
            answer_id=reply.answer_id,
            topic=reply.topic,
            score=reply.score,
            rate_tokens=bucket.tokens,
            rate_at=bucket.at,
            provenance=provenance(reply, self._snapshot(), now),
        )

    async def _idle(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.poll_seconds):
                await self.wake.wait()
        if not self._stopping.is_set():
            self.wake.clear()

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()


def provenance(reply: Reply, snapshot: str, now: datetime) -> Mapping[str, Any]:
    """What a reply used, JSON-ready: enough to find everyone who got a wrong row."""
    applies = reply.applies
    return {
        "versions": dict(reply.versions),
        "snapshot": snapshot,
        "as_of": now.astimezone(_LOCAL).date().isoformat(),
        "applies": [applies.first.isoformat(), applies.last.isoformat()] if applies else None,
        "place": reply.province,
        "slots": Conversation(slots=reply.slots).to_json()["slots"],
        "used": list(reply.used),
        "more": [list(pair) for pair in reply.more],
    }


def _silent(
    event: InboxEvent, conversation: Conversation, reason: str, bucket: Bucket | None
) -> Closing:
    return Closing(
        event_id=event.id,
        outcome=Outcome.IGNORED,
        reason=reason,
        conversation=conversation,
        rate_tokens=bucket.tokens if bucket else None,
        rate_at=bucket.at if bucket else None,
    )
