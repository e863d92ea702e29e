"""Corrections on both engines: who got it, who may confirm, one message each, what became of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.correction import Kind, Subject
from bot.models import Conversation, DeliveryState, Outcome
from bot.store import ConsoleStore, SqlStore
from bot.store import corrections as rows_of
from bot.store.api import AccountState, Closing, Settlement
from bot.store.copies import Copy
from bot.store.corrections import Correction, Draft, State
from bot.store.corrections_found import Found, Way, find, ways
from bot.store.corrections_sending import SOME, Tally, copiers, send_some, tally
from bot.store.users import Role, User
from bot.store.values import LOCAL
from tests.unit.store.building import accept, accepted, claimed, event, rows, taken, turn_clock

RATE = Subject(Kind.ANSWER, "muc-dong", title="Mức đóng")
SALARY = Subject(Kind.ROW, "base_salary/all/2024-07-01", title="mức lương cơ sở")
WINDOWS = {"messenger": 24.0, "zalo": 48.0}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
async def editor(store: SqlStore) -> User:
    return await person(store, "lan")


async def person(store: SqlStore, name: str) -> User:
    console = ConsoleStore(store)
    await console.put_user(name, Role.EDITOR, "hash", actor="test")
    found = await console.password_of(name)
    assert found is not None
    return found[0]


async def answered(
    store: SqlStore, user: str, *used: str, answer: str = "muc-dong", version: str = "v1"
) -> None:
    """One question of a citizen, answered and delivered."""
    await accept(store, event(user))
    claim = await claimed(store)
    await store.close_event(
        claim,
        Closing(
            claim.events[0].id,
            Outcome.ANSWERED,
            "",
            Conversation(),
            parts=("trả lời",),
            answer_id=answer,
            provenance={"versions": {answer: version}, "used": list(used)},
        ),
        last=True,
    )
    await store.settle(await taken(store), accepted())


async def looked(store: SqlStore, subject: Subject = RATE) -> Found:
    return await store.read(lambda conn: find(conn, subject, LONG_AGO, None))


async def drafted(store: SqlStore, editor: User, subject: Subject = RATE) -> Correction:
    draft = Draft(subject, "Mức đúng là …", "nhầm dòng", LONG_AGO, None)
    number = await store.write(lambda conn: rows_of.add(conn, store.database, editor, draft))
    return await got(store, number)


async def got(store: SqlStore, number: int) -> Correction:
    one = await store.read(lambda conn: rows_of.get(conn, number))
    assert one is not None
    return one


async def confirmed(store: SqlStore, one: Correction, editor: User) -> bool:
    return await store.write(
        lambda conn: rows_of.confirm(conn, store.database, one.id, one.seen, editor)
    )


async def sent(store: SqlStore, number: int) -> list[int]:
    """Send all; returns how many conversations each step took up."""
    steps = []
    while True:
        steps.append(
            await store.write(
                lambda conn: send_some(
                    conn, store.database, number, WINDOWS, lambda day: f"thư {day:%d/%m/%Y}"
                )
            )
        )
        if not steps[-1]:
            return steps


async def counted(store: SqlStore, one: Correction) -> Tally:
    found = (await got(store, one.id)).found
    return await store.read(lambda conn: tally(conn, store.database, one.id, found, WINDOWS))


# -- who got it -----------------------------------------------------------------------------
async def test_an_answer_is_found_in_every_version_newest_first(store: SqlStore) -> None:
    await answered(store, "u1", version="v1")
    await answered(store, "u2", version="v2")
    await answered(store, "u1", version="v2")
    await answered(store, "u3", answer="muc-dong-khac")
    found = await looked(store)
    assert [one.version for one in found.replies] == ["v2", "v2", "v1"]
    assert len(found.people()) == 2
    assert [one.version for one in found.of("v1").replies] == ["v1"]
    assert not found.more
    people = found.people()
    assert people[found.replies[0].conversation_id] == found.replies[0]


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
