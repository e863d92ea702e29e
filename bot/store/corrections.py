"""Corrections from draft to done: rows, and who may take them a step further.

    draft -> sending -> done        with the targets written down in the first step
      |-> withdrawn

A draft that somebody changed meanwhile is told by its `seen`: whoever holds an older one is
refused, not merged. What was confirmed is therefore what had been previewed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, func, select, update

from bot.correction import Kind, Subject
from bot.store import audit
from bot.store.corrections_found import Found
from bot.store.engine import Database
from bot.store.tables_console import copies, correction_targets, corrections, users
from bot.store.users import User
from bot.store.values import from_ms, from_ms_or_none, storable, to_ms, to_ms_or_none

k, t = corrections.c, correction_targets.c
_authors = users.alias("authors")
_approvers = users.alias("approvers")


class State(StrEnum):
    """Where a correction stands."""

    DRAFT = "draft"
    #: Confirmed; not every conversation has been taken up yet.
    SENDING = "sending"
    DONE = "done"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Draft:
    """What an editor writes."""

    subject: Subject
    #: The right information, between the fixed words of `bot.correction.letter`.
    text: str
    #: For colleagues and the audit: what was wrong.
    reason: str
    since: datetime
    #: The moment after the last; None = up to the confirmation.
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction with everything that is known about it."""

    id: int
    state: State
    draft: Draft
    author: str
    approver: str
    created_at: datetime
    decided_at: datetime | None
    #: Conversations that had got it when the sending began.
    found: int
    #: What a form carries, to tell whether somebody else was faster.
    seen: str


def add(conn: Connection, db: Database, author: User, draft: Draft) -> int:
    """Write a draft down; returns its number."""
    now = db.now(conn)
    done = conn.execute(
        corrections.insert().returning(k.id),
        {
            **_values(draft),
            "state": State.DRAFT.value,
            "author_id": author.id,
            "created_at": now,
        },
    )
    number = int(done.scalar_one())
    _record(conn, db, author, "correction.add", number, draft.subject)
    return number


def edit(conn: Connection, db: Database, number: int, seen: str, actor: User, draft: Draft) -> bool:
    """Change a draft; False when somebody else changed or confirmed it first."""
    if _locked_draft(conn, number, seen) is None:
        return False
    conn.execute(update(corrections).where(k.id == number).values(**_values(draft)))
    _record(conn, db, actor, "correction.edit", number, draft.subject)
    return True


def withdraw(conn: Connection, db: Database, number: int, seen: str, actor: User) -> bool:
    """Give a draft up; False when somebody else changed or confirmed it first."""
    one = _locked_draft(conn, number, seen)
    if one is None:
        return False
    values = {"state": State.WITHDRAWN.value, "decided_at": db.now(conn)}
    conn.execute(update(corrections).where(k.id == number).values(**values))
    _record(conn, db, actor, "correction.withdraw", number, one.draft.subject)
    return True


def confirm(
    conn: Connection, db: Database, one: Correction, seen: str, actor: User, found: Found
) -> bool:
    """Write down everyone who got it, and let the sending begin; False as for `edit`.

    One target for each conversation, with its newest such reply, and one for each staff copy.

    Args:
        conn: a writing connection.
        db: says the time.
        one: the draft as it was when `found` was looked for.
        seen: what the form carried.
        actor: who confirms.
        found: who got it by now, looked for before this transaction, which must be short: since
            the preview there may be more.
    """
    number = one.id
    if one.seen != seen or _locked_draft(conn, number, seen) is None:
        return False
    now, draft = db.now(conn), one.draft
    people = found.people()
    blank = {"inbox_id": None, "conversation_id": None, "copy_id": None}
    base = {**blank, "correction_id": number, "state": "open", "at": now}
    rows = [
        {**base, "conversation_id": id_, "inbox_id": got.event_id} for id_, got in people.items()
    ]
    rows += [{**base, "copy_id": copied.id} for copied in found.copies]
    if rows:
        conn.execute(correction_targets.insert(), rows)
    conn.execute(
        update(corrections)
        .where(k.id == number)
        .values(
            state=State.SENDING.value,
            approver_id=actor.id,
            decided_at=now,
            until=to_ms_or_none(draft.until) or now,
            found=len(people),
        )
    )
    counts = {"conversations": len(people), "copies": len(found.copies)}
    _record(conn, db, actor, "correction.send", number, draft.subject, counts)
    return True


def told(conn: Connection, db: Database, number: int, user: User) -> int:
    """This person has told everyone they copied it for; how many copies that settles."""
    own = select(copies.c.id).where(copies.c.user_id == user.id)
    done = conn.execute(
        update(correction_targets)
        .where(t.correction_id == number, t.state == "open", t.copy_id.in_(own))
        .values(state="told", at=db.now(conn))
    ).rowcount
    if done:
        audit.record(conn, db, user.name, "correction.told", str(number), {"copies": done})
    return done


def to_tell(conn: Connection, user: User) -> list[tuple[Correction, int]]:
    """Confirmed corrections of what this person copied and has not settled, with the copies."""
    own = (
        select(t.correction_id, func.count().label("n"))
        .join(copies, copies.c.id == t.copy_id)
        .where(copies.c.user_id == user.id, t.state == "open")
        .group_by(t.correction_id)
        .subquery()
    )
    query = _query().add_columns(own.c.n).join(own, own.c.correction_id == k.id)
    rows = conn.execute(query.order_by(k.id.desc()).limit(20)).mappings()
    return [(_correction(row), int(row["n"])) for row in rows]


def get(conn: Connection, number: int) -> Correction | None:
    """One correction, None when there is none of that number."""
    row = conn.execute(_query().where(k.id == number)).mappings().first()
    return _correction(row) if row else None


def latest(conn: Connection, *, before: int | None = None, most: int = 30) -> list[Correction]:
    """The newest first; `before` is the number to go on from."""
    query = _query().where(k.state != State.WITHDRAWN.value).order_by(k.id.desc()).limit(most)
    if before is not None:
        query = query.where(k.id < before)
    return [_correction(row) for row in conn.execute(query).mappings()]


# -- pieces ---------------------------------------------------------------------------------
def _locked_draft(conn: Connection, number: int, seen: str) -> Correction | None:
    """The draft as `seen`, held until the commit; None when it is another by now."""
    conn.execute(select(k.id).where(k.id == number).with_for_update())
    one = get(conn, number)
    return one if one and one.state is State.DRAFT and one.seen == seen else None


def _values(draft: Draft) -> dict[str, Any]:
    about = [draft.subject.to_json()]
    return {
        "answers": about if draft.subject.kind is Kind.ANSWER else [],
        "rows": about if draft.subject.kind is Kind.ROW else [],
        "reason": storable(draft.reason),
        "text": storable(draft.text),
        "since": to_ms(draft.since),
        "until": to_ms_or_none(draft.until),
    }


def _query() -> Select[tuple[Any, ...]]:
    joined = corrections.join(_authors, _authors.c.id == k.author_id).outerjoin(
        _approvers, _approvers.c.id == k.approver_id
    )
    names = (_authors.c.name.label("author"), _approvers.c.name.label("approver"))
    return select(corrections, *names).select_from(joined)


def _correction(row: Mapping[Any, Any]) -> Correction:
    kind = Kind.ANSWER if row["answers"] else Kind.ROW
    [about] = row["answers"] or row["rows"]
    draft = Draft(
        subject=Subject.from_json(kind, about),
        text=row["text"],
        reason=row["reason"],
        since=from_ms(row["since"]),
        until=from_ms_or_none(row["until"]),
    )
    content = json.dumps([row[name] for name in ("answers", "rows", "reason", "text", "since")])
    return Correction(
        id=row["id"],
        state=State(row["state"]),
        draft=draft,
        author=row["author"],
        approver=row["approver"] or "",
        created_at=from_ms(row["created_at"]),
        decided_at=from_ms_or_none(row["decided_at"]),
        found=row["found"],
        seen=hashlib.sha256(f"{content}{row['until']}".encode()).hexdigest()[:16],
    )


def _record(
    conn: Connection,
    db: Database,
    actor: User,
    action: str,
    number: int,
    subject: Subject,
    more: Mapping[str, int] | None = None,
) -> None:
    about = f"{subject.id}@{subject.version[:12]}" if subject.version else subject.id
    detail = {"about": about, **(more or {})}
    audit.record(conn, db, actor.name, action, str(number), detail)
