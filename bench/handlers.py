"""The sides of the accept measurement: `python handlers.py bare|json|store PORT DATABASE`.

`bare` is the webhook without the store: it verifies and parses a body as the service does, and
answers 200. What the service adds is durability, redaction and its own bookkeeping.
`json` is less than any service can be: it checks the signature, decodes the JSON, never looks into
it, and answers 200.
`store` is the service's own webhook path over a SQLite store, with nobody answering behind it,
as a process with the role `web` has it. All run on the same event loop, with Python set alike.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop
from aiohttp import web

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bot.interpreter import settle, share_fairly  # behind the path above
from bot.privacy import redact  # same
from bot.store import open_store  # same
from tests.channels import vectors  # same
from tests.channels.desk import no_http  # same
from webhooks.base import Channel  # same
from webhooks.messenger import MessengerChannel  # same
from webhooks.routes import add_routes  # same
from webhooks.zalo import ZaloChannel  # same


def channels() -> dict[str, Channel]:
    """The service's own channels, with the accounts of the test vectors."""
    return {
        "zalo": ZaloChannel([vectors.OA], http=no_http),
        "messenger": MessengerChannel([vectors.PAGE], http=no_http),
    }


def bare(channel: Channel) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Verify, parse, 200."""

    async def handle(request: web.Request) -> web.Response:
        raw = await request.read()
        channel.verify(raw, request.headers)
        channel.parse(raw)
        return web.Response(text="EVENT_RECEIVED")

    return handle


async def zalo(request: web.Request) -> web.Response:
    """Check the signature, decode, 200."""
    raw = await request.read()
    body = json.loads(raw)
    signed = vectors.APP_ID.encode() + raw + body["timestamp"].encode() + vectors.OA_SECRET.encode()
    given = request.headers["X-ZEvent-Signature"].removeprefix("mac=")
    if not hmac.compare_digest(hashlib.sha256(signed).hexdigest(), given):
        return web.Response(status=401)
    return web.Response(text="EVENT_RECEIVED")


async def messenger(request: web.Request) -> web.Response:
    """Check the signature, decode, 200."""
    raw = await request.read()
    mac = hmac.new(vectors.FB_SECRET.encode(), raw, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(f"sha256={mac}", request.headers["X-Hub-Signature-256"]):
        return web.Response(status=403)
    json.loads(raw)
    return web.Response(text="EVENT_RECEIVED")


async def main(kind: str, port: int, database: str) -> None:
    """Serve until the process is ended."""
    app = web.Application()
    if kind == "bare":
        for name, channel in channels().items():
            app.router.add_post(f"/webhooks/{name}", bare(channel))
    elif kind == "json":
        app.router.add_post("/webhooks/zalo", zalo)
        app.router.add_post("/webhooks/messenger", messenger)
    else:
        store = open_store(f"sqlite:///{database}")
        await store.open()
        add_routes(app, channels(), store.accept, redact=redact)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    share_fairly()
    settle()
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
