"""A small knowledge folder that a service starts from in a moment."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.unit.knowledge.conftest import World

SHIPPED = Path(__file__).parents[1] / "knowledge"


def small_folder(parent: Path) -> str:
    """Write a few answers, with the shipped word lists, below `parent`; the folder's path."""
    world = World(parent / "world")
    shutil.copytree(SHIPPED / "lexicon", world.folder / "lexicon", dirs_exist_ok=True)
    for name in ("topics.yaml", "audiences.yaml"):
        shutil.copy(SHIPPED / name, world.folder / name)
    for name in ("calibration.yaml", "menu.yaml"):  # both name answers of the shipped base
        (world.folder / "lexicon" / name).unlink(missing_ok=True)
    return str(world.folder)
