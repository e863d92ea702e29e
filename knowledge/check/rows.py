"""Dated rows of values and places: figures that parse, sources named, no two rows at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from knowledge.marked import Key
from knowledge.problems import Problem
from knowledge.schema import Confidence, Row, Unit, parse_figure
from knowledge.snapshot import last_day
from knowledge.source import Base, Item


def check_rows(base: Base) -> Iterator[Problem]:
    """Faults of every row of every value and place."""
    for value in base.values.values():
        yield from _figures(value, value.model.rows, "rows", value.model.unit)
        yield from _overlaps(value, value.model.rows, "rows")
    for place in base.places.values():
        yield from _figures(place, place.model.support, "support", Unit.SHARE)
        yield from _overlaps(place, place.model.support, "support")
        model = place.model
        if model.merged_into and model.exists_to is None:
            text = 'a merged place needs "exists_to": its last day'
            yield place.problem(text, "merged_into")


def _figures(item: Item[Any], rows: Sequence[Row], field: str, unit: Unit) -> Iterator[Problem]:
    for index, row in enumerate(rows):
        if row.known == "yes":
            try:
                parse_figure(unit, row.value)
            except ValueError as error:
                text = f'value: {error}, not "{row.value}" (the unit is {unit.value})'
                yield item.problem(text, field, index, "value")
        if row.confidence is Confidence.SINGLE_SOURCE and not row.source.strip():
            text = "a single-source row needs its source named: the reply says it"
            yield item.problem(text, field, index, "source")


def _overlaps(item: Item[Any], rows: Sequence[Row], field: str) -> Iterator[Problem]:
    """Two rows of one audience that hold on the same day.

    An announced row may lie over a row in force: it is only told as coming.
    """
    for index, row in enumerate(rows):
        for earlier, other in enumerate(rows[:index]):
            if row.audience != other.audience:
                continue
            at: tuple[Key, ...] = (field, index, "effective_from")
            line = item.line(field, earlier, "effective_from")
            if row.standing == other.standing and _meet(row, other):
                yield item.problem(
                    f"this row and the row of line {line} hold on the same days; end one of them "
                    "the day before the other begins",
                    *at,
                )
            elif row.effective_from == other.effective_from:
                yield item.problem(
                    f"this row begins on the same day as the row of line {line}; keep one", *at
                )


def _meet(a: Row, b: Row) -> bool:
    return a.starts <= (last_day(b) or date.max) and b.starts <= (last_day(a) or date.max)
