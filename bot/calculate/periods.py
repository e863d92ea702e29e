"""A period, cut at every day on which something changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from bot.models import Period
from knowledge.snapshot import Snapshot


def segments(
    snapshot: Snapshot, value_ids: Iterable[str], place_id: str | None, period: Period
) -> tuple[Period, ...]:
    """The parts of a period within which no row of the values or of the place changes.

    The parts follow each other without gap or overlap and make up the whole period. A place
    adds the dates of its support rows and of its merger. Raises KeyError for an unknown id.
    """
    cuts: set[date] = set()
    for value_id in value_ids:
        cuts |= set(snapshot.boundaries(value_id, period.first, period.last))
    if place_id:
        cuts |= set(snapshot.support_boundaries(place_id, period.first, period.last))
    starts = [period.first, *sorted(cuts)]
    ends = [*(start - timedelta(days=1) for start in starts[1:]), period.last]
    return tuple(Period(first, last) for first, last in zip(starts, ends, strict=True))
