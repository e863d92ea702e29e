"""The watch over alarms from the settings: which channels are expected, and how alarms leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import aiohttp

from bot.alarm_sending import ways
from bot.alarms import Alarms
from bot.config_schema import Settings
from bot.console.context import PREFIX
from bot.store.sql_store import SqlStore
from bot.switches import Off
from knowledge.snapshot import Snapshot
from webhooks.base import Account, Channel


def build_alarms(
    settings: Settings,
    store: SqlStore,
    snapshot: Callable[[], Snapshot],
    http: Callable[[], aiohttp.ClientSession],
    *,
    channels: Mapping[str, Channel],
    simulated: Mapping[str, Account],
    off: Callable[[], Off],
) -> Alarms:
    """The watch of one process.

    Args:
        snapshot: gives what is being served now.
        http: gives the client of the service.
        channels: with all their accounts.
        simulated: made-up accounts, from which nothing need come.
        off: what an operator has switched off: its silence is wanted.
    """
    made_up = {account.id for account in simulated.values()}
    real = {
        (name, account)
        for name, channel in channels.items()
        for account in channel.accounts
        if account not in made_up
    }

    def expected() -> set[str]:
        now = off()
        return {name for name, account in real if not now.account(name, account)}

    url = settings.server.public_url
    return Alarms(
        store,
        snapshot,
        settings.alarms,
        channels=expected,
        ways=ways(settings, http),
        link=f"{url}{PREFIX}/alarms" if url and settings.console.enabled else "",
    )
