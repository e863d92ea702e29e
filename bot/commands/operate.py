"""`bot ledger`, `bot forget`, `bot replay`: the operator's commands on the store."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import TypeVar

import click

from bot.config import load_settings
from bot.dialogue import VIETNAM
from bot.store.api import Store
from bot.store.sql_store import open_store

T = TypeVar("T")


def with_store(use: Callable[[Store], Awaitable[T]]) -> T:
    """Open the store beside a running service, use it, close it."""

    async def run() -> T:
        store = open_store(load_settings().database_url, serves=False)
        await store.open()
        try:
            return await use(store)
        finally:
            await store.close()

    return asyncio.run(run())


@click.command()
@click.option("--day", metavar="YYYY-MM-DD", help="a day in Việt Nam; default: today")
def ledger(day: str | None) -> None:
    """Print the totals of a day: events by outcome, replies by delivery, and if they balance."""
    try:
        when = date.fromisoformat(day) if day else datetime.now(UTC).astimezone(VIETNAM).date()
    except ValueError as error:
        raise click.UsageError(f"--day wants a date as YYYY-MM-DD, not {day}") from error
    totals = with_store(lambda store: store.ledger(when))
    click.echo(json.dumps(totals, ensure_ascii=False, indent=2, default=str))
    if not totals["balanced"]:
        raise click.ClickException("the ledger of this day does not balance")


@click.command()
@click.option(
    "--channel",
    required=True,
    type=click.Choice(["zalo", "messenger"]),
    help="where the citizen wrote",
)
@click.option("--user", required=True, metavar="ID", help="the citizen's id on that channel")
def forget(channel: str, user: str) -> None:
    """Delete one citizen's data and print what was deleted."""
    deleted = with_store(lambda store: store.forget(channel, user))
    for table, rows in deleted.items():
        click.echo(f"{table}: {rows} rows deleted")
    if not any(deleted.values()):
        click.echo("Nothing was stored about this citizen.")


@click.command()
@click.option("--dead", is_flag=True, required=True, help="the dead-lettered deliveries")
def replay(*, dead: bool) -> None:
    """Put dead-lettered deliveries back; the running service sends them again."""
    count = with_store(lambda store: store.replay_dead()) if dead else 0
    click.echo(f"{count} deliveries put back.")
