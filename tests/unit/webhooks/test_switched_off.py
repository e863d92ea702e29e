"""What an operator has switched off takes no events, and its neighbours notice nothing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.models import Ignored
from bot.switches import Off
from tests.channels.desk import Desk, address, serve
from tests.channels.vectors import (
    FB_SECRET,
    OA,
    OA_ID,
    PAGE,
    PAGE_ID,
    VERIFY_TOKEN,
    headers,
    messenger_headers,
    payload,
)
from webhooks.base import Account

SECOND = Account("messenger", "777", {"app_secret": FB_SECRET, "verify_token": VERIFY_TOKEN})
SAMPLE = "zalo_01"


@pytest.fixture
async def http(desk: Desk) -> AsyncIterator[aiohttp.ClientSession]:
    runner = await serve(desk, [OA, PAGE, SECOND])
    async with aiohttp.ClientSession(address(runner)) as client:
        yield client
    await runner.cleanup()


def off(*targets: str) -> Off:
    return Off(frozenset(targets))


def body(*pages: str) -> bytes:
    """One Messenger body with a message to each page."""
    entries = [
        {
            "id": page,
            "time": 1790000000300,
            "messaging": [
                {
                    "sender": {"id": "7392"},
                    "recipient": {"id": page},
                    "timestamp": 1790000000000,
                    "message": {"mid": f"m.{page}", "text": "chào"},
                }
            ],
        }
        for page in pages
    ]
    return json.dumps({"object": "page", "entry": entries}).encode()


async def messenger(http: aiohttp.ClientSession, raw: bytes) -> int:
    sent = messenger_headers(raw)
    async with http.post("/webhooks/messenger", data=raw, headers=sent) as answer:
        return answer.status


async def zalo(http: aiohttp.ClientSession, signed: bool = True) -> int:
    sent = headers(SAMPLE) if signed else {}
    async with http.post("/webhooks/zalo", data=payload(SAMPLE), headers=sent) as answer:
        return answer.status


@pytest.mark.parametrize("target", ["zalo", f"zalo:{OA_ID}"])
async def test_a_channel_or_its_only_account_is_503(
    http: aiohttp.ClientSession, desk: Desk, target: str
) -> None:
    desk.off = off(target)
    assert await zalo(http) == 503
    assert await messenger(http, body(PAGE_ID)) == 200
    assert [result for channel, result in desk.results if channel == "zalo"] == ["off"]
    desk.off = off()
    assert await zalo(http) == 200


async def test_an_account_that_is_off_still_refuses_forged_calls(
    http: aiohttp.ClientSession, desk: Desk
) -> None:
    desk.off = off(f"zalo:{OA_ID}")
    assert await zalo(http, signed=False) == 401


async def test_a_body_shared_with_another_account_keeps_the_other(
    http: aiohttp.ClientSession, desk: Desk
) -> None:
    desk.off = off(f"messenger:{PAGE_ID}")
    assert await messenger(http, body(PAGE_ID, "777")) == 200
    (parsed,) = desk.parsed
    assert [event.account for event in parsed.events] == ["777"]
    assert parsed.ignored == (Ignored("text", "account_off"),)
    assert await messenger(http, body(PAGE_ID)) == 503
    assert len(desk.parsed) == 1


async def test_metas_check_of_the_address_is_503_while_the_channel_is_off(
    http: aiohttp.ClientSession, desk: Desk
) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "7"}
    desk.off = off("messenger")
    async with http.get("/webhooks/messenger", params=query) as answer:
        assert answer.status == 503
    desk.off = off(f"messenger:{PAGE_ID}")
    async with http.get("/webhooks/messenger", params=query) as answer:
        assert (answer.status, await answer.text()) == (200, "7")
