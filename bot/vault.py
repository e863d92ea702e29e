"""Tokens encrypted at rest, when BOT_TOKEN_KEY is set.

Each key is a long random string, from which the cipher's own key is derived (HKDF over
SHA-256); the cipher is Fernet (AES-128-CBC with HMAC-SHA256). Several keys are separated by
commas: the first one encrypts, every one decrypts, so that a key is replaced by putting the
new one in front and dropping the old one after the next refresh. A value without the mark is
plain text from before a key was set, and is encrypted at the next save.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import AccountTrouble

#: Begins every encrypted value; no platform's token begins so.
MARK = "sealed:1:"
#: A shorter key is a word somebody thought of, and a stolen database could be tried with words.
SHORTEST_KEY = 32


def key_problems(keys: str) -> list[str]:
    """What is wrong with the value of BOT_TOKEN_KEY, in sentences; [] for none or good keys."""
    if not keys:
        return []
    short = [n for n, key in enumerate(keys.split(","), 1) if len(key.strip()) < SHORTEST_KEY]
    return [
        f"BOT_TOKEN_KEY: key {n} has fewer than {SHORTEST_KEY} characters; take the output of "
        "`openssl rand -base64 32`"
        for n in short
    ]


class Vault:
    """Seals tokens for the store and opens them again.

    Args:
        keys: the value of BOT_TOKEN_KEY; "" seals nothing and opens plain text only.
    """

    def __init__(self, keys: str = "") -> None:
        ciphers = [Fernet(_derive(key.strip())) for key in keys.split(",") if key.strip()]
        self._cipher = MultiFernet(ciphers) if ciphers else None

    def seal(self, token: str) -> str:
        """The token as the store keeps it; "" stays "", which the store refuses."""
        if self._cipher is None or not token:
            return token
        return MARK + self._cipher.encrypt(token.encode()).decode()

    def open(self, stored: str) -> str:
        """The token behind a stored value.

        Raises `AccountTrouble` when no key fits: the account cannot be served until the key is
        back or somebody logs in anew.
        """
        if not stored.startswith(MARK):
            return stored
        if self._cipher is None:
            raise AccountTrouble(
                "the stored tokens are encrypted and BOT_TOKEN_KEY is missing", code="token key"
            )
        try:
            return self._cipher.decrypt(stored.removeprefix(MARK).encode()).decode()
        except InvalidToken:
            raise AccountTrouble(
                "the stored tokens were encrypted with another BOT_TOKEN_KEY", code="token key"
            ) from None


def _derive(key: str) -> bytes:
    derived = HKDF(SHA256(), 32, salt=None, info=b"tokens at rest").derive(key.encode())
    return base64.urlsafe_b64encode(derived)
