"""People who hold a conversation, and what they write: order, opening words, the ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot import texts
from bot.models import DeliveryState, SignalKind
from bot.store import SqlStore
from bot.store.api import ConversationKey, Settlement
from bot.store.values import LOCAL
from tests.unit.store.building import (
    accept,
    accepted,
    answer_all,
    claimed,
    event,
    rows,
    send_signal,
    signal,
    taken,
    turn_clock,
)

KEY = ConversationKey("messenger", "page", "u1")
Patch = pytest.MonkeyPatch


async def test_one_of_our_staff_holds_a_conversation(store: SqlStore) -> None:
    await accept(store, event())
    held = await store.take_over(KEY, "lan", 30)
    assert held is not None
    assert held.staff == "lan"
    left = held.until - datetime.now(UTC)
    assert timedelta(minutes=29) < left <= timedelta(minutes=30)
    assert (await claimed(store)).taken_over_until == held.until


async def test_nobody_is_pushed_aside_unasked(store: SqlStore) -> None:
    await accept(store, event())
    first = await store.take_over(KEY, "lan", 30)
    assert await store.take_over(KEY, "minh", 90) == first
    forced = await store.take_over(KEY, "minh", 90, force=True)
    assert forced is not None
    assert forced.staff == "minh"


async def test_holding_it_again_extends_the_time(store: SqlStore) -> None:
    await accept(store, event())
    await store.take_over(KEY, "lan", 1)
    again = await store.take_over(KEY, "lan", 60)
    assert again is not None
    assert again.until - datetime.now(UTC) > timedelta(minutes=59)


async def test_a_conversation_nobody_has_is_held_by_nobody(store: SqlStore) -> None:
    assert await store.take_over(KEY, "lan", 30) is None
    assert await store.release_conversation(KEY) is False
    assert await store.staff_reply(KEY, "chào anh/chị", "lan") is None


async def test_release_lets_the_bot_answer_and_keeps_the_time(store: SqlStore) -> None:
    await accept(store, event())
    await store.take_over(KEY, "lan", 30)
    assert await store.release_conversation(KEY) is True
    assert await store.release_conversation(KEY) is False
    until = (await claimed(store)).taken_over_until
    assert until is not None
    assert until <= datetime.now(UTC)


async def test_a_release_of_a_free_conversation_leaves_no_trace(store: SqlStore) -> None:
    await accept(store, event())
    await store.apply_signal(signal(SignalKind.RELEASE))
    assert (await claimed(store)).taken_over_until is None


async def test_the_platform_shows_a_person_but_not_who(store: SqlStore) -> None:
    await accept(store, event())
    await send_signal(store, SignalKind.TAKEOVER)
    assert rows(store, "SELECT taken_over_by FROM conversations") == [("",)]
    # Our own staff may go on in the console what began in the platform's tool.
    held = await store.take_over(KEY, "lan", 30)
    assert held is not None
    assert held.staff == "lan"
    await send_signal(store, SignalKind.TAKEOVER)
    assert rows(store, "SELECT taken_over_by FROM conversations") == [("lan",)]


async def test_a_persons_words_leave_in_order_and_say_who_answers(store: SqlStore) -> None:
    await accept(store, event())
    await answer_all(store, "bot một", "bot hai")
    first = await store.staff_reply(KEY, "Chào anh/chị, em xem rồi ạ.", "lan")
    second = await store.staff_reply(KEY, "Anh/chị cần gì thêm không?", "lan")
    sent = []
    for _ in range(4):
        part = await taken(store)
        sent.append(part.text)
        await store.settle(part, accepted())
    assert sent == [
        "bot một",
        "bot hai",
        f"{texts.STAFF_HERE}\nChào anh/chị, em xem rồi ạ.",
        "Anh/chị cần gì thêm không?",
    ]
    assert first is not None
    assert second is not None
    assert first < second
    await accept(store, event())
    assert (await claimed(store)).taken_over_until is not None


async def test_a_new_takeover_says_again_who_answers(store: SqlStore, monkeypatch: Patch) -> None:
    await accept(store, event())
    await store.staff_reply(KEY, "một", "lan")
    await store.release_conversation(KEY)
    turn_clock(store, monkeypatch, 5)
    await store.staff_reply(KEY, "hai", "minh")
    texts_ = [text for (text,) in rows(store, "SELECT text FROM outbox ORDER BY id")]
    assert texts_ == [f"{texts.STAFF_HERE}\nmột", f"{texts.STAFF_HERE}\nhai"]


async def test_a_long_message_of_a_person_is_cut(store: SqlStore) -> None:
    await accept(store, event())
    await store.staff_reply(KEY, "Một câu dài. " * 400, "lan")
    lengths = [n for (n,) in rows(store, "SELECT length(text) FROM outbox ORDER BY id")]
    assert len(lengths) == 3
    assert max(lengths) <= 1900


async def test_a_dead_reply_of_the_bot_takes_no_persons_words_along(store: SqlStore) -> None:
    await accept(store, event())
    await answer_all(store, "bot một", "bot hai")
    await store.staff_reply(KEY, "người", "lan")
    await store.settle(await taken(store), Settlement(DeliveryState.DEAD, "-201"))
    assert rows(store, "SELECT staff, state FROM outbox ORDER BY id") == [
        ("", "dead"),
        ("", "dropped"),
        ("lan", "pending"),
    ]


async def test_a_persons_words_are_no_replies_in_the_ledger(store: SqlStore) -> None:
    await accept(store, event())
    await answer_all(store, "bot")
    await store.staff_reply(KEY, "người", "lan")
    ledger = await store.ledger(datetime.now(LOCAL).date())
    assert ledger["balanced"]
    assert ledger["replies"] == 1


async def test_refused_buttons_are_remembered_for_the_account(
    store: SqlStore, monkeypatch: Patch
) -> None:
    await accept(store, event())
    await answer_all(store, "một", "hai")
    first = await taken(store)
    assert first.buttons
    until = datetime.now(UTC) + timedelta(days=7)
    await store.buttons_refused("messenger", "page", until)
    await store.settle(first, accepted())
    second = await taken(store)
    assert not second.buttons
    await store.settle(second, accepted())
    await accept(store, event("u2"))
    await answer_all(store, "ba")
    turn_clock(store, monkeypatch, 8 * 86_400)
    assert (await taken(store)).buttons
