"""An amount someone was asked for, held against the rules of the day and of other times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import chain
from types import MappingProxyType
from typing import Literal

from bot import figures
from bot.calculate.contribution import contribution
from bot.calculate.inputs import hotline
from bot.calculate.periods import segments
from bot.calculate.results import Contribution, NoFigure, Result
from bot.models import Period
from knowledge.snapshot import Snapshot

#: Grade 1 pays for up to 15 months at once; nobody is asked for more.
LONGEST = 15
_YEAR = 12
#: Collectors round to whole thousands.
_THOUSAND = 1000
_VALUES = ("base_salary", "contribution_rate", "national_support")


#: agrees: the rate of the day · other_group: the rate of people without the citizen's group ·
#: national_only: right but for the place's own support ·
#: previous, coming: the rate of an earlier or later time · unsupported: nothing was deducted ·
#: none: no number of months fits.
Verdict = Literal[
    "agrees", "other_group", "national_only", "previous", "coming", "unsupported", "none"
]
#: Most people for whom one sum is tried (brothers and sisters at one school).
_MOST_PEOPLE = 5
_PERIODS = (12, 6, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(Result):
    """An amount someone named, compared with the rules."""

    claimed_amount: int
    verdict: Verdict
    #: The number of months that fits, None when none does.
    months: int | None
    #: True when it fits only up to a rounding to whole thousands.
    approximate: bool
    #: The comparison in Vietnamese sentences.
    message: str
    #: What is due by the rates of the day: for the months said, else those that fit, else twelve.
    due_amount: int

    @property
    def agrees(self) -> bool:
        """True when the amount is right by the rates of the day."""
        return self.verdict == "agrees"

    @property
    def due(self) -> str:
        """What is due by the rates of the day."""
        return figures.money(self.due_amount)


@dataclass(frozen=True, slots=True)
class _Rate:
    """What one month costs, why that could be the answer, and when it held."""

    verdict: Verdict
    per_month: Fraction
    period: Period | None
    rows: Contribution

    def months(self, amount: int, counts: Iterable[int]) -> int | None:
        """Which of these numbers of months costs this amount, rounded up or down to whole đồng."""
        fits = (m for m in counts if abs(self.per_month * m - amount) < 1)
        return next(fits, None)

    def months_nearly(self, amount: int, counts: Iterable[int]) -> int | None:
        """Which of these numbers of months costs this amount once it is rounded to thousands."""
        if amount % _THOUSAND:
            return None
        fits = (m for m in counts if abs(self.per_month * m - amount) < _THOUSAND)
        return next(fits, None)


def compare_claim(
    snapshot: Snapshot,
    amount: int,
    audience: str,
    on: date,
    known_on: date,
    place_id: str | None = None,
    months: int | None = None,
    general: str = "",
) -> Claim:
    """Whether an amount is right for some number of months, 1 to 15.

    The rates of the day are tried first, then the same without the place's support, the
    newest earlier rates, rates already known for later, and the amount before any support; each
    for the months that were said first, so that a year's amount for half a year is noticed.

    Args:
        amount: the amount asked for, in đồng.
        audience, on, known_on, place_id: as for `contribution`.
        months: for how many months it was asked, None when that was not said.
        general: the group that was collected from, when the citizen's own is another one.

    Raises `NoFigure` when no amount can be stated for the day.
    """
    now = contribution(snapshot, audience, _YEAR, on, known_on, place_id)
    others = []
    if general not in ("", audience):
        plain = contribution(snapshot, general, _YEAR, on, known_on, place_id)
        if plain.per_month != now.per_month:
            others.append(_Rate("other_group", plain.per_month, None, plain))
    today = _Rate("agrees", now.per_month, None, now)
    # Worked out one by one: most sums agree with the first, and the others cost a dozen lookups.
    rates = chain([today, *others], _other_rates(snapshot, now, on, known_on, place_id))
    said = [months] if months and 1 <= months <= LONGEST else []
    counts = [*said, *(m for m in range(1, LONGEST + 1) if m not in said)]
    chosen, fits = _fit(rates, amount, counts, len(said))
    approximate = False
    if fits is None:
        fits = today.months_nearly(amount, counts) if amount > 0 and now.per_month else None
        chosen, approximate = (today, True) if fits else (None, False)
    shared = "" if chosen and chosen.verdict == "agrees" else _shared(today, amount, said)
    due_months = said[0] if said else fits or _YEAR
    due = contribution(snapshot, audience, due_months, on, known_on, place_id)
    rows = MappingProxyType({**due.rows, **(chosen.rows.rows if chosen else {})})
    return Claim(
        rows=rows,
        steps=due.steps,
        assumptions=due.assumptions,
        ties=due.ties,
        rounded=due.rounded,
        claimed_amount=amount,
        verdict=chosen.verdict if chosen else "none",
        months=fits,
        approximate=approximate,
        message=_message(snapshot, amount, due, chosen, fits, approximate, on, known_on) + shared,
        due_amount=due.pays_amount,
    )


def _fit(
    rates: Iterable[_Rate], amount: int, counts: Sequence[int], said: int
) -> tuple[_Rate | None, int | None]:
    """The likeliest rate and number of months for an amount; the first `said` counts go first."""
    if amount <= 0:
        return None, None
    seen: list[_Rate] = []
    for rate in rates:
        seen.append(rate)
        months = rate.months(amount, counts[:said] if said else counts)
        if months:
            return rate, months
    for rate in seen if said else ():
        months = rate.months(amount, counts)
        if months:
            return rate, months
    return None, None


def _shared(rate: _Rate, amount: int, said: Sequence[int]) -> str:
    """The sentence for a sum that is right for several people together, "" when it is not."""
    for people in range(2, _MOST_PEOPLE + 1) if amount > 0 and rate.per_month else ():
        each, rest = divmod(amount, people)
        months = None if rest else rate.months(each, said or _PERIODS)
        if months:
            return (
                f" Còn nếu đây là tiền của {people} người thì đúng bằng mức {months} tháng của "
                "mỗi người."
            )
    return ""


def _other_rates(
    snapshot: Snapshot, now: Contribution, on: date, known_on: date, place_id: str | None
) -> Iterator[_Rate]:
    """The other rates that could explain an amount, most likely first."""
    full = now.full_per_month
    if now.local_share:
        rest = full * (1 - min(Fraction(1), now.national_share))
        yield _Rate("national_only", rest, None, now)
    parts = segments(snapshot, _VALUES, place_id, Period(date.min, date.max))
    earlier = [part for part in parts if part.last < on]
    later = [part for part in parts if part.first > on]
    before = reversed(_merged(snapshot, earlier, now, known_on, place_id))
    after = _merged(snapshot, later, now, known_on, place_id)
    times: list[tuple[Verdict, Period]] = [("previous", part) for part in before]
    times += [("coming", part) for part in after]
    for verdict, part in times:
        then = contribution(snapshot, now.audience, _YEAR, part.first, known_on, place_id)
        if then.per_month != now.per_month:
            yield _Rate(verdict, then.per_month, part, then)
    yield _Rate("unsupported", full, None, now)


def _merged(
    snapshot: Snapshot,
    parts: list[Period],
    now: Contribution,
    known_on: date,
    place_id: str | None,
) -> list[Period]:
    """The parts with a figure, joined where the amount does not change between them."""
    joined: list[tuple[Period, Fraction]] = []
    for part in parts:
        try:
            then = contribution(snapshot, now.audience, _YEAR, part.first, known_on, place_id)
        except NoFigure:
            continue
        touching = joined and joined[-1][0].last.toordinal() + 1 == part.first.toordinal()
        if touching and joined[-1][1] == then.per_month:
            joined[-1] = (Period(joined[-1][0].first, part.last), then.per_month)
        else:
            joined.append((part, then.per_month))
    return [period for period, _ in joined]


def _message(
    snapshot: Snapshot,
    amount: int,
    due: Contribution,
    chosen: _Rate | None,
    fits: int | None,
    approximate: bool,
    on: date,
    known_on: date,
) -> str:
    """The comparison in words a parent understands."""
    said, day = figures.money(amount), figures.day(on)
    who = f", người {due.condition}" if due.condition else ""
    if not due.pays_amount:
        pays = f"{who or ' thì'} không phải đóng"
    elif who:
        pays = f"{who} đóng {due.pays} cho {due.months} tháng"
    else:
        pays = f", {due.months} tháng là {due.pays}"
    right = f"theo mức áp dụng ngày {day}{pays}"
    ask = (
        "Anh/chị nên hỏi nơi thu xem số tiền gồm những khoản nào, hoặc gọi "
        f"{hotline(snapshot, known_on)}."
    )
    if chosen is None:
        return f"Số tiền {said} không khớp với mức đóng của số tháng nào; {right}. {ask}"
    other = "" if fits == due.months else f", không phải {due.months} tháng"
    if approximate:
        near = (
            f"Số tiền {said} gần đúng với mức đóng {fits} tháng (có thể nơi thu đã làm "
            f"tròn){other}; {right}."
        )
        return f"{near} {ask}" if other else near
    if chosen.verdict == "agrees" and other:
        return f"Số tiền {said} là mức đóng {fits} tháng{other}; {right}. {ask}"
    if chosen.verdict == "agrees":
        return f"Số tiền {said} khớp với mức đóng {fits} tháng áp dụng ngày {day}."
    if chosen.verdict == "other_group":
        names = snapshot.audiences
        plain, own = names[chosen.rows.audience].name, names[due.audience].name
        return (
            f"Số tiền {said} là mức đóng {fits} tháng của {plain}, chưa tính theo nhóm {own}; "
            f"{right}. {ask}"
        )
    if chosen.verdict == "national_only":
        return (
            f"Số tiền {said} là mức đóng {fits} tháng khi mới trừ phần Nhà nước hỗ trợ, chưa "
            f"trừ phần địa phương hỗ trợ thêm; {right}. {ask}"
        )
    if chosen.verdict == "unsupported":
        return f"Số tiền {said} là mức đóng {fits} tháng chưa trừ phần hỗ trợ; {right}. {ask}"
    time = _time(chosen.period)
    return f"Số tiền {said} là mức đóng {fits} tháng áp dụng {time}{other}; {right}."


def _time(period: Period | None) -> str:
    """When a rate held; an end that lies beyond all rows is left out."""
    if period is None:
        return ""
    if period.last == date.max:
        return f"từ {figures.day(period.first)}"
    if period.first == date.min:
        return f"đến hết ngày {figures.day(period.last)}"
    return figures.period(period)
