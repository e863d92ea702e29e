"""`bot publish`: check and activate the knowledge, go back, list what was active when."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

import click

from bot.commands.common import knowledge_folder
from bot.commands.knowledge import day_or_today
from bot.config import Settings, load_settings
from bot.publishing import Changes, Published, roll_back
from bot.publishing import publish as publish_folder
from bot.store.publishing import Activation, PublishedKnowledge
from bot.store.sql_store import open_store
from bot.turn import VIETNAM
from knowledge.loader import SHIPPED

T = TypeVar("T")

#: Lines of `--list`.
_LISTED = 50
_SHORT = 12
#: No line names more answers or files than this.
_NAMED = 30


@click.command()
@click.option("--author", default="", metavar="NAME", help="who wrote the change")
@click.option("--approver", default="", metavar="NAME", help="who approved it: another person")
@click.option("--rollback", metavar="HASH", help="activate an earlier snapshot (8 digits or more)")
@click.option("--list", "listed", is_flag=True, help="show what was active when, newest first")
def publish(author: str, approver: str, rollback: str | None, *, listed: bool) -> None:
    """Check the knowledge folder, store it, and make it active on every node."""
    if listed and (rollback or author or approver):
        raise click.UsageError("--list stands alone: it changes nothing")
    settings = load_settings()
    folder = knowledge_folder(settings) or SHIPPED
    today = day_or_today(None, "--today")
    if listed:
        for line in _listing(_with_store(settings, lambda store: store.history(_LISTED))):
            click.echo(line)
    elif rollback is not None:  # an empty one is refused, not taken for a publication
        done = _with_store(
            settings,
            lambda store: roll_back(
                store, rollback, folder, today, author=author, approver=approver
            ),
        )
        _report(done, settings)
    else:
        done = _with_store(
            settings,
            lambda store: publish_folder(store, folder, today, author=author, approver=approver),
        )
        _report(done, settings)


def _with_store(settings: Settings, use: Callable[[PublishedKnowledge], Awaitable[T]]) -> T:
    """Open the store beside a running service, use it, close it."""

    async def run() -> T:
        store = open_store(settings.database_url, serves=False)
        await store.open()
        try:
            return await use(store.knowledge)
        finally:
            await store.close()

    return asyncio.run(run())


def _report(done: Published, settings: Settings) -> None:
    if done.already:
        click.echo(f"{done.hash} is active already ({done.answers} answers). Nothing was changed.")
        return
    click.echo(f"Active now: {done.hash} ({done.answers} answers).")
    if done.before is None:
        click.echo("It is the first one.")
    elif done.changes is None:
        click.echo(f"Before it {done.before.hash[:_SHORT]}, which this version cannot read.")
    else:
        click.echo(f"Against {done.before.hash[:_SHORT]}, active before:")
        for line in changes_in_words(done.changes):
            click.echo(f"  {line}")
    seconds = settings.knowledge.reload_seconds
    when = f"within about {seconds:g} s" if seconds else "at their next start"
    click.echo(f"Running nodes serve it {when} (knowledge.reload_seconds).")


def changes_in_words(changes: Changes) -> Iterable[str]:
    """One line for each kind of change, with the ids."""
    for name, ids in (
        ("answers added", changes.added),
        ("answers removed", changes.removed),
        ("answers changed", changes.changed),
        ("other files changed", changes.files),
    ):
        if ids:
            yield f"{name}: {_ids(ids)}"
    own = {*changes.added, *changes.removed, *changes.changed}
    through = [one.answer_id for one in changes.texts if one.answer_id not in own]
    if through:
        yield f"others that read differently today: {_ids(through)}"


def _ids(ids: Sequence[str]) -> str:
    rest = f", {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return f"{len(ids)} ({', '.join(ids[:_NAMED])}{rest})"


def _listing(past: list[Activation]) -> Iterable[str]:
    if not past:
        yield "Nothing was ever published; the first start of the service publishes its folder."
    for nth, one in enumerate(past):
        at = one.active_from.astimezone(VIETNAM).strftime("%Y-%m-%d %H:%M:%S")
        people = [f"author {one.author}"] if one.author else []
        people += [f"approver {one.approver}"] if one.approver else []
        mark = "*" if nth == 0 else " "
        line = f"{mark} {one.hash[:_SHORT]}  {at}  {one.kind:<8}  {one.answers} answers"
        yield "  ".join([line, *people])
