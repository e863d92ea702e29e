"""`bot zalo login`: the first token pair of an Official Account, or a new one."""

from __future__ import annotations

from datetime import UTC, datetime

import aiohttp
import click

from bot.accounts import FIRST_PREFIX, channel_settings, variable
from bot.commands.operate import with_store
from bot.config import Settings, load_settings
from bot.errors import SendError, SettingsError
from bot.store.api import Store, TokenPair
from bot.telemetry import hide
from bot.turn import VIETNAM
from bot.vault import Vault
from bot.zalo_login import (
    check_redirect,
    new_state,
    permission_url,
    read_redirect,
    require,
    store_first_pair,
    verifier,
)
from webhooks.base import Account
from webhooks.zalo_oauth import ZaloOAuth


@click.group()
def zalo() -> None:
    """Zalo Official Accounts."""


@zalo.command()
@click.option("--oa", default="", metavar="ID", help="which Official Account; default: the first")
@click.option("--redirect-uri", default="", metavar="URL", help="a callback address of the app")
@click.option("--redirect-url", default="", metavar="URL", help="where the browser was sent to")
@click.option("--code", default="", help="the code alone, instead of --redirect-url")
@click.option("--state", default="", help="the state printed with the permission address")
def login(oa: str, redirect_uri: str, redirect_url: str, code: str, state: str) -> None:
    """Let an administrator of the Official Account agree, and store the token pair."""
    settings = load_settings()
    account, prefix = _account(settings, oa)
    require(account, prefix)
    hide(account.secrets["app_secret"])
    pasted = redirect_url or code
    if pasted:
        redirected = read_redirect(pasted)
        state = state or redirected.state
        if not state:
            raise click.UsageError("--code needs the --state printed with the permission address")
    else:
        redirect_uri = redirect_uri or settings.server.public_url
        if not redirect_uri:
            raise click.UsageError(
                "give --redirect-uri, one of the callback addresses of the app at "
                "developers.zalo.me, or set server.public_url"
            )
        state = state or new_state()
        base = settings.channels.zalo.oauth_base
        click.echo("Open this address as an administrator of the Official Account and agree:\n")
        click.echo(f"  {permission_url(base, account, redirect_uri, state)}\n")
        click.echo(
            "The browser is then sent to the callback address. Its code works once and for ten "
            f"minutes. From another shell: bot zalo login --state {state} --redirect-url '…'\n"
        )
        redirected = read_redirect(click.prompt("Paste the address (or the code)"))
    check_redirect(redirected, account, state)
    pair = with_store(lambda store: _exchange(settings, store, account, redirected.code, state))
    until = pair.expires_at.astimezone(VIETNAM)
    click.echo(
        f"The token pair of {account.id} is stored. The access token lasts until "
        f"{until:%d/%m/%Y %H:%M} and is renewed by the service."
    )
    if not settings.secrets.get("BOT_TOKEN_KEY"):
        click.echo("It is stored unencrypted: set BOT_TOKEN_KEY to encrypt it.", err=True)


async def _exchange(
    settings: Settings, store: Store, account: Account, code: str, state: str
) -> TokenPair:
    zalo_settings = settings.channels.zalo
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        grants = ZaloOAuth(lambda: session, zalo_settings.oauth_base, zalo_settings.timeout_seconds)
        try:
            granted = await grants.exchange(account, code, verifier(account, state))
        except SendError as error:
            raise click.ClickException(
                f"No token pair was stored: {error}. A code works once and for ten minutes; "
                "start again with `bot zalo login`."
            ) from error
    hide(granted.access_token, granted.refresh_token)
    vault = Vault(settings.secrets.get("BOT_TOKEN_KEY"))
    return await store_first_pair(store, vault, account, granted, datetime.now(UTC))


def _account(settings: Settings, oa: str) -> tuple[Account, str]:
    """The Official Account to log in, and the prefix of its variables."""
    prefixes = {settings.secrets.get("ZALO_OA_ID"): FIRST_PREFIX["zalo"]}
    prefixes |= {e.id: e.secrets_prefix for e in channel_settings(settings, "zalo").accounts}
    if not oa:
        oa, prefix = next(((id_, p) for id_, p in prefixes.items() if id_), ("", "ZALO"))
    elif oa in prefixes:
        prefix = prefixes[oa]
    else:
        known = ", ".join(sorted(id_ for id_ in prefixes if id_)) or "none"
        raise SettingsError(f"There is no Official Account {oa} in the settings; known: {known}.")
    names = ("app_id", "app_secret")
    values = {name: settings.secrets.get(variable(prefix, name)) for name in names}
    return Account("zalo", oa, {**values, "oa_id": oa}), prefix
