"""Days between the rows of a value or a place on which nothing is said, not even "unknown"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from knowledge.problems import Problem
from knowledge.schema import Row
from knowledge.snapshot import last_day
from knowledge.source import Base, Item

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Gap:
    """Days between two rows of one audience; `index` is the row before it, in file order."""

    index: int
    audience: str
    first: date
    last: date


def gaps(rows: Sequence[Row]) -> list[Gap]:
    """The undeclared gaps: a row with `known: "no"` declares its days and leaves none.

    Announced rows fill nothing (design section 4, Value). What comes before the first row is
    not a gap: most figures begin with the rule that made them.
    """
    by_audience: dict[str, list[tuple[date, date, int]]] = {}
    for index, row in enumerate(rows):
        if row.standing == "in_force":
            span = (row.starts, last_day(row) or date.max, index)
            by_audience.setdefault(row.audience, []).append(span)
    found = []
    for audience, spans in by_audience.items():
        spans.sort()
        for (_, end, index), (start, _, _) in pairwise(spans):
            if end < date.max and start > end + _DAY:
                found.append(Gap(index, audience, end + _DAY, start - _DAY))
    return sorted(found, key=lambda gap: (gap.audience, gap.first))


def check_gaps(base: Base) -> Iterator[Problem]:
    """Every undeclared gap of every value and place, as something to look at."""
    for value in base.values.values():
        yield from _of(value, value.model.rows, "rows")
    for place in base.places.values():
        yield from _of(place, place.model.support, "support")


def _of(item: Item[Any], rows: Sequence[Row], field: str) -> Iterator[Problem]:
    for gap in gaps(rows):
        whom = f" for {gap.audience}" if gap.audience else ""
        yield item.problem(
            f'"{item.id}" says nothing{whom} from {gap.first} to {gap.last}; add the row, or one '
            'with known: "no"',
            field,
            gap.index,
            "effective_to",
            level="due",
        )
