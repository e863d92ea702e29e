"""Who received a wrong answer or a wrong row: conversations, and colleagues who copied it.

A look walks the replies between two moments by the index over their arrival. The database keeps
those whose provenance names the id at all; the exact comparison is made here, because the two
engines read JSON differently. Both numbers are bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Text, and_, cast, exists, func, select

from bot.correction import Kind, Subject
from bot.models import DeliveryState
from bot.store.engine import Database
from bot.store.switches import is_off
from bot.store.tables import accounts, conversations, inbox, outbox
from bot.store.tables_console import copies, users
from bot.store.values import from_ms, to_ms

#: Replies, and copies, that one look takes up; a wider one says that there may be more.
MOST_REPLIES = 20_000
MOST_COPIES = 2000
#: Conversations asked about with one statement.
_TOGETHER = 500
#: A part in one of these states reached the citizen, may have, or still will.
_REACHED = (DeliveryState.ACCEPTED.value, DeliveryState.UNKNOWN.value, DeliveryState.PENDING.value)

c, i, o = conversations.c, inbox.c, outbox.c


class Way(StrEnum):
    """Whether a correction can reach a conversation now."""

    OPEN = "open"
    #: The platform takes no message so long after the citizen's last one.
    CLOSED = "closed"
    #: The account rests or is switched off: what is sent waits until it works again.
    PAUSED = "paused"
    #: The citizen asked for everything to be deleted.
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Got:
    """A reply that held the wrong thing."""

    event_id: int
    conversation_id: int
    at: datetime
    #: Of the wrong answer, "" when a row was looked for.
    version: str


@dataclass(frozen=True, slots=True)
class Copied:
    """A staff copy that held it."""

    id: int
    user_id: int
    user: str
    at: datetime
    answer_id: str
    version: str
    register: str


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that held the wrong thing, newest first."""

    replies: tuple[Got, ...]
    copies: tuple[Copied, ...]
    #: True when the bounds cut something off.
    more: bool = False

    def of(self, version: str) -> Found:
        """Only one version of the answer; "" for all."""
        if not version:
            return self
        return Found(
            tuple(one for one in self.replies if one.version == version),
            tuple(one for one in self.copies if one.version == version),
            self.more,
        )

    def people(self) -> dict[int, Got]:
        """Conversation -> the newest such reply in it."""
        newest: dict[int, Got] = {}
        for one in self.replies:
            newest.setdefault(one.conversation_id, one)
        return newest


def find(conn: Connection, subject: Subject, since: datetime, until: datetime | None) -> Found:
    """All replies and copies with the subject, whatever its version, between two moments.

    Args:
        conn: a connection for reading.
        subject: its version is not looked at (`Found.of`).
        since: the first moment.
        until: the moment after the last; None = up to now.
    """
    replies, some_more = _replies(conn, subject, since, until)
    copied, more = _copies(conn, subject, since, until)
    return Found(replies, copied, some_more or more)


def ways(
    conn: Connection, db: Database, ids: Iterable[int], windows: Mapping[str, float]
) -> dict[int, Way]:
    """Whether each conversation can be told now; one that is deleted is not among them.

    `windows` says for how many hours after a citizen's message each channel takes a reply.
    """
    now = db.now(conn)
    wanted = sorted(ids)
    found: dict[int, Way] = {}
    for start in range(0, len(wanted), _TOGETHER):
        found |= _some_ways(conn, now, wanted[start : start + _TOGETHER], windows)
    return found


def _some_ways(
    conn: Connection, now: int, ids: Sequence[int], windows: Mapping[str, float]
) -> dict[int, Way]:
    last = (
        select(func.max(i.order_at))
        .where(i.conversation_id == c.id)
        .correlate(conversations)
        .scalar_subquery()
    )
    account = and_(accounts.c.channel == c.channel, accounts.c.account == c.account)
    rows = conn.execute(
        select(
            c.id,
            c.channel,
            c.erase_upto,
            last.label("last"),
            accounts.c.paused_until,
            is_off(c.channel, c.account).label("off"),
        )
        .select_from(conversations.outerjoin(accounts, account))
        .where(c.id.in_(ids))
    )
    found = {}
    for row in rows:
        hours = windows.get(row.channel, 0.0)
        if row.erase_upto is not None or row.last is None:
            found[row.id] = Way.GONE
        elif now > row.last + hours * 3_600_000:
            found[row.id] = Way.CLOSED
        elif row.off or (row.paused_until or 0) > now:
            found[row.id] = Way.PAUSED
        else:
            found[row.id] = Way.OPEN
    return found


def _replies(
    conn: Connection, subject: Subject, since: datetime, until: datetime | None
) -> tuple[tuple[Got, ...], bool]:
    reached = exists().where(o.inbox_id == i.id, o.state.in_(_REACHED), o.staff == "")
    query = (
        select(i.id, i.conversation_id, i.arrived_at, i.provenance)
        .where(
            *_between(i.arrived_at, since, until),
            i.provenance.is_not(None),
            _names(i.provenance, subject.id),
            reached,
        )
        .order_by(i.arrived_at.desc(), i.id.desc())
        .limit(MOST_REPLIES + 1)
    )
    rows = conn.execute(query).all()
    found = []
    for row in rows[:MOST_REPLIES]:
        versions = row.provenance.get("versions") or {}
        if subject.kind is Kind.ANSWER:
            held, version = subject.id in versions, str(versions.get(subject.id, ""))
        else:
            held, version = subject.id in (row.provenance.get("used") or ()), ""
        if held:
            found.append(Got(row.id, row.conversation_id, from_ms(row.arrived_at), version))
    return tuple(found), len(rows) > MOST_REPLIES


def _copies(
    conn: Connection, subject: Subject, since: datetime, until: datetime | None
) -> tuple[tuple[Copied, ...], bool]:
    k = copies.c
    query = (
        select(copies, users.c.name.label("user"))
        .join(users, users.c.id == k.user_id)
        .where(*_between(k.at, since, until))
        .order_by(k.at.desc(), k.id.desc())
        .limit(MOST_COPIES + 1)
    )
    if subject.kind is Kind.ANSWER:
        query = query.where(k.answer_id == subject.id)
    else:
        query = query.where(_names(k.used, subject.id))
    rows = conn.execute(query).all()
    found = tuple(
        Copied(
            row.id,
            row.user_id,
            row.user,
            from_ms(row.at),
            row.answer_id,
            row.version if subject.kind is Kind.ANSWER else "",
            row.register,
        )
        for row in rows[:MOST_COPIES]
        if subject.kind is Kind.ANSWER or subject.id in row.used
    )
    return found, len(rows) > MOST_COPIES


def _names(column: ColumnElement[object], id_: str) -> ColumnElement[bool]:
    """True where the JSON holds the id as a whole string; ids need no escaping in JSON."""
    return cast(column, Text).contains(f'"{id_}"', autoescape=True)


def _between(
    column: ColumnElement[int], since: datetime, until: datetime | None
) -> tuple[ColumnElement[bool], ...]:
    first = (column >= to_ms(since),)
    return first if until is None else (*first, column < to_ms(until))
