"""Zalo Official Account: sending one consultation message.

The API answers HTTP 200 for almost everything; the verdict is the `error` field of the
body. Codes and meanings are those of the platform's error table for openapi.zalo.me.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.errors import (
    AccountTrouble,
    Refused,
    RefusedForGood,
    SendError,
    TokenRefused,
    Unknown,
    WindowClosed,
)
from bot.models import Option
from webhooks.base import Limits, Receipt, buttons
from webhooks.http import Http, post_json, raise_without_body, usable_token
from webhooks.wire import as_dict, as_id

SEND_PATH = "/v3.0/oa/message/cs"

#: Error code -> what it means for the sender. A code that is not listed is still a definite
#: refusal, so trying again cannot send twice, and attempts are capped: it counts as `Refused`.
ERRORS: Mapping[int, type[SendError]] = {
    **dict.fromkeys((-32, -200, -234), Refused),
    **dict.fromkeys((-216, -220), TokenRefused),
    **dict.fromkeys((-230, -232), WindowClosed),
    **dict.fromkeys(
        (-100, -201, -210, -211, -213, -217, -218, -227, -233, -244, -248), RefusedForGood
    ),
    **dict.fromkeys(
        (-204, -205, -209, -212, -219, -221, -223, -224, -240, -242, -320, -321), AccountTrouble
    ),
}


#: Codes that may be about the buttons: a field is wrong, a message type is not supported.
#: Whether consultation messages take buttons is not documented, so a refusal is expected.
_BUTTON_CODES = ("-201", "-233")


async def send_text(
    http: Http,
    api_base: str,
    user: str,
    text: str,
    token: str,
    timeout_seconds: float,
    *,
    options: Sequence[Option] = (),
    limits: Limits,
) -> Receipt:
    """Send one text to one citizen, who must have written within the platform's window.

    Args:
        user: the citizen's id as it stood in the event.
        text: at most 2,000 characters, not blank.
        token: the OA's access token; sent in the `access_token` header, never logged.
        options: choices for buttons; a tap comes back as a text "#" + payload. Refused buttons
            are left out at once: they stand in the text as numbered lines.
        limits: how many buttons, and how long their titles may be.

    Raises:
        SendError: as `bot.errors` draws it; `code` is Zalo's own where it gave one.
    """
    message: dict[str, Any] = {"text": text}
    # "hide": what comes back on a tap is a payload, nothing that the citizen should see.
    shown = [
        {"title": title, "type": "oa.query.hide", "payload": f"#{option.tap}"}
        for title, option in buttons(options, limits)
    ]
    if shown:
        message["attachment"] = {"type": "template", "payload": {"buttons": shown}}
    try:
        return await _send(http, api_base, user, message, token, timeout_seconds)
    except RefusedForGood as error:
        if not shown or error.code not in _BUTTON_CODES:
            raise
    receipt = await _send(http, api_base, user, {"text": text}, token, timeout_seconds)
    return replace(receipt, buttons_refused=True)


async def _send(
    http: Http,
    api_base: str,
    user: str,
    message: Mapping[str, Any],
    token: str,
    timeout_seconds: float,
) -> Receipt:
    if not str(message["text"]).strip():
        raise RefusedForGood("a blank message is not sent", code="empty")
    if not usable_token(token):
        raise TokenRefused("there is no usable access token", code="no token")
    answer = await post_json(
        http,
        api_base + SEND_PATH,
        {"recipient": {"user_id": user}, "message": message},
        headers={"access_token": token},
        timeout_seconds=timeout_seconds,
    )
    code = _code(answer.body)
    if answer.body is None or code is None:
        raise_without_body(answer)
    elif code:
        raise ERRORS.get(code, Refused)(f"Zalo refused the message: {code}", code=str(code))
    data = as_dict((answer.body or {}).get("data"))
    if answer.status >= 300 or not data:
        raise Unknown("Zalo reported success without data", code="no data")
    return Receipt(as_id(data.get("message_id")))


def _code(body: Mapping[str, Any] | None) -> int | None:
    """The `error` field as a number; None when there is none."""
    value = (body or {}).get("error")
    if isinstance(value, str) and value.lstrip("-").isdecimal():
        value = int(value) if len(value) < 12 else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
