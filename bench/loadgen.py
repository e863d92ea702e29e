"""The other side of the bench, in a process of its own: citizens who write, platforms that take.

It speaks bare HTTP/1.1 over asyncio protocols, because a client library would cost more than
what is measured. The parent writes one JSON order a line to stdin and reads one JSON result:

    {"do": "flood", "port": 8080, "count": 1000, "connections": 64, "outstanding": 512}
    {"do": "steady", "port": 8080, "count": 1000, "rate": 300, "connections": 64}

Every message comes from a citizen of its own, so that a reply names the message it answers.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import uvloop

_RECIPIENT = re.compile(rb'"recipient": ?\{"(?:user_id|id)": ?"(\d+)"')
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
#: Seconds without any reply after which the rest counts as not replied.
PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Secrets:
    """What signs a webhook body."""

    app_id: str
    oa_id: str
    oa_secret: str
    page_id: str
    app_secret: str


class Messages:
    """Signed webhook calls, even numbers from Zalo, odd ones from Messenger."""

    def __init__(self, secrets: Secrets, texts: list[str]) -> None:
        self._secrets = secrets
        self._texts = texts
        self._serial = 0

    def next(self) -> tuple[bytes, bytes]:
        """A citizen's id, and the whole HTTP call with that citizen's message."""
        self._serial += 1
        user = f"73{self._serial:017d}"
        text = self._texts[self._serial % len(self._texts)]
        stamp = time.time_ns() // 1_000_000
        build = self._messenger if self._serial % 2 else self._zalo
        return user.encode(), build(user, text, stamp)

    def _zalo(self, user: str, text: str, stamp: int) -> bytes:
        s = self._secrets
        body = json.dumps(
            {
                "app_id": s.app_id,
                "sender": {"id": user},
                "user_id_by_app": user,
                "recipient": {"id": s.oa_id},
                "event_name": "user_send_text",
                "message": {"text": text, "msg_id": f"z{user}"},
                "timestamp": str(stamp),
            },
            ensure_ascii=False,
        ).encode()
        signed = s.app_id.encode() + body + str(stamp).encode() + s.oa_secret.encode()
        mac = hashlib.sha256(signed).hexdigest()
        return _post("zalo", f"X-ZEvent-Signature: mac={mac}", body)

    def _messenger(self, user: str, text: str, stamp: int) -> bytes:
        s = self._secrets
        said = {
            "sender": {"id": user},
            "recipient": {"id": s.page_id},
            "timestamp": stamp,
            "message": {"mid": f"m_{user}", "text": text},
        }
        entry = {"id": s.page_id, "time": stamp, "messaging": [said]}
        body = json.dumps({"object": "page", "entry": [entry]}).encode()
        mac = hmac.new(s.app_secret.encode(), body, hashlib.sha256).hexdigest()
        return _post("messenger", f"X-Hub-Signature-256: sha256={mac}", body)


def _post(channel: str, signature: str, body: bytes) -> bytes:
    head = (
        f"POST /webhooks/{channel} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\n"
        f"Content-Type: application/json\r\n{signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass
class Clock:
    """When each citizen's message was sent, acknowledged and replied to (monotonic seconds)."""

    sent: dict[bytes, float] = field(default_factory=dict)
    acked: dict[bytes, float] = field(default_factory=dict)
    replied: dict[bytes, float] = field(default_factory=dict)
    refused: int = 0
    parts: int = 0
    last_reply: float = 0.0
    #: Messages acknowledged and not yet replied to.
    waiting: int = 0
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    def ack(self, user: bytes) -> None:
        """The webhook answered 200."""
        self.acked[user] = time.monotonic()
        if user not in self.replied:  # a reply may overtake its acknowledgement
            self.waiting += 1

    def reply(self, user: bytes) -> None:
        """The platform took a part for this citizen."""
        self.parts += 1
        if user in self.replied or user not in self.sent:
            return
        self.last_reply = self.replied[user] = time.monotonic()
        if user in self.acked:
            self.waiting -= 1
        self.moved.set()


class Platform(asyncio.Protocol):
    """Takes every message at once."""

    clock = Clock()

    def __init__(self) -> None:
        self._buffer = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = transport  # type: ignore[assignment] # TCP transports can be written to

    def data_received(self, data: bytes) -> None:
        """Answer every whole request in the buffer."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            length = _LENGTH.search(head)
            total = end + 4 + (int(length[1]) if length else 0)
            if len(self._buffer) < total:
                return
            body, self._buffer = self._buffer[end + 4 : total], self._buffer[total:]
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        user = _RECIPIENT.search(body)
        if b"/oa/access_token" in head:
            pair = {"access_token": "zalo-token", "refresh_token": "next", "expires_in": "90000"}
            answer = json.dumps(pair).encode()
        elif user and b'"message"' in body:
            Platform.clock.reply(user[1])
            answer = (
                b'{"error":0,"message":"Success","data":{"message_id":"z%d"}}' % id(body)
                if b"/oa/message" in head
                else b'{"recipient_id":"%s","message_id":"m_%d"}' % (user[1], id(body))
            )
        else:
            answer = b'{"result":"success"}'
        assert self._transport is not None  # noqa: S101 # data comes after connection_made
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            % len(answer)
            + answer
        )


class Caller(asyncio.Protocol):
    """One kept-alive connection that posts one message at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._answered: asyncio.Future[int] | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = transport  # type: ignore[assignment] # as above

    def data_received(self, data: bytes) -> None:
        """Wake the poster when the whole answer is here."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0 or self._answered is None:
            return
        length = _LENGTH.search(self._buffer[:end])
        if len(self._buffer) < end + 4 + (int(length[1]) if length else 0):
            return
        status, self._buffer = int(self._buffer[9:12]), b""
        self._answered.set_result(status)

    def connection_lost(self, error: Exception | None) -> None:
        """An open call ends as refused."""
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(0)

    async def post(self, call: bytes) -> int:
        """The HTTP status, 0 when the connection broke."""
        assert self._transport is not None  # noqa: S101 # made by create_connection
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(call)
        return await self._answered


async def _callers(port: int, count: int) -> list[Caller]:
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(Caller, "127.0.0.1", port) for _ in range(count)]
    return [caller for _, caller in made]


async def flood(order: dict[str, Any], messages: Messages, clock: Clock) -> None:
    """Post as fast as the service answers, never with more than `outstanding` unreplied."""
    left = order["count"]
    most = order.get("outstanding", 0)

    async def post(caller: Caller) -> None:
        nonlocal left
        while left > 0:
            if most and clock.waiting >= most:
                clock.moved.clear()
                await clock.moved.wait()
                continue
            left -= 1
            await _one(caller, messages, clock)

    await asyncio.gather(*map(post, await _callers(order["port"], order["connections"])))


async def steady(order: dict[str, Any], messages: Messages, clock: Clock) -> None:
    """Post `rate` messages a second, whether or not the service keeps up."""
    free = deque(await _callers(order["port"], order["connections"]))
    posts: set[asyncio.Task[None]] = set()
    began = time.monotonic()

    async def post(caller: Caller) -> None:
        await _one(caller, messages, clock)
        free.append(caller)

    for number in range(order["count"]):
        await asyncio.sleep(max(0.0, began + number / order["rate"] - time.monotonic()))
        while not free:  # noqa: ASYNC110 - an event for every free connection would cost more
            await asyncio.sleep(0.001)
        task = asyncio.create_task(post(free.popleft()))
        posts.add(task)
        task.add_done_callback(posts.discard)
    await asyncio.gather(*posts)


async def _one(caller: Caller, messages: Messages, clock: Clock) -> None:
    user, call = messages.next()
    clock.sent[user] = time.monotonic()
    if await caller.post(call) == 200:
        clock.ack(user)
    else:
        clock.refused += 1


async def carry_out(order: dict[str, Any], messages: Messages) -> dict[str, Any]:
    """One order, from the first message to the last reply."""
    clock = Platform.clock = Clock()
    cpu, began = time.process_time(), time.monotonic()
    await (flood if order["do"] == "flood" else steady)(order, messages, clock)
    accepted_at = time.monotonic()
    while order.get("replies", True) and clock.waiting > 0:
        if time.monotonic() - max(clock.last_reply, accepted_at) > PATIENCE:
            break
        await asyncio.sleep(0.005)
    acks = [at - clock.sent[user] for user, at in clock.acked.items()]
    replies = [at - clock.acked.get(user, at) for user, at in clock.replied.items()]
    return {
        "acked": len(clock.acked),
        "refused": clock.refused,
        "replied": len(clock.replied),
        "parts": clock.parts,
        "accept_seconds": accepted_at - began,
        "whole_seconds": max(clock.last_reply, accepted_at) - began,
        "ack_ms": _centiles(acks),
        "reply_ms": _centiles(replies),
        "generator_cpu": time.process_time() - cpu,
    }


def _centiles(seconds: list[float]) -> dict[str, float]:
    if not seconds:
        return {}
    ordered = sorted(seconds)
    at = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {k: 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * q))] for k, q in at.items()}


async def main() -> None:
    """Start the platform, say where, then carry out orders until stdin ends."""
    loop = asyncio.get_running_loop()
    first = json.loads(await loop.run_in_executor(None, sys.stdin.readline))
    messages = Messages(Secrets(**first["secrets"]), first["texts"])
    server = await loop.create_server(Platform, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(json.dumps({"platform": f"http://127.0.0.1:{port}"}), flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(await carry_out(json.loads(line), messages)), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
