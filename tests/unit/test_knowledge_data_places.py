"""The shipped places: today's and former provinces, and what their councils add."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from tests.unit.test_knowledge_data import ONE_DAY, TODAY, places, snapshot


def extra(place: str, audience: str, on: date = TODAY) -> Fraction | None:
    """What a place adds, None when unknown."""
    return snapshot().support(place, audience, on, max(on, TODAY)).share


MERGERS = {
    "tuyen-quang": ["ha-giang"],
    "lao-cai": ["yen-bai"],
    "thai-nguyen": ["bac-kan"],
    "phu-tho": ["vinh-phuc", "hoa-binh"],
    "bac-ninh": ["bac-giang"],
    "hung-yen": ["thai-binh"],
    "hai-phong": ["hai-duong"],
    "ninh-binh": ["ha-nam", "nam-dinh"],
    "quang-tri": ["quang-binh"],
    "da-nang": ["quang-nam"],
    "quang-ngai": ["kon-tum"],
    "gia-lai": ["binh-dinh"],
    "khanh-hoa": ["ninh-thuan"],
    "lam-dong": ["binh-thuan", "dak-nong"],
    "dak-lak": ["phu-yen"],
    "tp-ho-chi-minh": ["binh-duong", "ba-ria-vung-tau"],
    "dong-nai": ["binh-phuoc"],
    "tay-ninh": ["long-an"],
    "can-tho": ["hau-giang", "soc-trang"],
    "vinh-long": ["ben-tre", "tra-vinh"],
    "dong-thap": ["tien-giang"],
    "ca-mau": ["bac-lieu"],
    "an-giang": ["kien-giang"],
}
UNCHANGED = [
    "ha-noi",
    "hue",
    "lai-chau",
    "dien-bien",
    "son-la",
    "lang-son",
    "quang-ninh",
    "thanh-hoa",
    "nghe-an",
    "ha-tinh",
    "cao-bang",
]


def test_34_places_today_and_63_before() -> None:
    today = {p.id for p in places().values() if p.exists_to is None}
    assert today == {*MERGERS, *UNCHANGED}
    assert len(today) == 34
    assert len(places()) == 63


def test_each_former_place_ended_and_has_its_successor() -> None:
    for successor, former in MERGERS.items():
        assert sorted(places()[successor].merged_from) == sorted(former)
        assert places()[successor].merged_on == date(2025, 7, 1)
        for id_ in former:
            place = places()[id_]
            assert place.merged_into == successor
            assert place.exists_to == date(2025, 6, 30)
            assert snapshot().place_on(id_, date(2025, 6, 30)).id == id_
            assert snapshot().place_on(id_, date(2025, 7, 1)).id == successor
    for id_ in UNCHANGED:
        assert not places()[id_].merged_from


def test_names_and_aliases_lead_to_one_place_only() -> None:
    seen: dict[str, str] = {}
    for place in places().values():
        for name in {text.casefold() for text in (place.name, *place.aliases)}:
            assert seen.setdefault(name, place.id) == place.id, name


def test_bac_giang_and_bac_ninh_in_november_2023() -> None:
    day = date(2023, 11, 15)
    assert extra("bac-giang", "near_poor", day) == Fraction(20, 100)
    assert extra("bac-giang", "average_household", day) == Fraction(10, 100)
    assert extra("bac-giang", "hssv", day) is None
    for audience in ("near_poor", "average_household", "hssv"):
        assert extra("bac-ninh", audience, day) is None
        assert extra("bac-ninh", audience, date(2025, 12, 31)) is None


def test_the_support_of_bac_giang_ends_with_the_province() -> None:
    assert extra("bac-giang", "near_poor", date(2021, 12, 31)) is None
    assert extra("bac-giang", "near_poor", date(2022, 1, 1)) == Fraction(20, 100)
    assert extra("bac-giang", "near_poor", date(2025, 6, 30)) == Fraction(20, 100)
    assert extra("bac-giang", "near_poor", date(2025, 7, 1)) is None
    assert extra("bac-giang", "near_poor", date(2026, 1, 1)) == Fraction(30, 100)


def test_kien_giang_continues_and_an_giang_is_not_guessed() -> None:
    assert extra("kien-giang", "hssv") == Fraction(10, 100)
    assert extra("kien-giang", "average_household") == Fraction(10, 100)
    assert extra("kien-giang", "near_poor") is None
    for audience in ("hssv", "near_poor", "average_household"):
        assert extra("an-giang", audience) is None


#: place: (HSSV, near-poor, average-living-standard), in percent on top; None = unknown.
TABLE: dict[str, tuple[int | None, int | None, int | None]] = {
    "ha-noi": (0, None, 70),
    "tp-ho-chi-minh": (None, 30, 0),
    "hai-phong": (0, 30, 20),
    "dong-nai": (0, 30, 20),
    "bac-ninh": (0, 30, 30),
    "an-giang": (None, None, None),
    "dak-lak": (5, 30, 30),
    "gia-lai": (0, 30, 20),
    "ca-mau": (20, 30, 20),
    "hue": (0, 30, 0),
    "da-nang": (0, None, None),
    "can-tho": (0, 30, 0),
    "lam-dong": (5, 30, 30),
    "quang-ngai": (10, 30, 20),
    "quang-tri": (0, 30, 0),
    "quang-ninh": (0, 30, 50),
    "nghe-an": (0, 30, 20),
    "thanh-hoa": (0, 15, 0),
    "hung-yen": (None, 30, 70),
    "phu-tho": (0, 30, 20),
    "thai-nguyen": (0, 30, 20),
    "tuyen-quang": (50, 30, 70),
    "lao-cai": (0, 30, 0),
    "lai-chau": (0, 30, 70),
    "dien-bien": (None, None, None),
    "cao-bang": (20, 0, 15),
    "lang-son": (0, 30, 0),
    "ninh-binh": (None, None, None),
    "khanh-hoa": (30, None, None),
    "vinh-long": (0, 30, 20),
    "dong-thap": (10, 30, 30),
    "tay-ninh": (None, None, None),
    "ha-tinh": (None, None, None),
    "son-la": (None, None, None),
}


def test_the_table_names_every_place_of_today() -> None:
    assert set(TABLE) == {*MERGERS, *UNCHANGED}


@pytest.mark.parametrize("place", sorted(TABLE))
def test_support_today(place: str) -> None:
    for audience, percent in zip(
        ("hssv", "near_poor", "average_household"), TABLE[place], strict=True
    ):
        wanted = None if percent is None else Fraction(percent, 100)
        assert extra(place, audience) == wanted, audience


@pytest.mark.parametrize(
    ("place", "audience", "percent"),
    [
        ("tp-ho-chi-minh", "pupil", 50),
        ("tp-ho-chi-minh", "student", 0),
        ("hung-yen", "pupil", 30),
        ("hung-yen", "student", 0),
        ("dak-lak", "ethnic_left_hard_area", 15),
        ("gia-lai", "ethnic_left_hard_area", 20),
        ("ca-mau", "ethnic_left_hard_area", 30),
        ("bac-ninh", "voluntary_bhxh", 30),
        ("ha-noi", "voluntary_bhxh", 20),
        ("hai-phong", "voluntary_bhxh", 10),
        ("hue", "voluntary_bhxh", 10),
    ],
)
def test_support_of_narrower_groups_today(place: str, audience: str, percent: int) -> None:
    assert extra(place, audience) == Fraction(percent, 100)


@pytest.mark.parametrize(
    ("place", "audience", "last", "after"),
    [
        ("hung-yen", "pupil", date(2026, 12, 31), None),
        ("hung-yen", "average_household", date(2026, 12, 31), None),
        ("can-tho", "ethnic_left_hard_area", date(2026, 10, 31), None),
        ("ha-noi", "ethnic_left_hard_area", date(2026, 10, 31), None),
        ("ha-noi", "average_household", date(2026, 6, 30), 70),
        ("dien-bien", "hssv", date(2026, 3, 22), None),
        ("thanh-hoa", "near_poor", date(2030, 12, 31), None),
    ],
)
def test_support_ends_on_its_last_day(
    place: str, audience: str, last: date, after: int | None
) -> None:
    assert extra(place, audience, last) is not None
    wanted = None if after is None else Fraction(after, 100)
    assert extra(place, audience, last + ONE_DAY) == wanted


@pytest.mark.parametrize(
    ("place", "audience", "first"),
    [
        ("dak-lak", "hssv", date(2025, 10, 30)),
        ("tp-ho-chi-minh", "pupil", date(2025, 11, 14)),
        ("tp-ho-chi-minh", "near_poor", date(2026, 1, 1)),
        ("can-tho", "near_poor", date(2025, 12, 10)),
        ("vinh-long", "near_poor", date(2025, 8, 1)),
        ("dong-thap", "hssv", date(2026, 1, 2)),
        ("thanh-hoa", "near_poor", date(2026, 6, 6)),
        ("quang-ngai", "hssv", date(2026, 7, 1)),
        ("thai-nguyen", "near_poor", date(2026, 7, 1)),
        ("lang-son", "near_poor", date(2021, 8, 1)),
        ("khanh-hoa", "hssv", date(2025, 4, 8)),
        ("kien-giang", "hssv", date(2021, 12, 23)),
    ],
)
def test_support_begins_on_its_first_day(place: str, audience: str, first: date) -> None:
    assert extra(place, audience, first - ONE_DAY) is None
    assert extra(place, audience, first) is not None
