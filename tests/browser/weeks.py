"""A week of made-up counts, so that the pictures of correction and report show something."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert

from bot.models import Outcome
from bot.store.tables import conversations, inbox, outbox
from bot.store.tables_feedback import feedback
from bot.store.values import to_ms
from tests.unit.console.running import Running

EVENTS = 240
#: Far from the numbers of the other pictures: conversations above, events below them, for the
#: lists of conversations begin with the newest event.
FIRST_CONVERSATION = 200
PLACES = ("Bắc Ninh", None, "Bắc Giang", "Bắc Ninh", None, "Hà Nội")
GIVEN = ("muc-dong-hssv", "mat-the", "muc-dong-hssv", "cai-vssid", "muc-dong-hssv")
ENDED = (
    *(Outcome.ANSWERED,) * 8,
    Outcome.CHITCHAT,
    Outcome.ASKED_BACK,
    Outcome.ANSWERED,
    Outcome.NOT_KNOWN,
    Outcome.CHITCHAT,
)
IN_VAIN = ("khám răng có được bảo hiểm không ạ", "bảo hiểm xe máy mua ở đâu")


async def fill_week(running: Running) -> None:
    """Events of the last six days with their replies and a few verdicts."""
    answers = running.desk().snapshot.answers

    def work(conn: Connection) -> None:
        for number in range(EVENTS):
            at = running.clock() - timedelta(hours=number * 0.6, minutes=(number * 37) % 300)
            _event(conn, number, to_ms(at), {id_: answers[id_].version for id_ in GIVEN})

    await running.sql.write(work)


def _event(conn: Connection, number: int, at: int, versions: dict[str, str]) -> None:
    conversation = FIRST_CONVERSATION + number // 2
    channel = "messenger" if number // 2 % 3 == 0 else "zalo"
    owner = {"channel": channel, "account": "22"}
    if number % 2 == 0:
        row = {"id": conversation, **owner, "user_id": str(conversation), "last_user_at": at}
        conn.execute(insert(conversations).values(row))
    outcome = ENDED[number % len(ENDED)]
    answer = GIVEN[number % len(GIVEN)] if outcome is Outcome.ANSWERED else None
    event: dict[str, Any] = {
        "id": number - EVENTS,
        "conversation_id": conversation,
        **owner,
        "event_key": f"text:week-{number}",
        "kind": "text",
        "text": IN_VAIN[number % 2] if outcome is Outcome.NOT_KNOWN else "…",
        "payload": "",
        "attachment": "",
        "arrived_at": at,
        "order_at": at,
        "redacted": "",
        "outcome": outcome.value,
        "parts": 1,
        "answer_id": answer,
        "topic": {"muc-dong-hssv": "hssv_rate", "mat-the": "card_lost_or_wrong"}.get(
            answer or "", "vssid_install" if answer else None
        ),
        "provenance": {
            "versions": {answer: versions[answer]} if answer else {},
            "used": [],
            "place": PLACES[number % len(PLACES)],
        },
        "closed_at": at,
    }
    conn.execute(insert(inbox).values(event))
    part: dict[str, Any] = {
        "inbox_id": event["id"],
        "conversation_id": conversation,
        "seq": 1,
        "text": "…",
        "options": [],
        "state": "accepted",
        "window_from": at,
        "created_at": at,
        "settled_at": at,
    }
    conn.execute(insert(outbox).values(part))
    if answer and number % 6 == 0:
        good = number % 4 == 0
        said = {
            "conversation_id": conversation,
            "inbox_id": event["id"],
            "channel": channel,
            "answer_id": answer,
            "version": versions[answer],
            "verdict": "good" if good else "bad",
            "reason": "" if good else ("short", "unclear")[number // 6 % 2],
            "at": at,
        }
        conn.execute(insert(feedback).values(said))
