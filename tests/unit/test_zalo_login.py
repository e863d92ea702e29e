"""`bot zalo login`: the permission address, the exchange, and every way it can go wrong."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import cli
from bot.errors import BotError, SettingsError
from bot.store.api import TokenPair
from bot.store.sql_store import open_store
from bot.vault import MARK, Vault
from bot.zalo_login import Redirected, challenge, check_redirect, read_redirect, verifier
from tests.fake_platform import (
    HTML,
    ZALO_TOKEN,
    FakePlatform,
    Response,
    json_response,
    zalo_error,
)
from webhooks.base import Account

OA = "4318657068771012646"
ACCOUNT = Account("zalo", OA, {"app_id": "11", "app_secret": "s" * 20, "oa_id": OA})
CALLBACK = "https://example.vn/callback"


# -- pure parts -----------------------------------------------------------------------------
def test_the_challenge_is_that_of_the_standard() -> None:
    """The example of RFC 7636, appendix B."""
    assert (
        challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


def test_a_verifier_is_43_letters_and_belongs_to_one_log_in() -> None:
    one, two = verifier(ACCOUNT, "state 1"), verifier(ACCOUNT, "state 2")
    assert len(one) == len(two) == 43
    assert one != two
    assert verifier(ACCOUNT, "state 1") == one
    other = Account("zalo", OA, {**ACCOUNT.secrets, "app_secret": "t" * 20})
    assert verifier(other, "state 1") != one


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        ("abc-123_x", Redirected("abc-123_x")),
        (f"{CALLBACK}?code=a%2Fb&state=s&oa_id={OA}", Redirected("a/b", "s", OA)),
        (f"  {CALLBACK}?oa_id={OA}&code=ab \n", Redirected("ab", "", OA)),
        ("?code=ab&state=s", Redirected("ab", "s")),
        ("code=ab", Redirected("ab")),
    ],
)
def test_what_people_paste_is_understood(pasted: str, expected: Redirected) -> None:
    assert read_redirect(pasted) == expected


@pytest.mark.parametrize(
    ("pasted", "sentence"),
    [
        ("", "That is no code"),
        ("two words", "That is no code"),
        (f"{CALLBACK}?oa_id=1", "It holds no code"),
        (f"{CALLBACK}?error_name=access_denied", "Zalo says: access_denied"),
    ],
)
def test_what_holds_no_code_is_refused(pasted: str, sentence: str) -> None:
    with pytest.raises(BotError, match=sentence):
        read_redirect(pasted)


def test_the_redirect_must_be_of_this_log_in_and_this_account() -> None:
    check_redirect(Redirected("c", "s", OA), ACCOUNT, "s")
    check_redirect(Redirected("c"), ACCOUNT, "s")
    with pytest.raises(BotError, match="another log-in"):
        check_redirect(Redirected("c", "t", OA), ACCOUNT, "s")
    with pytest.raises(BotError, match="agreed for the Official Account 99"):
        check_redirect(Redirected("c", "s", "99"), ACCOUNT, "s")


# -- the command ------------------------------------------------------------------------------
@pytest.fixture
def platform() -> Iterator[FakePlatform]:
    """The token API on loopback, in a thread of its own: the command has its own event loop."""
    loop = asyncio.new_event_loop()
    fake = FakePlatform(zalo_app_secret="s" * 20)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(fake.start(), loop).result(10)
    yield fake
    asyncio.run_coroutine_threadsafe(fake.stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture
def url(platform: FakePlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Settings of one Official Account without tokens; the address of its store."""
    address = f"sqlite:///{tmp_path}/bot.db"
    for name, value in {
        "DATABASE_URL": address,
        "ZALO_APP_ID": "11",
        "ZALO_APP_SECRET": "s" * 20,
        "ZALO_OA_ID": OA,
        "ZALO_OA_SECRET_KEY": "",
        "BOT_TOKEN_KEY": "k" * 40,
        "BOT__CHANNELS__ZALO__OAUTH_BASE": platform.url,
    }.items():
        monkeypatch.setenv(name, value)
    return address


def run(*args: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli, ["zalo", "login", *args], input=typed)


def stored(url: str) -> TokenPair | None:
    async def look() -> TokenPair | None:
        store = open_store(url, serves=False)
        await store.open()
        try:
            return await store.token_pair("zalo", OA)
        finally:
            await store.close()

    return asyncio.run(look())


def permission(done: Result) -> dict[str, str]:
    """The query of the printed permission address."""
    (line,) = (line for line in done.output.splitlines() if "/v4/oa/permission?" in line)
    return {name: values[0] for name, values in parse_qs(urlsplit(line.strip()).query).items()}


def test_first_run_prints_the_address_second_run_takes_the_redirect(
    url: str, platform: FakePlatform
) -> None:
    first = run("--redirect-uri", CALLBACK, typed="\n")  # closed without pasting anything
    asked = permission(first)
    assert set(asked) == {"app_id", "redirect_uri", "code_challenge", "state"}
    assert (asked["app_id"], asked["redirect_uri"]) == ("11", CALLBACK)
    assert platform.requests == []

    address = f"{CALLBACK}?code=zalo-code&oa_id={OA}&state={asked['state']}"
    done = run("--redirect-url", address)
    assert done.exit_code == 0, done.output
    assert f"The token pair of {OA} is stored" in done.output
    (call,) = platform.sent(ZALO_TOKEN)
    form = dict(parse_qsl(call.raw.decode()))
    told = form.pop("code_verifier")
    assert form == {"app_id": "11", "grant_type": "authorization_code", "code": "zalo-code"}
    digest = hashlib.sha256(told.encode()).digest()
    assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == asked["code_challenge"]
    assert call.headers["secret_key"] == "s" * 20
    pair = stored(url)
    assert pair is not None
    assert pair.access_token.startswith(MARK)
    assert Vault("k" * 40).open(pair.refresh_token) == platform.zalo_refresh_token
    assert platform.zalo_refresh_token not in done.output


def test_the_redirect_is_pasted_when_asked_for(url: str) -> None:
    done = run("--redirect-uri", CALLBACK, typed="zalo-code\n")
    assert done.exit_code == 0, done.output
    assert stored(url) is not None


def test_a_bare_code_needs_its_state(url: str) -> None:
    done = run("--code", "zalo-code")
    assert done.exit_code == 2
    assert "--state" in done.output
    assert run("--code", "zalo-code", "--state", "abc").exit_code == 0


def test_public_url_is_the_callback_when_none_is_given(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(typed="\n")
    assert done.exit_code == 2
    assert "--redirect-uri" in done.output
    monkeypatch.setenv("BOT__SERVER__PUBLIC_URL", "https://hoidap.example.vn")
    assert permission(run(typed="\n"))["redirect_uri"] == "https://hoidap.example.vn"


@pytest.mark.parametrize(
    ("response", "sentence"),
    [
        (
            json_response({"error": -14024, "error_name": "Invalid code", "error_reason": "used"}),
            "Invalid code",
        ),
        (json_response({"error_name": "Missing code verifier"}), "Missing code verifier"),
        (zalo_error(-14004), "-14004"),
        (json_response({"access_token": "a", "expires_in": "90000"}), "without both tokens"),
        (json_response({"access_token": "", "refresh_token": ""}), "without both tokens"),
        (HTML, "without JSON"),
        (Response(500, b"oops", "text/plain"), "HTTP 500"),
    ],
)
def test_a_refusal_stores_nothing_and_says_why(
    url: str, platform: FakePlatform, response: Response, sentence: str
) -> None:
    platform.script(ZALO_TOKEN, response)
    done = run("--code", "zalo-code", "--state", "abc")
    assert done.exit_code == 1
    assert "No token pair was stored" in done.output
    assert sentence in done.output
    assert stored(url) is None


def test_a_token_api_out_of_reach_says_so(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT__CHANNELS__ZALO__OAUTH_BASE", "http://127.0.0.1:9")
    done = run("--code", "zalo-code", "--state", "abc")
    assert done.exit_code == 1
    assert "no connection" in done.output


@pytest.mark.parametrize("name", ["ZALO_APP_ID", "ZALO_APP_SECRET", "ZALO_OA_ID"])
def test_what_is_missing_is_named(url: str, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "")
    done = run("--code", "c", "--state", "s")
    assert isinstance(done.exception, SettingsError)
    assert name in str(done.exception)


def test_an_unknown_account_is_refused_and_known_ones_named(url: str) -> None:
    done = run("--oa", "99", "--code", "c", "--state", "s")
    assert isinstance(done.exception, SettingsError)
    assert f"known: {OA}" in str(done.exception)


def test_a_further_account_logs_in_with_its_own_secrets(
    url: str, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT__CHANNELS__ZALO__ACCOUNTS", '[{"id": "77", "secrets_prefix": "ZALO2"}]')
    monkeypatch.setenv("ZALO2_APP_ID", "22")
    monkeypatch.setenv("ZALO2_APP_SECRET", "s" * 20)
    done = run("--oa", "77", "--code", "zalo-code", "--state", "abc")
    assert done.exit_code == 0, done.output
    (call,) = platform.sent(ZALO_TOKEN)
    assert dict(parse_qsl(call.raw.decode()))["app_id"] == "22"
    assert stored(url) is None  # the first account's pair was not touched
