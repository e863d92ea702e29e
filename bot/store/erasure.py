"""Erasing one citizen at their own word, in two steps.

The confirmation still has to reach them, so the rows cannot all go at once. `mark` empties
every text that need not leave any more; `erase_due` deletes the rows once the confirmation has
an end of any kind. What the citizen writes in between is a new talk and stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, or_, select, update

from bot.store.conversations import delete_events
from bot.store.engine import Database
from bot.store.tables import PENDING, conversations, inbox, outbox

c = conversations.c


def mark(conn: Connection, conversation_id: int, event_id: int) -> None:
    """Empty the stored words up to this event and have its rows deleted soon.

    Parts that have yet to leave keep their text: without it they could not be sent.
    """
    conn.execute(
        update(inbox)
        .where(
            inbox.c.conversation_id == conversation_id,
            inbox.c.id <= event_id,
            inbox.c.outcome.is_not(None),  # what is open must still be answered
        )
        .values(text="", payload="", attachment="", provenance=None)
    )
    conn.execute(
        update(outbox)
        .where(outbox.c.conversation_id == conversation_id, outbox.c.state != PENDING)
        .values(text="", options=[])
    )
    conn.execute(update(conversations).where(c.id == conversation_id).values(erase_upto=event_id))


def erase_due(conn: Connection, db: Database) -> Mapping[str, int]:
    """Delete every marked conversation of which nothing is open or unsent; rows by table."""
    marked = conn.execute(
        select(c.id, c.erase_upto)
        .where(c.erase_upto.is_not(None))
        .order_by(c.id)
        .with_for_update(skip_locked=True)
    ).all()
    deleted: Counter[str] = Counter()
    for row in marked:
        here = and_(inbox.c.conversation_id == row.id, inbox.c.id <= row.erase_upto)
        unsent = exists().where(outbox.c.inbox_id == inbox.c.id, outbox.c.state == PENDING)
        if conn.execute(select(inbox.c.id).where(here, or_(_open(), unsent)).limit(1)).first():
            continue
        deleted.update(delete_events(conn, db, here))
        if conn.execute(
            select(inbox.c.id).where(inbox.c.conversation_id == row.id).limit(1)
        ).first():
            conn.execute(update(conversations).where(c.id == row.id).values(erase_upto=None))
        else:
            gone = conn.execute(delete(conversations).where(c.id == row.id))
            deleted["conversations"] += gone.rowcount
    return dict(deleted)


def _open() -> ColumnElement[bool]:
    return inbox.c.outcome.is_(None)
