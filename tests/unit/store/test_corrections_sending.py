"""Sending a correction on both engines: one message each, what became of it, colleagues."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.models import Conversation, DeliveryState, Outcome
from bot.store import ConsoleStore, SqlStore
from bot.store import corrections as rows_of
from bot.store.api import AccountState, Closing, Settlement
from bot.store.copies import Copy
from bot.store.corrections import State
from bot.store.corrections_sending import SOME, Tally, copiers, send_some
from bot.store.users import User
from bot.store.values import LOCAL
from tests.unit.store.building import accept, accepted, claimed, event, rows, taken, turn_clock
from tests.unit.store.correcting import (
    WINDOWS,
    answered,
    confirmed,
    counted,
    drafted,
    got,
    person,
    sent,
)


@pytest.fixture
async def editor(store: SqlStore) -> User:
    return await person(store, "lan")


# -- sending ------------------------------------------------------------------------------------
async def test_each_conversation_is_told_once_behind_what_waits(
    store: SqlStore, editor: User
) -> None:
    for user in ("u1", "u2", "u1"):
        await answered(store, user)
    one = await drafted(store, editor)
    assert await sent(store, one.id) == [0]  # not confirmed yet
    assert await confirmed(store, one, editor)
    assert await sent(store, one.id) == [2, 0]
    assert await sent(store, one.id) == [0]
    assert (await got(store, one.id)).state is State.DONE
    today = datetime.now(UTC)
    parts = rows(store, "SELECT text, staff, seq, state FROM outbox WHERE staff != '' ORDER BY id")
    assert parts == [(f"thư {today:%d/%m/%Y}", "lan", 2, "pending")] * 2
    assert await counted(store, one) == Tally(waiting=2)
    first = await taken(store)
    await store.settle(first, accepted())
    await store.settle(await taken(store), Settlement(DeliveryState.DROPPED, "window_closed"))
    assert await counted(store, one) == Tally(arrived=1, too_late=1)


async def test_the_ledger_still_balances(store: SqlStore, editor: User) -> None:
    await answered(store, "u1")
    one = await drafted(store, editor)
    await confirmed(store, one, editor)
    await sent(store, one.id)
    assert (await store.ledger(datetime.now(LOCAL).date()))["balanced"]


async def test_a_question_that_waits_gets_its_own_reply_as_ever(
    store: SqlStore, editor: User
) -> None:
    await answered(store, "u1")
    one = await drafted(store, editor)
    await accept(store, event("u1", "câu mới"))
    await confirmed(store, one, editor)
    await sent(store, one.id)
    claim = await claimed(store)
    reply = Closing(claim.events[0].id, Outcome.CHITCHAT, "", Conversation(), parts=("dạ",))
    await store.close_event(claim, reply, last=True)
    first, second = await taken(store), None
    assert first.text.startswith("thư")
    assert await store.take_delivery("s") is None  # in order: the reply waits for it
    await store.settle(first, accepted())
    second = await taken(store)
    assert second.text == "dạ"


async def test_who_cannot_be_told_is_counted(
    store: SqlStore, editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    await answered(store, "late")
    await answered(store, "gone")
    turn_clock(store, monkeypatch, 25 * 3600)
    await answered(store, "rests")
    one = await drafted(store, editor)
    await confirmed(store, one, editor)
    await store.forget("messenger", "gone")
    await sent(store, one.id)
    rest = datetime.now(UTC) + timedelta(hours=99)
    await store.pause_account("messenger", "page", AccountState(rest, "190", 1))
    found = await counted(store, one)
    assert found == Tally(waiting=1, paused=1, too_late=1, gone=1)
    assert found.not_sent == 2


async def test_a_cut_off_sending_goes_on(store: SqlStore, editor: User) -> None:
    for number in range(SOME + 3):
        await answered(store, f"u{number}")
    one = await drafted(store, editor)
    await confirmed(store, one, editor)
    await store.write(lambda conn: send_some(conn, store.database, one.id, WINDOWS, lambda _: "x"))
    assert (await counted(store, one)).open == 3
    assert (await got(store, one.id)).state is State.SENDING
    assert await sent(store, one.id) == [3, 0]
    assert (await counted(store, one)).waiting == SOME + 3


async def test_old_replies_may_go_while_a_correction_stays(store: SqlStore, editor: User) -> None:
    await answered(store, "u1")
    one = await drafted(store, editor)
    await confirmed(store, one, editor)
    await sent(store, one.id)
    await store.settle(await taken(store), accepted())
    await store.expire(datetime.now(UTC) + timedelta(hours=1))
    assert await counted(store, one) == Tally(gone=1)


# -- colleagues ----------------------------------------------------------------------------------
async def test_colleagues_settle_their_own_copies(store: SqlStore, editor: User) -> None:
    mai = await person(store, "mai")
    day = date(2026, 11, 22)
    copied = Copy("muc-dong", "v1", "s", "chat", day, day, day)
    for who in (editor, mai, mai):
        await ConsoleStore(store).add_copies(who, "b", [copied])
    one = await drafted(store, editor)
    assert await store.read(lambda conn: rows_of.to_tell(conn, mai)) == []
    await confirmed(store, one, editor)
    [(correction, copies)] = await store.read(lambda conn: rows_of.to_tell(conn, mai))
    assert (correction.id, copies) == (one.id, 2)
    db = store.database
    assert await store.write(lambda conn: rows_of.told(conn, db, one.id, mai)) == 2
    assert await store.write(lambda conn: rows_of.told(conn, db, one.id, mai)) == 0
    assert await store.read(lambda conn: rows_of.to_tell(conn, mai)) == []
    assert await store.read(lambda conn: copiers(conn, one.id)) == [("lan", 1, 0), ("mai", 2, 2)]
    assert await counted(store, one) == Tally(copies_told=2, copies_open=1)
    assert (await ConsoleStore(store).audit(most=1))[0].detail == {"copies": 2}
