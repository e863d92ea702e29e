"""What changes while a page is open: server-sent events, and the numbers beside the navigation.

One process looks at the store every two seconds for all its open pages together, and only while
there are any. A stream says no more than that something changed: the page then asks for its own
part again, through the same doors as ever. Neither counts as using the session, so an open window
on an empty desk still logs out.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.console.context import TOKEN, USER, Console, console_of, user_of
from bot.console.guard import quiet, wants_data
from bot.console.signing import session_id
from bot.console.view import BADGES
from bot.errors import StoreError
from bot.store import alarms

#: How often the store is looked at for all streams of this process.
LOOK_SECONDS = 2.0
#: A word at least so often, so that no proxy takes the stream for dead.
BEAT_SECONDS = 15.0
#: Streams of one process; further pages fall back to asking now and then.
MOST_STREAMS = 200


class Pulse:
    """Tells any number of waiting streams that the store has changed.

    Args:
        look: gives a text that changes with the store. May raise `StoreError`.
        every_seconds: how often to look.
    """

    def __init__(
        self, look: Callable[[], Awaitable[str]], every_seconds: float = LOOK_SECONDS
    ) -> None:
        self._look = look
        self._every = every_seconds
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.mark = ""
        self.watchers = 0
        self.closed = False

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """The store is looked at while somebody is inside."""
        self.watchers += 1
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            self.watchers -= 1
            if not self.watchers and self._task is not None:
                self._task.cancel()
                self._task = None
                # What happens while nobody looks must not pass for what was seen last.
                self.mark = ""

    async def after(self, last: str, seconds: float) -> str:
        """The mark once it differs from `last`, or "" when nothing changed for so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self.closed and self.mark in ("", last):
                    await self._changed.wait()
        return "" if self.mark == last else self.mark

    async def close(self) -> None:
        """End every stream: the service stops."""
        self.closed = True
        self._tell()

    async def _run(self) -> None:
        while True:
            # While the store is away nothing changes; the pages' own calls say so.
            with contextlib.suppress(StoreError):
                mark = await self._look()
                if mark != self.mark:
                    self.mark = mark
                    self._tell()
            await asyncio.sleep(self._every)

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


PULSE = web.AppKey("pulse", Pulse)


def add_live(app: web.Application, console: Console) -> None:
    """The stream, the numbers, and what fills the numbers into whole pages."""
    pulse = Pulse(console.conversations.mark)
    app[PULSE] = pulse
    app.router.add_get("/live", stream)
    app.router.add_get("/badges", badges)
    app.middlewares.append(with_badges)

    async def close(_app: web.Application) -> None:
        await pulse.close()

    app.on_shutdown.append(close)


@quiet
async def stream(request: web.Request) -> web.StreamResponse:
    """GET /console/live: an event "change" whenever conversations or alarms changed.

    Ends with an event "session" when the session is over.
    """
    pulse = request.app[PULSE]
    if pulse.watchers >= MOST_STREAMS:
        return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, text="Đang có quá nhiều trang.")
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
    )
    await response.prepare(request)
    last = request.headers.get("Last-Event-ID", "")
    with contextlib.suppress(ConnectionResetError):
        async with pulse.watching():
            await response.write(b"retry: 3000\n\n")
            while not pulse.closed:
                mark = await pulse.after(last, BEAT_SECONDS)
                if not await _still_in(request):
                    await response.write(b"event: session\ndata: over\n\n")
                    break
                last = mark or last
                word = f"id: {mark}\nevent: change\ndata: {mark}\n\n" if mark else ": -\n\n"
                await response.write(word.encode())
    return response


@quiet
async def badges(request: web.Request) -> web.Response:
    """GET /console/badges: the numbers beside the navigation, by page name."""
    return web.json_response(await count(request))


async def count(request: web.Request) -> dict[str, int]:
    """Page name -> how much waits there for this person."""
    console = console_of(request)
    return {
        "conversations": await console.conversations.for_people(user_of(request)),
        "alarms": await console.store.store.read(alarms.unseen),
    }


@web.middleware
async def with_badges(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whole pages carry the numbers from the start, so that they need no script."""
    accepts = request.headers.get("Accept", "*/*")
    page = request.method == "GET" and ("text/html" in accepts or "*/*" in accepts)
    if page and USER in request and not wants_data(request):
        # A page that can be shown without its numbers is.
        with contextlib.suppress(StoreError):
            request[BADGES] = await count(request)
    return await handler(request)


async def _still_in(request: web.Request) -> bool:
    console = console_of(request)
    try:
        user = await console.store.peek_session(
            session_id(request[TOKEN]), round(console.settings.idle_minutes * 60_000)
        )
    except StoreError:
        return True  # nobody is shut out for the store's sake
    return user is not None


def part_of_page(html: str, numbers: dict[str, int]) -> web.Response:
    """What a page's script puts in place of its live region."""
    return web.Response(
        text=json.dumps({"html": html, "badges": numbers}), content_type="application/json"
    )
