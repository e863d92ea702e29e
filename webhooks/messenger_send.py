"""Facebook Messenger: sending one message, and the typing sign.

Replies are always `messaging_type: RESPONSE`: a reply by itself never uses a message tag.
Codes and meanings are those of Meta's error tables for the Send API.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import (
    AccountTrouble,
    Refused,
    RefusedForGood,
    SendError,
    Unknown,
    WindowClosed,
)
from webhooks.base import Account, Limits, OutPart, Receipt, buttons
from webhooks.http import Answer, Http, post_json, raise_without_body, usable_token
from webhooks.wire import as_id

#: (code, subcode) -> what it means for the sender; subcode None covers the rest of a code.
#: A code that is not listed is still a definite refusal, so trying again cannot send twice,
#: and attempts are capped: it counts as `Refused`.
ERRORS: Mapping[tuple[int, int | None], type[SendError]] = {
    # The Page's token, or a permission of the app: every message would fail.
    (190, None): AccountTrouble,
    (210, None): AccountTrouble,
    (230, None): AccountTrouble,
    (10, 1893063): AccountTrouble,
    (200, 2018021): AccountTrouble,
    (200, 2018027): AccountTrouble,
    (200, 2018028): AccountTrouble,
    # The window for this citizen.
    (10, 2018278): WindowClosed,
    # This message or this citizen.
    (10, None): RefusedForGood,
    (100, None): RefusedForGood,
    (200, None): RefusedForGood,
    (551, None): RefusedForGood,
    (10303, None): RefusedForGood,
    # Too fast, or the platform is unwell.
    (10, 2018065): Refused,
    (10, 2018108): Refused,
    (100, 2018109): Refused,
    **{(code, None): Refused for code in (1, 2, 4, 9, 17, 32, 613, 1200, 80001, 80002, 80006)},
}
#: "A parameter is wrong", without a subcode that says which: perhaps the buttons.
BAD_PARAMETER = "100"
#: Subcode that closes the window whatever the code beside it.
_WINDOW_SUBCODE = 2534022


@dataclass(frozen=True, slots=True)
class Graph:
    """Where and how Graph is called: base address, version, wait in seconds."""

    http: Http
    base: str
    version: str
    timeout_seconds: float


async def send_message(
    graph: Graph, account: Account, user: str, part: OutPart, limits: Limits, token: str
) -> Receipt:
    """Send one text with its quick replies to one citizen.

    Args:
        user: the citizen's page-scoped id.
        part: text of at most 2,000 characters, not blank; further options than the channel
            allows are left out (they stand in the text as numbered lines).
        token: the Page access token; it travels in the query and is never logged.

    Raises:
        SendError: as `bot.errors` draws it; `code` is "code/subcode" where Meta gave one.
    """
    if not part.text.strip():
        raise RefusedForGood("a blank message is not sent", code="empty")
    message: dict[str, Any] = {"text": part.text}
    replies = [
        {"content_type": "text", "title": title, "payload": option.tap}
        for title, option in buttons(part.options, limits)
    ]
    if replies:  # an empty list is refused with error 100
        message["quick_replies"] = replies
    if part.metadata:
        message["metadata"] = part.metadata
    path = f"{account.id}/messages"
    body = {"recipient": {"id": user}, "messaging_type": "RESPONSE", "message": message}
    refused = False
    try:
        answer = await call(graph, account, path, body, token)
    except RefusedForGood as error:
        if not replies or error.code != BAD_PARAMETER:
            raise
        # A definite refusal that may be about the buttons: the text alone still helps.
        del message["quick_replies"]
        refused = True
        answer = await call(graph, account, path, body, token)
    given = answer.body or {}
    if answer.status >= 300 or not ("message_id" in given or "recipient_id" in given):
        raise Unknown("Graph answered without a message id", code="no message id")
    return Receipt(as_id(given.get("message_id")), buttons_refused=refused)


async def send_typing(graph: Graph, account: Account, user: str, token: str) -> None:
    """Show the typing sign (about 20 s, or until the next message). Raises `SendError`."""
    path = f"{account.id}/messages"
    await call(
        graph, account, path, {"recipient": {"id": user}, "sender_action": "typing_on"}, token
    )


async def call(
    graph: Graph, account: Account, path: str, body: Mapping[str, Any], token: str
) -> Answer:
    """POST one JSON object to Graph for a Page, and read the answer. Raises `SendError`."""
    if not usable_token(token):
        raise AccountTrouble("there is no usable Page access token", code="no token")
    params = {"access_token": token}
    secret = account.secrets.get("app_secret", "")
    if secret:
        params["appsecret_proof"] = appsecret_proof(secret, token)
    url = f"{graph.base.rstrip('/')}/{graph.version}/{path}"
    answer = await post_json(
        graph.http, url, body, params=params, timeout_seconds=graph.timeout_seconds
    )
    error = (answer.body or {}).get("error")
    if isinstance(error, dict):
        raise _error(error, answer)
    if answer.body is None or answer.status >= 300:
        raise_without_body(answer)
    return answer


def appsecret_proof(app_secret: str, token: str) -> str:
    """Lower-case hex HMAC-SHA256 of the token under the app secret."""
    return hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def _error(error: Mapping[str, Any], answer: Answer) -> SendError:
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    if code is None:
        return Refused("Graph refused without a code", code=answer.http_code)
    kind = ERRORS.get((code, subcode)) or ERRORS.get((code, None), Refused)
    if subcode == _WINDOW_SUBCODE:
        kind = WindowClosed
    shown = f"{code}/{subcode}" if subcode is not None else str(code)
    return kind(f"Graph refused the message: {shown}", code=shown)


def _number(value: object) -> int | None:
    if isinstance(value, str) and value.isdecimal() and len(value) < 12:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
