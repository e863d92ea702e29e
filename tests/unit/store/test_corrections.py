"""Corrections on both engines: who got it, and who may confirm."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.models import Conversation, DeliveryState, Outcome
from bot.store import ConsoleStore, SqlStore
from bot.store import corrections as rows_of
from bot.store.api import AccountState, Closing, Settlement
from bot.store.copies import Copy
from bot.store.corrections import Draft, State
from bot.store.corrections_found import Way, find, ways
from bot.store.users import User
from tests.unit.store.building import accept, claimed, event, rows, taken, turn_clock
from tests.unit.store.correcting import (
    LONG_AGO,
    RATE,
    SALARY,
    WINDOWS,
    answered,
    confirmed,
    drafted,
    got,
    looked,
    person,
)


@pytest.fixture
async def editor(store: SqlStore) -> User:
    return await person(store, "lan")


# -- who got it -----------------------------------------------------------------------------
async def test_an_answer_is_found_in_every_version_newest_first(store: SqlStore) -> None:
    await answered(store, "u1", version="v1")
    await answered(store, "u2", version="v2")
    await answered(store, "u1", version="v2")
    await answered(store, "u1", version="v2")
    await answered(store, "u3", answer="muc-dong-khac")
    found = await looked(store)
    assert [one.version for one in found.replies] == ["v2", "v2", "v1"]
    assert len(found.people()) == 2
    assert [one.version for one in found.of("v1").replies] == ["v1"]
    assert not found.more
    people = found.people()
    assert people[found.replies[0].conversation_id] == found.replies[0]
    assert [one.event_id for one in found.replies] == [4, 2, 1]


async def test_a_row_is_found_by_its_whole_id(store: SqlStore) -> None:
    await answered(store, "u1", SALARY.id)
    await answered(store, "u2", f"{SALARY.id}-other", "near/base_salary/all/2024-07-01")
    found = await looked(store, SALARY)
    assert len(found.replies) == 1


async def test_signs_of_a_pattern_are_plain_signs(store: SqlStore) -> None:
    await answered(store, "u1", "base_salary/all/2024-07-01")
    await answered(store, "u2", "baseXsalary/all/2024-07-01")
    assert len((await looked(store, SALARY)).replies) == 1


async def test_who_never_got_it_needs_no_correction(store: SqlStore) -> None:
    await accept(store, event("u1"))
    claim = await claimed(store)
    provenance = {"versions": {"muc-dong": "v1"}, "used": []}
    closed = Closing(
        claim.events[0].id, Outcome.ANSWERED, "", Conversation(), ("x",), provenance=provenance
    )
    await store.close_event(claim, closed, last=True)
    assert len((await looked(store)).replies) == 1  # it may still leave
    await store.settle(await taken(store), Settlement(DeliveryState.DEAD, "refused"))
    assert (await looked(store)).replies == ()


async def test_only_the_moments_asked_for_are_looked_through(store: SqlStore) -> None:
    await answered(store, "u1")
    now = datetime.now(UTC)
    late, early = now + timedelta(hours=1), now - timedelta(hours=1)
    assert (await store.read(lambda conn: find(conn, RATE, late, None))).replies == ()
    assert (await store.read(lambda conn: find(conn, RATE, LONG_AGO, early))).replies == ()
    assert len((await store.read(lambda conn: find(conn, RATE, early, late))).replies) == 1


async def test_staff_copies_are_found_by_answer_and_by_row(store: SqlStore, editor: User) -> None:
    day = date(2026, 11, 22)
    copied = Copy("muc-dong", "v1", "s", "chat", day, day, day, used=(SALARY.id,))
    other = Copy("khac", "v1", "s", "chat", day, day, day, used=("other/all/2024-07-01",))
    await ConsoleStore(store).add_copies(editor, "b", [copied, other])
    for subject in (RATE, SALARY):
        [one] = (await looked(store, subject)).copies
        assert (one.user, one.answer_id) == ("lan", "muc-dong")
    assert (await looked(store)).of("v2").copies == ()


# -- whether they can be told ------------------------------------------------------------------
async def test_what_stands_in_the_way_is_told(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await answered(store, "u1")
    [id_] = (await looked(store)).people()

    async def way() -> Way:
        told = await store.read(lambda conn: ways(conn, store.database, [id_, 999], WINDOWS))
        assert 999 not in told
        return told[id_]

    assert await way() is Way.OPEN
    rest = datetime.now(UTC) + timedelta(hours=1)
    await store.pause_account("messenger", "page", AccountState(rest, "190", 1))
    assert await way() is Way.PAUSED
    await store.pause_account("messenger", "page", AccountState())
    await store.set_switch("messenger", off=True)
    assert await way() is Way.PAUSED
    await store.set_switch("messenger", off=False)
    turn_clock(store, monkeypatch, 25 * 3600)
    assert await way() is Way.CLOSED


# -- draft, confirm ----------------------------------------------------------------------------
async def test_a_draft_changed_by_somebody_else_is_not_confirmed(
    store: SqlStore, editor: User
) -> None:
    await answered(store, "u1")
    one = await drafted(store, editor)
    other = await person(store, "mai")
    draft = Draft(RATE, "Mức khác", "nhầm", LONG_AGO, None)
    db = store.database
    assert await store.write(lambda conn: rows_of.edit(conn, db, one.id, one.seen, other, draft))
    assert not await confirmed(store, one, editor)
    assert not await store.write(
        lambda conn: rows_of.edit(conn, db, one.id, one.seen, editor, draft)
    )
    assert not await store.write(lambda conn: rows_of.withdraw(conn, db, one.id, one.seen, editor))
    assert rows(store, "SELECT count(*) FROM correction_targets") == [(0,)]
    fresh = await got(store, one.id)
    assert fresh.draft.text == "Mức khác"
    assert await confirmed(store, fresh, editor)
    assert not await confirmed(store, fresh, editor)  # the button was pressed twice


async def test_a_withdrawn_draft_is_listed_no_more(store: SqlStore, editor: User) -> None:
    one = await drafted(store, editor, SALARY)
    assert [each.id for each in await store.read(rows_of.latest)] == [one.id]
    assert one.draft.subject == SALARY
    assert await store.write(
        lambda conn: rows_of.withdraw(conn, store.database, one.id, one.seen, editor)
    )
    assert await store.read(rows_of.latest) == []
    assert (await got(store, one.id)).state is State.WITHDRAWN
    assert await store.read(lambda conn: rows_of.get(conn, 999)) is None


async def test_every_step_is_audited(store: SqlStore, editor: User) -> None:
    await answered(store, "u1")
    one = await drafted(store, editor)
    await confirmed(store, one, editor)
    newest, before, *_ = await ConsoleStore(store).audit()
    assert (newest.actor, newest.action, newest.subject) == ("lan", "correction.send", str(one.id))
    assert newest.detail == {"about": "muc-dong", "conversations": 1, "copies": 0}
    assert before.action == "correction.add"
