"""Verdicts on answers: stored with the event, explained later, deleted with the citizen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.models import Feedback, Outcome
from bot.store import SqlStore
from bot.store.values import LOCAL
from tests.unit.store.building import accept, claimed, closing, event, rows

BAD = Feedback("mat-the", "v1", "bad")


async def say(store: SqlStore, said: Feedback | None, user: str = "u1") -> None:
    await accept(store, event(user))
    claim = await claimed(store)
    done = closing(claim.events[0].id, "Cảm ơn", outcome=Outcome.CHITCHAT)
    await store.close_event(claim, replace(done, feedback=said))
    await store.release(claim)


async def test_a_verdict_is_stored_with_answer_and_version(store: SqlStore) -> None:
    await say(store, Feedback("mat-the", "v1", "good"))
    found = rows(store, "SELECT channel, answer_id, version, verdict, reason FROM feedback")
    assert found == [("messenger", "mat-the", "v1", "good", "")]


async def test_a_reason_joins_its_verdict(store: SqlStore) -> None:
    await say(store, BAD)
    await say(store, replace(BAD, reason="unclear"))
    assert rows(store, "SELECT verdict, reason FROM feedback") == [("bad", "unclear")]
    # Somebody else's reason does not, and one without a verdict before it stands alone.
    await say(store, replace(BAD, reason="off"), "u2")
    assert rows(store, "SELECT verdict, reason FROM feedback ORDER BY id") == [
        ("bad", "unclear"),
        ("bad", "off"),
    ]


async def test_turns_without_a_verdict_store_none(store: SqlStore) -> None:
    await say(store, None)
    assert rows(store, "SELECT id FROM feedback") == []


async def test_forgetting_a_citizen_forgets_the_verdicts(store: SqlStore) -> None:
    await say(store, BAD)
    await say(store, BAD, "u2")
    deleted = await store.forget("messenger", "u1")
    assert deleted["feedback"] == 1
    assert len(rows(store, "SELECT id FROM feedback")) == 1


async def test_totals_by_answer_and_version(store: SqlStore) -> None:
    await say(store, BAD)
    await say(store, BAD, "u2")
    await say(store, Feedback("mat-the", "v2", "good"), "u3")
    today = datetime.now(LOCAL).date()
    assert await store.feedback_totals(today, today) == [
        {"answer_id": "mat-the", "version": "v1", "verdict": "bad", "reason": "", "n": 2},
        {"answer_id": "mat-the", "version": "v2", "verdict": "good", "reason": "", "n": 1},
    ]
    before = today - timedelta(days=1)
    assert await store.feedback_totals(before, before) == []
