"""Off switches: what an operator has switched off, one row each.

A row means "off". Nothing is listed that is on, so an empty table is the normal state and
costs nothing to look at.
"""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from bot.store.tables import Millis, metadata

switches = Table(
    "switches",
    metadata,
    #: "zalo", "zalo:4318657068771012646" or "topic:rumor_scam" (`bot.switches.Target`).
    Column("target", String, primary_key=True),
    Column("switched_at", Millis, nullable=False),
    #: Who did it: a console user's name, "" for the command line.
    Column("switched_by", String, nullable=False, server_default=""),
)
