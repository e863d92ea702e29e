"""A person behind the desk, with a whole service: words that leave, alarms that are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from bot import texts
from bot.store import ConsoleStore, SqlStore, open_store
from bot.store.inbox_view import Wanted
from bot.store.inbox_view_verbs import ConversationStore, Done
from bot.store.users import Role
from tests.scenarios.running import run


@asynccontextmanager
async def beside(folder: Path) -> AsyncIterator[SqlStore]:
    """The service's store, as a command beside it opens it."""
    store = open_store(f"sqlite:///{folder}/bot.db", serves=False)
    await store.open()
    yield store
    await store.close()


@asynccontextmanager
async def hook() -> AsyncIterator[tuple[str, asyncio.Queue[Any]]]:
    """A chat service's webhook, and what was posted to it."""
    bodies: asyncio.Queue[Any] = asyncio.Queue()

    async def take(request: web.Request) -> web.Response:
        bodies.put_nowait(await request.json())
        return web.Response()

    app = web.Application()
    app.router.add_post("/secret-key", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/secret-key", bodies
    await runner.cleanup()


async def test_a_persons_words_reach_the_citizen_through_the_channel(tmp_path: Path) -> None:
    async with run(tmp_path) as running, beside(tmp_path) as store:
        await running.sample("messenger", "fb_01_text")
        before = len(await running.settled())
        console = ConsoleStore(store)
        await console.put_user("lan", Role.AGENT, "hash", actor="test")
        found = await console.password_of("lan")
        assert found is not None
        talks = ConversationStore(store, takeover_minutes=60)
        [line] = await talks.lines(found[0], Wanted(), 10)
        sent = await talks.reply(found[0], line.id, "Em chào anh/chị ạ.")
        assert sent.done is Done.YES
        leaving = await running.settled()
        assert len(leaving) == before + 1
        assert leaving[-1].body["message"]["text"] == f"{texts.STAFF_HERE}\nEm chào anh/chị ạ."
        whole = await talks.whole(line.id)
        assert whole is not None
        last = whole.turns[-1].parts[-1]
        assert (last.staff, last.state) == ("lan", "accepted")


async def test_a_service_tells_an_alarm_once(tmp_path: Path) -> None:
    async with hook() as (url, bodies):
        async with (
            run(tmp_path, ALARM_WEBHOOK_URL=url, BOT__ALARMS__CHECK_SECONDS="0.05"),
            beside(tmp_path) as store,
        ):
            await store.raise_alarm("zalo", "22", "token_key")
            async with asyncio.timeout(20):
                while True:
                    body = await bodies.get()
                    kinds = [alarm["key"] for alarm in body["alarms"]]
                    if "raised:token_key:zalo:22" in kinds:
                        break
            await asyncio.sleep(0.3)  # several more looks
        later = []
        while not bodies.empty():
            later += [alarm["key"] for alarm in bodies.get_nowait()["alarms"]]
        assert "raised:token_key:zalo:22" not in later
        assert "Không giải mã được mã truy cập của Zalo" in body["text"]
