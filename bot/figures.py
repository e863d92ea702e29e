"""How figures are written in Vietnamese: money, shares, dates, periods, units.

Pure functions over exact numbers; nothing here rounds, except where a function says so.
`spoken` (bot/speech.py) turns a written text into the words that are read aloud.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from bot.models import Period
from bot.speech import number_words, spoken, spoken_money
from knowledge.schema import Row, Unit, parse_figure

__all__ = [
    "bare",
    "day",
    "from_row",
    "money",
    "number",
    "number_words",
    "period",
    "share",
    "spoken",
    "spoken_money",
    "with_unit",
]

#: What is printed after the number; the units that are missing here are printed by themselves.
_SUFFIX = {
    Unit.VND: " đồng",
    Unit.VND_PER_MONTH: " đồng/tháng",
    Unit.MONTHS: " tháng",
    Unit.DAYS: " ngày",
    Unit.WORKING_DAYS: " ngày làm việc",
    Unit.YEARS: " năm",
    Unit.COUNT: "",
    Unit.TIMES: " lần",
}


def number(value: int | Fraction) -> str:
    """A number with dots between thousands and a decimal comma: 2.530.000 or 51.232,5.

    A fraction whose decimals never end is printed as it is (1/3), never cut off.
    """
    exact = Fraction(value)
    decimals = _decimals(exact.denominator)
    if decimals is None:
        return f"{_grouped(exact.numerator)}/{_grouped(exact.denominator)}"
    sign = "-" if exact < 0 else ""
    whole, rest = divmod(abs(exact.numerator) * 10**decimals // exact.denominator, 10**decimals)
    tail = f",{rest:0{decimals}d}" if decimals else ""
    return f"{sign}{_grouped(whole)}{tail}"


def money(vnd: int | Fraction) -> str:
    """An amount in đồng: 683.100 đồng. An exact fraction keeps its decimals: 51.232,5 đồng."""
    return f"{number(vnd)} đồng"


def share(value: Fraction) -> str:
    """A share as a percentage: Fraction(9, 200) -> 4,5%. Thirds and the like stay fractions."""
    if _decimals((value * 100).denominator) is None:
        return number(value)
    return f"{number(value * 100)}%"


def day(value: date) -> str:
    """A date as people write it: 01/07/2026."""
    return f"{value.day:02d}/{value.month:02d}/{value.year:04d}"


def period(value: Period) -> str:
    """A closed interval: "từ 01/07/2025 đến 30/06/2026", one day: "ngày 01/07/2026"."""
    if value.first == value.last:
        return f"ngày {day(value.first)}"
    return f"từ {day(value.first)} đến {day(value.last)}"


def with_unit(value: int | Fraction | date | str, unit: Unit) -> str:
    """A typed figure with its unit: "90 ngày", "5 ngày làm việc", "2.530.000 đồng/tháng"."""
    if isinstance(value, date):
        return day(value)
    if isinstance(value, str):
        return value
    if unit is Unit.SHARE:
        return share(Fraction(value))
    return f"{number(value)}{_SUFFIX[unit]}"


def bare(value: int | Fraction | date | str) -> str:
    """A typed figure without its unit: 90; a share as the number of its percentage: 4,5."""
    if isinstance(value, Fraction):
        return share(value).removesuffix("%")
    if isinstance(value, int):
        return number(value)
    return day(value) if isinstance(value, date) else value


def from_row(row: Row, unit: Unit) -> str:
    """The figure of a row that states one, with its unit. ValueError on an empty row."""
    return with_unit(parse_figure(unit, row.value), unit)


def _grouped(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def _decimals(denominator: int) -> int | None:
    """How many decimals write a fraction with this denominator exactly; None when none do."""
    twos = fives = 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    return max(twos, fives) if denominator == 1 else None
