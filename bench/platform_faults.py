"""Platforms that fail for a while, against the service in this process and a fake platform."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from bench.record import Line
from tests.fake_platform import DROP, HANG, HTML, HTML_500, MESSENGER_SEND, ZALO_TOKEN, Response
from tests.scenarios.running import Running, run
from tests.scenarios.test_faults import messenger_body, small, zalo_body

#: How long the platform refuses everything, in seconds.
BUSY_SECONDS = 60
MESSAGES = 50
_QUESTION = "mất thẻ bhyt thì làm thế nào?"


async def platform_faults(folder: Path, _citizens: object) -> list[Line]:
    """A minute of refusals, answers that say nothing, and an expired token under load."""
    return [
        *await _busy(_made(folder / "busy")),
        *await _silent(_made(folder / "silent")),
        *await _expired(_made(folder / "expired")),
    ]


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def _busy(folder: Path) -> list[Line]:
    shipped = {"BOT__DELIVERY__RETRY_BASE_SECONDS": "2"}
    async with run(folder, **{**small(folder), **shipped}) as running:
        running.platform.script(MESSENGER_SEND, *[Response(503, b"busy")] * 100_000)
        began = time.monotonic()
        for n in range(MESSAGES):
            await running.messenger(messenger_body(f"7390000000{n:06d}", _QUESTION))
        await asyncio.sleep(BUSY_SECONDS)
        running.platform.recover(MESSENGER_SEND)
        received = await _settled(running, 120)
        took = time.monotonic() - began
    return [
        Line(f"of {MESSAGES} replies to a platform that answers 503 for {BUSY_SECONDS} s: arrived",
             f"{len(set(received))}, the last after {took:.0f} s", str(MESSAGES), "",
             len(set(received)) == len(received) == MESSAGES),
    ]  # fmt: skip


async def _silent(folder: Path) -> list[Line]:
    """The platform may have the message: nobody can tell, so it must not go out twice."""
    faults = {"500": HTML_500, "HTML instead of JSON": HTML, "reset": DROP, "hanging": HANG}
    async with run(folder, **small(folder)) as running:
        running.platform.script(MESSENGER_SEND, *faults.values())
        for n in range(len(faults)):
            await running.messenger(messenger_body(f"7391000000{n:06d}", _QUESTION))
        await _settled(running, 30)
        calls = len(running.platform.sent(MESSENGER_SEND))
        for n in range(len(faults)):
            await running.messenger(messenger_body(f"7391000000{n:06d}", "mức đóng học sinh"))
        after = await _settled(running, 30)
    names = ", ".join(faults)
    return [
        Line(f"calls for {len(faults)} replies that met: {names}", str(calls), str(len(faults)), "",
             calls == len(faults)),
        Line("next replies of the same conversations delivered", str(len(after)),
             str(len(faults)), "", len(after) == len(faults)),
    ]  # fmt: skip


async def _expired(folder: Path) -> list[Line]:
    async with run(folder, **small(folder)) as running:
        running.platform.zalo_tokens = {"another"}  # ours has just ended
        bodies = [zalo_body(f"7392000000{n:06d}", _QUESTION) for n in range(20)]
        await asyncio.gather(*(running.zalo(*body) for body in bodies))
        received = await _settled(running, 30)
        refreshes = len(running.platform.sent(ZALO_TOKEN))
    return [
        Line("token refused under 20 sends at once: refreshes, replies delivered",
             f"{refreshes}, {len(set(received))}", "1, 20", "",
             refreshes == 1 and len(set(received)) == len(received) == 20),
    ]  # fmt: skip


async def _settled(running: Running, seconds: float) -> Sequence[str]:
    """Who got a reply, once nothing is left to be sent."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return [call.user for call in await running.settled()]
        except TimeoutError:
            if time.monotonic() > deadline:
                raise
