"""A console over a small knowledge base that is published, with two editors."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import text

from bot import change_trial
from bot.dialogue import Desk
from bot.match import MatchSettings
from bot.publishing import publish
from bot.store import ConsoleStore
from bot.store import changes as rows
from bot.store.changes import Change
from bot.store.sql_store import SqlStore
from bot.store.users import Role
from tests import small_answers
from tests.unit.console.conftest import Answer, Client, Serve
from tests.unit.console.running import HASHED, Running
from tests.unit.knowledge.conftest import LOST, TODAY, World
from tests.unit.store.building import accept, event

#: The second editor, beside the one named "editor".
SECOND = "minh"
ASKED = "the bhyt bi uot co xin doi duoc khong"


async def tried_here(trial: change_trial.Trial) -> dict[str, Any]:
    """A trial without a process of its own: what it computes is the same."""
    return await asyncio.to_thread(change_trial.try_out, trial)


@dataclass
class Desks:
    """The desk of the published knowledge; a node would build it anew after a publication."""

    desk: Desk

    def __call__(self) -> Desk:
        return self.desk


def world_of(folder: Path) -> World:
    """The small base with the shipped word lists, so that a desk can answer from it."""
    world = World(folder)
    for path in sorted((small_answers.KNOWLEDGE / "lexicon").glob("*.yaml")):
        if path.stem not in ("calibration", "menu"):
            world.write(f"lexicon/{path.name}", path.read_text(encoding="utf-8"))
    world.write("lexicon/menu.yaml", "- {answer: mat-the, payloads: menu_card}\n")
    return world


def desks(world: World) -> Desks:
    return Desks(Desk(world.snapshot(), MatchSettings()))


async def prepare(running: Running, world: World) -> None:
    """Publish the base, let a second editor in, and try changes in this process."""
    await publish(running.sql.knowledge, world.folder, TODAY)
    await running.store.put_user(SECOND, Role.EDITOR, HASHED, actor="test")
    running.console.trials.run = tried_here
    # Frozen for everybody else: the folder of this console is the small base.
    object.__setattr__(running.console, "folder", world.folder)


async def editors(serve: Serve, tmp_path: Path) -> tuple[Client, Client, World]:
    """Two editors, each in a browser of their own, on one console."""
    world = world_of(tmp_path / "world")
    first = await serve(desk=desks(world))
    await prepare(first.running, world)
    await first.log_in("editor")
    second = await another(first, serve)
    await second.log_in(SECOND)
    return first, second, world


async def another(client: Client, serve: Serve) -> Client:
    """Another browser on the same console."""
    return Client(client.running, aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)))


async def asked(store: SqlStore, *words: str, days_ago: float = 0, user: str = "u1") -> list[int]:
    """Questions that ended without an answer, so many days before the tests' noon."""
    at = round((small_answers.NOW.timestamp() - days_ago * 86400) * 1000)
    ids = []
    for one in words:
        await accept(store, event(user, one))
        ids.append(await store.write(lambda conn: _end(conn, at)))
    return ids


def _end(conn: Any, at: int) -> int:
    number = conn.execute(text("SELECT max(id) FROM inbox")).scalar_one()
    conn.execute(
        text("UPDATE inbox SET outcome = 'not_known', arrived_at = :at WHERE id = :id"),
        {"at": at, "id": number},
    )
    return int(number)


async def change(store: ConsoleStore, number: int) -> Change:
    found = await store.store.read(lambda conn: rows.get(conn, number))
    assert found is not None
    return found


async def take(client: Client, number: int, step: str, **fields: Any) -> Answer:
    """A step of a change, as the newest page of it would send."""
    found = await change(client.running.store, number)
    return await client.post(f"changes/{number}/{step}", {"seen": str(found.seen), **fields})


async def drafted(client: Client, *says: str, answer: str = "mat-the") -> int:
    """A tried change that adds phrasings."""
    form = [("csrf", client.csrf), ("answer", answer), *(("say", one) for one in says)]
    page = await client.call("POST", "changes", data=form)
    assert page.status == 200, page.words
    number = int(page.path.split("/changes/")[1].split("?")[0].split("/")[0])
    await client.running.console.trials.wait(number)
    return number


__all__ = [
    "ASKED",
    "LOST",
    "SECOND",
    "TODAY",
    "asked",
    "change",
    "drafted",
    "editors",
    "prepare",
    "take",
]
