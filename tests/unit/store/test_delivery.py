"""Sending: order, retries, pauses, settlements, echoes, and what a crash cut off."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import StoreError
from bot.models import DeliveryState, Echo, Option, Parsed
from bot.store import SqlStore
from bot.store.api import AccountState, Delivery, Settlement
from tests.unit.store.building import (
    accept,
    accepted,
    answer_all,
    event,
    rows,
    soon,
    taken,
    turn_clock,
)
from tests.unit.store.conftest import MakeStore, sqlite_only

Patch = pytest.MonkeyPatch


async def test_parts_of_a_conversation_leave_one_after_another(store: SqlStore) -> None:
    await accept(store, event("u1"), event("u2"))
    choice = Option("a", "t", "Mức đóng")
    await answer_all(store, "một", "hai", options=[choice])
    first, other = await taken(store), await taken(store)
    assert (first.text, first.options, first.attempt) == ("một", (), 1)
    assert other.key.user != first.key.user
    assert await store.take_delivery("s") is None
    await store.settle(first, accepted())
    second = await taken(store)
    assert (second.text, second.options, second.key) == ("hai", (choice,), first.key)


async def test_many_senders_never_take_a_part_twice(make_store: MakeStore) -> None:
    stores: list[SqlStore] = [await make_store()]
    if not stores[0].database.is_sqlite:
        stores.append(await make_store())
    await accept(stores[0], *(event(f"u{n}") for n in range(15)))
    await answer_all(stores[0], "một")
    got = await asyncio.gather(*(stores[n % len(stores)].take_delivery(f"s{n}") for n in range(30)))
    ids = [delivery.outbox_id for delivery in got if delivery]
    assert len(ids) == len(set(ids))
    while (more := await stores[0].take_delivery("late")) is not None:
        ids.append(more.outbox_id)
    assert len(ids) == len(set(ids)) == 15


async def test_the_window_counts_from_believed_platform_time(store: SqlStore) -> None:
    sent = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=30)
    await accept(store, event("u1", sent_at=sent), event("u2", sent_at=sent - timedelta(days=1)))
    await answer_all(store, "một")
    found = {d.key.user: d for d in (await taken(store), await taken(store))}
    assert found["u1"].window_from == sent
    assert datetime.now(UTC) - found["u2"].window_from < timedelta(minutes=1)


async def test_a_retry_holds_back_its_own_conversation_only(
    store: SqlStore, monkeypatch: Patch
) -> None:
    await accept(store, event("u1"), event("u2"))
    await answer_all(store, "một", "hai")
    held = await taken(store)
    await store.settle(held, Settlement(DeliveryState.PENDING, "-32", retry_at=soon(60)))
    other = await taken(store)
    assert other.key != held.key
    await store.settle(other, accepted())
    assert (await taken(store)).key == other.key
    assert await store.take_delivery("s") is None
    turn_clock(store, monkeypatch, 61)
    again = await taken(store)
    assert (again.outbox_id, again.attempt) == (held.outbox_id, 2)


async def test_an_uncounted_attempt_does_not_count(store: SqlStore) -> None:
    delivery = await _one(store)
    await store.settle(
        delivery, Settlement(DeliveryState.PENDING, "190", retry_at=soon(-1), counted=False)
    )
    assert (await taken(store)).attempt == 1


@pytest.mark.parametrize("state", [DeliveryState.DEAD, DeliveryState.DROPPED])
async def test_the_rest_of_a_failed_reply_is_dropped(store: SqlStore, state: DeliveryState) -> None:
    await accept(store, event())
    await answer_all(store, "một", "hai", "ba")
    await accept(store, event())
    await answer_all(store, "bốn")
    await store.settle(await taken(store), Settlement(state, "-230"))
    assert rows(store, "SELECT text, state, reason FROM outbox ORDER BY id")[:3] == [
        ("một", state.value, "-230"),
        ("hai", "dropped", "earlier_part_failed"),
        ("ba", "dropped", "earlier_part_failed"),
    ]
    assert (await taken(store)).text == "bốn"


async def test_unknown_lets_the_next_part_go_and_is_not_resent(store: SqlStore) -> None:
    await accept(store, event())
    await answer_all(store, "một", "hai")
    await store.settle(await taken(store), Settlement(DeliveryState.UNKNOWN, "timeout"))
    assert (await taken(store)).text == "hai"
    assert await store.take_delivery("s") is None


async def test_a_paused_account_waits_alone(store: SqlStore, monkeypatch: Patch) -> None:
    await accept(store, event("u1"), event("u2"), event("u3", account="other"))
    await answer_all(store, "một")
    pause = AccountState(soon(60), "190", 1)
    await store.pause_account("messenger", "page", pause)
    state = await store.account_state("messenger", "page")
    assert (state.reason, state.pauses) == ("190", 1)
    assert (await taken(store)).key.account == "other"
    assert await store.take_delivery("s") is None
    turn_clock(store, monkeypatch, 61)
    probe = await taken(store)
    # One probe at a time until the pause is cleared.
    assert await store.take_delivery("s") is None
    await store.settle(probe, accepted())
    await store.pause_account("messenger", "page", AccountState())
    assert (await taken(store)).key.account == "page"
    assert await store.account_state("messenger", "page") == AccountState()


async def test_our_own_crash_is_resent_after_a_while(
    make_store: MakeStore, monkeypatch: Patch
) -> None:
    again = await _crashed(make_store, monkeypatch)
    assert await again.take_delivery("s") is None
    turn_clock(again, monkeypatch, 60)
    delivery = await taken(again)
    assert (delivery.after_crash, delivery.attempt) == (True, 2)
    await again.settle(delivery, accepted())
    assert rows(again, "SELECT result FROM attempts ORDER BY id") == [("cut_off",), ("accepted",)]
    assert rows(again, "SELECT state, resends FROM outbox") == [("accepted", 1)]


async def test_an_echo_after_the_crash_stops_the_resend(
    make_store: MakeStore, monkeypatch: Patch
) -> None:
    again = await _crashed(make_store, monkeypatch)
    ((number,),) = rows(again, "SELECT id FROM outbox")
    await _echo(again, f"out:{number}")
    turn_clock(again, monkeypatch, 60)
    assert await again.take_delivery("s") is None
    assert rows(again, "SELECT state, message_id, resends FROM outbox") == [
        ("accepted", "mid.9", 0)
    ]


async def test_a_sender_that_never_settles_counts_as_cut_off(
    store: SqlStore, monkeypatch: Patch
) -> None:
    lost = await _one(store)
    turn_clock(store, monkeypatch, 31)
    assert await store.take_delivery("s") is None
    turn_clock(store, monkeypatch, 42)
    delivery = await taken(store)
    assert delivery.after_crash
    # The lost sender turns up with a refusal: the attempt in flight is not its to end.
    await store.settle(lost, Settlement(DeliveryState.DEAD, "-230"))
    assert rows(store, "SELECT state FROM outbox") == [("pending",)]
    # With an acceptance it is believed, and the second answer changes nothing.
    await store.settle(lost, accepted("m1"))
    await store.settle(delivery, Settlement(DeliveryState.UNKNOWN, "timeout"))
    assert rows(store, "SELECT state, message_id FROM outbox") == [("accepted", "m1")]


async def test_an_echo_settles_unknown_and_in_flight(store: SqlStore) -> None:
    delivery = await _one(store)
    await store.settle(delivery, Settlement(DeliveryState.UNKNOWN, "timeout"))
    await _echo(store, f"out:{delivery.outbox_id}")
    assert rows(store, "SELECT state FROM outbox") == [("accepted",)]
    flying = await _one(store)
    await _echo(store, f"out:{flying.outbox_id}")
    await store.settle(flying, Settlement(DeliveryState.PENDING, "502", retry_at=soon(-1)))
    assert await store.take_delivery("s") is None


@pytest.mark.parametrize(
    "metadata", ["", "out:", "out:x", "out:99999999999999999999", "out:²", "other"]
)
async def test_a_strange_echo_changes_nothing(store: SqlStore, metadata: str) -> None:
    delivery = await _one(store)
    await _echo(store, metadata)
    await _echo(store, f"out:{delivery.outbox_id}", user="somebody else")
    assert rows(store, "SELECT state FROM outbox") == [("pending",)]


async def test_an_echo_by_message_id(store: SqlStore) -> None:
    delivery = await _one(store)
    await store.settle(delivery, Settlement(DeliveryState.UNKNOWN, "timeout", message_id="mid.9"))
    await _echo(store, "")
    assert rows(store, "SELECT state FROM outbox") == [("accepted",)]


async def test_replaying_dead_letters(store: SqlStore) -> None:
    await accept(store, event())
    await answer_all(store, "một", "hai")
    await store.settle(await taken(store), Settlement(DeliveryState.DEAD, "502"))
    assert await store.replay_dead() == 2
    assert await store.replay_dead() == 0
    delivery = await taken(store)
    assert (delivery.text, delivery.attempt) == ("một", 1)


@sqlite_only
async def test_only_one_process_serves_a_sqlite_file(make_store: MakeStore) -> None:
    store: SqlStore = await make_store()
    with pytest.raises(StoreError, match="already serves"):
        await make_store()
    looker: SqlStore = await make_store(serves=False)
    await accept(store, event())
    assert (await looker.gauges())["inbox_open"] == 1
    with pytest.raises(StoreError):
        await looker.claim("w")
    with pytest.raises(StoreError):
        await looker.take_delivery("s")
    await store.close()
    await make_store()


async def _one(store: SqlStore) -> Delivery:
    await accept(store, event())
    await answer_all(store, "một")
    return await taken(store)


async def _echo(store: SqlStore, metadata: str, user: str = "u1") -> None:
    await store.accept(Parsed(echoes=(Echo("messenger", "page", user, "mid.9", metadata),)), {})


async def _crashed(make_store: MakeStore, monkeypatch: Patch) -> SqlStore:
    """A store whose process died with an attempt in flight, opened again."""
    store: SqlStore = await make_store()
    await _one(store)
    await store.close()
    again: SqlStore = await make_store()
    if not again.database.is_sqlite:
        # Other senders may live: the attempt counts as cut off when its time is over.
        assert await again.take_delivery("s") is None
        turn_clock(again, monkeypatch, 31)
        assert await again.take_delivery("s") is None
        assert rows(again, "SELECT after_crash FROM outbox") == [(True,)]
    return again
