"""Short ways to say what the tests are about, and a clock that they can turn."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from bot.models import (
    Conversation,
    DeliveryState,
    Event,
    EventKind,
    Option,
    Outcome,
    Parsed,
    Signal,
    SignalKind,
)
from bot.store import SqlStore
from bot.store.api import Accepted, Claim, Closing, Delivery, Settlement

_numbers = itertools.count(1)


def event(user: str = "u1", words: str = "xin chào", *, key: str = "", **more: Any) -> Event:
    """A text message; every one has its own key unless told otherwise."""
    return Event(
        channel=more.pop("channel", "messenger"),
        account=more.pop("account", "page"),
        user=user,
        event_key=key or f"message:mid.{next(_numbers)}",
        kind=EventKind.TEXT,
        text=words,
        **more,
    )


def signal(kind: SignalKind, user: str = "u1", message_id: str = "") -> Signal:
    return Signal(kind, "messenger", "page", user, message_id)


async def accept(store: SqlStore, *events: Event) -> Accepted:
    return await store.accept(Parsed(events=events), {})


async def send_signal(store: SqlStore, kind: SignalKind, user: str = "u1", mid: str = "") -> None:
    await store.accept(Parsed(signals=(signal(kind, user, mid),)), {})


async def claimed(store: SqlStore) -> Claim:
    claim = await store.claim("w")
    assert claim is not None
    return claim


def closing(event_id: int, *parts: str, outcome: Outcome = Outcome.ANSWERED) -> Closing:
    return Closing(event_id, outcome, "", Conversation(), parts=parts)


async def answer_all(store: SqlStore, *parts: str, options: Sequence[Option] = ()) -> None:
    """Close every open event with the same reply."""
    while (claim := await store.claim("w")) is not None:
        for item in claim.events:
            await store.close_event(
                claim,
                Closing(
                    item.id,
                    Outcome.ANSWERED,
                    "",
                    Conversation(),
                    parts=parts,
                    options=tuple(options),
                ),
            )
        await store.release(claim)


async def taken(store: SqlStore) -> Delivery:
    delivery = await store.take_delivery("s")
    assert delivery is not None
    return delivery


def accepted(message_id: str = "m") -> Settlement:
    return Settlement(DeliveryState.ACCEPTED, message_id=message_id)


def soon(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def turn_clock(store: SqlStore, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let the database clock of this store run ahead (or behind) by so many seconds."""
    original = type(store.database).now

    def now(conn: Connection) -> int:
        return original(store.database, conn) + round(seconds * 1000)

    monkeypatch.setattr(store.database, "now", now)


def rows(store: SqlStore, sql: str) -> list[tuple[Any, ...]]:
    """What the tables hold, read past the store."""
    with store.database.reading() as conn:
        return [tuple(row) for row in conn.execute(text(sql))]
