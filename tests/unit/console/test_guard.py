"""Roles, CSRF, headers, callers, and what happens when things fail."""

from __future__ import annotations

import io
import json

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from yarl import URL

from bot.console.context import CONSOLE, SESSION_COOKIE
from bot.console.guard import address_of, is_exposed, is_secure, needs, public
from bot.console.pages import PAGES
from bot.store.users import Role
from tests.unit.console.conftest import Client
from tests.unit.console.running import PASSWORD


# -- roles --------------------------------------------------------------------------------
@pytest.mark.parametrize(("name", "status"), [("viewer", 403), ("agent", 403), ("editor", 200)])
async def test_the_audit_is_for_editors(client: Client, name: str, status: int) -> None:
    home = await client.log_in(name)
    assert ("/console/audit" in home.text) == (status == 200)
    page = await client.get("audit")
    assert page.status == status
    if status == 403:
        assert "chưa được mở phần đó" in page.text


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("needed", Role)
def test_a_role_covers_the_ones_before_it(role: Role, needed: Role) -> None:
    order = ["viewer", "agent", "editor"]
    assert role.covers(needed) == (order.index(role) >= order.index(needed))


def test_handlers_are_closed_unless_marked() -> None:
    marked = {
        (page.name, route.method, route.path)
        for page in PAGES
        for route in page.routes
        if isinstance(route, web.RouteDef) and getattr(route.handler, "public", False)
    }
    assert marked == {("login", "GET", "/login"), ("login", "POST", "/login")}

    @public
    async def opened(_request: web.Request) -> web.Response:
        return web.Response()

    @needs(Role.EDITOR)
    async def closed(_request: web.Request) -> web.Response:
        return web.Response()

    assert opened.__dict__ == {"public": True}
    assert closed.__dict__ == {"needs": Role.EDITOR}


# -- CSRF ---------------------------------------------------------------------------------
@pytest.mark.parametrize("token", ["", "0" * 64])
async def test_every_writing_call_needs_the_token_of_its_page(client: Client, token: str) -> None:
    await client.log_in()
    for path in ("", "logout", "why"):
        page = await client.post(path, {"csrf": token})
        assert page.status == 403, path
        assert "Trang này đã cũ" in page.text
    for path in ("find", "copies"):
        status, data = await client.send(path, {}, **{"X-CSRF-Token": token})
        assert (status, data["error"]) == (403, "stale"), path
    assert (await client.get()).path == "/console/"


async def test_a_token_of_another_session_does_not_fit(client: Client) -> None:
    await client.log_in("agent")
    first = client.csrf
    await client.post("logout", {})
    await client.log_in("viewer")
    assert client.csrf != first
    assert (await client.post("logout", {"csrf": first})).status == 403


async def test_logging_in_needs_the_token_of_this_browser(client: Client) -> None:
    await client.get("login")
    stolen = client.csrf
    client.http.cookie_jar.clear()
    page = await client.post("login", {"csrf": stolen, "name": "agent", "password": PASSWORD})
    assert page.status == 403
    assert SESSION_COOKIE not in {found.key for found in client.http.cookie_jar}


async def test_a_form_of_another_site_is_refused_whatever_it_holds(client: Client) -> None:
    await client.log_in()
    page = await client.post("logout", {}, headers={"Sec-Fetch-Site": "cross-site"})
    assert page.status == 403


# -- headers and failures -----------------------------------------------------------------
@pytest.mark.parametrize("path", ["login", "static/console.css", "nowhere", ""])
async def test_every_response_has_the_strict_headers(client: Client, path: str) -> None:
    headers = (await client.get(path)).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == ("no-cache" if "static" in path else "no-store")


@pytest.mark.parametrize("path", ["login", "", "why?q=mất+thẻ", "copies", "audit"])
async def test_no_page_has_inline_script_or_style(client: Client, path: str) -> None:
    await client.log_in("editor")
    text = (await client.get(path)).text
    assert "<style" not in text
    assert " style=" not in text
    assert " on" + "click=" not in text
    assert all('src="/console/static/' in tag for tag in text.split("<script")[1:])


async def test_an_unknown_page_says_so(client: Client) -> None:
    await client.log_in()
    page = await client.get("nowhere")
    assert page.status == 404
    assert "Không có trang này" in page.text
    assert (await client.get("static/../guard.py")).status == 404


async def test_a_store_that_is_away_is_told_kindly(client: Client) -> None:
    await client.log_in()
    client.running.store.away = True
    page = await client.get()
    assert page.status == 503
    assert "Kho dữ liệu đang tạm nghỉ" in page.text
    assert "Traceback" not in page.text
    status, data = await client.send("find", {"q": "mất thẻ"})
    assert (status, data["error"]) == (503, "store")
    client.running.store.away = False
    assert (await client.get()).status == 200


async def test_a_fault_of_ours_shows_no_traceback(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await client.log_in()
    monkeypatch.setattr(
        "bot.console.pages.search.find", lambda *_: (_ for _ in ()).throw(ValueError("bí mật"))
    )
    page = await client.get()
    assert page.status == 500
    assert "Có lỗi trong bảng làm việc" in page.text
    assert "bí mật" not in page.text


async def test_a_body_that_is_too_large_is_refused(client: Client) -> None:
    await client.log_in()
    body = io.BytesIO(json.dumps({"q": "a" * 2_000_000}).encode())
    headers = {"Content-Type": "application/json", "X-CSRF-Token": client.csrf}
    assert (await client.call("POST", "find", data=body, headers=headers)).status == 413


# -- who calls ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("172.17.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("8.8.8.8", "203.0.113.7", "8.8.8.8"),
    ],
)
async def test_only_a_neighbouring_proxy_is_believed(
    client: Client, peer: str, forwarded: str, address: str
) -> None:
    assert (
        address_of(_request(client, peer=peer, headers={"X-Forwarded-For": forwarded})) == address
    )


@pytest.mark.parametrize(
    ("url", "headers", "exposed"),
    [
        ("http://127.0.0.1:8080/", {}, False),
        ("http://localhost:8080/", {}, False),
        ("http://[::1]:8080/", {}, False),
        ("http://console.example.vn/", {}, True),
        ("http://192.168.1.4:8080/", {}, True),
        ("http://console.example.vn/", {"X-Forwarded-Proto": "https"}, False),
    ],
)
async def test_plain_http_from_elsewhere_is_exposed(
    client: Client, url: str, headers: dict[str, str], exposed: bool
) -> None:
    request = _request(client, url=url, headers=headers)
    assert is_exposed(request) is exposed
    assert is_secure(request) is ("X-Forwarded-Proto" in headers)


async def test_an_exposed_door_warns(client: Client) -> None:
    page = await client.get("login", headers={"Host": "console.example.vn"})
    assert "HTTP không mã hóa" in page.text
    assert "HTTP không mã hóa" not in (await client.get("login")).text


def _request(
    client: Client,
    *,
    url: str = "http://127.0.0.1/",
    peer: str = "127.0.0.1",
    headers: dict[str, str] | None = None,
) -> web.Request:
    host = URL(url).raw_authority
    app = web.Application()
    app[CONSOLE] = client.running.console
    request = make_mocked_request("GET", "/", headers={"Host": host, **(headers or {})}, app=app)
    return request.clone(remote=peer)
