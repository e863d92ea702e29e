"""Who may talk to the simulator: this machine, and on writing calls this page alone."""

from __future__ import annotations

import ipaddress

from aiohttp import web
from aiohttp.typedefs import Handler
from yarl import URL

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

REFUSED_NOT_LOCAL = (
    "Trang giả lập chỉ mở được trên chính máy đang chạy dịch vụ, qua địa chỉ 127.0.0.1 "
    "hoặc localhost."
)
REFUSED_ORIGIN = "Lệnh này chỉ nhận từ chính trang giả lập."

#: Set by reverse proxies. A proxy on this machine makes every stranger look local.
_PROXY_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


def is_loopback(host: str) -> bool:
    """True for localhost and any loopback address, IPv4 or IPv6, without brackets or port."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def comes_from_here(request: web.Request) -> bool:
    """True when both the client's address and the Host header it used are loopback.

    The Host check stops a foreign name that was pointed at 127.0.0.1 (DNS rebinding).
    """
    if any(name in request.headers for name in _PROXY_HEADERS):
        return False
    peer = request.transport.get_extra_info("peername") if request.transport else None
    if not isinstance(peer, tuple) or not is_loopback(str(peer[0])):
        return False
    try:
        host = URL(f"http://{request.headers.get('Host', '')}").host or ""
    except ValueError:
        return False
    return is_loopback(host)


@web.middleware
async def loopback_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse everybody who is not on this machine with 403 and a plain sentence."""
    if not comes_from_here(request):
        return web.Response(status=403, text=REFUSED_NOT_LOCAL)
    return await handler(request)


def require_own_page(request: web.Request) -> None:
    """Refuse a writing call that another site's page made. Raises `HTTPForbidden`."""
    expected = f"http://{request.headers.get('Host', '')}"
    if request.headers.get("Origin") != expected:
        raise web.HTTPForbidden(text=REFUSED_ORIGIN)
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise web.HTTPForbidden(text=REFUSED_ORIGIN)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Security headers for every response under the simulator's prefix, errors included."""
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers.setdefault("Cache-Control", "no-store")
