"""The copy log: which answer, in which version, left the console as whose text.

Kept so that a correction finds every colleague who copied a wrong row. The question is not
stored, and what was typed into blanks never reaches the server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from bot.store.engine import Database
from bot.store.tables_console import copies, users
from bot.store.values import from_ms


@dataclass(frozen=True, slots=True)
class Copy:
    """One answer of a copied text."""

    answer_id: str
    #: Hash of the answer's source, and of the whole snapshot.
    version: str
    snapshot: str
    #: chat, short or phone.
    register: str
    as_of: date
    applies_from: date
    applies_to: date
    place: str = ""
    #: Chosen slots: {"group", "months", "members"}.
    slots: Mapping[str, Any] = field(default_factory=dict)
    used: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Logged:
    """A copy as the log tells it."""

    id: int
    at: datetime
    user: str
    batch: str
    copy: Copy


def add(
    conn: Connection, db: Database, user_id: int, batch: str, items: Iterable[Copy]
) -> list[int]:
    """Write the answers of one copied text; returns the row ids in the order given."""
    now = db.now(conn)
    ids = []
    for item in items:
        done = conn.execute(
            copies.insert().returning(copies.c.id),
            {
                "at": now,
                "user_id": user_id,
                "batch": batch,
                "answer_id": item.answer_id,
                "version": item.version,
                "snapshot": item.snapshot,
                "register": item.register,
                "as_of": item.as_of.isoformat(),
                "applies_from": item.applies_from.isoformat(),
                "applies_to": item.applies_to.isoformat(),
                "place": item.place,
                "slots": dict(item.slots),
                "used": list(item.used),
            },
        )
        ids.append(int(done.scalar_one()))
    return ids


def latest(
    conn: Connection, *, user_id: int | None = None, before: int | None = None, most: int = 50
) -> list[Logged]:
    """The newest copies first, everybody's or one user's; `before` is an id to go on from."""
    query = (
        select(copies, users.c.name.label("user"))
        .join(users, users.c.id == copies.c.user_id)
        .order_by(copies.c.id.desc())
        .limit(most)
    )
    if user_id is not None:
        query = query.where(copies.c.user_id == user_id)
    if before is not None:
        query = query.where(copies.c.id < before)
    return [
        Logged(
            row["id"],
            from_ms(row["at"]),
            row["user"],
            row["batch"],
            Copy(
                row["answer_id"],
                row["version"],
                row["snapshot"],
                row["register"],
                date.fromisoformat(row["as_of"]),
                date.fromisoformat(row["applies_from"]),
                date.fromisoformat(row["applies_to"]),
                row["place"],
                row["slots"],
                tuple(row["used"]),
            ),
        )
        for row in conn.execute(query).mappings()
    ]
