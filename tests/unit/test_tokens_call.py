"""The token call to Zalo itself: its form, and what counts as an answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.errors import Refused, TokenRefused, Unknown
from tests.unit.fakes_channel import ZALO
from webhooks.base import Account
from webhooks.zalo_oauth import Granted, ZaloOAuth

FIRST = replace(ZALO, secrets={**ZALO.secrets, "access_token": "a0", "refresh_token": "r0"})
KEY = ("zalo", "22")


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Renew = Callable[[Handler], Awaitable[Granted]]


@pytest.fixture
async def renew() -> AsyncIterator[Renew]:
    servers: list[TestServer] = []
    async with aiohttp.ClientSession() as session:

        async def call(handler: Handler) -> Granted:
            app = web.Application()
            app.router.add_post("/v4/oa/access_token", handler)
            server = TestServer(app)
            servers.append(server)
            await server.start_server()
            oauth = ZaloOAuth(lambda: session, str(server.make_url("")).rstrip("/"), 0.3)
            return await oauth.renew(FIRST, "r0")

        yield call
        for server in servers:
            await server.close()


async def test_the_call_has_the_contracts_form(renew: Renew) -> None:
    seen: dict[str, object] = {}

    async def handler(request: web.Request) -> web.Response:
        seen.update(form=dict(await request.post()), secret=request.headers["secret_key"])
        return web.json_response(
            {"access_token": "a1", "refresh_token": "r1", "expires_in": "90000"}
        )

    granted = await renew(handler)
    assert granted == Granted("a1", "r1", timedelta(hours=25))
    assert seen["secret"] == "s"
    assert seen["form"] == {"app_id": "11", "grant_type": "refresh_token", "refresh_token": "r0"}
    assert "a1" not in repr(granted)


@pytest.mark.parametrize("life", [3600, "3600"])
async def test_life_is_a_number_or_a_string(renew: Renew, life: object) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response(
            {"access_token": "a1", "refresh_token": "r1", "expires_in": life, "error": 0}
        )

    assert (await renew(handler)).expires_in == timedelta(hours=1)


@pytest.mark.parametrize(
    "body",
    [
        {"error": -14012, "error_name": "Invalid refresh token"},
        {"error_name": "Invalid refresh token", "error_reason": "used"},
        {"access_token": "", "refresh_token": "r1"},
        {"access_token": "a1"},
        {"access_token": "a1", "refresh_token": "r1", "error": -14012},
    ],
)
async def test_http_200_is_not_success(renew: Renew, body: dict[str, object]) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response(body)

    with pytest.raises(TokenRefused):
        await renew(handler)


async def test_html_and_silence_leave_the_token_in_doubt(renew: Renew) -> None:
    async def page(request: web.Request) -> web.Response:
        return web.Response(text="<html>", content_type="text/html")

    async def silence(request: web.Request) -> web.Response:
        await asyncio.sleep(1)
        return web.Response()

    for handler in (page, silence):
        with pytest.raises(Unknown):
            await renew(handler)


async def test_no_connection_and_no_secret_are_definite() -> None:
    async with aiohttp.ClientSession() as session:
        oauth = ZaloOAuth(lambda: session, "http://127.0.0.1:9", 1)
        with pytest.raises(Refused):
            await oauth.renew(FIRST, "r0")
        with pytest.raises(TokenRefused):
            await oauth.renew(Account("zalo", "22", {"app_id": "11"}), "r0")
