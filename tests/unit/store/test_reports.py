"""The ledger balances, days are days of Việt Nam, gauges show what waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from bot.models import DeliveryState, Ignored, Outcome, Parsed
from bot.store import SqlStore
from bot.store.api import Settlement
from bot.store.values import LOCAL, day_bounds, from_ms, local_day, to_ms
from tests.unit.store.building import (
    accept,
    accepted,
    answer_all,
    claimed,
    closing,
    event,
    taken,
    turn_clock,
)


def _today() -> date:
    return datetime.now(LOCAL).date()


async def test_the_ledger_balances(store: SqlStore) -> None:
    await accept(store, event("u1"), event("u2"), event("u3", key="k:1"))
    await store.accept(Parsed(events=(event("u3", key="k:1"),)), {})
    await store.accept(Parsed(ignored=(Ignored("read", "receipt"),)), {}, channel="messenger")
    await answer_all(store, "một", "hai")
    await store.settle(await taken(store), Settlement(DeliveryState.DEAD, "-230"))
    await store.settle(await taken(store), accepted())
    await store.settle(await taken(store), Settlement(DeliveryState.UNKNOWN, "timeout"))
    await accept(store, event("u4"), event("u5"))
    claim = await claimed(store)
    silent = replace(closing(claim.events[0].id, outcome=Outcome.IGNORED), reason="takeover")
    await store.close_event(claim, silent)
    ledger = await store.ledger(_today())
    assert ledger["balanced"] is True
    assert (ledger["received"], ledger["events"], ledger["open"]) == (7, 5, 1)
    assert ledger["outcomes"]["answered"] == 3
    assert ledger["silent"] == {"takeover": 1}
    assert ledger["ignored"] == [
        {"channel": "messenger", "kind": "read", "reason": "receipt", "n": 1},
        {"channel": "messenger", "kind": "text", "reason": "duplicate", "n": 1},
    ]
    assert ledger["replies"] == 6
    assert ledger["deliveries"] == {
        "pending": 2,
        "accepted": 1,
        "unknown": 1,
        "dropped": 1,
        "dead": 1,
    }
    assert ledger["dropped"] == {"earlier_part_failed": 1}


async def test_a_lost_row_unbalances_the_ledger(store: SqlStore) -> None:
    await accept(store, event())
    assert (await store.ledger(_today()))["balanced"]
    with store.database.engine.begin() as conn:
        conn.exec_driver_sql("DELETE FROM inbox")
    assert not (await store.ledger(_today()))["balanced"]


async def test_a_lost_part_unbalances_the_ledger(store: SqlStore) -> None:
    await accept(store, event())
    await answer_all(store, "một")
    assert (await store.ledger(_today()))["balanced"]
    with store.database.engine.begin() as conn:
        conn.exec_driver_sql("DELETE FROM outbox")
    assert not (await store.ledger(_today()))["balanced"]


async def test_an_empty_day_balances(store: SqlStore) -> None:
    ledger = await store.ledger(date(2020, 1, 1))
    assert ledger["balanced"]
    assert (ledger["received"], ledger["replies"]) == (0, 0)


async def test_days_begin_at_midnight_in_viet_nam(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    midnight = datetime.combine(_today() + timedelta(days=3), datetime.min.time(), LOCAL)
    for seconds in (-1, 1):
        ahead = (midnight - datetime.now(LOCAL)).total_seconds() + seconds
        turn_clock(store, monkeypatch, ahead)
        await accept(store, event())
        monkeypatch.undo()
    for day in (midnight.date() - timedelta(days=1), midnight.date()):
        ledger = await store.ledger(day)
        assert (ledger["events"], ledger["open"], ledger["balanced"]) == (1, 1, True)


def test_day_bounds_agree_with_the_day_of_a_moment() -> None:
    start, end = day_bounds(date(2026, 11, 22))
    assert from_ms(start).isoformat() == "2026-11-21T17:00:00+00:00"
    assert local_day(start) == local_day(end - 1) == "2026-11-22"
    assert local_day(start - 1) == "2026-11-21"
    assert to_ms(from_ms(start)) == start


async def test_gauges(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set((await store.gauges()).values()) == {0.0}
    await accept(store, event("u1"), event("u2"), event("u3"))
    await answer_all(store, "một")
    await store.settle(await taken(store), Settlement(DeliveryState.UNKNOWN))
    await store.settle(await taken(store), Settlement(DeliveryState.DEAD))
    await accept(store, event())
    turn_clock(store, monkeypatch, 100)
    gauges = dict(await store.gauges())
    assert 99 < gauges.pop("inbox_oldest_seconds") < 130
    assert gauges == {
        "inbox_open": 1,
        "outbox_pending": 1,
        "outbox_unknown": 1,
        "outbox_dead": 1,
    }
