"""Which accounts a channel has, from its variables; who lacks what.

The first account of a channel stands in ZALO_… or MESSENGER_… variables, further ones in
`channels.<name>.accounts`, each with a prefix of its own for the same variables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from rapidfuzz import fuzz, process

from bot.config_schema import ChannelSettings, Secrets, Settings, is_loopback
from bot.errors import SettingsError
from bot.normalize import fold
from webhooks.base import Account

#: Variables of each channel, by the short name under which `Account.secrets` holds them.
CHANNEL_SECRETS: Mapping[str, tuple[str, ...]] = {
    "zalo": ("app_id", "app_secret", "oa_id", "oa_secret_key", "access_token", "refresh_token"),
    "messenger": ("app_id", "app_secret", "verify_token", "page_id", "page_access_token"),
}
#: Without one of these an account is off (contract: never open without a secret). The Zalo
#: tokens are not among them, because the store may hold the current pair.
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "zalo": ("app_id", "oa_id", "oa_secret_key"),
    "messenger": ("app_secret", "verify_token", "page_id", "page_access_token"),
}
ID_NAME: Mapping[str, str] = {"zalo": "oa_id", "messenger": "page_id"}
FIRST_PREFIX: Mapping[str, str] = {"zalo": "ZALO", "messenger": "MESSENGER"}
#: A token of the Zalo Bot Platform, which is another product with another API.
BOT_PLATFORM_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")


def channel_settings(settings: Settings, channel: str) -> ChannelSettings:
    """The section of one channel ("zalo", "messenger")."""
    section: ChannelSettings = getattr(settings.channels, channel)
    return section


def accounts(settings: Settings, channel: str) -> tuple[list[Account], tuple[str, ...]]:
    """The usable accounts of a channel, and what keeps the channel off.

    Returns:
        The accounts whose secrets are complete, and the names of the missing variables.
        The names are () as soon as one account is usable; `warnings` then tells what the
        others lack. A channel switched off by `enabled: false` has neither.
    """
    if not channel_settings(settings, channel).enabled:
        return [], ()
    usable: list[Account] = []
    missing: list[str] = []
    for account, lacks in _candidates(settings, channel):
        if lacks:
            missing += lacks
        else:
            usable.append(account)
    return usable, () if usable else tuple(missing)


def account_problems(settings: Settings, channel: str) -> list[str]:
    """What is wrong, not only missing, with the accounts of a channel, in sentences."""
    found: list[str] = []
    prefixes = {FIRST_PREFIX[channel]}
    ids = {_secret(settings.secrets, FIRST_PREFIX[channel], ID_NAME[channel])} - {""}
    for entry in channel_settings(settings, channel).accounts:
        where = f"channels.{channel}.accounts: {entry.id}"
        if entry.secrets_prefix in prefixes:
            found.append(f"{where}: secrets_prefix {entry.secrets_prefix} is taken; use another")
        if entry.id in ids:
            found.append(f"{where}: this account is listed twice; remove one")
        if _secret(settings.secrets, entry.secrets_prefix, ID_NAME[channel]) not in ("", entry.id):
            name = variable(entry.secrets_prefix, ID_NAME[channel])
            found.append(f"{name}: is not the id {entry.id} of its account; make them equal")
        prefixes.add(entry.secrets_prefix)
        ids.add(entry.id)
    if channel == "zalo":
        found += [
            f"{variable(prefix, 'access_token')}: this is a token of the Zalo Bot Platform "
            "(digits:letters), another product; put in the access token of the Official "
            "Account, from developers.zalo.me"
            for prefix in sorted(prefixes)
            if BOT_PLATFORM_TOKEN.fullmatch(_secret(settings.secrets, prefix, "access_token"))
        ]
    return found


def warnings(settings: Settings) -> tuple[str, ...]:
    """What will work badly although the program can start, one sentence each."""
    found: list[str] = []
    for channel in CHANNEL_SECRETS:
        section = channel_settings(settings, channel)
        usable, _ = accounts(settings, channel)
        if not usable:
            continue
        for account, lacks in _candidates(settings, channel):
            if lacks:
                found.append(
                    f"{channel} {account.id or 'first account'} is off: set " + ", ".join(lacks)
                )
        for account in usable:
            found += _lacks_for_sending(settings, account)
        for name in ("api_base", "oauth_base", "graph_base"):
            address = str(getattr(section, name, "https:"))
            host = address.partition("://")[2].partition("/")[0].rpartition(":")[0]
            if address.startswith("http:") and not is_loopback(host or address[7:]):
                found.append(f"channels.{channel}.{name} sends tokens unencrypted; use https")
    if not settings.secrets.get("BOT_SECRET_KEY"):
        found.append(
            "BOT_SECRET_KEY is missing: the console is off (in a local run its log-ins end) and "
            "pseudonyms in logs change at every start; set it to a long random string"
        )
    return tuple(found)


def default_places(
    settings: Settings, place_id: Callable[[str], str], names: Iterable[str]
) -> dict[tuple[str, str], str]:
    """Place ids by (channel, account): a provincial account tells the place.

    Args:
        settings: every `default_province` of them is looked at, whether its account is usable
            or not.
        place_id: the place of a name, "" for none (`Desk.place_id`).
        names: the names of all known places, to suggest the nearest.

    Raises `SettingsError` that lists every name no place is known by.
    """
    known = {fold(name): name for name in names}
    problems: list[str] = []

    def check(where: str, name: str) -> None:
        if not name or place_id(name):
            return
        near = process.extractOne(fold(name), list(known), scorer=fuzz.ratio)
        hint = f"; did you mean {known[near[0]]}?" if near else ""
        problems.append(f"{where}: no place is called {name!r}{hint}")

    for channel in CHANNEL_SECRETS:
        section = channel_settings(settings, channel)
        check(f"channels.{channel}.default_province", section.default_province)
        for entry in section.accounts:
            check(
                f"channels.{channel}.accounts: {entry.id}: default_province",
                entry.default_province,
            )
    if problems:
        count = "1 setting is" if len(problems) == 1 else f"{len(problems)} settings are"
        lines = "\n".join(f"  - {problem}" for problem in problems)
        raise SettingsError(f"{count} wrong (all keys: docs/settings.md):\n{lines}")
    return {
        (channel, account.id): place_id(account.default_place)
        for channel in CHANNEL_SECRETS
        for account in accounts(settings, channel)[0]
        if account.default_place
    }


def variable(prefix: str, short: str) -> str:
    """The variable behind a short name: ("ZALO", "app_id") -> "ZALO_APP_ID"."""
    return f"{prefix}_{short.upper()}"


def _lacks_for_sending(settings: Settings, account: Account) -> list[str]:
    prefix = _prefix_of(settings, account)
    lacks = [n for n in CHANNEL_SECRETS[account.channel] if not account.secrets.get(n)]
    found = []
    if account.channel == "messenger" and "app_id" in lacks:
        found.append(
            f"{variable(prefix, 'app_id')} is missing: a colleague's answer cannot be told from "
            "our own echo; set it to the app's number"
        )
    if account.channel == "zalo" and "app_secret" in lacks:
        found.append(
            f"{variable(prefix, 'app_secret')} is missing: the Zalo access token cannot be "
            "renewed and sending stops within 25 hours; set it"
        )
    if account.channel == "zalo" and "refresh_token" in lacks:
        found.append(
            f"{variable(prefix, 'refresh_token')} is missing: unless the store already holds a "
            "token pair, replies cannot be sent for long; run `bot zalo login`"
        )
    return found


def _candidates(settings: Settings, channel: str) -> Iterator[tuple[Account, tuple[str, ...]]]:
    """Every account that was meant, with the variables it lacks."""
    section = channel_settings(settings, channel)
    first = _read(settings.secrets, channel, FIRST_PREFIX[channel], "", section.default_province)
    # With further accounts listed, a first one without any variable was simply not meant.
    if first[0].secrets or not section.accounts:
        yield first
    for entry in section.accounts:
        yield _read(
            settings.secrets, channel, entry.secrets_prefix, entry.id, entry.default_province
        )


def _read(
    secrets: Secrets, channel: str, prefix: str, known_id: str, place: str
) -> tuple[Account, tuple[str, ...]]:
    values = {n: v for n in CHANNEL_SECRETS[channel] if (v := _secret(secrets, prefix, n))}
    if known_id:
        values[ID_NAME[channel]] = known_id
    lacks = tuple(variable(prefix, n) for n in REQUIRED[channel] if n not in values)
    return Account(channel, values.get(ID_NAME[channel], ""), values, place), lacks


def _prefix_of(settings: Settings, account: Account) -> str:
    for entry in channel_settings(settings, account.channel).accounts:
        if entry.id == account.id:
            return entry.secrets_prefix
    return FIRST_PREFIX[account.channel]


def _secret(secrets: Secrets, prefix: str, short: str) -> str:
    return secrets.get(variable(prefix, short))
