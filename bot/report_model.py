"""The weekly report as data: its span of time, and sections of plain tables. Pure.

One report feeds the page, the HTML file, the workbook and the CSV, so all four say the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from bot import figures
from bot.store.values import LOCAL

WEEK = timedelta(weeks=1)
_WEEK_NAME = re.compile(r"(\d{4})-W(\d{2})")


class Ends(StrEnum):
    """Where the week is cut."""

    #: Monday to Sunday, as ISO 8601 counts weeks.
    SUNDAY = "sunday"
    #: From Thursday 15:00 to Thursday 15:00, for the report of that hour.
    THURSDAY = "thursday"


@dataclass(frozen=True, slots=True)
class Span:
    """The time of a report: `first` is in it, `end` is not."""

    week: str
    ends: Ends
    first: datetime
    end: datetime

    @property
    def words(self) -> str:
        """Its days, or moments, in words."""
        if self.ends is Ends.SUNDAY:
            last = self.end - timedelta(days=1)
            return f"từ {figures.day(self.first.date())} đến {figures.day(last.date())}"
        days = (figures.day(moment.date()) for moment in (self.first, self.end))
        return "từ 15:00 thứ Năm {} đến 15:00 thứ Năm {}".format(*days)


class Chart(StrEnum):
    """How a section is drawn."""

    BARS = "bars"
    #: A column for each row, in the order of the rows.
    COLUMNS = "columns"
    #: The second measure behind the first: useful, not useful.
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a section."""

    label: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One table; its first measure (the first two, when split) is drawn."""

    id: str
    title: str
    heading: str
    measures: tuple[str, ...]
    rows: tuple[Row, ...]
    chart: Chart = Chart.BARS
    note: str = ""
    #: What stands there when there are no rows.
    empty: str = "Không có số liệu trong kỳ này."


@dataclass(frozen=True, slots=True)
class Headline:
    """One number of the top, as it is printed, with that of the week before."""

    label: str
    value: str
    before: str


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report."""

    span: Span
    #: True while the span is not over.
    running: bool
    made_at: datetime
    headlines: tuple[Headline, ...]
    sections: tuple[Section, ...]


def week_name(day: date) -> str:
    """The ISO week of a day: 2026-W47."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def span_of(week: str, ends: Ends) -> Span:
    """The time of a week. ValueError for what is no ISO week such as 2026-W47."""
    match = _WEEK_NAME.fullmatch(week)
    if match is None:
        raise ValueError(f"a week is written as 2026-W47, not {week!r}")
    monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
    first = datetime(monday.year, monday.month, monday.day, tzinfo=LOCAL)
    if ends is Ends.THURSDAY:
        first += timedelta(days=3, hours=15) - WEEK
    return Span(week, ends, first, first + WEEK)


def percent(part: int, whole: int) -> str:
    """A share with one decimal, rounded half up: 93,4%. A dash when there is no whole."""
    if not whole:
        return "–"
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{figures.number(Fraction(tenths, 10))}%"


def drawn(section: Section, most: int = 12) -> Sequence[Row]:
    """The rows that a chart shows: all of a time line, else the first few that are not 0."""
    if section.chart is Chart.COLUMNS or section.id == "day":
        return section.rows
    return [row for row in section.rows if any(row.values[:2])][:most]
