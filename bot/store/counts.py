"""Anonymous counters and alarms: what is left when no row is kept."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from bot.store.bulk import insert_many
from bot.store.engine import Database
from bot.store.tables import alarms
from bot.store.values import local_day

#: Kinds that the store itself counts; everything else is what webhooks ignored.
STORED = "stored"
FORGOTTEN = "forgotten"
_ADD = (
    "INSERT INTO ignored_counts (day, channel, kind, reason, shard, n)",
    "(?, ?, ?, ?, ?, ?)",
    "ON CONFLICT (day, channel, kind, reason, shard)"
    " DO UPDATE SET n = ignored_counts.n + excluded.n",
)
#: (day, channel, kind, reason) -> how many.
Counts = Mapping[tuple[str, str, str, str], int]


def add_counts(conn: Connection, db: Database, counts: Counts) -> None:
    """Add to the day's counters, in the transaction of what is counted."""
    if not counts:
        return
    # Sorted: two transactions that lock the same rows must take them in the same order.
    insert_many(conn, *_ADD, [(*key, db.shard, counts[key]) for key in sorted(counts)])


def raise_alarm(
    conn: Connection, db: Database, now: int, channel: str, account: str, kind: str
) -> None:
    """Record that something needs the operator; repeats of a day are counted in one row."""
    insert = db.insert(alarms)
    conn.execute(
        insert.on_conflict_do_update(
            index_elements=list(alarms.primary_key.columns),
            set_={"n": alarms.c.n + 1, "last_at": now},
        ),
        {
            "day": local_day(now),
            "channel": channel,
            "account": account,
            "kind": kind,
            "n": 1,
            "first_at": now,
            "last_at": now,
        },
    )
