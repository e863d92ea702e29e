"""From a verified webhook body to durable rows, many bodies in one commit."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from bot.models import Event, Parsed
from bot.store import conversations as people
from bot.store.api import Accepted
from bot.store.bulk import insert_many
from bot.store.counts import STORED, add_counts
from bot.store.engine import Database, TransactionGone, savepoint
from bot.store.recovery import match_echoes
from bot.store.tables import conversations, inbox
from bot.store.values import (
    BELIEVED_MS,
    local_day,
    storable,
    storable_key,
    to_ms,
    to_ms_or_none,
)

log = logging.getLogger(__name__)

_Key = tuple[str, str, str]
#: One event as `_STORE` takes it: channel, account and user, then `_COLUMNS`.
_Row = tuple[Any, ...]
_NAME, _KIND = slice(3, 6), 6

_MEET = (
    "INSERT INTO conversations (channel, account, user_id, last_user_at)",
    "(?, ?, ?, ?)",
    "ON CONFLICT (channel, account, user_id) DO UPDATE SET last_user_at = excluded.last_user_at",
)
_PERSON = ("channel", "account", "user_id", "last_user_at")
_COLUMNS = (
    "channel",
    "account",
    "event_key",
    "kind",
    "text",
    "payload",
    "attachment",
    "sent_at",
    "arrived_at",
    "order_at",
    "redacted",
)
_WHOSE = "(SELECT id FROM conversations WHERE channel = ? AND account = ? AND user_id = ?)"
_STORE = (
    f"INSERT INTO inbox (conversation_id, {', '.join(_COLUMNS)})",
    f"({_WHOSE}, {', '.join('?' * len(_COLUMNS))})",
    "ON CONFLICT (channel, account, event_key) DO NOTHING",
)


class _SomeKnown(Exception):
    """Not every event of a batch was new."""


@dataclass(frozen=True, slots=True)
class Body:
    """What one webhook body held, on its way into the store."""

    parsed: Parsed
    redacted: Mapping[str, tuple[str, ...]]
    channel: str = ""


class Inbox:
    """Stores bodies. One instance per store; it holds settings, never data.

    Args:
        db: where to write.
        takeover_ms: how long the bot is silent after a person answered.
    """

    def __init__(self, db: Database, takeover_ms: int) -> None:
        self._db = db
        self._takeover_ms = takeover_ms
        insert = db.insert(conversations)
        self._meet = insert.on_conflict_do_update(
            index_elements=["channel", "account", "user_id"],
            set_={"last_user_at": insert.excluded.last_user_at},
        ).returning(
            conversations.c.id,
            conversations.c.channel,
            conversations.c.account,
            conversations.c.user_id,
        )
        # The constraint, not a look beforehand, tells a duplicate: two processes may store
        # the same redelivered event at the same moment.
        self._store = (
            db.insert(inbox)
            .on_conflict_do_nothing(index_elements=["channel", "account", "event_key"])
            .returning(inbox.c.channel, inbox.c.account, inbox.c.event_key)
        )

    def accept(self, conn: Connection, bodies: Sequence[Body]) -> list[Accepted | Exception]:
        """Write a batch of bodies; one result or exception for each, in order.

        Tried all at once, then body by body, then event by event: what cannot be stored harms
        no neighbour. An event that no engine would ever take is counted ("unstorable"), since
        a platform that gets an error would only send it again.
        """
        try:
            with savepoint(conn):
                return [*self._accept(conn, bodies)]
        except Exception as error:
            if _lost(conn, error) or (len(bodies) == 1 and isinstance(error, OperationalError)):
                raise
            log.warning("%d bodies could not be stored together: %s", len(bodies), _name(error))
        results: list[Accepted | Exception] = []
        for body in bodies:
            try:
                with savepoint(conn):
                    results += self._accept(conn, [body])
            except OperationalError as error:
                if _lost(conn, error):
                    raise
                results.append(error)
            except Exception as error:
                if _lost(conn, error):
                    raise
                results.append(self._piece_by_piece(conn, body))
        return results

    def _piece_by_piece(self, conn: Connection, body: Body) -> Accepted | Exception:
        stored = duplicates = 0
        parsed = body.parsed
        pieces = [
            *(Parsed(events=(event,)) for event in _in_order(parsed.events)),
            *(Parsed(signals=(signal,)) for signal in parsed.signals),
            *(Parsed(echoes=(echo,)) for echo in parsed.echoes),
            Parsed(ignored=parsed.ignored),
        ]
        channel = body.channel or _channel_of(parsed)
        for piece in pieces:
            try:
                with savepoint(conn):
                    (done,) = self._accept(conn, [Body(piece, body.redacted, channel)])
            except Exception as error:
                if _lost(conn, error):
                    raise
                if isinstance(error, OperationalError):
                    return error
                log.exception("an event cannot be stored and is only counted: %s", _name(error))
                day = local_day(self._db.now(conn))
                kind = str(piece.events[0].kind) if piece.events else "signal"
                add_counts(conn, self._db, {(day, str(channel), kind, "unstorable"): 1})
            else:
                stored += done.stored
                duplicates += done.duplicates
        return Accepted(stored, duplicates)

    def _accept(self, conn: Connection, bodies: Sequence[Body]) -> list[Accepted]:
        now = self._db.now(conn)
        counts: Counter[tuple[str, str, str, str]] = Counter()
        results: list[Accepted] = []
        waiting: list[Body] = []
        for body in bodies:
            waiting.append(body)
            if body.parsed.signals:
                # What came before a withdrawal goes with it, what comes after stays.
                results += self._store_events(conn, waiting, now, counts)
                waiting = []
                for signal in body.parsed.signals:
                    people.apply_signal(conn, self._db, signal, now, self._takeover_ms)
        results += self._store_events(conn, waiting, now, counts)
        match_echoes(conn, [e for body in bodies for e in body.parsed.echoes], now)
        day = local_day(now)
        for body in bodies:
            channel = body.channel or _channel_of(body.parsed)
            for ignored in body.parsed.ignored:
                counts[day, channel, storable(ignored.kind), storable(ignored.reason)] += 1
        add_counts(conn, self._db, counts)
        return results

    def _store_events(
        self,
        conn: Connection,
        bodies: Sequence[Body],
        now: int,
        counts: Counter[tuple[str, str, str, str]],
    ) -> list[Accepted]:
        rows: dict[_Key, _Row] = {}
        owner: dict[_Key, int] = {}
        duplicates = [0] * len(bodies)
        repeated: Counter[tuple[str, str]] = Counter()
        for number, body in enumerate(bodies):
            for event in _in_order(body.parsed.events):
                row = _row(event, body.redacted.get(event.event_key, ()), now)
                key = row[_NAME]
                if key in rows:
                    duplicates[number] += 1
                    repeated[event.channel, str(event.kind)] += 1
                    continue
                rows[key] = row
                owner[key] = number
        stored = [0] * len(bodies)
        if rows:
            new = self._store_all(conn, rows, now)
            day = local_day(now)
            for key, row in rows.items():
                if key in new:
                    stored[owner[key]] += 1
                    counts[day, row[0], STORED, ""] += 1
                else:
                    duplicates[owner[key]] += 1
                    repeated[row[0], row[_KIND]] += 1
        for (channel, kind), n in repeated.items():
            counts[local_day(now), channel, kind, "duplicate"] += n
        return [Accepted(*pair) for pair in zip(stored, duplicates, strict=True)]

    def _store_all(self, conn: Connection, rows: Mapping[_Key, _Row], now: int) -> Container[_Key]:
        """Insert the rows; the keys of those that were new.

        All at once first, for redelivered events are rare; only when the count tells that there
        are some, the constraint is asked which.
        """
        # Sorted: two processes that meet the same people must lock them in one order.
        met = [(*user, now) for user in sorted({row[:3] for row in rows.values()})]
        try:
            with savepoint(conn):
                insert_many(conn, *_MEET, met)
                if insert_many(conn, *_STORE, list(rows.values())) != len(rows):
                    raise _SomeKnown
            return rows
        except _SomeKnown:
            found = conn.execute(self._meet, [dict(zip(_PERSON, one, strict=True)) for one in met])
        ids = {(channel, account, user): id_ for id_, channel, account, user in found}
        events = [
            {"conversation_id": ids[row[:3]], **dict(zip(_COLUMNS, row[3:], strict=True))}
            for row in rows.values()
        ]
        return {tuple(row) for row in conn.execute(self._store, events)}


def _row(event: Event, redacted: Sequence[str], now: int) -> _Row:
    sent_at = to_ms_or_none(event.sent_at)
    believed = sent_at is not None and abs(sent_at - now) <= BELIEVED_MS
    channel, account = storable_key(event.channel), storable_key(event.account)
    return (
        channel,
        account,
        storable_key(event.user),
        channel,
        account,
        storable_key(event.event_key),
        str(event.kind),
        storable(event.text),
        storable(event.payload),
        storable(event.attachment),
        sent_at,
        now,
        sent_at if believed else now,
        ",".join(redacted),
    )


def _in_order(events: Sequence[Event]) -> Sequence[Event]:
    """Platform-timestamp order, whatever the timestamps are worth: ids then keep it.

    One event without a timestamp leaves the body's own order as the best evidence.
    """
    if len(events) < 2 or any(event.sent_at is None for event in events):
        return events
    return sorted(events, key=lambda event: to_ms(event.sent_at or datetime.now(UTC)))


def _channel_of(parsed: Parsed) -> str:
    """The channel of a body that names it in any of its parts, else ""."""
    for group in (parsed.events, parsed.signals, parsed.echoes):
        if group:
            return group[0].channel
    return ""


def _lost(conn: Connection, error: Exception) -> bool:
    """True when nothing more can be written in this transaction."""
    return isinstance(error, TransactionGone) or conn.invalidated


def _name(error: BaseException) -> str:
    # Only the class: the text of an error may quote what a citizen wrote.
    return type(error).__name__
