"""What citizens said about answers: written with the event that said it, read for reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from bot.models import Feedback
from bot.store.engine import Database
from bot.store.tables import inbox
from bot.store.tables_feedback import feedback
from bot.store.values import day_bounds, storable

f = feedback.c


def record(
    conn: Connection,
    db: Database,
    conversation_id: int,
    inbox_id: int,
    channel: str,
    said: Feedback,
) -> None:
    """Store one verdict; a reason joins the verdict that it explains."""
    if said.reason:
        row = conn.execute(
            select(f.id)
            .where(
                f.conversation_id == conversation_id,
                f.answer_id == said.answer_id,
                f.version == said.version,
                f.verdict == said.verdict,
                f.reason == "",
            )
            .order_by(f.id.desc())
            .limit(1)
        ).scalar()
        if row is not None:
            conn.execute(update(feedback).where(f.id == row).values(reason=said.reason))
            return
    conn.execute(
        db.insert(feedback).on_conflict_do_nothing(index_elements=["inbox_id"]),
        {
            "conversation_id": conversation_id,
            "inbox_id": inbox_id,
            "channel": channel,
            "answer_id": storable(said.answer_id),
            "version": storable(said.version),
            "verdict": said.verdict,
            "reason": said.reason,
            "at": db.now(conn),
        },
    )


def forget(conn: Connection, which: ColumnElement[bool]) -> int:
    """Delete the verdicts that came with some events; how many."""
    events = select(inbox.c.id).where(which)
    return conn.execute(delete(feedback).where(f.inbox_id.in_(events))).rowcount


def totals(conn: Connection, first: date, last: date) -> list[Mapping[str, Any]]:
    """Verdicts of the days `first` to `last` (Việt Nam time), counted by answer and version.

    Rows of {"answer_id", "version", "verdict", "reason", "n"}, most frequent first.
    """
    start, _ = day_bounds(first)
    _, end = day_bounds(last)
    n = func.count().label("n")
    rows = conn.execute(
        select(f.answer_id, f.version, f.verdict, f.reason, n)
        .where(f.at >= start, f.at < end)
        .group_by(f.answer_id, f.version, f.verdict, f.reason)
        .order_by(n.desc(), f.answer_id, f.version, f.verdict, f.reason)
    )
    return [dict(row) for row in rows.mappings()]
