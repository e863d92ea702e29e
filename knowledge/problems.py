"""What is wrong with a knowledge base, one line each: `file:line: plain sentence`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

#: "error": never loaded. "due": loaded, listed, and to be looked at (design section 4).
Level = Literal["error", "due"]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One finding of the loader or of the check. Sorts by file, line and sentence."""

    #: Relative to the parent of the knowledge folder, with forward slashes.
    path: str
    #: Counted from 1.
    line: int
    text: str
    level: Level = "error"

    def __str__(self) -> str:
        """`file:line: sentence`, the form every command prints."""
        return f"{self.path}:{self.line}: {self.text}"


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """Only those that keep a knowledge base from being loaded."""
    return [problem for problem in problems if problem.level == "error"]
