"""Claims: a worker holds one conversation at a time, and closes its events under a token."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import BigInteger, Connection, Float, and_, bindparam, func, or_, select, update

from bot.errors import ClaimLost
from bot.models import Conversation, Event, EventKind
from bot.store import erasure, feedback
from bot.store.api import Claim, Closing, ConversationKey, InboxEvent
from bot.store.engine import Database
from bot.store.outbox import add_parts
from bot.store.prepared import Prepared, from_json, to_json
from bot.store.tables import conversations, inbox
from bot.store.values import from_ms, from_ms_or_none, storable, storable_key, to_ms_or_none

#: Most events handed out with one claim; the rest follow with the next.
CLAIM_EVENTS = 50

c = conversations.c
_OPEN = inbox.c.outcome.is_(None)

# Built once: putting a statement together costs SQLAlchemy more than SQLite needs to run it.
_OLDEST = Prepared(
    select(
        c.id,
        c.channel,
        c.account,
        c.user_id,
        c.state,
        c.taken_over_until,
        c.rate_tokens,
        c.rate_at,
    )
    .join(inbox, inbox.c.conversation_id == c.id)
    .where(_OPEN, or_(c.lease_until.is_(None), c.lease_until < bindparam("b_now")))
    .order_by(inbox.c.order_at, inbox.c.id)
    .limit(1)
    .with_for_update(of=conversations, skip_locked=True)
)
_OPEN_EVENTS = Prepared(
    select(
        *(
            inbox.c[name]
            for name in (
                "id",
                "channel",
                "account",
                "event_key",
                "kind",
                "text",
                "payload",
                "attachment",
                "sent_at",
                "arrived_at",
                "redacted",
            )
        )
    )
    .where(inbox.c.conversation_id == bindparam("b_id"), _OPEN)
    .order_by(inbox.c.order_at, inbox.c.id)
    .limit(CLAIM_EVENTS)
)
_TAKE = Prepared(
    update(conversations)
    .where(c.id == bindparam("b_id"))
    .values(
        claim_token=bindparam("b_token"),
        claimed_by=bindparam("b_worker"),
        lease_until=bindparam("b_until"),
    )
)
_HELD = and_(
    c.channel == bindparam("b_channel"),
    c.account == bindparam("b_account"),
    c.user_id == bindparam("b_user"),
    c.claim_token == bindparam("b_token"),
)
_RENEW = update(conversations).where(_HELD).values(lease_until=bindparam("b_until"))
_remembered: dict[str, Any] = {
    "state": bindparam("b_state"),
    "rate_tokens": func.coalesce(bindparam("b_rate_tokens", type_=Float), c.rate_tokens),
    "rate_at": func.coalesce(bindparam("b_rate_at", type_=BigInteger), c.rate_at),
}
_free: dict[str, Any] = {"claim_token": None, "claimed_by": None, "lease_until": None}
_REMEMBER = Prepared(update(conversations).where(_HELD).values(**_remembered).returning(c.id))
_REMEMBER_AND_RELEASE = Prepared(
    update(conversations).where(_HELD).values(**_remembered, **_free).returning(c.id)
)
_RELEASE = update(conversations).where(_HELD).values(**_free)
_CLOSE = Prepared(
    update(inbox)
    .where(inbox.c.id == bindparam("b_event"), inbox.c.conversation_id == bindparam("b_id"), _OPEN)
    .values(
        {
            name: bindparam(f"b_{name}")
            for name in (
                "outcome",
                "reason",
                "parts",
                "answer_id",
                "topic",
                "score",
                "provenance",
                "closed_at",
            )
        }
    )
    .returning(inbox.c.order_at)
)


def claim(conn: Connection, db: Database, worker: str, lease_ms: int) -> Claim | None:
    """Take the free conversation whose oldest open event comes first."""
    now = db.now(conn)
    row = _OLDEST(conn, {"b_now": now}).first()
    if row is None:
        return None
    # Read after the lock: on PostgreSQL another worker may have closed events meanwhile.
    found = _OPEN_EVENTS(conn, {"b_id": row.id}).all()
    events = tuple(_event(event, row.user_id) for event in found)
    if not events:
        return None
    token = uuid.uuid4().hex
    taking = {"b_id": row.id, "b_token": token, "b_worker": worker, "b_until": now + lease_ms}
    _TAKE(conn, taking)
    return Claim(
        key=ConversationKey(row.channel, row.account, row.user_id),
        token=token,
        lease_until=from_ms(now + lease_ms),
        events=events,
        conversation=_conversation(from_json(row.state)),
        taken_over_until=from_ms_or_none(row.taken_over_until),
        rate_tokens=row.rate_tokens,
        rate_at=from_ms_or_none(row.rate_at),
    )


def claim_some(
    conn: Connection, db: Database, worker: str, lease_ms: int, most: int
) -> list[Claim]:
    """Take up to `most` free conversations, those that wait longest."""
    taken: list[Claim] = []
    while len(taken) < most and (one := claim(conn, db, worker, lease_ms)) is not None:
        taken.append(one)
    return taken


def renew(conn: Connection, db: Database, claim: Claim, lease_ms: int) -> None:
    """Extend the lease. Raises `ClaimLost` when the token is no longer the row's."""
    until = db.now(conn) + lease_ms
    if conn.execute(_RENEW, {**_held(claim), "b_until": until}).rowcount != 1:
        raise ClaimLost


def release(conn: Connection, claim: Claim) -> None:
    """Give the conversation back; silently nothing when the claim is lost."""
    conn.execute(_RELEASE, _held(claim))


def clear_claims(conn: Connection) -> None:
    """Free every conversation: right only when no worker can be alive (SQLite at start)."""
    conn.execute(update(conversations).values(**_free))


def close_event(
    conn: Connection, db: Database, claim: Claim, closing: Closing, *, last: bool = False
) -> None:
    """Outcome, conversation and reply together, under the claim's token; `last` gives it back.

    Raises `ClaimLost` when the token has passed on, or the event has its outcome already:
    one event, one outcome.
    """
    remember = _REMEMBER_AND_RELEASE if last else _REMEMBER
    conversation_id = remember(
        conn,
        {
            **_held(claim),
            "b_state": to_json(closing.conversation.to_json()),
            "b_rate_tokens": closing.rate_tokens,
            "b_rate_at": to_ms_or_none(closing.rate_at),
        },
    ).scalar()
    if conversation_id is None:
        raise ClaimLost
    now = db.now(conn)
    texts = [text for text in map(storable, closing.parts) if text.strip()]
    order_at = _CLOSE(
        conn,
        {
            "b_event": closing.event_id,
            "b_id": conversation_id,
            "b_outcome": closing.outcome.value,
            "b_reason": storable(closing.reason),
            "b_parts": len(texts),
            "b_answer_id": closing.answer_id,
            "b_topic": closing.topic,
            "b_score": closing.score,
            "b_provenance": to_json(dict(closing.provenance) or None),
            "b_closed_at": now,
        },
    ).scalar()
    if order_at is None:
        raise ClaimLost("This event already has its outcome.")
    if closing.feedback is not None:
        feedback.record(
            conn, db, conversation_id, closing.event_id, claim.key.channel, closing.feedback
        )
    if closing.erase:
        erasure.mark(conn, conversation_id, closing.event_id)
    if texts:
        # The window counts from the platform's time when it is believed, else from arrival:
        # the same rule as the order of events.
        add_parts(conn, closing.event_id, conversation_id, texts, closing.options, order_at, now)


def _held(claim: Claim) -> dict[str, str]:
    key = claim.key
    return {
        "b_channel": storable_key(key.channel),
        "b_account": storable_key(key.account),
        "b_user": storable_key(key.user),
        "b_token": claim.token,
    }


def _conversation(state: Any) -> Conversation:
    try:
        return Conversation.from_json(state)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        # Written by another version: better a fresh start than a citizen without answers.
        return Conversation()


def _kind(name: str) -> EventKind:
    try:
        return EventKind(name)
    except ValueError:
        # Stored by a newer version that was taken back: its words can still be answered.
        return EventKind.TEXT


def _event(row: Any, user: str) -> InboxEvent:
    return InboxEvent(
        id=row.id,
        event=Event(
            channel=row.channel,
            account=row.account,
            user=user,
            event_key=row.event_key,
            kind=_kind(row.kind),
            text=row.text,
            payload=row.payload,
            attachment=row.attachment,
            sent_at=from_ms_or_none(row.sent_at),
        ),
        arrived_at=from_ms(row.arrived_at),
        redacted=tuple(name for name in row.redacted.split(",") if name),
    )
