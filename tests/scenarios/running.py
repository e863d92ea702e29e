"""A whole service on loopback, with a fake platform behind it: real HTTP in, real HTTP out."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bot.app import Service
from bot.config import load_settings
from tests.channels import vectors
from tests.fake_platform import FakePlatform, Request

PAGE_TOKEN = "page-token"


def environment(folder: Path, platform: FakePlatform, **more: str) -> dict[str, str]:
    """The variables of a service that talks to the fake platform and stores in `folder`."""
    return {
        "DATABASE_URL": f"sqlite:///{folder}/bot.db",
        "BOT_SECRET_KEY": "a key for tests only",
        "ZALO_APP_ID": vectors.APP_ID,
        "ZALO_APP_SECRET": "zalo-app-secret",
        "ZALO_OA_ID": vectors.OA_ID,
        "ZALO_OA_SECRET_KEY": vectors.OA_SECRET,
        "ZALO_ACCESS_TOKEN": "zalo-token",
        "ZALO_REFRESH_TOKEN": "zalo-refresh",
        "MESSENGER_APP_ID": vectors.FB_APP_ID,
        "MESSENGER_APP_SECRET": vectors.FB_SECRET,
        "MESSENGER_VERIFY_TOKEN": vectors.VERIFY_TOKEN,
        "MESSENGER_PAGE_ID": vectors.PAGE_ID,
        "MESSENGER_PAGE_ACCESS_TOKEN": PAGE_TOKEN,
        "BOT__SERVER__PORT": "0",
        "BOT__CHANNELS__ZALO__API_BASE": platform.url,
        "BOT__CHANNELS__ZALO__OAUTH_BASE": platform.url,
        "BOT__CHANNELS__MESSENGER__GRAPH_BASE": platform.url,
        "BOT__WORKER__PROCESSES": "0",  # a helper would cost every test its start
        "BOT__WORKER__POLL_SECONDS": "0.02",
        "BOT__DELIVERY__POLL_SECONDS": "0.02",
        "BOT__DELIVERY__RETRY_BASE_SECONDS": "0.02",
        "BOT__LIMITS__USER_BURST": "1000",
        "BOT__LOG__LEVEL": "error",
        **more,
    }


@dataclass
class Running:
    """The service under test, its fake platform, and a client for its HTTP side."""

    service: Service
    platform: FakePlatform
    http: aiohttp.ClientSession

    async def post(self, channel: str, raw: bytes, headers: Mapping[str, str]) -> int:
        """One webhook call; its HTTP status."""
        url = f"{self.service.address}/webhooks/{channel}"
        async with self.http.post(url, data=io.BytesIO(raw), headers=headers) as answer:
            await answer.read()
            return answer.status

    async def sample(self, channel: str, name: str) -> int:
        """Post a stored sample with its stored signature."""
        return await self.post(channel, vectors.payload(name), vectors.headers(name))

    async def zalo(self, raw: bytes, stamp: str = "1790000000000") -> int:
        """Post a made-up Zalo body, signed."""
        return await self.post("zalo", raw, vectors.zalo_headers(raw, stamp))

    async def messenger(self, raw: bytes) -> int:
        """Post a made-up Messenger body, signed."""
        return await self.post("messenger", raw, vectors.messenger_headers(raw))

    async def settled(self) -> list[Request]:
        """Wait until nothing is left to answer or send; the messages that were accepted."""
        async with asyncio.timeout(20):
            while True:
                async with self.http.get(f"{self.service.address}/metrics") as answer:
                    page = await answer.text()
                depths = {
                    name: float(value)
                    for name, _, value in (line.partition(" ") for line in page.splitlines())
                    if name in ("hoidap_inbox_open", "hoidap_outbox_pending")
                }
                if len(depths) == 2 and not any(depths.values()):
                    return [request for request, _ in self.platform.accepted]
                await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def run(folder: Path, **more: str) -> AsyncIterator[Running]:
    """A running service with its fake platform, stopped afterwards."""
    platform = FakePlatform(zalo_app_secret="zalo-app-secret", app_secret=vectors.FB_SECRET)
    await platform.start()
    try:
        service = Service(load_settings(env=environment(folder, platform, **more)))
        await service.start()
        try:
            async with aiohttp.ClientSession() as http:
                yield Running(service, platform, http)
        finally:
            await service.stop()
    finally:
        await platform.stop()
