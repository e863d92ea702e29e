"""What settles a part besides its own attempt: echoes, crash recovery, and replaying dead ones."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    Update,
    and_,
    bindparam,
    case,
    literal_column,
    or_,
    select,
    update,
)

from bot.models import DeliveryState, Echo
from bot.store.engine import Database
from bot.store.outbox import EARLIER_PART_FAILED
from bot.store.tables import DEAD, PENDING, UNKNOWN, attempts, conversations, outbox
from bot.store.values import storable_key

#: What `OutPart.metadata` looks like on channels that echo it back: this and the part's id.
METADATA_PREFIX = "out:"
CUT_OFF = "cut_off"

o = outbox.c


def match_echoes(conn: Connection, echoes: Sequence[Echo], now: int) -> None:
    """Settle as accepted what the platform shows us back, in flight, cut off or unknown.

    The citizen and the account must be those of the part: an id alone could come from another
    installation that serves the same account.
    """
    by_id = []
    by_message = []
    for echo in echoes:
        who = {
            "b_channel": storable_key(echo.channel),
            "b_account": storable_key(echo.account),
            "b_user": storable_key(echo.user),
            "b_message": storable_key(echo.message_id),
            "b_now": now,
        }
        number = echo.metadata.removeprefix(METADATA_PREFIX)
        if number != echo.metadata and number.isascii() and number.isdigit() and len(number) < 19:
            by_id.append({**who, "b_id": int(number)})
        elif echo.message_id:
            by_message.append(who)
    if by_id:
        conn.execute(_ECHO_BY_ID, by_id)
    if by_message:
        conn.execute(_ECHO_BY_MESSAGE, by_message)


def _echoed() -> Update:
    here = (
        select(conversations.c.id)
        .where(
            conversations.c.channel == bindparam("b_channel"),
            conversations.c.account == bindparam("b_account"),
            conversations.c.user_id == bindparam("b_user"),
        )
        .scalar_subquery()
    )
    return (
        update(outbox)
        .where(or_(o.state == PENDING, o.state == UNKNOWN), o.conversation_id == here)
        .values(
            state=DeliveryState.ACCEPTED.value,
            reason="echo",
            message_id=bindparam("b_message"),
            in_flight_until=None,
            retry_at=None,
            after_crash=False,
            settled_at=bindparam("b_now"),
        )
    )


_ECHO_BY_ID = _echoed().where(o.id == bindparam("b_id"))
_ECHO_BY_MESSAGE = _echoed().where(
    # Literal, so that the partial index serves (see `bot.store.tables`).
    o.message_id != literal_column("''"),
    o.message_id == bindparam("b_message"),
)


def recover(conn: Connection, db: Database, resend_ms: int, *, all_attempts: bool) -> int:
    """Put back what a crash cut off, to be resent after `resend_ms` unless an echo comes first.

    `all_attempts` is for the start of the only process (SQLite): every open attempt is of the
    dead. Otherwise the part's `in_flight_until` tells: a living sender settles before it.
    Returns how many parts were put back.
    """
    now = db.now(conn)
    lost: ColumnElement[bool] = o.in_flight_until.is_not(None)
    if not all_attempts:
        lost = and_(lost, o.in_flight_until < now)
    ids = list(conn.execute(select(o.id).where(lost).with_for_update(skip_locked=True)).scalars())
    if all_attempts:
        # Also attempts whose part an echo has settled: nobody is left to end them.
        gone: ColumnElement[bool] = attempts.c.ended_at.is_(None)
    elif ids:
        gone = and_(attempts.c.ended_at.is_(None), attempts.c.outbox_id.in_(ids))
    else:
        return 0
    conn.execute(update(attempts).where(gone).values(ended_at=now, result=CUT_OFF))
    if ids:
        pending = o.state == PENDING
        conn.execute(
            update(outbox)
            .where(o.id.in_(ids))
            .values(
                in_flight_until=None,
                retry_at=case((pending, now + resend_ms), else_=None),
                after_crash=pending,
            )
        )
    return len(ids)


def replay_dead(conn: Connection) -> int:
    """Put dead parts, and the parts that were dropped behind them, back in the line."""
    replies = list(conn.execute(select(o.inbox_id).where(o.state == DEAD)).scalars())
    if not replies:
        return 0
    again = or_(
        o.state == DEAD,
        and_(
            o.inbox_id.in_(replies),
            o.state == DeliveryState.DROPPED.value,
            o.reason == EARLIER_PART_FAILED,
        ),
    )
    done = conn.execute(
        update(outbox)
        .where(again)
        .values(
            state=DeliveryState.PENDING.value,
            reason="replayed",
            attempts=0,
            retry_at=None,
            settled_at=None,
        )
    )
    return done.rowcount
