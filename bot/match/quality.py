"""Figures of a quality report beyond the totals of `bot.match.evaluate`: every message with what
was ranked first, so that accuracy can be read by file, topic and kind of noise, with its
uncertainty, and probabilities can be held against what came true.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.match.evaluate import OUTSIDE, Response, accepted, verdict
from knowledge.schema import Topic

#: About 95 % of a normal distribution lies within so many spreads.
_Z = 1.96
#: Answers each bin of the reliability diagram should hold about.
_BINS = 10


@dataclass(frozen=True, slots=True)
class Seen:
    """One labelled message and what became of it."""

    file: str
    row_id: str
    text: str
    #: the labelled topic; "" when no answer exists for the message
    wanted: str
    #: kind of noise, form or style
    kind: str
    #: "in:right", "out:wrong", … as `bot.match.evaluate.verdict` says
    verdict: str
    outcome: str
    given: str
    score: float
    #: right topic at place 1, 2, 3, …; 0 when not among the candidates, or outside the scope
    place: int

    @property
    def inside(self) -> bool:
        """True for a message in scope."""
        return self.verdict.startswith("in:")


def see(
    file: str,
    row: Mapping[str, Any],
    given: Response,
    ranked: Sequence[str],
    score: float,
    topics: Mapping[str, Topic],
) -> Seen:
    """Judge one message.

    Args:
        file: name of the file it comes from.
        row: as `bot.match.evaluate` reads it, with `text`.
        given: what the desk did.
        ranked: topics of the candidates that were not vetoed, best first.
        score: calibrated probability of the best candidate.
        topics: the snapshot's topics, for `accepts`.
    """
    wanted = str(row.get("topic") or "")
    place = 0
    if wanted not in OUTSIDE:
        hits = [at for at, topic in enumerate(ranked, start=1) if accepted(row, topic, topics)]
        place = hits[0] if hits else 0
    return Seen(
        file=file,
        row_id=str(row.get("id", "")),
        text=str(row["text"]),
        wanted="" if wanted in OUTSIDE else wanted,
        kind=str(row.get("kind") or row.get("form") or ""),
        verdict=verdict(row, given, topics),
        outcome=given.outcome,
        given=given.topic or "",
        score=score,
        place=place,
    )


def interval(hits: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson's), 0..1; the whole range when nothing was counted."""
    if not total:
        return 0.0, 1.0
    share = hits / total
    spread = _Z * math.sqrt(share * (1 - share) / total + _Z * _Z / (4 * total * total))
    middle = share + _Z * _Z / (2 * total)
    scale = 1 + _Z * _Z / total
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over some messages in scope."""

    total: int
    first: int
    three: int
    right: int
    offered: int
    wrong: int
    asked: int
    unknown: int

    @classmethod
    def of(cls, seen: Iterable[Seen]) -> Figures:
        """Count the messages in scope; the others are left out."""
        inside = [one for one in seen if one.inside]
        verdicts = Counter(one.verdict for one in inside)
        outcomes = Counter(one.outcome for one in inside)
        return cls(
            total=len(inside),
            first=sum(one.place == 1 for one in inside),
            three=sum(1 <= one.place <= 3 for one in inside),
            right=verdicts["in:right"],
            offered=verdicts["in:offered"],
            wrong=verdicts["in:wrong"],
            asked=outcomes["asked_back"],
            unknown=outcomes["not_known"],
        )

    @property
    def helped(self) -> int:
        """Answered right, or the right topic offered."""
        return self.right + self.offered


def by(seen: Iterable[Seen], name: Callable[[Seen], str]) -> dict[str, Figures]:
    """Figures of groups of messages, by name."""
    groups: dict[str, list[Seen]] = {}
    for one in seen:
        if one.inside:
            groups.setdefault(name(one), []).append(one)
    return {group: Figures.of(held) for group, held in sorted(groups.items())}


def confusions(seen: Iterable[Seen], most: int = 15) -> list[tuple[str, str, int]]:
    """Wrong answers as (labelled topic, given topic, how often), the most frequent first."""
    pairs = Counter((one.wanted, one.given) for one in seen if one.verdict == "in:wrong")
    return [(wanted, given, n) for (wanted, given), n in pairs.most_common(most)]


def reliability(seen: Iterable[Seen]) -> list[tuple[float, float, int]]:
    """Bins of equal size, from unsure to sure: mean probability, share that was right, messages.

    Outside the scope no answer is right, so a high probability there counts against it.
    """
    ranked = sorted((one.score, one.place == 1) for one in seen)
    bins: list[tuple[float, float, int]] = []
    size = max(1, math.ceil(len(ranked) / _BINS))
    for first in range(0, len(ranked), size):
        held = ranked[first : first + size]
        mean = sum(score for score, _ in held) / len(held)
        bins.append((mean, sum(right for _, right in held) / len(held), len(held)))
    return bins
