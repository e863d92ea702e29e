"""One conversation as the console shows it: what was said, how it ended, whether it arrived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from bot.store.api import ConversationKey
from bot.store.engine import Database
from bot.store.tables import attempts, conversations, inbox, outbox
from bot.store.tables_console import notes, reads, users
from bot.store.values import from_ms, from_ms_or_none, storable

#: One page of a transcript, and the longest note.
EVENTS = 60
NOTE_LENGTH = 2000
NOTES = 100


@dataclass(frozen=True, slots=True)
class Part:
    """One message of ours."""

    id: int
    text: str
    options: tuple[str, ...]
    state: str
    reason: str
    attempts: int
    at: datetime
    settled_at: datetime | None
    #: Who wrote it, "" = the bot.
    staff: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One event of the citizen with the outcome and everything sent behind it."""

    id: int
    kind: str
    text: str
    payload: str
    attachment: str
    at: datetime
    outcome: str | None
    reason: str
    answer_id: str | None
    score: float | None
    provenance: Mapping[str, Any]
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """What one of our staff wrote down about a conversation."""

    user: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Whole:
    """A conversation with one page of its transcript, oldest turn first."""

    id: int
    key: ConversationKey
    #: Who holds it now; `held_until` None = the bot answers. "" = in the platform's own tool.
    held_by: str
    held_until: datetime | None
    #: From when the platform's window for a reply counts, None without any event.
    window_from: datetime | None
    turns: tuple[Turn, ...]
    notes: tuple[Note, ...]
    #: True when older turns than these exist.
    older: bool
    now: datetime


def key_of(conn: Connection, conversation_id: int) -> ConversationKey | None:
    """Whose conversation it is, None when it is gone."""
    c = conversations.c
    row = conn.execute(
        select(c.channel, c.account, c.user_id).where(c.id == conversation_id)
    ).first()
    return ConversationKey(*row) if row else None


def holder(conn: Connection, db: Database, conversation_id: int) -> str:
    """Who of our staff holds it now, "" for nobody of ours."""
    c = conversations.c
    found = select(c.taken_over_by).where(
        c.id == conversation_id, c.taken_over_until > db.now(conn)
    )
    return conn.execute(found).scalar() or ""


def whole(
    conn: Connection, db: Database, conversation_id: int, *, before: int | None = None
) -> Whole | None:
    """A conversation with its newest turns (those before an event id); None when it is gone."""
    c, i = conversations.c, inbox.c
    found = conn.execute(select(conversations).where(c.id == conversation_id)).first()
    if found is None:
        return None
    query = (
        select(inbox)
        .where(i.conversation_id == conversation_id)
        .order_by(i.id.desc())
        .limit(EVENTS + 1)
    )
    if before is not None:
        query = query.where(i.id < before)
    events = conn.execute(query).all()
    shown = events[:EVENTS][::-1]
    parts = _parts(conn, [event.id for event in shown])
    now = db.now(conn)
    held = found.taken_over_until is not None and found.taken_over_until > now
    return Whole(
        id=found.id,
        key=ConversationKey(found.channel, found.account, found.user_id),
        held_by=found.taken_over_by if held else "",
        held_until=from_ms(found.taken_over_until) if held else None,
        window_from=from_ms_or_none(
            conn.execute(
                select(func.max(i.order_at)).where(i.conversation_id == conversation_id)
            ).scalar()
        ),
        turns=tuple(_turn(event, parts[event.id]) for event in shown),
        notes=_notes(conn, conversation_id),
        older=len(events) > EVENTS,
        now=from_ms(now),
    )


def mark_read(conn: Connection, db: Database, user_id: int, conversation_id: int) -> bool:
    """This person has seen everything the citizen wrote so far; False when it was so already."""
    newest = conn.execute(
        select(func.max(inbox.c.id)).where(inbox.c.conversation_id == conversation_id)
    ).scalar()
    if newest is None:
        return False
    new = db.insert(reads)
    newer = new.on_conflict_do_update(
        index_elements=["user_id", "conversation_id"],
        set_={"seen_id": new.excluded.seen_id, "at": new.excluded.at},
        where=reads.c.seen_id < new.excluded.seen_id,
    )
    mine = {"user_id": user_id, "conversation_id": conversation_id}
    row = {**mine, "seen_id": newest, "at": db.now(conn)}
    return conn.execute(newer.returning(reads.c.seen_id), row).first() is not None


def add_note(conn: Connection, db: Database, user_id: int, conversation_id: int, text: str) -> bool:
    """Write a note down; False when the conversation is gone. Identifiers: redacted before."""
    here = select(conversations.c.id).where(conversations.c.id == conversation_id)
    if conn.execute(here.with_for_update()).first() is None:
        return False
    conn.execute(
        insert(notes).values(
            conversation_id=conversation_id,
            user_id=user_id,
            at=db.now(conn),
            text=storable(text)[:NOTE_LENGTH],
        )
    )
    return True


def said_lately(
    conn: Connection, db: Database, conversation_id: int, staff: str, text: str, within_ms: int
) -> bool:
    """True when this person sent just these words a moment ago: a form sent twice.

    The first message of a takeover stands behind opening words, so the end is compared.
    """
    o = outbox.c
    rows = conn.execute(
        select(o.text)
        .where(
            o.conversation_id == conversation_id,
            o.staff == staff,
            o.created_at >= db.now(conn) - within_ms,
        )
        .order_by(o.id.desc())
        .limit(20)
    ).scalars()
    return any(row == text or row.endswith(f"\n{text}") for row in rows)


def _parts(conn: Connection, events: Sequence[int]) -> dict[int, tuple[Part, ...]]:
    o = outbox.c
    grouped: dict[int, list[Part]] = defaultdict(list)
    made = (
        select(func.count())
        .where(attempts.c.outbox_id == o.id)
        .correlate(outbox)
        .scalar_subquery()
        .label("made")
    )
    rows = conn.execute(
        select(outbox, made).where(o.inbox_id.in_(events)).order_by(o.inbox_id, o.seq)
    )
    for row in rows:
        grouped[row.inbox_id].append(
            Part(
                id=row.id,
                text=row.text,
                options=tuple(str(option[2]) for option in row.options),
                state=row.state,
                reason=row.reason,
                attempts=row.made,
                at=from_ms(row.created_at),
                settled_at=from_ms_or_none(row.settled_at),
                staff=row.staff,
            )
        )
    return defaultdict(tuple, {event: tuple(parts) for event, parts in grouped.items()})


def _turn(row: Any, parts: tuple[Part, ...]) -> Turn:
    return Turn(
        id=row.id,
        kind=row.kind,
        text=row.text,
        payload=row.payload,
        attachment=row.attachment,
        at=from_ms(row.arrived_at),
        outcome=row.outcome,
        reason=row.reason,
        answer_id=row.answer_id,
        score=row.score,
        provenance=row.provenance or {},
        parts=parts,
    )


def _notes(conn: Connection, conversation_id: int) -> tuple[Note, ...]:
    n = notes.c
    rows = conn.execute(
        select(users.c.name, n.at, n.text)
        .join(users, users.c.id == n.user_id)
        .where(n.conversation_id == conversation_id)
        .order_by(n.id.desc())
        .limit(NOTES)
    ).all()
    return tuple(Note(row.name, from_ms(row.at), row.text) for row in reversed(rows))
