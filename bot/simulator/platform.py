"""A stand-in for the platforms' send APIs, strict where the real ones are strict.

The service's real sender posts here instead of to openapi.zalo.me or graph.facebook.com,
and gets answers of the same shapes. An accepted message appears on the visitor's page; a
refused one appears there as a note, because a developer is the one looking.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.simulator.visitors import Visitor, Visitors, now_ms
from webhooks.base import Account

TEXT_LIMIT = 2000
QUICK_REPLIES = 13
QUICK_REPLY_TITLE = 20
QUICK_REPLY_PAYLOAD = 1000
_MASK = "••••"

_CUE = re.compile(r"\b(?:nhắn|gõ|chọn|bấm|trả lời)\b.{0,12}\bsố\b", re.IGNORECASE)
_NUMBERED = re.compile(r"^\s*(\d{1,2})[.)]\s+\S")


class Problem(Exception):
    """A call the platform refuses: its error code and subcode, and why."""

    def __init__(self, code: int, message: str, subcode: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.subcode = subcode


def units(text: str) -> int:
    """Length in UTF-16 code units, the strictest reading of the platforms' limits."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def numbered_choices(text: str) -> list[str]:
    """The numbers a reader is invited to type: ["1", "2"] under "nhắn số để chọn:".

    Zalo has no quick replies, so choices stand in the text. Numbered lines count only next
    to a line that asks for a number; the steps of a guide do not.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    found: list[str] = []
    index = 0
    while index < len(lines):
        run = _run_from(lines, index)
        before = lines[index - 1] if index else ""
        after = lines[index + len(run)] if index + len(run) < len(lines) else ""
        if run and (_CUE.search(before) or _CUE.search(after)):
            found = run
        index += max(1, len(run))
    return found


def _run_from(lines: list[str], index: int) -> list[str]:
    run: list[str] = []
    for line in lines[index:]:
        match = _NUMBERED.match(line)
        if match is None or int(match[1]) != len(run) + 1:
            break
        run.append(match[1])
    return run


class Platform:
    """Both send APIs, for the simulator's own accounts only."""

    def __init__(self, accounts: Mapping[str, Account], visitors: Visitors) -> None:
        self._accounts = accounts
        self._visitors = visitors

    def routes(self) -> list[web.RouteDef]:
        """The endpoints, to be mounted under /simulator/platform."""
        return [
            web.post("/platform/zalo/v3.0/oa/message/cs", self.zalo),
            web.post(r"/platform/messenger/{version:v\d+\.\d+}/{page_id}/messages", self.messenger),
        ]

    async def zalo(self, request: web.Request) -> web.Response:
        """POST /v3.0/oa/message/cs: HTTP 200 always, success only with `error` 0."""
        raw = await request.text()
        visitor: Visitor | None = None
        try:
            account = self._accounts["zalo"]
            if not _same(request.headers.get("access_token", ""), account.secrets["access_token"]):
                raise Problem(-216, "Access token is invalid")
            body = _object(raw, Problem(-201, "Params is invalid"))
            user = _text(_dict(body, "recipient"), "user_id")
            visitor = self._visitors.of_person("zalo", user)
            if visitor is None:
                raise Problem(-201, "user_id is invalid")
            text = _text(_dict(body, "message"), "text")
            if not text.strip():
                raise Problem(-201, "message.text is invalid: empty")
            if units(text) > TEXT_LIMIT:
                raise Problem(-210, f"message.text exceeds {TEXT_LIMIT} characters")
        except Problem as problem:
            answer: dict[str, Any] = {"error": problem.code, "message": problem.message}
            _note_refusal(visitor, "zalo", request, raw, answer)
            return web.json_response(answer)
        message_id = secrets.token_hex(10)
        quota = {"quota_type": "reply", "remain": "8", "total": "8"}
        answer = {
            "data": {
                "message_id": message_id,
                "user_id": user,
                "sent_time": str(now_ms()),
                "quota": quota,
            },
            "error": 0,
            "message": "Success",
        }
        choices = [{"label": number, "text": number} for number in numbered_choices(text)]
        _show(visitor, "zalo", text, choices, _exchange(request, raw, answer))
        return web.json_response(answer)

    async def messenger(self, request: web.Request) -> web.Response:
        """POST /{version}/{page}/messages: a message or a sender action."""
        raw = await request.text()
        visitor: Visitor | None = None
        try:
            self._check_page(request)
            body = _object(raw, _parameter("The request body is not a JSON object"))
            user = _text(_dict(body, "recipient"), "id")
            visitor = self._visitors.of_person("messenger", user)
            if visitor is None:
                raise _parameter("No matching user found", 2018001)
            if "sender_action" in body:
                return self._sender_action(visitor, body, user)
            text, choices = _messenger_message(body)
        except Problem as problem:
            error = {
                "message": f"(#{problem.code}) {problem.message}",
                "type": "OAuthException",
                "code": problem.code,
                "error_subcode": problem.subcode,
                "fbtrace_id": secrets.token_urlsafe(8),
            }
            _note_refusal(visitor, "messenger", request, raw, {"error": error})
            return web.json_response({"error": error}, status=400)
        answer = {"recipient_id": user, "message_id": "m_" + secrets.token_urlsafe(48)}
        _show(visitor, "messenger", text, choices, _exchange(request, raw, answer))
        return web.json_response(answer)

    def _check_page(self, request: web.Request) -> None:
        account = self._accounts["messenger"]
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        token = bearer if scheme.lower() == "bearer" else request.query.get("access_token", "")
        expected = account.secrets["page_access_token"]
        if not _same(token, expected):
            raise Problem(190, "Invalid OAuth access token.")
        proof = request.query.get("appsecret_proof")
        if proof is not None:
            key = account.secrets["app_secret"].encode()
            if not _same(proof, hmac.new(key, expected.encode(), hashlib.sha256).hexdigest()):
                raise _parameter("Invalid appsecret_proof provided in the API argument")
        if request.match_info["page_id"] not in (account.id, "me"):
            raise _parameter("Object does not exist or cannot be loaded", 33)

    @staticmethod
    def _sender_action(visitor: Visitor, body: Mapping[str, Any], user: str) -> web.Response:
        action = body["sender_action"]
        if action not in ("typing_on", "typing_off", "mark_seen"):
            raise _parameter("Param sender_action is not a known action")
        if "message" in body:
            raise _parameter("sender_action must be sent without a message")
        if action != "mark_seen":
            on = action == "typing_on"
            visitor.show({"type": "typing", "channel": "messenger", "on": on})
        return web.json_response({"recipient_id": user})


def _messenger_message(body: Mapping[str, Any]) -> tuple[str, list[dict[str, str]]]:
    if body.get("messaging_type", "RESPONSE") != "RESPONSE" or "tag" in body:
        raise _parameter("An automated reply must have messaging_type RESPONSE and no tag")
    message = _dict(body, "message")
    text = _text(message, "text")
    if not text.strip():
        raise _parameter("Param message[text] must not be empty")
    if units(text) > TEXT_LIMIT:
        raise _parameter(f"Length of param message[text] must be at most {TEXT_LIMIT}")
    replies = message.get("quick_replies")
    if replies is None:
        return text, []
    if not isinstance(replies, list) or not 1 <= len(replies) <= QUICK_REPLIES:
        raise _parameter(f"Param quick_replies must hold 1 to {QUICK_REPLIES} items")
    return text, [_quick_reply(reply) for reply in replies]


def _quick_reply(reply: object) -> dict[str, str]:
    if not isinstance(reply, dict) or reply.get("content_type") != "text":
        raise _parameter("A quick reply must be an object with content_type text")
    title, payload = _text(reply, "title"), _text(reply, "payload")
    if not title.strip() or units(title) > QUICK_REPLY_TITLE:
        raise _parameter(f"A quick reply's title must have 1 to {QUICK_REPLY_TITLE} characters")
    if not payload or units(payload) > QUICK_REPLY_PAYLOAD:
        raise _parameter(f"A quick reply's payload must have 1 to {QUICK_REPLY_PAYLOAD} characters")
    return {"label": title, "text": title, "payload": payload}


def _parameter(message: str, subcode: int = 0) -> Problem:
    return Problem(100, message, subcode)


def _object(raw: str, problem: Problem) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except ValueError:
        raise problem from None
    if not isinstance(body, dict):
        raise problem
    return body


def _dict(body: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def _text(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    return value if isinstance(value, str) else ""


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


def _show(
    visitor: Visitor,
    channel: str,
    text: str,
    choices: list[dict[str, str]],
    exchange: Mapping[str, Any],
) -> None:
    visitor.record(
        {
            "type": "message",
            "from": "bot",
            "channel": channel,
            "kind": "text",
            "text": text,
            "choices": choices,
            "exchange": exchange,
        }
    )


def _note_refusal(
    visitor: Visitor | None,
    channel: str,
    request: web.Request,
    raw: str,
    answer: Mapping[str, Any],
) -> None:
    if visitor is not None:
        exchange = _exchange(request, raw, answer)
        visitor.record({"type": "refusal", "channel": channel, "exchange": exchange})


def _exchange(request: web.Request, raw: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    """The sender's call as the page shows it: without its token."""
    headers = {"Content-Type": request.headers.get("Content-Type", "")}
    if "access_token" in request.headers:
        headers["access_token"] = _MASK
    if "Authorization" in request.headers:
        headers["Authorization"] = f"Bearer {_MASK}"
    url = request.rel_url.without_query_params("access_token", "appsecret_proof")
    return {
        "method": request.method,
        "url": str(url),
        "headers": headers,
        "body": raw,
        "answer": json.dumps(answer, ensure_ascii=False),
    }
