"""What simulators of earlier starts left behind.

A simulator's account is made up at every start, so nobody can send for the one before. Its
open rows would stay for days as a backlog, a paused account and dead letters that trouble
nobody; they are settled at the next start instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, and_, delete, or_, select, update

from bot.models import DeliveryState, Outcome
from bot.store.engine import Database
from bot.store.tables import (
    DEAD,
    PENDING,
    UNKNOWN,
    accounts,
    attempts,
    conversations,
    inbox,
    outbox,
)

#: Reason of the settled rows, in the ledger and docs/outcomes.md.
SIMULATOR_ENDED = "simulator_ended"

a = accounts.c
o = outbox.c


def settle_simulators(conn: Connection, db: Database, own: Sequence[tuple[str, str]]) -> int:
    """Settle the rows of every simulated account but `own`, and remember `own`.

    Open events end as ignored; parts that wait, are dead or in doubt end as dropped. Returns
    how many rows that were.
    """
    now = db.now(conn)
    settled = 0
    known = conn.execute(select(a.channel, a.account).where(a.simulated)).all()
    for channel, account in known:
        if (channel, account) in own:
            continue
        here = select(conversations.c.id).where(
            conversations.c.channel == channel, conversations.c.account == account
        )
        settled += conn.execute(
            update(inbox)
            .where(inbox.c.conversation_id.in_(here), inbox.c.outcome.is_(None))
            .values(outcome=Outcome.IGNORED.value, reason=SIMULATOR_ENDED, closed_at=now)
        ).rowcount
        troubled = and_(
            o.conversation_id.in_(here),
            or_(o.state == PENDING, o.state == UNKNOWN, o.state == DEAD),
        )
        conn.execute(
            update(attempts)
            .where(
                attempts.c.ended_at.is_(None),
                attempts.c.outbox_id.in_(select(o.id).where(troubled)),
            )
            .values(ended_at=now, result=SIMULATOR_ENDED)
        )
        settled += conn.execute(
            update(outbox)
            .where(troubled)
            .values(
                state=DeliveryState.DROPPED.value,
                reason=SIMULATOR_ENDED,
                in_flight_until=None,
                retry_at=None,
                after_crash=False,
                settled_at=now,
            )
        ).rowcount
        conn.execute(delete(accounts).where(a.channel == channel, a.account == account))
    for channel, account in own:
        insert = db.insert(accounts)
        conn.execute(
            insert.on_conflict_do_update(
                index_elements=["channel", "account"], set_={"simulated": True}
            ),
            {"channel": channel, "account": account, "simulated": True},
        )
    return settled
