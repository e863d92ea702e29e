"""Conversations as the console lists them: newest first, filtered, with what is new to a person.

Every query is bounded, whatever the store holds: a list walks the newest events by their ids, or
one of the small partial indexes (held, handed over, in trouble), never whole tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    Connection,
    Subquery,
    and_,
    exists,
    func,
    literal_column,
    select,
)

from bot.store.engine import Database
from bot.store.tables import DEAD, PENDING, UNKNOWN, attempts, conversations, inbox, outbox
from bot.store.tables_console import audit, reads
from bot.store.values import from_ms, from_ms_or_none

c, i, o, r = conversations.c, inbox.c, outbox.c, reads.c
#: Literal, so that the partial indexes hold the conditions (see `bot.store.tables`).
HANDED_OVER: ColumnElement[str] = literal_column("'handed_over'")
IN_TROUBLE = o.state.in_((UNKNOWN, DEAD))
#: A list looks through so many of the newest events.
LOOKED_THROUGH = 3000
#: A citizen who asked for a person and was not answered for so long has gone elsewhere.
WAITING_MS = 7 * 24 * 3_600_000
#: No badge counts further: "99+".
MOST_UNREAD = 100


class Show(StrEnum):
    """Which conversations a list holds."""

    ALL = "all"
    #: A person was asked for, and nobody of ours has taken it since.
    WAITING = "waiting"
    #: One of our staff holds it.
    HELD = "held"
    #: The citizen wrote something this person has not seen.
    UNREAD = "unread"
    #: A part of a reply died, or nobody knows whether it arrived.
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A list as it is asked for."""

    show: Show = Show.ALL
    channel: str = ""
    #: How the newest event ended, "" = anyhow.
    outcome: str = ""
    #: Id of the newest event of the last line before, to go on behind it.
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One conversation of a list, told by its newest event."""

    id: int
    channel: str
    account: str
    #: Of the newest event; lists go on behind it.
    event_id: int
    kind: str
    text: str
    attachment: str
    at: datetime
    #: None while it waits for its answer.
    outcome: str | None
    #: Events this person has not seen.
    unread: int
    waiting: bool
    trouble: bool
    held_by: str = ""
    held_until: datetime | None = None


def list_lines(
    conn: Connection, db: Database, user_id: int, wanted: Wanted, most: int
) -> list[Line]:
    """Up to `most` conversations, the one with the newest event first."""
    now = db.now(conn)
    newest = _newest(wanted, now, user_id, most)
    rows = conn.execute(
        select(
            inbox, c.taken_over_by, c.taken_over_until, c.taken_over_at, _waiting(now).label("asks")
        )
        .join(newest, newest.c.event_id == i.id)
        .join(conversations, c.id == i.conversation_id)
        .order_by(i.id.desc())
    ).all()
    ids = [row.conversation_id for row in rows]
    unread, trouble = _unread(conn, user_id, ids), _in_trouble(conn, ids)
    return [
        Line(
            id=row.conversation_id,
            channel=row.channel,
            account=row.account,
            event_id=row.id,
            kind=row.kind,
            text=row.text,
            attachment=row.attachment,
            at=from_ms(row.arrived_at),
            outcome=row.outcome,
            unread=unread.get(row.conversation_id, 0),
            waiting=bool(row.asks),
            trouble=row.conversation_id in trouble,
            held_by=row.taken_over_by if (row.taken_over_until or 0) > now else "",
            held_until=from_ms_or_none(
                row.taken_over_until if (row.taken_over_until or 0) > now else None
            ),
        )
        for row in rows
    ]


def for_people(conn: Connection, db: Database, user_id: int) -> int:
    """How many conversations want a person: waiting, or held by us with news for this person."""
    now = db.now(conn)
    waits = _waiting(now)
    news = exists().where(
        i.conversation_id == c.id,
        i.id > func.coalesce(_seen(user_id), 0),
    )
    held = and_(c.taken_over_until > now, c.taken_over_by != "", news)
    asked = select(i.conversation_id).where(
        i.outcome == HANDED_OVER, i.closed_at > now - WAITING_MS
    )
    found = (
        select(c.id)
        .where(c.id.in_(asked), waits)
        .union(select(c.id).where(c.taken_over_until.is_not(None), held))
        .limit(MOST_UNREAD)
    )
    return int(conn.execute(select(func.count()).select_from(found.subquery())).scalar_one())


def mark(conn: Connection) -> str:
    """A short text that changes with everything a list or a transcript shows.

    Cheap enough to be asked every two seconds: ends of primary keys and sizes of partial indexes.
    """
    row = conn.execute(
        select(
            select(func.max(i.id)).scalar_subquery(),
            select(func.count()).where(i.outcome.is_(None)).scalar_subquery(),
            select(func.max(o.id)).scalar_subquery(),
            select(func.count()).where(o.state == PENDING).scalar_subquery(),
            select(func.max(attempts.c.id)).scalar_subquery(),
            select(func.count()).where(attempts.c.ended_at.is_(None)).scalar_subquery(),
            select(func.sum(c.taken_over_until))
            .where(c.taken_over_until.is_not(None))
            .scalar_subquery(),
            # Takeovers, releases and notes from the console stand in the audit.
            select(func.max(audit.c.id)).scalar_subquery(),
        )
    ).one()
    return "-".join(str(value or 0) for value in row)


# -- pieces of the queries ------------------------------------------------------------------
def _newest(wanted: Wanted, now: int, user_id: int, most: int) -> Subquery:
    """(conversation, its newest event) of the list, as a subquery."""
    scope = select(i.id, i.conversation_id)
    match wanted.show:
        case Show.WAITING:
            asked = select(i.conversation_id).where(
                i.outcome == HANDED_OVER, i.closed_at > now - WAITING_MS
            )
            scope = scope.where(i.conversation_id.in_(asked))
        case Show.HELD:
            held = select(c.id).where(c.taken_over_until.is_not(None), c.taken_over_until > now)
            scope = scope.where(i.conversation_id.in_(held))
        case Show.TROUBLE:
            scope = scope.where(i.conversation_id.in_(select(o.conversation_id).where(IN_TROUBLE)))
        case _:
            if wanted.before is not None:
                scope = scope.where(i.id < wanted.before)
    recent = scope.order_by(i.id.desc()).limit(LOOKED_THROUGH).subquery()
    grouped = (
        select(recent.c.conversation_id, func.max(recent.c.id).label("event_id"))
        .group_by(recent.c.conversation_id)
        .subquery()
    )
    query = (
        select(grouped.c.event_id)
        .join(inbox, i.id == grouped.c.event_id)
        .join(conversations, c.id == grouped.c.conversation_id)
        .order_by(grouped.c.event_id.desc())
        .limit(most)
    )
    if wanted.before is not None:
        # What stood on a page before has a newer event than this page begins with.
        later = inbox.alias()
        query = query.where(
            grouped.c.event_id < wanted.before,
            ~exists().where(
                later.c.conversation_id == grouped.c.conversation_id,
                later.c.id >= wanted.before,
            ),
        )
    if wanted.channel:
        query = query.where(i.channel == wanted.channel)
    if wanted.outcome:
        query = query.where(i.outcome == wanted.outcome)
    if wanted.show is Show.WAITING:
        query = query.where(_waiting(now))
    if wanted.show is Show.UNREAD:
        query = query.where(grouped.c.event_id > func.coalesce(_seen(user_id), 0))
    return query.subquery()


def _seen(user_id: int) -> ColumnElement[int]:
    """The newest event of the conversation at hand that this person has seen."""
    return (
        select(r.seen_id)
        .where(r.user_id == user_id, r.conversation_id == c.id)
        .correlate(conversations)
        .scalar_subquery()
    )


def _waiting(now: int) -> ColumnElement[bool]:
    """A person was asked for after the last takeover of the conversation at hand."""
    asked = inbox.alias()
    return (
        exists()
        .where(
            asked.c.conversation_id == c.id,
            asked.c.outcome == HANDED_OVER,
            asked.c.closed_at > now - WAITING_MS,
            asked.c.closed_at > func.coalesce(c.taken_over_at, 0),
        )
        .correlate(conversations)
    )


def _unread(conn: Connection, user_id: int, ids: Sequence[int]) -> dict[int, int]:
    mine = and_(r.conversation_id == i.conversation_id, r.user_id == user_id)
    rows = conn.execute(
        select(i.conversation_id, func.count())
        .outerjoin(reads, mine)
        .where(i.conversation_id.in_(ids), i.id > func.coalesce(r.seen_id, 0))
        .group_by(i.conversation_id)
    )
    return {row[0]: min(int(row[1]), MOST_UNREAD) for row in rows}


def _in_trouble(conn: Connection, ids: Sequence[int]) -> set[int]:
    rows = conn.execute(
        select(o.conversation_id).where(IN_TROUBLE, o.conversation_id.in_(ids)).distinct()
    )
    return set(rows.scalars())
