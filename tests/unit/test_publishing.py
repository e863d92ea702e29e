"""Publishing on both engines: what is stored, what is active, who may, and who was faster."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.errors import BotError, KnowledgeError
from bot.publishing import compare, find, package_of, publish, roll_back
from bot.store import SqlStore
from bot.store.publishing import ActivationKind, Draft, Package
from knowledge.package import rebuild
from tests.unit.knowledge.conftest import World

# The engines, as in the tests of the store.
from tests.unit.store.conftest import (  # noqa: F401 - pytest finds fixtures by their names
    MakeStore,
    make_store,
    postgres,
    store,
    url,
)

TODAY = date(2026, 11, 22)
LOST = "answers/card_lost_or_wrong/mat-the.yaml"
RATE = "answers/hssv_rate/muc-dong.yaml"
SALARY = "values/base_salary.yaml"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "world")


@pytest.fixture
def edit(world: World) -> Callable[[str], str]:
    """Changes one reply, and returns the hash of the folder as it is then."""

    def change(words: str) -> str:
        world.full(f"Anh/chị {words}.\n")
        return world.snapshot().hash

    return change


# -- publish --------------------------------------------------------------------------------
async def test_a_folder_is_stored_and_active(store: SqlStore, world: World) -> None:  # noqa: F811
    done = await publish(store.knowledge, world.folder, TODAY, author="An", approver="Bình")
    assert (done.hash, done.answers, done.before, done.already) == (
        world.snapshot().hash,
        3,
        None,
        False,
    )
    active = await store.knowledge.active()
    assert active is not None
    assert (active.number, active.hash, active.kind) == (1, done.hash, ActivationKind.PUBLISH)
    assert (active.author, active.approver, active.answers) == ("An", "Bình", 3)
    assert (active.folder, active.active_from.year > 2000) == (done.hash, True)


async def test_any_node_rebuilds_it_without_the_folder(
    store: SqlStore,  # noqa: F811
    make_store: MakeStore,  # noqa: F811
    url: str,  # noqa: F811
    world: World,
) -> None:
    done = await publish(store.knowledge, world.folder, TODAY)
    expected = {id_: (a.file, a.version) for id_, a in world.snapshot().answers.items()}
    other = store if url.startswith("sqlite") else await make_store()
    blob = await other.knowledge.content(done.hash)
    assert blob is not None
    again = rebuild(blob, done.hash)
    assert {id_: (a.file, a.version) for id_, a in again.answers.items()} == expected


async def test_the_same_content_is_active_already(store: SqlStore, world: World) -> None:  # noqa: F811
    await publish(store.knowledge, world.folder, TODAY)
    again = await publish(store.knowledge, world.folder, TODAY)
    assert again.already
    assert len(await store.knowledge.history()) == 1


async def test_what_changes_is_told(store: SqlStore, world: World) -> None:  # noqa: F811
    first = await publish(store.knowledge, world.folder, TODAY)
    assert first.changes is None
    world.full("Anh/chị gọi {{ hotline() }}.\n")
    world.replace(SALARY, '"2340000"', '"2350000"')
    (world.folder / "answers/campaign/chi-tieu.yaml").unlink()
    new = world.read(LOST).replace("id: mat-the", "id: doi-the")
    phrasings = new.partition("phrasings:\n")[2].partition("negative_phrasings:")[0]
    other = "".join(f"  - đổi thẻ {chr(97 + n) * 6}\n" for n in range(10))
    world.write("answers/card_lost_or_wrong/doi-the.yaml", new.replace(phrasings, other))
    done = await publish(store.knowledge, world.folder, TODAY)
    changes = done.changes
    assert changes is not None
    assert (changes.added, changes.removed, changes.changed) == (
        ("doi-the",),
        ("chi-tieu",),
        ("mat-the",),
    )
    assert changes.files == ("values/base_salary.yaml",)
    # The rate answer's file did not change, what it says did.
    assert [d.answer_id for d in changes.texts] == ["chi-tieu", "doi-the", "mat-the", "muc-dong"]


def test_an_answer_that_moves_is_changed_not_lost() -> None:
    old, new = {"answers/a/x.yaml": b"1"}, {"answers/b/x.yaml": b"2"}
    changes = compare(old, new)
    assert (changes.added, changes.removed, changes.changed) == ((), (), ("x",))


async def test_a_folder_with_errors_is_refused(store: SqlStore, world: World) -> None:  # noqa: F811
    world.replace(RATE, "kind: rule", "kind: rhyme")
    world.replace(LOST, "topic: card_lost_or_wrong", "topic: nonsense")
    with pytest.raises(KnowledgeError) as refused:
        await publish(store.knowledge, world.folder, TODAY)
    assert f"{RATE}:" in str(refused.value)
    assert f"{LOST}:" in str(refused.value)
    assert await store.knowledge.active() is None


async def test_a_rule_on_dead_law_is_refused(store: SqlStore, world: World) -> None:  # noqa: F811
    cited = "  - {directive: nd-2-2025, locator: Điều 6}\n"
    world.replace(RATE, cited, "  - {directive: nd-1-2018}\n")
    world.replace(RATE, "effective_from: 2025-07-01", "effective_from: 2024-07-01")
    with pytest.raises(KnowledgeError, match="was superseded"):
        await publish(store.knowledge, world.folder, TODAY)


@pytest.mark.parametrize(("author", "approver"), [("An", "An"), ("Lê  An", " lê an "), ("é", "é")])
async def test_author_and_approver_are_two_people(
    store: SqlStore,  # noqa: F811
    world: World,
    author: str,
    approver: str,
) -> None:
    with pytest.raises(BotError, match="two different people"):
        await publish(store.knowledge, world.folder, TODAY, author=author, approver=approver)
    assert await store.knowledge.active() is None


# -- rollback -------------------------------------------------------------------------------
async def test_back_to_an_earlier_one(
    store: SqlStore,  # noqa: F811
    world: World,
    edit: Callable[[str], str],
) -> None:
    first = await publish(store.knowledge, world.folder, TODAY)
    second = edit("gọi tổng đài")
    await publish(store.knowledge, world.folder, TODAY)
    done = await roll_back(
        store.knowledge, first.hash[:8].upper(), world.folder, TODAY, author="An", approver="Bình"
    )
    assert done.hash == first.hash
    assert done.changes is not None
    assert done.changes.changed == ("mat-the",)
    past = await store.knowledge.history()
    assert [(a.number, a.hash, a.kind) for a in past] == [
        (3, first.hash, ActivationKind.ROLLBACK),
        (2, second, ActivationKind.PUBLISH),
        (1, first.hash, ActivationKind.PUBLISH),
    ]
    assert past[0].folder == second


async def test_a_rollback_to_the_active_one_changes_nothing(
    store: SqlStore,  # noqa: F811
    world: World,
) -> None:
    first = await publish(store.knowledge, world.folder, TODAY)
    done = await roll_back(store.knowledge, first.hash, world.folder, TODAY)
    assert done.already
    assert len(await store.knowledge.history()) == 1


@pytest.mark.parametrize(
    ("prefix", "said"),
    [
        ("abc", "at least the first 8 digits"),
        ("%%%%%%%%", "at least the first 8 digits"),
        ("xyz12345", "at least the first 8 digits"),
        ("0" * 8, "No snapshot 00000000 was ever published"),
        ("0" * 65, "at least the first 8 digits"),
    ],
)
async def test_an_unknown_hash(store: SqlStore, prefix: str, said: str) -> None:  # noqa: F811
    with pytest.raises(BotError, match=said):
        await find(store.knowledge, prefix)


async def test_an_ambiguous_hash(store: SqlStore) -> None:  # noqa: F811
    for number, hash_ in enumerate(["abcdef01" + "0" * 56, "abcdef01" + "1" * 56]):
        draft = Draft(hash_, ActivationKind.PUBLISH, hash_)
        assert await store.knowledge.activate(draft, Package(hash_, b"x", 1), number)
    with pytest.raises(BotError, match="Several snapshots begin with abcdef01"):
        await find(store.knowledge, "abcdef01")
    assert await find(store.knowledge, "abcdef011") == "abcdef01" + "1" * 56


async def test_a_snapshot_of_another_version_is_not_activated(
    store: SqlStore,  # noqa: F811
    world: World,
) -> None:
    broken = "f" * 64
    draft = Draft(broken, ActivationKind.PUBLISH, broken)
    await store.knowledge.activate(draft, Package(broken, b"x", 1), 0)
    # A predecessor that cannot be read does not stop a mending ...
    done = await publish(store.knowledge, world.folder, TODAY)
    assert done.before is not None
    assert done.changes is None
    # ... and nobody goes back to it.
    with pytest.raises(KnowledgeError, match="damaged"):
        await roll_back(store.knowledge, broken, world.folder, TODAY)
    active = await store.knowledge.active()
    assert active is not None
    assert active.hash == done.hash


# -- two publishers ----------------------------------------------------------------------------
async def test_of_two_publishers_one_is_told(
    store: SqlStore,  # noqa: F811
    make_store: MakeStore,  # noqa: F811
    world: World,
    tmp_path: Path,
) -> None:
    beside = await make_store(serves=False)
    other = World(tmp_path / "other" / "world")
    other.full("Anh/chị gọi tổng đài.\n")
    before = await publish(store.knowledge, world.folder, TODAY)
    world.full("Anh/chị gọi cơ quan BHXH.\n")
    done = await asyncio.gather(
        publish(store.knowledge, world.folder, TODAY, author="An"),
        publish(beside.knowledge, other.folder, TODAY, author="Bình"),
        return_exceptions=True,
    )
    hashes = {world.snapshot().hash, other.snapshot().hash}
    past = await store.knowledge.history()
    # Every activation was made by somebody who had seen the one before it.
    assert [a.number for a in past] == list(range(len(past), 0, -1))
    assert past[-1].hash == before.hash
    assert past[0].hash in hashes
    refused = [one for one in done if isinstance(one, BaseException)]
    assert len(past) == 3 - len(refused)
    assert all(isinstance(one, BotError) and "in the meantime" in str(one) for one in refused)


async def test_a_number_is_given_once(store: SqlStore, make_store: MakeStore) -> None:  # noqa: F811
    beside = await make_store(serves=False)
    hashes = [f"{n:064x}" for n in range(8)]

    async def one(nth: int) -> bool:
        to = (store, beside)[nth % 2].knowledge
        draft = Draft(hashes[nth], ActivationKind.FOLDER, hashes[nth])
        return await to.activate(draft, Package(hashes[nth], b"x", 1), 0)

    assert sum(await asyncio.gather(*(one(nth) for nth in range(8)))) == 1
    assert len(await store.knowledge.history()) == 1
    # A stale publisher, who has seen less than what is active, is refused as well.
    draft = Draft(hashes[0], ActivationKind.FOLDER, hashes[0])
    assert not await store.knowledge.activate(draft, Package(hashes[0], b"x", 1), 0)


async def test_what_is_stored_stays(store: SqlStore, world: World) -> None:  # noqa: F811
    package, _ = package_of(world.folder)
    draft = Draft(package.hash, ActivationKind.FOLDER, package.hash)
    await store.knowledge.activate(draft, package, 0)
    forged = Package(package.hash, b"other", 99)
    assert await store.knowledge.activate(draft, forged, 1)
    assert await store.knowledge.content(package.hash) == package.content
    assert [a.answers for a in await store.knowledge.history()] == [3, 3]
