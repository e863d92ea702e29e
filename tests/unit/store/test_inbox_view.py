"""Conversations as the console sees them, on both engines."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bot.models import Conversation, DeliveryState, Outcome, SignalKind
from bot.store import ConsoleStore, SqlStore
from bot.store import inbox_view as view
from bot.store.api import Closing, ConversationKey, Settlement
from bot.store.inbox_view import Show, Wanted
from bot.store.inbox_view_verbs import ConversationStore, Done
from bot.store.tables import inbox
from bot.store.users import Role, User
from tests.unit.store.building import (
    accept,
    accepted,
    answer_all,
    claimed,
    event,
    rows,
    send_signal,
    taken,
)
from tests.unit.store.conftest import sqlite_only


@pytest.fixture
def talks(store: SqlStore) -> ConversationStore:
    return ConversationStore(store, takeover_minutes=60)


async def made(store: SqlStore, name: str = "lan") -> User:
    console = ConsoleStore(store)
    await console.put_user(name, Role.AGENT, "hash", actor="test")
    found = await console.password_of(name)
    assert found is not None
    return found[0]


async def ended(store: SqlStore, outcome: Outcome, *parts: str) -> None:
    """Close every open event alike."""
    while (claim := await store.claim("w")) is not None:
        for item in claim.events:
            closing = Closing(item.id, outcome, "", Conversation(), parts=parts)
            await store.close_event(claim, closing)
        await store.release(claim)


async def listed(
    talks: ConversationStore, user: User, show: Show = Show.ALL, **more: str
) -> list[int]:
    found = await talks.lines(user, Wanted(show=show, **more), 10)  # type: ignore[arg-type]
    return [line.id for line in found]


async def number(store: SqlStore, user: str) -> int:
    return int(rows(store, f"SELECT id FROM conversations WHERE user_id = '{user}'")[0][0])  # noqa: S608 - our own words


# -- lists ----------------------------------------------------------------------------------
async def test_the_newest_event_comes_first_and_tells_the_line(
    store: SqlStore, talks: ConversationStore
) -> None:
    lan = await made(store)
    await accept(store, event("u1", "một"))
    await accept(store, event("u2", "hai", channel="zalo"))
    await ended(store, Outcome.NOT_KNOWN, "chưa rõ")
    await accept(store, event("u1", "ba"))
    first, second = await talks.lines(lan, Wanted(), 10)
    assert (first.text, first.outcome, first.unread) == ("ba", None, 2)
    assert (second.text, second.outcome, second.channel) == ("hai", "not_known", "zalo")
    assert await listed(talks, lan, channel="zalo") == [second.id]
    assert await listed(talks, lan, outcome="not_known") == [second.id]
    assert await listed(talks, lan, outcome="answered") == []


async def test_pages_hold_every_conversation_once(
    store: SqlStore, talks: ConversationStore
) -> None:
    lan = await made(store)
    for user in ("u1", "u2", "u3", "u4", "u5", "u1", "u3"):
        await accept(store, event(user))
    seen: list[int] = []
    before = None
    while page := await talks.lines(lan, Wanted(before=before), 2):
        seen += [line.id for line in page]
        before = page[-1].event_id
    assert len(seen) == len(set(seen)) == 5
    assert seen[0] == await number(store, "u3")


async def test_reading_takes_the_badge_away_for_this_person_only(
    store: SqlStore, talks: ConversationStore
) -> None:
    lan, minh = await made(store), await made(store, "minh")
    await accept(store, event("u1"))
    await accept(store, event("u2"))
    one = await number(store, "u1")
    assert await talks.mark_read(lan, one)
    assert not await talks.mark_read(lan, one)
    assert await listed(talks, lan, Show.UNREAD) == [await number(store, "u2")]
    assert len(await listed(talks, minh, Show.UNREAD)) == 2
    await accept(store, event("u1"))
    assert (await talks.lines(lan, Wanted(show=Show.UNREAD), 10))[0].unread == 1
    assert not await talks.mark_read(lan, 4711)


async def test_who_asks_for_a_person_waits_until_one_takes_over(
    store: SqlStore, talks: ConversationStore
) -> None:
    lan = await made(store)
    await accept(store, event("u1", "gặp nhân viên"))
    await accept(store, event("u2"))
    one = await number(store, "u1")
    assert await talks.for_people(lan) == 0
    claim = await claimed(store)
    await store.close_event(
        claim, Closing(claim.events[0].id, Outcome.HANDED_OVER, "", Conversation())
    )
    await store.release(claim)
    assert await listed(talks, lan, Show.WAITING) == [one]
    assert (await talks.lines(lan, Wanted(show=Show.WAITING), 10))[0].waiting
    assert await talks.for_people(lan) == 1
    assert (await talks.take(lan, one)).done is Done.YES
    assert await listed(talks, lan, Show.WAITING) == []
    assert await listed(talks, lan, Show.HELD) == [one]
    # Held, with words nobody has read: it still wants a person, until they are read.
    assert await talks.for_people(lan) == 1
    await talks.mark_read(lan, one)
    assert await talks.for_people(lan) == 0


async def test_what_did_not_arrive_is_found(store: SqlStore, talks: ConversationStore) -> None:
    lan = await made(store)
    await accept(store, event("u1"))
    await answer_all(store, "trả lời")
    part = await taken(store)
    await store.settle(part, Settlement(DeliveryState.DEAD, reason="551"))
    one = await number(store, "u1")
    assert await listed(talks, lan, Show.TROUBLE) == [one]
    whole = await talks.whole(one)
    assert whole is not None
    [sent] = whole.turns[0].parts
    assert (sent.state, sent.reason, sent.attempts) == ("dead", "551", 1)


@sqlite_only
async def test_lists_walk_small_indexes(store: SqlStore) -> None:
    lan = await made(store)
    for show, index in (
        (Show.HELD, "ix_conversations_held"),
        (Show.WAITING, "ix_inbox_handed_over"),
        (Show.TROUBLE, "ix_outbox_trouble"),
    ):
        query = view._newest(Wanted(show=show), 1, lan.id, 10)
        sql = str(
            query.select().compile(store.database.engine, compile_kwargs={"literal_binds": True})
        )
        assert index in str(rows(store, f"EXPLAIN QUERY PLAN {sql}")), show


async def test_the_mark_changes_with_everything_that_is_shown(
    store: SqlStore, talks: ConversationStore
) -> None:
    lan = await made(store)
    marks = [await talks.mark()]

    async def changed() -> bool:
        marks.append(await talks.mark())
        return marks[-1] != marks[-2]

    await accept(store, event("u1"))
    assert await changed()
    assert not await changed()
    await answer_all(store, "trả lời")
    assert await changed()
    part = await taken(store)
    assert await changed()
    await store.settle(part, accepted())
    assert await changed()
    one = await number(store, "u1")
    await talks.take(lan, one)
    assert await changed()
    await talks.note(lan, one, "gọi lại chiều nay")
    assert await changed()
    await talks.release(lan, one)
    assert await changed()
    await send_signal(store, SignalKind.TAKEOVER)
    assert await changed()


# -- one conversation -----------------------------------------------------------------------
async def test_a_transcript_has_turns_parts_and_notes_in_order(
    store: SqlStore, talks: ConversationStore
) -> None:
    lan = await made(store)
    await accept(store, event("u1", "một"))
    await answer_all(store, "bot một", "bot hai")
    one = await number(store, "u1")
    await talks.reply(lan, one, "Em chào anh/chị.")
    await talks.note(lan, one, "Đã gọi lại.")
    whole = await talks.whole(one)
    assert whole is not None
    assert whole.key == ConversationKey("messenger", "page", "u1")
    assert (whole.held_by, whole.older) == ("lan", False)
    [turn] = whole.turns
    assert (turn.text, turn.outcome) == ("một", "answered")
    assert [(part.staff, part.state) for part in turn.parts] == [
        ("", "pending"),
        ("", "pending"),
        ("lan", "pending"),
    ]
    assert [(note.user, note.text) for note in whole.notes] == [("lan", "Đã gọi lại.")]


async def test_a_long_transcript_has_pages(
    store: SqlStore, talks: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.inbox_view_one.EVENTS", 2)
    for words in ("một", "hai", "ba"):
        await accept(store, event("u1", words))
    one = await number(store, "u1")
    whole = await talks.whole(one)
    assert whole is not None
    assert [turn.text for turn in whole.turns] == ["hai", "ba"]
    assert whole.older
    earlier = await talks.whole(one, before=whole.turns[0].id)
    assert earlier is not None
    assert ([turn.text for turn in earlier.turns], earlier.older) == (["một"], False)


async def test_nobody_answers_over_a_colleague_unasked(
    store: SqlStore, talks: ConversationStore
) -> None:
    lan, minh = await made(store), await made(store, "minh")
    await accept(store, event("u1"))
    one = await number(store, "u1")
    await talks.take(lan, one)
    refused = await talks.reply(minh, one, "Chào anh/chị.")
    assert refused.done is Done.HELD
    assert refused.holder is not None
    assert refused.holder.staff == "lan"
    assert rows(store, "SELECT count(*) FROM outbox") == [(0,)]
    assert (await talks.reply(minh, one, "Chào anh/chị.", force=True)).done is Done.YES
    assert rows(store, "SELECT staff FROM outbox") == [("minh",)]


async def test_a_form_that_comes_twice_is_sent_once(
    store: SqlStore, talks: ConversationStore
) -> None:
    lan = await made(store)
    await accept(store, event("u1"))
    one = await number(store, "u1")
    assert (await talks.reply(lan, one, "Chào anh/chị.")).done is Done.YES
    assert (await talks.reply(lan, one, "Chào anh/chị.")).done is Done.ALREADY
    assert (await talks.reply(lan, one, "Anh/chị chờ em ạ.")).done is Done.YES
    assert rows(store, "SELECT count(*) FROM outbox") == [(2,)]


async def test_every_change_is_audited_without_words(
    store: SqlStore, talks: ConversationStore
) -> None:
    lan = await made(store)
    await accept(store, event("u1"))
    one = await number(store, "u1")
    await talks.take(lan, one)
    await talks.take(lan, one)  # only a longer time: no new line
    await talks.reply(lan, one, "lời riêng tư")
    await talks.note(lan, one, "lời riêng tư")
    assert (await talks.release(lan, one)).done is Done.YES
    assert (await talks.release(lan, one)).done is Done.ALREADY
    lines = rows(store, "SELECT action, subject, detail FROM audit WHERE actor = 'lan' ORDER BY id")
    assert [line[0].removeprefix("conversation.") for line in lines] == [
        "take",
        "reply",
        "note",
        "release",
    ]
    assert {line[1] for line in lines} == {str(one)}
    assert "riêng" not in str(lines)


async def test_a_forgotten_conversation_takes_its_notes_along(
    store: SqlStore, talks: ConversationStore
) -> None:
    lan = await made(store)
    await accept(store, event("u1"))
    one = await number(store, "u1")
    await talks.note(lan, one, "ghi chú")
    await talks.mark_read(lan, one)
    await store.forget("messenger", "u1")
    assert rows(store, "SELECT count(*) FROM notes") == [(0,)]
    assert await talks.whole(one) is None
    for result in (
        await talks.take(lan, one),
        await talks.release(lan, one),
        await talks.reply(lan, one, "chào"),
        await talks.note(lan, one, "chào"),
    ):
        assert result.done is Done.GONE


async def test_nothing_can_be_answered_once_the_words_are_gone(
    store: SqlStore, talks: ConversationStore
) -> None:
    lan = await made(store)
    await send_signal(store, SignalKind.TAKEOVER)
    one = await number(store, "u1")
    assert (await talks.reply(lan, one, "chào")).done is Done.GONE
    await accept(store, event("u1"))
    await store.write(lambda conn: conn.execute(update(inbox).values(text="")))
    assert (await talks.reply(lan, one, "chào")).done is Done.YES
