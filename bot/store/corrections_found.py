"""Who received a wrong answer or a wrong row: conversations, and colleagues who copied it.

A look walks the replies between two moments by the index over their arrival, and gives one line
for each conversation and version. A row is known by its id as a whole string of the provenance:
with its slashes it is like no other string there. An answer is looked up among the versions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    Text,
    and_,
    cast,
    exists,
    func,
    literal_column,
    select,
)

from bot.correction import Kind, Subject
from bot.models import DeliveryState
from bot.store.engine import Database
from bot.store.switches import is_off
from bot.store.tables import accounts, conversations, inbox, outbox
from bot.store.tables_console import copies, users
from bot.store.values import from_ms, to_ms

#: Lines, and copies, that one look takes up; a wider one says that there may be more.
MOST_REPLIES = 50_000
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
    """The newest reply of one conversation that held the wrong thing in one version."""

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

    `windows` says for how many hours after a citizen's message each channel takes a reply; one
    that is not named takes it at any time.
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
        hours = windows.get(row.channel)
        if row.erase_upto is not None or row.last is None:
            found[row.id] = Way.GONE
        elif hours is not None and now > row.last + hours * 3_600_000:
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
    version: ColumnElement[str] = literal_column("''", String)
    held = [_names(i.provenance, subject.id)]
    if subject.kind is Kind.ANSWER:
        version = i.provenance["versions"][subject.id].as_string()
        held.append(version.is_not(None))
    replies = (
        select(i.id, i.conversation_id, i.arrived_at, version.label("version"))
        .where(*_between(i.arrived_at, since, until), i.provenance.is_not(None), *held, reached)
        .subquery()
    )
    newest = func.max(replies.c.arrived_at)
    rows = conn.execute(
        select(func.max(replies.c.id), replies.c.conversation_id, newest, replies.c.version)
        .group_by(replies.c.conversation_id, replies.c.version)
        .order_by(newest.desc(), func.max(replies.c.id).desc())
        .limit(MOST_REPLIES + 1)
    ).all()
    found = tuple(Got(row[0], row[1], from_ms(row[2]), row[3]) for row in rows[:MOST_REPLIES])
    return found, len(rows) > MOST_REPLIES


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
