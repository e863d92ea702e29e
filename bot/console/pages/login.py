"""Logging in and out."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

from aiohttp import web

from bot.console import passwords
from bot.console.context import (
    PREFIX,
    SESSION_COOKIE,
    TOKEN,
    USER,
    VISITOR_COOKIE,
    Console,
    console_of,
    user_of,
)
from bot.console.guard import address_of, drop_cookie, is_exposed, public, set_cookie
from bot.console.page import Page
from bot.console.signing import session_id
from bot.console.view import page
from bot.store.users import User

WRONG = "Tên hoặc mật khẩu chưa đúng. Anh/chị xem lại rồi thử lần nữa."
TOO_MANY = (
    "Đăng nhập sai nhiều lần quá. Anh/chị đợi khoảng {minutes} phút rồi thử lại, hoặc nhờ người "
    "quản trị đặt lại mật khẩu."
)


@public
async def show(request: web.Request) -> web.StreamResponse:
    """GET /console/login: the form, tied to this browser by a cookie of its own."""
    if USER in request:
        raise web.HTTPSeeOther(safe_target(request.query.get("next", "")))
    return _form(request)


@public
async def enter(request: web.Request) -> web.StreamResponse:
    """POST /console/login: check name and password, open a session."""
    console = console_of(request)
    form = await request.post()
    name = str(form.get("name", "")).strip().lower()[:64]
    password = str(form.get("password", ""))[: passwords.LONGEST + 1]
    target = safe_target(str(form.get("next", "")))
    name_key = console.signer.pseudonym("name", name)
    address_key = console.signer.pseudonym("address", address_of(request))
    attempt = await console.store.begin_attempt(name_key, address_key, console.throttle)
    if attempt is None:
        minutes = round(console.settings.login_window_minutes) or 1
        text = TOO_MANY.format(minutes=minutes)
        return _form(request, name, target, text, HTTPStatus.TOO_MANY_REQUESTS)
    user = await _checked(console, name, password)
    if user is None:
        return _form(request, name, target, WRONG, HTTPStatus.UNAUTHORIZED)
    cookie = console.signer.new_cookie()
    await console.store.open_session(
        user,
        session_id(console.signer.token(cookie)),
        round(console.settings.session_hours * 3_600_000),
        attempt=attempt,
        name_key=name_key,
        address_key=address_key,
    )
    response = web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": target})
    # A new token at every log-in: one planted before it is worth nothing.
    set_cookie(request, response, SESSION_COOKIE, cookie)
    drop_cookie(response, VISITOR_COOKIE)
    return response


async def leave(request: web.Request) -> web.StreamResponse:
    """POST /console/logout: end the session."""
    await console_of(request).store.close_session(user_of(request), session_id(request[TOKEN]))
    response = web.Response(
        status=HTTPStatus.SEE_OTHER, headers={"Location": f"{PREFIX}/login?left=1"}
    )
    drop_cookie(response, SESSION_COOKIE)
    return response


def safe_target(path: str) -> str:
    """Where to go after logging in: a page of ours, never another site."""
    inside = path.startswith(f"{PREFIX}/") and not any(sign in path for sign in "\\\r\n")
    return path if inside and not path.startswith(f"{PREFIX}/log") else f"{PREFIX}/"


async def _checked(console: Console, name: str, password: str) -> User | None:
    found = await console.store.password_of(name)
    if found and found[0].local and not console.local_run:
        found = None
    async with console.hashing:
        right = await asyncio.to_thread(passwords.fits, password, found[1] if found else None)
    return found[0] if found and right else None


def _form(
    request: web.Request,
    name: str = "",
    target: str = "",
    wrong: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> web.Response:
    console = console_of(request)
    cookie = request.cookies.get(VISITOR_COOKIE, "")
    if not console.signer.token(cookie):
        cookie = console.signer.new_cookie()
    request[TOKEN] = console.signer.token(cookie)
    context: dict[str, Any] = {
        # The door has no navigation, whoever stands before it.
        "user": None,
        "name": name,
        "next": target or safe_target(request.query.get("next", "")),
        "wrong": wrong,
        "expired": "expired" in request.query,
        "left": "left" in request.query,
        "exposed": is_exposed(request),
        "local_run": console.local_run,
    }
    response = page(request, "login.html", context, status=status)
    set_cookie(request, response, VISITOR_COOKIE, cookie)
    return response


PAGE = Page(
    name="login",
    title="Đăng nhập",
    about="Mỗi người một tên và mật khẩu; phiên hết hạn sau một ca làm việc.",
    routes=(
        web.get("/login", show),
        web.post("/login", enter),
        web.post("/logout", leave),
    ),
    sample="/login",
    actions={"session.open": "Đăng nhập", "session.close": "Đăng xuất"},
)
