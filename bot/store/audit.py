"""Who changed what, and when. Rows are only ever added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from bot.store.engine import Database
from bot.store.tables_console import audit
from bot.store.values import from_ms, storable

#: The actor of what the command line does.
CLI = "cli"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]


def record(
    conn: Connection,
    db: Database,
    actor: str,
    action: str,
    subject: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add a line, in the transaction of what it tells about."""
    conn.execute(
        audit.insert(),
        {
            "at": db.now(conn),
            "actor": storable(actor),
            "action": action,
            "subject": storable(subject),
            "detail": dict(detail or {}),
        },
    )


def entries(conn: Connection, *, before: int | None = None, most: int = 50) -> list[Entry]:
    """The newest lines first; `before` is the id from which the next page goes on."""
    query = select(audit).order_by(audit.c.id.desc()).limit(most)
    if before is not None:
        query = query.where(audit.c.id < before)
    return [
        Entry(
            row["id"],
            from_ms(row["at"]),
            row["actor"],
            row["action"],
            row["subject"],
            row["detail"],
        )
        for row in conn.execute(query).mappings()
    ]
