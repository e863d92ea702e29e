"""Where the bars of a section stand: numbers for an SVG that the server writes. Pure.

Labels stand above their bars, not beside them, so that long Vietnamese titles stay readable on a
phone. Colours and letter sizes come from the style sheet: the page's policy forbids styles inside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot import figures
from bot.report_model import Chart, Row, Section, drawn

WIDTH = 480
_LINE = 44
_BAR = 12
_COLUMNS_HEIGHT = 190
_BASE = 160
#: Letters of a label that fit above a bar in the phone's larger type.
_LABEL = 44


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar with its words; in a split chart `second` is the part behind the first."""

    label: str
    value: str
    x: float
    y: float
    width: float
    height: float
    second: float = 0.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """An SVG's content."""

    width: int
    height: int
    columns: bool
    bars: tuple[Bar, ...]


def drawing(section: Section) -> Drawing | None:
    """The drawing of a section, None when there is nothing to draw."""
    rows = drawn(section)
    if not any(any(row.values[:2]) for row in rows):
        return None
    if section.chart is Chart.COLUMNS:
        return Drawing(WIDTH, _COLUMNS_HEIGHT, True, _columns(rows))
    split = section.chart is Chart.SPLIT
    return Drawing(WIDTH, _LINE * len(rows), False, _bars(rows, split=split))


def _bars(rows: Sequence[Row], *, split: bool) -> tuple[Bar, ...]:
    most = max(sum(row.values[:2]) if split else row.values[0] for row in rows) or 1
    return tuple(
        Bar(
            label=_short(row.label),
            value=" / ".join(figures.number(n) for n in row.values[: 2 if split else 1]),
            x=0,
            y=at * _LINE + 24,
            width=round(WIDTH * row.values[0] / most, 1),
            height=_BAR,
            second=round(WIDTH * row.values[1] / most, 1) if split else 0.0,
        )
        for at, row in enumerate(rows)
    )


def _columns(rows: Sequence[Row]) -> tuple[Bar, ...]:
    most = max(row.values[0] for row in rows) or 1
    step = WIDTH / len(rows)
    return tuple(
        Bar(
            # Every third hour is named: more would run into each other.
            label=str(int(row.label[:2])) if at % 3 == 0 else "",
            value=figures.number(row.values[0]) if row.values[0] == most else "",
            x=round(at * step + 2, 1),
            y=round(_BASE - (_BASE - 24) * row.values[0] / most, 1),
            width=round(step - 4, 1),
            height=round((_BASE - 24) * row.values[0] / most, 1),
        )
        for at, row in enumerate(rows)
    )


def _short(label: str) -> str:
    return label if len(label) <= _LABEL else f"{label[: _LABEL - 1].rstrip()}…"
