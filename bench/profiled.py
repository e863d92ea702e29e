"""`bot serve` under cProfile, one profile a thread; the summary goes to stderr at the end.

Python 3.11 only: later versions allow one profiler at a time.
"""

from __future__ import annotations

import cProfile
import io
import pstats
import sys
import threading
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bot.__main__ import main  # behind the path above
from bot.app import Service  # same
from bot.store.writer import Writer  # same

profiles: dict[str, cProfile.Profile] = {}
drain, start = Writer._drain, Service.start


def _profiled(self: Writer) -> None:
    profile = profiles[threading.current_thread().name] = _profile()
    profile.runcall(drain, self)


def _profile() -> cProfile.Profile:
    # Processor time of the thread: waiting for a disk or for the interpreter's lock is no work.
    return cProfile.Profile(time.thread_time)


async def _start(self: Service) -> None:
    await start(self)
    profiles["event loop"] = _profile()
    profiles["event loop"].enable()


def _room(file: str) -> str:
    """The part of the program a file belongs to."""
    for name in ("sqlalchemy", "aiohttp", "asyncio", "uvloop", "prometheus_client", "alembic"):
        if f"/{name}/" in file:
            return name
    for name in ("bot", "webhooks", "knowledge"):
        if f"/{name}/" in file:
            return name + "/" + file.rpartition(f"/{name}/")[2]
    return "built-in" if file == "~" else "library"


def summary() -> str:
    """Where the time went, by thread: rooms of the program, then functions."""
    out = io.StringIO()
    for thread, profile in profiles.items():
        rooms: Counter[str] = Counter()
        stats = pstats.Stats(profile, stream=out)
        for (file, _, name), (_, _, own, _, _) in stats.stats.items():  # type: ignore[attr-defined] # typeshed leaves it out
            rooms[f"{_room(file)} {name}" if file == "~" else _room(file)] += own
        out.write(f"\n== {thread}\n")
        for room, seconds in rooms.most_common(25):
            out.write(f"{seconds:8.2f} s  {room}\n")
        stats.sort_stats("tottime").print_stats(25)
    return out.getvalue()


if __name__ == "__main__":
    Writer._drain = _profiled  # type: ignore[method-assign] # that is the point
    Service.start = _start  # type: ignore[method-assign] # same
    try:
        main()
    finally:
        profiles["event loop"].disable()
        sys.stderr.write(summary())
