"""What holds for every channel when it sends, whatever its platform."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.errors import Refused, RefusedForGood, SendError, Unknown
from tests.channels import vectors
from tests.channels.cases import CASES
from tests.channels.vectors import OA, PAGE
from tests.fake_platform import (
    DROP,
    HANG,
    HTML,
    HTML_500,
    TAKEN_THEN_HANG,
    FakePlatform,
    Response,
    json_response,
)
from webhooks.base import Channel, OutPart
from webhooks.messenger import MessengerChannel
from webhooks.zalo import ZaloChannel


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as client:
        yield client


@pytest.fixture
async def platform() -> AsyncIterator[FakePlatform]:
    async with FakePlatform(app_secret=vectors.FB_SECRET) as server:
        yield server


@pytest.mark.parametrize("name", CASES)
async def test_send_returns_a_receipt(
    name: str, http: aiohttp.ClientSession, platform: FakePlatform
) -> None:
    case = CASES[name]
    channel = case.build([case.account], lambda: http, platform.url)
    receipt = await channel.send(case.account, case.user, OutPart("Dạ, xin chào ạ 🙏"), case.token)
    assert receipt.message_id == platform.accepted[0][1]
    assert platform.texts(case.user) == ["Dạ, xin chào ạ 🙏"]
    await channel.typing(case.account, case.user, case.token)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (HANG, Unknown),
        (TAKEN_THEN_HANG, Unknown),
        (DROP, Unknown),
        (HTML, Unknown),
        (HTML_500, Unknown),
        (Response(502, b""), Unknown),
        (Response(503, b""), Refused),
        (Response(429, b"slow down", "text/plain"), Refused),
        (Response(404, b"<html>", "text/html"), Refused),
        (json_response([]), Unknown),
        (json_response({}), Unknown),
        (Response(body=b"x" * 70_000), Unknown),
        (Response(302, b""), Refused),
    ],
    ids=str,
)
async def test_what_an_answer_without_a_verdict_means(
    name: str,
    response: Response,
    expected: type[SendError],
    http: aiohttp.ClientSession,
    platform: FakePlatform,
) -> None:
    case = CASES[name]
    channel = case.build([case.account], lambda: http, platform.url)
    platform.script(case.endpoint, response)
    with pytest.raises(SendError) as caught:
        await channel.send(case.account, case.user, OutPart("x"), case.token)
    assert type(caught.value) is expected
    assert caught.value.code
    assert len(platform.requests) == 1  # nothing here tries again by itself


@pytest.mark.parametrize("name", CASES)
async def test_no_connection_is_a_refusal(name: str, http: aiohttp.ClientSession) -> None:
    case = CASES[name]
    async with FakePlatform() as gone:
        url = gone.url
    for base in (url, "http://no-such-host.invalid", "no address"):
        channel = case.build([case.account], lambda: http, base)
        with pytest.raises(Refused):
            await channel.send(case.account, case.user, OutPart("x"), case.token)


@pytest.mark.parametrize("name", CASES)
async def test_tokens(name: str, http: aiohttp.ClientSession, platform: FakePlatform) -> None:
    case = CASES[name]
    channel = case.build([case.account], lambda: http, platform.url)
    for token in ("wrong", "", "line\nbreak", "dấu"):
        with pytest.raises(case.bad_token) as caught:
            await channel.send(case.account, case.user, OutPart("x"), token)
        assert not token or token not in f"{caught.value!r}{caught.value.__cause__!r}"
    assert len(platform.requests) == 1  # an unusable token is not even tried


@pytest.mark.parametrize("name", CASES)
async def test_blank_and_overlong_texts_are_refused_for_good(
    name: str, http: aiohttp.ClientSession, platform: FakePlatform
) -> None:
    case = CASES[name]
    channel = case.build([case.account], lambda: http, platform.url)
    for text in ("", " \n\t", "x" * 2001):
        with pytest.raises(RefusedForGood):
            await channel.send(case.account, case.user, OutPart(text), case.token)
    assert len(platform.requests) == 1
    assert channel.limits.text_length <= 2000


@pytest.mark.parametrize("name", CASES)
async def test_lone_surrogates_do_not_stop_a_send(
    name: str, http: aiohttp.ClientSession, platform: FakePlatform
) -> None:
    case = CASES[name]
    channel = case.build([case.account], lambda: http, platform.url)
    await channel.send(case.account, case.user, OutPart("a\ud800b"), case.token)
    assert len(platform.accepted) == 1


@pytest.mark.parametrize("name", CASES)
async def test_an_account_can_have_its_own_address(
    name: str, http: aiohttp.ClientSession, platform: FakePlatform
) -> None:
    case = CASES[name]
    channel: Channel
    if name == "zalo":
        channel = ZaloChannel(
            [OA], http=lambda: http, api_base="http://no.invalid", api_bases={OA.id: platform.url}
        )
    else:
        channel = MessengerChannel(
            [PAGE],
            http=lambda: http,
            graph_base="http://no.invalid",
            graph_bases={PAGE.id: platform.url},
        )
    await channel.send(case.account, case.user, OutPart("x"), case.token)
    assert platform.texts() == ["x"]
