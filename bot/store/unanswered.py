"""What citizens asked in vain: questions without an answer, and answers they called wrong.

Read only, newest first, and bounded on both sides: by a first moment and by a number of rows.
The words were redacted before they were stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, literal_column, select

from bot.store.tables import inbox
from bot.store.tables_feedback import feedback
from bot.store.values import from_ms, to_ms

i, f = inbox.c, feedback.c


@dataclass(frozen=True, slots=True)
class Unanswered:
    """One question, as its inbox row holds it."""

    text: str
    at: datetime
    channel: str
    #: The answer that was called wrong, "" when there was none.
    answer_id: str = ""
    #: What was wrong with it: "off", "short", "unclear", "" when not said.
    reason: str = ""


def not_known(conn: Connection, since: datetime, most: int) -> list[Unanswered]:
    """Questions for which the bot knew no answer."""
    query = (
        select(i.text, i.arrived_at, i.channel)
        # Literal: the partial index is used for these very words only (`bot.store.tables`).
        .where(i.outcome == literal_column("'not_known'"), i.arrived_at >= to_ms(since))
        .where(i.text != "")
        .order_by(i.arrived_at.desc())
        .limit(most)
    )
    return [
        Unanswered(row.text, from_ms(row.arrived_at), row.channel) for row in conn.execute(query)
    ]


def disliked(conn: Connection, since: datetime, most: int) -> list[Unanswered]:
    """The questions behind answers that citizens called wrong.

    The verdict names the answer; its question is the newest one of the same conversation that
    got this answer before the verdict.
    """
    earlier = inbox.alias("earlier")
    asked = (
        select(func.max(earlier.c.id))
        .where(
            earlier.c.conversation_id == f.conversation_id,
            earlier.c.answer_id == f.answer_id,
            earlier.c.id < f.inbox_id,
            earlier.c.text != "",
        )
        .correlate(feedback)
        .scalar_subquery()
    )
    query = (
        select(i.text, f.at, f.channel, f.answer_id, f.reason)
        .select_from(feedback.join(inbox, i.id == asked))
        .where(f.verdict == "bad", f.at >= to_ms(since))
        .order_by(f.at.desc())
        .limit(most)
    )
    return [
        Unanswered(row.text, from_ms(row.at), row.channel, row.answer_id, row.reason)
        for row in conn.execute(query)
    ]
