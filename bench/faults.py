"""Faults against real `bot serve` processes: `python bench/faults.py [--record]`.

  platforms    a minute of 503, answers that tell nothing, a token refused under load
  full disk    the store's file system (a tmpfs of a few MiB; needs the right to mount) fills up
               under load and is given room again
  flood        far more messages at once than can be answered: memory, refusals, replies
  stop         SIGTERM under that load: how long the process takes, and what is left
  PostgreSQL   the database server is stopped and started again (the `pgserver` wheel)

A small knowledge folder is served: what is measured here does not depend on what is answered.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the processes that tests start are started here as well

from bench.platform_faults import platform_faults  # noqa: E402 # behind the path above
from bench.record import Line, machine, record  # noqa: E402 # behind the path above
from bench.serve import CONNECTIONS, Citizens, Usage, texts  # noqa: E402 # same
from tests.crash.postgres import postgres  # noqa: E402 # same
from tests.crash.processes import (  # noqa: E402 # same
    Node,
    environment,
    free_port,
    running,
    until,
)
from tests.crash.small import small_knowledge  # noqa: E402 # same
from tests.crash.verdict import all_done  # noqa: E402 # same

DISK_MIB = 6
FLOOD = 6_000


def settings(folder: Path, database: str, citizens: Citizens) -> dict[str, str]:
    """The variables of a service that starts quickly and sends without the platforms' limits."""
    return environment(
        database,
        citizens.platform,
        BOT__KNOWLEDGE__DIR=str(small_knowledge(folder / "knowledge")),
        BOT__KNOWLEDGE__RELOAD_SECONDS="0",
        BOT__CHANNELS__ZALO__SENDS_PER_MINUTE="600000",
        BOT__CHANNELS__MESSENGER__SENDS_PER_MINUTE="600000",
        BOT__LOG__LEVEL="error",
    )


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of `DISK_MIB`. Raises `CalledProcessError` without the right to mount."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(folder)]
    subprocess.run(mount, check=True, capture_output=True)  # noqa: S603 - a fixed command
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)  # noqa: S603, S607 - same


async def full_disk(folder: Path, citizens: Citizens) -> list[Line]:
    """Fill the store's disk, then give it room."""
    with small_disk(folder / "disk") as disk:
        url = f"sqlite:///{disk}/bot.db"
        node = Node(settings(folder, url, citizens), free_port())
        async with running(node):
            until_full = await citizens.order(_flood(node, 6_000))
            grown = ["mount", "-o", "remount,size=256m", str(disk)]
            subprocess.run(grown, check=True)  # noqa: ASYNC221, S603 - a moment, a fixed command
            began = time.monotonic()
            await node.ready()
            took = time.monotonic() - began
            after = await citizens.order({**_flood(node, 500), "replies": True})
            await until(lambda: all_done(url), 120)
            await node.terminate()
    return [
        Line(f"SQLite on {DISK_MIB} MiB: acknowledged before the disk was full",
             str(until_full["acked"])),
        Line("refused with 503 while it was full", str(until_full["refused"]), "more than 0", "",
             until_full["refused"] > 0),
        Line("seconds from more room to ready", f"{took:.1f}"),
        Line("acknowledged of 500 afterwards", str(after["acked"]), "500", "",
             after["acked"] == 500),
        Line("acknowledged messages left unanswered", "0", "0", "", True),
    ]  # fmt: skip


async def flood(folder: Path, citizens: Citizens) -> list[Line]:
    """More messages at once than can be answered, then a stop in the middle of them."""
    url = f"sqlite:///{folder}/flood.db"
    node = Node(settings(folder, url, citizens), free_port())
    async with running(node):
        usage = Usage(node.pid)
        before = max(usage.rss_mb())
        largest = [before]
        watching = asyncio.create_task(_watch(usage, largest))
        result = await citizens.order(_flood(node, FLOOD))
        depth = not await all_done(url)
        began = time.monotonic()
        status = await node.terminate()
        stopped = time.monotonic() - began
        watching.cancel()
    async with running(node):
        began = time.monotonic()
        await until(lambda: all_done(url), 600)
        answered = time.monotonic() - began
        await node.terminate()
    rate = result["acked"] / result["accept_seconds"]
    return [
        Line(f"{FLOOD} messages without a pause: acknowledged", str(result["acked"]),
             str(FLOOD), "", result["acked"] == FLOOD),
        Line("acknowledged a second, answering at the same time", f"{rate:.0f}"),
        Line("refused", str(result["refused"]), "0", "", result["refused"] == 0),
        Line("largest process before and during", f"{before:.0f} and {max(largest):.0f} MB",
             "250 MB", "", max(largest) <= 250),
        Line("SIGTERM with messages waiting: seconds to exit, status",
             f"{stopped:.1f} s, {status}", "10 s, 0", "", stopped <= 10 and status == 0 and depth),
        Line("the rest answered after the next start", f"all, in {answered:.0f} s", "all", "",
             True),
    ]  # fmt: skip


async def database(folder: Path, citizens: Citizens) -> list[Line]:
    """Stop the database server under load, start it again."""
    with postgres() as server:
        node = Node(settings(folder, server.url, citizens), free_port())
        async with running(node):
            await asyncio.to_thread(server.stop)
            away = await citizens.order(_flood(node, 200))
            await asyncio.to_thread(server.start)
            began = time.monotonic()
            await node.ready()
            took = time.monotonic() - began
            back = await citizens.order({**_flood(node, 500), "replies": True})
            await until(lambda: all_done(server.url), 120)
            await node.terminate()
    return [
        Line("refused of 200 while PostgreSQL was stopped", str(away["refused"]), "200", "",
             away["refused"] == 200),
        Line("seconds from its start to ready", f"{took:.1f}"),
        Line("of 500 afterwards acknowledged and replied to",
             f"{back['acked']} and {back['replied']}", "500 and 500", "",
             back["acked"] == back["replied"] == 500),
    ]  # fmt: skip


def _flood(node: Node, count: int) -> Mapping[str, Any]:
    return {
        "do": "flood",
        "port": node.port,
        "count": count,
        "connections": CONNECTIONS,
        "replies": False,
    }


async def _watch(usage: Usage, largest: list[float]) -> None:
    with contextlib.suppress(OSError):
        while True:
            largest.append(max(usage.rss_mb()))
            await asyncio.sleep(0.2)


async def main(options: argparse.Namespace) -> None:
    """Run every fault, print, and record with `--record`."""
    print(f"{machine()}; load average before: {os.getloadavg()[0]:.1f}")
    lines: list[Line] = []
    with tempfile.TemporaryDirectory(prefix="faults") as name:
        citizens = Citizens()
        await citizens.start(texts())
        try:
            for title, fault in (
                ("Platforms", platform_faults),
                ("Full disk", full_disk),
                ("Flood and stop", flood),
                ("PostgreSQL stopped and started", database),
            ):
                found = [Line(title), *await fault(Path(name), citizens)]
                lines += found
                for line in found:
                    print(line.plain(), flush=True)
        finally:
            await citizens.stop()
    if options.record:
        record("Faults", "bench/faults.py --record", lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--record", action="store_true", help="write docs/reliability.md")
    asyncio.run(main(parser.parse_args()))
