"""Tokens and passwords."""

from __future__ import annotations

import pytest

from bot.console import passwords
from bot.console.signing import Signer, session_id

SIGNER = Signer("secret")


def test_a_cookie_gives_its_token_back_and_to_nobody_else() -> None:
    cookie = SIGNER.new_cookie()
    token = SIGNER.token(cookie)
    assert len(token) >= 43
    assert Signer("other").token(cookie) == ""
    assert SIGNER.token(cookie[:-1] + ("0" if cookie[-1] != "0" else "1")) == ""
    assert SIGNER.token("x" + cookie) == ""


@pytest.mark.parametrize("cookie", ["", ".", "é.é", f".{SIGNER._mac('cookie', '')}", "a.b.c"])
def test_no_made_up_cookie_has_a_token(cookie: str) -> None:
    assert SIGNER.token(cookie) == ""


def test_cookies_differ() -> None:
    assert len({SIGNER.new_cookie() for _ in range(100)}) == 100


def test_a_csrf_token_fits_its_own_session_only() -> None:
    assert SIGNER.csrf_fits("one", SIGNER.csrf("one"))
    assert not SIGNER.csrf_fits("two", SIGNER.csrf("one"))
    assert not SIGNER.csrf_fits("one", "")
    assert not SIGNER.csrf_fits("one", "é")
    assert not SIGNER.csrf_fits("", SIGNER.csrf(""))  # no session, no writing


def test_what_one_kind_signs_is_worth_nothing_as_another() -> None:
    assert SIGNER.csrf("token") != SIGNER._mac("cookie", "token")
    assert SIGNER.pseudonym("name", "lan") != SIGNER.pseudonym("address", "lan")
    assert len(SIGNER.pseudonym("name", "lan")) == 32


def test_the_store_gets_a_hash() -> None:
    assert session_id("token") != "token"
    assert len(session_id("token")) == 64


def test_without_a_secret_nothing_is_signed() -> None:
    with pytest.raises(ValueError, match="secret"):
        Signer("")


def test_passwords_are_argon2_and_checked() -> None:
    stored = passwords.hashed("một-mật-khẩu-dài")
    assert stored.startswith("$argon2id$")
    assert passwords.fits("một-mật-khẩu-dài", stored)
    assert not passwords.fits("một-mật-khẩu-dàI", stored)
    assert not passwords.fits("", stored)


@pytest.mark.parametrize("stored", [None, "", "$argon2id$broken"])
def test_no_hash_fits_nothing(stored: str | None) -> None:
    assert not passwords.fits("anything", stored)


def test_a_made_up_password_is_long_and_readable() -> None:
    made = {passwords.generated() for _ in range(50)}
    assert len(made) == 50
    assert all(len(one) == 23 and not set(one) & set("lo01") for one in made)
    assert all(passwords.objection(one) == "" for one in made)


@pytest.mark.parametrize(
    ("password", "words"),
    [("short", "at least 12"), ("a" * 20, "too few"), ("ab" * 200, "at most 256")],
)
def test_a_poor_password_is_refused_with_the_reason(password: str, words: str) -> None:
    assert words in passwords.objection(password)
