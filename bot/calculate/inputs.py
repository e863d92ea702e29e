"""The rows of one calculation: looked up, remembered, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from types import MappingProxyType

from bot import figures
from bot.calculate.results import NoFigure, OutOfRange
from knowledge.schema import Row
from knowledge.snapshot import Found, Missing, Snapshot

#: Longest stretch anyone pays ahead for in one go: ten years of months.
MAX_MONTHS = 120
ROUNDED = "Số tiền đã được làm tròn đến đồng."


class Inputs:
    """Looks values up for one day and keeps the rows it found."""

    def __init__(self, snapshot: Snapshot, on: date, known_on: date) -> None:
        self.snapshot = snapshot
        self.on = on
        self.known_on = known_on
        self._rows: dict[str, Row] = {}

    def found(self, value_id: str, audience: str = "") -> Found:
        """The row of a value for the day. Raises `NoFigure` when none may be stated."""
        found = self.snapshot.lookup(value_id, self.on, self.known_on, audience)
        if isinstance(found, Missing):
            raise NoFigure(found)
        self.take(found.row_id, found.row)
        return found

    def exact(self, value_id: str, audience: str = "") -> Fraction:
        """The figure of a value as an exact fraction. Raises `NoFigure`, or TypeError for a
        value that is not a number."""
        figure = self.found(value_id, audience).figure
        if not isinstance(figure, int | Fraction):
            raise TypeError(f"{value_id} is not a number")
        return Fraction(figure)

    def take(self, row_id: str, row: Row) -> None:
        """Remember a row that the result rests on."""
        self._rows.setdefault(row_id, row)

    @property
    def rows(self) -> Mapping[str, Row]:
        """The rows so far, in the order of use."""
        return MappingProxyType(dict(self._rows))


def round_half_up(exact: Fraction) -> int:
    """The nearest whole đồng; a half goes up. No source states a rule, so replies say so."""
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def check_count(value: int, largest: int, noun: str) -> None:
    """Refuse a count outside 1..largest with a sentence for the citizen.

    `noun` is Vietnamese: "số tháng". Raises `OutOfRange`.
    """
    if not 1 <= value <= largest:
        raise OutOfRange(
            f"Trợ lý chỉ tính được với {noun} từ 1 đến {largest}. Anh/chị xem lại giúp {noun}."
        )


def times_months(per_month: Fraction, months: int) -> str:
    """The last step: 56.925 đồng × 12 tháng = 683.100 đồng, with the rounding if there is one."""
    exact = per_month * months
    total = round_half_up(exact)
    line = f"{figures.money(per_month)} × {months} tháng = {figures.money(exact)}"
    return line if exact == total else f"{line}, làm tròn thành {figures.money(total)}"


def hotline(snapshot: Snapshot, known_on: date) -> str:
    """Whom to ask, as a phrase: "tổng đài 1900.9068", or the nearest words without a number."""
    if "hotline" not in snapshot.values:
        return "tổng đài của BHXH Việt Nam"
    found = snapshot.lookup("hotline", known_on, known_on)
    number = found.figure if isinstance(found, Found) else "của BHXH Việt Nam"
    return f"tổng đài {number}"
