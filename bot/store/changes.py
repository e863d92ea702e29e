"""Changes of the knowledge on their way: written, tried, proposed, approved, live.

A change is a set of whole files against one snapshot (`base`). Two people who work on the same
change meet at `changed_at`: whoever saves what is no longer the newest is refused, not merged.
The states, and who may move a change from one to the next:

    draft -> proposed -> approved -> published      the second step by somebody else
               |-> rejected -> draft                and back to the author
    draft, proposed, rejected -> withdrawn
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, select, update

from bot.store import audit
from bot.store.engine import Database
from bot.store.tables_console import changes, users
from bot.store.users import User
from bot.store.values import from_ms, from_ms_or_none, storable

c = changes.c
_authors = users.alias("authors")
_approvers = users.alias("approvers")


class ChangeState(StrEnum):
    """Where a change stands."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    #: A second person agreed; the snapshot is being made active.
    APPROVED = "approved"
    REJECTED = "rejected"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


#: States in which a change may still become part of the knowledge.
OPEN = (ChangeState.DRAFT, ChangeState.PROPOSED, ChangeState.APPROVED, ChangeState.REJECTED)


@dataclass(frozen=True, slots=True)
class Change:
    """One change with everything that is known about it."""

    id: int
    state: ChangeState
    title: str
    author_id: int
    author: str
    approver: str
    #: Hash of the snapshot it was written against.
    base: str
    #: Path inside the knowledge folder -> new text.
    files: Mapping[str, str]
    #: [{"text", "answer"}]: what people asked, and where it should lead.
    questions: Sequence[Mapping[str, str]]
    #: What trying it gave, None until then.
    trial: Mapping[str, Any] | None
    #: What the approver said when it went back.
    note: str
    #: Hash of the snapshot it became part of, "" before.
    published: str
    created_at: datetime
    changed_at: datetime
    decided_at: datetime | None
    #: What a form carries, to tell whether somebody else was faster.
    seen: int

    @property
    def open(self) -> bool:
        """True while it may still become part of the knowledge."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class NewChange:
    """What a change begins with."""

    title: str
    base: str
    files: Mapping[str, str]
    questions: Sequence[Mapping[str, str]] = field(default_factory=tuple)


def add(conn: Connection, db: Database, author: User, new: NewChange) -> int:
    """Write a draft down; returns its number."""
    now = db.now(conn)
    done = conn.execute(
        changes.insert().returning(c.id),
        {
            "state": ChangeState.DRAFT.value,
            "title": storable(new.title),
            "author_id": author.id,
            "base": new.base,
            "files": _storable(new.files),
            "problems": [],
            "questions": [_storable(one) for one in new.questions],
            "trial": None,
            "created_at": now,
            "changed_at": now,
        },
    )
    number = int(done.scalar_one())
    audit.record(conn, db, author.name, "change.add", str(number), {"title": new.title})
    return number


def get(conn: Connection, number: int) -> Change | None:
    """One change, None when there is none of that number."""
    row = conn.execute(_query().where(c.id == number)).mappings().first()
    return _change(row) if row else None


def latest(
    conn: Connection, states: Sequence[ChangeState], *, before: int | None = None, most: int = 50
) -> list[Change]:
    """The newest changes in some states; `before` is the number to go on from."""
    names = [state.value for state in states]
    query = _query().where(c.state.in_(names)).order_by(c.id.desc()).limit(most)
    if before is not None:
        query = query.where(c.id < before)
    return [_change(row) for row in conn.execute(query).mappings()]


def move(
    conn: Connection,
    db: Database,
    change: Change,
    actor: User,
    action: str,
    values: Mapping[str, Any],
    *,
    state: ChangeState | None = None,
) -> bool:
    """Save a change or take it a step further, with its line of audit.

    Args:
        conn: a writing connection.
        db: says the time.
        change: as the actor saw it.
        actor: who does it.
        action: for the audit: "change.edit", "change.propose", …
        values: columns to write (files, questions, trial, base, title, note, published).
        state: where it goes, None to stay.

    Returns False, with nothing written, when somebody else changed it in between.
    """
    now = max(db.now(conn), change.seen + 1)
    written: dict[str, Any] = {**values, "changed_at": now}
    if state is not None:
        written["state"] = state.value
    if state in (ChangeState.APPROVED, ChangeState.REJECTED):
        written |= {"approver_id": actor.id, "decided_at": now}
    done = conn.execute(
        update(changes)
        .where(c.id == change.id, c.changed_at == change.seen, c.state == change.state.value)
        .values(**written)
    )
    if done.rowcount != 1:
        return False
    audit.record(conn, db, actor.name, action, str(change.id), {"title": change.title})
    return True


def tried(conn: Connection, number: int, seen: int, trial: Mapping[str, Any]) -> bool:
    """Note how a change did; False when it was changed while it was being tried.

    Not a change of the change: `changed_at` stays, so no editor is disturbed by it.
    """
    done = conn.execute(
        update(changes)
        .where(c.id == number, c.changed_at == seen)
        .values(trial=dict(trial), problems=list(trial.get("problems", ())))
    )
    return done.rowcount == 1


def _query() -> Select[tuple[Any, ...]]:
    joined = changes.join(_authors, _authors.c.id == c.author_id).outerjoin(
        _approvers, _approvers.c.id == c.approver_id
    )
    names = (_authors.c.name.label("author"), _approvers.c.name.label("approver"))
    return select(changes, *names).select_from(joined)


def _change(row: Mapping[Any, Any]) -> Change:
    return Change(
        id=row["id"],
        state=ChangeState(row["state"]),
        title=row["title"],
        author_id=row["author_id"],
        author=row["author"],
        approver=row["approver"] or "",
        base=row["base"],
        files=row["files"],
        questions=tuple(row["questions"]),
        trial=row["trial"],
        note=row["note"],
        published=row["published"],
        created_at=from_ms(row["created_at"]),
        changed_at=from_ms(row["changed_at"]),
        decided_at=from_ms_or_none(row["decided_at"]),
        seen=row["changed_at"],
    )


def _storable(texts: Mapping[str, str]) -> dict[str, str]:
    return {storable(key): storable(text) for key, text in texts.items()}
