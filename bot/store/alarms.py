"""Alarms that hold, held, and were told: one row for each trouble, whatever repeats it.

`facts` reads what the rules of `bot.alarm_rules` judge, `sync` writes what they found. Sending is
claimed row by row, so that several processes tell an alarm once between them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, literal_column, select, update

from bot.store import audit
from bot.store.api import TokenAge
from bot.store.engine import Database
from bot.store.reports import token_ages
from bot.store.tables import DEAD, UNKNOWN, alarms, inbox, outbox
from bot.store.tables_console import alarm_notices
from bot.store.values import from_ms, from_ms_or_none, local_day

n = alarm_notices.c
#: An alarm that comes back so soon is the same one: not told again.
SAME_MS = 6 * 3_600_000
#: Ended alarms are shown and kept for so long.
KEPT_MS = 30 * 24 * 3_600_000
#: Rows of `raise_alarm` older than this are over.
RAISED_MS = 24 * 3_600_000
#: No look reads more questions, and none writes more alarms.
MOST_QUESTIONS = 2000
MOST_ALARMS = 200
#: A process that claimed a message and died gives it free after so long.
_CLAIM_MS = 120_000
_RETRY_MS, _LONGEST_RETRY_MS = 60_000, 3_600_000
_NOT_KNOWN: ColumnElement[str] = literal_column("'not_known'")


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that holds now. `key` names the trouble, `detail` holds figures and ids only."""

    key: str
    kind: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notice:
    """An alarm as it is kept."""

    alarm: Alarm
    since: datetime
    last_at: datetime
    ended_at: datetime | None
    seen_by: str
    seen_at: datetime | None
    sent: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that nobody could answer."""

    id: int
    conversation_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the store says that may call for an alarm."""

    now: datetime
    #: Unanswered questions of the time looked at, newest first.
    asked: tuple[Asked, ...] = ()
    #: Rumour alarms of the last hours -> the words of one of their questions.
    rumours: Mapping[str, str] = field(default_factory=dict)
    dead: int = 0
    #: Last event of each channel asked about; without one there was none in the time looked at.
    last_events: Mapping[str, datetime] = field(default_factory=dict)
    tokens: tuple[TokenAge, ...] = ()
    #: (channel, account, kind, how often) of `Store.raise_alarm`.
    raised: tuple[tuple[str, str, str, int], ...] = ()


def facts(
    conn: Connection,
    db: Database,
    *,
    spike_ms: int,
    channels: Collection[str],
    silence_ms: int,
) -> Facts:
    """Everything the rules need, read in one transaction; each query is bounded."""
    now = db.now(conn)
    i = inbox.c
    rows = conn.execute(
        select(i.id, i.conversation_id, i.text)
        .where(i.outcome == _NOT_KNOWN, i.arrived_at >= now - spike_ms, i.text != "")
        .order_by(i.arrived_at.desc())
        .limit(MOST_QUESTIONS)
    )
    dead = conn.execute(
        select(func.count())
        .select_from(outbox)
        # In these words the partial index holds the condition.
        .where(outbox.c.state.in_((UNKNOWN, DEAD)), outbox.c.state == DEAD)
    ).scalar_one()
    return Facts(
        now=from_ms(now),
        asked=tuple(Asked(*row) for row in rows),
        rumours=_rumours(conn, now),
        dead=int(dead),
        last_events=_last_events(conn, channels, now - silence_ms),
        tokens=token_ages(conn),
        raised=_raised(conn, now),
    )


def _rumours(conn: Connection, now: int) -> dict[str, str]:
    """Only ids are kept, so a question that was erased takes its likeness with it."""
    rows = conn.execute(
        select(n.key, n.detail).where(
            n.kind == "rumour", (n.ended_at.is_(None)) | (n.ended_at > now - SAME_MS)
        )
    ).all()
    first = {row.key: row.detail["questions"][0] for row in rows if row.detail.get("questions")}
    words: dict[int, str] = dict(
        conn.execute(select(inbox.c.id, inbox.c.text).where(inbox.c.id.in_(first.values()))).all()
    )
    return {key: words[id_] for key, id_ in first.items() if id_ in words}


def _last_events(conn: Connection, channels: Collection[str], since: int) -> dict[str, datetime]:
    found = {}
    for channel in channels:
        last = conn.execute(
            select(inbox.c.arrived_at)
            .where(inbox.c.channel == channel, inbox.c.arrived_at >= since)
            .order_by(inbox.c.arrived_at.desc())
            .limit(1)
        ).scalar()
        if last is not None:
            found[channel] = from_ms(last)
    return found


def _raised(conn: Connection, now: int) -> tuple[tuple[str, str, str, int], ...]:
    a = alarms.c
    days = [local_day(now), local_day(now - RAISED_MS)]
    rows = conn.execute(
        select(a.channel, a.account, a.kind, func.sum(a.n))
        .where(a.day.in_(days), a.last_at >= now - RAISED_MS)
        .group_by(a.channel, a.account, a.kind)
        .order_by(a.channel, a.account, a.kind)
    )
    return tuple((row[0], row[1], row[2], int(row[3])) for row in rows)


def sync(conn: Connection, db: Database, found: Iterable[Alarm]) -> None:
    """Take over what holds now: new alarms begin, known ones go on, the others end."""
    now = db.now(conn)
    wanted = {alarm.key: alarm for alarm in list(found)[:MOST_ALARMS]}
    known = {
        row.key: row
        for row in conn.execute(
            select(alarm_notices)
            .where((n.ended_at.is_(None)) | n.key.in_(wanted))
            .with_for_update()
        )
    }
    for key, alarm in wanted.items():
        values: dict[str, Any] = {"detail": dict(alarm.detail), "last_at": now, "ended_at": None}
        row = known.get(key)
        if row is None:
            # Another process may have found it at the same moment.
            new = db.insert(alarm_notices).on_conflict_do_nothing(index_elements=["key"])
            conn.execute(new, {"key": key, "kind": alarm.kind, "since": now, "sent": {}, **values})
            continue
        if row.ended_at is not None and row.ended_at <= now - SAME_MS:
            values |= {"since": now, "sent": {}, "tries": 0, "send_after": 0}
            values |= {"seen_by": "", "seen_at": None}
        conn.execute(update(alarm_notices).where(n.key == key).values(**values))
    over = [key for key, row in known.items() if key not in wanted and row.ended_at is None]
    conn.execute(update(alarm_notices).where(n.key.in_(over)).values(ended_at=now))
    conn.execute(delete(alarm_notices).where(n.ended_at < now - KEPT_MS))


# -- looking ---------------------------------------------------------------------------------
def unseen(conn: Connection) -> int:
    """How many alarms hold that nobody has seen: the number on the bell."""
    return int(
        conn.execute(
            select(func.count())
            .select_from(alarm_notices)
            .where(n.ended_at.is_(None), n.seen_by == "")
        ).scalar_one()
    )


def notices(conn: Connection, *, ended: bool, most: int = MOST_ALARMS) -> list[Notice]:
    """Alarms that hold, or those that ended lately; the newest first."""
    which = n.ended_at.is_not(None) if ended else n.ended_at.is_(None)
    order = n.ended_at if ended else n.since
    rows = conn.execute(
        select(alarm_notices).where(which).order_by(order.desc(), n.key).limit(most)
    )
    return [_notice(row) for row in rows]


def questions(conn: Connection, ids: Collection[int]) -> dict[int, Asked]:
    """The questions behind a rumour that are still stored."""
    i = inbox.c
    rows = conn.execute(select(i.id, i.conversation_id, i.text).where(i.id.in_(ids)))
    return {row.id: Asked(row.id, row.conversation_id, row.text) for row in rows}


def mark_seen(conn: Connection, db: Database, key: str, who: str) -> bool:
    """Somebody looks after it; False when it has ended or somebody was first."""
    done = conn.execute(
        update(alarm_notices)
        .where(n.key == key, n.ended_at.is_(None), n.seen_by == "")
        .values(seen_by=who, seen_at=db.now(conn))
    )
    if done.rowcount:
        audit.record(conn, db, who, "alarm.seen", key)
    return bool(done.rowcount)


# -- telling ---------------------------------------------------------------------------------
def claim_unsent(conn: Connection, db: Database, ways: Collection[str]) -> list[Notice]:
    """Alarms that hold and have not left by every way, for this process alone."""
    now = db.now(conn)
    rows = conn.execute(
        select(alarm_notices)
        .where(n.ended_at.is_(None), n.send_after <= now)
        .order_by(n.since, n.key)
        .limit(MOST_ALARMS)
    ).all()
    taken = []
    for row in rows:
        if set(ways) <= set(row.sent):
            continue
        mine = conn.execute(
            update(alarm_notices)
            .where(n.key == row.key, n.send_after == row.send_after)
            .values(send_after=now + _CLAIM_MS)
        )
        if mine.rowcount:
            taken.append(_notice(row))
    return taken


def sent(conn: Connection, db: Database, keys: Collection[str], way: str) -> None:
    """These alarms left by this way."""
    now = db.now(conn)
    rows = conn.execute(select(n.key, n.sent).where(n.key.in_(keys)).with_for_update()).all()
    for row in rows:
        values = {"sent": {**row.sent, way: now}}
        conn.execute(update(alarm_notices).where(n.key == row.key).values(**values))


def again_later(conn: Connection, db: Database, keys: Collection[str]) -> None:
    """A way did not take these alarms: try again at growing intervals."""
    now = db.now(conn)
    rows = conn.execute(select(n.key, n.tries).where(n.key.in_(keys)).with_for_update()).all()
    for row in rows:
        wait = min(_LONGEST_RETRY_MS, _RETRY_MS * 2 ** min(row.tries, 10))
        conn.execute(
            update(alarm_notices)
            .where(n.key == row.key)
            .values(tries=row.tries + 1, send_after=now + wait)
        )


def _notice(row: Any) -> Notice:
    return Notice(
        alarm=Alarm(row.key, row.kind, row.detail),
        since=from_ms(row.since),
        last_at=from_ms(row.last_at),
        ended_at=from_ms_or_none(row.ended_at),
        seen_by=row.seen_by,
        seen_at=from_ms_or_none(row.seen_at),
        sent=row.sent,
    )
