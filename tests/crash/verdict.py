"""What became of every message after the crashes: the store's rows against what citizens got."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from bot.store import open_store
from tests.crash.citizens import Citizen

_EVENTS = """
SELECT inbox.event_key, inbox.outcome, conversations.user_id,
       outbox.id AS part, outbox.state, outbox.text
FROM inbox
JOIN conversations ON conversations.id = inbox.conversation_id
LEFT JOIN outbox ON outbox.inbox_id = inbox.id
ORDER BY outbox.id, inbox.id
"""
_FINAL = ("accepted", "unknown", "dead", "dropped")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The figures of one run. `trouble` says in words what must not be."""

    acknowledged: int
    accepted: int
    unknown: int
    dead: int
    dropped: int
    lost: int
    out_of_order: int
    duplicates: int
    resent_after_crash: int
    balanced: bool

    @property
    def trouble(self) -> str:
        """ "" when every promise was kept."""
        found = []
        if self.lost:
            found.append(f"{self.lost} lost")
        if self.out_of_order:
            found.append(f"{self.out_of_order} out of order")
        if self.duplicates > self.resent_after_crash:
            found.append(f"{self.duplicates} duplicates, but {self.resent_after_crash} were resent")
        if not self.balanced:
            found.append("the ledger does not balance")
        return "; ".join(found)


async def all_done(url: str) -> bool:
    """True when every event has its outcome and no part is still to be sent."""
    store = open_store(url, serves=False)
    await store.open()
    try:
        depths = await store.gauges()
        return depths["inbox_open"] + depths["outbox_pending"] == 0
    finally:
        await store.close()


async def judge(
    url: str, citizens: Sequence[Citizen], received: Mapping[str, Sequence[str]]
) -> Verdict:
    """Compare acknowledgements, rows and what the platform delivered to each citizen.

    Args:
        url: the store.
        citizens: with what was acknowledged, in order.
        received: texts by citizen, in the order in which the platform took them.
    """
    store = open_store(url, serves=False)
    await store.open()
    try:
        rows = await store.read(_rows)
        today = (datetime.now(UTC) + timedelta(hours=7)).date()
        # A run may pass midnight in Việt Nam.
        ledgers = [await store.ledger(today - timedelta(days=back)) for back in (0, 1)]
    finally:
        await store.close()
    by_user: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        by_user[row.user_id].append(row)
    lost = misplaced = duplicates = 0
    for citizen in citizens:
        mine = by_user[citizen.user]
        lost += _lost(citizen.acknowledged, mine)
        misplaced += _misplaced(citizen.acknowledged, mine)
        sent = [row for row in mine if row.state in ("accepted", "unknown")]
        again, strange, missing = _delivered(sent, received.get(citizen.user, ()))
        duplicates += again
        misplaced += strange
        lost += missing
    states = [row.state for row in rows if row.part is not None]
    return Verdict(
        acknowledged=sum(len(citizen.acknowledged) for citizen in citizens),
        accepted=states.count("accepted"),
        unknown=states.count("unknown"),
        dead=states.count("dead"),
        dropped=states.count("dropped"),
        lost=lost,
        out_of_order=misplaced,
        duplicates=duplicates,
        resent_after_crash=sum(ledger["resent_after_crash"] for ledger in ledgers),
        balanced=all(ledger["balanced"] for ledger in ledgers),
    )


def _rows(conn: Connection) -> Sequence[Any]:
    return conn.execute(text(_EVENTS)).all()


def _lost(acknowledged: Sequence[str], rows: Sequence[Any]) -> int:
    """Acknowledged, yet without an outcome, or with a part that reached no final state."""
    done = {row.event_key for row in rows if row.outcome is not None and row.part is not None}
    open_parts = {row.event_key for row in rows if row.part and row.state not in _FINAL}
    return sum(key not in done or key in open_parts for key in acknowledged)


def _misplaced(acknowledged: Sequence[str], rows: Sequence[Any]) -> int:
    """Replies that were not written in the order of the acknowledgements."""
    told = set(acknowledged)
    written = [row.event_key for row in rows if row.part is not None and row.event_key in told]
    answered = set(written)
    expected = [key for key in acknowledged if key in answered]
    written = list(dict.fromkeys(written))
    return sum(one != other for one, other in zip(written, expected, strict=True))


def _delivered(sent: Sequence[Any], received: Sequence[str]) -> tuple[int, int, int]:
    """(duplicates, out of order, missing) of one citizen's texts against the parts sent."""
    at = duplicates = strange = 0
    for words in received:
        ahead = at
        # Whether an unknown part arrived nobody knows: it may be passed over.
        while ahead < len(sent) and sent[ahead].state == "unknown" and sent[ahead].text != words:
            ahead += 1
        if ahead < len(sent) and sent[ahead].text == words:
            at = ahead + 1
        elif at > 0 and sent[at - 1].text == words:
            duplicates += 1
        else:
            strange += 1
    missing = sum(row.state == "accepted" for row in sent[at:])
    return duplicates, strange, missing
