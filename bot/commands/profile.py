"""`bot profile push`: the Messenger profile of every configured Page."""

from __future__ import annotations

import asyncio

import aiohttp
import click

from bot.accounts import accounts
from bot.commands.common import knowledge_folder
from bot.config import Settings, load_settings
from bot.errors import SendError, SettingsError
from bot.handover import Hours
from bot.profile import Profile
from bot.profile import profile as content
from bot.telemetry import hide
from knowledge.loader import load_or_raise
from webhooks.base import Account
from webhooks.messenger_profile import push as push_one
from webhooks.messenger_send import Graph


@click.group()
def profile() -> None:
    """What citizens see before they write."""


@profile.command()
def push() -> None:
    """Send greeting, opening questions and menu to every Messenger Page."""
    settings = load_settings()
    hide(*settings.secrets.confidential())
    pages, missing = accounts(settings, "messenger")
    pages = [page for page in pages if page.secrets.get("page_access_token")]
    if not pages:
        names = ", ".join(missing) or "MESSENGER_PAGE_ACCESS_TOKEN"
        raise SettingsError(f"No Messenger Page is configured: set {names}.")
    snapshot = load_or_raise(knowledge_folder(settings))
    shown = content(snapshot, staffed=bool(Hours.parse(settings.handover.hours).shifts))
    failed = asyncio.run(_push_all(settings, pages, shown))
    for page in pages:
        if page.id not in failed:
            click.echo(f"{page.id}: {len(shown.questions)} questions, {len(shown.menu)} menu lines")
    if failed:
        raise click.ClickException(
            "; ".join(f"{page}: not set, {error}" for page, error in failed.items())
        )


async def _push_all(
    settings: Settings, pages: list[Account], shown: Profile
) -> dict[str, SendError]:
    """Push to every Page; what went wrong, by Page."""
    channel = settings.channels.messenger
    failed: dict[str, SendError] = {}
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        graph = Graph(
            lambda: session, channel.graph_base, channel.graph_version, channel.timeout_seconds
        )
        for page in pages:
            try:
                await push_one(graph, page, shown, page.secrets["page_access_token"])
            except SendError as error:
                failed[page.id] = error
    return failed
