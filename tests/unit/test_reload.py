"""A running node takes over what is published, and only what is sound. Both engines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path

import pytest

from bot import log_texts
from bot.errors import StoreError
from bot.publishing import publish, roll_back
from bot.reload import Reloader, known_folders, stamp
from bot.store import SqlStore
from bot.store.publishing import ActivationKind, Draft, Package
from knowledge.snapshot import Snapshot
from tests.unit.knowledge.conftest import World

# The engines, as in the tests of the store.
from tests.unit.store.conftest import (  # noqa: F401 - pytest finds fixtures by their names
    MakeStore,
    make_store,
    postgres,
    postgres_only,
    sqlite_only,
    store,
    url,
)

LOOK_SECONDS = 0.02
#: Long enough for a look to have happened where nothing is expected from it.
LOOKS = LOOK_SECONDS * 15
TODAY = date(2026, 11, 22)
LOST = "answers/card_lost_or_wrong/mat-the.yaml"


class Node:
    """A reloader with its folder, and what it has served, newest last."""

    def __init__(self, store: SqlStore, world: World) -> None:  # noqa: F811
        self.world = world
        self.store = store.knowledge
        self.started_with = world.snapshot()
        self.served: list[str] = [self.started_with.hash]
        self.refuse = ""
        self.reloader = Reloader(
            self.store, world.folder, self.started_with, self.serve, LOOK_SECONDS
        )

    def serve(self, snapshot: Snapshot) -> None:
        if snapshot.hash == self.refuse:
            raise RuntimeError("no index can be built")
        self.served.append(snapshot.hash)

    @property
    def now(self) -> str:
        return self.served[-1]

    def edit(self, words: str) -> str:
        """Change a reply; the hash of the folder afterwards."""
        self.world.full(f"Anh/chị {words}.\n")
        return self.world.snapshot().hash


Start = Callable[..., Awaitable[Node]]


@pytest.fixture
async def start(store: SqlStore, tmp_path: Path) -> AsyncIterator[Start]:  # noqa: F811
    """Starts nodes on the store; those named alike share a folder, as after a restart."""
    worlds: dict[str, World] = {}
    async with AsyncExitStack() as stack:

        async def make(name: str = "a", *, watch: bool = True, words: str = "") -> Node:
            world = worlds.get(name) or World(tmp_path / name / "world")
            worlds[name] = world
            if words:
                world.full(f"Anh/chị {words}.\n")
            node = Node(store, world)
            await node.reloader.start()
            if watch:
                task = asyncio.create_task(node.reloader.run())
                stack.push_async_callback(stop, task)
            return node

        yield make


async def stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def until(true: Callable[[], bool]) -> None:
    for _ in range(1000):
        if true():
            return
        await asyncio.sleep(LOOK_SECONDS)
    raise TimeoutError


async def kinds(store: SqlStore) -> list[str]:  # noqa: F811
    return [str(a.kind) for a in await store.knowledge.history()]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which sentences about knowledge were logged."""
    names: list[str] = []
    for name in (
        "knowledge_refused",
        "knowledge_differs",
        "knowledge_unusable",
        "knowledge_published",
        "store_unavailable",
    ):
        monkeypatch.setattr(log_texts, name, lambda *_, _name=name: names.append(_name))
    return names


# -- start ----------------------------------------------------------------------------------
async def test_the_first_start_publishes_the_folder(
    store: SqlStore,  # noqa: F811
    start: Start,
    said: list[str],
) -> None:
    node = await start(watch=False)
    active = await store.knowledge.active()
    assert active is not None
    assert (active.hash, active.kind) == (node.now, ActivationKind.FOLDER)
    assert said == ["knowledge_published"]


async def test_a_second_start_publishes_nothing(store: SqlStore, start: Start) -> None:  # noqa: F811
    await start(watch=False)
    await start(watch=False)
    assert await kinds(store) == ["folder"]


@sqlite_only
async def test_a_folder_that_changed_in_between_is_published(
    store: SqlStore,  # noqa: F811
    start: Start,
) -> None:
    first = await start(watch=False)
    changed = first.edit("gọi tổng đài")
    second = await start(watch=False)
    assert second.now == changed
    active = await store.knowledge.active()
    assert active is not None
    assert active.hash == changed


@postgres_only
async def test_a_node_with_another_folder_serves_what_is_published(
    store: SqlStore,  # noqa: F811
    start: Start,
    said: list[str],
) -> None:
    first = await start("a", watch=False)
    second = await start("b", watch=False, words="gọi tổng đài")
    assert second.served == [second.started_with.hash, first.now]
    assert await kinds(store) == ["folder"]
    assert said == ["knowledge_published", "knowledge_differs"]


@sqlite_only
async def test_a_rollback_survives_a_restart(store: SqlStore, start: Start) -> None:  # noqa: F811
    node = await start(watch=False)
    first = node.now
    node.edit("gọi tổng đài")
    await start(watch=False)
    await roll_back(store.knowledge, first, node.world.folder, TODAY)
    again = await start(watch=False)
    assert again.now == first
    third = again.edit("gọi cơ quan BHXH")
    after = await start(watch=False)
    assert after.now == third
    assert await kinds(store) == ["folder", "rollback", "folder", "folder"]


@sqlite_only
async def test_a_publication_from_another_folder_survives_a_restart(
    store: SqlStore,  # noqa: F811
    start: Start,
    tmp_path: Path,
) -> None:
    await start(watch=False)
    other = World(tmp_path / "other" / "world")
    other.full("Anh/chị gọi tổng đài.\n")
    done = await publish(store.knowledge, other.folder, TODAY)
    again = await start(watch=False)
    assert again.now == done.hash


async def test_a_stored_snapshot_that_no_longer_validates_stops_nothing(
    store: SqlStore,  # noqa: F811
    start: Start,
    said: list[str],
) -> None:
    node = await start(watch=False)
    own = node.now
    broken = "f" * 64
    # As a person's publication by an older version, which the folder does not override.
    draft = Draft(broken, ActivationKind.PUBLISH, own)
    await store.knowledge.activate(draft, Package(broken, b"x", 1), 1)
    again = await start(watch=False)
    assert again.served == [own]
    assert "knowledge_unusable" in said


# -- watching -------------------------------------------------------------------------------
async def test_a_publication_is_taken_over(
    store: SqlStore,  # noqa: F811
    start: Start,
    tmp_path: Path,
) -> None:
    node = await start()
    other = World(tmp_path / "other" / "world")
    other.full("Anh/chị gọi tổng đài.\n")
    done = await publish(store.knowledge, other.folder, TODAY)
    await until(lambda: node.now == done.hash)
    await roll_back(store.knowledge, node.served[0], other.folder, TODAY)
    await until(lambda: node.now == node.served[0])
    assert len(node.served) == 3


@postgres_only
async def test_every_node_follows(store: SqlStore, start: Start) -> None:  # noqa: F811
    first, second = await start("a"), await start("b", words="gọi tổng đài")
    assert first.now == second.now
    done = await publish(store.knowledge, second.world.folder, TODAY)
    await until(lambda: first.now == second.now == done.hash)


@sqlite_only
async def test_a_changed_folder_is_published_and_served(
    store: SqlStore,  # noqa: F811
    start: Start,
) -> None:
    node = await start()
    changed = node.edit("gọi tổng đài")
    await until(lambda: node.now == changed)
    assert await kinds(store) == ["folder", "folder"]


@postgres_only
async def test_a_changed_folder_is_only_told(
    store: SqlStore,  # noqa: F811
    start: Start,
    said: list[str],
) -> None:
    node = await start()
    node.edit("gọi tổng đài")
    await until(lambda: "knowledge_differs" in said)
    assert len(node.served) == 1
    assert await kinds(store) == ["folder"]


@sqlite_only
async def test_after_a_rollback_the_next_change_counts_again(
    store: SqlStore,  # noqa: F811
    start: Start,
) -> None:
    node = await start()
    first = node.now
    second = node.edit("gọi tổng đài")
    await until(lambda: node.now == second)
    await roll_back(store.knowledge, first, node.world.folder, TODAY)
    await until(lambda: node.now == first)
    await asyncio.sleep(LOOKS)
    assert node.now == first  # the folder still holds the second
    third = node.edit("gọi cơ quan BHXH")
    await until(lambda: node.now == third)


@sqlite_only
async def test_a_faulty_change_leaves_the_old(
    store: SqlStore,  # noqa: F811
    start: Start,
    said: list[str],
) -> None:
    node = await start()
    good = node.world.read(LOST)
    node.world.write(LOST, good + "colour: red\n")
    await until(lambda: "knowledge_refused" in said)
    assert len(node.served) == 1
    node.world.write(LOST, good + "# mended\n")
    await until(lambda: len(node.served) == 2)
    assert await kinds(store) == ["folder", "folder"]


@sqlite_only
async def test_the_same_content_is_not_served_again(
    store: SqlStore,  # noqa: F811
    start: Start,
) -> None:
    node = await start()
    node.world.write(LOST, node.world.read(LOST))
    await asyncio.sleep(LOOKS)
    assert len(node.served) == 1
    assert await kinds(store) == ["folder"]


async def test_a_snapshot_that_cannot_be_served_leaves_the_old(
    store: SqlStore,  # noqa: F811
    start: Start,
    said: list[str],
    tmp_path: Path,
) -> None:
    node = await start()
    other = World(tmp_path / "other" / "world")
    other.full("Anh/chị gọi tổng đài.\n")
    node.refuse = other.snapshot().hash
    await publish(store.knowledge, other.folder, TODAY)
    await until(lambda: "knowledge_unusable" in said)
    other.full("Anh/chị gọi cơ quan BHXH.\n")
    done = await publish(store.knowledge, other.folder, TODAY)
    await until(lambda: node.now == done.hash)
    assert node.refuse not in node.served


async def test_a_store_that_is_away_is_told_once_and_waited_for(
    store: SqlStore,  # noqa: F811
    start: Start,
    said: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    node = await start()

    async def away() -> None:
        raise StoreError

    with monkeypatch.context() as gone:
        gone.setattr(store.knowledge, "active", away)
        await asyncio.sleep(LOOKS)
    assert said.count("store_unavailable") == 1
    other = World(tmp_path / "other" / "world")
    other.full("Anh/chị gọi tổng đài.\n")
    done = await publish(store.knowledge, other.folder, TODAY)
    await until(lambda: node.now == done.hash)


# -- parts ----------------------------------------------------------------------------------
async def test_what_the_store_has_met_of_a_folder(store: SqlStore, start: Start) -> None:  # noqa: F811
    node = await start(watch=False)
    first = node.now
    steps = [("publish", "b" * 64, "b" * 64), ("rollback", "c" * 64, "d" * 64)]
    for number, (kind, hash_, folder) in enumerate(steps, 1):
        draft = Draft(hash_, ActivationKind(kind), folder)
        await store.knowledge.activate(draft, Package(hash_, b"x", 1), number)
    past = await store.knowledge.history()
    # The active one, the folder of the rollback, of the publication, and the node's own.
    assert known_folders(past) == {"c" * 64, "d" * 64, "b" * 64, first}
    assert known_folders(past[-1:]) == {first}


def test_a_stamp_changes_with_every_file(tmp_path: Path) -> None:
    world = World(tmp_path / "world")
    before = stamp(world.folder)
    (world.folder / LOST).unlink()
    assert stamp(world.folder) != before
