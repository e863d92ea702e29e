"""Citizens who insist, platforms that echo: the outside world of the crash rounds.

A platform delivers an event again until it hears 200; so do these. Each citizen sends the next
message only when the one before is acknowledged, so the order of acknowledgements is the order
in which replies must leave.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp

from tests.channels import vectors
from tests.channels.echoes import Echoes
from tests.crash.small import QUESTIONS
from tests.fake_platform import ZALO_SEND, Request

#: Longest time that a platform takes to answer a send; a kill then falls between
#: the message's acceptance and its receipt.
SLOWEST_ANSWER = 0.05


@dataclass
class Citizen:
    """One citizen of one channel; `acknowledged` holds the keys of the messages heard with 200."""

    channel: str
    user: str
    acknowledged: list[str] = field(default_factory=list)

    def body(self, number: int) -> tuple[str, bytes, dict[str, str]]:
        """Event key, signed body and headers of this citizen's message of that number."""
        text = QUESTIONS[number % len(QUESTIONS)]
        stamp = time.time_ns() // 1_000_000
        message_id = f"{self.user}x{number}"
        if self.channel == "zalo":
            event = {
                "app_id": vectors.APP_ID,
                "sender": {"id": self.user},
                "recipient": {"id": vectors.OA_ID},
                "event_name": "user_send_text",
                "message": {"text": text, "msg_id": message_id},
                "timestamp": str(stamp),
            }
            raw = json.dumps(event, ensure_ascii=False).encode()
            return f"text:{message_id}", raw, vectors.zalo_headers(raw, str(stamp))
        said = {
            "sender": {"id": self.user},
            "recipient": {"id": vectors.PAGE_ID},
            "timestamp": stamp,
            "message": {"mid": message_id, "text": text},
        }
        entry = {"id": vectors.PAGE_ID, "time": stamp, "messaging": [said]}
        raw = json.dumps({"object": "page", "entry": [entry]}).encode()
        return f"text:{message_id}", raw, vectors.messenger_headers(raw)


async def post(http: aiohttp.ClientSession, url: str, raw: bytes, headers: dict[str, str]) -> bool:
    """True when the webhook answered 200; a service that is away is no error here."""
    with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
        async with http.post(url, data=raw, headers=headers) as answer:
            await answer.read()
            return answer.status == 200
    return False


async def insist(
    http: aiohttp.ClientSession,
    url: Callable[[], str],
    raw: bytes,
    headers: dict[str, str],
    *,
    every: float,
) -> None:
    """Post again and again, with so many seconds between, until it is acknowledged."""
    while not await post(http, url(), raw, headers):  # noqa: ASYNC110 - of another process
        await asyncio.sleep(every)


async def talk(
    citizen: Citizen, address: Callable[[], str], stop: asyncio.Event, chance: random.Random
) -> None:
    """Send message after message until told to stop; the last one is still insisted on."""
    patience = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession(timeout=patience) as http:
        for number in itertools.count():
            if stop.is_set():
                return
            key, raw, headers = citizen.body(number)
            await insist(
                http, lambda: f"{address()}/webhooks/{citizen.channel}", raw, headers, every=0.05
            )
            citizen.acknowledged.append(key)
            await asyncio.sleep(chance.uniform(0, 0.15))


class InsistingEchoes(Echoes):
    """Messenger's echoes, in the background and repeated until heard. Zalo stays silent, so that
    every round has parts of both kinds: proven by an echo, and resent without one."""

    def __init__(self, address: Callable[[], str], chance: random.Random) -> None:
        super().__init__(base_url="", page=vectors.PAGE, receipts=False)
        self._address = address
        self._chance = chance
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, call: Request, message_id: str) -> None:
        """Take the message, echo it, and let the answer wait a moment."""
        if call.endpoint != ZALO_SEND:
            task = asyncio.create_task(self._insist(call, message_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        await asyncio.sleep(self._chance.uniform(0, SLOWEST_ANSWER))

    async def stop(self) -> None:
        """Give up on what was not heard."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _insist(self, call: Request, message_id: str) -> None:
        (item,) = self._messenger(vectors.PAGE, call, message_id)
        entry = {"id": vectors.PAGE_ID, "time": item["timestamp"], "messaging": [item]}
        raw = json.dumps({"object": "page", "entry": [entry]}).encode()
        async with aiohttp.ClientSession() as http:
            headers = vectors.messenger_headers(raw)
            url = "/webhooks/messenger"
            await insist(http, lambda: f"{self._address()}{url}", raw, headers, every=0.3)
