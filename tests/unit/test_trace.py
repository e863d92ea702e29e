"""Four lines an event, one id, no words, no ids of people; and what a worker's upkeep does."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot import telemetry
from bot.errors import StoreError
from bot.models import Conversation, DeliveryState, Event, EventKind, Outcome
from bot.store.api import Closing, ConversationKey, Delivery, Settlement
from bot.telemetry import configure_logging
from bot.trace import Trace
from bot.upkeep import Upkeep
from tests.unit.fakes_store import START, Clock, until

EVENT = Event("zalo", "22", "7300000000000000003", "text:m1", EventKind.TEXT, "câu hỏi bí mật")
DELIVERY = Delivery(
    outbox_id=5,
    attempt_id=6,
    attempt=1,
    key=ConversationKey("zalo", "22", EVENT.user),
    text="câu trả lời bí mật",
    options=(),
    window_from=START,
    created_at=START,
    event_key="text:m1",
)


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    import logging

    root = logging.getLogger()
    before, level, lines = root.handlers, root.level, telemetry._lines
    stream = io.StringIO()
    configure_logging("info", "json", stream)
    yield stream
    root.handlers, root.level, telemetry._lines = before, level, lines


def steps(trace: Trace) -> None:
    trace.received(EVENT)
    closing = Closing(1, Outcome.ANSWERED, "", Conversation(), ("bí mật",), answer_id="muc-dong")
    trace.answered(EVENT, closing, 0.012345)
    trace.attempt(DELIVERY)
    trace.receipt(DELIVERY, Settlement(DeliveryState.ACCEPTED, message_id="m9"))


def test_every_step_has_the_same_id_and_no_words(out: io.StringIO) -> None:
    steps(Trace("key"))
    lines: list[dict[str, Any]] = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["received", "answered", "attempt", "receipt"]
    assert len({line["correlation"] for line in lines}) == 1
    assert "bí mật" not in out.getvalue()
    assert EVENT.user not in out.getvalue()
    received, answered, attempt, receipt = lines
    assert received["who"] == attempt["who"] == Trace("key").who(EVENT.user)
    assert (answered["outcome"], answered["answer_id"], answered["seconds"]) == (
        "answered",
        "muc-dong",
        0.0123,
    )
    assert (attempt["outbox_id"], attempt["attempt"]) == (5, 1)
    assert receipt["state"] == "accepted"
    assert all(line["level"] == "info" and line["timestamp"].endswith("Z") for line in lines)


def test_ids_and_people_are_told_apart_and_keyed() -> None:
    one, other = Trace("key"), Trace("other key")
    assert one.name_of(EVENT) == Trace("key").name_of(EVENT) == one.name_for(DELIVERY)
    assert one.name_of(EVENT) != other.name_of(EVENT)
    assert one.who("a") != one.who("b")
    assert one.who("a") != other.who("a")
    assert one.name("zalo", "22", "k") != one.name("zalo", "23", "k")
    assert Trace().name_of(EVENT) != Trace().name_of(EVENT)  # without a key: random at each start


@pytest.mark.parametrize(("level", "form"), [("warning", "json"), ("info", "console")])
def test_level_and_form_hold(out: io.StringIO, level: str, form: str) -> None:
    configure_logging(level, form, out)
    steps(Trace("key"))
    lines = out.getvalue().splitlines()
    assert len(lines) == (0 if level == "warning" else 4)
    assert not any(line.startswith("{") for line in lines)


# -- upkeep -----------------------------------------------------------------------------------
class Deleting:
    """Counts what it is asked to delete."""

    def __init__(self) -> None:
        self.erased = 0
        self.expired: list[datetime] = []
        self.away = False

    async def erase_due(self) -> Mapping[str, int]:
        if self.away:
            raise StoreError
        self.erased += 1
        return {"inbox": 1}

    async def expire(self, before: datetime) -> Mapping[str, int]:
        self.expired.append(before)
        return {}


async def test_erasures_come_every_turn_retention_every_hour() -> None:
    store, clock = Deleting(), Clock()
    upkeep = Upkeep(store, timedelta(days=180), clock)
    for minutes in (0, 1, 58, 2, 59):
        clock.forward(minutes * 60)
        await upkeep.turn()
    assert store.erased == 5
    day = timedelta(days=180)
    assert store.expired == [START - day, START + timedelta(minutes=61) - day]


async def test_a_failed_turn_is_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.upkeep.ERASURE_SECONDS", 0.001)
    store = Deleting()
    store.away = True
    task = asyncio.create_task(Upkeep(store, timedelta(days=1), lambda: datetime.now(UTC)).run())
    await asyncio.sleep(0.02)
    assert store.expired == []
    store.away = False
    await until(lambda: bool(store.expired))
    task.cancel()
