"""Rows behind the off switches: turn off, turn on, list."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, exists, or_, select

from bot.store.api import SwitchedOff
from bot.store.engine import Database
from bot.store.tables_switches import switches
from bot.store.values import from_ms, storable, storable_key

s = switches.c


def set_switch(conn: Connection, db: Database, target: str, off: bool, by: str) -> bool:
    """Turn a target off or on; False when it was so already."""
    if not off:
        return conn.execute(delete(switches).where(s.target == storable_key(target))).rowcount == 1
    done = conn.execute(
        # Whoever came first stays named: switching off twice tells nothing new.
        db.insert(switches).on_conflict_do_nothing().returning(s.target),
        {
            "target": storable_key(target),
            "switched_at": db.now(conn),
            "switched_by": storable(by),
        },
    )
    return done.first() is not None


def switched_off(conn: Connection) -> tuple[SwitchedOff, ...]:
    """Everything that is off, in the order of the targets."""
    rows = conn.execute(select(switches).order_by(s.target)).mappings()
    return tuple(
        SwitchedOff(row["target"], from_ms(row["switched_at"]), row["switched_by"]) for row in rows
    )


def is_off(channel: ColumnElement[Any], account: ColumnElement[Any]) -> ColumnElement[bool]:
    """A condition: the channel, or this account of it, is switched off."""
    return exists().where(or_(s.target == channel, s.target == channel + ":" + account))
