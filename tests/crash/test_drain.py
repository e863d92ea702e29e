"""SIGTERM to a real process: what is in flight finishes, the rest waits for the next start."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp

from tests.channels import vectors
from tests.crash.citizens import Citizen, post
from tests.crash.processes import Node, environment, free_port, running, until
from tests.crash.small import small_knowledge
from tests.crash.verdict import all_done, judge
from tests.fake_platform import MESSENGER_SEND, FakePlatform, json_response

SLOW = 1.0


async def test_sigterm_finishes_what_is_in_flight(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bot.db"
    citizens = [Citizen("messenger", f"75{n:017d}") for n in range(12)]
    async with FakePlatform(app_secret=vectors.FB_SECRET) as platform:
        accepted = json_response({"recipient_id": "1", "message_id": "MESSAGE_ID"}, accept=True)
        slow = type(accepted)(body=accepted.body, delay=SLOW, accept=True)
        platform.script(MESSENGER_SEND, *[slow] * 4)
        env = environment(
            url,
            platform.url,
            BOT__KNOWLEDGE__DIR=str(small_knowledge(tmp_path / "knowledge")),
            BOT__DELIVERY__CONCURRENCY="4",
            BOT__DELIVERY__POLL_SECONDS="0.05",
        )
        node = Node(env, free_port())
        async with running(node):
            await _say(citizens, node)
            await until(lambda: _all_in_flight(platform), 20)
            async with asyncio.timeout(10):  # the most that a stop may take
                assert await node.terminate() == 0
            # The four in flight are settled, and no further one was begun.
            assert len(platform.sent(MESSENGER_SEND)) == 4
            verdict = await judge(url, citizens, _received(platform))
            assert verdict.accepted == 4
            assert verdict.unknown == verdict.duplicates == 0
        async with running(node):
            await until(lambda: all_done(url), 30)
            await node.terminate()
        verdict = await judge(url, citizens, _received(platform))
        assert not verdict.trouble, verdict
        assert verdict.accepted == verdict.acknowledged == len(citizens)
        assert verdict.duplicates == 0


async def _all_in_flight(platform: FakePlatform) -> bool:
    return len(platform.sent(MESSENGER_SEND)) >= 4


async def _say(citizens: list[Citizen], node: Node) -> None:
    async with aiohttp.ClientSession() as http:
        for citizen in citizens:
            key, raw, headers = citizen.body(0)
            assert await post(http, f"{node.address}/webhooks/messenger", raw, headers)
            citizen.acknowledged.append(key)


def _received(platform: FakePlatform) -> dict[str, list[str]]:
    return {call.user: platform.texts(call.user) for call, _ in platform.accepted}
