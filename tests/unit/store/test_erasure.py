"""At a citizen's word everything about them goes, the confirmation last; counts stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import JSON, Connection, Table, func, insert, select

from bot.models import Conversation, DeliveryState, Feedback, Outcome
from bot.store import SqlStore
from bot.store.api import Settlement
from bot.store.tables import metadata
from bot.store.values import LOCAL
from tests.unit.store.building import (
    accept,
    accepted,
    answer_all,
    claimed,
    closing,
    event,
    rows,
    taken,
    turn_clock,
)
from tests.unit.store.conftest import MakeStore

DONE = "Đã xóa."


async def erased(store: SqlStore, user: str = "lan") -> None:
    """The citizen's last open event confirms the erasure; its reply waits to leave."""
    claim = await claimed(store)
    assert claim.key.user == user
    assert len(claim.events) == 1
    last = closing(claim.events[0].id, DONE, outcome=Outcome.CHITCHAT)
    await store.close_event(claim, replace(last, erase=True))
    await store.release(claim)


async def told(store: SqlStore, user: str = "lan") -> None:
    """One question with its reply delivered, then the confirmation."""
    await accept(store, event(user, "số của tôi là bí mật"))
    await answer_all(store, "một câu trả lời")
    await store.settle(await taken(store), accepted())
    await accept(store, event(user, "đồng ý xóa"))
    await erased(store, user)


def count(store: SqlStore, table: str) -> int:
    """Rows of a table."""
    with store.database.reading() as conn:
        return conn.execute(select(func.count()).select_from(metadata.tables[table])).scalar_one()


def words(store: SqlStore) -> str:
    found = rows(store, "SELECT text FROM inbox") + rows(store, "SELECT text FROM outbox")
    return " ".join(text for (text,) in found)


async def test_words_go_at_once_rows_when_the_confirmation_has_left(store: SqlStore) -> None:
    await told(store)
    assert words(store).strip() == DONE
    assert not any((await store.erase_due()).values())
    await store.settle(await taken(store), accepted())
    assert await store.erase_due() == {
        "attempts": 2,
        "outbox": 2,
        "feedback": 0,
        "inbox": 2,
        "conversations": 1,
    }
    for table in ("conversations", "inbox", "outbox", "attempts"):
        assert count(store, table) == 0
    ledger = await store.ledger(datetime.now(LOCAL).date())
    assert (ledger["events"], ledger["forgotten"], ledger["balanced"]) == (2, 2, True)
    assert await store.erase_due() == {}


@pytest.mark.parametrize(
    "state", [DeliveryState.DEAD, DeliveryState.UNKNOWN, DeliveryState.DROPPED]
)
async def test_a_confirmation_that_never_arrives_keeps_nothing(
    store: SqlStore, state: DeliveryState
) -> None:
    await told(store)
    await store.settle(await taken(store), Settlement(state, "x"))
    assert (await store.erase_due())["conversations"] == 1


async def test_a_retry_of_the_confirmation_still_has_its_words(store: SqlStore) -> None:
    await told(store)
    again = Settlement(DeliveryState.PENDING, "-32", retry_at=datetime.now(UTC))
    await store.settle(await taken(store), again)
    await store.erase_due()
    assert (await taken(store)).text == DONE


async def test_what_is_said_afterwards_is_a_new_talk(store: SqlStore) -> None:
    await told(store)
    await accept(store, event("lan", "câu hỏi mới"))
    await store.settle(await taken(store), accepted())
    await store.erase_due()
    assert rows(store, "SELECT text FROM inbox") == [("câu hỏi mới",)]
    assert rows(store, "SELECT erase_upto FROM conversations") == [(None,)]
    claim = await claimed(store)
    assert claim.conversation == Conversation()
    assert [e.event.text for e in claim.events] == ["câu hỏi mới"]


async def test_an_event_still_open_is_answered_first(store: SqlStore) -> None:
    """It arrived before the confirmation but was closed after it."""
    await accept(store, event("lan", "chờ"), event("lan", "đồng ý xóa"))
    claim = await claimed(store)
    await store.close_event(
        claim, replace(closing(claim.events[1].id, DONE, outcome=Outcome.CHITCHAT), erase=True)
    )
    await store.settle(await taken(store), accepted())
    assert await store.erase_due() == {}
    assert rows(store, "SELECT text FROM inbox WHERE outcome IS NULL") == [("chờ",)]
    await store.close_event(claim, closing(claim.events[0].id, outcome=Outcome.IGNORED))
    assert (await store.erase_due())["inbox"] == 2


async def test_neighbours_keep_everything(store: SqlStore) -> None:
    await accept(store, event("mai", "của mai"), event("lan", "của lan", account="other"))
    await answer_all(store, "hai")
    for _ in range(2):
        await store.settle(await taken(store), accepted())
    await told(store)
    await store.settle(await taken(store), accepted())
    await store.erase_due()
    assert rows(store, "SELECT text FROM inbox ORDER BY id") == [("của mai",), ("của lan",)]


async def test_the_wish_survives_a_restart(store: SqlStore, make_store: MakeStore) -> None:
    await told(store)
    await store.settle(await taken(store), accepted())
    await store.close()
    again = await make_store()
    assert (await again.erase_due())["inbox"] == 2


# -- every table about a citizen, whoever adds one ----------------------------------------------
def about_citizens() -> list[Table]:
    """Tables with a way to a conversation, an event or a reply part."""
    targets = {"conversations", "inbox", "outbox"}
    named = {"conversation_id", "inbox_id", "outbox_id"}
    found = []
    for table in metadata.sorted_tables:
        keys = {key.column.table.name for key in table.foreign_keys}
        if keys & targets or named & set(table.columns.keys()):
            found.append(table)
    return found


def test_every_such_table_says_so_with_a_foreign_key() -> None:
    for table in about_citizens():
        for name in {"conversation_id", "inbox_id", "outbox_id"} & set(table.columns.keys()):
            assert table.columns[name].foreign_keys, (
                f"{table.name}.{name} needs a foreign key: without one a forgotten citizen's "
                "rows would stay"
            )


async def filled(store: SqlStore) -> None:
    """One row about the citizen in every such table, made up from its columns."""
    await accept(store, event("lan", "bí mật"))
    claim = await claimed(store)
    said = replace(
        closing(claim.events[0].id, "một"), feedback=Feedback("muc-dong", "v1", "no", "")
    )
    await store.close_event(claim, said)
    await store.release(claim)
    await store.settle(await taken(store), accepted())
    with store.database.engine.begin() as conn:
        for table in about_citizens():
            if conn.execute(select(table).limit(1)).first() is None:
                conn.execute(insert(table).values(_made_up(conn, table)))


def _made_up(conn: Connection, table: Table) -> dict[str, object]:
    values: dict[str, object] = {}
    for column in table.columns:
        if column.foreign_keys:
            (key,) = column.foreign_keys
            target = key.column.table
            row = conn.execute(select(key.column).limit(1)).first()
            if row is None and not column.nullable:
                made = insert(target).values(_made_up(conn, target)).returning(key.column)
                row = conn.execute(made).first()
            values[column.name] = row[0] if row else None
        elif column.primary_key or column.nullable or column.server_default is not None:
            continue
        else:
            json = isinstance(column.type, JSON)
            values[column.name] = {} if json else column.type.python_type()
    return values


@pytest.mark.parametrize("way", ["forget", "erase", "expire"])
async def test_no_table_keeps_a_row_about_a_forgotten_citizen(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    await filled(store)
    names = [table.name for table in about_citizens()]
    assert {"inbox", "outbox", "attempts", "feedback", "notes", "reads"} <= set(names)
    for name in names:
        assert count(store, name) > 0, name
    if way == "forget":
        await store.forget("messenger", "lan")
    elif way == "expire":
        turn_clock(store, monkeypatch, 3600)
        await store.expire(datetime.now(UTC) + timedelta(minutes=1))
    else:
        await accept(store, event("lan", "đồng ý xóa"))
        await erased(store)
        await store.settle(await taken(store), accepted())
        await store.erase_due()
    for name in names:
        assert count(store, name) == 0, name
    assert rows(store, "SELECT count(*) FROM conversations") == [(0,)]
