"""The counts of a week on both engines, against what was put in."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text

from bot.models import Conversation, DeliveryState, Feedback, Outcome
from bot.store import SqlStore
from bot.store.api import Closing, Settlement
from bot.store.values import LOCAL, to_ms
from bot.store.weekly import Cell, Counted, Verdicts, count
from tests.unit.store.building import accept, accepted, claimed, event, taken

FIRST = datetime(2026, 11, 16, tzinfo=LOCAL)
END = FIRST + timedelta(days=7)


async def ended(
    store: SqlStore,
    at: datetime,
    outcome: Outcome,
    *,
    words: str = "xin chào",
    channel: str = "messenger",
    answer: str | None = None,
    place: str | None = None,
    asked_place: str = "",
    said: Feedback | None = None,
) -> None:
    """One event that arrived at a moment and ended so."""
    await accept(store, event("u1", words, channel=channel))
    claim = await claimed(store)
    [open_event] = claim.events
    await store.close_event(
        claim,
        Closing(
            open_event.id,
            outcome,
            "",
            Conversation(),
            parts=("dạ",),
            answer_id=answer,
            topic=f"topic of {answer}" if answer else None,
            provenance={"place": place, "slots": {"place": asked_place}, "used": []},
            feedback=said,
        ),
        last=True,
    )
    moved = {"at": to_ms(at), "id": open_event.id}
    await store.write(
        lambda conn: conn.execute(text("UPDATE inbox SET arrived_at = :at WHERE id = :id"), moved)
    )
    await store.write(
        lambda conn: conn.execute(text("UPDATE feedback SET at = :at WHERE inbox_id = :id"), moved)
    )


async def counted(store: SqlStore) -> Counted:
    return await store.read(lambda conn: count(conn, FIRST, END))


async def test_events_are_divided_by_all_that_is_reported(store: SqlStore) -> None:
    last = END - timedelta(milliseconds=1)
    await ended(store, FIRST, Outcome.ANSWERED, answer="a", place="Bắc Ninh")
    await ended(store, last, Outcome.ANSWERED, answer="a", place="Bắc Ninh")
    await ended(store, FIRST, Outcome.CHITCHAT, channel="zalo")
    await ended(store, FIRST - timedelta(milliseconds=1), Outcome.NOT_KNOWN)
    await ended(store, END, Outcome.NOT_KNOWN)
    found = await counted(store)
    assert set(found.cells) == {
        Cell("messenger", "answered", "topic of a", "Bắc Ninh", 2),
        Cell("zalo", "chitchat", "", "", 1),
    }
    assert found.answers == [("a", 2)]
    assert found.before == [("not_known", 1)]
    assert found.not_known == []


async def test_a_place_that_was_only_asked_about_counts(store: SqlStore) -> None:
    await ended(store, FIRST, Outcome.NOT_KNOWN, asked_place="bac-ninh")
    await ended(store, FIRST, Outcome.ANSWERED, place="Bắc Giang", asked_place="bac-ninh")
    places = {cell.outcome: cell.place for cell in (await counted(store)).cells}
    assert places == {"not_known": "bac-ninh", "answered": "Bắc Giang"}


async def test_what_waits_is_counted_too(store: SqlStore) -> None:
    await accept(store, event())
    now = datetime.now(LOCAL)
    hour = timedelta(hours=1)
    found = await store.read(lambda conn: count(conn, now - hour, now + hour))
    assert found.cells == [Cell("messenger", "", "", "", 1)]
    assert found.answers == []


async def test_hours_are_those_of_viet_nam(store: SqlStore) -> None:
    await ended(store, FIRST + timedelta(minutes=5), Outcome.CHITCHAT)
    await ended(store, FIRST + timedelta(hours=15, minutes=59), Outcome.CHITCHAT)
    found = await counted(store)
    midnight = (to_ms(FIRST) + 7 * 3_600_000) // 3_600_000
    assert midnight % 24 == 0
    assert found.hours == [(midnight, 1), (midnight + 15, 1)]


async def test_verdicts_are_summed_over_versions_the_worst_first(store: SqlStore) -> None:
    for said in (
        Feedback("a", "v1", "good"),
        Feedback("a", "v2", "good"),
        Feedback("b", "v1", "bad", "off"),
        Feedback("b", "v1", "bad"),
    ):
        await ended(store, FIRST, Outcome.CHITCHAT, said=said)
    await ended(store, END, Outcome.CHITCHAT, said=Feedback("a", "v1", "bad"))
    found = await counted(store)
    assert found.verdicts == [Verdicts("b", 0, 2, 1, 0, 0), Verdicts("a", 2, 0, 0, 0, 0)]


async def test_only_questions_in_vain_keep_their_words(store: SqlStore) -> None:
    await ended(store, FIRST, Outcome.NOT_KNOWN, words="câu lạ")
    await ended(store, FIRST, Outcome.NOT_KNOWN, words="")
    await ended(store, FIRST, Outcome.ANSWERED, words="câu quen", answer="a")
    assert [one.text for one in (await counted(store)).not_known] == ["câu lạ"]


async def test_replies_are_counted_by_their_end_but_not_what_people_wrote(
    store: SqlStore,
) -> None:
    await ended(store, FIRST, Outcome.CHITCHAT)
    await store.settle(await taken(store), accepted())
    await ended(store, FIRST, Outcome.CHITCHAT)
    await store.settle(await taken(store), Settlement(DeliveryState.DEAD, "551"))
    await store.write(lambda conn: conn.execute(text("UPDATE outbox SET staff = 'x' WHERE id = 2")))
    assert (await counted(store)).deliveries == [("accepted", 1)]


async def test_an_empty_week_is_empty(store: SqlStore) -> None:
    found = await counted(store)
    assert found == Counted([], [], [], [], [], [], [])
