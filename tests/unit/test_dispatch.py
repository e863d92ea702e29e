"""Sending: every verdict of a platform, order, retries, pauses, crashes of our own, draining.

One file although it is long: all cases share the `World` of fakes and one table of verdicts.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.config import Settings
from bot.config_schema import DeliverySettings
from bot.dispatch import Dispatcher, Lane, TypingHint, longest_attempt_seconds
from bot.errors import (
    AccountTrouble,
    Refused,
    RefusedForGood,
    SendError,
    StoreError,
    TokenRefused,
    Unknown,
    WindowClosed,
)
from bot.lane import TokenBucket
from bot.models import DeliveryState, Option
from bot.store.api import AccountState, ConversationKey
from bot.telemetry import Metrics
from tests.unit.fakes_channel import ZALO, FakeChannel, FakeTokens
from tests.unit.fakes_store import START, Clock, FakeStore, Row, until
from webhooks.base import Account, OutPart

ACCEPTED, PENDING = DeliveryState.ACCEPTED, DeliveryState.PENDING
UNKNOWN, DROPPED, DEAD = DeliveryState.UNKNOWN, DeliveryState.DROPPED, DeliveryState.DEAD
USER = ConversationKey("zalo", "22", "u")


class World:
    """A dispatcher over fakes, with a clock that stands still."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.store = FakeStore(self.clock)
        self.channel = FakeChannel()
        self.tokens = FakeTokens()
        self.metrics = Metrics()
        self.lane = Lane(self.channel, self.tokens, sends_per_minute=60_000)
        self.hint = TypingHint(self.store, {"zalo": self.lane}, self.metrics, after_seconds=0.01)
        self.dispatcher = self.build()

    def build(self, **overrides: Any) -> Dispatcher:
        rules = {"poll_seconds": 0.002, "retry_base_seconds": 2, **overrides}
        self.dispatcher = Dispatcher(
            self.store,
            {"zalo": self.lane},
            DeliverySettings(**rules),
            self.metrics,
            hint=self.hint,
            now=self.clock,
            jitter=lambda top: top,
        )
        return self.dispatcher

    async def settled(self, row: Row, times: int = 1) -> None:
        await until(lambda: len(row.settlements) >= times)

    async def final(self, *rows: Row) -> None:
        await until(lambda: all(r.state is not PENDING for r in rows))

    def count(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(f"hoidap_{name}", labels) or 0.0


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    yield world
    await world.dispatcher.stop(0.5)
    await world.hint.stop()


def raising(*faults: Exception | None) -> Any:
    """An `answer` that goes through `faults` and then accepts."""
    queue = list(faults)

    def answer(part: OutPart, token: str) -> None:
        fault = queue.pop(0) if queue else None
        if fault:
            raise fault

    return answer


async def test_parts_leave_in_order_with_choices_last_and_a_mark(world: World) -> None:
    option = Option("a", "t", "Mức đóng")
    rows = world.store.add("một", "hai", "ba", options=(option,))
    await world.dispatcher.start()
    await world.final(*rows)
    assert [r.state for r in rows] == [ACCEPTED] * 3
    assert [part for _, part, _ in world.channel.sent] == [
        OutPart("một", (), "out:1"),
        OutPart("hai", (), "out:2"),
        OutPart("ba", (option,), "out:3"),
    ]
    assert rows[2].settlements[0].message_id == "m3"
    assert world.count("deliveries_total", channel="zalo", state="accepted") == 3
    assert world.count("delivery_seconds_count", channel="zalo") == 3


async def test_conversations_leave_side_by_side_up_to_the_limit(world: World) -> None:
    world.build(concurrency=3)
    world.channel.gate.clear()
    rows = [row for n in range(9) for row in world.store.add("x", user=f"u{n}")]
    await world.dispatcher.start()
    await until(lambda: len(world.channel.sent) == 3)
    await asyncio.sleep(0.01)
    world.channel.gate.set()
    await world.final(*rows)
    assert world.channel.most_at_once == 3


async def test_a_refusal_is_tried_again_later_and_later(world: World) -> None:
    world.channel.answer = raising(*[Refused(code="-32")] * 3)
    (row,) = world.store.add("x")
    await world.dispatcher.start()
    for times, seconds in enumerate((2, 4, 8), 1):
        await world.settled(row, times)
        settlement = row.settlements[-1]
        assert settlement.state is PENDING
        assert settlement.counted
        assert settlement.reason == "-32"
        assert settlement.retry_at == world.clock() + timedelta(seconds=seconds)
        world.clock.forward(seconds)
    await world.final(row)
    assert row.state is ACCEPTED
    assert world.count("retries_total", channel="zalo") == 3


async def test_retry_delay_is_capped_and_attempts_end(world: World) -> None:
    world.build(max_attempts=4, retry_cap_seconds=3)
    world.channel.answer = raising(*[Refused(code="-32")] * 9)
    first, second = world.store.add("x", "y")
    await world.dispatcher.start()
    for times in (1, 2, 3):
        await world.settled(first, times)
        retry_at = first.settlements[-1].retry_at
        assert retry_at is not None
        assert retry_at - world.clock() <= timedelta(seconds=3)
        world.clock.forward(3)
    await world.final(first, second)
    assert (first.state, first.settlements[-1].reason) == (DEAD, "max_attempts: -32")
    assert second.state is DROPPED
    assert len(world.channel.sent) == 4


async def test_a_retry_holds_back_its_own_conversation_only(world: World) -> None:
    world.channel.answer = lambda part, token: (
        (_ for _ in ()).throw(Refused(code="-32")) if part.text == "x" else None
    )
    first, second = world.store.add("x", "y", user="one")
    (other,) = world.store.add("z", user="two")
    await world.dispatcher.start()
    await world.final(other)
    await world.settled(first)
    assert second.settlements == []


@pytest.mark.parametrize(
    ("fault", "state", "reason"),
    [
        (RefusedForGood(code="-213"), DEAD, "-213"),
        (WindowClosed(code="-230"), DROPPED, "window_closed"),
        (Unknown(code="timeout"), UNKNOWN, "timeout"),
        (ValueError("a fault of ours, behind the call"), UNKNOWN, "fault"),
    ],
)
async def test_final_verdicts(
    world: World, fault: Exception, state: DeliveryState, reason: str
) -> None:
    world.channel.answer = raising(fault)
    (row,) = world.store.add("x")
    (next_one,) = world.store.add("y", user="other")
    await world.dispatcher.start()
    await world.final(row, next_one)
    assert (row.state, row.settlements[0].reason) == (state, reason)
    assert len(row.settlements) == 1
    assert next_one.state is ACCEPTED  # the loop lives on
    assert world.channel.texts.count("x") == 1
    assert world.count("deliveries_total", channel="zalo", state=state.value) == 1


async def test_an_unknown_part_does_not_hold_up_the_rest(world: World) -> None:
    world.channel.answer = raising(Unknown())
    rows = world.store.add("x", "y")
    await world.dispatcher.start()
    await world.final(*rows)
    assert [r.state for r in rows] == [UNKNOWN, ACCEPTED]


async def test_too_late_is_dropped_without_a_call(world: World) -> None:
    (late,) = world.store.add("x", window_from=START - timedelta(hours=48, seconds=1))
    (in_time,) = world.store.add("y", user="o", window_from=START - timedelta(hours=47))
    await world.dispatcher.start()
    await world.final(late, in_time)
    assert (late.state, late.settlements[0].reason) == (DROPPED, "window_closed")
    assert world.channel.texts == ["y"]


async def test_a_refused_token_is_renewed_and_the_part_resent_at_once(world: World) -> None:
    world.channel.answer = raising(TokenRefused(code="-216"))
    (row,) = world.store.add("x")
    await world.dispatcher.start()
    await world.final(row)
    assert [token for _, _, token in world.channel.sent] == ["t1", "t2"]
    assert world.tokens.refreshes == ["t1"]
    assert len(row.settlements) == 1


async def test_a_token_refused_twice_pauses_the_account(world: World) -> None:
    world.channel.answer = raising(TokenRefused(code="-216"), TokenRefused(code="-216"))
    (row,) = world.store.add("x")
    await world.dispatcher.start()
    await world.settled(row)
    assert not row.settlements[0].counted
    await until(lambda: bool(world.store.pauses))
    assert world.store.pauses[0].reason == "-216"


async def test_account_trouble_pauses_probes_and_resumes(world: World) -> None:
    world.channel.answer = raising(*[AccountTrouble(code="-223")] * 3)
    rows = [row for n in range(6) for row in world.store.add("x", user=f"u{n}")]
    world.build(concurrency=1)
    await world.dispatcher.start()

    for pauses, seconds in ((1, 60), (2, 120), (3, 240)):
        await until(lambda n=pauses: len(world.store.pauses) == n)  # type: ignore[misc]
        assert world.store.pauses[-1] == AccountState(
            world.clock() + timedelta(seconds=seconds), "-223", pauses
        )
        await asyncio.sleep(0.02)
        assert len(world.channel.sent) == pauses  # one probe each time, then silence
        assert world.count("account_paused", channel="zalo", account="22") == 1
        assert "zalo 22: sending is paused (-223)" in world.dispatcher.degraded()[0]
        world.clock.forward(seconds)

    await until(lambda: world.store.pauses[-1] == AccountState())
    world.clock.forward(2)
    await world.final(*rows)
    assert all(r.counted == 1 for r in rows)  # only the accepted attempts
    assert world.dispatcher.degraded() == []
    assert world.count("account_paused", channel="zalo", account="22") == 0


async def test_refusals_under_way_do_not_lengthen_a_pause(world: World) -> None:
    world.channel.answer = raising(*[AccountTrouble(code="-223")] * 8)
    world.channel.gate.clear()
    rows = [row for n in range(8) for row in world.store.add("x", user=f"u{n}")]
    await world.dispatcher.start()
    await until(lambda: len(world.channel.sent) == 8)
    world.channel.gate.set()
    for row in rows:
        await world.settled(row)
    assert [p.pauses for p in world.store.pauses] == [1]


async def test_pauses_grow_to_an_hour_at_most(world: World) -> None:
    world.store.accounts["zalo", "22"] = AccountState(START, "-223", 40)
    world.channel.answer = raising(AccountTrouble(code="-223"))
    world.store.add("x")
    await world.dispatcher.start()
    await until(lambda: bool(world.store.pauses) and world.store.pauses[-1].pauses == 41)
    assert world.store.pauses[-1].paused_until == START + timedelta(hours=1)


async def test_a_start_probes_a_paused_account_at_once(world: World) -> None:
    world.store.accounts["zalo", "22"] = AccountState(START + timedelta(hours=1), "190", 7)
    (row,) = world.store.add("x")
    await world.dispatcher.start()
    await world.final(row)
    assert row.state is ACCEPTED
    assert world.store.accounts["zalo", "22"] == AccountState()


async def test_no_token_pauses_the_account_without_a_call(world: World) -> None:
    world.tokens.trouble = AccountTrouble(code="no token")
    (row,) = world.store.add("x")
    await world.dispatcher.start()
    await world.settled(row)
    assert world.channel.sent == []
    assert world.store.pauses[0].reason == "no token"


@pytest.mark.parametrize("fault", [StoreError(), KeyError("a fault of ours, before the call")])
async def test_faults_before_the_call_are_tried_again(world: World, fault: Exception) -> None:
    world.tokens.trouble = fault
    (row,) = world.store.add("x")
    await world.dispatcher.start()
    await world.settled(row)
    assert row.state is PENDING
    assert row.settlements[0].counted is isinstance(fault, KeyError)
    world.tokens.trouble = None
    world.clock.forward(10)
    await world.final(row)
    assert row.state is ACCEPTED


async def test_a_slow_token_puts_the_part_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.dispatch.PATIENCE_SECONDS", 0.01)

    async def slow(account: Account) -> str:
        await asyncio.sleep(1)
        return ""

    monkeypatch.setattr(world.tokens, "token", slow)
    (row,) = world.store.add("x")
    await world.dispatcher.start()
    await world.settled(row)
    assert (row.settlements[0].reason, row.settlements[0].counted) == ("token", False)


async def test_parts_of_an_account_that_is_gone_wait_and_then_lapse(world: World) -> None:
    (gone,) = world.store.add("x", account="99")
    (old,) = world.store.add("y", channel="sms", window_from=START - timedelta(days=8))
    await world.dispatcher.start()
    await world.settled(gone)
    await world.final(old)
    assert gone.state is PENDING
    assert world.store.accounts["zalo", "99"].reason == "not configured"
    assert old.state is DROPPED


async def test_a_store_that_fails_is_asked_again(world: World) -> None:
    world.store.down = True
    (row,) = world.store.add("x")
    starting = world.dispatcher.start()
    with pytest.raises(StoreError):
        await starting
    world.store.down = False
    await world.dispatcher.start()
    world.store.failures = 3
    await world.final(row)
    assert row.state is ACCEPTED
    assert world.channel.texts == ["x"]  # sent once, recorded at the fourth try


async def test_parts_cut_off_by_a_crash_are_counted(world: World) -> None:
    (row,) = world.store.add("x", after_crash=True)
    await world.dispatcher.start()
    await world.final(row)
    assert world.count("resent_after_crash_total", channel="zalo") == 1


async def test_a_stop_finishes_what_is_in_flight_and_takes_no_more(world: World) -> None:
    world.build(concurrency=1)
    world.channel.gate.clear()
    first, second = world.store.add("x"), world.store.add("y", user="other")
    await world.dispatcher.start()
    await until(lambda: len(world.channel.sent) == 1)
    stopping = asyncio.create_task(world.dispatcher.stop(5))
    await asyncio.sleep(0.01)
    world.channel.gate.set()
    await stopping
    assert first[0].state is ACCEPTED
    assert second[0].settlements == []


async def test_a_stop_that_takes_too_long_records_the_doubt(world: World) -> None:
    world.channel.gate.clear()
    (row,) = world.store.add("x")
    await world.dispatcher.start()
    await until(lambda: len(world.channel.sent) == 1)
    await world.dispatcher.stop(0.01)
    assert (row.state, row.settlements[0].reason) == (UNKNOWN, "cut_off_by_stop")


async def test_a_part_that_was_not_sent_yet_is_put_back_by_a_stop(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Event()

    async def slow(account: Account) -> str:
        asked.set()
        await asyncio.sleep(2)
        return ""

    monkeypatch.setattr(world.tokens, "token", slow)
    (row,) = world.store.add("x")
    await world.dispatcher.start()
    await asked.wait()
    await world.dispatcher.stop(0.01)
    assert (row.state, row.settlements[0].reason) == (PENDING, "stopped")
    assert not row.settlements[0].counted


async def test_a_stop_lets_a_known_outcome_be_written(world: World) -> None:
    world.store.failures = 2
    world.build(poll_seconds=0.05)
    (row,) = world.store.add("x")
    await world.dispatcher.start()
    await until(lambda: len(world.channel.sent) == 1 and world.store.failures < 2)
    await world.dispatcher.stop(0.001)
    assert row.state is ACCEPTED


async def test_waking_is_faster_than_polling(world: World) -> None:
    world.build(poll_seconds=30)
    await world.dispatcher.start()
    await asyncio.sleep(0.01)
    (row,) = world.store.add("x")
    world.dispatcher.wake()
    await world.final(row)


def test_a_bucket_spreads_and_refuses_long_waits() -> None:
    now = [0.0]
    bucket = TokenBucket(2, lambda: now[0])
    assert [bucket.reserve(9) for _ in range(4)] == [0, 0, 0.5, 1]
    assert bucket.reserve(1) is None
    now[0] += 1.5
    assert bucket.reserve(1) == 0


def test_accounts_of_one_app_share_its_rate() -> None:
    lane = Lane(FakeChannel(), FakeTokens(), 60, rate_key=lambda a: a.secrets["app_id"])
    second = Account("zalo", "23", ZALO.secrets)
    assert lane.reserve(ZALO, 0) == 0
    assert lane.reserve(second, 0) is None


async def test_a_full_rate_puts_the_part_back(world: World) -> None:
    world.lane = Lane(world.channel, world.tokens, sends_per_minute=1)
    world.build()
    rows = [row for n in range(2) for row in world.store.add("x", user=f"u{n}")]
    await world.dispatcher.start()
    await world.settled(rows[1])
    assert (rows[1].settlements[0].reason, rows[1].settlements[0].counted) == ("rate", False)


def test_the_store_waits_longer_than_an_attempt_lasts() -> None:
    assert longest_attempt_seconds(Settings()) > 2 * Settings().channels.zalo.timeout_seconds


# -- typing -------------------------------------------------------------------------------------
async def test_typing_shows_when_nothing_left_in_time(world: World) -> None:
    world.store.open_keys.add(USER)
    world.hint.event_arrived(USER)
    world.hint.event_arrived(USER)
    await until(lambda: world.channel.typed == ["u"])
    await until(lambda: world.count("typing_total", channel="zalo", outcome="shown") == 1)


async def test_no_typing_when_the_answer_was_quick(world: World) -> None:
    world.store.open_keys.add(USER)
    world.hint.event_arrived(USER)
    (row,) = world.store.add("x")
    await world.dispatcher.start()
    await world.final(row)
    await asyncio.sleep(0.03)
    assert world.channel.typed == []
    assert world.count("typing_total", channel="zalo", outcome="not_needed") == 1


async def test_no_typing_for_a_closed_conversation(world: World) -> None:
    world.hint.event_arrived(USER)
    await until(lambda: world.count("typing_total", channel="zalo", outcome="not_needed") == 1)
    assert world.channel.typed == []


@pytest.mark.parametrize("fault", [SendError(), StoreError(), RuntimeError()])
async def test_failed_typing_is_only_counted(world: World, fault: Exception) -> None:
    world.store.open_keys.add(USER)
    world.channel.answer = raising(fault)
    world.hint.event_arrived(USER)
    await until(lambda: world.count("typing_total", channel="zalo", outcome="failed") == 1)


async def test_typing_timers_are_bounded_and_end_with_the_service(world: World) -> None:
    hint = TypingHint(world.store, {"zalo": world.lane}, world.metrics, after_seconds=9, most=2)
    for n in range(3):
        hint.event_arrived(ConversationKey("zalo", "22", f"u{n}"))
    assert world.count("typing_total", channel="zalo", outcome="skipped") == 1
    await hint.stop()
    silent = Lane(world.channel, world.tokens, 60, shows_typing=False)
    TypingHint(world.store, {"zalo": silent}, world.metrics).event_arrived(USER)
    assert world.channel.typed == []
