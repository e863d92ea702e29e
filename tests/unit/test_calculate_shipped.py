"""The worked examples against the knowledge that ships."""

from __future__ import annotations

from datetime import date

import pytest

from bot import calculate
from knowledge.loader import load_or_raise
from knowledge.snapshot import Snapshot
from tests.rate_vectors import CONTRIBUTIONS, HOUSEHOLDS, VOLUNTARY
from tests.small_rates import TODAY


@pytest.fixture(scope="module")
def shipped() -> Snapshot:
    return load_or_raise()


@pytest.mark.parametrize(("audience", "months", "on", "place_id", "expected"), CONTRIBUTIONS)
def test_contribution(
    shipped: Snapshot, audience: str, months: int, on: date, place_id: str | None, expected: int
) -> None:
    result = calculate.contribution(shipped, audience, months, on, TODAY, place_id)
    assert result.pays_amount == expected


@pytest.mark.parametrize(("on", "totals"), HOUSEHOLDS)
def test_household(shipped: Snapshot, on: date, totals: tuple[int, ...]) -> None:
    found = tuple(
        calculate.household(shipped, members, 12, on, TODAY).pays_amount for members in range(1, 7)
    )
    assert found == totals


@pytest.mark.parametrize(("income", "audience", "on", "expected"), VOLUNTARY)
def test_voluntary(
    shipped: Snapshot, income: int | None, audience: str, on: date, expected: int
) -> None:
    assert calculate.voluntary(shipped, income, 1, audience, on, TODAY).pays_amount == expected


@pytest.mark.parametrize(
    ("factor", "on", "amount"),
    [
        ("waiver_months", TODAY, 15_180_000),
        ("co_payment_threshold_share", TODAY, 379_500),
        ("voluntary_cap_multiple", TODAY, 50_600_000),
    ],
)
def test_product(shipped: Snapshot, factor: str, on: date, amount: int) -> None:
    assert calculate.product(shipped, factor, "base_salary", on, TODAY).amount == amount


#: What is paid for twelve months in November 2026, by group and place.
YEARS = {
    ("hssv", 683_100): (
        "bac-ninh nghe-an can-tho hai-phong phu-tho vinh-long dong-nai hue quang-tri quang-ninh "
        "thanh-hoa thai-nguyen lao-cai lang-son gia-lai lai-chau da-nang ha-noi dien-bien "
        "ninh-binh tay-ninh ha-tinh son-la ninh-thuan"
    ),
    ("hssv", 273_240): "khanh-hoa",
    ("hssv", 614_790): "lam-dong dak-lak phu-yen",
    ("hssv", 546_480): "quang-ngai dong-thap kien-giang",
    ("hssv", 409_860): "ca-mau cao-bang",
    ("hssv", 0): "tuyen-quang",
    ("pupil", 0): "tp-ho-chi-minh tuyen-quang",
    ("pupil", 273_240): "hung-yen",
    ("student", 683_100): "tp-ho-chi-minh hung-yen",
    ("near_poor", 0): (
        "bac-ninh nghe-an quang-ngai dong-thap can-tho lam-dong hai-phong vinh-long phu-tho "
        "lai-chau hue gia-lai ca-mau dak-lak dong-nai quang-tri quang-ninh hung-yen tuyen-quang "
        "thai-nguyen lao-cai lang-son tp-ho-chi-minh"
    ),
    ("near_poor", 204_930): "thanh-hoa",
    ("near_poor", 409_860): "ha-noi khanh-hoa cao-bang da-nang kien-giang ha-tinh son-la",
    ("average_household", 751_410): "cao-bang",
    ("average_household", 683_100): (
        "nghe-an quang-ngai hai-phong vinh-long phu-tho gia-lai ca-mau dong-nai thai-nguyen"
    ),
    ("average_household", 546_480): "bac-ninh lam-dong dong-thap dak-lak",
    ("average_household", 819_720): "kien-giang",
    ("average_household", 273_240): "quang-ninh",
    ("average_household", 0): "lai-chau hung-yen tuyen-quang ha-noi",
}


@pytest.mark.parametrize(
    ("audience", "place_id", "expected"),
    [
        (audience, place_id, expected)
        for (audience, expected), places in YEARS.items()
        for place_id in places.split()
    ],
)
def test_a_year_in_each_place(
    shipped: Snapshot, audience: str, place_id: str, expected: int
) -> None:
    result = calculate.contribution(shipped, audience, 12, TODAY, TODAY, place_id)
    assert result.pays_amount == expected


@pytest.mark.parametrize(
    ("place_id", "audience", "expected"),
    [
        # 330.000 less the State's and the place's shares of 330.000.
        ("ha-noi", "", 198_000),
        ("ha-noi", "poor", 0),
        ("ha-noi", "near_poor", 0),
        ("ha-noi", "ethnic_minority", 132_000),
        ("hai-phong", "", 231_000),
        ("hai-phong", "poor", 66_000),
        ("hai-duong", "near_poor", 115_500),
        ("hai-phong", "ethnic_minority", 165_000),
        ("hung-yen", "", 264_000),
        ("hung-yen", "poor", 132_000),
        ("hung-yen", "near_poor", 165_000),
        ("hung-yen", "ethnic_minority", 231_000),
        ("bac-ninh", "poor", 66_000),
        ("dak-lak", "poor", 165_000),
    ],
)
def test_voluntary_in_a_place(
    shipped: Snapshot, place_id: str, audience: str, expected: int
) -> None:
    result = calculate.voluntary(shipped, None, 1, audience, TODAY, TODAY, place_id)
    assert result.pays_amount == expected


def test_every_place_can_be_spoken_about(shipped: Snapshot) -> None:
    for place_id in shipped.places:
        for audience in ("hssv", "pupil", "student", "near_poor", "average_household"):
            result = calculate.contribution(shipped, audience, 12, TODAY, TODAY, place_id)
            assert result.place_note or result.national_share == 1
            assert result.place_note.count("nay thuộc") <= 1
