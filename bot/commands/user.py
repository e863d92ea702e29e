"""`bot user`: who may enter the staff console."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from bot.config import load_settings
from bot.console import passwords
from bot.store import ConsoleStore, open_store
from bot.store.audit import CLI
from bot.store.users import LOCAL_USER, Role

T = TypeVar("T")

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")


@click.command()
@click.argument("action", type=click.Choice(["add", "list", "disable"]))
@click.argument("name", required=False)
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.AGENT.value,
    show_default=True,
    help="viewer searches, agent also talks with citizens, editor also changes knowledge",
)
def user(action: str, name: str | None, role: str) -> None:
    """Add, list or disable the users of the staff console.

    `add` asks for a password; without a terminal, or with an empty one, it makes one up and
    prints it once. For an existing user it sets role and password anew and ends their sessions.
    """
    if action == "list":
        _list()
        return
    if not name:
        raise click.UsageError(f"give a name: bot user {action} NAME")
    if action == "disable":
        if not _with_store(lambda store: store.disable_user(name, actor=CLI)):
            raise click.ClickException(f"there is no active user {name}; see `bot user list`")
        click.echo(f"{name}: disabled, sessions ended.")
        return
    if not _NAME.fullmatch(name) or name == LOCAL_USER:
        raise click.UsageError(
            "a name is 2 to 32 lower-case letters, digits, . _ - and begins with a letter or "
            f"digit; {LOCAL_USER} is taken by local runs"
        )
    password, made_up = _password()
    hashed = passwords.hashed(password)
    new = _with_store(lambda store: store.put_user(name, Role(role), hashed, actor=CLI))
    click.echo(f"{name}: {'added' if new else 'changed'} as {role}.")
    if made_up:
        click.echo(f"Password, shown once: {password}")


def _password() -> tuple[str, bool]:
    """A typed password, else a made-up one; and whether it was made up."""
    if not _is_terminal():
        return passwords.generated(), True
    while True:
        typed = click.prompt(
            "Password (empty: make one up)", hide_input=True, default="", show_default=False
        )
        if not typed:
            return passwords.generated(), True
        if objection := passwords.objection(typed):
            click.echo(f"Not taken: {objection}.")
        elif click.prompt("Once more", hide_input=True, default="", show_default=False) != typed:
            click.echo("The two differ; try again.")
        else:
            return typed, False


def _is_terminal() -> bool:
    return sys.stdin.isatty()


def _list() -> None:
    users = _with_store(lambda store: store.users())
    for one in users:
        state = "disabled" if one.disabled_at else "local runs only" if one.local else "active"
        since = f"{one.created_at:%Y-%m-%d}" if one.created_at else ""
        click.echo(f"{one.name:<32} {one.role.value:<7} {state:<15} since {since}")
    if not users:
        click.echo("No users yet: bot user add NAME --role editor")


def _with_store(use: Callable[[ConsoleStore], Awaitable[T]]) -> T:
    """Open the store beside a running service, use it, close it."""

    async def run() -> T:
        store = open_store(load_settings().database_url, serves=False)
        await store.open()
        try:
            return await use(ConsoleStore(store))
        finally:
            await store.close()

    return asyncio.run(run())
