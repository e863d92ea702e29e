"""A real server on loopback with the webhook paths, and a desk behind them that notes calls."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
from aiohttp import web

from bot.errors import StoreError
from bot.models import Parsed
from bot.privacy import redact
from bot.switches import Off
from webhooks.base import Account, Channel
from webhooks.messenger import MessengerChannel
from webhooks.routes import add_routes
from webhooks.zalo import ZaloChannel


class Desk:
    """The service behind the routes: stores in a list."""

    def __init__(self) -> None:
        self.parsed: list[Parsed] = []
        self.redacted: list[Mapping[str, tuple[str, ...]]] = []
        self.results: list[tuple[str, str]] = []
        self.requests: dict[str, tuple[str, str]] = {}
        self.woken = 0
        self.broken = False
        self.gate: asyncio.Event | None = None
        self.off = Off()

    async def accept(
        self, parsed: Parsed, redacted: Mapping[str, tuple[str, ...]], *, channel: str
    ) -> None:
        assert channel in ("zalo", "messenger")
        if self.gate:
            await self.gate.wait()
        if self.broken:
            raise StoreError
        self.parsed.append(parsed)
        self.redacted.append(redacted)

    def wake(self) -> None:
        self.woken += 1

    def observe(self, channel: str, result: str, seconds: float) -> None:
        assert 0 <= seconds < 60
        self.results.append((channel, result))

    async def record_deletion_request(self, code: str, channel: str, app_user: str) -> None:
        if self.broken:
            raise StoreError
        self.requests[code] = (channel, app_user)

    async def deletion_request(self, code: str) -> Mapping[str, Any] | None:
        if self.broken:
            raise StoreError
        return {"state": "open"} if code in self.requests else None


def no_http() -> aiohttp.ClientSession:
    raise AssertionError("a webhook must not call anybody")


async def serve(desk: Desk, accounts: list[Account], public_url: str = "") -> web.AppRunner:
    app = web.Application(client_max_size=1024)  # the routes have a limit of their own
    channels: dict[str, Channel] = {
        "zalo": ZaloChannel([a for a in accounts if a.channel == "zalo"], http=no_http),
        "messenger": MessengerChannel(
            [a for a in accounts if a.channel == "messenger"], http=no_http
        ),
    }
    add_routes(
        app,
        channels,
        desk.accept,
        redact=redact,
        wake=desk.wake,
        observe=desk.observe,
        deletions=desk,
        public_url=public_url,
        off=lambda: desk.off,
    )
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner


def address(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}"
