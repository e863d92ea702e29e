"""Zalo Official Account: sending one consultation message.

The API answers HTTP 200 for almost everything; the verdict is the `error` field of the
body. Codes and meanings are those of the platform's error table for openapi.zalo.me.
"""

from __future__ import annotations

from collections.abc import Mapping
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
from webhooks.base import Receipt
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


async def send_text(
    http: Http, api_base: str, user: str, text: str, token: str, timeout_seconds: float
) -> Receipt:
    """Send one text to one citizen, who must have written within the platform's window.

    Args:
        user: the citizen's id as it stood in the event.
        text: at most 2,000 characters, not blank.
        token: the OA's access token; sent in the `access_token` header, never logged.

    Raises:
        SendError: as `bot.errors` draws it; `code` is Zalo's own where it gave one.
    """
    if not text.strip():
        raise RefusedForGood("a blank message is not sent", code="empty")
    if not usable_token(token):
        raise TokenRefused("there is no usable access token", code="no token")
    answer = await post_json(
        http,
        api_base + SEND_PATH,
        {"recipient": {"user_id": user}, "message": {"text": text}},
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
