"""Conversations with people in them: takeovers, withdrawals, unsent messages, retention."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from bot.models import Signal, SignalKind
from bot.store import feedback, takeovers
from bot.store.api import ConversationKey
from bot.store.counts import FORGOTTEN, add_counts, raise_alarm
from bot.store.engine import Database
from bot.store.tables import PENDING, attempts, conversations, deletion_requests, inbox, outbox
from bot.store.values import (
    local_day,
    storable,
    storable_key,
)

#: An echo of a foreign app this soon after a citizen's message is an automation, no person.
AUTOMATION_MS = 3000

c = conversations.c
_OPEN = inbox.c.outcome.is_(None)


def is_open(conn: Connection, key: ConversationKey) -> bool:
    """True while the conversation has an open event or an unsent part."""
    here = select(c.id).where(_is(key.channel, key.account, key.user)).scalar_subquery()
    waiting = select(inbox.c.id).where(inbox.c.conversation_id == here, _OPEN).exists()
    unsent = (
        select(outbox.c.id)
        .where(outbox.c.conversation_id == here, outbox.c.state == PENDING)
        .exists()
    )
    return bool(conn.execute(select(or_(waiting, unsent))).scalar_one())


def apply_signal(
    conn: Connection, db: Database, signal: Signal, now: int, takeover_ms: int
) -> None:
    """Change a conversation as a webhook, the console or the command line reported."""
    channel, account, user = signal.channel, signal.account, signal.user
    match signal.kind:
        case SignalKind.TAKEOVER:
            takeovers.take_over_by_signal(conn, db, signal, now, takeover_ms)
        case SignalKind.FOREIGN_ECHO:
            last = conn.execute(select(c.last_user_at).where(_is(channel, account, user))).scalar()
            if last is not None and now - last < AUTOMATION_MS:
                # Nobody types that fast: an automation of the platform answers beside us.
                raise_alarm(conn, db, now, channel, account, "automation_echo")
            else:
                takeovers.take_over_by_signal(conn, db, signal, now, takeover_ms)
        case SignalKind.RELEASE:
            takeovers.release(conn, db, ConversationKey(channel, account, user))
        case SignalKind.WITHDRAW:
            forget(conn, db, channel, user, account=account)
        case SignalKind.UNSEND:
            _unsend(conn, signal)
        case SignalKind.ACCOUNT_ALARM:
            raise_alarm(conn, db, now, channel, account, "account_alarm")


def forget(
    conn: Connection, db: Database, channel: str, user: str, *, account: str | None = None
) -> dict[str, int]:
    """Delete one citizen (on one account, or on every account of the channel).

    Only counts by day and outcome stay, so that the ledger of those days still balances.
    Returns the rows deleted by table.
    """
    user = storable_key(user)
    mine = and_(c.channel == channel, c.user_id == user)
    if account is not None:
        mine = and_(mine, c.account == account)
    ids = list(conn.execute(select(c.id).where(mine).with_for_update()).scalars())
    deleted = delete_events(conn, db, inbox.c.conversation_id.in_(ids)) if ids else {}
    deleted = {
        "conversations": 0,
        **dict.fromkeys(("inbox", "outbox", "attempts", "feedback"), 0),
        **deleted,
    }
    if ids:
        gone = conn.execute(delete(conversations).where(c.id.in_(ids)))
        deleted["conversations"] = gone.rowcount
    # A request's status page must live on, but it need not know whose request it was.
    requests = conn.execute(
        update(deletion_requests)
        .where(deletion_requests.c.channel == channel, deletion_requests.c.app_user == user)
        .values(app_user="", state="done")
    )
    return {**deleted, "deletion_requests": requests.rowcount}


def delete_events(conn: Connection, db: Database, which: ColumnElement[bool]) -> dict[str, int]:
    """Delete inbox rows with their replies, leaving counts by day and outcome."""
    rows = conn.execute(select(inbox.c.arrived_at, inbox.c.channel, inbox.c.outcome).where(which))
    counts = Counter(
        (local_day(arrived), channel, FORGOTTEN, outcome or "open")
        for arrived, channel, outcome in rows
    )
    events = select(inbox.c.id).where(which)
    outs = select(outbox.c.id).where(outbox.c.inbox_id.in_(events))
    deleted = {
        "attempts": conn.execute(delete(attempts).where(attempts.c.outbox_id.in_(outs))).rowcount,
        "outbox": conn.execute(delete(outbox).where(outbox.c.inbox_id.in_(events))).rowcount,
        "feedback": feedback.forget(conn, which),
        "inbox": conn.execute(delete(inbox).where(which)).rowcount,
    }
    add_counts(conn, db, counts)
    return deleted


def expire(conn: Connection, db: Database, before: int) -> dict[str, int]:
    """Delete closed events older than `before`, then conversations that hold nothing more."""
    unsent = select(outbox.c.inbox_id).where(outbox.c.state == PENDING)
    old = and_(inbox.c.arrived_at < before, ~_OPEN, inbox.c.id.not_in(unsent))
    deleted = delete_events(conn, db, old)
    gone = conn.execute(
        delete(conversations).where(
            func.coalesce(c.last_user_at, 0) < before,
            func.coalesce(c.taken_over_until, 0) < db.now(conn),
            c.claim_token.is_(None),
            ~exists().where(inbox.c.conversation_id == c.id),
            ~exists().where(outbox.c.conversation_id == c.id),
        )
    )
    return {**deleted, "conversations": gone.rowcount}


def _unsend(conn: Connection, signal: Signal) -> None:
    """Empty the one event whose key ends with the message's id (keys are kind + id)."""
    message_id = storable(signal.message_id)
    if not message_id:
        return
    rows = conn.execute(
        select(inbox.c.id, inbox.c.event_key)
        .join(conversations, c.id == inbox.c.conversation_id)
        .where(_is(signal.channel, signal.account, signal.user))
    )
    for event_id, key in rows.all():
        before = key.removesuffix(message_id)
        if before != key and not before[-1:].isalnum():
            conn.execute(
                update(inbox)
                .where(inbox.c.id == event_id)
                .values(text="", payload="", attachment="", redacted="")
            )


def _is(channel: str, account: str, user: str) -> ColumnElement[bool]:
    return and_(
        c.channel == storable_key(channel),
        c.account == storable_key(account),
        c.user_id == storable_key(user),
    )
