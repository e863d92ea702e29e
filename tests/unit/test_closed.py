"""A topic that is off answers nobody, whichever way its answer is asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import texts
from bot.closed import closed_topic
from bot.dialogue import Circumstances, Said
from bot.models import Conversation, EventKind, Option, Outcome
from bot.scope import hotline
from tests.small_answers import NOW, desk, snapshot

DESK = desk()
OPEN = Circumstances(now=NOW)
ASKED = "mức đóng bhyt học sinh"


def open_answer() -> tuple[str, str]:
    """An answer the desk gives to `ASKED`, and its topic."""
    reply, _ = DESK.respond(Said(ASKED), Conversation(), OPEN)
    assert reply.outcome is Outcome.ANSWERED
    assert reply.answer_id
    assert reply.topic
    return reply.answer_id, reply.topic


ANSWER, TOPIC = open_answer()
CLOSED = replace(OPEN, topics_off=frozenset({TOPIC}))
LINE = texts.TOPIC_OFF.replace("{hotline}", hotline(DESK.snapshot, OPEN.today))
OFFER = Conversation(offer=(Option(ANSWER, TOPIC, "Mức đóng"),), updated_at=NOW)


@pytest.mark.parametrize(
    ("said", "before"),
    [
        (Said(ASKED), Conversation()),
        (Said("1"), OFFER),
        (Said("mức đóng"), OFFER),
        (Said("", EventKind.TAP, f"answer:{ANSWER}"), OFFER),
        (Said("", EventKind.TAP, f"answer:{ANSWER}"), Conversation()),
        (Said("6 tháng"), Conversation(last_answer=ANSWER, updated_at=NOW)),
    ],
)
def test_its_answers_are_withheld_with_the_hotline(said: Said, before: Conversation) -> None:
    reply, after = DESK.respond(said, before, CLOSED)
    assert (reply.outcome, reply.answer_id, reply.topic) == (Outcome.NOT_KNOWN, None, None)
    assert reply.parts == (LINE,)
    assert (reply.amounts, reply.citations, reply.versions) == ((), (), {})
    assert f"topic_off: {TOPIC}" in reply.reasons
    assert after.not_known_in_a_row == 0  # nobody failed to understand


def test_the_text_is_polite_and_names_the_hotline() -> None:
    assert "đang được cập nhật" in LINE
    assert "1900" in LINE
    assert "{" not in LINE


def test_other_topics_go_on() -> None:
    other = replace(OPEN, topics_off=frozenset({"rumor_scam"}))
    assert DESK.respond(Said(ASKED), Conversation(), other) == DESK.respond(
        Said(ASKED), Conversation(), OPEN
    )


def test_staff_see_it_all_the_same() -> None:
    staff = replace(CLOSED, staff=True)
    assert DESK.respond(Said(ASKED), Conversation(), staff)[0].outcome is Outcome.ANSWERED


def test_a_record_falls_with_the_rule_it_quotes() -> None:
    base = snapshot()
    records = [a for a in base.answers.values() if a.file.today and a.file.today != a.file.id]
    assert records
    for record in records:
        rule = base.answers[str(record.file.today)]
        off = replace(OPEN, topics_off=frozenset({rule.file.topic}))
        assert closed_topic(base, record.file.id, off) == rule.file.topic
