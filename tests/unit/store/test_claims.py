"""Claims: one worker per conversation, oldest first, and nothing written after losing it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import ClaimLost, StoreError
from bot.models import Conversation, Option, Outcome, Period, Slots
from bot.store import SqlStore
from tests.unit.store.building import (
    accept,
    answer_all,
    claimed,
    closing,
    event,
    rows,
    turn_clock,
)
from tests.unit.store.conftest import MakeStore


async def test_oldest_open_event_first_and_one_conversation_at_a_time(store: SqlStore) -> None:
    await accept(store, event("u1", "a"))
    await accept(store, event("u2", "b", sent_at=datetime.now(UTC) - timedelta(minutes=1)))
    await accept(store, event("u1", "c"))
    first, second = await claimed(store), await claimed(store)
    assert (first.key.user, second.key.user) == ("u2", "u1")
    assert [item.event.text for item in second.events] == ["a", "c"]
    assert await store.claim("w") is None


async def test_many_workers_never_share_a_conversation(make_store: MakeStore) -> None:
    stores: list[SqlStore] = [await make_store()]
    if not stores[0].database.is_sqlite:
        stores.append(await make_store())
    for n in range(30):
        await accept(stores[0], event(f"u{n % 10}"))
    claims = await asyncio.gather(*(stores[n % len(stores)].claim(f"w{n}") for n in range(20)))
    # On PostgreSQL a worker may pass by rows that are locked just now; it polls again.
    users = [claim.key.user for claim in claims if claim is not None]
    assert len(users) == len(set(users))
    while (claim := await stores[0].claim("late")) is not None:
        users.append(claim.key.user)
    assert sorted(users) == sorted(f"u{n}" for n in range(10))


async def test_closing_writes_outcome_conversation_and_parts_together(store: SqlStore) -> None:
    await accept(store, event())
    claim = await claimed(store)
    day = datetime(2026, 11, 22, tzinfo=UTC)
    conversation = Conversation(
        offer=(Option("a1", "t", "Mức đóng"),),
        slots=Slots(months=12, school_year=(2025, 2026), period=Period(day.date(), day.date())),
        updated_at=day,
        notes={"identifiers": "2026-11-22"},
    )
    await store.close_event(
        claim,
        replace(
            closing(claim.events[0].id, "một", " ", "hai"),
            conversation=conversation,
            answer_id="a1",
            topic="t",
            score=0.9,
            reason="vì",
            rate_tokens=3.5,
            rate_at=day,
            provenance={"used": ["v:1"]},
        ),
    )
    await store.release(claim)
    assert rows(store, "SELECT outcome, reason, answer_id, topic, parts FROM inbox") == [
        ("answered", "vì", "a1", "t", 2)
    ]
    assert rows(store, "SELECT seq, text, state FROM outbox ORDER BY seq") == [
        (1, "một", "pending"),
        (2, "hai", "pending"),
    ]
    await accept(store, event())
    again = await claimed(store)
    assert again.conversation == conversation
    assert (again.rate_tokens, again.rate_at) == (3.5, day)


async def test_a_lost_claim_writes_nothing(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await accept(store, event())
    slow = await claimed(store)
    turn_clock(store, monkeypatch, 16)
    fast = await claimed(store)
    assert fast.token != slow.token
    with pytest.raises(ClaimLost):
        await store.close_event(slow, closing(slow.events[0].id, "muộn"))
    with pytest.raises(ClaimLost):
        await store.renew(slow)
    await store.release(slow)
    assert rows(store, "SELECT count(*) FROM outbox") == [(0,)]
    await store.close_event(fast, closing(fast.events[0].id, "kịp"))
    assert rows(store, "SELECT text FROM outbox") == [("kịp",)]


async def test_a_heartbeat_keeps_the_claim(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await accept(store, event())
    claim = await claimed(store)
    turn_clock(store, monkeypatch, 10)
    await store.renew(claim)
    turn_clock(store, monkeypatch, 20)
    assert await store.claim("other") is None
    await store.close_event(claim, closing(claim.events[0].id))


async def test_an_event_is_closed_once(store: SqlStore) -> None:
    await accept(store, event())
    claim = await claimed(store)
    await store.close_event(claim, closing(claim.events[0].id, "một"))
    with pytest.raises(ClaimLost):
        await store.close_event(claim, closing(claim.events[0].id, "hai"))
    assert rows(store, "SELECT text FROM outbox") == [("một",)]


async def test_an_outcome_that_cannot_be_stored_changes_nothing(store: SqlStore) -> None:
    await accept(store, event())
    claim = await claimed(store)
    odd = replace(closing(claim.events[0].id, "một"), provenance={"used": object()})
    with pytest.raises(StoreError):
        await store.close_event(claim, odd)
    assert rows(store, "SELECT count(*) FROM outbox") == [(0,)]
    await store.close_event(claim, closing(claim.events[0].id, "một"))


async def test_a_conversation_of_another_version_starts_afresh(store: SqlStore) -> None:
    await accept(store, event())
    with store.database.engine.begin() as conn:
        conn.exec_driver_sql("""UPDATE conversations SET state = '{"offer": 3}'""")
    assert (await claimed(store)).conversation == Conversation()


async def test_restarting_sqlite_frees_the_claims(make_store: MakeStore) -> None:
    store: SqlStore = await make_store()
    await accept(store, event())
    await claimed(store)
    await store.close()
    again: SqlStore = await make_store()
    if again.database.is_sqlite:
        assert await again.claim("w") is not None
    else:
        # Another process may be the holder: its lease must run out first.
        assert await again.claim("w") is None


async def test_is_open_until_answered_and_sent(store: SqlStore) -> None:
    await accept(store, event())
    claim = await claimed(store)
    assert await store.is_open(claim.key)
    await store.release(claim)
    await answer_all(store, "một")
    assert await store.is_open(claim.key)
    await accept(store, event("u2"))
    claim = await claimed(store)
    await store.close_event(claim, closing(claim.events[0].id, outcome=Outcome.IGNORED))
    assert not await store.is_open(claim.key)
