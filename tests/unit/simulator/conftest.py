"""The simulator mounted on an application whose webhooks only write down what they get."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.simulator import add_simulator, base_urls, loopback_url, simulator_accounts
from webhooks.base import Account


@dataclass
class World:
    """A running simulator, a visitor's HTTP client, and what the webhooks received."""

    url: str
    accounts: dict[str, Account]
    bases: dict[str, str]
    http: aiohttp.ClientSession
    webhook_status: int = 200
    received: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)

    async def post(self, path: str, data: Any, **headers: str) -> tuple[int, str]:
        """A call of the page: JSON with the page's own Origin unless `headers` say otherwise."""
        own = {"Origin": self.url, **{k.replace("_", "-"): v for k, v in headers.items()}}
        url = f"{self.url}/simulator/{path}"
        async with self.http.post(url, json=data, headers=own) as answer:
            return answer.status, await answer.text()

    async def history(self, last_seen: str = "") -> list[dict[str, Any]]:
        """Everything the stream holds for the visitor, with "sse" naming the frame's kind."""
        headers = {"Last-Event-ID": last_seen} if last_seen else {}
        found: list[dict[str, Any]] = []
        async with self.http.get(f"{self.url}/simulator/events", headers=headers) as answer:
            assert answer.status == 200
            assert answer.content_type == "text/event-stream"
            frame: dict[str, str] = {}
            async for line in answer.content:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name:
                    frame[name] = value
                    continue
                if frame.get("event") == "ready":
                    return found
                if "event" in frame:
                    entry = {"sse": frame["event"], "id": frame.get("id", "")}
                    found.append({**entry, **json.loads(frame["data"])})
                frame = {}
        raise AssertionError("the stream ended by itself")

    async def citizen(self, channel: str) -> str:
        """The id under which the visitor writes on a channel, read from a webhook body."""
        before = len(self.received)
        message = {"channel": channel, "ref": f"who-{channel}-{before}", "text": "xin chào"}
        status, _ = await self.post("send", message)
        assert status == 200
        body = json.loads(self.received[before][0])
        if channel == "zalo":
            return str(body["sender"]["id"])
        return str(body["entry"][0]["messaging"][0]["sender"]["id"])


@pytest.fixture
async def world() -> AsyncIterator[World]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    accounts = simulator_accounts()
    url = loopback_url("127.0.0.1", port)
    app = web.Application()
    add_simulator(app, webhook_base_url=url, accounts=accounts)
    jar = aiohttp.CookieJar(unsafe=True)  # keeps cookies of bare IP addresses
    async with aiohttp.ClientSession(cookie_jar=jar) as http:
        world = World(url, accounts, base_urls("127.0.0.1", port), http)

        async def receive(request: web.Request) -> web.Response:
            world.received.append((await request.read(), dict(request.headers)))
            return web.Response(status=world.webhook_status)

        app.router.add_post("/webhooks/{channel}", receive)
        runner = web.AppRunner(app, shutdown_timeout=2)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield world
    await runner.cleanup()
