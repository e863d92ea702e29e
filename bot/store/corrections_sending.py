"""Sending a confirmed correction, some conversations at a time, and what became of it.

A target leaves the state `open` in the same commit that puts its message in the outbox. However
often the sending is begun, or cut off, a conversation is told once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, insert, select, update

from bot.models import DeliveryState
from bot.store.corrections import State
from bot.store.corrections_found import Way, ways
from bot.store.engine import Database
from bot.store.tables import conversations, inbox, outbox
from bot.store.tables_console import copies, correction_targets, corrections, users
from bot.store.values import from_ms, storable

#: Conversations of one commit: few enough that an arriving message does not wait for it.
SOME = 50
c, i, o, t = conversations.c, inbox.c, outbox.c, correction_targets.c
#: Why a target was given no message, as its state says.
_NOT_TOLD = {Way.CLOSED: "outside_window", Way.GONE: "skipped"}


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of a correction. Conversations, but for the two numbers of copies."""

    #: Arrived, and not known whether it arrived.
    arrived: int = 0
    unknown: int = 0
    #: On its way; of these so many behind an account that rests or is off.
    waiting: int = 0
    paused: int = 0
    #: Not taken up yet: the sending was cut off.
    open: int = 0
    #: Too late for the platform, refused by it, and deleted (by wish or age).
    too_late: int = 0
    failed: int = 0
    gone: int = 0
    #: Staff copies whose owner has, or has not, told it on.
    copies_told: int = 0
    copies_open: int = 0

    @property
    def not_sent(self) -> int:
        """Conversations that will not get it."""
        return self.too_late + self.failed + self.gone


def send_some(
    conn: Connection,
    db: Database,
    number: int,
    windows: Mapping[str, float],
    letter: Callable[[datetime], str],
) -> int:
    """Take up some conversations; returns how many there were, 0 when the sending is done.

    Args:
        conn: a writing connection.
        db: says the time.
        number: a correction in the state `sending`; nothing happens in any other.
        windows: hours after a citizen's message in which each channel takes a reply.
        letter: the message for somebody who got the wrong thing at that moment.
    """
    approver = conn.execute(
        select(users.c.name)
        .join(corrections, corrections.c.approver_id == users.c.id)
        .where(corrections.c.id == number, corrections.c.state == State.SENDING.value)
    ).scalar()
    if approver is None:
        return 0
    mine = and_(t.correction_id == number, t.state == "open", t.conversation_id.is_not(None))
    taken = conn.execute(
        select(t.id, t.conversation_id, i.arrived_at)
        .join(inbox, i.id == t.inbox_id)
        .where(mine)
        .order_by(t.conversation_id)
        .limit(SOME)
        .with_for_update(of=correction_targets, skip_locked=True)
    ).all()
    now = db.now(conn)
    reach = ways(conn, db, [row.conversation_id for row in taken], windows)
    for row in taken:
        way = reach.get(row.conversation_id, Way.GONE)
        state, outbox_id = _NOT_TOLD.get(way, "sent"), None
        if state == "sent":
            text = storable(letter(from_ms(row.arrived_at)))
            outbox_id = _put(conn, row.conversation_id, text, approver, now)
            state = "sent" if outbox_id is not None else "skipped"
        conn.execute(
            update(correction_targets)
            .where(t.id == row.id)
            .values(state=state, outbox_id=outbox_id, at=now)
        )
    if not taken and conn.execute(select(t.id).where(mine).limit(1)).first() is None:
        done = update(corrections).where(
            corrections.c.id == number, corrections.c.state == State.SENDING.value
        )
        conn.execute(done.values(state=State.DONE.value))
    return len(taken)


def _put(conn: Connection, conversation_id: int, text: str, staff: str, now: int) -> int | None:
    """Put one message in the line, behind everything that waits there; its id in the outbox.

    It hangs on the newest event that has its outcome: one that is still open will number its own
    reply from the first part. Like everything a person sends, it carries a name and so stands
    beside the bot's replies in the ledger, not among them.
    """
    conn.execute(select(c.id).where(c.id == conversation_id).with_for_update())
    behind = (
        select(func.coalesce(func.max(o.seq), 0))
        .where(o.inbox_id == i.id)
        .correlate(inbox)
        .scalar_subquery()
    )
    event = conn.execute(
        select(i.id, behind.label("behind"))
        .where(i.conversation_id == conversation_id, i.outcome.is_not(None))
        .order_by(i.order_at.desc(), i.id.desc())
        .limit(1)
    ).first()
    last = select(func.max(i.order_at)).where(i.conversation_id == conversation_id)
    if event is None:
        return None
    return int(
        conn.execute(
            insert(outbox)
            .values(
                inbox_id=event.id,
                conversation_id=conversation_id,
                seq=event.behind + 1,
                text=text,
                options=[],
                state=DeliveryState.PENDING.value,
                window_from=conn.execute(last).scalar_one(),
                created_at=now,
                staff=storable(staff),
            )
            .returning(o.id)
        ).scalar_one()
    )


def tally(
    conn: Connection, db: Database, number: int, found: int, windows: Mapping[str, float]
) -> Tally:
    """Count what became of every target; `found` is how many conversations there were."""
    rows = conn.execute(
        select(t.conversation_id, t.copy_id, t.state, o.state.label("sent"), o.reason)
        .select_from(correction_targets.outerjoin(outbox, o.id == t.outbox_id))
        .where(t.correction_id == number)
    ).all()
    counts: Counter[str] = Counter()
    waiting: list[int] = []
    for row in rows:
        if row.copy_id is not None:
            counts["copies_told" if row.state == "told" else "copies_open"] += 1
            continue
        counts["conversations"] += 1
        counts[_became(row.state, row.sent, row.reason)] += 1
        if row.sent == DeliveryState.PENDING:
            waiting.append(row.conversation_id)
    held = ways(conn, db, waiting, windows).values()
    return Tally(
        arrived=counts["arrived"],
        unknown=counts["unknown"],
        waiting=counts["waiting"],
        paused=sum(way is Way.PAUSED for way in held),
        open=counts["open"],
        too_late=counts["too_late"],
        failed=counts["failed"],
        gone=counts["gone"] + max(0, found - counts["conversations"]),
        copies_told=counts["copies_told"],
        copies_open=counts["copies_open"],
    )


def _became(state: str, sent: str | None, reason: str | None) -> str:
    if state != "sent":
        return {"open": "open", "outside_window": "too_late"}.get(state, "gone")
    match sent:
        case DeliveryState.ACCEPTED:
            return "arrived"
        case DeliveryState.UNKNOWN:
            return "unknown"
        case DeliveryState.PENDING:
            return "waiting"
        case DeliveryState.DROPPED if reason == "window_closed":
            return "too_late"
        case None:
            return "gone"
        case _:
            return "failed"


def copiers(conn: Connection, number: int) -> list[tuple[str, int, int]]:
    """(colleague, copies, of these told on) of a confirmed correction, by name."""
    rows = conn.execute(
        select(users.c.name, t.state)
        .join(copies, copies.c.id == t.copy_id)
        .join(users, users.c.id == copies.c.user_id)
        .where(t.correction_id == number)
        .order_by(users.c.name)
    )
    all_: Counter[str] = Counter()
    done: Counter[str] = Counter()
    for name, state in rows:
        all_[name] += 1
        done[name] += state == "told"
    return [(name, n, done[name]) for name, n in all_.items()]
