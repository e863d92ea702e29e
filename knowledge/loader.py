"""Knowledge files -> an immutable `Snapshot`, or every reason why not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.errors import KnowledgeError
from knowledge.check import check
from knowledge.problems import Problem
from knowledge.snapshot import Snapshot, StoredAnswer
from knowledge.source import Base, base_of, read_base

#: The knowledge base that ships with the program.
SHIPPED = Path(__file__).parent


def load(folder: Path) -> tuple[Snapshot | None, list[Problem]]:
    """Read, type and check a knowledge folder.

    Returns the snapshot, and the errors sorted by file and line. With errors there is no
    snapshot. What is merely due, or depends on the day, is the business of `run_check`.
    """
    return _load(read_base(folder))


def load_files(root: str, files: Mapping[str, bytes]) -> tuple[Snapshot | None, list[Problem]]:
    """The same for files by their relative path, wherever they were kept."""
    return _load(base_of(root, files))


def load_or_raise(folder: Path | None = None) -> Snapshot:
    """The snapshot of a folder (the shipped one by default).

    Raises `KnowledgeError` that lists every error as `file:line: sentence`.
    """
    snapshot, problems = load(folder or SHIPPED)
    if snapshot is None:
        raise KnowledgeError("\n".join(str(problem) for problem in problems))
    return snapshot


def _load(base: Base) -> tuple[Snapshot | None, list[Problem]]:
    problems = check(base)
    return (None if problems else _snapshot(base)), problems


def _snapshot(base: Base) -> Snapshot:
    return Snapshot(
        hash=base.hash,
        directives={id_: item.model for id_, item in base.directives.items()},
        values={id_: item.model for id_, item in base.values.items()},
        places={id_: item.model for id_, item in base.places.items()},
        answers={
            id_: StoredAnswer(item.model, item.version, item.path)
            for id_, item in base.answers.items()
        },
        topics={id_: item.model for id_, item in base.topics.items()},
        audiences={id_: item.model for id_, item in base.audiences.items()},
        lexicon=dict(base.lexicon),
    )
