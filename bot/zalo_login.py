"""A person gives an app the right to speak for an Official Account: Zalo's OAuth v4 with PKCE.

    permission URL -> the OA's administrator agrees in a browser -> redirect with a code
    -> code and verifier -> first token pair, committed to the store

Nothing has to be kept between the two steps: the verifier derives from the app secret and the
state, which is random for every log-in. Zalo only ever saw the verifier's hash.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import parse_qs, urlencode, urlsplit

from bot.errors import BotError, SettingsError
from bot.store.api import Store, TokenPair
from bot.token_state import seal_pair
from bot.vault import Vault
from webhooks.base import Account
from webhooks.zalo_oauth import PERMISSION_PATH, Granted


@dataclass(frozen=True, slots=True)
class Redirected:
    """What the browser's address said after the administrator agreed; "" for what it lacked."""

    code: str
    state: str = ""
    oa_id: str = ""


def new_state() -> str:
    """A random state, which names one log-in."""
    return secrets.token_urlsafe(16)


def verifier(account: Account, state: str) -> str:
    """The PKCE verifier of one log-in: 43 characters of base64url (RFC 7636, section 4.1)."""
    mac = hmac.new(account.secrets["app_secret"].encode(), f"pkce {state}".encode(), hashlib.sha256)
    return _base64url(mac.digest())


def challenge(of_verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636, section 4.2)."""
    return _base64url(hashlib.sha256(of_verifier.encode("ascii")).digest())


def permission_url(oauth_base: str, account: Account, redirect_uri: str, state: str) -> str:
    """The address at which the OA's administrator agrees.

    Args:
        oauth_base: `channels.zalo.oauth_base`.
        account: has the secrets app_id and app_secret.
        redirect_uri: one of the callback addresses registered for the app.
        state: of this log-in.
    """
    query = {
        "app_id": account.secrets["app_id"],
        "redirect_uri": redirect_uri,
        "code_challenge": challenge(verifier(account, state)),
        "state": state,
    }
    return f"{oauth_base}{PERMISSION_PATH}?{urlencode(query)}"


def read_redirect(pasted: str) -> Redirected:
    """What an administrator pasted: the whole address, or the bare code.

    Raises `BotError` for an address without a code; Zalo's own word for a refusal is repeated.
    """
    pasted = pasted.strip()
    if "://" not in pasted and "code=" not in pasted:
        if not pasted or any(char.isspace() for char in pasted):
            raise BotError("That is no code. Paste the whole address the browser was sent to.")
        return Redirected(pasted)
    query = parse_qs(urlsplit(pasted if "://" in pasted else f"//x/?{pasted.lstrip('?')}").query)
    first = {name: values[0] for name, values in query.items()}
    if not first.get("code"):
        said = first.get("error_name") or first.get("error") or first.get("error_reason")
        why = f"Zalo says: {said}." if said else "It holds no code."
        raise BotError(f"The log-in did not succeed. {why} Open the permission address again.")
    return Redirected(first["code"], first.get("state", ""), first.get("oa_id", ""))


def check_redirect(redirected: Redirected, account: Account, state: str) -> None:
    """Refuse the redirect of another log-in or of another Official Account.

    Zalo does not promise to send the state back, so a missing one is let pass: the verifier
    still ties the code to this log-in.
    """
    if redirected.state and not hmac.compare_digest(redirected.state, state):
        raise BotError(
            "This address belongs to another log-in (its state differs). Open the permission "
            "address printed last."
        )
    if redirected.oa_id and redirected.oa_id != account.id:
        raise BotError(
            f"The administrator agreed for the Official Account {redirected.oa_id}, but the "
            f"settings name {account.id}. Agree again, for the right one."
        )


def require(account: Account, prefix: str) -> None:
    """Raise `SettingsError` that names what a log-in needs and lacks."""
    lacks = [
        f"{prefix}_{name.upper()}"
        for name in ("app_id", "app_secret", "oa_id")
        if not account.secrets.get(name)
    ]
    if lacks:
        raise SettingsError(f"To log in, set {', '.join(lacks)} in the environment or .env.")


async def store_first_pair(
    store: Store, vault: Vault, account: Account, granted: Granted, now: datetime
) -> TokenPair:
    """Commit the pair of a log-in over whatever stands there.

    A refresh that is under way elsewhere finds its old token replaced and takes this pair. An
    account that rests is tried again at once.

    Raises `StoreError`; then the pair is lost and the log-in must be repeated.
    """
    pair = TokenPair(granted.access_token, granted.refresh_token, now + granted.expires_in, now)
    await store.save_token_pair(account.channel, account.id, seal_pair(vault, pair))
    state = await store.account_state(account.channel, account.id)
    if state.pauses:
        await store.pause_account(account.channel, account.id, replace(state, paused_until=now))
    return pair


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
