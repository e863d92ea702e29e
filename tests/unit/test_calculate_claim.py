"""Amounts that someone was asked for, held against the rules."""

from __future__ import annotations

from datetime import date

import pytest

from bot import calculate
from bot.calculate import NoFigure
from tests.small_rates import SNAPSHOT, TODAY


@pytest.mark.parametrize(
    ("amount", "place_id", "verdict", "months"),
    [
        (683_100, None, "agrees", 12),
        (56_925, None, "agrees", 1),
        (853_875, None, "agrees", 15),
        (614_790, "dak-lak", "agrees", 12),
        (153_698, "dak-lak", "agrees", 3),
        (683_100, "dak-lak", "national_only", 12),
        (631_800, None, "previous", 12),
        (884_520, None, "previous", 12),
        (680_400, None, "previous", 12),
        (1_366_200, None, "unsupported", 12),
        (700_000, None, "none", None),
        (0, None, "none", None),
        (-5, None, "none", None),
    ],
)
def test_compare_claim(amount: int, place_id: str | None, verdict: str, months: int | None) -> None:
    result = calculate.compare_claim(SNAPSHOT, amount, "hssv", TODAY, TODAY, place_id)
    assert (result.verdict, result.months) == (verdict, months)
    assert result.agrees is (verdict == "agrees")
    assert not result.approximate


@pytest.mark.parametrize(
    ("amount", "asked", "verdict", "months", "words"),
    [
        # A year's amount for half a year is what half a year costs without any support.
        (683_100, 6, "unsupported", 6, "mức đóng 6 tháng chưa trừ phần hỗ trợ; theo"),
        (341_550, 6, "agrees", 6, "khớp với mức đóng 6 tháng"),
        (341_550, 12, "agrees", 6, "là mức đóng 6 tháng, không phải 12 tháng; theo"),
        (170_775, 6, "agrees", 3, "là mức đóng 3 tháng, không phải 6 tháng; theo"),
        (683_000, 6, "agrees", 12, "12 tháng (có thể nơi thu đã làm tròn), không phải 6 tháng;"),
        (631_800, 6, "previous", 12, "đến 30/06/2026, không phải 6 tháng; theo"),
        (700_000, 6, "none", None, "không khớp với mức đóng của số tháng nào; theo"),
        (683_100, 40, "agrees", 12, "khớp với mức đóng 12 tháng"),
    ],
)
def test_the_months_that_were_said_count_first(
    amount: int, asked: int, verdict: str, months: int | None, words: str
) -> None:
    result = calculate.compare_claim(SNAPSHOT, amount, "hssv", TODAY, TODAY, months=asked)
    assert (result.verdict, result.months) == (verdict, months)
    assert words in result.message
    due = calculate.contribution(SNAPSHOT, "hssv", asked if asked <= 15 else 12, TODAY, TODAY)
    assert result.due == due.pays


def test_claim_of_an_earlier_rate_names_its_time_and_what_is_due() -> None:
    result = calculate.compare_claim(SNAPSHOT, 631_800, "hssv", TODAY, TODAY)
    assert "từ 01/07/2025 đến 30/06/2026" in result.message
    assert result.due == "683.100 đồng"
    assert result.due in result.message
    assert "base_salary/all/2024-07-01" in result.used
    assert "base_salary/all/2026-07-01" in result.used


def test_claim_of_a_rate_that_is_already_published() -> None:
    on = date(2026, 6, 1)
    result = calculate.compare_claim(SNAPSHOT, 683_100, "hssv", on, on)
    assert result.verdict == "coming"
    assert "áp dụng từ 01/07/2026" in result.message
    early = date(2026, 5, 1)
    assert calculate.compare_claim(SNAPSHOT, 683_100, "hssv", early, early).verdict == "none"


def test_claim_rounded_to_thousands() -> None:
    result = calculate.compare_claim(SNAPSHOT, 683_000, "hssv", TODAY, TODAY)
    assert result.agrees
    assert result.approximate
    assert "gần đúng" in result.message


def test_claim_where_nothing_is_due() -> None:
    result = calculate.compare_claim(SNAPSHOT, 409_860, "near_poor", TODAY, TODAY, "bac-ninh")
    assert result.verdict == "national_only"
    assert result.due == "0 đồng"
    assert "theo mức áp dụng ngày 22/11/2026 thì không phải đóng" in result.message
    assert "0 đồng." not in result.message
    other = calculate.compare_claim(SNAPSHOT, 1_000, "near_poor", TODAY, TODAY, "bac-ninh")
    assert other.verdict == "none"


def test_claim_where_the_share_has_a_condition() -> None:
    result = calculate.compare_claim(SNAPSHOT, 683_100, "hssv", TODAY, TODAY, "khanh-hoa")
    assert result.verdict == "national_only"
    assert "người học tại trường công lập đóng 273.240 đồng cho 12 tháng" in result.message
    assert result.ties


def test_claim_without_a_figure() -> None:
    with pytest.raises(NoFigure):
        calculate.compare_claim(SNAPSHOT, 457_380, "hssv", date(2016, 9, 1), TODAY)


def test_an_amount_of_pupils_in_general_is_no_poor_familys_amount() -> None:
    result = calculate.compare_claim(SNAPSHOT, 683_100, "near_poor", TODAY, TODAY, general="hssv")
    assert (result.verdict, result.months) == ("other_group", 12)
    assert "chưa tính theo nhóm hộ cận nghèo" in result.message
    assert result.due == "409.860 đồng"
    own = calculate.compare_claim(SNAPSHOT, 409_860, "near_poor", TODAY, TODAY, general="hssv")
    assert own.agrees


@pytest.mark.parametrize(
    ("amount", "people", "months"), [(1_366_200, 2, 12), (2_049_300, 3, 12), (1_024_650, 3, 6)]
)
def test_a_sum_may_be_for_several_children(amount: int, people: int, months: int) -> None:
    result = calculate.compare_claim(SNAPSHOT, amount, "hssv", TODAY, TODAY)
    assert f"tiền của {people} người thì đúng bằng mức {months} tháng" in result.message


def test_a_right_amount_is_not_explained_by_more_people() -> None:
    result = calculate.compare_claim(SNAPSHOT, 683_100, "hssv", TODAY, TODAY)
    assert "người thì đúng" not in result.message


@pytest.mark.parametrize("amount", [153_697, 153_698])
def test_half_a_dong_may_be_rounded_either_way(amount: int) -> None:
    result = calculate.compare_claim(SNAPSHOT, amount, "hssv", TODAY, TODAY, "dak-lak")
    assert (result.verdict, result.months) == ("agrees", 3)
