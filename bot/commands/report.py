"""`bot report`: the weekly report as a file."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from bot.commands.common import knowledge_folder
from bot.config import Settings, load_settings
from bot.dialogue import VIETNAM
from bot.report import report as build
from bot.report_files import KINDS
from bot.report_model import Ends, Report, Span, span_of, week_name
from bot.store import open_store, weekly
from knowledge.loader import load_or_raise


@click.command()
@click.option("--week", metavar="YYYY-Www", help="an ISO week; default: this week")
@click.option(
    "--ends",
    type=click.Choice([one.value for one in Ends]),
    default=Ends.SUNDAY.value,
    show_default=True,
    help="Monday to Sunday, or from Thursday 15:00 to Thursday 15:00 of that week",
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(sorted(KINDS)),
    default="html",
    show_default=True,
    help="one page with its styles, a workbook, or one number a line",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="a file; default: standard output",
)
def report(week: str | None, ends: str, kind: str, output: Path | None) -> None:
    """Write the report of a week: counts by outcome, channel, topic, place, day and hour."""
    now = datetime.now(UTC)
    try:
        span = span_of(week or week_name(now.astimezone(VIETNAM).date()), Ends(ends))
    except (ValueError, OverflowError) as error:
        raise click.UsageError(f"--week wants an ISO week as 2026-W47, not {week}") from error
    if kind == "xlsx" and output is None and sys.stdout.isatty():
        raise click.UsageError("a workbook is no text: give --output FILE")
    body = KINDS[kind].write(_report(load_settings(), span, now))
    if output is None:
        sys.stdout.buffer.write(body)
        return
    try:
        output.write_bytes(body)
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}") from error
    click.echo(f"Written to {output}.", err=True)


def _report(settings: Settings, span: Span, now: datetime) -> Report:
    async def run() -> weekly.Counted:
        store = open_store(settings.database_url, serves=False)
        await store.open()
        try:
            return await store.read(lambda conn: weekly.count(conn, span.first, span.end))
        finally:
            await store.close()

    counted = asyncio.run(run())
    return build(counted, span, load_or_raise(knowledge_folder(settings)), now)
