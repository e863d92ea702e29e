"""Changes against the published knowledge, on both engines: who was faster, and what lasts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.change_text import add_phrasings
from bot.changes import Moved, as_patch, go_back, go_live, ground, rebased, standing
from bot.errors import BotError, KnowledgeError
from bot.publishing import publish
from bot.reload import Reloader
from bot.store import ConsoleStore, SqlStore
from bot.store import changes as rows
from bot.store.changes import Change, NewChange
from bot.store.users import Role
from knowledge.snapshot import Snapshot
from tests.unit.knowledge.conftest import LOST, RATE, TODAY, World

# The engines, as in the tests of the store.
from tests.unit.store.conftest import (  # noqa: F401 - pytest finds fixtures by their names
    MakeStore,
    make_store,
    postgres,
    store,
    url,
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "world")


async def written(store: SqlStore, world: World, words: str) -> Change:  # noqa: F811
    """A change by Lan that adds a phrasing to what is active."""
    console = ConsoleStore(store)
    if await console.password_of("lan") is None:
        await console.put_user("lan", Role.EDITOR, "hash", actor="test")
    found = await console.password_of("lan")
    now = await ground(store)
    assert found is not None
    assert now is not None
    new = NewChange("t", now.hash, {LOST: add_phrasings(now.text(LOST) or "", [words])})
    number = await store.write(lambda conn: rows.add(conn, store.database, found[0], new))
    change = await store.read(lambda conn: rows.get(conn, number))
    assert change is not None
    return change


async def test_without_anything_published_there_is_no_ground(store: SqlStore) -> None:  # noqa: F811
    assert await ground(store) is None


async def test_what_went_live_lasts_over_a_restart(
    store: SqlStore,  # noqa: F811
    world: World,
) -> None:
    served: list[str] = []

    def serve(snapshot: Snapshot) -> None:
        served.append(snapshot.hash)

    async def restart() -> None:
        await Reloader(store.knowledge, world.folder, world.snapshot(), serve, 1.0).start()

    await restart()
    change = await written(store, world, "thẻ ướt")
    now = await ground(store)
    assert now is not None
    live = await go_live(store, change, now, TODAY, "minh")
    await restart()
    active = await store.knowledge.active()
    assert active is not None
    assert (active.hash, served) == (live.hash, [live.hash])
    # Whoever keeps the files takes the patch over: nothing new to publish.
    world.write(LOST, change.files[LOST])
    await restart()
    active = await store.knowledge.active()
    assert active is not None
    assert (active.hash, active.number) == (live.hash, 2)
    # And goes on from there: the folder is the source beside SQLite.
    world.replace(RATE, "- học sinh đóng bhyt bao nhiêu", "- học sinh đóng bhyt mấy tiền")
    await restart()
    active = await store.knowledge.active()
    assert active is not None
    assert (active.number == 3) == store.knowledge.single_node


async def test_who_was_faster_is_never_overridden(
    store: SqlStore,  # noqa: F811
    world: World,
) -> None:
    await publish(store.knowledge, world.folder, TODAY)
    change = await written(store, world, "thẻ ướt")
    seen = await ground(store)
    assert seen is not None
    world.replace(RATE, "- học sinh đóng bhyt bao nhiêu", "- học sinh đóng bhyt mấy tiền")
    await publish(store.knowledge, world.folder, TODAY)
    with pytest.raises(Moved):
        await go_live(store, change, seen, TODAY, "minh")
    now = await ground(store)
    assert now is not None
    with pytest.raises(Moved):
        await go_live(store, change, now, TODAY, "minh")
    with pytest.raises(Moved):
        await go_back(store, seen.hash, world.folder, TODAY, "minh", after=1)
    found = standing(change, seen, now)
    assert (found.stale, found.touched, found.conflicts) == (True, (), ())
    assert rebased(change, seen, now) == change.files
    active = await store.knowledge.active()
    assert active is not None
    assert active.number == 2


async def test_author_and_approver_are_two(store: SqlStore, world: World) -> None:  # noqa: F811
    await publish(store.knowledge, world.folder, TODAY)
    change = await written(store, world, "thẻ ướt")
    now = await ground(store)
    assert now is not None
    with pytest.raises(BotError, match="two different people"):
        await go_live(store, change, now, TODAY, "LAN ")


async def test_what_the_check_refuses_and_what_lies_outside(
    store: SqlStore,  # noqa: F811
    world: World,
) -> None:
    await publish(store.knowledge, world.folder, TODAY)
    change = await written(store, world, "thẻ ướt")
    now = await ground(store)
    assert now is not None
    broken = replace(change, files={LOST: "id: [\n"})
    with pytest.raises(KnowledgeError):
        await go_live(store, broken, now, TODAY, "minh")
    outside = replace(change, files={"../../evil.yaml": "id: a\n"})
    with pytest.raises(KnowledgeError, match="outside"):
        await go_live(store, outside, now, TODAY, "minh")
    active = await store.knowledge.active()
    assert active is not None
    assert active.number == 1
    assert as_patch(change, now).count("+  - thẻ ướt\n") == 1
