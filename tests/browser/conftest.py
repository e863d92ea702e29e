"""A Chromium, and a small service with the simulator mounted whose bot echoes."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import shutil
import socket
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright

from bot.simulator import add_simulator, base_urls, loopback_url, simulator_accounts

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class EchoService:
    """The simulator with a webhook that answers every message through the stand-in API.

    `replies` maps a visitor's words to (text, choice titles); other words are echoed.
    `webhook_status` other than 200 makes the webhook refuse.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"{loopback_url('127.0.0.1', port)}/simulator/"
        self.replies: dict[str, tuple[str, list[str]]] = {}
        self.webhook_status = 200
        self.delay_seconds = 0.0
        self.received: list[dict[str, Any]] = []
        self._runner: web.AppRunner | None = None
        self._http: aiohttp.ClientSession | None = None
        self._sending: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen; made-up accounts are new at every start, as in the real service."""
        self._accounts = simulator_accounts()
        self._bases = base_urls("127.0.0.1", self.port)
        app = web.Application()
        app.router.add_post("/webhooks/zalo", self._zalo)
        app.router.add_post("/webhooks/messenger", self._messenger)
        add_simulator(
            app,
            webhook_base_url=loopback_url("127.0.0.1", self.port),
            accounts=self._accounts,
        )
        self._http = aiohttp.ClientSession()
        self._runner = web.AppRunner(app, shutdown_timeout=2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()

    async def stop(self) -> None:
        """Stop listening and let replies in flight end."""
        await asyncio.gather(*self._sending, return_exceptions=True)
        if self._http is not None:
            await self._http.close()
        if self._runner is not None:
            await self._runner.cleanup()
        self._http = self._runner = None

    async def _zalo(self, request: web.Request) -> web.Response:
        raw = await request.read()
        body = json.loads(raw)
        key = self._accounts["zalo"].secrets["oa_secret_key"]
        signed = body["app_id"].encode() + raw + body["timestamp"].encode() + key.encode()
        if request.headers["X-ZEvent-Signature"] != "mac=" + hashlib.sha256(signed).hexdigest():
            return web.Response(status=401)
        self.received.append(body)
        if self.webhook_status == 200:
            self._later(self._answer_zalo(body))
        return web.Response(status=self.webhook_status)

    async def _messenger(self, request: web.Request) -> web.Response:
        raw = await request.read()
        key = self._accounts["messenger"].secrets["app_secret"].encode()
        mac = hmac.new(key, raw, hashlib.sha256).hexdigest()
        if request.headers["X-Hub-Signature-256"] != "sha256=" + mac:
            return web.Response(status=401)
        event = json.loads(raw)["entry"][0]["messaging"][0]
        self.received.append(event)
        if self.webhook_status == 200:
            self._later(self._answer_messenger(event))
        return web.Response(status=self.webhook_status)

    def _later(self, answer: Any) -> None:
        task = asyncio.create_task(answer)
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    def _reply(self, words: str) -> tuple[str, list[str]]:
        return self.replies.get(words, (f"Nhận được: {words}", []))

    async def _answer_zalo(self, body: dict[str, Any]) -> None:
        message = body.get("message", {})
        words = message.get("text") or body["event_name"]
        text, titles = self._reply(words)
        if titles:
            lines = [f"{n}. {title}" for n, title in enumerate(titles, 1)]
            text = "\n".join([text, "", "Nhắn số để chọn:", *lines])
        user = (body.get("sender") or {}).get("id") or body["user_id"]
        await asyncio.sleep(self.delay_seconds)
        await self._call(
            f"{self._bases['zalo']}/v3.0/oa/message/cs",
            {"recipient": {"user_id": user}, "message": {"text": text}},
            headers={"access_token": self._accounts["zalo"].secrets["access_token"]},
        )

    async def _answer_messenger(self, event: dict[str, Any]) -> None:
        message = event.get("message", {})
        attachments = message.get("attachments") or [{"type": "postback"}]
        text, titles = self._reply(message.get("text") or attachments[0]["type"])
        reply: dict[str, Any] = {"text": text}
        if titles:
            reply["quick_replies"] = [
                {"content_type": "text", "title": title, "payload": f"answer:{title}"}
                for title in titles
            ]
        account = self._accounts["messenger"]
        url = f"{self._bases['messenger']}/v25.0/{account.id}/messages"
        params = {"access_token": account.secrets["page_access_token"]}
        to = {"recipient": {"id": event["sender"]["id"]}}
        if self.delay_seconds:
            await self._call(url, {**to, "sender_action": "typing_on"}, params=params)
            await asyncio.sleep(self.delay_seconds)
        await self._call(url, {**to, "messaging_type": "RESPONSE", "message": reply}, params=params)

    async def _call(self, url: str, body: dict[str, Any], **how: Any) -> None:
        assert self._http is not None
        async with self._http.post(url, json=body, **how) as answer:
            await answer.read()


def free_port() -> int:
    """A port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """The installed Chromium. Tests skip where there is none, except under CI=true."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI=true, but no Chromium is installed")
        pytest.skip("no Chromium found: browser tests are skipped")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def service() -> AsyncIterator[EchoService]:
    """A running echo service."""
    service = EchoService(free_port())
    await service.start()
    yield service
    await service.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, service: EchoService) -> AsyncIterator[Page]:
    """The chat page on a phone's screen, loaded; it must cause no error of its own."""
    context = await browser.new_context(viewport={"width": 390, "height": 844}, locale="vi-VN")
    page = await context.new_page()
    page.set_default_timeout(8000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None,
    )
    await page.goto(service.url)
    yield page
    await context.close()
    assert errors == []
