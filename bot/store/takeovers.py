"""People in conversations: who holds one, and what they write to the citizen.

While `taken_over_until` lies ahead the bot is silent there. A takeover that has ended keeps its
time: the bot's next reply says that the assistant answers again (`bot.handover`).
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update

from bot.models import DeliveryState, Signal
from bot.store.api import ConversationKey, Takeover
from bot.store.engine import Database
from bot.store.tables import conversations, inbox, outbox
from bot.store.values import from_ms, storable, storable_key

#: UTF-16 units of one part of a person's message: what every channel takes, the opening words
#: included.
PART_LENGTH = 1800

c = conversations.c


def take_over(
    conn: Connection, db: Database, key: ConversationKey, staff: str, minutes: float, *, force: bool
) -> Takeover | None:
    """Give the conversation to one of our staff for so many minutes from now.

    Args:
        staff: console user; "" is nobody's name.
        force: True takes it away from another member of staff.

    Returns who holds it now: another one when they do and `force` is False. None when there is
    no such conversation.
    """
    row = conn.execute(
        select(c.id, c.taken_over_by, c.taken_over_until).where(is_key(key)).with_for_update()
    ).first()
    if row is None:
        return None
    now = db.now(conn)
    held = row.taken_over_until is not None and row.taken_over_until > now
    if held and row.taken_over_by not in ("", staff) and not force:
        return Takeover(row.taken_over_by, from_ms(row.taken_over_until))
    until = now + round(minutes * 60_000)
    goes_on = held and row.taken_over_by == staff
    values = {"taken_over_until": until, "taken_over_by": storable(staff)}
    if not goes_on:
        values["taken_over_at"] = now
    conn.execute(update(conversations).where(c.id == row.id).values(values))
    return Takeover(staff, from_ms(until))


def release(conn: Connection, db: Database, key: ConversationKey) -> bool:
    """Let the bot answer again from now on; False when nobody held the conversation."""
    now = db.now(conn)
    # The time stays: it tells the next reply that a person was here.
    done = conn.execute(
        update(conversations)
        .where(is_key(key), c.taken_over_until > now)
        .values(taken_over_until=now)
    )
    return bool(done.rowcount)


def take_over_by_signal(conn: Connection, db: Database, signal: Signal, now: int, ms: int) -> None:
    """A person answered in the platform's own tool, perhaps before the citizen ever wrote."""
    insert_row = db.insert(conversations)
    fresh = or_(c.taken_over_until.is_(None), c.taken_over_until <= now)
    until = now + ms
    conn.execute(
        insert_row.on_conflict_do_update(
            index_elements=["channel", "account", "user_id"],
            # One of our staff who holds it keeps their name on it: the platform only shows
            # a person, and a console reply comes back as such an echo on some platforms.
            set_={"taken_over_until": until, "taken_over_at": now, "taken_over_by": ""},
            where=fresh,
        ),
        {
            "channel": storable_key(signal.channel),
            "account": storable_key(signal.account),
            "user_id": storable_key(signal.user),
            "taken_over_until": until,
            "taken_over_at": now,
        },
    )
    here = ConversationKey(signal.channel, signal.account, signal.user)
    conn.execute(
        update(conversations)
        .where(is_key(here), c.taken_over_until < until)
        .values(taken_over_until=until)
    )


def staff_reply(
    conn: Connection,
    db: Database,
    key: ConversationKey,
    texts: Sequence[str],
    staff: str,
    opening: str,
) -> int | None:
    """Put a person's message in the line, behind everything that waits there already.

    Args:
        texts: the message in parts of the channel's size, identifiers already redacted.
        opening: who is answering; stands before the first message of a takeover.

    Returns the id of the first part; None when the citizen has written nothing that is still
    stored, so that no platform would take a message.
    """
    conversation = conn.execute(
        select(c.id, c.taken_over_at).where(is_key(key)).with_for_update()
    ).first()
    last = (
        conversation
        and conn.execute(
            select(inbox.c.id, inbox.c.order_at)
            .where(inbox.c.conversation_id == conversation.id)
            .order_by(inbox.c.order_at.desc(), inbox.c.id.desc())
            .limit(1)
        ).first()
    )
    if not conversation or not last or not texts:
        return None
    now = db.now(conn)
    spoken = conn.execute(
        select(outbox.c.id)
        .where(
            outbox.c.conversation_id == conversation.id,
            outbox.c.staff != "",
            outbox.c.created_at >= (conversation.taken_over_at or now),
        )
        .limit(1)
    ).first()
    parts = [*texts] if spoken else [f"{opening}\n{texts[0]}", *texts[1:]]
    behind = conn.execute(
        select(func.coalesce(func.max(outbox.c.seq), 0)).where(outbox.c.inbox_id == last.id)
    ).scalar_one()
    ids = [
        conn.execute(
            insert(outbox)
            .values(
                inbox_id=last.id,
                conversation_id=conversation.id,
                seq=seq,
                text=storable(text),
                options=[],
                state=DeliveryState.PENDING.value,
                window_from=last.order_at,
                created_at=now,
                staff=storable(staff),
            )
            .returning(outbox.c.id)
        ).scalar_one()
        for seq, text in enumerate(parts, start=behind + 1)
    ]
    return int(ids[0])


def is_key(key: ConversationKey) -> ColumnElement[bool]:
    """The condition that names one conversation."""
    return and_(
        c.channel == storable_key(key.channel),
        c.account == storable_key(key.account),
        c.user_id == storable_key(key.user),
    )
