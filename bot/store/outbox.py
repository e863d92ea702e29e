"""Parts of replies on their way out: attempts and settlements.

States of a part: `pending` until the platform, the window or the dispatcher settles it as
`accepted`, `unknown`, `dropped` or `dead`. A pending part with `in_flight_until` has an
attempt running; nothing behind it leaves before it is settled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from bot.models import DeliveryState, Option
from bot.store.api import ConversationKey, Delivery, Settlement
from bot.store.engine import Database
from bot.store.tables import PENDING, accounts, attempts, conversations, outbox
from bot.store.values import from_ms, storable, storable_key, to_ms_or_none

#: Why the rest of a reply was dropped: half an answer must not arrive without its beginning.
EARLIER_PART_FAILED = "earlier_part_failed"

o = outbox.c


def add_parts(
    conn: Connection,
    inbox_id: int,
    conversation_id: int,
    texts: Sequence[str],
    options: Sequence[Option],
    window_from: int,
    now: int,
) -> None:
    """Add the parts of one reply; the choices stand under the last one."""
    choices = [[option.answer_id, option.topic, option.title] for option in options]
    conn.execute(
        insert(outbox),
        [
            {
                "inbox_id": inbox_id,
                "conversation_id": conversation_id,
                "seq": seq,
                "text": text,
                "options": choices if seq == len(texts) else [],
                "state": DeliveryState.PENDING.value,
                "window_from": window_from,
                "created_at": now,
            }
            for seq, text in enumerate(texts, start=1)
        ],
    )


def _next_part() -> Select[Any]:
    """The part that may leave now, oldest first."""
    ahead, flying, their = outbox.alias(), outbox.alias(), conversations.alias()
    same_account = and_(
        their.c.id == flying.c.conversation_id,
        their.c.channel == accounts.c.channel,
        their.c.account == accounts.c.account,
    )
    return (
        select(
            o.id,
            o.text,
            o.options,
            o.attempts,
            o.after_crash,
            o.window_from,
            o.created_at,
            conversations.c.channel,
            conversations.c.account,
            conversations.c.user_id,
        )
        .join(conversations, conversations.c.id == o.conversation_id)
        .outerjoin(
            accounts,
            and_(
                accounts.c.channel == conversations.c.channel,
                accounts.c.account == conversations.c.account,
            ),
        )
        .where(
            o.state == PENDING,
            o.in_flight_until.is_(None),
            or_(o.retry_at.is_(None), o.retry_at <= bindparam("b_now")),
            or_(accounts.c.paused_until.is_(None), accounts.c.paused_until <= bindparam("b_now")),
            # The first unsettled part of its conversation, and of no other.
            ~exists().where(
                ahead.c.state == PENDING,
                ahead.c.conversation_id == o.conversation_id,
                ahead.c.id < o.id,
            ),
            # An account whose pause has just ended is probed with one part, not with a flood.
            or_(
                func.coalesce(accounts.c.pauses, 0) == 0,
                ~exists().where(
                    flying.c.in_flight_until.is_not(None), exists().where(same_account)
                ),
            ),
        )
        .order_by(o.id)
        .limit(1)
        .with_for_update(of=outbox, skip_locked=True)
    )


# Built once: putting a statement together costs SQLAlchemy more than SQLite needs to run it.
_NEXT_PART = _next_part()
_START_ATTEMPT = insert(attempts).returning(attempts.c.id)
_FLY = (
    update(outbox)
    .where(o.id == bindparam("b_id"))
    .values(
        attempt_id=bindparam("b_attempt"),
        attempts=o.attempts + 1,
        in_flight_until=bindparam("b_until"),
        retry_at=None,
        after_crash=False,
        resends=o.resends + bindparam("b_again", type_=Integer),
    )
)
_END_ATTEMPT = (
    update(attempts)
    .where(attempts.c.id == bindparam("b_attempt"))
    .values(ended_at=bindparam("b_now"), result=bindparam("b_result"), code=bindparam("b_code"))
)
_MINE = and_(
    o.id == bindparam("b_id"),
    o.state == PENDING,
    or_(o.attempt_id == bindparam("b_attempt"), bindparam("b_any", type_=Boolean)),
)
_uncounted = o.attempts - bindparam("b_uncounted", type_=Integer)
_RETRY = (
    update(outbox)
    .where(_MINE)
    .values(
        in_flight_until=None,
        reason=bindparam("b_code"),
        attempts=_uncounted,
        retry_at=bindparam("b_retry"),
    )
)
_SETTLE = (
    update(outbox)
    .where(_MINE)
    .values(
        in_flight_until=None,
        reason=bindparam("b_code"),
        attempts=_uncounted,
        state=bindparam("b_result"),
        settled_at=bindparam("b_now"),
        retry_at=None,
        after_crash=False,
        message_id=bindparam("b_message"),
    )
    .returning(o.inbox_id, o.seq)
)


def take_delivery(
    conn: Connection, db: Database, sender: str, in_flight_ms: int
) -> Delivery | None:
    """Start an attempt for the next part that may leave, oldest first."""
    now = db.now(conn)
    row = conn.execute(_NEXT_PART, {"b_now": now}).first()
    if row is None:
        return None
    attempt_id = conn.execute(
        _START_ATTEMPT,
        {"outbox_id": row.id, "boot": db.boot, "sender": sender, "started_at": now},
    ).scalar_one()
    conn.execute(
        _FLY,
        {
            "b_id": row.id,
            "b_attempt": attempt_id,
            "b_until": now + in_flight_ms,
            "b_again": int(row.after_crash),
        },
    )
    return Delivery(
        outbox_id=row.id,
        attempt_id=attempt_id,
        attempt=row.attempts + 1,
        key=ConversationKey(row.channel, row.account, row.user_id),
        text=row.text,
        options=tuple(Option(*option) for option in row.options),
        window_from=from_ms(row.window_from),
        created_at=from_ms(row.created_at),
        after_crash=bool(row.after_crash),
    )


def settle(conn: Connection, db: Database, delivery: Delivery, settlement: Settlement) -> None:
    """Record the end of an attempt.

    A part that something else has settled meanwhile (an echo, a withdrawal) stays as it is.
    A late answer to an attempt that counted as cut off still counts when it says "accepted":
    then it must not be sent again.
    """
    state = settlement.state
    ended = {
        "b_attempt": delivery.attempt_id,
        "b_now": db.now(conn),
        "b_result": state.value,
        "b_code": storable(settlement.reason),
    }
    conn.execute(_END_ATTEMPT, ended)
    mine = {
        "b_id": delivery.outbox_id,
        "b_attempt": delivery.attempt_id,
        "b_any": state is DeliveryState.ACCEPTED,
        "b_code": ended["b_code"],
        "b_uncounted": 0 if settlement.counted else 1,
    }
    if state is DeliveryState.PENDING:
        conn.execute(_RETRY, {**mine, "b_retry": to_ms_or_none(settlement.retry_at)})
        return
    settled = conn.execute(
        _SETTLE, {**ended, **mine, "b_message": storable_key(settlement.message_id)}
    ).first()
    if settled is not None and state in (DeliveryState.DEAD, DeliveryState.DROPPED):
        conn.execute(
            update(outbox)
            .where(o.inbox_id == settled.inbox_id, o.seq > settled.seq, o.state == PENDING)
            .values(
                state=DeliveryState.DROPPED.value,
                reason=EARLIER_PART_FAILED,
                settled_at=ended["b_now"],
            )
        )
