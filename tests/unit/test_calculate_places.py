"""What is counted and said about a place's own support."""

from __future__ import annotations

from datetime import date

import pytest

from bot import calculate
from tests.small_rates import SNAPSHOT, TODAY

NOVEMBER_2023 = date(2023, 11, 15)


def pays(
    audience: str, months: int, on: date, place_id: str | None = None, known_on: date = TODAY
) -> int:
    return calculate.contribution(SNAPSHOT, audience, months, on, known_on, place_id).pays_amount


def note(audience: str, place_id: str, on: date = TODAY) -> str:
    return calculate.contribution(SNAPSHOT, audience, 12, on, TODAY, place_id).place_note


def test_unknown_support_says_so_and_whom_to_ask() -> None:
    text = note("hssv", "an-giang")
    assert text.startswith("Chưa có số liệu được xác nhận về mức hỗ trợ thêm của tỉnh An Giang")
    assert "tổng đài 1900.9068" in text
    assert "nhà trường" in text
    result = calculate.contribution(SNAPSHOT, "hssv", 12, TODAY, TODAY, "an-giang")
    assert result.local_share is None
    assert result.local == ""
    assert result.pays_amount == 683_100


def test_support_that_ran_out_is_unknown_and_told_as_past() -> None:
    text = note("hssv", "dien-bien")
    assert "Chưa có số liệu" in text
    assert "hỗ trợ thêm 20%, đến hết ngày 22/03/2026" in text
    assert pays("hssv", 12, TODAY, "dien-bien") == 683_100


def test_a_list_without_the_group_is_no_support() -> None:
    text = note("hssv", "bac-ninh")
    assert "Nghị quyết 99/2025/NQ-HĐND" in text
    assert "không quy định mức hỗ trợ thêm cho học sinh, sinh viên" in text
    result = calculate.contribution(SNAPSHOT, "hssv", 12, TODAY, TODAY, "bac-ninh")
    assert result.local == "0%"
    assert "bac-ninh/hssv/2026-01-01" in result.used


def test_former_place_is_named_once_with_its_successor() -> None:
    text = note("hssv", "bac-giang")
    assert text.count("nay thuộc") == 1
    assert "tỉnh Bắc Ninh (Bắc Giang nay thuộc Bắc Ninh)" in text
    assert "(Phú Yên nay thuộc Đắk Lắk)" in note("hssv", "phu-yen")


def test_former_place_before_its_merger_keeps_its_own_rows() -> None:
    text = note("near_poor", "bac-giang", NOVEMBER_2023)
    assert "Tỉnh Bắc Giang (nay thuộc tỉnh Bắc Ninh) hỗ trợ thêm 20%" in text
    assert "áp dụng đến hết ngày 30/06/2025" in text
    # Asked at that time, nobody could speak of the merger.
    then = calculate.contribution(
        SNAPSHOT, "near_poor", 12, NOVEMBER_2023, NOVEMBER_2023, "bac-giang"
    )
    assert "nay thuộc" not in then.place_note


def test_between_the_merger_and_the_new_resolution_support_is_unknown() -> None:
    on = date(2025, 9, 1)
    assert pays("near_poor", 12, on, "bac-giang") == pays("near_poor", 12, on)
    assert "Chưa có số liệu" in note("near_poor", "bac-giang", on)


def test_continued_support_of_a_former_place() -> None:
    text = note("hssv", "kien-giang")
    assert text.startswith("Tỉnh Kiên Giang cũ (Kiên Giang nay thuộc An Giang) hỗ trợ thêm 10%")


def test_conditional_support_is_an_assumption_and_the_rest_is_told() -> None:
    result = calculate.contribution(SNAPSHOT, "hssv", 12, TODAY, TODAY, "khanh-hoa")
    # 50% + 30%: 1.366.200 × 20%
    assert result.pays_amount == 273_240
    assert result.condition == "học tại trường công lập"
    assert result.assumptions == (
        "Tính cho người học tại trường ở tỉnh Khánh Hòa.",
        "Tính cho trường hợp: học tại trường công lập.",
    )
    assert result.otherwise == "683.100 đồng"
    assert result.place_note.endswith(
        "tổng là 80%. Trường tư thục không thuộc diện này. Người không đủ điều kiện được hỗ trợ "
        "thêm đóng 683.100 đồng cho 12 tháng."
    )


def test_a_condition_that_names_the_place_needs_no_second_sentence() -> None:
    result = calculate.contribution(SNAPSHOT, "hssv", 12, TODAY, TODAY, "kien-giang")
    assert result.assumptions == ("Tính cho trường hợp: có hộ khẩu tại tỉnh Kiên Giang cũ.",)


def test_no_support_for_most_tells_who_gets_some() -> None:
    result = calculate.contribution(SNAPSHOT, "hssv", 12, TODAY, TODAY, "gia-lai")
    assert result.pays_amount == 683_100
    assert (result.condition, result.otherwise) == ("", "")
    assert "học sinh, sinh viên (không phải người dân tộc thiểu số)" in result.place_note
    assert result.place_note.endswith("dân tộc thiểu số được hỗ trợ thêm 30%.")


@pytest.mark.parametrize(
    ("audience", "place_id", "sentence"),
    [
        ("pupil", "tp-ho-chi-minh", "Tính cho người học tại trường ở TP. Hồ Chí Minh."),
        ("near_poor", "bac-ninh", "Tính cho người cư trú tại tỉnh Bắc Ninh."),
        (
            "hssv",
            "dak-lak",
            "Tính cho người của tỉnh Đắk Lắk; chưa rõ xét theo nơi học hay nơi cư trú, nên hỏi "
            "lại cơ quan BHXH.",
        ),
    ],
)
def test_the_tie_to_the_place_is_an_assumption(audience: str, place_id: str, sentence: str) -> None:
    result = calculate.contribution(SNAPSHOT, audience, 12, TODAY, TODAY, place_id)
    assert result.assumptions == (sentence,)


def test_no_tie_is_assumed_where_the_place_gives_nothing() -> None:
    result = calculate.contribution(SNAPSHOT, "hssv", 12, TODAY, TODAY, "bac-ninh")
    assert result.assumptions == ()


def test_narrower_groups_that_the_place_treats_better_are_named() -> None:
    result = calculate.contribution(SNAPSHOT, "hssv", 12, TODAY, TODAY, "tp-ho-chi-minh")
    assert result.pays_amount == 683_100
    assert result.place_note == (
        "Riêng học sinh: TP. Hồ Chí Minh hỗ trợ thêm 50%, số tiền đóng 12 tháng là 0 đồng. "
        "Riêng sinh viên, học viên: TP. Hồ Chí Minh không có mức hỗ trợ thêm, số tiền đóng 12 "
        "tháng là 683.100 đồng."
    )
    assert "tp-ho-chi-minh/pupil/2025-11-14" in result.used


def test_place_is_beside_the_point_when_the_state_pays_all() -> None:
    assert note("poor", "bac-ninh") == ""
