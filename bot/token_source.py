"""Where the dispatcher gets access tokens: what a source must do, and the simplest one."""

from __future__ import annotations

from typing import Protocol

from bot.errors import AccountTrouble
from webhooks.base import Account


class TokenSource(Protocol):
    """Where the dispatcher gets an account's access token."""

    async def token(self, account: Account) -> str:
        """A token to send with. Raises `AccountTrouble` when there is none."""

    async def refresh(self, account: Account, refused: str) -> str:
        """Another token after the platform refused `refused`. Raises `AccountTrouble`."""

    def degraded(self) -> list[str]:
        """What is wrong with the tokens, one sentence each; empty when all is well."""


class StaticTokens:
    """Tokens that stand in the settings and that only a person can replace."""

    def __init__(self, secret: str = "page_access_token") -> None:  # noqa: S107 - a name
        self._secret = secret

    async def token(self, account: Account) -> str:
        value = account.secrets.get(self._secret, "")
        if not value:
            raise AccountTrouble(f"the {self._secret} is missing", code="no token")
        return value

    async def refresh(self, account: Account, refused: str) -> str:
        raise AccountTrouble(
            f"the {self._secret} was refused; put a new one into the environment and restart",
            code="token refused",
        )

    def degraded(self) -> list[str]:
        return []
