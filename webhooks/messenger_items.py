"""Messenger items: what one element of `messaging` or `standby` means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.models import Echo, Event, EventKind, Ignored, Parsed, Signal, SignalKind
from webhooks.base import Account
from webhooks.wire import as_dict, as_id, as_name, as_text, as_time, event_key

#: Payload of the Get Started button, as the Messenger profile sets it.
GET_STARTED = "GET_STARTED"

#: Item keys that say nothing to answer, with the reason they are counted under.
_IGNORED: Mapping[str, str] = {
    "delivery": "receipt",
    "read": "receipt",
    "reaction": "reaction",
    "message_edit": "edit",
    "referral": "referral",
    "optin": "optin",
    "account_linking": "account_linking",
    "messaging_feedback": "feedback",
    "response_feedback": "feedback",
    "request_thread_control": "thread_control",
    "app_roles": "thread_control",
}
#: Keys that say what an item is, the ones with consequences first: a message can carry a
#: referral beside it.
_KEYS = (
    "message",
    "postback",
    "pass_thread_control",
    "take_thread_control",
    "policy_enforcement",
    *_IGNORED,
)
_ENVELOPE = {"sender", "recipient", "timestamp"}


class Items:
    """Collects what the items of one body mean."""

    def __init__(self, channel: str, accounts: Mapping[str, Account]) -> None:
        self._channel = channel
        self._accounts = accounts
        self._events: list[Event] = []
        self._signals: list[Signal] = []
        self._echoes: list[Echo] = []
        self._ignored: list[Ignored] = []

    def parsed(self) -> Parsed:
        """Everything collected so far."""
        return Parsed(
            tuple(self._events), tuple(self._signals), tuple(self._echoes), tuple(self._ignored)
        )

    def ignore(self, kind: str, reason: str) -> None:
        """Count one item under a reason."""
        self._ignored.append(Ignored(kind, reason))

    def read(self, page: str, item: Mapping[str, Any], *, standby: bool) -> None:
        """Take one item of the Page's entry; `page` may be "" when the entry named none."""
        key = next((k for k in _KEYS if k in item), "")
        if not key:
            unknown = sorted(k for k in item if k not in _ENVELOPE)
            self.ignore(
                as_name(unknown[0]) if unknown else "none",
                "unknown_event" if unknown else "malformed",
            )
            return
        value = as_dict(item.get(key))
        sender = as_id(as_dict(item.get("sender")).get("id"))
        recipient = as_id(as_dict(item.get("recipient")).get("id"))
        is_echo = key == "message" and value.get("is_echo") is True
        page = page or (sender if is_echo else recipient)
        if page and page not in self._accounts:
            self.ignore(key, "unknown_account")
        elif not page or not value:
            self.ignore(key, "malformed")
        elif is_echo:
            self._echo(page, recipient, value, standby=standby)
        elif key == "policy_enforcement":
            if value.get("action") != "unblock":
                self._signals.append(Signal(SignalKind.ACCOUNT_ALARM, self._channel, page, ""))
            self.ignore(key, "account_alarm")
        elif sender == page:
            self.ignore(key, "own_message")
        elif key in _IGNORED:
            self.ignore(key, "standby" if standby else _IGNORED[key])
        elif not sender:
            named = "user_ref" in as_dict(item.get("sender"))
            self.ignore(key, "no_user" if named else "malformed")
        elif key.endswith("_thread_control"):
            self._thread_control(key, page, sender, value)
        elif key == "message" and value.get("is_deleted") is True:
            self._signal(SignalKind.UNSEND, key, "unsend", page, sender, as_id(value.get("mid")))
        elif standby:
            self._signal(SignalKind.TAKEOVER, key, "standby", page, sender)
        elif key == "message":
            self._message(page, sender, value, item)
        else:
            self._postback(page, sender, value, item)

    def _signal(
        self, kind: SignalKind, key: str, reason: str, page: str, user: str, message_id: str = ""
    ) -> None:
        self._signals.append(Signal(kind, self._channel, page, user, message_id))
        self.ignore(key, reason)

    def _echo(self, page: str, user: str, message: Mapping[str, Any], *, standby: bool) -> None:
        message_id = as_id(message.get("mid"))
        metadata = as_text(message.get("metadata")) or ""
        own_app = self._accounts[page].secrets.get("app_id", "")
        # Without a configured app id the metadata must tell: other senders rarely set any.
        own = as_id(message.get("app_id")) == own_app if own_app else bool(metadata)
        if not user or not message_id:
            self.ignore("message", "malformed")
        elif own:
            self._echoes.append(Echo(self._channel, page, user, message_id, metadata))
            self.ignore("message", "echo")
        elif standby:
            self._signal(SignalKind.TAKEOVER, "message", "standby", page, user)
        else:
            self._signal(SignalKind.FOREIGN_ECHO, "message", "foreign_echo", page, user)

    def _thread_control(self, key: str, page: str, user: str, value: Mapping[str, Any]) -> None:
        own_app = self._accounts[page].secrets.get("app_id", "")
        ours = bool(own_app) and as_id(value.get("new_owner_app_id")) == own_app
        if ours and key == "pass_thread_control":
            self._signal(SignalKind.RELEASE, key, "release", page, user)
        elif ours:
            self.ignore(key, "thread_control")
        else:
            self._signal(SignalKind.TAKEOVER, key, "takeover", page, user)

    def _message(
        self, page: str, user: str, message: Mapping[str, Any], item: Mapping[str, Any]
    ) -> None:
        given = message.get("text")
        text = as_text(given)
        payload = as_text(as_dict(message.get("quick_reply")).get("payload")) or ""
        attachment = _attachment(message)
        if text is None and (given is not None or not (attachment or payload)):
            self.ignore("message", "malformed")
            return
        if payload:
            kind = EventKind.TAP
        elif attachment and not (text or "").strip():
            kind = EventKind.ATTACHMENT
        else:
            kind = EventKind.TEXT
        message_id = as_id(message.get("mid"))
        self._event(kind, page, user, message_id, item, text or "", payload, attachment)

    def _postback(
        self, page: str, user: str, postback: Mapping[str, Any], item: Mapping[str, Any]
    ) -> None:
        title = as_text(postback.get("title")) or ""
        payload = as_text(postback.get("payload")) or ""
        message_id = as_id(postback.get("mid"))
        if payload == GET_STARTED:
            self._event(EventKind.WELCOME, page, user, message_id, item, title, payload)
        elif payload or title:
            # Without a payload the title still says what was tapped.
            self._event(EventKind.TAP, page, user, message_id, item, title, payload)
        else:
            self.ignore("postback", "malformed")

    def _event(
        self,
        kind: EventKind,
        page: str,
        user: str,
        message_id: str,
        item: Mapping[str, Any],
        text: str,
        payload: str = "",
        attachment: str = "",
    ) -> None:
        key = event_key(kind, message_id, user, item)
        if key is None:
            self.ignore("message", "malformed")
            return
        sent_at = as_time(item.get("timestamp"))
        self._events.append(
            Event(self._channel, page, user, key, kind, text, payload, attachment, sent_at)
        )


def _attachment(message: Mapping[str, Any]) -> str:
    """The kind of the first attachment in the words both channels share, "" without any."""
    attachments = message.get("attachments")
    if not isinstance(attachments, list) or not attachments:
        return ""
    first = as_dict(attachments[0])
    if "sticker_id" in message or "sticker_id" in as_dict(first.get("payload")):
        return "sticker"  # until 2026-08-30 stickers came as images
    kind = as_name(first.get("type"))
    return "link" if kind == "fallback" else kind
