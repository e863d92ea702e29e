"""One POST to a platform, with every way it can fail sorted into two: not sent, or unknown.

Neither platform has an idempotency key, so the line that matters is whether the request
can have reached it. Before that line a retry is safe (`Refused`); behind it only the
platform knows (`Unknown`). Error texts name the kind of failure, never address or token:
Messenger's token travels in the query.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import aiohttp

from bot.errors import Refused, Unknown

#: Gives the client when a call is made; it must belong to the running event loop.
Http = Callable[[], aiohttp.ClientSession]

#: Longest wait for a connection, in seconds; what is left of the time goes to the answer.
CONNECT_SECONDS = 5.0
#: Bytes of an answer that are read; a real one has a few hundred.
ANSWER_LIMIT = 65_536


@dataclass(frozen=True, slots=True)
class Answer:
    """What a platform answered: `body` is its JSON object, None when it sent something else."""

    status: int
    body: dict[str, Any] | None

    @property
    def http_code(self) -> str:
        """The code for the attempt row when the platform gave none of its own."""
        return f"http {self.status}"


async def post_json(
    http: Http,
    url: str,
    body: Mapping[str, Any],
    *,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    timeout_seconds: float,
) -> Answer:
    """Send one JSON object and read the answer. Redirects are not followed.

    Raises:
        Refused: no connection came about, so nothing was sent.
        Unknown: the answer did not come in time, or broke off.
    """
    connect = min(CONNECT_SECONDS, timeout_seconds)
    limits = aiohttp.ClientTimeout(
        total=None, connect=connect, sock_connect=connect, sock_read=timeout_seconds
    )
    try:
        # The outer limit is for answers that trickle; connecting ends before it by itself.
        async with (
            asyncio.timeout(connect + timeout_seconds),
            http().post(
                url,
                data=json.dumps(body).encode("ascii"),
                headers={"Content-Type": "application/json", **(headers or {})},
                params=params,
                timeout=limits,
                allow_redirects=False,
            ) as response,
        ):
            return Answer(response.status, await _read(response))
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise Refused(f"no connection: {type(error).__name__}", code="no connection") from None
    except aiohttp.InvalidURL:
        raise Refused("the configured address cannot be used", code="bad address") from None
    except TimeoutError:
        raise Unknown("no answer in time", code="timeout") from None
    except (aiohttp.ClientError, OSError) as error:
        raise Unknown(f"the connection broke: {type(error).__name__}", code="broken") from None


async def _read(response: aiohttp.ClientResponse) -> dict[str, Any] | None:
    """The JSON object of an answer; None for HTML, lists, cut or oversized bodies."""
    raw = b""
    try:
        async for chunk in response.content.iter_chunked(ANSWER_LIMIT):
            raw += chunk
            if len(raw) > ANSWER_LIMIT:
                return None
        value = json.loads(raw)
    except (aiohttp.ClientPayloadError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def raise_without_body(answer: Answer) -> NoReturn:
    """Raise for an answer that holds nothing of the platform's own.

    429, 503 and other 4xx come from a gate that did not let the request in, a redirect
    does not reach the API at all: those are definite. A 500 or 504 page, or a 200 page
    that is not the promised JSON, says nothing about the message.

    Raises:
        Refused: for a definite refusal.
        Unknown: for everything else.
    """
    if answer.status in (429, 503) or 300 <= answer.status < 500:
        raise Refused(f"HTTP {answer.status} without a reason", code=answer.http_code)
    raise Unknown(f"HTTP {answer.status} without a usable answer", code=answer.http_code)


def usable_token(token: str) -> bool:
    """True when a token can travel in a header or query: printable ASCII without blanks."""
    return bool(token) and token.isascii() and token.isprintable() and " " not in token
