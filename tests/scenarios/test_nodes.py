"""Several nodes on one PostgreSQL: roles apart, two of each, and still one order a conversation."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from bot.app import Service
from bot.config import load_settings
from bot.errors import SettingsError
from tests.channels import vectors
from tests.crash.citizens import Citizen, post
from tests.crash.postgres import Server, postgres
from tests.crash.processes import until
from tests.crash.small import small_knowledge
from tests.crash.verdict import all_done, judge
from tests.fake_platform import FakePlatform
from tests.scenarios.running import environment

MESSAGES = 12


@pytest.fixture
def server() -> Iterator[Server]:
    """A PostgreSQL of this test's own."""
    try:
        with postgres() as own:
            yield own
    except ImportError:
        if os.environ.get("CI") == "true":
            pytest.fail("pgserver is missing")
        pytest.skip("pgserver is missing")


async def _talk(citizen: Citizen, addresses: list[str], chance: random.Random) -> None:
    """Every message through whichever web node; each is acknowledged before the next."""
    async with aiohttp.ClientSession() as http:
        for number in range(MESSAGES):
            key, raw, headers = citizen.body(number)
            url = f"{chance.choice(addresses)}/webhooks/{citizen.channel}"
            assert await post(http, url, raw, headers)
            citizen.acknowledged.append(key)


async def test_two_of_each_role_keep_the_order_and_answer_once(
    tmp_path: Path, server: Server
) -> None:
    chance = random.Random(7)  # noqa: S311 - a repeatable choice, no secret
    platform = FakePlatform(zalo_app_secret="zalo-app-secret", app_secret=vectors.FB_SECRET)
    folder = small_knowledge(tmp_path / "knowledge")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(platform)
        nodes = []
        for roles in ("web", "web", "worker", "worker", "sender", "sender"):
            env = environment(
                tmp_path,
                platform,
                DATABASE_URL=server.url,
                BOT__KNOWLEDGE__DIR=str(folder),
                BOT__SERVER__ROLES=roles,
            )
            node = Service(load_settings(env=env))
            await node.start()
            stack.push_async_callback(node.stop)
            nodes.append(node)
        addresses = [node.address for node in nodes[:2]]
        citizens = [Citizen(("zalo", "messenger")[n % 2], f"74{n:017d}") for n in range(8)]
        await asyncio.gather(*(_talk(citizen, addresses, chance) for citizen in citizens))
        await until(lambda: all_done(server.url), 60)
    received = defaultdict(list)
    for call, _ in platform.accepted:
        received[call.user].append(call.text)
    verdict = await judge(server.url, citizens, received)
    assert not verdict.trouble, verdict
    assert verdict.acknowledged == verdict.accepted == len(citizens) * MESSAGES
    assert verdict.duplicates == verdict.resent_after_crash == 0


@pytest.mark.parametrize(
    "roles",
    [
        ",".join(some)
        for n in (1, 2)
        for some in itertools.combinations(("web", "worker", "sender"), n)
    ],
)
def test_sqlite_refuses_split_roles(tmp_path: Path, roles: str) -> None:
    env = {"DATABASE_URL": f"sqlite:///{tmp_path}/bot.db", "BOT__SERVER__ROLES": roles}
    with pytest.raises(SettingsError, match="SQLite serves one process"):
        load_settings(env=env)
