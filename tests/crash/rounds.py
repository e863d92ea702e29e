"""Rounds of `kill -9` against a running service, and what they did to its promises."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.channels import vectors
from tests.crash.citizens import Citizen, InsistingEchoes, talk
from tests.crash.processes import Node, environment, free_port, running, until
from tests.crash.small import small_knowledge
from tests.crash.verdict import Verdict, all_done, judge
from tests.fake_platform import FakePlatform

#: Roles of the processes: SQLite has one for all, PostgreSQL one for each.
ONE = ("web,worker,sender",)
THREE = ("web", "worker", "sender")
DRAIN_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does.

    `resend_seconds` is the wait for an echo before a part that a crash cut off is sent again;
    the shipped value is 10.
    """

    url: str
    folder: Path
    kills: int
    processes: Sequence[str] = ONE
    citizens: int = 12
    resend_seconds: float = 2.0
    helpers: int = 1
    seed: int = 0


async def run(plan: Plan) -> Verdict:
    """Load, kill and restart `plan.kills` times, drain, judge."""
    chance = random.Random(plan.seed)  # noqa: S311 - a repeatable choice, no secret
    platform = FakePlatform(zalo_app_secret="zalo-app-secret", app_secret=vectors.FB_SECRET)
    await platform.start()
    env = environment(
        plan.url,
        platform.url,
        BOT__KNOWLEDGE__DIR=str(small_knowledge(plan.folder / "knowledge")),
        BOT__KNOWLEDGE__RELOAD_SECONDS="0",
        BOT__DELIVERY__CRASH_RESEND_SECONDS=str(plan.resend_seconds),
        BOT__DELIVERY__POLL_SECONDS="0.05",
        BOT__WORKER__POLL_SECONDS="0.05",
        BOT__WORKER__PROCESSES=str(plan.helpers),
        BOT__LIMITS__USER_BURST="1000000",
        # How long a claim and an attempt of a killed process hold on PostgreSQL.
        BOT__STORE__LEASE_SECONDS="2",
        BOT__CHANNELS__ZALO__TIMEOUT_SECONDS="1",
        BOT__CHANNELS__MESSENGER__TIMEOUT_SECONDS="1",
    )
    log = plan.folder / "service.log"
    nodes = [Node(env, free_port(), roles, log=log) for roles in plan.processes]
    web = nodes[0]
    citizens = [Citizen(("zalo", "messenger")[n % 2], f"73{n:017d}") for n in range(plan.citizens)]
    echoes = InsistingEchoes(lambda: web.address, chance)
    platform.on_accepted = echoes
    stop = asyncio.Event()
    try:
        async with running(*nodes):
            async with asyncio.TaskGroup() as group:
                for citizen in citizens:
                    group.create_task(talk(citizen, lambda: web.address, stop, chance))
                for _ in range(plan.kills):
                    await _crash(nodes, chance)
                stop.set()
                await web.ready()
            await until(lambda: all_done(plan.url), DRAIN_SECONDS)
            for node in nodes:
                await node.terminate()
    finally:
        await echoes.stop()
        await platform.stop()
    received = defaultdict(list)
    for call, _ in platform.accepted:
        received[call.user].append(call.text)
    return await judge(plan.url, citizens, received)


async def _crash(nodes: Sequence[Node], chance: random.Random) -> None:
    """Kill one process somewhere in its life, and start it again."""
    node = chance.choice(nodes)
    if chance.random() < 0.8:
        await node.ready()
        await asyncio.sleep(chance.uniform(0, 1))
    else:
        await asyncio.sleep(chance.uniform(0, 1.5))  # perhaps while it is still starting
    await node.kill()
    await node.start()
