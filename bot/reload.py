"""Serves published knowledge without a restart: follows the store, and beside SQLite the folder.

What is active in the store is what every node answers from. With SQLite there is one node, and
its folder is the source: it is published at start and whenever its content changes, except that
a rollback (or a publication from another folder) holds until the content changes again. With
PostgreSQL the folder only fills an empty store; afterwards `bot publish` decides.

A faulty folder and a stored snapshot that this version cannot use never replace a good snapshot:
the old one stays, and the log says what to do. Loading and indexing run in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from bot import log_texts
from bot.errors import KnowledgeError, StoreError
from bot.publishing import package_of
from bot.store.publishing import Activation, ActivationKind, Draft, Package, PublishedKnowledge
from knowledge.package import pack, rebuild
from knowledge.snapshot import Snapshot
from knowledge.source import content_hash, read_files

#: What tells one state of the folder from another: path, size and time of every file.
Stamp = frozenset[tuple[str, int, int]]
#: Activations that are looked through for the folder's last known content.
_HISTORY = 200


def stamp(folder: Path) -> Stamp:
    """The present state of the knowledge files, without reading them."""
    found = set()
    for path in folder.rglob("*.yaml"):
        try:
            status = path.stat()
        except FileNotFoundError:  # replaced while we were looking; the next look sees it
            continue
        found.add((str(path.relative_to(folder)), status.st_size, status.st_mtime_ns))
    return frozenset(found)


class Reloader:
    """Keeps one process on the active snapshot.

    Args:
        store: where snapshots are published.
        folder: the knowledge folder of this node.
        current: the folder's snapshot, which is served until `start` has looked at the store.
        serve: builds and activates; runs in a thread, may take seconds.
        every_seconds: how often store and folder are looked at.
    """

    def __init__(
        self,
        store: PublishedKnowledge,
        folder: Path,
        current: Snapshot,
        serve: Callable[[Snapshot], None],
        every_seconds: float,
    ) -> None:
        self._store = store
        self._folder = folder
        self._serve = serve
        self._every = every_seconds
        self._served = current.hash
        #: The folder's newest valid snapshot: needs no rebuilding when it becomes active.
        self._own = current
        self._seen = stamp(folder)
        #: Number of the activation that was dealt with last.
        self._number = 0

    # -- start --------------------------------------------------------------------------
    async def start(self) -> None:
        """Publish the folder where it is its turn, then serve what is active. Raises `StoreError`.

        A stored snapshot that cannot be used is no reason not to start: the folder is served.
        """
        past = await self._store.history(_HISTORY)
        if not past or (self._store.single_node and self._own.hash not in known_folders(past)):
            package, self._own = await asyncio.to_thread(self._package)
            await self._publish(past[0].number if past else 0, package)
        await self._follow()
        self._tell_difference()

    # -- watching -----------------------------------------------------------------------
    async def run(self) -> None:
        """Look until cancelled. A change of files counts once it has stood still for one look."""
        pending = self._seen
        down = False
        while True:
            await asyncio.sleep(self._every)
            now = await asyncio.to_thread(stamp, self._folder)
            try:
                if now != self._seen and now == pending:
                    await self._folder_changed()
                    self._seen = now
                await self._follow()
                down = False
            except StoreError as error:
                if not down:  # said once, not at every look
                    log_texts.store_unavailable("look for published knowledge", error, self._every)
                down = True
            pending = now

    async def _folder_changed(self) -> None:
        """Take the folder's new content over: beside SQLite it is published."""
        if await asyncio.to_thread(self._same_content):
            return
        try:
            package, snapshot = await asyncio.to_thread(package_of, self._folder)
        except KnowledgeError as error:
            log_texts.knowledge_refused(error)
            return
        if self._store.single_node:
            active = await self._store.active()
            if active is None or active.hash != snapshot.hash:
                await self._publish(active.number if active else 0, package)
        self._own = snapshot
        if not self._store.single_node:
            self._tell_difference()

    def _package(self) -> tuple[Package, Snapshot]:
        """The folder as it is stored, without reading its snapshot a second time. Raises
        `KnowledgeError`."""
        files = read_files(self._folder)
        own = self._own
        if content_hash(files) != own.hash:  # it has changed since this process began
            return package_of(self._folder)
        return Package(own.hash, pack(files), len(own.answers)), own

    def _same_content(self) -> bool:
        return content_hash(read_files(self._folder)) == self._own.hash

    async def _publish(self, after: int, package: Package) -> None:
        """Make the folder's content active. Somebody who was faster wins."""
        draft = Draft(package.hash, ActivationKind.FOLDER, package.hash)
        if await self._store.activate(draft, package, after):
            log_texts.knowledge_published(package.hash, package.answers)

    async def _follow(self) -> None:
        """Serve the active snapshot when it is another one than before."""
        active = await self._store.active()
        if active is None or active.number == self._number:
            return
        if active.hash != self._served:
            try:
                snapshot = await self._active_snapshot(active)
            except KnowledgeError as error:
                log_texts.knowledge_unusable(active.hash, self._served, error)
            else:
                await self._take(snapshot)
        self._number = active.number

    async def _active_snapshot(self, active: Activation) -> Snapshot:
        if active.hash == self._own.hash:
            return self._own
        blob = await self._store.content(active.hash) or b""
        return await asyncio.to_thread(rebuild, blob, active.hash)

    async def _take(self, snapshot: Snapshot) -> None:
        try:
            await asyncio.to_thread(self._serve, snapshot)
        except Exception as error:  # the watching must go on, and the old snapshot with it
            log_texts.knowledge_unusable(snapshot.hash, self._served, error)
            return
        self._served = snapshot.hash
        log_texts.knowledge_loaded(snapshot.hash, len(snapshot.answers))

    def _tell_difference(self) -> None:
        if self._own.hash != self._served:
            log_texts.knowledge_differs(self._own.hash, self._served)


def known_folders(past: Sequence[Activation]) -> set[str]:
    """The contents of the folder that the store has met since it last published one by itself.

    `past` is newest first. A folder whose content is among them has not changed since a person
    published or rolled back, so that decision holds.
    """
    known: set[str] = set()
    for activation in past:
        known |= {activation.folder, activation.hash} if not known else {activation.folder}
        if activation.kind is ActivationKind.FOLDER:
            break
    return known
