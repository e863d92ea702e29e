"""The worker with a store in memory: outcomes, silence, limits, failures, stopping."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from bot.bucket import Bucket
from bot.errors import ClaimLost, StoreError
from bot.models import Conversation, Event, EventKind, Option, Outcome, Period, Reply, Slots
from bot.store.api import Claim, Closing, ConversationKey, InboxEvent, Store
from bot.worker import Worker, WorkerSettings, provenance

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
SORRY = "Xin lỗi anh/chị, hệ thống đang gặp trục trặc. Anh/chị gọi 1900.9068 giúp ạ."
Answer = tuple[Reply, Conversation]


@dataclass
class FakeStore:
    """Hands out prepared claims and remembers what was closed."""

    claims: list[Claim] = field(default_factory=list)
    closed: list[Closing] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    renewed: int = 0
    refuse: list[Exception] = field(default_factory=list)
    alive: bool = True
    lost: bool = False

    async def claim(self, worker: str) -> Claim | None:
        if not self.alive:
            raise StoreError
        return self.claims.pop(0) if self.claims else None

    async def claim_some(self, worker: str, most: int) -> list[Claim]:
        if not self.alive:
            raise StoreError
        taken, self.claims = self.claims[:most], self.claims[most:]
        return taken

    async def renew(self, claim: Claim) -> None:
        self.renewed += 1
        if self.lost:
            raise ClaimLost

    async def close_event(self, claim: Claim, closing: Closing, *, last: bool = False) -> None:
        if self.lost:
            raise ClaimLost
        if self.refuse:
            raise self.refuse.pop(0)
        self.closed.append(closing)
        if last:
            self.released.append(claim.token)

    async def release(self, claim: Claim) -> None:
        self.released.append(claim.token)

    async def ping(self) -> None:
        if not self.alive:
            raise StoreError


def events(*texts: str, at: datetime = NOW, every: float = 0) -> tuple[InboxEvent, ...]:
    return tuple(
        InboxEvent(
            number,
            Event("zalo", "oa", "u", f"k:{number}", EventKind.TEXT, text),
            at + timedelta(seconds=number * every),
        )
        for number, text in enumerate(texts)
    )


def claim(*texts: str, every: float = 0, **more: Any) -> Claim:
    return Claim(
        key=ConversationKey("zalo", "oa", "u"),
        token="t",
        lease_until=NOW,
        events=events(*texts, every=every),
        conversation=more.pop("conversation", Conversation()),
        **more,
    )


def echo_back(item: InboxEvent, conversation: Conversation, now: datetime) -> Answer:
    """Answers with the question, and counts turns in the conversation."""
    after = replace(conversation, not_known_in_a_row=conversation.not_known_in_a_row + 1)
    return Reply(Outcome.ANSWERED, parts=(f"về {item.event.text}",), answer_id="a"), after


def cut(channel: str, parts: Sequence[str], options: Sequence[Option]) -> list[str]:
    return [part[start : start + 10] for part in parts for start in range(0, len(part), 10)]


def worker(store: FakeStore, respond: Callable[..., Answer] = echo_back, **settings: Any) -> Worker:
    return Worker(
        cast(Store, store),
        respond,
        cut,
        clock=lambda: NOW,
        settings=WorkerSettings(**{"poll_seconds": 0.01, **settings}),
        sorry_text=SORRY,
        snapshot=lambda: "hash",
    )


async def test_events_are_answered_in_order_with_one_conversation() -> None:
    store = FakeStore([claim("thẻ hết hạn thì sao", "còn con tôi")])
    assert await worker(store).step("w") is True
    assert [c.parts for c in store.closed] == [
        ("về thẻ hết", " hạn thì s", "ao"),
        ("về còn con", " tôi"),
    ]
    assert [c.conversation.not_known_in_a_row for c in store.closed] == [1, 2]
    assert store.closed[0].provenance["snapshot"] == "hash"
    assert store.released == ["t"]
    assert await worker(store).step("w") is False


async def test_silent_while_a_person_holds_the_conversation() -> None:
    store = FakeStore([claim("a", taken_over_until=NOW + timedelta(minutes=1))])
    await worker(store).step("w")
    assert [(c.outcome, c.reason, c.parts) for c in store.closed] == [
        (Outcome.IGNORED, "takeover", ())
    ]
    store.claims.append(claim("b", taken_over_until=NOW))
    await worker(store).step("w")
    assert store.closed[-1].outcome is Outcome.ANSWERED


async def test_too_many_messages_get_one_note_then_silence() -> None:
    store = FakeStore([claim(*"abcde")])
    await worker(store, burst=2).step("w")
    assert [(c.outcome, c.reason) for c in store.closed] == [
        (Outcome.ANSWERED, ""),
        (Outcome.ANSWERED, ""),
        (Outcome.CHITCHAT, "rate_limited"),
        (Outcome.IGNORED, "rate_limited"),
        (Outcome.IGNORED, "rate_limited"),
    ]
    assert "anh/chị" in store.closed[2].parts[0].lower()
    # The next claim goes on counting, and an allowed message ends the row.
    last = store.closed[-1]
    late = claim("f", "g", rate_tokens=last.rate_tokens, rate_at=last.rate_at)
    later = tuple(replace(e, arrived_at=NOW + timedelta(seconds=3)) for e in late.events)
    store.claims.append(replace(late, events=later, conversation=last.conversation))
    await worker(store, burst=2).step("w")
    assert [c.outcome for c in store.closed[-2:]] == [Outcome.ANSWERED, Outcome.CHITCHAT]


async def test_a_backlog_does_not_count_as_haste() -> None:
    store = FakeStore([claim(*"abcdefgh", every=3)])
    await worker(store, burst=1).step("w")
    assert {c.outcome for c in store.closed} == {Outcome.ANSWERED}


def test_the_bucket_never_overflows_and_forgives_a_clock_that_steps_back() -> None:
    allowed, bucket = Bucket(0, NOW).spend(NOW + timedelta(days=1), 20, 3)
    assert (allowed, bucket.tokens) == (True, 19)
    allowed, bucket = bucket.spend(NOW, 20, 3)
    assert (allowed, bucket.tokens, bucket.at) == (True, 18, NOW + timedelta(days=1))
    assert Bucket(0, NOW).spend(NOW + timedelta(seconds=2.9), 20, 3)[0] is False


@pytest.mark.parametrize("where", ["respond", "cut"])
async def test_an_error_while_answering_gives_an_apology(
    where: str, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> Any:
        raise RuntimeError("lỗi")

    store = FakeStore([claim("a", "b")])
    subject = worker(store, fail if where == "respond" else echo_back)
    if where == "cut":
        subject._cut = fail
    await subject.step("w")
    assert [(c.outcome, c.reason, c.parts) for c in store.closed] == [
        (Outcome.NOT_KNOWN, "internal_error", (SORRY,))
    ] * 2
    assert "answering event 0 failed" in caplog.text


async def test_an_outcome_that_cannot_be_stored_gives_an_apology() -> None:
    store = FakeStore([claim("a")], refuse=[StoreError("odd value")])
    await worker(store).step("w")
    assert [(c.reason, c.parts) for c in store.closed] == [("internal_error", (SORRY,))]


async def test_a_store_that_is_down_keeps_the_event() -> None:
    store = FakeStore([claim("a")], refuse=[StoreError()], alive=True)
    subject = worker(store)

    async def ping() -> None:
        raise StoreError

    store.ping = ping  # type: ignore[method-assign]
    with pytest.raises(StoreError):
        await subject.step("w")
    assert store.closed == []


async def test_a_lost_claim_writes_nothing_and_raises() -> None:
    store = FakeStore([claim("a", "b")], lost=True)
    with pytest.raises(ClaimLost):
        await worker(store).step("w")
    assert store.closed == []


async def test_the_lease_is_renewed_while_an_answer_takes_long() -> None:
    gate = threading.Event()

    def slow(*args: Any) -> Answer:
        gate.wait(5)
        return echo_back(*args)

    store = FakeStore([claim("a")])
    step = asyncio.create_task(worker(store, slow, lease_seconds=0.03).step("w"))
    await _until(lambda: store.renewed >= 2)
    gate.set()
    assert await step


async def test_answers_are_found_off_the_event_loop() -> None:
    threads: list[int] = []

    def respond(*args: Any) -> Answer:
        threads.append(threading.get_ident())
        return echo_back(*args)

    await worker(FakeStore([claim("a")]), respond).step("w")
    assert threads != [threading.get_ident()]


async def test_loops_wake_up_work_and_stop() -> None:
    store = FakeStore()
    subject = worker(store, concurrency=3, poll_seconds=30)
    async with _running(subject):
        await asyncio.sleep(0.01)
        store.claims.extend([claim("a"), claim("b")])
        subject.wake.set()
        await _until(lambda: len(store.closed) == 2)


async def test_loops_poll_without_being_woken() -> None:
    store = FakeStore()
    async with _running(worker(store, concurrency=1)):
        store.claims.append(claim("a"))
        await _until(lambda: len(store.closed) == 1)


async def test_loops_outlive_a_store_that_is_down_for_a_while() -> None:
    store = FakeStore(alive=False)
    async with _running(worker(store, concurrency=1)):
        await asyncio.sleep(0.03)
        store.claims.append(claim("a"))
        store.alive = True
        await _until(lambda: len(store.closed) == 1)


async def test_stopping_gives_the_rest_of_a_claim_back() -> None:
    store = FakeStore([claim("a", "b", "c")])
    subject = worker(store, concurrency=1)

    def respond(*args: Any) -> Answer:
        subject.stop()
        return echo_back(*args)

    subject._respond = respond
    async with asyncio.timeout(5):
        await subject.run()
    assert len(store.closed) == 1
    assert store.released == ["t"]


def test_provenance_is_json_ready_and_complete() -> None:
    day = NOW.date()
    reply = Reply(
        Outcome.ANSWERED,
        versions={"a": "1"},
        used=("v",),
        province="Bắc Ninh",
        slots=Slots(months=3),
        applies=Period(day, day),
        more=(("b", "t"),),
    )
    found = provenance(reply, "hash", NOW)
    assert {"versions", "snapshot", "as_of", "place", "slots", "used"} <= set(found)
    assert (found["as_of"], found["applies"]) == ("2026-11-22", ["2026-11-22"] * 2)
    assert found["slots"]["months"] == 3


@asynccontextmanager
async def _running(subject: Worker) -> AsyncIterator[None]:
    task = asyncio.create_task(subject.run())
    try:
        yield
    finally:
        subject.stop()
        async with asyncio.timeout(5):
            await task


async def _until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not done():  # noqa: ASYNC110 - the fake store has no event to wait for
            await asyncio.sleep(0.005)
