"""Serves new knowledge without a restart: looks at the files, checks, then swaps.

A faulty file never replaces a good snapshot: the old one stays, and the log says file, line and
what to write (design section 4, Publishing). Loading and indexing run in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from bot import log_texts
from bot.errors import KnowledgeError
from knowledge.loader import load_or_raise
from knowledge.snapshot import Snapshot

#: What tells one state of the folder from another: path, size and time of every file.
Stamp = frozenset[tuple[str, int, int]]


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
    """Watches one folder and hands every new valid snapshot to `serve`.

    Args:
        folder: the knowledge base.
        current: hash of the snapshot that is served now.
        serve: builds and activates; runs in a thread, may take seconds.
        every_seconds: how often the folder is looked at.
    """

    def __init__(
        self,
        folder: Path,
        current: str,
        serve: Callable[[Snapshot], None],
        every_seconds: float,
    ) -> None:
        self._folder = folder
        self._current = current
        self._serve = serve
        self._every = every_seconds
        self._seen = stamp(folder)

    async def run(self) -> None:
        """Look until cancelled. A change counts once it has stood still for one look."""
        pending = self._seen
        while True:
            await asyncio.sleep(self._every)
            now = await asyncio.to_thread(stamp, self._folder)
            if now != self._seen and now == pending:
                self._seen = now
                await asyncio.to_thread(self._reload)
            pending = now

    def _reload(self) -> None:
        try:
            snapshot = load_or_raise(self._folder)
        except KnowledgeError as error:
            log_texts.knowledge_refused(error)
            return
        if snapshot.hash == self._current:
            return
        self._serve(snapshot)
        self._current = snapshot.hash
        log_texts.knowledge_loaded(snapshot.hash, len(snapshot.answers))
