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
from bot.store.bulk import insert_many
from bot.store.engine import Database
from bot.store.prepared import Prepared, from_json, to_json
from bot.store.switches import is_off
from bot.store.tables import PENDING, accounts, attempts, conversations, inbox, outbox
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
    choices = to_json([option.to_list() for option in options])
    insert_many(
        conn,
        *_ADD,
        [
            (
                inbox_id,
                conversation_id,
                seq,
                text,
                choices if seq == len(texts) else "[]",
                DeliveryState.PENDING.value,
                window_from,
                now,
            )
            for seq, text in enumerate(texts, start=1)
        ],
    )


def _next_parts() -> Select[Any]:
    """The parts that may leave now, oldest first, each of another conversation."""
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
            o.options.label("choices"),
            o.attempts,
            o.after_crash,
            o.window_from,
            o.created_at,
            inbox.c.event_key,
            accounts.c.buttons_off_until,
            func.coalesce(accounts.c.pauses, 0).label("pauses"),
            conversations.c.channel,
            conversations.c.account,
            conversations.c.user_id,
        )
        .join(conversations, conversations.c.id == o.conversation_id)
        .join(inbox, inbox.c.id == o.inbox_id)
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
            ~is_off(conversations.c.channel, conversations.c.account),
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
        .limit(bindparam("b_most", type_=Integer))
        .with_for_update(of=outbox, skip_locked=True)
    )


_ADD = (
    "INSERT INTO outbox (inbox_id, conversation_id, seq, text, options, state, window_from,"
    " created_at)",
    "(?, ?, ?, ?, ?, ?, ?, ?)",
    "",
)
_NEXT_PARTS = Prepared(_next_parts())
_START_ATTEMPT = Prepared(
    insert(attempts)
    .values(
        {name: bindparam(f"b_{name}") for name in ("outbox_id", "boot", "sender", "started_at")}
    )
    .returning(attempts.c.id)
)
_FLY = Prepared(
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
_END_ATTEMPT = Prepared(
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
_RETRY = Prepared(
    update(outbox)
    .where(_MINE)
    .values(
        in_flight_until=None,
        reason=bindparam("b_code"),
        attempts=_uncounted,
        retry_at=bindparam("b_retry"),
    )
)
_SETTLE = Prepared(
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
    .returning(o.inbox_id, o.seq, o.staff)
)


def take_deliveries(
    conn: Connection, db: Database, sender: str, in_flight_ms: int, most: int
) -> list[Delivery]:
    """Start attempts for the next parts that may leave, oldest first."""
    now = db.now(conn)
    taken = []
    probed: set[tuple[str, str]] = set()
    for row in _NEXT_PARTS(conn, {"b_now": now, "b_most": most}).all():
        if row.pauses:
            # The query sees that no probe of this account is under way, not the row before.
            if (row.channel, row.account) in probed:
                continue
            probed.add((row.channel, row.account))
        attempt = {
            "b_outbox_id": row.id,
            "b_boot": db.boot,
            "b_sender": sender,
            "b_started_at": now,
        }
        attempt_id = _START_ATTEMPT(conn, attempt).scalar_one()
        flight = {
            "b_id": row.id,
            "b_attempt": attempt_id,
            "b_until": now + in_flight_ms,
            "b_again": int(row.after_crash),
        }
        _FLY(conn, flight)
        taken.append(_delivery(row, attempt_id, now))
    return taken


def _delivery(row: Any, attempt_id: int, now: int) -> Delivery:
    return Delivery(
        outbox_id=row.id,
        attempt_id=attempt_id,
        attempt=row.attempts + 1,
        key=ConversationKey(row.channel, row.account, row.user_id),
        text=row.text,
        options=tuple(Option(*option) for option in from_json(row.choices)),
        window_from=from_ms(row.window_from),
        created_at=from_ms(row.created_at),
        after_crash=bool(row.after_crash),
        event_key=row.event_key,
        buttons=row.buttons_off_until is None or row.buttons_off_until <= now,
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
    _END_ATTEMPT(conn, ended)
    mine = {
        "b_id": delivery.outbox_id,
        "b_attempt": delivery.attempt_id,
        "b_any": state is DeliveryState.ACCEPTED,
        "b_code": ended["b_code"],
        "b_uncounted": 0 if settlement.counted else 1,
    }
    if state is DeliveryState.PENDING:
        _RETRY(conn, {**mine, "b_retry": to_ms_or_none(settlement.retry_at)})
        return
    message_id = storable_key(settlement.message_id)
    settled = _SETTLE(conn, {**ended, **mine, "b_message": message_id}).first()
    if settled is not None and state in (DeliveryState.DEAD, DeliveryState.DROPPED):
        conn.execute(
            update(outbox)
            .where(
                o.inbox_id == settled.inbox_id,
                o.seq > settled.seq,
                o.state == PENDING,
                o.staff == settled.staff,  # what a person wrote stands for itself
            )
            .values(
                state=DeliveryState.DROPPED.value,
                reason=EARLIER_PART_FAILED,
                settled_at=ended["b_now"],
            )
        )
