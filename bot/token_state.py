"""What one process knows about an account's tokens, and what is wrong with them in words.

The other half of `bot.tokens`: that one renews, this one remembers and tells.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.store.api import TokenPair
from bot.vault import Vault
from webhooks.base import Account

#: Life of an unused refresh token by the platform's documentation (3 months).
REFRESH_LIFE = timedelta(days=90)
#: The alarm before an unused refresh token ends.
REFRESH_ALARM = timedelta(days=14)
#: Kinds of the alarms raised here (docs/operations.md says what to do).
REFRESH_FAILED, ENDS_SOON, UNREADABLE = "token_refresh_failed", "token_ends_soon", "token_key"
#: Before any refresh was ever tried.
LONG_AGO = datetime.min.replace(tzinfo=UTC)
_LOGIN = "run `bot zalo login`"


@dataclass(slots=True)
class State:
    """What this process knows about one account's tokens."""

    pair: TokenPair | None = None
    #: A new pair that the store did not take yet, and the refresh token it replaces.
    unsaved: tuple[TokenPair, str] | None = None
    #: The refresh token as it stands in the store: what a new pair replaces is told by it.
    stored_refresh: str = ""
    failure: str = ""
    #: Alarms raised by this process: (kind, day). One a day is enough.
    alarmed: set[tuple[str, str]] = field(default_factory=set)
    not_before: datetime = LONG_AGO
    refresh: asyncio.Task[str] | None = None

    def days_left(self, now: datetime) -> int | None:
        """Whole days that the refresh token still lasts, None while that is no worry."""
        if self.pair is None:
            return None
        left = self.pair.obtained_at + REFRESH_LIFE - now
        return max(left.days, 0) if left < REFRESH_ALARM else None

    def worries(self, account: Account, now: datetime) -> list[str]:
        """What is wrong, one sentence each: failed refreshes, refresh tokens that end soon."""
        found = []
        name = f"zalo {account.id}"
        if self.unsaved:
            found.append(f"{name}: a new token pair waits for the store; mend the database")
        if self.failure:
            found.append(f"{name}: the access token is not renewed ({self.failure}); {_LOGIN}")
        if self.pair is None and not account.secrets.get("refresh_token") and not self.failure:
            found.append(f"{name}: there is no refresh token; {_LOGIN}")
        days = self.days_left(now)
        if days is not None:
            found.append(f"{name}: the refresh token ends in {days} days; {_LOGIN}")
        return found


def seal_pair(vault: Vault, pair: TokenPair) -> TokenPair:
    """The pair as the store keeps it."""
    return replace(
        pair,
        access_token=vault.seal(pair.access_token),
        refresh_token=vault.seal(pair.refresh_token),
    )


def open_pair(vault: Vault, pair: TokenPair) -> TokenPair:
    """A stored pair in clear. Raises `AccountTrouble` when no key opens it."""
    return replace(
        pair,
        access_token=vault.open(pair.access_token),
        refresh_token=vault.open(pair.refresh_token),
    )
