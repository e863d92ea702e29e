"""From typed words and chips to answers: the same as the bot's, by the same functions."""

from __future__ import annotations

from datetime import date

import pytest

from bot.answer import apply
from bot.console.choices import NONE, choices
from bot.console.lookup import MOST, Found, Told, Wish, find, tell
from bot.dialogue import Circumstances, Said
from bot.models import Conversation, Outcome
from tests.small_answers import NOW, desk

TODAY = date(2026, 11, 22)
DESK = desk()


def wish(text: str = "", **chips: str) -> Wish:
    return Wish.read({"q": text, **chips}, DESK.snapshot)


def look(text: str = "", **chips: str) -> tuple[Found, Told | None]:
    asked = wish(text, **chips)
    found = find(DESK, asked, TODAY)
    return found, tell(DESK, asked, found, TODAY)


def told(text: str = "", **chips: str) -> Told:
    result = look(text, **chips)[1]
    assert result is not None
    return result


# -- finding ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text", ["học sinh đóng bảo hiểm y tế bao nhiêu tiền", "hoc sinh dong bao hiem y te bao nhieu"]
)
def test_the_first_answer_is_the_bots(text: str) -> None:
    found, first = look(text)
    reply, _ = DESK.respond(Said(text=text), Conversation(), Circumstances(now=NOW))
    assert reply.outcome is Outcome.ANSWERED
    assert found.sure
    assert first is not None
    assert first.answer.answer_id == found.hits[0].answer_id == reply.answer_id
    assert first.answer.text == reply.parts[0]
    assert first.answer.used == reply.used


def test_staff_answers_take_part_and_are_marked() -> None:
    found, first = look("giáo viên thu nộp danh sách hssv khi nào")
    assert first is not None
    assert first.answer.answer_id == "giao-vien-thu"
    staff = {hit.answer_id for hit in found.hits if hit.staff}
    assert "giao-vien-thu" in staff <= {"giao-vien-thu", "chi-tieu"}


def test_without_words_the_menu_stands_there() -> None:
    found, _ = look()
    assert [hit.answer_id for hit in found.hits] == ["muc-dong", "muc-huong", "mat-the"]
    assert found.question is None


@pytest.mark.parametrize("typed", ["mất", "mat the", "MẤT THẺ B", "mat-the"])
def test_half_a_title_finds_it(typed: str) -> None:
    assert "mat-the" in [hit.answer_id for hit in look(typed)[0].hits]


@pytest.mark.parametrize("typed", ["xyzzy qwerty", "?", "   ", "12345"])
def test_words_that_say_nothing_break_nothing(typed: str) -> None:
    found, _ = look(typed)
    assert not found.sure


def test_the_list_is_short_and_holds_the_chosen_one() -> None:
    found, first = look("bhyt học sinh", id="quen-mat-khau")
    ids = [hit.answer_id for hit in found.hits]
    assert len(ids) == len(set(ids)) <= MOST
    assert "quen-mat-khau" in ids
    assert first is not None
    assert first.answer.answer_id == "quen-mat-khau"


def test_identifiers_are_replaced_before_anything_else() -> None:
    asked = wish("tôi là 0912345678 mất thẻ bhyt")
    assert "0912345678" not in asked.text
    assert "[SĐT]" in asked.text


# -- chips ----------------------------------------------------------------------------------
def test_a_chip_wins_over_the_words() -> None:
    text = "sinh viên đóng bhyt 6 tháng hết bao nhiêu"
    assert told(text).asked.slots.months == 6
    assert told(text, months="3").asked.slots.months == 3
    assert told(text, months=NONE).asked.slots.months is None
    assert told(text, months="3").answer.text != told(text).answer.text


def test_a_day_is_the_applied_day_not_today() -> None:
    answer = told("mức đóng bhyt học sinh", day="2024-07-15")
    assert answer.asked.today == TODAY
    assert answer.answer.applies is not None
    assert answer.answer.applies.first == date(2024, 7, 15)
    assert "Trả lời cho thời điểm 15/07/2024" in answer.answer.text


def test_a_place_is_applied_and_taken_away() -> None:
    place = next(iter(DESK.snapshot.places))
    name = DESK.snapshot.places[place].name
    text = "mức đóng bhyt học sinh năm nay"
    there = told(text, place=place)
    assert there.asked.place == place
    assert there.answer.text != told(text).answer.text
    again = told(f"{text} ở {name}", place=NONE)
    assert again.asked.place == ""
    assert again.answer.text == told(text).answer.text


def test_a_group_replaces_the_group_of_the_words() -> None:
    answer = told("bhyt học sinh đóng bao nhiêu", group="near_poor", id="muc-dong")
    assert answer.asked.groups == {"near_poor"}
    assert told("bhyt học sinh đóng bao nhiêu", group=NONE).asked.groups == frozenset()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("day", "32/13/2025"), ("day", "0002-11-15"), ("day", "2025-02-30"), ("place", "nowhere"),
        ("group", "nobody"), ("months", "0"), ("months", "61"), ("months", "-1"), ("months", "٣"),
        ("members", "31"), ("members", "x"), ("id", "no-answer"),
    ],
)  # fmt: skip
def test_what_cannot_be_chosen_is_dropped(name: str, value: str) -> None:
    assert wish("mất thẻ", **{name: value}) == wish("mất thẻ")


def test_text_of_any_kind_is_read() -> None:
    data: dict[str, object] = {"q": 5, "day": None, "place": ["a"], "id": {"x": 1}}
    assert Wish.read(data, DESK.snapshot) == Wish()
    assert Wish.read({"q": "a\ud800b"}, DESK.snapshot).text == "a\ufffdb"
    assert len(Wish.read({"q": "dài " * 9000}, DESK.snapshot).text) <= 1500


def test_an_applied_answer_is_the_pure_functions_own() -> None:
    answer = told("mức đóng bhyt học sinh", months="9")
    assert answer.answer == apply(DESK.snapshot, "muc-dong", answer.asked)


# -- the chips' lists ---------------------------------------------------------------------
def test_chips_show_what_the_words_said_and_what_is_still_open() -> None:
    asked = wish("sinh viên đóng bhyt 6 tháng hết bao nhiêu")
    found = find(DESK, asked, TODAY)
    chips = choices(DESK.snapshot, asked, found, tell(DESK, asked, found, TODAY), TODAY)
    assert chips.months.said == "6 tháng"
    assert not chips.months.open
    assert "sinh viên" in chips.group.said
    assert chips.place.open
    assert [chip.name for chip in chips.lists()] == ["place", "group", "months"]


@pytest.mark.parametrize(
    ("text", "day", "shown"),
    [
        ("mức đóng bhyt học sinh", "", ""),
        ("mức đóng bhyt học sinh", "2024-07-15", "15/07/2024"),
        ("mức đóng bhyt học sinh năm 2025", "", "từ 01/01/2025 đến 31/12/2025"),
        ("mức đóng bhyt học sinh năm 2025", "2024-07-15", "15/07/2024"),
        ("mức đóng bhyt học sinh năm 2025", NONE, ""),
    ],
)
def test_the_day_is_shown_as_we_write_days(text: str, day: str, shown: str) -> None:
    asked = wish(text, day=day)
    found = find(DESK, asked, TODAY)
    told_ = tell(DESK, asked, found, TODAY)
    assert choices(DESK.snapshot, asked, found, told_, TODAY).day.said == shown


def test_people_are_asked_for_where_they_count() -> None:
    asked = wish("mua bhyt hộ gia đình giá bao nhiêu")
    found = find(DESK, asked, TODAY)
    chips = choices(DESK.snapshot, asked, found, tell(DESK, asked, found, TODAY), TODAY)
    assert chips.members.open
    assert chips.lists()[-1].name == "members"


def test_former_places_say_what_they_are_now() -> None:
    chips = choices(DESK.snapshot, Wish(), Found(None, None, ()), None, TODAY)
    now, former = chips.place.groups
    assert (now[0], former[0]) == ("Hiện nay", "Trước sáp nhập")
    assert len(now[1]) + len(former[1]) == len(DESK.snapshot.places)
    assert all("nay là" in choice.label for choice in former[1])
    assert former[1]
