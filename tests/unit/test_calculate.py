"""What one member pays, against worked examples with the arithmetic beside them."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from bot import calculate
from bot.calculate import Contribution, NoFigure, OutOfRange, round_half_up
from bot.models import Period
from knowledge.schema import Confidence
from tests.rate_vectors import AUTUMN_2025, CONTRIBUTIONS, JULY_2026
from tests.small_rates import SNAPSHOT, TODAY, place, row, snapshot, value


def pays(
    audience: str, months: int, on: date, place_id: str | None = None, known_on: date = TODAY
) -> int:
    return calculate.contribution(SNAPSHOT, audience, months, on, known_on, place_id).pays_amount


# -- contribution --------------------------------------------------------------------------
@pytest.mark.parametrize(("audience", "months", "on", "place_id", "expected"), CONTRIBUTIONS)
def test_contribution(
    audience: str, months: int, on: date, place_id: str | None, expected: int
) -> None:
    assert pays(audience, months, on, place_id) == expected


def test_a_household_form_supported_by_its_place() -> None:
    # first person in Phú Thọ + 20%: 1.366.200 × 80%
    assert pays("household", 12, TODAY, "phu-tho") == 1_092_960


def test_steps_show_the_arithmetic() -> None:
    result = calculate.contribution(SNAPSHOT, "hssv", 12, TODAY, TODAY)
    assert result.steps == (
        "4,5% × 2.530.000 đồng = 113.850 đồng/tháng",
        "Nhà nước hỗ trợ 50%: còn 56.925 đồng/tháng",
        "56.925 đồng × 12 tháng = 683.100 đồng",
    )
    assert str(result.steps) == "\n".join(result.steps)
    assert (result.pays, result.full) == ("683.100 đồng", "1.366.200 đồng")
    assert result.monthly == "56.925 đồng"
    assert (result.national, result.local, result.share) == ("50%", "", "50%")
    assert result.place_note == ""
    assert result.assumptions == ()
    assert not result.rounded


def test_steps_name_the_place_and_the_total() -> None:
    result = calculate.contribution(SNAPSHOT, "hssv", 12, TODAY, TODAY, "dak-lak")
    assert result.steps[1] == (
        "Nhà nước hỗ trợ 50%, tỉnh Đắk Lắk hỗ trợ thêm 5% (tổng 55%): còn 51.232,5 đồng/tháng"
    )
    assert (result.local, result.share) == ("5%", "55%")
    assert result.monthly == "khoảng 51.233 đồng"


def test_rounding_half_up_once_and_said() -> None:
    # 51.232,5 × 3 = 153.697,5
    result = calculate.contribution(SNAPSHOT, "hssv", 3, TODAY, TODAY, "dak-lak")
    assert result.pays_amount == 153_698
    assert result.rounded
    assert result.steps[-1] == (
        "51.232,5 đồng × 3 tháng = 153.697,5 đồng, làm tròn thành 153.698 đồng"
    )
    assert "Số tiền đã được làm tròn đến đồng." in result.assumptions
    # Twelve months come out whole although one month does not: nothing was rounded.
    assert not calculate.contribution(SNAPSHOT, "hssv", 12, TODAY, TODAY, "dak-lak").rounded


@pytest.mark.parametrize(
    ("exact", "expected"),
    [
        (Fraction(1, 2), 1),
        (Fraction(3, 2), 2),
        (Fraction(5, 2), 3),
        (Fraction(499, 1000), 0),
        (Fraction(7), 7),
        (Fraction(1, 3), 0),
    ],
)
def test_round_half_up(exact: Fraction, expected: int) -> None:
    assert round_half_up(exact) == expected


def test_full_support_is_said_plainly() -> None:
    result = calculate.contribution(SNAPSHOT, "near_poor", 12, TODAY, TODAY, "bac-ninh")
    assert result.steps[-1] == "Được hỗ trợ 100%, nên số tiền phải đóng là 0 đồng."
    assert result.pays == "0 đồng"


def test_support_above_the_whole_is_capped() -> None:
    generous = place(
        "hao-phong", "Hào Phóng", row("70%", "2020-01-01", "open", "nq-99-2025", audience="hssv")
    )
    known = snapshot(places={"hao-phong": generous})
    result = calculate.contribution(known, "hssv", 12, TODAY, TODAY, "hao-phong")
    assert result.total_share == 1
    assert result.pays_amount == 0
    assert "(tổng tính tối đa 100%)" in result.steps[1]
    assert "tối đa" in result.place_note


def test_a_rule_not_yet_signed_is_unknown() -> None:
    # Asked before 15/05/2026, nobody knew the base salary of July 2026.
    with pytest.raises(NoFigure) as caught:
        pays("hssv", 12, JULY_2026, known_on=date(2026, 5, 14))
    assert caught.value.missing.value_id == "base_salary"
    assert caught.value.missing.reason == "expired"
    assert pays("hssv", 12, JULY_2026, known_on=date(2026, 5, 15)) == 683_100


def test_no_figure_before_the_table_begins() -> None:
    with pytest.raises(NoFigure) as caught:
        pays("hssv", 12, date(2016, 9, 1))
    assert caught.value.missing.value_id == "base_salary"


def test_no_figure_for_a_group_without_national_support() -> None:
    with pytest.raises(NoFigure) as caught:
        pays("voluntary_bhxh", 12, TODAY)
    assert caught.value.missing.value_id == "national_support"


@pytest.mark.parametrize("months", [0, -1, 121])
def test_strange_months_are_refused(months: int) -> None:
    with pytest.raises(OutOfRange, match="số tháng từ 1 đến 120"):
        pays("hssv", months, TODAY)


def test_rows_and_weakest_confidence() -> None:
    result = calculate.contribution(SNAPSHOT, "hssv", 12, AUTUMN_2025, TODAY, "dien-bien")
    assert result.used == (
        "contribution_rate/all/2015-01-01",
        "base_salary/all/2024-07-01",
        "national_support/hssv/2025-07-01",
        "dien-bien/hssv/2025-07-01",
    )
    assert result.confidence is Confidence.SINGLE_SOURCE
    assert result.sources == ("Báo Điện Biên Phủ",)


# -- the best of several groups ------------------------------------------------------------
def best(*audiences: str, place_id: str | None = None) -> Contribution:
    return calculate.best_contribution(SNAPSHOT, audiences, 12, TODAY, TODAY, place_id)


def test_the_highest_total_wins() -> None:
    assert best("hssv", "near_poor").audience == "near_poor"
    assert best("near_poor", "hssv", "poor").audience == "poor"
    assert best("hssv", "average_household").audience == "hssv"


def test_groups_are_never_mixed() -> None:
    # Hộ trung bình ở Đắk Lắk: 30% + 30%; học sinh: 50% + 5%. Never 50% + 30%.
    result = best("hssv", "average_household", place_id="dak-lak")
    assert result.audience == "average_household"
    assert result.total_share == Fraction(60, 100)
    assert result.pays_amount == 546_480


def test_between_equals_the_first_named_wins() -> None:
    assert best("near_poor", "poor", place_id="bac-ninh").audience == "near_poor"
    assert best("poor", "near_poor", place_id="bac-ninh").audience == "poor"


def test_groups_without_figures_are_left_out() -> None:
    assert best("voluntary_bhxh", "hssv").audience == "hssv"
    with pytest.raises(NoFigure):
        best("voluntary_bhxh")
    with pytest.raises(ValueError, match="at least one"):
        best()


# -- periods -------------------------------------------------------------------------------
def test_segments_cut_where_a_value_changes() -> None:
    year = Period(date(2026, 1, 1), date(2026, 12, 31))
    assert calculate.segments(SNAPSHOT, ["base_salary"], None, year) == (
        Period(date(2026, 1, 1), date(2026, 6, 30)),
        Period(date(2026, 7, 1), date(2026, 12, 31)),
    )


def test_segments_of_several_values_and_a_merged_place() -> None:
    year = Period(date(2025, 1, 1), date(2026, 12, 31))
    parts = calculate.segments(SNAPSHOT, ["base_salary", "national_support"], "bac-giang", year)
    assert [part.first for part in parts] == [
        date(2025, 1, 1),
        date(2025, 7, 1),
        date(2026, 1, 1),
        date(2026, 7, 1),
    ]
    assert parts[-1].last == year.last


def test_segments_of_one_day() -> None:
    one = Period(TODAY, TODAY)
    assert calculate.segments(SNAPSHOT, ["base_salary"], "dak-lak", one) == (one,)


def test_value_that_is_no_number() -> None:
    text = value("base_salary", "text", row("nhiều", "2018-01-01", "open", "nd-161-2026"))
    with pytest.raises(TypeError, match="not a number"):
        calculate.contribution(snapshot({"base_salary": text}), "hssv", 12, TODAY, TODAY)
