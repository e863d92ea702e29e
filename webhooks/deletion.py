"""Meta's data-deletion callback and the page a citizen can open about it.

The callback names a person by an id of the app, which cannot be turned into the page-scoped
id of a conversation. The request is therefore recorded under a code for the operator, and the
page says which two messages erase the conversation at once (`bot.erasure`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import html
import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Protocol
from urllib.parse import parse_qs

from aiohttp import web

from bot import log_texts
from bot.errors import BadBody, BadSignature, StoreError
from webhooks.base import Channel
from webhooks.wire import as_id, load_object

#: A signed request has a few hundred bytes.
_FORM_LIMIT = 65_536


class Deletions(Protocol):
    """The part of `bot.store.api.Store` that keeps data-deletion requests."""

    async def record_deletion_request(self, code: str, channel: str, app_user: str) -> None:
        """Store a request under its confirmation code."""

    async def deletion_request(self, code: str) -> Mapping[str, Any] | None:
        """The request's state, None when unknown."""


def read_signed_request(signed: str, app_secrets: Iterable[str]) -> str:
    """The app-scoped user id in a `signed_request`.

    The value is base64url(signature) "." base64url(JSON), with or without padding; the
    signature is HMAC-SHA256 over the second part exactly as received.

    Raises:
        BadBody: the value does not have this form, or names no user.
        BadSignature: it is signed by nobody we know, or by another algorithm.
    """
    signature_part, dot, payload_part = signed.partition(".")
    signature = _decode(signature_part)
    if not dot or not signature or not payload_part.isascii():
        raise BadBody("signed_request is not signature.payload")
    genuine = False
    for secret in app_secrets:
        mac = hmac.new(secret.encode(), payload_part.encode(), hashlib.sha256).digest()
        genuine |= bool(secret) and hmac.compare_digest(mac, signature)
    if not genuine:
        raise BadSignature("signed_request fits no configured app secret")
    payload = load_object(_decode(payload_part))
    if str(payload.get("algorithm", "")).upper() != "HMAC-SHA256":
        raise BadSignature("signed_request names another algorithm than HMAC-SHA256")
    user = as_id(payload.get("user_id"))
    if not user:
        raise BadBody("signed_request names no user_id")
    return user


def _decode(part: str) -> bytes:
    """Base64url with or without padding; b"" when it is none."""
    bare = part.rstrip("=")
    if not bare.isascii():
        return b""
    try:
        padded = bare + "=" * (-len(bare) % 4)
        return base64.b64decode(padded.encode(), altchars=b"-_", validate=True)
    except binascii.Error:
        return b""


def add_deletion_routes(
    app: web.Application, channel: Channel | None, deletions: Deletions, public_url: str
) -> None:
    """Add the callback and its status page; arguments as in `webhooks.routes.add_routes`."""

    async def callback(request: web.Request) -> web.Response:
        if channel is None or not channel.accounts:
            return web.json_response({"error": "channel off"}, status=503)
        code = secrets.token_hex(10)
        try:
            signed = await _form_field(request, "signed_request")
            app_secrets = {a.secrets["app_secret"] for a in channel.accounts.values()}
            user = read_signed_request(signed, app_secrets)
            await deletions.record_deletion_request(code, channel.name, user)
        except BadBody as error:
            log_texts.body_refused(channel.name, f"data deletion: {error}")
            return web.json_response({"error": "bad request"}, status=400)
        except BadSignature as error:
            log_texts.signature_refused(channel.name, f"data deletion: {error}")
            return web.json_response({"error": "forbidden"}, status=403)
        except StoreError:
            return web.json_response({"error": "try again later"}, status=503)
        base = public_url.rstrip("/") or str(request.url.origin())
        return web.json_response(
            {"url": f"{base}/privacy/requests/{code}", "confirmation_code": code}
        )

    async def page(request: web.Request) -> web.Response:
        code = request.match_info["code"]
        try:
            found = await deletions.deletion_request(code)
        except StoreError:
            return _page(503, _TITLE_LATER, _TEXT_LATER)
        if found is None:
            return _page(404, _TITLE_UNKNOWN, _TEXT_UNKNOWN)
        return _page(200, _TITLE_KNOWN, _TEXT_KNOWN, code)

    app.router.add_post("/webhooks/messenger/data-deletion", callback)
    app.router.add_get("/privacy/requests/{code}", page)


async def _form_field(request: web.Request, name: str) -> str:
    raw = bytearray()
    try:
        async for chunk in request.content.iter_any():
            raw += chunk
            if len(raw) > _FORM_LIMIT:
                raise BadBody("the form is too long")
        fields = parse_qs(raw.decode("ascii"), max_num_fields=20)
    except (ValueError, web.RequestPayloadError, ConnectionError):
        raise BadBody("the body is not a form") from None
    return fields.get(name, [""])[0]


_TITLE_KNOWN = "Đã nhận yêu cầu xóa dữ liệu"
_TEXT_KNOWN = (
    "Chúng tôi đã ghi nhận yêu cầu xóa dữ liệu của anh/chị.",
    "Facebook chỉ cho chúng tôi biết một mã ứng dụng, không phải cuộc trò chuyện của anh/chị. "
    "Để xóa ngay cuộc trò chuyện, anh/chị nhắn cho Trang: “xóa dữ liệu của tôi”, rồi nhắn "
    "“đồng ý xóa”. Anh/chị cũng có thể nhắn cho Trang kèm mã dưới đây để nhân viên xóa giúp.",
)
_TITLE_UNKNOWN = "Không tìm thấy yêu cầu"
_TEXT_UNKNOWN = (
    "Chúng tôi không tìm thấy yêu cầu xóa dữ liệu nào với mã này.",
    "Anh/chị vui lòng kiểm tra lại đường dẫn, hoặc gửi lại yêu cầu từ phần cài đặt Facebook.",
)
_TITLE_LATER = "Tạm thời chưa tra cứu được"
_TEXT_LATER = ("Anh/chị vui lòng mở lại trang này sau ít phút.",)


def _page(status: int, title: str, paragraphs: Iterable[str], code: str = "") -> web.Response:
    lines = [f"<p>{html.escape(p)}</p>" for p in paragraphs]
    if code:
        lines.append(f"<p>Mã yêu cầu: <strong>{html.escape(code)}</strong></p>")
    text = (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title></head><body><main>"
        f"<h1>{html.escape(title)}</h1>{''.join(lines)}</main></body></html>"
    )
    headers = {
        "Content-Security-Policy": "default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    return web.Response(status=status, text=text, content_type="text/html", headers=headers)
