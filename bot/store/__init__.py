"""Durable rows: inbox, conversations, outbox. The only package that knows SQL."""

from __future__ import annotations

from bot.store.console import ConsoleStore
from bot.store.sql_store import SqlStore, open_store

__all__ = ["ConsoleStore", "SqlStore", "open_store"]
