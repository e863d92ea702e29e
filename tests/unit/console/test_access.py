"""Logging in and out: cookies, sessions, throttling, and where the door leads."""

from __future__ import annotations

import aiohttp
import pytest
from sqlalchemy import select

from bot.config_schema import Console as ConsoleSettings
from bot.console.pages.login import safe_target
from bot.store.tables_console import login_attempts, sessions
from bot.store.users import LOCAL_USER, Role
from tests.unit.console.conftest import Client, Serve
from tests.unit.console.running import HASHED, PASSWORD

PRIVATE = ["", "why", "copies", "audit", "?q=abc"]


def cookie(client: Client, name: str = "console_session") -> str:
    found = {c.key: c.value for c in client.http.cookie_jar}
    return found.get(name, "")


# -- the door -----------------------------------------------------------------------------
@pytest.mark.parametrize("path", PRIVATE)
async def test_every_page_asks_to_log_in_and_comes_back(client: Client, path: str) -> None:
    page = await client.get(path)
    assert page.path.startswith("/console/login?next=")
    assert "Đăng nhập" in page.text
    inside = await client.post(
        "login", {"name": "editor", "password": PASSWORD, "next": f"/console/{path}"}
    )
    assert (inside.status, inside.path) == (200, f"/console/{path}")


async def test_the_session_cookie_is_closed_to_scripts_and_other_sites(client: Client) -> None:
    await client.get("login")
    data = {"csrf": client.csrf, "name": "agent", "password": PASSWORD}
    answer = await client.call("POST", "login", data=data, allow_redirects=False)
    set_cookie = next(c for c in answer.headers.getall("Set-Cookie") if "console_session=" in c)
    assert "HttpOnly" in set_cookie
    assert "SameSite=Strict" in set_cookie
    assert "Path=/console/" in set_cookie
    assert "Secure" not in set_cookie  # plain http on this machine would drop it


@pytest.mark.parametrize("different", [{"behind_tls": True}, {}])
async def test_cookies_are_secure_behind_tls(serve: Serve, different: dict[str, bool]) -> None:
    client = await serve(**different)
    headers = {} if different else {"X-Forwarded-Proto": "https"}
    answer = await client.call("GET", "login", headers=headers)
    assert all("Secure" in one for one in answer.headers.getall("Set-Cookie"))


async def test_the_store_holds_no_token_and_no_name_of_an_attempt(client: Client) -> None:
    await client.log_in()
    token = cookie(client).partition(".")[0]
    rows = await client.running.sql.read(
        lambda conn: [*conn.execute(select(sessions)), *conn.execute(select(login_attempts))]
    )
    assert len(rows) == 2
    text = str(rows)
    assert token not in text
    assert "agent" not in text
    assert "127.0.0.1" not in text


@pytest.mark.parametrize(
    ("name", "password"), [("agent", "wrong"), ("nobody", PASSWORD), ("", ""), ("agent", "")]
)
async def test_a_wrong_password_says_no_more_than_that(
    client: Client, name: str, password: str
) -> None:
    page = await client.log_in(name, password)
    assert page.status == 401
    assert "Tên hoặc mật khẩu chưa đúng" in page.text
    assert not cookie(client)


async def test_names_are_typed_in_any_case_and_with_blanks(client: Client) -> None:
    assert (await client.log_in("  Agent ")).path == "/console/"


async def test_too_many_wrong_passwords_have_to_wait_even_with_the_right_one(serve: Serve) -> None:
    client = await serve(settings=ConsoleSettings(login_attempts=2, login_window_minutes=15))
    for _ in range(2):
        assert (await client.log_in(password="wrong")).status == 401
    page = await client.log_in()
    assert page.status == 429
    assert "đợi khoảng 15 phút" in page.text
    assert (await client.log_in("viewer")).path == "/console/"


async def test_logging_out_ends_the_session_in_the_store(client: Client) -> None:
    await client.log_in()
    old = cookie(client)
    page = await client.post("logout", {})
    assert "Anh/chị đã đăng xuất." in page.text
    async with client.http.get(
        client.running.url, headers={"Cookie": f"console_session={old}"}, allow_redirects=False
    ) as answer:
        assert answer.status == 303


async def test_a_new_log_in_has_a_new_token(client: Client) -> None:
    await client.get("login")
    door = client.csrf
    await client.log_in()
    first = cookie(client)
    await client.post("login", {"csrf": door, "name": "viewer", "password": PASSWORD})
    # The door's cookie went with the first log-in; a page left open there is told so.
    assert cookie(client) == first
    await client.get()
    await client.post("logout", {})
    await client.log_in()
    assert cookie(client) not in ("", first)


async def test_who_is_logged_in_is_led_inside(client: Client) -> None:
    await client.log_in()
    assert (await client.get("login?next=/console/copies")).path == "/console/copies"


@pytest.mark.parametrize("bad", ["", "x", "x.y", "a.b.c"])
async def test_made_up_cookies_are_refused_without_the_store(client: Client, bad: str) -> None:
    client.running.store.away = True
    async with client.http.get(
        client.running.url, headers={"Cookie": f"console_session={bad}"}, allow_redirects=False
    ) as answer:
        assert answer.status == 303


async def test_a_disabled_user_is_out_at_once(client: Client) -> None:
    await client.log_in()
    await client.running.store.disable_user("agent", actor="test")
    page = await client.get()
    assert page.path.startswith("/console/login")
    assert "Phiên trước đã hết" in page.text
    assert (await client.log_in()).status == 401


async def test_an_idle_session_ends(serve: Serve) -> None:
    client = await serve(settings=ConsoleSettings(idle_minutes=1e-9))
    await client.log_in()
    status, data = await client.send("find", {"q": "mất thẻ"})
    assert (status, data["error"]) == (401, "session")


async def test_a_local_editor_enters_only_a_local_run(serve: Serve) -> None:
    client = await serve(local_run=False)
    await client.running.store.put_user(LOCAL_USER, Role.EDITOR, HASHED, actor="t", local=True)
    assert (await client.log_in(LOCAL_USER)).status == 401
    assert "bot user add" in (await client.get("login")).text


async def test_a_local_session_ends_with_the_local_run(client: Client) -> None:
    await client.running.store.put_user(LOCAL_USER, Role.EDITOR, HASHED, actor="t", local=True)
    assert (await client.log_in(LOCAL_USER)).path == "/console/"
    object.__setattr__(client.running.console, "local_run", False)
    assert (await client.get()).path.startswith("/console/login")


@pytest.mark.parametrize(
    ("given", "led_to"),
    [
        ("/console/why?q=a", "/console/why?q=a"),
        ("https://evil.example/console/", "/console/"),
        ("//evil.example", "/console/"),
        ("/console/\\evil", "/console/"),
        ("/console/a\r\nSet-Cookie: x=1", "/console/"),
        ("/console/logout", "/console/"),
        ("/console/login?next=/console/", "/console/"),
        ("/simulator/", "/console/"),
        ("", "/console/"),
    ],
)
def test_after_logging_in_only_our_own_pages_follow(given: str, led_to: str) -> None:
    assert safe_target(given) == led_to


async def test_a_link_from_elsewhere_is_opened_by_our_own_page(client: Client) -> None:
    """A strict cookie is not sent along such a link: the page calls itself once more."""
    await client.log_in()
    bare = {"Sec-Fetch-Site": "cross-site"}
    url = client.running.url + "why?q=a"
    async with aiohttp.ClientSession() as other, other.get(url, headers=bare) as answer:
        assert answer.status == 200
        assert answer.headers["Refresh"] == "0; url=/console/why?q=a"
