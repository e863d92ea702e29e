"""`bot profile push`: the exact body that Messenger gets, and what is said when it refuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest
from click.testing import CliRunner, Result

from bot import texts
from bot.__main__ import cli
from bot.models import Option
from bot.profile import Profile
from tests.channels import vectors
from tests.fake_platform import MESSENGER_PROFILE, FakePlatform, graph_error, json_response
from webhooks.messenger_profile import body
from webhooks.messenger_send import appsecret_proof

MENU = {"type": "postback", "title": "Xem các chủ đề", "payload": "menu"}
PERSON = {"type": "postback", "title": "Gặp nhân viên", "payload": "handover"}


@pytest.fixture
async def platform() -> AsyncIterator[FakePlatform]:
    async with FakePlatform(app_secret=vectors.FB_SECRET) as started:
        yield started


def environment(platform: FakePlatform, **more: str) -> Mapping[str, str]:
    return {
        "MESSENGER_APP_ID": vectors.FB_APP_ID,
        "MESSENGER_APP_SECRET": vectors.FB_SECRET,
        "MESSENGER_VERIFY_TOKEN": vectors.VERIFY_TOKEN,
        "MESSENGER_PAGE_ID": vectors.PAGE_ID,
        "MESSENGER_PAGE_ACCESS_TOKEN": "page-token",
        "BOT__CHANNELS__MESSENGER__GRAPH_BASE": platform.url,
        **more,
    }


async def push(platform: FakePlatform, **more: str) -> Result:
    runner = CliRunner()
    env = environment(platform, **more)
    return await asyncio.to_thread(runner.invoke, cli, ["profile", "push"], env=env)


async def test_the_exact_body(platform: FakePlatform) -> None:
    result = await push(platform)
    assert result.exit_code == 0, result.output
    assert result.output == f"{vectors.PAGE_ID}: 4 questions, 2 menu lines\n"
    [call] = platform.sent(MESSENGER_PROFILE)
    assert call.path == "/v25.0/me/messenger_profile"
    assert dict(call.query) == {
        "access_token": "page-token",
        "appsecret_proof": appsecret_proof(vectors.FB_SECRET, "page-token"),
    }
    sent = call.body
    assert sent["get_started"] == {"payload": "GET_STARTED"}
    assert sent["greeting"] == [{"locale": "default", "text": texts.PROFILE_GREETING}]
    assert sent["persistent_menu"] == [
        {
            "locale": "default",
            "composer_input_disabled": False,
            "call_to_actions": [MENU, PERSON],
        }
    ]
    [breakers] = sent["ice_breakers"]
    assert breakers["locale"] == "default"
    assert breakers["call_to_actions"][0] == {
        "question": "Mức đóng BHYT học sinh, sinh viên",
        "payload": "answer:muc-dong-hssv",
    }
    assert len(breakers["call_to_actions"]) == 4
    assert set(sent) == {"get_started", "greeting", "persistent_menu", "ice_breakers"}


async def test_nobody_is_offered_where_no_staff_answer(platform: FakePlatform) -> None:
    result = await push(platform, BOT__HANDOVER__HOURS="")
    assert result.exit_code == 0, result.output
    [call] = platform.sent(MESSENGER_PROFILE)
    assert call.body["persistent_menu"][0]["call_to_actions"] == [MENU]


async def test_a_page_that_refuses_is_named(platform: FakePlatform) -> None:
    platform.script(MESSENGER_PROFILE, graph_error(190))
    result = await push(platform)
    assert result.exit_code == 1
    assert f"{vectors.PAGE_ID}: not set" in result.output
    assert "190" in result.output
    assert "page-token" not in result.output


async def test_an_answer_without_success_is_no_success(platform: FakePlatform) -> None:
    platform.script(MESSENGER_PROFILE, json_response({}))
    assert (await push(platform)).exit_code == 1


async def test_without_a_page_it_says_what_is_missing(platform: FakePlatform) -> None:
    result = await push(platform, MESSENGER_PAGE_ACCESS_TOKEN="")
    assert result.exit_code == 1
    assert "MESSENGER_PAGE_ACCESS_TOKEN" in str(result.exception or result.output)
    assert platform.sent(MESSENGER_PROFILE) == []


def test_long_texts_are_shortened_to_the_platforms_limits() -> None:
    option = Option("x", "t", "Một câu hỏi rất dài " * 10)
    sent = body(Profile("Lời chào " * 50, (option,), (option,)))
    assert len(sent["greeting"][0]["text"]) <= 160
    assert len(sent["ice_breakers"][0]["call_to_actions"][0]["question"]) <= 80
    assert len(sent["persistent_menu"][0]["call_to_actions"][0]["title"]) <= 30
    assert "ice_breakers" not in body(Profile("Chào", (), (option,)))
