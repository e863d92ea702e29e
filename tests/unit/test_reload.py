"""A running service takes over valid knowledge, and only that."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.reload import Reloader, stamp
from knowledge.loader import SHIPPED, load_or_raise
from knowledge.snapshot import Snapshot

LOOK_SECONDS = 0.02
DIRECTIVE = Path("directives") / "nd-161-2026.yaml"


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shipped base without its answers: quick to load, still valid."""
    folder = tmp_path_factory.mktemp("base") / "knowledge"
    shutil.copytree(
        SHIPPED, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__", "answers")
    )
    return folder


@pytest.fixture
def folder(shipped: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped, tmp_path / "knowledge"))


@pytest.fixture
async def served(folder: Path) -> AsyncIterator[list[Snapshot]]:
    """What a watching reloader has served so far."""
    found: list[Snapshot] = []
    reloader = Reloader(folder, load_or_raise(folder).hash, found.append, LOOK_SECONDS)
    task = asyncio.create_task(reloader.run())
    yield found
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def until(true: Callable[[], bool]) -> None:
    for _ in range(1000):
        if true():
            return
        await asyncio.sleep(LOOK_SECONDS)
    raise TimeoutError


async def test_a_valid_change_is_served(folder: Path, served: list[Snapshot]) -> None:
    path = folder / DIRECTIVE
    path.write_text(path.read_text("utf-8") + "# checked again\n", encoding="utf-8")
    await until(lambda: bool(served))
    assert served[0].hash == load_or_raise(folder).hash


async def test_a_faulty_change_leaves_the_old(folder: Path, served: list[Snapshot]) -> None:
    path = folder / DIRECTIVE
    good = path.read_text("utf-8")
    path.write_text(good + "colour: red\n", encoding="utf-8")
    await asyncio.sleep(LOOK_SECONDS * 30)
    assert served == []
    path.write_text(good + "# mended\n", encoding="utf-8")
    await until(lambda: bool(served))


async def test_the_same_content_is_not_served_again(folder: Path, served: list[Snapshot]) -> None:
    path = folder / DIRECTIVE
    path.write_text(path.read_text("utf-8"), encoding="utf-8")
    await asyncio.sleep(LOOK_SECONDS * 30)
    assert served == []


def test_a_stamp_changes_with_every_file(folder: Path) -> None:
    before = stamp(folder)
    (folder / DIRECTIVE).unlink()
    assert stamp(folder) != before
