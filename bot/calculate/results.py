"""What a calculation gives back: amounts, steps, and the rows behind them.

Integers end in `_amount` (đồng) and fractions in `_share`; the same name without the ending is
the written form that a template prints.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from bot import figures
from bot.calculate.ties import Tie
from bot.errors import BotError
from knowledge.schema import CONFIDENCE_ORDER, Confidence, Row
from knowledge.snapshot import Missing

#: What a former place belongs to today, inside a sentence.
_FORMER = re.compile(r" \([^()]*nay thuộc [^()]*\)")


class NoFigure(BotError):
    """No confirmed figure exists for that day."""

    def __init__(self, missing: Missing) -> None:
        super().__init__(f"no row of {missing.value_id} may be stated: {missing.reason}")
        #: Which value, why, and the rows before and after the gap.
        self.missing = missing


class OutOfRange(BotError):
    """A count is outside of what can be calculated; the message is written for the citizen."""


class Lines(tuple[str, ...]):
    """Sentences in reading order; prints one to a line."""

    __slots__ = ()

    def __str__(self) -> str:
        return "\n".join(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What every calculation carries besides its amounts."""

    #: Row id -> row, in the order of use.
    rows: Mapping[str, Row]
    #: The arithmetic, one Vietnamese line for each step.
    steps: Lines
    #: What was taken for granted, in Vietnamese sentences; for whom a place's support was
    #: counted stands in `ties`.
    assumptions: Lines
    ties: tuple[Tie, ...] = ()
    #: True when an amount of the result did not come out whole.
    rounded: bool = False

    @property
    def used(self) -> tuple[str, ...]:
        """Ids of the rows behind the result."""
        return tuple(self.rows)

    @property
    def confidence(self) -> Confidence:
        """The weakest confidence among the inputs."""
        return max((row.confidence for row in self.rows.values()), key=CONFIDENCE_ORDER.index)

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources of the weakest inputs, each once."""
        weakest = self.confidence
        names = (row.source for row in self.rows.values() if row.confidence is weakest)
        return tuple(dict.fromkeys(names))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution(Result):
    """What one member of a group pays."""

    audience: str
    months: int
    #: Exact đồng per month before and after support.
    full_per_month: Fraction
    per_month: Fraction
    #: Rounded đồng: all months before support, all months after it, one month after it.
    full_amount: int
    pays_amount: int
    monthly_amount: int
    national_share: Fraction
    #: None when no place was said, or nothing is known about its support.
    local_share: Fraction | None
    total_share: Fraction
    #: What the place adds, or that it is unknown, and what its row notes besides (who is
    #: treated otherwise, what ran out); both in Vietnamese, "" without a place.
    place_lead: str = ""
    remark: str = ""
    #: Who exactly the place's share is for, when narrower than the group, and what all the
    #: others in the group pay; "" and None without such a condition.
    condition: str = ""
    otherwise_amount: int | None = None

    @property
    def place_note(self) -> str:
        """The whole paragraph about the place's own support; "" without a place."""
        return self.note_after()

    def note_after(self, *earlier: Contribution) -> str:
        """The paragraph, without what the paragraphs of `earlier` results have said already."""
        lead, remark = self.place_lead, self.remark
        if lead and self.unknown and any(other.unknown for other in earlier):
            lead = "Mức hỗ trợ thêm cho nhóm này cũng chưa có số liệu được xác nhận."
        former = _FORMER.search(lead)
        if former and any(former[0] in other.place_lead for other in earlier):
            lead = lead.replace(former[0], "")
        if any(remark in other.remark for other in earlier):
            remark = ""
        rest = ""
        told = {(other.otherwise_amount, other.months) for other in earlier}
        if self.otherwise_amount is not None and (self.otherwise_amount, self.months) not in told:
            rest = (
                f"Người không đủ điều kiện được hỗ trợ thêm đóng {self.otherwise} cho "
                f"{self.months} tháng."
            )
        return " ".join(filter(None, (lead, remark, rest)))

    @property
    def unknown(self) -> bool:
        """True when the place note opens with saying that no figure is known."""
        return bool(self.place_lead) and self.local_share is None

    @property
    def otherwise(self) -> str:
        """What those pay who do not meet the condition; "" without one."""
        return "" if self.otherwise_amount is None else figures.money(self.otherwise_amount)

    @property
    def full(self) -> str:
        """All months before support: 1.366.200 đồng."""
        return figures.money(self.full_amount)

    @property
    def pays(self) -> str:
        """All months after support: 683.100 đồng."""
        return figures.money(self.pays_amount)

    @property
    def monthly(self) -> str:
        """One month after support; "khoảng …" when it does not come out whole."""
        return about(self.per_month, self.monthly_amount)

    @property
    def national(self) -> str:
        """The national share: 50%."""
        return figures.share(self.national_share)

    @property
    def local(self) -> str:
        """The place's share: 5%; "" when unknown or no place was said."""
        return "" if self.local_share is None else figures.share(self.local_share)

    @property
    def share(self) -> str:
        """The total share, at most 100%."""
        return figures.share(self.total_share)


@dataclass(frozen=True, slots=True)
class Person:
    """One member of a household, by order of joining."""

    nth: int
    #: Share of what the first member pays.
    first_share: Fraction
    per_month: Fraction
    monthly_amount: int
    pays_amount: int

    @property
    def share(self) -> str:
        """Share of the first member's amount: 70%."""
        return figures.share(self.first_share)

    @property
    def monthly(self) -> str:
        """One month: 79.695 đồng."""
        return about(self.per_month, self.monthly_amount)

    @property
    def pays(self) -> str:
        """All months: 956.340 đồng."""
        return figures.money(self.pays_amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Household(Result):
    """What a household that joins together pays."""

    members: int
    months: int
    people: tuple[Person, ...]
    pays_amount: int

    @property
    def pays(self) -> str:
        """The whole household, all months."""
        return figures.money(self.pays_amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voluntary(Result):
    """What a member of voluntary BHXH pays."""

    #: The group that decides the shares, "" for everyone else.
    audience: str
    months: int
    #: The income calculated with; the nearest allowed one when the citizen's lay outside.
    income_amount: int
    #: Vietnamese sentence when the citizen's income lay outside the limits, else "".
    problem: str
    floor_amount: int
    #: None on a day without a confirmed ceiling.
    ceiling_amount: int | None
    #: Per month: before support, the State's support, the place's support, what is left.
    full_amount: int
    support_amount: int
    local_amount: int
    monthly_amount: int
    #: All months, after support.
    pays_amount: int
    national_share: Fraction
    #: None when no place was said, or nothing is known about its support.
    local_share: Fraction | None
    place_note: str = ""
    #: Who exactly the place's share is for, "" when for everyone calculated for.
    condition: str = ""

    @property
    def income(self) -> str:
        """The income calculated with."""
        return figures.money(self.income_amount)

    @property
    def floor(self) -> str:
        """The lowest income that may be chosen."""
        return figures.money(self.floor_amount)

    @property
    def ceiling(self) -> str:
        """The highest income that may be chosen, "" without a confirmed one."""
        return "" if self.ceiling_amount is None else figures.money(self.ceiling_amount)

    @property
    def full(self) -> str:
        """One month before support."""
        return figures.money(self.full_amount)

    @property
    def support(self) -> str:
        """The State's support for one month."""
        return figures.money(self.support_amount)

    @property
    def monthly(self) -> str:
        """One month after support."""
        return figures.money(self.monthly_amount)

    @property
    def pays(self) -> str:
        """All months after support."""
        return figures.money(self.pays_amount)

    @property
    def share(self) -> str:
        """The State's share, of the contribution on the rural poverty line."""
        return figures.share(self.national_share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product(Result):
    """Two values multiplied."""

    amount: int

    def __str__(self) -> str:
        return figures.money(self.amount)


def about(exact: Fraction, rounded: int) -> str:
    """An amount, with "khoảng" before it when the exact one is not whole."""
    return figures.money(rounded) if exact == rounded else f"khoảng {figures.money(rounded)}"
