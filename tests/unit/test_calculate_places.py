"""What is counted and said about a place's own support."""

from __future__ import annotations

from datetime import date

import pytest

from bot import calculate
from bot.calculate import tie_sentences
from knowledge.snapshot import Snapshot
from tests.small_rates import SNAPSHOT, TODAY, place, row, snapshot

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
    assert text.startswith("Tỉnh Kiên Giang cũ (nay thuộc tỉnh An Giang) hỗ trợ thêm 10%")


def test_conditional_support_is_an_assumption_and_the_rest_is_told() -> None:
    result = calculate.contribution(SNAPSHOT, "hssv", 12, TODAY, TODAY, "khanh-hoa")
    # 50% + 30%: 1.366.200 × 20%
    assert result.pays_amount == 273_240
    assert result.condition == "học tại trường công lập"
    tie = "Phần tỉnh Khánh Hòa hỗ trợ thêm cho học sinh, sinh viên áp dụng với người học tại "
    tie += "trường trên địa bàn."
    case = "Mức cho học sinh, sinh viên tính với trường hợp học tại trường công lập."
    assert tie_sentences(result.ties) == [tie, case]
    # A condition that the text says anyway is not said again.
    assert tie_sentences(result.ties, "Người học tại trường công lập đóng …") == [tie]
    assert result.otherwise == "683.100 đồng"
    assert result.place_note.endswith(
        "tổng là 80%. Trường tư thục không thuộc diện này. Người không đủ điều kiện được hỗ trợ "
        "thêm đóng 683.100 đồng cho 12 tháng."
    )


def test_a_condition_that_names_the_place_needs_no_second_sentence() -> None:
    result = calculate.contribution(SNAPSHOT, "hssv", 12, TODAY, TODAY, "kien-giang")
    assert tie_sentences(result.ties) == [
        "Mức cho học sinh, sinh viên tính với trường hợp có hộ khẩu tại tỉnh Kiên Giang cũ."
    ]


def test_no_support_for_most_tells_who_gets_some() -> None:
    result = calculate.contribution(SNAPSHOT, "hssv", 12, TODAY, TODAY, "gia-lai")
    assert result.pays_amount == 683_100
    assert (result.condition, result.otherwise) == ("", "")
    assert "học sinh, sinh viên (không phải người dân tộc thiểu số)" in result.place_note
    assert result.place_note.endswith("dân tộc thiểu số được hỗ trợ thêm 30%.")


@pytest.mark.parametrize(
    ("audience", "place_id", "sentence"),
    [
        (
            "pupil",
            "tp-ho-chi-minh",
            "Phần TP. Hồ Chí Minh hỗ trợ thêm cho học sinh áp dụng với người học tại trường trên "
            "địa bàn.",
        ),
        (
            "near_poor",
            "bac-ninh",
            "Phần tỉnh Bắc Ninh hỗ trợ thêm cho hộ cận nghèo áp dụng với người cư trú trên địa "
            "bàn.",
        ),
        (
            "pupil",
            "dak-lak",
            "Phần tỉnh Đắk Lắk hỗ trợ thêm cho học sinh, sinh viên chưa rõ xét theo nơi học hay "
            "nơi cư trú, anh/chị nên hỏi lại cơ quan BHXH.",
        ),
    ],
)
def test_the_tie_to_the_place_is_told(audience: str, place_id: str, sentence: str) -> None:
    result = calculate.contribution(SNAPSHOT, audience, 12, TODAY, TODAY, place_id)
    assert tie_sentences(result.ties) == [sentence]


def test_ties_of_several_groups_make_one_sentence() -> None:
    groups = ("hssv", "pupil", "near_poor", "average_household")
    results = [
        calculate.contribution(SNAPSHOT, group, 12, TODAY, TODAY, "dak-lak") for group in groups
    ]
    assert tie_sentences(tie for result in results for tie in result.ties) == [
        "Phần tỉnh Đắk Lắk hỗ trợ thêm cho học sinh, sinh viên chưa rõ xét theo nơi học hay nơi cư "
        "trú; phần cho hộ cận nghèo và hộ có mức sống trung bình áp dụng với người cư trú trên địa "
        "bàn; anh/chị nên hỏi lại cơ quan BHXH."
    ]


def test_no_tie_is_assumed_where_the_place_gives_nothing() -> None:
    result = calculate.contribution(SNAPSHOT, "hssv", 12, TODAY, TODAY, "bac-ninh")
    assert result.ties == ()


def test_narrower_groups_that_the_place_treats_better_are_named() -> None:
    result = calculate.contribution(SNAPSHOT, "hssv", 12, TODAY, TODAY, "tp-ho-chi-minh")
    assert result.pays_amount == 683_100
    assert result.place_note == (
        "Học sinh được TP. Hồ Chí Minh hỗ trợ thêm 50%, nên không phải đóng. Sinh viên, học viên "
        "không có mức hỗ trợ thêm, nên đóng 683.100 đồng cho 12 tháng."
    )
    assert (result.place_lead, result.unknown) == ("", False)
    assert "tp-ho-chi-minh/pupil/2025-11-14" in result.used


def test_a_narrower_group_is_an_exception_only_once() -> None:
    cites = ("2026-01-01", "open", "nq-56-2025")
    better = place(
        "ben-kia",
        "Bên Kia",
        row("10%", *cites, audience="hssv"),
        row("50%", *cites, audience="pupil"),
        row("20%", *cites, audience="student"),
    )
    known = snapshot(places={"ben-kia": better})
    result = calculate.contribution(known, "hssv", 12, TODAY, TODAY, "ben-kia")
    assert result.remark == (
        "Riêng học sinh được tỉnh Bên Kia hỗ trợ thêm 50%, nên không phải đóng. Sinh viên, học "
        "viên được tỉnh Bên Kia hỗ trợ thêm 20%, nên đóng 409.860 đồng cho 12 tháng."
    )


@pytest.mark.parametrize(
    ("note_text", "kept"),
    [
        ("Danh sách của nghị quyết đã đọc đến hết.", False),
        ("Nghị quyết chỉ có học sinh phổ thông.", True),
    ],
)
def test_a_note_beside_no_support_is_kept_when_it_tells_who_gets_some(
    note_text: str, kept: bool
) -> None:
    there = place(
        "o-day",
        "Ở Đây",
        row("0%", "2026-01-01", "open", "nq-56-2025", audience="student", note=note_text),
    )
    known = snapshot(places={"o-day": there})
    result = calculate.contribution(known, "student", 12, TODAY, TODAY, "o-day")
    assert (result.remark == note_text) is kept


def test_later_notes_leave_out_what_earlier_ones_said() -> None:
    hssv = calculate.contribution(SNAPSHOT, "hssv", 12, TODAY, TODAY, "an-giang")
    poor = calculate.contribution(SNAPSHOT, "near_poor", 12, TODAY, TODAY, "an-giang")
    assert poor.note_after() == poor.place_note
    assert poor.note_after(hssv) == (
        "Mức hỗ trợ thêm cho nhóm này cũng chưa có số liệu được xác nhận."
    )
    given = calculate.contribution(SNAPSHOT, "near_poor", 12, TODAY, TODAY, "phu-yen")
    other = calculate.contribution(SNAPSHOT, "average_household", 12, TODAY, TODAY, "phu-yen")
    assert "nay thuộc" in other.place_note
    assert "nay thuộc" not in other.note_after(given)


# -- what ran out, and other territories --------------------------------------------------------
def _merged(*successor: dict[str, object], own: tuple[dict[str, object], ...] = ()) -> Snapshot:
    """Old Ninh Thuận, since 01/07/2025 part of Khánh Hòa."""
    former = place(
        "ninh-thuan",
        "Ninh Thuận",
        *own,
        exists_to="2025-06-30",
        merged_into="khanh-hoa",
    )
    today = place("khanh-hoa", "Khánh Hòa", *successor)
    return snapshot(places={today.id: today, former.id: former})


def test_an_end_that_is_only_confirmed_is_not_called_the_last_day() -> None:
    unknown = row(
        "30%",
        "2022-08-01",
        "unknown",
        "nq-35-2025",
        audience="near_poor",
        confirmed_until="2025-06-30",
    )
    known = _merged(unknown)
    result = calculate.contribution(known, "near_poor", 12, TODAY, TODAY, "khanh-hoa")
    assert "hỗ trợ thêm 30%, được xác nhận đến ngày 30/06/2025" in result.remark
    # What ran out in Khánh Hòa before the merger was never Ninh Thuận's.
    former = calculate.contribution(known, "near_poor", 12, TODAY, TODAY, "ninh-thuan")
    assert former.unknown
    assert "30%" not in former.place_note


def test_what_the_note_tells_already_is_not_told_as_past() -> None:
    past = row("30%", "2021-01-01", "2025-06-30", "nq-35-2025", audience="near_poor")
    hole = row(
        "",
        "2025-07-01",
        "open",
        "nq-35-2025",
        audience="near_poor",
        known="no",
        note="Ở địa bàn cũ có nghị quyết hỗ trợ thêm 30%.",
    )
    result = calculate.contribution(_merged(past, hole), "near_poor", 12, TODAY, TODAY, "khanh-hoa")
    assert result.remark == "Ở địa bàn cũ có nghị quyết hỗ trợ thêm 30%."
    assert "khanh-hoa/near_poor/2021-01-01" in result.used


def test_support_from_before_the_merger_is_not_the_other_territorys() -> None:
    early = row("30%", "2025-04-08", "open", "nq-35-2025", audience="hssv")
    hole = row(
        "",
        "2025-07-01",
        "open",
        "nq-35-2025",
        audience="hssv",
        known="no",
        note="Trường ở địa bàn Ninh Thuận cũ thì chưa rõ.",
        continues_after_merger={"directive": "nq-35-2025"},
    )
    known = _merged(early, own=(hole,))
    assert calculate.contribution(known, "hssv", 12, TODAY, TODAY, "khanh-hoa").local == "30%"
    former = calculate.contribution(known, "hssv", 12, TODAY, TODAY, "ninh-thuan")
    assert (former.pays_amount, former.local_share) == (683_100, None)
    assert "tỉnh Ninh Thuận cũ (nay thuộc tỉnh Khánh Hòa)" in former.place_note
    assert former.remark == "Trường ở địa bàn Ninh Thuận cũ thì chưa rõ."
    # A row of the new province covers the whole of it.
    late = row("30%", "2026-01-01", "open", "nq-35-2025", audience="hssv")
    known = _merged(late, own=(hole,))
    assert calculate.contribution(known, "hssv", 12, TODAY, TODAY, "ninh-thuan").local == "30%"


def test_place_is_beside_the_point_when_the_state_pays_all() -> None:
    assert note("poor", "bac-ninh") == ""
