"""Nobody gets past here unnoticed: headers, sessions, roles, CSRF, and kind errors.

A handler is closed by default: without a mark it needs a logged-in viewer. `public` opens one,
`needs(Role.EDITOR)` closes it further. Every call that may change something must carry the CSRF
token of its page, as the form field `csrf` or the header `X-CSRF-Token`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler

from bot import log_texts
from bot.console.context import (
    PREFIX,
    SESSION_COOKIE,
    TOKEN,
    USER,
    VISITOR_COOKIE,
    console_of,
)
from bot.console.signing import session_id
from bot.console.view import page
from bot.errors import StoreError
from bot.store.users import Role

F = TypeVar("F", bound=Callable[..., Awaitable[web.StreamResponse]])

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_PUBLIC = "public"
_QUIET = "quiet"

STORE_AWAY = (
    "Kho dữ liệu đang tạm nghỉ",
    "Bảng làm việc chưa đọc được kho dữ liệu. Anh/chị thử lại sau ít phút; nếu vẫn vậy, nhờ người "
    "quản trị xem máy chủ. Chưa có gì bị mất.",
)
EXPIRED = (
    "Phiên làm việc đã hết",
    "Anh/chị đăng nhập lại để làm tiếp. Câu hỏi đang gõ vẫn còn trên trang này.",
)
STALE_FORM = (
    "Trang này đã cũ",
    "Trang được mở từ một lần đăng nhập khác nên lệnh vừa rồi chưa được thực hiện. Anh/chị tải "
    "lại trang rồi làm lại giúp.",
)
NOT_ALLOWED = (
    "Tài khoản này chưa được mở phần đó",
    "Anh/chị nhờ người quản trị cấp thêm quyền nếu công việc cần đến.",
)
NOT_FOUND = (
    "Không có trang này",
    "Đường dẫn có thể đã cũ hoặc bị gõ nhầm.",
)
BROKEN = (
    "Có lỗi trong bảng làm việc",
    "Lỗi đã được ghi lại để người quản trị xem. Anh/chị thử lại; nếu lỗi lặp lại, xin báo cho "
    "người quản trị.",
)


def public(handler: F) -> F:
    """Open a handler to who has not logged in."""
    handler.__dict__[_PUBLIC] = True
    return handler


def quiet(handler: F) -> F:
    """Mark a call that a page makes by itself: it does not count as using the session."""
    handler.__dict__[_QUIET] = True
    return handler


def needs(role: Role) -> Callable[[F], F]:
    """Close a handler to everybody below a role."""

    def mark(handler: F) -> F:
        handler.__dict__["needs"] = role
        return handler

    return mark


# -- who calls --------------------------------------------------------------------------
def is_secure(request: web.Request) -> bool:
    """True when the browser reached us by https: cookies are then marked Secure."""
    forwarded = request.headers.get("X-Forwarded-Proto", "")
    return console_of(request).behind_tls or request.secure or forwarded == "https"


def is_exposed(request: web.Request) -> bool:
    """True when passwords travel readable: plain http, and not on this machine alone."""
    return not is_secure(request) and not _near(request.url.host or "", loopback=True)


def address_of(request: web.Request) -> str:
    """The caller's address. What a proxy says counts only from a neighbouring machine; its
    last entry is the one the proxy itself saw."""
    peer = request.remote or ""
    said = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return said if said and _near(peer, loopback=False) else peer


def _near(host: str, *, loopback: bool) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback if loopback else address.is_private


# -- cookies ----------------------------------------------------------------------------
def set_cookie(request: web.Request, response: web.StreamResponse, name: str, value: str) -> None:
    """A cookie that no script reads, no other site sends, and that ends with the browser."""
    response.set_cookie(
        name,
        value,
        path=f"{PREFIX}/",
        httponly=True,
        samesite="Strict",
        secure=is_secure(request),
    )


def drop_cookie(response: web.StreamResponse, name: str) -> None:
    """Take a cookie back."""
    response.del_cookie(name, path=f"{PREFIX}/", httponly=True, samesite="Strict")


# -- answers ----------------------------------------------------------------------------
def wants_data(request: web.Request) -> bool:
    """True for the calls of our own scripts, which want JSON instead of a page."""
    return request.headers.get("Accept", "").startswith("application/json")


def sorry(
    request: web.Request, status: HTTPStatus, words: tuple[str, str], kind: str
) -> web.Response:
    """An error as a page with a way out, or as JSON for our scripts."""
    title, text = words
    if wants_data(request):
        data = {"error": kind, "title": title, "text": text}
        return web.json_response(data, status=status)
    context = {"title": title, "text": text, "kind": kind}
    return page(request, "message.html", context, status=status)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Security headers for everything under the prefix, errors and files included."""
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex"
    # Files are asked for again and answered with 304; pages are about people and never kept.
    static = request.path.startswith(f"{PREFIX}/static/")
    response.headers.setdefault("Cache-Control", "no-cache" if static else "no-store")


@web.middleware
async def kind_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what goes wrong into a page that says what to do."""
    try:
        return await handler(request)
    except web.HTTPNotFound:
        return sorry(request, HTTPStatus.NOT_FOUND, NOT_FOUND, "not_found")
    except web.HTTPException:
        raise
    except StoreError as error:
        log_texts.console_store_away(error)
        return sorry(request, HTTPStatus.SERVICE_UNAVAILABLE, STORE_AWAY, "store")
    except Exception as error:
        # The page must not show a traceback, and the log must.
        log_texts.console_broke(error)
        return sorry(request, HTTPStatus.INTERNAL_SERVER_ERROR, BROKEN, "broken")


@web.middleware
async def access(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find the session, refuse who may not, and check the CSRF token of writing calls."""
    if request.path.startswith(f"{PREFIX}/static/"):
        return await handler(request)
    console = console_of(request)
    token = console.signer.token(request.cookies.get(SESSION_COOKIE, ""))
    user = None
    marks = getattr(request.match_info.handler, "__dict__", {})
    if token:
        idle_ms = round(console.settings.idle_minutes * 60_000)
        of = console.store.peek_session if marks.get(_QUIET) else console.store.session_user
        user = await of(session_id(token), idle_ms)
        if user and user.local and not console.local_run:
            user = None
    if user:
        request[USER], request[TOKEN] = user, token
    if marks.get(_PUBLIC):
        # Also for who is logged in elsewhere in this browser: the door has a token of its own.
        request[TOKEN] = console.signer.token(request.cookies.get(VISITOR_COOKIE, ""))
    elif user is None and request.match_info.http_exception is None:
        return _ask_to_log_in(request, ended=bool(token))
    if request.method not in _SAFE_METHODS and not await _own_page(request):
        return sorry(request, HTTPStatus.FORBIDDEN, STALE_FORM, "stale")
    role: Role = marks.get("needs", Role.VIEWER)
    if user and not user.role.covers(role):
        return sorry(request, HTTPStatus.FORBIDDEN, NOT_ALLOWED, "not_allowed")
    return await handler(request)


async def _own_page(request: web.Request) -> bool:
    """True when a page that we made for this browser sent the call."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    given = request.headers.get("X-CSRF-Token", "")
    if not given and request.content_type == "application/x-www-form-urlencoded":
        given = str((await request.post()).get("csrf", ""))
    return console_of(request).signer.csrf_fits(request.get(TOKEN, ""), given)


def _ask_to_log_in(request: web.Request, *, ended: bool) -> web.StreamResponse:
    if wants_data(request):
        return sorry(request, HTTPStatus.UNAUTHORIZED, EXPIRED, "session")
    came_from_elsewhere = request.headers.get("Sec-Fetch-Site") == "cross-site"
    if came_from_elsewhere and request.method == "GET":
        # A strict cookie is not sent along a link from a mail or a chat; our own page sends it.
        return web.Response(headers={"Refresh": f"0; url={request.path_qs}"})
    target = request.path_qs if request.method == "GET" else f"{PREFIX}/"
    mark = "&expired=1" if ended else ""
    raise web.HTTPSeeOther(f"{PREFIX}/login?next={quote(target, safe='')}{mark}")
