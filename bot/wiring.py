"""Channels and lanes from the settings: which accounts there are, and how each one sends.

The simulator's accounts join their channel here, with a platform address and fixed tokens of
their own; everything behind the channel treats them like any other account.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bot import log_texts
from bot.accounts import accounts
from bot.config_schema import Settings
from bot.lane import Lane
from bot.tokens import StaticTokens, TokenSource, ZaloTokens
from webhooks.base import Account, Channel
from webhooks.http import Http
from webhooks.messenger import MessengerChannel
from webhooks.zalo import ZaloChannel


class SimulatedTokens:
    """The simulator's accounts have fixed tokens; everyone else's come from `real`."""

    def __init__(self, real: TokenSource, simulated: frozenset[str], secret: str) -> None:
        self._real = real
        self._simulated = simulated
        self._fixed = StaticTokens(secret)

    async def token(self, account: Account) -> str:
        """A token to send with."""
        return await self._of(account).token(account)

    async def refresh(self, account: Account, refused: str) -> str:
        """Another token after a refusal."""
        return await self._of(account).refresh(account, refused)

    def degraded(self) -> list[str]:
        """What is wrong with the real tokens."""
        return self._real.degraded()

    def _of(self, account: Account) -> TokenSource:
        return self._fixed if account.id in self._simulated else self._real


def build_channels(
    settings: Settings, http: Http, simulated: Mapping[str, Account], bases: Mapping[str, str]
) -> dict[str, Channel]:
    """Every channel with its usable accounts; says in the log which are off, and why.

    `simulated` holds the simulator's account by channel name, `bases` its platform address.
    """
    zalo, messenger = settings.channels.zalo, settings.channels.messenger
    known: dict[str, list[Account]] = {}
    missing: dict[str, tuple[str, ...]] = {}
    for name in ("zalo", "messenger"):
        usable, missing[name] = accounts(settings, name)
        known[name] = [*usable, *([simulated[name]] if name in simulated else [])]
        if missing[name]:
            log_texts.channel_off(name, missing[name])
        elif usable:
            log_texts.channel_on(name, [account.id for account in usable])
    own = {account.id: bases[name] for name, account in simulated.items()}
    return {
        "zalo": ZaloChannel(
            known["zalo"],
            http=http,
            api_base=zalo.api_base,
            api_bases=own,
            timeout_seconds=zalo.timeout_seconds,
            window=timedelta(hours=zalo.window_hours),
            buttons=zalo.buttons,
            missing=missing["zalo"],
        ),
        "messenger": MessengerChannel(
            known["messenger"],
            http=http,
            graph_base=messenger.graph_base,
            graph_bases=own,
            graph_version=messenger.graph_version,
            timeout_seconds=messenger.timeout_seconds,
            window=timedelta(hours=messenger.window_hours),
            missing=missing["messenger"],
        ),
    }


def build_lanes(
    settings: Settings,
    channels: Mapping[str, Channel],
    pairs: ZaloTokens,
    simulated: Mapping[str, Account],
) -> dict[str, Lane]:
    """How parts of each channel leave. `pairs` renews the tokens of the real OAs."""
    zalo, messenger = settings.channels.zalo, settings.channels.messenger
    made_up = frozenset(account.id for account in simulated.values())
    return {
        "zalo": Lane(
            channels["zalo"],
            SimulatedTokens(pairs, made_up, "access_token"),
            zalo.sends_per_minute,
            rate_key=lambda account: account.secrets.get("app_id", account.id),
            shows_typing=False,
        ),
        "messenger": Lane(channels["messenger"], StaticTokens(), messenger.sends_per_minute),
    }
