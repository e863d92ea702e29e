"""The webhook paths: read -> verify -> parse -> redact -> accept -> 200.

A platform hears 200 only after `accept` returned, that is, after the commit. It hears 5xx
only when an event could not be stored or the channel is off: both platforms switch a
webhook off that keeps failing, so nothing in the content of a body may cause one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from aiohttp import web

from bot import log_texts
from bot.errors import BadBody, BadSignature, ChannelOff, StoreError
from bot.models import Parsed, SignalKind
from bot.privacy import Redacted
from bot.switches import Off, split_off
from webhooks.base import Channel
from webhooks.deletion import Deletions, add_deletion_routes
from webhooks.zalo import SIGNATURE_HEADER as ZALO_SIGNATURE

#: Bodies above this many bytes get 413.
MAX_BODY = 4 * 1024 * 1024
#: Seconds in which a body must have arrived.
BODY_SECONDS = 15.0

#: Replaces personal identifiers; `bot.privacy.redact`.
Redact = Callable[[str], Redacted]
#: Told of one webhook call: channel, result (accepted, probe, off, bad_signature, bad_body,
#: too_large, too_slow, store_error), and seconds from the last byte to the answer.
Observe = Callable[[str, str, float], None]


class Accept(Protocol):
    """Stores what a body held and returns after the commit; `Store.accept` is one.

    `channel` names the channel for bodies that hold nothing but ignored items.
    """

    async def __call__(
        self, parsed: Parsed, redacted: Mapping[str, tuple[str, ...]], *, channel: str
    ) -> object:
        """Raises `StoreError` when nothing could be committed."""


@runtime_checkable
class VerifiesSubscription(Protocol):
    """A channel with a subscription check (Messenger's GET)."""

    def verify_token_fits(self, token: str) -> bool:
        """True when the token is one of ours."""


@dataclass(frozen=True, slots=True)
class _Edge:
    """What the handlers need; built once by `add_routes`."""

    channels: Mapping[str, Channel]
    accept: Accept
    redact: Redact
    wake: Callable[[], None]
    observe: Observe
    max_body: int
    off: Callable[[], Off]


def add_routes(
    app: web.Application,
    channels: Mapping[str, Channel],
    accept: Accept,
    *,
    redact: Redact,
    wake: Callable[[], None] = lambda: None,
    observe: Observe = lambda _channel, _result, _seconds: None,
    deletions: Deletions | None = None,
    public_url: str = "",
    max_body: int = MAX_BODY,
    off: Callable[[], Off] = Off,
) -> None:
    """Add every webhook path to an application.

    Args:
        channels: by name; a channel that is absent or has no accounts answers 503.
        accept: called with the redacted `Parsed` and event_key -> names of what was redacted.
        redact: applied to the words and payload of every event before `accept`.
        wake: called after something was stored.
        observe: called once per webhook call, for the metrics.
        deletions: where data-deletion requests are kept; None leaves those paths out.
        public_url: address citizens reach us at; "" takes the address that was called.
        max_body: bytes above which a body gets 413.
        off: what an operator has switched off at the moment.
    """
    edge = _Edge(channels, accept, redact, wake, observe, max_body, off)

    async def zalo(request: web.Request) -> web.Response:
        return await _receive(edge, "zalo", request)

    async def messenger(request: web.Request) -> web.Response:
        return await _receive(edge, "messenger", request)

    async def subscribe(request: web.Request) -> web.Response:
        return _subscribe(edge, request)

    app.router.add_get("/webhooks/zalo", _hello)
    app.router.add_post("/webhooks/zalo", zalo)
    app.router.add_get("/webhooks/messenger", subscribe)
    app.router.add_post("/webhooks/messenger", messenger)
    if deletions is not None:
        add_deletion_routes(app, channels.get("messenger"), deletions, public_url)


async def _hello(_request: web.Request) -> web.Response:
    # Some guides say that Zalo tries a GET when the address is saved.
    return web.Response(text="ok")


def _subscribe(edge: _Edge, request: web.Request) -> web.Response:
    """Meta's check of the address: the challenge, exactly, for the right token only."""
    channel = edge.channels.get("messenger")
    if channel is None or not channel.accounts or edge.off().channel("messenger"):
        return web.Response(status=503, text="channel off")
    query = request.query
    right = isinstance(channel, VerifiesSubscription) and channel.verify_token_fits(
        query.get("hub.verify_token", "")
    )
    if query.get("hub.mode") != "subscribe" or not right or "hub.challenge" not in query:
        log_texts.signature_refused("messenger", "the subscription check's token is wrong")
        return web.Response(status=403, text="forbidden")
    return web.Response(text=query["hub.challenge"], headers={"X-Content-Type-Options": "nosniff"})


async def _receive(edge: _Edge, name: str, request: web.Request) -> web.Response:
    started = time.perf_counter()
    channel = edge.channels.get(name)
    if channel is None or not channel.accounts or edge.off().channel(name):
        status, result = 503, "off"
    else:
        try:
            raw = await read_body(request, edge.max_body)
            started = time.perf_counter()
            status, result = await _take(edge, channel, raw, request.headers)
        except web.HTTPRequestEntityTooLarge:
            status, result = 413, "too_large"
        except TimeoutError:
            status, result = 408, "too_slow"
        except BadBody as error:
            log_texts.body_refused(name, str(error))
            status, result = 400, "bad_body"
    edge.observe(name, result, time.perf_counter() - started)
    response = web.Response(status=status, text=_TEXTS.get(result, result))
    if not request.content.is_eof() or result == "bad_body":
        response.force_close()  # what is left of the body would be read as the next call
    return response


_TEXTS = {"accepted": "EVENT_RECEIVED", "probe": "ok"}


async def _take(
    edge: _Edge, channel: Channel, raw: bytes, headers: Mapping[str, str]
) -> tuple[int, str]:
    """(HTTP status, result) for a whole body. Raises `BadBody`."""
    if channel.name == "zalo" and raw.strip() == b"{}" and ZALO_SIGNATURE not in headers:
        # Zalo tries a new address with an empty unsigned object and wants a 200.
        return 200, "probe"
    try:
        channel.verify(raw, headers)
    except ChannelOff:
        return 503, "off"
    except BadSignature as error:
        if channel.missing:
            # Only the simulator's account is known: to everyone else the channel is off.
            return 503, "off"
        log_texts.signature_refused(channel.name, str(error))
        return (401 if channel.name == "zalo" else 403), "bad_signature"
    parsed, left_out = split_off(channel.parse(raw), edge.off())
    if left_out and not parsed.events:
        # All of it is for accounts that are off: the platform keeps it for later.
        return 503, "off"
    parsed, redacted = _redacted(parsed, edge.redact)
    try:
        await edge.accept(parsed, redacted, channel=channel.name)
    except StoreError as error:
        log_texts.events_not_stored(channel.name, error)
        return 503, "store_error"
    for signal in parsed.signals:
        if signal.kind is SignalKind.ACCOUNT_ALARM:
            log_texts.account_alarm(channel.name, signal.account)
    edge.wake()
    return 200, "accepted"


async def read_body(request: web.Request, limit: int) -> bytes:
    """The raw body, chunked or not.

    Independent of the application's own size limit, which other paths may want smaller.

    Raises:
        web.HTTPRequestEntityTooLarge: more than `limit` bytes.
        BadBody: the transfer broke off or was malformed.
        TimeoutError: the body did not arrive within `BODY_SECONDS`.
    """
    declared = request.content_length or 0
    if declared > limit:
        raise web.HTTPRequestEntityTooLarge(max_size=limit, actual_size=declared)
    body = bytearray()
    try:
        if declared and request.content.is_eof() and "Content-Encoding" not in request.headers:
            return request.content.read_nowait()  # came with the head, as nearly every one does
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > limit:
                    raise web.HTTPRequestEntityTooLarge(max_size=limit, actual_size=len(body))
    except (web.RequestPayloadError, ConnectionError) as error:
        raise BadBody(f"the body did not arrive whole: {type(error).__name__}") from None
    return bytes(body)


_NO_PAYLOAD = Redacted("")


def _redacted(parsed: Parsed, redact: Redact) -> tuple[Parsed, dict[str, tuple[str, ...]]]:
    """The events without personal identifiers, and what was replaced by event key."""
    names: dict[str, tuple[str, ...]] = {}
    events = list(parsed.events)
    changed = False
    for number, event in enumerate(events):
        text = redact(event.text)
        # A Zalo payload is whatever the citizen typed after "#"; most messages have none.
        payload = redact(event.payload) if event.payload else _NO_PAYLOAD
        if text.text != event.text or payload.text != event.payload:
            events[number] = replace(event, text=text.text, payload=payload.text)
            changed = True
        if text.kinds or payload.kinds:
            names[event.event_key] = tuple(sorted({*text.kinds, *payload.kinds}))
    return (replace(parsed, events=tuple(events)) if changed else parsed), names
