"""Zalo Official Account: signature and events. Sending is in `webhooks.zalo_send`.

The signature is plain SHA-256 over app id, raw body, timestamp and the OA secret key, one
after another. Public sources disagree on two details (the `mac=` prefix, and whether the
body's or the header's timestamp is signed); both readings are accepted, neither is weaker.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from bot.errors import BadBody, BadSignature, ChannelOff
from bot.models import Echo, Event, EventKind, Ignored, Parsed, Signal, SignalKind
from webhooks.base import Account, Limits, OutPart, Receipt
from webhooks.http import Http
from webhooks.wire import as_dict, as_id, as_name, as_text, as_time, event_key, load_object
from webhooks.zalo_send import send_text

SIGNATURE_HEADER = "X-ZEvent-Signature"
TIMESTAMP_HEADER = "X-ZEvent-Timestamp"
_SIGNATURE = re.compile(r"\s*(?:mac\s*=\s*)?([0-9a-f]{64})\s*", re.IGNORECASE)
#: A tapped button comes back as a text that is its payload; ours start with "#".
_TAP = re.compile(r"#(\S{1,1000})")

#: Events that say nothing to answer, with the reason they are counted under.
_IGNORED: Mapping[str, str] = {
    "user_received_message": "receipt",
    "user_seen_message": "receipt",
    "user_reacted_message": "reaction",
    "oa_reacted_message": "reaction",
    "unfollow": "unfollow",
    "user_submit_info": "submit_info",
    "user_click_response_button": "response_button",
    "user_feedback": "feedback",
    "oa_send_consent": "call",
    "user_reply_consent": "call",
    "user_call_oa": "call",
    "oa_call_user": "call",
}


class ZaloChannel:
    """Zalo Official Accounts. Implements `webhooks.base.Channel`.

    Args:
        accounts: the OAs; `secrets` holds "app_id" and "oa_secret_key". An account without
            either is left out, so that nothing is ever verified against an empty secret.
        http: gives the HTTP client when a message is sent.
        api_base: address of the send API.
        api_bases: other addresses for single accounts, by id (the simulator's).
        timeout_seconds: wait for an answer to a send.
        window: how long after the citizen's last message a reply may leave.
        buttons: True sends choices as buttons beside the text.
        missing: names of the missing settings, for the operator.
    """

    name = "zalo"

    def __init__(
        self,
        accounts: Iterable[Account],
        *,
        http: Http,
        api_base: str = "https://openapi.zalo.me",
        api_bases: Mapping[str, str] = MappingProxyType({}),
        timeout_seconds: float = 10.0,
        window: timedelta = timedelta(hours=48),
        buttons: bool = False,
        missing: Sequence[str] = (),
    ) -> None:
        self.accounts: Mapping[str, Account] = {
            a.id: a
            for a in accounts
            if a.id and a.secrets.get("app_id") and a.secrets.get("oa_secret_key")
        }
        self.missing = tuple(missing)
        # 2,000 is the platform's limit in an unnamed unit; the rest is a margin.
        self.limits = Limits(text_length=1900, window=window, quick_replies=5 if buttons else 0)
        self._http = http
        self._api_base = api_base
        self._api_bases = api_bases
        self._timeout = timeout_seconds
        # The signature covers a timestamp inside the body: what `verify` had to read for it,
        # `parse` need not read again.
        self._read: tuple[bytes | None, dict[str, Any]] = (None, {})

    def verify(self, raw: bytes, headers: Mapping[str, str]) -> None:
        """Check the signature. The error's text names the part that failed, never a secret.

        A body that is not JSON has no timestamp and no app id of its own: it can still be
        genuine (signed with a configured app id), and is then refused by `parse`.

        Raises:
            ChannelOff: no account is configured.
            BadSignature: the header is missing, malformed, or fits no account.
        """
        if not self.accounts:
            raise ChannelOff
        header = headers.get(SIGNATURE_HEADER, "")
        match = _SIGNATURE.fullmatch(header)
        if not match:
            state = "is not 64 hex digits" if header else "is missing"
            raise BadSignature(f"{SIGNATURE_HEADER} {state}")
        given = match[1].lower().encode()
        try:
            body = load_object(raw)
        except BadBody:
            body = {}
        else:
            self._read = raw, body
        app_ids = {a.secrets["app_id"] for a in self.accounts.values()}
        claimed = as_id(body.get("app_id"))
        if claimed and claimed not in app_ids:
            raise BadSignature("app_id of the body is not a configured app")
        stamps = {as_id(body.get("timestamp"))}
        if headers.get(TIMESTAMP_HEADER):
            stamps.add(headers[TIMESTAMP_HEADER].strip())
        genuine = False
        for account in self.accounts.values():
            app_id = account.secrets["app_id"]
            if claimed in ("", app_id):
                for stamp in stamps:
                    mac = signature(app_id, raw, stamp, account.secrets["oa_secret_key"])
                    genuine |= hmac.compare_digest(mac.encode(), given)
        if not genuine:
            raise BadSignature(
                f"{SIGNATURE_HEADER} fits no configured OA secret key "
                f"(tried timestamps of body and header; app_id {'fits' if claimed else 'absent'})"
            )

    def parse(self, raw: bytes) -> Parsed:
        """The one event of a verified body, as exactly one `Event` or one `Ignored`.

        Signals and echoes come beside an `Ignored`. Raises `BadBody` for anything but a
        JSON object.
        """
        read, body = self._read
        self._read = None, {}
        if read is not raw:
            body = load_object(raw)
        name = body.get("event_name")
        if not isinstance(name, str):
            return _ignored("none", "malformed")
        kind = as_name(name)
        reason = _reason_to_ignore(name)
        if reason:
            return _ignored(kind, reason)
        oa, user = _who(name, body)
        if not oa or not user:
            known = name in _CALLS or name.startswith(("user_send_", "oa_send_"))
            return _ignored(kind, "malformed" if known else "unknown_event")
        if oa not in self.accounts:
            return _ignored(kind, "unknown_account")
        if name == "user_withdraw":
            signal = Signal(SignalKind.WITHDRAW, self.name, oa, user)
            return Parsed(signals=(signal,), ignored=(Ignored(kind, "withdraw"),))
        if name.startswith("oa_send_"):
            return self._echo(kind, oa, user, body)
        if user in self.accounts:
            return _ignored(kind, "own_message")
        if name.startswith("user_send_"):
            event = self._message(name.removeprefix("user_send_"), oa, user, body)
        else:
            event = self._event(EventKind.WELCOME, oa, user, body, "")
        return Parsed(events=(event,)) if event else _ignored(kind, "malformed")

    def _echo(self, kind: str, oa: str, user: str, body: Mapping[str, Any]) -> Parsed:
        if "admin_id" in as_dict(body.get("sender")):
            # A person wrote this in the OA's own chat tool: no proof of any send of ours.
            signal = Signal(SignalKind.TAKEOVER, self.name, oa, user)
            return Parsed(signals=(signal,), ignored=(Ignored(kind, "takeover"),))
        message_id = as_id(as_dict(body.get("message")).get("msg_id"))
        if not message_id:
            return _ignored(kind, "malformed")
        echo = Echo(self.name, oa, user, message_id)
        return Parsed(echoes=(echo,), ignored=(Ignored(kind, "echo"),))

    def _message(self, what: str, oa: str, user: str, body: Mapping[str, Any]) -> Event | None:
        message = body.get("message")
        if not isinstance(message, dict):
            return None
        message_id = as_id(message.get("msg_id"))
        text = as_text(message.get("text"))
        if what == "text":
            if text is None:
                return None
            tap = _TAP.fullmatch(text.strip())
            if tap:
                return self._event(EventKind.TAP, oa, user, body, message_id, text, payload=tap[1])
            return self._event(EventKind.TEXT, oa, user, body, message_id, text)
        # A shared link carries its own address as text: that is no caption to be answered.
        caption = (text or "").strip()
        worded = bool(caption) and caption not in _addresses(message)
        kind = EventKind.TEXT if worded else EventKind.ATTACHMENT
        return self._event(kind, oa, user, body, message_id, text or "", attachment=as_name(what))

    def _event(
        self,
        kind: EventKind,
        oa: str,
        user: str,
        body: Mapping[str, Any],
        message_id: str,
        text: str = "",
        *,
        payload: str = "",
        attachment: str = "",
    ) -> Event | None:
        key = event_key(kind, message_id, user, body)
        if key is None:
            return None
        sent_at = as_time(body.get("timestamp"))
        return Event(self.name, oa, user, key, kind, text, payload, attachment, sent_at)

    async def send(self, account: Account, user: str, part: OutPart, token: str) -> Receipt:
        """Send one text and its choices as a consultation message; see `webhooks.zalo_send`."""
        base = self._api_bases.get(account.id, self._api_base).rstrip("/")
        return await send_text(
            self._http,
            base,
            user,
            part.text,
            token,
            self._timeout,
            options=part.options,
            limits=self.limits,
        )

    async def typing(self, account: Account, user: str, token: str) -> None:
        """Nothing: the OA API has no typing sign."""


def signature(app_id: str, raw: bytes, timestamp: str, oa_secret_key: str) -> str:
    """Lower-case hex of SHA-256 over app id + body + timestamp + OA secret key."""
    data = app_id.encode() + raw + timestamp.encode() + oa_secret_key.encode()
    return hashlib.sha256(data).hexdigest()


#: Events that name their OA and citizen outside sender and recipient: where the citizen is.
_CALLS: Mapping[str, str] = {
    "follow": "follower",
    "user_click_chatnow": "user_id",
    "user_withdraw": "user_id",
}


def _who(name: str, body: Mapping[str, Any]) -> tuple[str, str]:
    """(OA id, citizen id) of an event; "" for what is missing."""
    if name in _CALLS:
        citizen = body.get(_CALLS[name])
        user = as_id(citizen.get("id") if isinstance(citizen, dict) else citizen)
        return as_id(body.get("oa_id")), user
    sender = as_id(as_dict(body.get("sender")).get("id"))
    recipient = as_id(as_dict(body.get("recipient")).get("id"))
    if name.startswith("oa_send_"):
        return sender, recipient
    return (recipient, sender) if name.startswith("user_send_") else ("", "")


def _reason_to_ignore(name: str) -> str:
    if name in _IGNORED:
        return _IGNORED[name]
    if "group" in name.split("_"):
        return "group"
    if "anonymous" in name.split("_"):
        return "anonymous"
    return ""


def _addresses(message: Mapping[str, Any]) -> set[str]:
    attachments = message.get("attachments")
    items = attachments if isinstance(attachments, list) else []
    urls = (as_dict(as_dict(item).get("payload")).get("url") for item in items)
    return {url for url in urls if isinstance(url, str)}


def _ignored(kind: str, reason: str) -> Parsed:
    return Parsed(ignored=(Ignored(kind, reason),))
