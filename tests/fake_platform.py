"""A loopback server that plays openapi.zalo.me, oauth.zaloapp.com and graph.facebook.com.

It keeps every request as it came (bytes, headers, query), answers from a queue of scripted
responses per endpoint, and otherwise behaves as the real ones do: accepts what they accept,
refuses what they refuse, in their own words. Point `api_base`, `oauth_base` and
`graph_base` at `FakePlatform.url`; `platform.script(ZALO_SEND, zalo_error(-32), HANG)` lets
the next two sends go wrong.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl

from aiohttp import web
from multidict import CIMultiDictProxy, MultiMapping

from bot.split import units
from webhooks.messenger_send import appsecret_proof

#: Endpoints, as `FakePlatform.script` and `Request.endpoint` name them.
ZALO_SEND = "zalo.send"
ZALO_TOKEN = "zalo.token"
MESSENGER_SEND = "messenger.send"
MESSENGER_ACTION = "messenger.action"
MESSENGER_PROFILE = "messenger.profile"

TEXT_LIMIT = 2000


@dataclass(frozen=True, slots=True)
class Request:
    """One call as it arrived."""

    endpoint: str
    path: str
    raw: bytes
    headers: CIMultiDictProxy[str]
    query: MultiMapping[str]

    @property
    def body(self) -> Any:
        """The JSON of the call."""
        return json.loads(self.raw)

    @property
    def user(self) -> str:
        """To whom the message goes."""
        recipient = self.body["recipient"]
        return str(recipient.get("user_id") or recipient.get("id"))

    @property
    def text(self) -> str:
        """The text of a sent message."""
        return str(self.body["message"]["text"])


@dataclass(frozen=True, slots=True)
class Response:
    """What to answer to one call.

    `accept` lets the call count as accepted (and its echo leave) before the answer goes
    wrong; `hang` never answers; `drop` closes the connection instead.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    delay: float = 0.0
    hang: bool = False
    drop: bool = False
    accept: bool = False


def json_response(value: object, status: int = 200, *, accept: bool = False) -> Response:
    """A JSON answer."""
    return Response(status, json.dumps(value).encode(), accept=accept)


def zalo_error(code: int, message: str = "refused", *, status: int = 200) -> Response:
    """Zalo's way to refuse: HTTP 200 with an error in the body."""
    return json_response({"error": code, "message": message}, status)


def graph_error(code: int, subcode: int | None = None, *, status: int = 400) -> Response:
    """Graph's way to refuse."""
    error: dict[str, Any] = {"message": "refused", "type": "OAuthException", "code": code}
    if subcode is not None:
        error["error_subcode"] = subcode
    return json_response({"error": error}, status)


HANG = Response(hang=True)
#: The message is taken, but its answer never comes.
TAKEN_THEN_HANG = Response(hang=True, accept=True)
DROP = Response(drop=True)
HTML = Response(body=b"<html><body>busy</body></html>", content_type="text/html")
HTML_500 = Response(500, b"<html>oops</html>", "text/html")
#: Not a response: behave as the real platform would.
DEFAULT = Response(status=0)

#: Called for every accepted message before the call is answered: (request, message id).
Accepted = Callable[[Request, str], Awaitable[None]]


@dataclass
class FakePlatform:
    """The server. `zalo_tokens` and `page_tokens` are the access tokens it takes.

    Every token refresh renews both Zalo tokens and kills the old ones. `zalo_app_secret`,
    when set, must come as the header `secret_key`; `app_secret`, when set, makes Messenger
    calls require the matching appsecret_proof.
    `on_accepted` lets a test post the echo before the answer, as the real ones may.
    """

    zalo_tokens: set[str] = field(default_factory=lambda: {"zalo-token"})
    page_tokens: set[str] = field(default_factory=lambda: {"page-token"})
    zalo_refresh_token: str = "zalo-refresh"
    zalo_code: str = "zalo-code"
    zalo_app_secret: str = ""
    app_secret: str = ""
    on_accepted: Accepted | None = None
    #: Every call, in order of arrival.
    requests: list[Request] = field(default_factory=list)
    #: Messages that count as delivered: (request, message id).
    accepted: list[tuple[Request, str]] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        self._scripts: dict[str, deque[Response]] = defaultdict(deque)
        self._released = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._serial = 0

    def script(self, endpoint: str, *responses: Response) -> None:
        """Queue answers for an endpoint; after them it behaves normally again."""
        self._scripts[endpoint].extend(responses)

    def recover(self, endpoint: str) -> None:
        """Drop what is still queued: the endpoint behaves normally from now on."""
        self._scripts[endpoint].clear()

    def sent(self, endpoint: str) -> list[Request]:
        """The calls of one endpoint."""
        return [r for r in self.requests if r.endpoint == endpoint]

    def texts(self, user: str | None = None) -> list[str]:
        """Texts that count as delivered, to one citizen or to all."""
        return [r.text for r, _ in self.accepted if user in (None, r.user)]

    async def start(self) -> Self:
        """Listen on a free loopback port; `url` says where."""
        app = web.Application()
        app.router.add_post("/v3.0/oa/message/cs", self._handler(ZALO_SEND, self._zalo_send))
        app.router.add_post("/v4/oa/access_token", self._handler(ZALO_TOKEN, self._zalo_token))
        app.router.add_post("/{version}/me/messenger_profile", self._handler(MESSENGER_PROFILE))
        app.router.add_post("/{version}/{page}/messages", self._messages)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def stop(self) -> None:
        """Close the server; hanging calls are dropped."""
        self._released.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_error: object) -> None:
        await self.stop()

    # -- how a call is answered -----------------------------------------------------------
    def _handler(
        self, endpoint: str, normal: Callable[[Request], Response] | None = None
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._answer(endpoint, request, await request.read(), normal)

        return handle

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        action = b'"sender_action"' in raw
        endpoint = MESSENGER_ACTION if action else MESSENGER_SEND
        return await self._answer(endpoint, request, raw, self._messenger)

    async def _answer(
        self,
        endpoint: str,
        request: web.Request,
        raw: bytes,
        normal: Callable[[Request], Response] | None,
    ) -> web.StreamResponse:
        call = Request(endpoint, request.path, raw, request.headers, request.query)
        self.requests.append(call)
        queue = self._scripts[endpoint]
        response = queue.popleft() if queue else DEFAULT
        message_id = ""
        if response.status == 0:
            response = normal(call) if normal else json_response({"result": "success"})
        if response.accept:
            message_id = self._next_id()
            self.accepted.append((call, message_id))
            if self.on_accepted is not None:
                await self.on_accepted(call, message_id)
        await asyncio.sleep(response.delay)
        if response.hang:
            await self._released.wait()
        if (response.drop or response.hang) and request.transport is not None:
            request.transport.close()
        body = response.body.replace(b"MESSAGE_ID", message_id.encode())
        return web.Response(status=response.status, body=body, content_type=response.content_type)

    def _next_id(self) -> str:
        self._serial += 1
        return f"fake-{self._serial:04d}"

    # -- Zalo -----------------------------------------------------------------------------
    def _zalo_send(self, call: Request) -> Response:
        if call.headers.get("access_token") not in self.zalo_tokens:
            return zalo_error(-216, "Access token is invalid")
        message = _member(call, "message")
        text = message.get("text")
        named = _member(call, "recipient").get("user_id")
        if not named or not isinstance(text, str) or not text.strip():
            return zalo_error(-201, "Parameter is invalid")
        if units(text) > TEXT_LIMIT:
            return zalo_error(-210, "Text is too long")
        data = {"message_id": "MESSAGE_ID", "user_id": call.user, "sent_time": "1790000000000"}
        return json_response({"data": data, "error": 0, "message": "Success"}, accept=True)

    def _zalo_token(self, call: Request) -> Response:
        form = dict(parse_qsl(call.raw.decode()))
        if form.get("grant_type") == "authorization_code":
            known = form.get("code") == self.zalo_code and bool(form.get("code_verifier"))
        else:
            known = form.get("refresh_token") == self.zalo_refresh_token
        secret = call.headers.get("secret_key", "")
        if not known or (self.zalo_app_secret and secret != self.zalo_app_secret):
            # Refusals come with HTTP 200, and not in the send API's words.
            return json_response({"error": -14014, "error_name": "Invalid", "error_reason": "?"})
        self._serial += 1
        self.zalo_tokens = {f"zalo-token-{self._serial}"}
        self.zalo_refresh_token = f"zalo-refresh-{self._serial}"
        return json_response(
            {
                "access_token": next(iter(self.zalo_tokens)),
                "refresh_token": self.zalo_refresh_token,
                "expires_in": "90000",
            }
        )

    # -- Messenger ------------------------------------------------------------------------
    def _messenger(self, call: Request) -> Response:
        token = call.query.get("access_token", "")
        if token not in self.page_tokens:
            return graph_error(190)
        proof = call.query.get("appsecret_proof", "")
        if self.app_secret and proof != appsecret_proof(self.app_secret, token):
            return graph_error(100)
        if not _member(call, "recipient").get("id"):
            return graph_error(100)
        if call.endpoint == MESSENGER_ACTION:
            known = call.body["sender_action"] in ("typing_on", "typing_off", "mark_seen")
            alone = "message" not in call.body
            return (
                json_response({"recipient_id": call.user}) if known and alone else graph_error(100)
            )
        plain = call.body.get("messaging_type") == "RESPONSE" and "tag" not in call.body
        if not plain or not _good_message(_member(call, "message")):
            return graph_error(100)
        return json_response({"recipient_id": call.user, "message_id": "MESSAGE_ID"}, accept=True)


def _good_message(message: Mapping[str, Any]) -> bool:
    text = message.get("text")
    if not isinstance(text, str) or not text.strip() or units(text) > TEXT_LIMIT:
        return False
    replies = message.get("quick_replies")
    if replies is None:
        return True
    return 0 < len(replies) <= 13 and all(
        r["content_type"] == "text"
        and 0 < units(r["title"]) <= 20
        and 0 < len(r["payload"]) <= 1000
        for r in replies
    )


def _member(call: Request, name: str) -> Mapping[str, Any]:
    try:
        value = call.body.get(name)
    except (ValueError, AttributeError):
        return {}
    return value if isinstance(value, dict) else {}
