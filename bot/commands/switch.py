"""`bot switch`: turn a channel, one account or one topic off and on, on every node."""

from __future__ import annotations

from pathlib import Path

import click
import yaml

from bot.accounts import CHANNEL_SECRETS, FIRST_PREFIX, ID_NAME, channel_settings, variable
from bot.commands.common import knowledge_folder
from bot.commands.operate import with_store
from bot.config import Settings, load_settings
from bot.dialogue import VIETNAM
from bot.store.api import Store
from bot.switches import LOOK_SECONDS, check_target
from knowledge.loader import SHIPPED


@click.group()
def switch() -> None:
    """Turn a channel, one account or one topic off, or on again."""


@switch.command("off")
@click.argument("target")
@click.option("--by", default="", metavar="NAME", help="who does it, shown by `bot switch list`")
def off(target: str, by: str) -> None:
    """Turn TARGET off: zalo, messenger, zalo:ID, topic:ID."""
    target = _checked(target)
    changed = with_store(lambda store: store.set_switch(target, off=True, by=by))
    click.echo(f"{target} is off." if changed else f"{target} was off already.")
    click.echo(f"Every running node follows within about {LOOK_SECONDS:.0f} seconds.")


@switch.command("on")
@click.argument("target")
def on(target: str) -> None:
    """Turn TARGET on again."""
    target = target.strip()

    async def turn_on(store: Store) -> bool:
        # What is off may be turned on even when the settings know it no longer.
        if target not in {switch.target for switch in await store.switches()}:
            _checked(target)
        return await store.set_switch(target, off=False)

    changed = with_store(turn_on)
    click.echo(f"{target} is on." if changed else f"{target} was on already.")


@switch.command("list")
def list_switches() -> None:
    """Show everything that is off, since when, and who did it."""
    found = with_store(lambda store: store.switches())
    for one in found:
        at = one.at.astimezone(VIETNAM)
        click.echo(f"{one.target}\toff since {at:%d/%m/%Y %H:%M}\t{one.by or '-'}")
    if not found:
        click.echo("Nothing is switched off.")


def _checked(target: str) -> str:
    settings = load_settings()
    return check_target(
        target, CHANNEL_SECRETS, accounts_of(settings), topics_of(knowledge_folder(settings))
    )


def accounts_of(settings: Settings) -> set[str]:
    """Every configured account as "channel:id", usable or not."""
    found = set()
    for channel in CHANNEL_SECRETS:
        first = settings.secrets.get(variable(FIRST_PREFIX[channel], ID_NAME[channel]))
        ids = [first, *(entry.id for entry in channel_settings(settings, channel).accounts)]
        found |= {f"{channel}:{id_}" for id_ in ids if id_}
    return found


def topics_of(folder: Path | None) -> set[str]:
    """Ids of the topics. Only their list is read: a faulty answer must not keep an operator
    from switching its topic off."""
    path = (folder or SHIPPED) / "topics.yaml"
    try:
        topics = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return set()
    return set(topics) if isinstance(topics, dict) else set()
