"""Totals: the balancing ledger of a day, depths for the metrics, alarms, deletion requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, case, func, select

from bot.models import DeliveryState, Outcome
from bot.store.api import AccountState, TokenAge
from bot.store.counts import FORGOTTEN, STORED
from bot.store.engine import Database
from bot.store.tables import (
    DEAD,
    PENDING,
    UNKNOWN,
    accounts,
    alarms,
    deletion_requests,
    ignored_counts,
    inbox,
    outbox,
)
from bot.store.values import day_bounds, from_ms, from_ms_or_none, storable


def ledger(conn: Connection, day: date) -> dict[str, Any]:
    """What became of the events that arrived on one day (Việt Nam time).

    Two independent records are held against each other: what `accept` counted when it stored
    an event against the rows' outcomes (and the counts that deleted rows left), and the parts
    that each outcome promised against the parts in the outbox.
    """
    start, end = day_bounds(day)
    that_day = (inbox.c.arrived_at >= start, inbox.c.arrived_at < end)
    outcomes = {outcome.value: 0 for outcome in Outcome}
    reasons: Counter[str] = Counter()
    open_events = parts = 0
    for outcome, reason, n, promised in conn.execute(
        select(inbox.c.outcome, inbox.c.reason, func.count(), func.sum(inbox.c.parts))
        .where(*that_day)
        .group_by(inbox.c.outcome, inbox.c.reason)
    ):
        parts += int(promised or 0)
        if outcome is None:
            open_events += n
            continue
        outcomes[outcome] = outcomes.get(outcome, 0) + n
        if outcome == Outcome.IGNORED:
            reasons[reason] += n
    deliveries = {state.value: 0 for state in DeliveryState}
    dropped: Counter[str] = Counter()
    resent = 0
    for state, reason, n, again in conn.execute(
        select(outbox.c.state, outbox.c.reason, func.count(), func.sum(outbox.c.resends))
        .join(inbox, inbox.c.id == outbox.c.inbox_id)
        # What a person wrote is no reply of the bot: the ledger holds replies against outcomes.
        .where(*that_day, outbox.c.staff == "")
        .group_by(outbox.c.state, outbox.c.reason)
    ):
        deliveries[state] = deliveries.get(state, 0) + n
        resent += int(again or 0)
        if state == DeliveryState.DROPPED:
            dropped[reason] += n
    ignored, stored, forgotten = _counted(conn, day.isoformat())
    events = stored
    return {
        "day": day.isoformat(),
        "received": events + sum(row["n"] for row in ignored),
        "events": events,
        "outcomes": outcomes,
        "open": open_events,
        "forgotten": forgotten,
        "silent": dict(sorted(reasons.items())),
        "ignored": ignored,
        "replies": parts,
        "deliveries": deliveries,
        "dropped": dict(sorted(dropped.items())),
        "resent_after_crash": resent,
        "balanced": events == sum(outcomes.values()) + open_events + forgotten
        and parts == sum(deliveries.values()),
    }


def _counted(conn: Connection, day: str) -> tuple[list[dict[str, Any]], int, int]:
    k = ignored_counts.c
    ignored: list[dict[str, Any]] = []
    stored = forgotten = 0
    for channel, kind, reason, n in conn.execute(
        select(k.channel, k.kind, k.reason, func.sum(k.n))
        .where(k.day == day)
        .group_by(k.channel, k.kind, k.reason)
        .order_by(k.channel, k.kind, k.reason)
    ):
        if kind == STORED:
            stored += int(n)
        elif kind == FORGOTTEN:
            forgotten += int(n)
        else:
            ignored.append({"channel": channel, "kind": kind, "reason": reason, "n": int(n)})
    return ignored, stored, forgotten


def gauges(conn: Connection, db: Database) -> dict[str, float]:
    """How much is waiting right now; `inbox_oldest_seconds` is 0 when nothing is."""
    waiting, oldest = conn.execute(
        select(func.count(), func.min(inbox.c.arrived_at)).where(inbox.c.outcome.is_(None))
    ).one()
    pending = conn.execute(
        select(func.count()).select_from(outbox).where(outbox.c.state == PENDING)
    ).scalar_one()
    unknown, dead = conn.execute(
        select(
            func.coalesce(func.sum(case((outbox.c.state == UNKNOWN, 1), else_=0)), 0),
            func.coalesce(func.sum(case((outbox.c.state == DEAD, 1), else_=0)), 0),
        )
        .select_from(outbox)
        # In these words the partial index holds the condition.
        .where(outbox.c.state.in_((UNKNOWN, DEAD)))
    ).one()
    age = max(0, db.now(conn) - oldest) / 1000 if oldest is not None else 0.0
    return {
        "inbox_open": float(waiting),
        "inbox_oldest_seconds": age,
        "outbox_pending": float(pending),
        "outbox_unknown": float(unknown),
        "outbox_dead": float(dead),
    }


def list_alarms(conn: Connection, day: date) -> list[dict[str, Any]]:
    """What needed the operator on one day."""
    rows = conn.execute(
        select(alarms)
        .where(alarms.c.day == day.isoformat())
        .order_by(alarms.c.channel, alarms.c.account, alarms.c.kind)
    ).mappings()
    return [
        {
            "channel": row["channel"],
            "account": row["account"],
            "kind": row["kind"],
            "n": row["n"],
            "first_at": from_ms(row["first_at"]),
            "last_at": from_ms(row["last_at"]),
        }
        for row in rows
    ]


def token_ages(conn: Connection) -> tuple[TokenAge, ...]:
    """Since when every stored token pair is held, and when its access token ends."""
    rows = conn.execute(
        select(
            accounts.c.channel, accounts.c.account, accounts.c.obtained_at, accounts.c.expires_at
        )
        .where(accounts.c.obtained_at.is_not(None), accounts.c.expires_at.is_not(None))
        .order_by(accounts.c.channel, accounts.c.account)
    )
    return tuple(
        TokenAge(row.channel, row.account, from_ms(row.obtained_at), from_ms(row.expires_at))
        for row in rows
    )


def paused_accounts(conn: Connection) -> dict[tuple[str, str], AccountState]:
    """Accounts that rest or are being probed, as the store knows it: true on every node."""
    rows = conn.execute(
        select(accounts).where(accounts.c.pauses > 0).order_by(accounts.c.channel)
    ).mappings()
    return {
        (row["channel"], row["account"]): AccountState(
            from_ms_or_none(row["paused_until"]), row["pause_reason"], row["pauses"]
        )
        for row in rows
    }


def record_deletion_request(
    conn: Connection, db: Database, code: str, channel: str, app_user: str
) -> None:
    """Store a request under its code; the same code twice is one request."""
    conn.execute(
        db.insert(deletion_requests).on_conflict_do_nothing(),
        {
            "code": storable(code),
            "channel": channel,
            "app_user": storable(app_user),
            "state": "recorded",
            "requested_at": db.now(conn),
        },
    )


def deletion_request(conn: Connection, code: str) -> Mapping[str, Any] | None:
    """State, channel and time of a request; never whose it is, for its page is public."""
    d = deletion_requests.c
    row = (
        conn.execute(
            select(d.code, d.channel, d.state, d.requested_at).where(d.code == storable(code))
        )
        .mappings()
        .first()
    )
    if row is None:
        return None
    return {**row, "requested_at": from_ms(row["requested_at"])}
