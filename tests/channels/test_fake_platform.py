"""The stand-in platforms refuse what the real ones refuse, and echo as they do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.channels.desk import Desk, address, serve
from tests.channels.echoes import Echoes
from tests.channels.vectors import FB_USER, OA, PAGE, PAGE_ID, ZALO_USER
from tests.fake_platform import MESSENGER_PROFILE, ZALO_TOKEN, FakePlatform
from webhooks.base import OutPart
from webhooks.messenger import MessengerChannel
from webhooks.zalo import ZaloChannel


@pytest.fixture
async def platform() -> AsyncIterator[FakePlatform]:
    async with FakePlatform(zalo_app_secret="app-secret") as server:
        yield server


@pytest.fixture
async def http(platform: FakePlatform) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(platform.url) as client:
        yield client


async def graph(http: aiohttp.ClientSession, body: dict[str, Any]) -> int:
    path = f"/v25.0/{PAGE_ID}/messages?access_token=page-token"
    async with http.post(path, json={"recipient": {"id": FB_USER}, **body}) as answer:
        value = await answer.json()
        return int(value["error"]["code"]) if "error" in value else 0


REPLY = {"content_type": "text", "title": "Một", "payload": "P"}


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"text": "x"}, 0),
        ({"text": "x", "quick_replies": [REPLY] * 13}, 0),
        ({"text": "x", "quick_replies": [REPLY] * 14}, 100),
        ({"text": "x", "quick_replies": []}, 100),
        ({"text": "x", "quick_replies": [{**REPLY, "title": "x" * 21}]}, 100),
        ({"text": "x", "quick_replies": [{**REPLY, "payload": "x" * 1001}]}, 100),
        ({"text": "x" * 2000}, 0),
        ({"text": "x" * 2001}, 100),
        ({"text": "🙏" * 1001}, 100),
        ({"text": " "}, 100),
        ({}, 100),
    ],
)
async def test_graph(message: dict[str, Any], code: int, http: aiohttp.ClientSession) -> None:
    assert await graph(http, {"messaging_type": "RESPONSE", "message": message}) == code


async def test_graph_takes_no_tags_and_actions_only_alone(http: aiohttp.ClientSession) -> None:
    tagged = {"messaging_type": "MESSAGE_TAG", "tag": "X", "message": {"text": "x"}}
    assert await graph(http, tagged) == 100
    assert await graph(http, {"sender_action": "typing_on"}) == 0
    assert await graph(http, {"sender_action": "typing_on", "message": {"text": "x"}}) == 100
    async with http.post("/v25.0/me/messenger_profile?access_token=page-token", json={}) as answer:
        assert await answer.json() == {"result": "success"}


async def test_refresh_tokens_work_once(
    http: aiohttp.ClientSession, platform: FakePlatform
) -> None:
    async def ask(form: dict[str, str], *, right: bool = True) -> dict[str, str]:
        sent = {"secret_key": "app-secret" if right else "wrong"}
        async with http.post("/v4/oa/access_token", data=form, headers=sent) as answer:
            assert answer.status == 200
            value: dict[str, str] = await answer.json()
            return value

    refresh = {"grant_type": "refresh_token", "refresh_token": "zalo-refresh", "app_id": "1"}
    assert "error_name" in await ask(refresh, right=False)
    pair = await ask(refresh)
    assert platform.zalo_tokens == {pair["access_token"]}
    assert "error_name" in await ask(refresh)
    assert "access_token" in await ask({**refresh, "refresh_token": pair["refresh_token"]})
    code = {"grant_type": "authorization_code", "code": "zalo-code", "code_verifier": "v"}
    assert "access_token" in await ask(code)
    assert len(platform.sent(ZALO_TOKEN)) == 5
    assert not platform.sent(MESSENGER_PROFILE)


async def test_echoes_arrive_before_the_answer_and_are_nothing_to_answer(
    platform: FakePlatform,
) -> None:
    desk = Desk()
    runner = await serve(desk, [OA, PAGE])
    echoes = Echoes(address(runner), oa=OA, page=PAGE)
    platform.on_accepted = echoes
    async with aiohttp.ClientSession() as client:
        zalo = ZaloChannel([OA], http=lambda: client, api_base=platform.url)
        messenger = MessengerChannel([PAGE], http=lambda: client, graph_base=platform.url)
        first = await zalo.send(OA, ZALO_USER, OutPart("Dạ"), "zalo-token")
        part = OutPart("Dạ", metadata="41")
        second = await messenger.send(PAGE, FB_USER, part, "page-token")
    await runner.cleanup()
    assert echoes.statuses == [200] * 6
    found = [echo for parsed in desk.parsed for echo in parsed.echoes]
    assert [(e.message_id, e.metadata) for e in found] == [
        (first.message_id, ""),
        (second.message_id, "41"),
    ]
    assert not any(parsed.events or parsed.signals for parsed in desk.parsed)
