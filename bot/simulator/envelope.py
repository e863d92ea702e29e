"""A visitor's action as the channel's own webhook call: exact body bytes and signature.

Shapes and signature formulas are those of the platforms' webhook contracts. The signing is
written here a second time on purpose: a mistake in `webhooks/` cannot agree with itself.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from webhooks.base import Account


class ActionKind(StrEnum):
    """What a visitor can do on the page."""

    TEXT = "text"
    TAP = "tap"
    STICKER = "sticker"
    IMAGE = "image"
    AUDIO = "audio"
    #: First contact: the Messenger button "Bắt đầu", the first tap on "Nhắn tin" in Zalo.
    START = "start"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a visitor did. `payload` belongs to a tap."""

    kind: ActionKind
    text: str = ""
    payload: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """The made-up citizen behind a visitor, as one channel knows them."""

    id: str
    id_by_app: str


@dataclass(frozen=True, slots=True)
class Webhook:
    """A signed webhook call. `body` holds the bytes that were signed."""

    path: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


#: Attachments point at hosts of the reserved domain "invalid": nothing there can be fetched.
_MEDIA = "https://simulator.invalid/"


def wrap(account: Account, person: Person, action: Action, *, now_ms: int) -> Webhook:
    """The call that the platform would make to our webhook for this action.

    `now_ms` is the platform timestamp in milliseconds since 1970.
    """
    if account.channel == "zalo":
        return _zalo(account, person, action, str(now_ms))
    return _messenger(account, person, action, now_ms)


def zalo_signature(app_id: str, body: bytes, timestamp: str, oa_secret_key: str) -> str:
    """Value of `X-ZEvent-Signature`: plain SHA-256 over app id, raw body, timestamp, secret."""
    data = app_id.encode() + body + timestamp.encode() + oa_secret_key.encode()
    return "mac=" + hashlib.sha256(data).hexdigest()


def messenger_signature(body: bytes, app_secret: str) -> str:
    """Value of `X-Hub-Signature-256`: HMAC-SHA256 of the raw body under the app secret."""
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()


def _zalo(account: Account, person: Person, action: Action, timestamp: str) -> Webhook:
    app_id = account.secrets["app_id"]
    if action.kind is ActionKind.START:
        event: dict[str, Any] = {
            "app_id": app_id,
            "oa_id": account.id,
            "user_id": person.id,
            "user_id_by_app": person.id_by_app,
            "event_name": "user_click_chatnow",
            "timestamp": timestamp,
        }
    else:
        name, message = _zalo_message(action)
        event = {
            "app_id": app_id,
            "sender": {"id": person.id},
            "user_id_by_app": person.id_by_app,
            "recipient": {"id": account.id},
            "event_name": name,
            "message": {**message, "msg_id": secrets.token_hex(10)},
            "timestamp": timestamp,
        }
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    mac = zalo_signature(app_id, body, timestamp, account.secrets["oa_secret_key"])
    headers = {"Content-Type": "application/json", "X-ZEvent-Signature": mac}
    return Webhook("/webhooks/zalo", body, headers)


def _zalo_message(action: Action) -> tuple[str, dict[str, Any]]:
    match action.kind:
        case ActionKind.STICKER:
            payload = {"id": "33500", "url": _MEDIA + "sticker.webp"}
        case ActionKind.IMAGE:
            payload = {"thumbnail": _MEDIA + "thumb.jpg", "url": _MEDIA + "picture.jpg"}
        case ActionKind.AUDIO:
            payload = {"url": _MEDIA + "voice.amr"}
        case _:
            # A tap on a Zalo button arrives as typed text whose text is the button's payload.
            return "user_send_text", {"text": action.payload or action.text}
    name = action.kind.value
    return f"user_send_{name}", {"attachments": [{"type": name, "payload": payload}]}


def _messenger(account: Account, person: Person, action: Action, now_ms: int) -> Webhook:
    event = {
        "sender": {"id": person.id},
        "recipient": {"id": account.id},
        "timestamp": now_ms,
        **_messenger_event(action, "m_" + secrets.token_urlsafe(48)),
    }
    page = {
        "object": "page",
        "entry": [{"id": account.id, "time": now_ms, "messaging": [event]}],
    }
    # Meta signs and delivers letters outside ASCII as \uXXXX and a slash as \/.
    body = json.dumps(page, separators=(",", ":")).replace("/", "\\/").encode("ascii")
    signature = messenger_signature(body, account.secrets["app_secret"])
    headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signature}
    return Webhook("/webhooks/messenger", body, headers)


def _messenger_event(action: Action, mid: str) -> dict[str, Any]:
    match action.kind:
        case ActionKind.START:
            return {"postback": {"mid": mid, "title": "Bắt đầu", "payload": "GET_STARTED"}}
        case ActionKind.TAP:
            reply = {"payload": action.payload}
            return {"message": {"mid": mid, "text": action.text, "quick_reply": reply}}
        case ActionKind.STICKER:
            payload: dict[str, Any] = {"url": _MEDIA + "s.png", "sticker_id": 369239263222822}
        case ActionKind.IMAGE:
            payload = {"url": _MEDIA + "picture.jpg"}
        case ActionKind.AUDIO:
            payload = {"url": _MEDIA + "voice.mp4"}
        case _:
            return {"message": {"mid": mid, "text": action.text}}
    return {"message": {"mid": mid, "attachments": [{"type": action.kind, "payload": payload}]}}
