"""Changes and unanswered questions on both engines."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from bot.models import Conversation, Feedback, Outcome
from bot.store import ConsoleStore, SqlStore
from bot.store import changes as rows
from bot.store.api import Closing
from bot.store.changes import OPEN, Change, ChangeState, NewChange
from bot.store.unanswered import disliked, not_known
from bot.store.users import Role, User
from tests.unit.store.building import accept, claimed, event

NEW = NewChange(
    "Thẻ ướt", "base", {"answers/t/a.yaml": "id: a\x00\n"}, [{"text": "q", "answer": "a"}]
)


async def user(store: SqlStore, name: str) -> User:
    console = ConsoleStore(store)
    await console.put_user(name, Role.EDITOR, "hash", actor="test")
    found = await console.password_of(name)
    assert found is not None
    return found[0]


async def made(store: SqlStore, author: User) -> Change:
    number = await store.write(lambda conn: rows.add(conn, store.database, author, NEW))
    found = await store.read(lambda conn: rows.get(conn, number))
    assert found is not None
    return found


async def moved(store: SqlStore, change: Change, by: User, state: ChangeState) -> bool:
    return await store.write(
        lambda conn: rows.move(
            conn, store.database, change, by, "change.move", {"note": "n"}, state=state
        )
    )


async def test_a_change_is_read_back_as_it_was_written(store: SqlStore) -> None:
    lan = await user(store, "lan")
    change = await made(store, lan)
    assert (change.state, change.author, change.approver) == (ChangeState.DRAFT, "lan", "")
    assert change.files == {"answers/t/a.yaml": "id: a\n"}
    assert change.questions == ({"text": "q", "answer": "a"},)
    assert (change.trial, change.published, change.open) == (None, "", True)
    assert await store.read(lambda conn: rows.get(conn, 999)) is None


async def test_of_two_who_saw_the_same_only_one_saves(store: SqlStore) -> None:
    lan, minh = await user(store, "lan"), await user(store, "minh")
    change = await made(store, lan)
    done = await asyncio.gather(
        moved(store, change, lan, ChangeState.PROPOSED),
        moved(store, change, minh, ChangeState.WITHDRAWN),
    )
    assert sorted(done) == [False, True]
    entries = await ConsoleStore(store).audit()
    assert [one.action for one in entries].count("change.move") == 1
    assert not await moved(store, change, lan, ChangeState.PROPOSED)


async def test_who_decides_is_noted(store: SqlStore) -> None:
    lan, minh = await user(store, "lan"), await user(store, "minh")
    change = await made(store, lan)
    assert await moved(store, change, minh, ChangeState.REJECTED)
    found = await store.read(lambda conn: rows.get(conn, change.id))
    assert found is not None
    assert (found.approver, found.note, found.decided_at) == ("minh", "n", found.changed_at)
    assert found.seen > change.seen


async def test_a_trial_counts_for_what_was_tried_only(store: SqlStore) -> None:
    lan = await user(store, "lan")
    change = await made(store, lan)
    trial = {"hash": "h", "problems": [{"level": "due"}]}

    async def tried(seen: int) -> bool:
        return await store.write(lambda conn: rows.tried(conn, change.id, seen, trial))

    assert not await tried(change.seen - 1)
    assert await tried(change.seen)
    found = await store.read(lambda conn: rows.get(conn, change.id))
    assert found is not None
    assert (found.trial, found.seen) == (trial, change.seen)
    assert await store.write(
        lambda conn: rows.move(conn, store.database, change, lan, "change.edit", {"trial": None})
    )
    found = await store.read(lambda conn: rows.get(conn, change.id))
    assert found is not None
    assert found.trial is None


async def test_lists_are_by_state_newest_first_and_go_on(store: SqlStore) -> None:
    lan = await user(store, "lan")
    all_ = [await made(store, lan) for _ in range(3)]
    assert await moved(store, all_[1], lan, ChangeState.WITHDRAWN)

    async def ids(states: tuple[ChangeState, ...], before: int | None = None) -> list[int]:
        found = await store.read(lambda conn: rows.latest(conn, states, before=before, most=1))
        return [one.id for one in found]

    assert await ids(OPEN) == [all_[2].id]
    assert await ids(OPEN, all_[2].id) == [all_[0].id]
    assert await ids((ChangeState.WITHDRAWN,)) == [all_[1].id]


# -- unanswered ---------------------------------------------------------------------------
async def _ended(store: SqlStore, words: str, outcome: Outcome, **closing: object) -> int:
    await accept(store, event("u1", words))
    claim = await claimed(store)
    [item] = claim.events
    done = Closing(item.id, outcome, "", Conversation(), **closing)  # type: ignore[arg-type] # as named
    await store.close_event(claim, done, last=True)
    return item.id


async def test_not_known_questions_newest_first_within_bounds(store: SqlStore) -> None:
    await _ended(store, "một", Outcome.NOT_KNOWN)
    await _ended(store, "hai", Outcome.ANSWERED, answer_id="a")
    await _ended(store, "", Outcome.NOT_KNOWN)
    await _ended(store, "ba", Outcome.NOT_KNOWN)
    since = datetime.now(UTC) - timedelta(days=1)
    found = await store.read(lambda conn: not_known(conn, since, 10))
    assert [one.text for one in found] == ["ba", "một"]
    assert found[0].channel == "messenger"
    assert len(await store.read(lambda conn: not_known(conn, since, 1))) == 1
    later = datetime.now(UTC) + timedelta(days=1)
    assert await store.read(lambda conn: not_known(conn, later, 10)) == []


async def test_the_question_behind_a_bad_verdict(store: SqlStore) -> None:
    await _ended(store, "câu cũ", Outcome.ANSWERED, answer_id="a")
    await _ended(store, "câu bị chê", Outcome.ANSWERED, answer_id="a")
    await _ended(store, "câu khác", Outcome.ANSWERED, answer_id="b")
    said = Feedback("a", "v", "bad", "off")
    await _ended(store, "chưa đúng", Outcome.CHITCHAT, feedback=said)
    await _ended(store, "tốt", Outcome.CHITCHAT, feedback=Feedback("b", "v", "good"))
    since = datetime.now(UTC) - timedelta(days=1)
    [one] = await store.read(lambda conn: disliked(conn, since, 10))
    assert (one.text, one.answer_id, one.reason) == ("câu bị chê", "a", "off")


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_the_list_walks_its_own_index(store: SqlStore) -> None:
    query = (
        "EXPLAIN QUERY PLAN SELECT text FROM inbox WHERE outcome = 'not_known' "
        "AND arrived_at >= 5 AND text != '' ORDER BY arrived_at DESC LIMIT 9"
    )
    with store.database.reading() as conn:
        plan = " ".join(row[3] for row in conn.execute(text(query)))
    assert "ix_inbox_not_known" in plan
