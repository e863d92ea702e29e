"""Tokens of the console: random, signed with BOT_SECRET_KEY, and stored only as hashes.

cookie      token.mac        the mac refuses made-up cookies without asking the store
session id  SHA-256(token)   what the store holds
CSRF token  HMAC(token)      in every form; nobody without the cookie can work it out
pseudonym   HMAC(words)      counts attempts without storing names or addresses
"""

from __future__ import annotations

import hashlib
import hmac
import secrets


class Signer:
    """Makes and checks tokens under one secret."""

    def __init__(self, secret: str) -> None:
        if not secret:
            raise ValueError("a signer needs a secret")
        self._key = secret.encode()

    def new_cookie(self) -> str:
        """A fresh random token with its signature."""
        token = secrets.token_urlsafe(32)
        return f"{token}.{self._mac('cookie', token)}"

    def token(self, cookie: str) -> str:
        """The token of a cookie that we signed, "" for any other."""
        token, _, mac = cookie.partition(".")
        genuine = hmac.compare_digest(mac.encode(), self._mac("cookie", token).encode())
        return token if genuine and token else ""

    def csrf(self, token: str) -> str:
        """What the forms of this token's pages carry."""
        return self._mac("csrf", token)

    def csrf_fits(self, token: str, given: str) -> bool:
        """True when `given` came with a page of this token."""
        return bool(token) and hmac.compare_digest(self.csrf(token).encode(), given.encode())

    def pseudonym(self, kind: str, words: str) -> str:
        """32 letters that stand for the words: the same for the same, and no way back."""
        return self._mac(kind, words)[:32]

    def _mac(self, kind: str, words: str) -> str:
        return hmac.new(self._key, f"{kind}\0{words}".encode(), hashlib.sha256).hexdigest()


def session_id(token: str) -> str:
    """Under which the store keeps the session of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
