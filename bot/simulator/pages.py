"""The chat page and its calls: page, send, start over, and the stream of replies."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import aiohttp_jinja2
import jinja2
from aiohttp import web

from bot.simulator.accounts import PREFIX
from bot.simulator.envelope import Action, ActionKind, wrap
from bot.simulator.guard import add_headers, loopback_only, require_own_page
from bot.simulator.platform import Platform
from bot.simulator.visitors import Sent, Visitor, Visitors, now_ms
from webhooks.base import Account

COOKIE = "simulator_visitor"
#: Longest message the page takes, in characters: well over every limit worth trying out.
TEXT_LIMIT = 6000
#: How long the page waits for our own webhook; the platforms give up after 2 to 5 s.
WEBHOOK_TIMEOUT_SECONDS = 10.0
KEEP_ALIVE_SECONDS = 15.0

SUGGESTIONS = (
    "Mức đóng BHYT học sinh năm nay",
    "bhyt hs dong bn",
    "Hộ gia đình 4 người đóng bao nhiêu",
    "Hộ cận nghèo được hỗ trợ thế nào",
    "Cài VssID cho con",
    "Mất thẻ BHYT",
)

_STATIC = Path(__file__).parent / "static"
_REF = re.compile(r"[A-Za-z0-9-]{1,40}")


def add_simulator(
    app: web.Application,
    *,
    webhook_base_url: str,
    accounts: Mapping[str, Account],
    keep_alive_seconds: float = KEEP_ALIVE_SECONDS,
) -> None:
    """Mount the simulator at /simulator/ of `app`.

    `webhook_base_url` is this service's own loopback address (see `loopback_url`), and
    `accounts` what `simulator_accounts` made: the channels must know the same accounts,
    with `base_urls` as the address of their platform API.
    """
    simulator = Simulator(webhook_base_url, accounts, keep_alive_seconds)

    async def to_page(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(f"{PREFIX}/")

    app.router.add_get(PREFIX, to_page)
    app.add_subapp(PREFIX, simulator.application())


class Simulator:
    """The page's handlers and the HTTP client that plays the platforms' webhook caller."""

    def __init__(
        self, webhook_base_url: str, accounts: Mapping[str, Account], keep_alive: float
    ) -> None:
        self._base = webhook_base_url.rstrip("/")
        self._accounts = accounts
        self._keep_alive = keep_alive
        self._visitors = Visitors()
        self._http: aiohttp.ClientSession | None = None

    def application(self) -> web.Application:
        """Everything under the prefix, with its guards."""
        app = web.Application(middlewares=[loopback_only])
        aiohttp_jinja2.setup(app, loader=jinja2.PackageLoader("bot", "templates/simulator"))
        app.add_routes(
            [
                web.get("/", self.page),
                web.post("/send", self.send),
                web.post("/reset", self.reset),
                web.get("/events", self.events),
                web.static("/static", _STATIC),
                *Platform(self._accounts, self._visitors).routes(),
            ]
        )
        app.on_response_prepare.append(add_headers)
        app.on_shutdown.append(self._hang_up)
        app.cleanup_ctx.append(self._client)
        return app

    async def page(self, request: web.Request) -> web.Response:
        """GET /simulator/: the page itself; makes the visitor known by a cookie."""
        visitor = self._visitor(request)
        context = {"suggestions": SUGGESTIONS, "text_limit": TEXT_LIMIT}
        response = aiohttp_jinja2.render_template("page.html", request, context)
        _set_cookie(response, visitor)
        return response

    async def send(self, request: web.Request) -> web.Response:
        """POST /simulator/send: a visitor's action, or with a known `ref` its retry.

        Takes {"channel", "ref", "kind", "text", "payload"} and answers {"status",
        "milliseconds"}: the HTTP status of our own webhook, 0 when it did not answer.
        A retry repeats the same bytes, as the platforms do.
        """
        require_own_page(request)
        visitor = self._visitor(request)
        data = await _json_object(request)
        channel, ref = _channel(data), data.get("ref")
        if not isinstance(ref, str) or not _REF.fullmatch(ref):
            raise web.HTTPBadRequest(text="Thiếu mã tin nhắn.")
        sent = visitor.sent.get(ref)
        if sent is None:
            action = _action(data)
            account, person = self._accounts[channel], visitor.people[channel]
            sent = Sent(channel, wrap(account, person, action, now_ms=now_ms()))
            visitor.remember(ref, sent)
            visitor.record(_visitor_message(channel, ref, action, sent))
        outcome = await self._post(sent)
        visitor.record({"type": "receipt", "channel": sent.channel, "ref": ref, **outcome})
        response = web.json_response(outcome)
        _set_cookie(response, visitor)
        return response

    async def reset(self, request: web.Request) -> web.Response:
        """POST /simulator/reset: forget one channel's chat and come back as a new citizen."""
        require_own_page(request)
        visitor = self._visitor(request)
        visitor.start_over(_channel(await _json_object(request)))
        response = web.json_response({})
        _set_cookie(response, visitor)
        return response

    async def events(self, request: web.Request) -> web.StreamResponse:
        """GET /simulator/events: the visitor's history and what follows, as it happens."""
        visitor = self._visitor(request)
        last_seen = request.headers.get("Last-Event-ID") or request.query.get("after", "")
        response = web.StreamResponse()
        response.content_type = "text/event-stream"
        response.charset = "utf-8"
        _set_cookie(response, visitor)
        await response.prepare(request)
        # A page that has left shows up as a reset connection on the next write.
        with contextlib.suppress(ConnectionResetError):
            await response.write(b"retry: 1500\n\n")
            frames = visitor.frames(last_seen, keep_alive=self._keep_alive)
            async with contextlib.aclosing(frames):
                async for frame in frames:
                    await response.write(frame)
        return response

    def _visitor(self, request: web.Request) -> Visitor:
        return self._visitors.meet(request.cookies.get(COOKIE, ""))

    async def _post(self, sent: Sent) -> dict[str, Any]:
        if self._http is None:
            raise RuntimeError("the simulator's application has not started")
        headers = dict(sent.webhook.headers)
        if sent.attempts and sent.channel == "zalo":
            headers["num_retry"] = str(sent.attempts)
        sent.attempts += 1
        started = time.perf_counter()
        try:
            async with self._http.post(
                self._base + sent.webhook.path,
                data=sent.webhook.body,
                headers=headers,
                allow_redirects=False,
            ) as answer:
                await answer.read()
                status = answer.status
        except (aiohttp.ClientError, TimeoutError):
            status = 0
        return {"status": status, "milliseconds": round((time.perf_counter() - started) * 1000)}

    async def _client(self, app: web.Application) -> AsyncIterator[None]:
        timeout = aiohttp.ClientTimeout(total=WEBHOOK_TIMEOUT_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as self._http:
            yield
        self._http = None

    async def _hang_up(self, app: web.Application) -> None:
        self._visitors.close()


def _set_cookie(response: web.StreamResponse, visitor: Visitor) -> None:
    response.set_cookie(COOKIE, visitor.id, path=f"{PREFIX}/", httponly=True, samesite="Strict")


async def _json_object(request: web.Request) -> dict[str, Any]:
    # A form of another site cannot send this content type without a preflight.
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="Lệnh này chỉ nhận JSON.")
    try:
        data = await request.json()
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise web.HTTPBadRequest(text="Nội dung gửi lên không phải là một đối tượng JSON.")
    return data


def _channel(data: Mapping[str, Any]) -> str:
    channel = data.get("channel")
    if channel not in ("zalo", "messenger"):
        raise web.HTTPBadRequest(text="Kênh phải là zalo hoặc messenger.")
    return str(channel)


def _action(data: Mapping[str, Any]) -> Action:
    try:
        kind = ActionKind(data.get("kind", "text"))
    except ValueError:
        raise web.HTTPBadRequest(text="Loại tin nhắn này không có trong trang giả lập.") from None
    text, payload = _clean(data.get("text")), _clean(data.get("payload"))
    if kind in (ActionKind.TEXT, ActionKind.TAP) and not text.strip():
        raise web.HTTPBadRequest(text="Tin nhắn chưa có chữ nào.")
    if max(len(text), len(payload)) > TEXT_LIMIT:
        raise web.HTTPBadRequest(text=f"Tin nhắn dài quá {TEXT_LIMIT:_} ký tự.".replace("_", "."))
    if kind is ActionKind.TAP and not payload:
        raise web.HTTPBadRequest(text="Lựa chọn này thiếu mã.")
    return Action(kind, text, payload)


def _clean(value: object) -> str:
    """Text without lone surrogates, which JSON can carry and UTF-8 cannot."""
    if not isinstance(value, str):
        return ""
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _visitor_message(channel: str, ref: str, action: Action, sent: Sent) -> dict[str, Any]:
    return {
        "type": "message",
        "from": "visitor",
        "channel": channel,
        "ref": ref,
        "kind": action.kind.value,
        "text": action.text,
        "payload": action.payload,
        "exchange": {
            "method": "POST",
            "url": sent.webhook.path,
            "headers": dict(sent.webhook.headers),
            "body": sent.webhook.body.decode(),
        },
    }


__all__ = ["SUGGESTIONS", "Simulator", "add_simulator"]
