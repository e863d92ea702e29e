"""Changes of the knowledge from the console: what they are written against, and how they go live.

The files stay the truth. A change is a patch to them (`bot.change_merge`), and it goes live
through the same functions as `bot publish`: the active snapshot's files with the change in them
are written to a folder that exists for this one publication. Whoever keeps the files applies the
same patch, and then the folder's content has the very hash that is active already.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from bot.change_merge import merge, patch
from bot.change_text import add_questions
from bot.errors import BotError, KnowledgeError
from bot.publishing import Published, publish, roll_back
from bot.store.changes import Change
from bot.store.publishing import Activation, Draft, Package, PublishedKnowledge, Run
from bot.store.sql_store import SqlStore
from knowledge.package import ROOT, unpack

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ground:
    """The knowledge that is active now: what a change is written against."""

    activation: Activation
    files: Mapping[str, bytes]

    @property
    def hash(self) -> str:
        """Of the snapshot."""
        return self.activation.hash

    def text(self, path: str) -> str | None:
        """One file, None when there is none."""
        content = self.files.get(path)
        return None if content is None else content.decode("utf-8")

    def with_files(self, files: Mapping[str, str]) -> dict[str, bytes]:
        """All files with a change in them."""
        return {**self.files, **{path: text.encode("utf-8") for path, text in files.items()}}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a change stands to what is active now."""

    #: True when another snapshot became active since the change was written.
    stale: bool
    #: Its files that were changed there, too.
    touched: tuple[str, ...] = ()
    #: Those of them whose edits meet: a person must put them together.
    conflicts: tuple[str, ...] = ()


class Moved(BotError):
    """Somebody else's snapshot became active in between; nothing was published."""


async def ground(store: SqlStore, snapshot_hash: str = "") -> Ground | None:
    """The active knowledge, or that of an earlier hash; None when there is none."""
    active = await store.knowledge.active()
    if active is None:
        return None
    blob = await store.knowledge.content(snapshot_hash or active.hash)
    if blob is None:
        return None
    return Ground(active, await asyncio.to_thread(unpack, blob))


def standing(change: Change, base: Ground, now: Ground) -> Standing:
    """Whether a change still fits. Pure.

    Args:
        change: as it is stored.
        base: the knowledge it was written against.
        now: the knowledge that is active.
    """
    if change.base == now.hash:
        return Standing(stale=False)
    touched = tuple(p for p in change.files if base.text(p) != now.text(p))
    met = tuple(p for p in touched if _merged(change, base, now, p) is None)
    return Standing(stale=True, touched=touched, conflicts=met)


def rebased(change: Change, base: Ground, now: Ground) -> dict[str, str]:
    """The change's files upon what is active now; where edits meet, the change's own text. Pure."""
    files = {}
    for path, text in change.files.items():
        merged = _merged(change, base, now, path)
        files[path] = text if merged is None else merged
    return files


def as_patch(change: Change, base: Ground, tests: Path | None = None) -> str:
    """The change as a patch to the repository: knowledge, and the questions that it answers.

    Args:
        change: as it is stored.
        base: the knowledge it was written against.
        tests: the folder of the test questions, `tests/knowledge`; None when there is none here.
    """
    old = {path: text for path in change.files if (text := base.text(path)) is not None}
    return patch(old, change.files) + (_questions(change, tests) if tests else "")


async def go_live(
    store: SqlStore, change: Change, now: Ground, today: date, approver: str
) -> Published:
    """Publish a change upon the knowledge that is active now.

    Raises `Moved` when another snapshot became active meanwhile, `KnowledgeError` when the check
    refuses it, `BotError` when author and approver are one person, `StoreError`.
    """
    if change.base != now.hash:
        raise Moved
    files = now.with_files(change.files)

    async def work(knowledge: PublishedKnowledge) -> Published:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / ROOT
            _write(folder, files)
            return await publish(knowledge, folder, today, author=change.author, approver=approver)

    return await _aside(store, work, after=now.activation.number)


async def go_back(
    store: SqlStore, snapshot_hash: str, folder: Path, today: date, author: str, *, after: int
) -> Published:
    """Make an earlier snapshot active again, unless the newest activation is not `after` any more.

    Raises `Moved`, `KnowledgeError`, `BotError`, `StoreError`.
    """

    async def work(knowledge: PublishedKnowledge) -> Published:
        return await roll_back(knowledge, snapshot_hash, folder, today, author=author)

    return await _aside(store, work, after=after)


class _Since(PublishedKnowledge):
    """Published knowledge that takes an activation only right after a known one."""

    def __init__(self, store: SqlStore, after: int, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(store.database, _Over(loop, store.read), _Over(loop, store.write))
        self._after = after

    async def activate(self, draft: Draft, package: Package | None, after: int) -> bool:
        """As its parent; raises `Moved` when somebody published since the page was shown."""
        if after != self._after:
            raise Moved
        if not await super().activate(draft, package, after):
            raise Moved
        return True


async def _aside(
    store: SqlStore, work: Callable[[PublishedKnowledge], Awaitable[T]], *, after: int
) -> T:
    """Run a publication in a thread: it checks and compares for seconds, and this loop serves."""
    knowledge = _Since(store, after, asyncio.get_running_loop())

    async def run() -> T:
        return await work(knowledge)

    return await asyncio.to_thread(lambda: asyncio.run(run()))


class _Over:
    """A verb of the store, called from another loop than the store's."""

    def __init__(self, loop: asyncio.AbstractEventLoop, verb: Run) -> None:
        self._loop = loop
        self._verb = verb

    async def __call__(self, job: Callable[[Connection], T], /) -> T:
        """What the job returns, from over there."""

        async def there() -> T:
            return await self._verb(job)

        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(there(), self._loop))


def _questions(change: Change, tests: Path) -> str:
    """The tried questions that reach their answer, as a patch to the files of test questions."""
    right = {
        one["text"]: one["answer"]
        for one in (change.trial or {}).get("questions", ())
        if one["got"] == one["answer"]
    }
    old: dict[str, str] = {}
    new: dict[str, str] = {}
    for path in sorted(change.files):
        relative, answer_id = path.removeprefix("answers/"), Path(path).stem
        file = tests / relative
        text = file.read_text(encoding="utf-8") if file.is_file() else None
        asked = [words for words, answer in right.items() if answer == answer_id]
        try:
            more = add_questions(text, answer_id, asked)
        except KnowledgeError:
            continue  # written in a way that only a person should touch
        if more is not None:
            new[relative] = more
            old |= {relative: text} if text is not None else {}
    return patch(old, new, "tests/knowledge")


def _merged(change: Change, base: Ground, now: Ground, path: str) -> str | None:
    mine, old, new = change.files[path], base.text(path), now.text(path)
    if old == new:
        return mine
    if old is None or new is None:
        # Both made a file of this name, or one took it away.
        return mine if mine == new else None
    return merge(old, mine, new)


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, content in files.items():
        target = folder / path
        if not target.resolve().is_relative_to(folder.resolve()):
            raise KnowledgeError(f"{path} lies outside of the knowledge folder.")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


__all__: Sequence[str] = [
    "Ground",
    "Moved",
    "Standing",
    "as_patch",
    "go_back",
    "go_live",
    "ground",
    "rebased",
    "standing",
]
