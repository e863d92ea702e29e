"""What must hold for every amount, not only for the worked examples."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import calculate, figures
from bot.calculate import NoFigure
from bot.models import Period
from tests.small_rates import PLACES, SNAPSHOT, TODAY, VALUES, place, row, snapshot, value

FIRST_DAY = date(2019, 1, 1)
LAST_DAY = date(2026, 12, 31)

days = st.dates(FIRST_DAY, LAST_DAY)
groups = st.sampled_from(["hssv", "pupil", "student", "near_poor", "average_household", "poor"])
some_place = st.none() | st.sampled_from(sorted(PLACES))
month_counts = st.integers(1, 60)
percentages = st.integers(0, 1000).map(lambda tenths: f"{tenths // 10},{tenths % 10}%")


def world(base: int, national: str, local: str) -> calculate.Contribution:
    """Twelve months in a made-up country with one group and one place."""
    known = snapshot(
        {
            "base_salary": value(
                "base_salary", "vnd_per_month", row(str(base), "2020-01-01", "open", "nd-161-2026")
            ),
            "national_support": value(
                "national_support",
                "share",
                row(national, "2020-01-01", "open", "nd-161-2026", audience="hssv"),
            ),
        },
        {
            "o-day": place(
                "o-day", "Ở Đây", row(local, "2020-01-01", "open", "nq-99-2025", audience="hssv")
            )
        },
    )
    return calculate.contribution(known, "hssv", 12, TODAY, TODAY, "o-day")


@given(group=groups, on=days, place_id=some_place, months=month_counts)
def test_more_months_never_cost_less(
    group: str, on: date, place_id: str | None, months: int
) -> None:
    fewer = calculate.contribution(SNAPSHOT, group, months, on, TODAY, place_id)
    more = calculate.contribution(SNAPSHOT, group, months + 1, on, TODAY, place_id)
    assert 0 <= fewer.pays_amount <= more.pays_amount
    assert fewer.pays_amount <= fewer.full_amount
    # One rounding at the end: never more than half a đồng away from the exact amount.
    assert abs(fewer.per_month * months - fewer.pays_amount) <= Fraction(1, 2)


@given(group=groups, on=days, place_id=some_place)
def test_a_place_never_makes_it_dearer(group: str, on: date, place_id: str | None) -> None:
    alone = calculate.contribution(SNAPSHOT, group, 12, on, TODAY)
    there = calculate.contribution(SNAPSHOT, group, 12, on, TODAY, place_id)
    assert there.pays_amount <= alone.pays_amount
    assert there.total_share == min(1, there.national_share + (there.local_share or 0))


@given(base=st.integers(1, 10**8), national=percentages, local=percentages)
def test_shares_are_added_and_capped(base: int, national: str, local: str) -> None:
    result = world(base, national, local)
    assert 0 <= result.pays_amount <= result.full_amount
    assert (result.total_share == 1) == (result.per_month == 0)
    if result.total_share == 1:
        assert result.pays_amount == 0
        assert result.steps[-1].endswith("0 đồng.")


@given(chosen=st.lists(groups, min_size=1, max_size=5), on=days, place_id=some_place)
def test_the_best_group_is_one_of_them_unmixed(
    chosen: list[str], on: date, place_id: str | None
) -> None:
    best = calculate.best_contribution(SNAPSHOT, chosen, 12, on, TODAY, place_id)
    alone = [calculate.contribution(SNAPSHOT, g, 12, on, TODAY, place_id) for g in chosen]
    assert best in alone
    assert best.total_share == max(result.total_share for result in alone)


@given(members=st.integers(1, 11), months=month_counts, on=days)
def test_more_members_cost_more_in_all_and_less_each(members: int, months: int, on: date) -> None:
    small = calculate.household(SNAPSHOT, members, months, on, TODAY)
    large = calculate.household(SNAPSHOT, members + 1, months, on, TODAY)
    assert small.pays_amount < large.pays_amount
    assert large.people[: len(small.people)] == small.people
    each = [person.pays_amount for person in large.people]
    assert each == sorted(each, reverse=True)


@given(members=st.integers(1, 12), on=days, seed=st.integers())
def test_the_order_of_members_does_not_change_the_total(members: int, on: date, seed: int) -> None:
    result = calculate.household(SNAPSHOT, members, 12, on, TODAY)
    amounts = [person.per_month * 12 for person in result.people]
    random.Random(seed).shuffle(amounts)  # noqa: S311 - a shuffle, not a secret
    assert calculate.round_half_up(sum(amounts, Fraction(0))) == result.pays_amount


@given(
    income=st.integers(0, 10**8),
    group=st.sampled_from(["", "poor", "near_poor", "ethnic_minority"]),
    on=st.dates(date(2022, 1, 1), LAST_DAY),
    months=month_counts,
)
def test_voluntary_stays_within_its_limits(income: int, group: str, on: date, months: int) -> None:
    result = calculate.voluntary(SNAPSHOT, income, months, group, on, TODAY)
    assert result.ceiling_amount is not None
    assert result.floor_amount <= result.income_amount <= result.ceiling_amount
    assert (result.problem == "") == (result.income_amount == income)
    assert 0 < result.monthly_amount < result.full_amount
    assert result.monthly_amount <= result.pays_amount
    richer = calculate.voluntary(SNAPSHOT, income + 1, months, group, on, TODAY)
    assert richer.pays_amount >= result.pays_amount


@given(
    months=st.integers(1, 15),
    on=days,
    place_id=some_place,
    group=st.sampled_from(["hssv", "near_poor"]),
)
def test_a_right_claim_agrees(months: int, on: date, place_id: str | None, group: str) -> None:
    due = calculate.contribution(SNAPSHOT, group, months, on, TODAY, place_id)
    claim = calculate.compare_claim(SNAPSHOT, due.pays_amount, group, on, TODAY, place_id)
    if due.pays_amount:
        assert claim.agrees
        assert claim.months == months
    else:
        assert claim.months is None


@given(on=days, length=st.integers(0, 3000), place_id=some_place, group=st.sampled_from(["hssv"]))
def test_nothing_changes_within_a_segment(
    on: date, length: int, place_id: str | None, group: str
) -> None:
    period = Period(on, min(on + timedelta(days=length), LAST_DAY))
    values = ("base_salary", "contribution_rate", "national_support")
    parts = calculate.segments(SNAPSHOT, values, place_id, period)
    assert parts[0].first == period.first
    assert parts[-1].last == period.last
    for before, after in pairwise(parts):
        assert before.last + timedelta(days=1) == after.first
    for part in parts:
        amounts = {
            calculate.contribution(SNAPSHOT, group, 12, day, TODAY, place_id).pays_amount
            for day in (part.first, part.last)
        }
        assert len(amounts) == 1


@pytest.mark.parametrize(
    "changed",
    [row_.effective_from for row_ in VALUES["base_salary"].rows if row_.effective_from > FIRST_DAY]
    + [date(2025, 7, 1)],
)
def test_every_change_date_is_a_boundary(changed: date) -> None:
    eve = changed - timedelta(days=1)
    before = calculate.contribution(SNAPSHOT, "hssv", 12, eve, TODAY)
    after = calculate.contribution(SNAPSHOT, "hssv", 12, changed, TODAY)
    assert before.pays_amount != after.pays_amount
    parts = calculate.segments(
        SNAPSHOT, ("base_salary", "national_support"), None, Period(eve, changed)
    )
    assert parts == (Period(eve, eve), Period(changed, changed))


@given(group=groups, on=st.dates(date(2010, 1, 1), date(2030, 1, 1)), known_on=days)
def test_same_question_same_result(group: str, on: date, known_on: date) -> None:
    def ask() -> object:
        try:
            return calculate.contribution(SNAPSHOT, group, 12, on, known_on, "bac-giang")
        except NoFigure as error:
            return error.missing

    assert ask() == ask()


def _leaves(thing: object) -> Iterable[object]:
    if is_dataclass(thing) and not isinstance(thing, type):
        for item in fields(thing):
            yield from _leaves(getattr(thing, item.name))
    elif isinstance(thing, tuple | list):
        for part in thing:
            yield from _leaves(part)
    else:
        yield thing


@given(
    on=st.dates(date(2022, 1, 1), LAST_DAY), months=month_counts, place_id=some_place, group=groups
)
def test_no_float_anywhere(on: date, months: int, place_id: str | None, group: str) -> None:
    results = (
        calculate.contribution(SNAPSHOT, group, months, on, TODAY, place_id),
        calculate.household(SNAPSHOT, 5, months, on, TODAY),
        calculate.voluntary(SNAPSHOT, 5_000_000, months, "", on, TODAY, place_id),
        calculate.product(SNAPSHOT, "waiver_months", "base_salary", on, TODAY),
        calculate.compare_claim(SNAPSHOT, 683_100, group, on, TODAY, place_id),
    )
    for result in results:
        assert not any(isinstance(leaf, float) for leaf in _leaves(result))


# -- figures ------------------------------------------------------------------------------
@given(st.integers(-(10**15), 10**15))
def test_written_numbers_read_back(number: int) -> None:
    assert int(figures.number(number).replace(".", "")) == number


@given(st.fractions(0, 1, max_denominator=1000))
def test_shares_never_lose_anything(share: Fraction) -> None:
    text = figures.share(share)
    if text.endswith("%"):
        assert Fraction(text[:-1].replace(".", "").replace(",", ".")) / 100 == share
    else:
        assert Fraction(text.replace(".", "")) == share


@given(st.integers(0, 10**13))
def test_number_words_hold_no_digit_and_single_spaces(number: int) -> None:
    words = figures.number_words(number)
    assert not any(character.isdigit() for character in words)
    assert "  " not in words
    assert words == words.strip()


@given(st.text(st.sampled_from("0123456789.,/%-–: đồngBHYTthángTPĐ×=\nqhx"), max_size=40))
def test_spoken_leaves_no_digit(text: str) -> None:
    words = figures.spoken(text)
    assert not any(character in "0123456789" for character in words)
    assert figures.spoken(words).count("\n") == text.count("\n")
