"""What each visitor's page has seen, in bounded memory, and who is listening to it."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.simulator.accounts import digits
from bot.simulator.envelope import Person, Webhook

#: A visitor id as this module makes them; a cookie of any other shape is replaced.
_ID = re.compile(r"[A-Za-z0-9_-]{32}")

#: A stream that is this many frames behind is dropped; its page reconnects and catches up.
_STREAM_BACKLOG = 1000


def now_ms() -> int:
    """Milliseconds since 1970, the time unit of both platforms."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class Sent:
    """A webhook call that was made for one message of the page, kept for a retry."""

    channel: str
    webhook: Webhook
    attempts: int = 0


class Visitor:
    """One browser: its made-up citizens, its history and its open streams.

    History entries carry ids that grow by one; an id is only meaningful together with
    `epoch`, which is new whenever this object is (a restart, an eviction).
    """

    def __init__(self, visitor_id: str, *, history: int) -> None:
        self.id = visitor_id
        self.epoch = secrets.token_hex(4)
        self.people = {"zalo": _person("zalo"), "messenger": _person("messenger")}
        self.sent: OrderedDict[str, Sent] = OrderedDict()
        self._history_limit = history
        self._history: deque[tuple[int, Mapping[str, Any]]] = deque(maxlen=history)
        self._next = 1
        self._streams: set[asyncio.Queue[bytes | None]] = set()

    @property
    def listening(self) -> bool:
        """True while a page of this visitor is connected."""
        return bool(self._streams)

    def record(self, entry: Mapping[str, Any]) -> None:
        """Add an entry to the history and show it on every open page."""
        stamped = {"at": now_ms(), **entry}
        self._history.append((self._next, stamped))
        self._publish(self._frame(self._next, stamped))
        self._next += 1

    def show(self, entry: Mapping[str, Any]) -> None:
        """Show something passing (typing) on open pages; it is not kept."""
        self._publish(b"event: passing\ndata: " + _json(entry) + b"\n\n")

    def remember(self, ref: str, sent: Sent) -> None:
        """Keep a webhook call so that the page can ask for it again by `ref`."""
        self.sent[ref] = sent
        while len(self.sent) > self._history_limit:
            self.sent.popitem(last=False)

    def start_over(self, channel: str) -> str:
        """Forget one channel's conversation; the visitor is a new citizen there.

        Returns the id of the citizen they were.
        """
        former = self.people[channel].id
        self.people[channel] = _person(channel)
        kept = [(n, entry) for n, entry in self._history if entry.get("channel") != channel]
        self._history = deque(kept, maxlen=self._history_limit)
        for ref in [ref for ref, sent in self.sent.items() if sent.channel == channel]:
            del self.sent[ref]
        self.record({"type": "cleared", "channel": channel})
        return former

    async def frames(self, last_seen: str, *, keep_alive: float) -> AsyncGenerator[bytes]:
        """Server-sent event frames: what was missed since `last_seen`, then what comes.

        `last_seen` is an id of an earlier frame ("" for none). An id this object never gave,
        or one too old to continue from, yields a `reset` frame and the whole history.
        A comment goes out after `keep_alive` seconds of silence. Ends when the visitors are
        closed or this stream has fallen too far behind.
        """
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        missed = self._missed(last_seen)
        self._streams.add(queue)
        try:
            for frame in missed:
                yield frame
            yield b"event: ready\ndata: {}\n\n"
            while True:
                try:
                    item = await asyncio.wait_for(queue.get(), keep_alive)
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                if item is None:
                    return
                yield item
        finally:
            self._streams.discard(queue)

    def close(self) -> None:
        """End every open stream."""
        for queue in self._streams:
            queue.put_nowait(None)

    def _missed(self, last_seen: str) -> list[bytes]:
        epoch, _, number = last_seen.partition(".")
        after = int(number) if number.isascii() and number.isdigit() else 0
        oldest = self._history[0][0] if self._history else self._next
        if last_seen and (epoch != self.epoch or not oldest - 1 <= after < self._next):
            reset = _json({"restarted": epoch != self.epoch})
            return [b"event: reset\ndata: " + reset + b"\n\n", *self._frames_after(0)]
        return self._frames_after(after)

    def _frames_after(self, after: int) -> list[bytes]:
        return [self._frame(number, entry) for number, entry in self._history if number > after]

    def _frame(self, number: int, entry: Mapping[str, Any]) -> bytes:
        return f"id: {self.epoch}.{number}\nevent: entry\ndata: ".encode() + _json(entry) + b"\n\n"

    def _publish(self, frame: bytes) -> None:
        for queue in list(self._streams):
            if queue.qsize() >= _STREAM_BACKLOG:
                queue.put_nowait(None)
                self._streams.discard(queue)
            else:
                queue.put_nowait(frame)


@dataclass(slots=True)
class Visitors:
    """All visitors of this process, least recently seen first; the oldest make room."""

    limit: int = 32
    history: int = 200
    _by_id: OrderedDict[str, Visitor] = field(default_factory=OrderedDict)

    def meet(self, cookie: str) -> Visitor:
        """The visitor behind a cookie value, made anew when unknown.

        A well-formed cookie keeps its value, so that pages left open over a restart go on
        under the id they have.
        """
        visitor_id = cookie if _ID.fullmatch(cookie) else secrets.token_urlsafe(24)
        visitor = self._by_id.get(visitor_id)
        if visitor is None:
            self._make_room()
            visitor = self._by_id[visitor_id] = Visitor(visitor_id, history=self.history)
        self._by_id.move_to_end(visitor_id)
        return visitor

    def of_person(self, channel: str, person_id: str) -> Visitor | None:
        """The visitor whose citizen on this channel has that id, None when nobody does."""
        for visitor in self._by_id.values():
            if visitor.people[channel].id == person_id:
                return visitor
        return None

    def close(self) -> None:
        """End every open stream, so that a stop need not wait for pages to leave."""
        for visitor in self._by_id.values():
            visitor.close()

    def _make_room(self) -> None:
        while len(self._by_id) >= self.limit:
            idle = [key for key, visitor in self._by_id.items() if not visitor.listening]
            gone = self._by_id.pop(idle[0] if idle else next(iter(self._by_id)))
            gone.close()


def _person(channel: str) -> Person:
    return Person(id=digits(19 if channel == "zalo" else 17), id_by_app=digits(19))


def _json(entry: Mapping[str, Any]) -> bytes:
    # Pure ASCII without raw line breaks: nothing in it can end a data line early, and a lone
    # surrogate from a platform body stays an escape.
    return json.dumps(entry, separators=(",", ":")).encode("ascii")
