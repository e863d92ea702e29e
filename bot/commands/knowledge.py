"""`bot check` and `bot new`: the editor's commands."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path

import click

from bot.commands.common import knowledge_folder
from bot.config import load_settings
from bot.dialogue import VIETNAM
from bot.errors import KnowledgeError
from knowledge.check import run_check
from knowledge.loader import SHIPPED
from knowledge.scaffold import new as scaffold


@click.command()
@click.option("--today", "today", metavar="YYYY-MM-DD", help="the day to check for")
@click.option("--due", is_flag=True, help="exit 1 when something is due, too")
def check(today: str | None, *, due: bool) -> None:
    """Validate the whole knowledge base; all problems at once."""
    folder = knowledge_folder(load_settings()) or SHIPPED
    day = day_or_today(today, "--today")
    tests = Path("tests/knowledge")
    problems = run_check(folder, day, tests if tests.is_dir() else None)
    errors = [p for p in problems if p.level == "error"]
    dues = [p for p in problems if p.level == "due"]
    for problem in [*errors, *dues]:
        click.echo(f"{problem.path}:{problem.line}: {problem.level}: {problem.text}")
    if not problems:
        click.echo(f"Everything holds on {day.isoformat()}.")
    else:
        click.echo(f"{len(errors)} errors, {len(dues)} due on {day.isoformat()}.")
    sys.exit(1 if errors or (due and dues) else 0)


def day_or_today(given: str | None, option: str) -> date:
    """The day an option names, today in Việt Nam without one. Raises `UsageError`."""
    try:
        return date.fromisoformat(given) if given else datetime.now(UTC).astimezone(VIETNAM).date()
    except ValueError as error:
        raise click.UsageError(f"{option} wants a date as YYYY-MM-DD, not {given}") from error


@click.command()
@click.argument("kind", type=click.Choice(["answer", "directive", "place", "value"]))
@click.argument("id_", metavar="ID")
def new(kind: str, id_: str) -> None:
    """Write a scaffold that passes `bot check` after filling in."""
    folder = knowledge_folder(load_settings()) or SHIPPED
    try:
        path = scaffold(kind, id_, folder)
    except (ValueError, FileExistsError, KnowledgeError) as error:
        raise click.UsageError(str(error)) from error
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    click.echo(f"{shown}: fill it in, then run: bot check")
