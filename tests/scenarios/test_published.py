"""Two services on one PostgreSQL: what is published on one is answered by both."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.app import Service
from bot.models import Conversation, Event, EventKind
from bot.publishing import publish, roll_back
from bot.store.api import InboxEvent
from bot.store.sql_store import SqlStore, open_store
from tests.scenarios.running import run
from tests.unit.knowledge.conftest import LOST, World

# The engines, as in the tests of the store.
from tests.unit.store.conftest import (  # noqa: F401 - pytest finds fixtures by their names
    postgres,
    postgres_only,
    url,
)

TODAY = date(2026, 11, 22)
SHIPPED = Path(__file__).parents[2] / "knowledge"
LOOK = {"BOT__KNOWLEDGE__RELOAD_SECONDS": "0.05"}


def small(folder: Path) -> World:
    """The small base with the word lists that a desk needs."""
    world = World(folder)
    shutil.copytree(SHIPPED / "lexicon", world.folder / "lexicon", dirs_exist_ok=True)
    for name in ("topics.yaml", "audiences.yaml"):
        shutil.copy(SHIPPED / name, world.folder / name)
    world.write("lexicon/menu.yaml", "- {answer: mat-the, payloads: menu_card}\n")
    (world.folder / "lexicon" / "calibration.yaml").unlink(missing_ok=True)
    return world


def answer(service: Service) -> str:
    """What a service answers to one question, past the channels."""
    event = Event(
        channel="messenger",
        account="page",
        user="u1",
        event_key="message:1",
        kind=EventKind.TEXT,
        text="mất thẻ bhyt thì làm sao",
    )
    now = datetime.now(UTC)
    reply, _ = service.respond(InboxEvent(1, event, now), Conversation(), now)
    assert reply.answer_id == "mat-the"
    return reply.parts[0]


async def until(true: Callable[[], bool]) -> None:
    for _ in range(600):
        if true():
            return
        await asyncio.sleep(0.05)
    raise TimeoutError


async def beside(url: str) -> SqlStore:  # noqa: F811
    store = open_store(url, serves=False)
    await store.open()
    return store


@postgres_only
async def test_publishing_and_rolling_back_reach_every_node(
    tmp_path: Path,
    url: str,  # noqa: F811
) -> None:
    world = small(tmp_path / "a")
    old = small(tmp_path / "b")  # the second node keeps another folder all the time
    old.replace(LOST, "làm lại thẻ miễn phí", "gọi tổng đài")
    first = {"DATABASE_URL": url, "BOT__KNOWLEDGE__DIR": str(world.folder), **LOOK}
    second = {**first, "BOT__KNOWLEDGE__DIR": str(old.folder)}
    async with run(tmp_path, **first) as one, run(tmp_path, **second) as two:
        services = (one.service, two.service)
        before = [answer(service) for service in services]
        assert before[0] == before[1]
        assert before[0].startswith("Anh/chị làm lại thẻ miễn phí.")

        world.replace(LOST, "làm lại thẻ miễn phí", "được cấp lại thẻ miễn phí")
        store = await beside(url)
        try:
            done = await publish(store.knowledge, world.folder, TODAY)
            await until(
                lambda: all("được cấp lại thẻ miễn phí" in answer(service) for service in services)
            )
            assert done.before is not None
            await roll_back(store.knowledge, done.before.hash[:12], world.folder, TODAY)
            await until(lambda: [answer(service) for service in services] == before)
        finally:
            await store.close()


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_beside_sqlite_a_saved_file_is_enough(tmp_path: Path, url: str) -> None:  # noqa: F811
    world = small(tmp_path / "a")
    first = {"DATABASE_URL": url, "BOT__KNOWLEDGE__DIR": str(world.folder), **LOOK}
    async with run(tmp_path, **first) as node:
        before = answer(node.service)
        world.replace(LOST, "làm lại thẻ miễn phí", "được cấp lại thẻ miễn phí")
        await until(lambda: "được cấp lại thẻ miễn phí" in answer(node.service))
        store = await beside(url)
        try:
            past = await store.knowledge.history()
            await roll_back(store.knowledge, past[-1].hash, world.folder, TODAY)
            await until(lambda: answer(node.service) == before)
        finally:
            await store.close()
    async with run(tmp_path, **first) as again:
        # The folder has not changed since, so the rollback outlives a restart.
        assert answer(again.service) == before


async def test_a_default_place_that_the_snapshot_lacks_is_left_out(tmp_path: Path) -> None:
    world = small(tmp_path / "a")
    async with run(tmp_path, BOT__KNOWLEDGE__DIR=str(world.folder), **LOOK) as node:
        service = node.service
        service._places = {("messenger", "page"): "nowhere"}
        assert answer(service).startswith("Anh/chị làm lại thẻ miễn phí.")
