"""The desk built in a process of its own.

Indexing and training take seconds and twice the memory of what is kept, and Python gives little
of that back. A service that has helpers for answering lets a process that then ends do it: its
own memory stays small, and while newly published knowledge is indexed, acknowledgements go on.

    recipe -> stdin of the builder -> desk -> stdout, packed as the helpers take it
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bot.dialogue import Desk
from bot.errors import BotError, KnowledgeError
from bot.match import MatchSettings
from knowledge.loader import load_or_raise
from knowledge.snapshot import Snapshot

#: Longest time for building; 100,000 phrasings take under a minute.
BUILD_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a desk is built from.

    Args:
        knowledge: a snapshot, or the folder to read it from (None: the one shipped).
        settings: the thresholds.
        context_minutes, handover_hours, question_chars: as for `Desk`.
    """

    knowledge: Snapshot | Path | None
    settings: MatchSettings
    context_minutes: float
    handover_hours: str
    question_chars: int

    def make(self) -> Desk:
        """Build it here. Raises `KnowledgeError` when the folder is faulty."""
        known = self.knowledge
        return Desk(
            known if isinstance(known, Snapshot) else load_or_raise(known),
            self.settings,
            context_minutes=self.context_minutes,
            handover_hours=self.handover_hours,
            question_chars=self.question_chars,
        )


def build(recipe: Recipe, *, apart: bool) -> tuple[Desk, bytes]:
    """The desk, and the same packed for helpers (b"" when it was built in this process).

    Args:
        recipe: what to build.
        apart: True builds in a process that ends afterwards. Blocks for seconds either way.

    Raises `KnowledgeError` when the folder is faulty, `BotError` when the builder died.
    """
    if not apart:
        return recipe.make(), b""
    done = subprocess.run(
        [sys.executable, "-m", "bot.builder"],
        input=pickle.dumps(recipe, pickle.HIGHEST_PROTOCOL),
        stdout=subprocess.PIPE,
        timeout=BUILD_SECONDS,
        check=False,
    )
    if done.returncode:
        raise BotError(
            f"Building the index ended with status {done.returncode}; its last lines stand above. "
            "If memory is short, set BOT__WORKER__PROCESSES=0."
        )
    found = pickle.loads(done.stdout)  # noqa: S301 - from our own process
    if isinstance(found, str):
        raise KnowledgeError(found)
    desk: Desk = found
    return desk, done.stdout


def main() -> None:
    """A builder's life: one recipe in, one desk out (or why there is none)."""
    recipe: Recipe = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the service that started us
    found: Desk | str
    try:
        found = recipe.make()
    except KnowledgeError as error:
        found = str(error)
    pickle.dump(found, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    main()
