"""Passwords: argon2id hashes, generated ones that can be read out, and a plain minimum.

The parameters are RFC 9106's second recommendation (64 MiB, 3 passes), argon2-cffi's default.
"""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: Shorter ones are refused; longer ones need no rules about signs (NIST SP 800-63B, 3.1.1.2).
SHORTEST = 12
#: A hash of so much costs no more, and nobody types it.
LONGEST = 256

_hasher = PasswordHasher()
#: Letters that nobody takes for another when a password is read from a screen.
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
#: Checked when there is no such user, so that a name cannot be told by the time it takes.
_NOBODY = _hasher.hash(secrets.token_urlsafe(32))


def hashed(password: str) -> str:
    """The hash to store. Takes tens of milliseconds: call it in a thread."""
    return _hasher.hash(password)


def fits(password: str, stored: str | None) -> bool:
    """True when the password is the one behind the hash; None is nobody's, and as slow."""
    try:
        _hasher.verify(stored or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def generated() -> str:
    """A password of 20 random letters in groups of five, about 100 bits."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(20))
    return "-".join(letters[at : at + 5] for at in range(0, 20, 5))


def objection(password: str) -> str:
    """What is wrong with a chosen password, in English for the terminal; "" when nothing is."""
    if len(password) < SHORTEST:
        return f"at least {SHORTEST} characters, please"
    if len(password) > LONGEST:
        return f"at most {LONGEST} characters, please"
    if len(set(password)) < 5:
        return "too few different characters"
    return ""
