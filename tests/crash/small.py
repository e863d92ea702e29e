"""A knowledge folder that is built in tenths of a second, and questions with different answers."""

from __future__ import annotations

import shutil
from pathlib import Path

from knowledge.loader import SHIPPED
from tests.unit.knowledge.conftest import World

#: Asked in turn, no two neighbours have the same reply.
QUESTIONS = (
    "mất thẻ bhyt thì làm sao",
    "cảm ơn",
    "học sinh đóng bhyt bao nhiêu",
    "tạm biệt",
)


def small_knowledge(folder: Path) -> Path:
    """Write the folder: two answers, and the shipped word lists."""
    World(folder)
    shutil.copytree(SHIPPED / "lexicon", folder / "lexicon", dirs_exist_ok=True)
    return folder
