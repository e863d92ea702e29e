"""How a value changed, as steps on a line of time: geometry for the template, and nothing else.

Pure: rows in, numbers out. The template draws them as SVG with classes, so that the page's
colours hold in light and dark and no style stands inline.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from bot import figures
from knowledge.schema import Row, Unit, parse_figure
from knowledge.snapshot import last_day

WIDTH, HEIGHT = 720, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 12, 12, 60, 34
#: Days shown behind the newest change, so that an open end is seen as one.
_TAIL = timedelta(days=365)
#: A step narrower than this has no room for its figure; the table has it.
_ROOM_FOR_LABEL = 74.0


@dataclass(frozen=True, slots=True)
class Step:
    """One row as a bar from `x` to `x + width`, its top at `y`."""

    x: float
    width: float
    y: float
    height: float
    label: str
    since: str
    #: The row that the answer used.
    used: bool
    #: Announced, not yet law.
    announced: bool
    #: Without a known end.
    open_end: bool
    #: How much of the bar's top is free for its figure: what is announced may stand over the rest.
    free: float

    @property
    def middle(self) -> float:
        """Where the label stands."""
        return round(self.x + self.free / 2, 1)

    @property
    def labelled(self) -> bool:
        """True when the figure fits over the bar."""
        return self.free >= _ROOM_FOR_LABEL


@dataclass(frozen=True, slots=True)
class Tick:
    """A year on the line of time."""

    x: float
    year: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything the template draws."""

    steps: tuple[Step, ...]
    ticks: tuple[Tick, ...]
    today_x: float
    base_y: float
    width: int = WIDTH
    height: int = HEIGHT


def chart(rows: Sequence[Row], unit: Unit, used: frozenset[date], today: date) -> Chart | None:
    """Steps of a value over time; None when a chart would say less than the table.

    Args:
        rows: of one value and audience.
        unit: what the value counts; dates and texts have no height.
        used: first days of the rows that the answer used.
        today: gets a line of its own.
    """
    told = sorted((row for row in rows if row.known == "yes"), key=lambda row: row.starts)
    if unit in (Unit.DATE, Unit.TEXT) or len(told) < 2:
        return None
    heights = [_height(row, unit) for row in told]
    if len(set(heights)) == 1:
        return None  # a value that never changed is told by its table
    first = told[0].starts
    last = max([today + _TAIL, *(row.starts + _TAIL for row in told)])
    days = (last - first).days or 1
    inner = WIDTH - _LEFT - _RIGHT

    def x(day: date) -> float:
        return round(_LEFT + inner * (min(max(day, first), last) - first).days / days, 1)

    base = HEIGHT - _BOTTOM
    # Bars keep a visible foot: a rise of a tenth must not look like a rise from nothing, nor
    # like none; the scale begins at nought.
    top = max(heights) or Fraction(1)
    coming = min((row.starts for row in told if row.standing == "announced"), default=last)
    steps = []
    for row, height in zip(told, heights, strict=True):
        end = last_day(row)
        until = last if end is None else min(end + timedelta(days=1), last)
        y = round(base - float(height / top) * (base - _TOP), 1)
        width = round(max(x(until) - x(row.starts) - 2, 2), 1)
        announced = row.standing == "announced"
        free = width if announced else min(width, max(x(coming) - x(row.starts), 0))
        steps.append(
            Step(
                x=x(row.starts),
                width=width,
                y=y,
                height=round(base - y, 1),
                label=figures.from_row(row, unit).removesuffix(" đồng/tháng").removesuffix(" đồng"),
                since=figures.day(row.starts),
                used=row.effective_from in used,
                announced=announced,
                open_end=end is None,
                free=free,
            )
        )
    return Chart(tuple(steps), _ticks(first, last, x), x(today), base)


def _height(row: Row, unit: Unit) -> Fraction:
    figure = parse_figure(unit, row.value)
    return Fraction(figure) if isinstance(figure, int | Fraction) else Fraction(0)


def _ticks(first: date, last: date, x: Callable[[date], float]) -> tuple[Tick, ...]:
    """At most eight years, evenly chosen."""
    years = list(range(first.year + 1, last.year + 1))
    apart = -(-len(years) // 8) or 1
    return tuple(Tick(x(date(year, 1, 1)), year) for year in years[::apart])
