"""Special cases offered under an answer, and what their buttons stand for."""

from __future__ import annotations

import pytest

from bot import texts
from bot.models import Outcome, Slots
from bot.specials import Chosen, read_payload, specials
from tests.small_answers import Talk, snapshot

RATE = "mức đóng bhyt học sinh năm nay"


@pytest.fixture
def talk() -> Talk:
    return Talk()


def test_only_what_was_not_said_is_offered() -> None:
    file = snapshot().answers["muc-dong"].file
    assert [one.title for one in specials(snapshot(), file, Slots())] == [
        "Đóng 6 tháng",
        "Theo tỉnh của tôi",
    ]
    assert [one.title for one in specials(snapshot(), file, Slots(months=3))] == [
        "Theo tỉnh của tôi"
    ]
    assert specials(snapshot(), file, Slots(months=3, place="dak-lak")) == ()


def test_titles_fit_a_button() -> None:
    entries = snapshot().lexicon["followups"]["special"]
    assert entries
    assert all(len(entry["title"]) <= 20 for entry in entries)


def test_an_answer_that_takes_nothing_offers_no_case(talk: Talk) -> None:
    assert texts.SPECIAL_CASES not in talk.say("mất thẻ bhyt thì làm thế nào").text


@pytest.mark.parametrize(
    ("payload", "chosen"),
    [
        ("answer:muc-dong", Chosen("muc-dong")),
        ("#answer:muc-dong?months=6", Chosen("muc-dong", Slots(months=6))),
        ("answer:muc-dong?group=near_poor", Chosen("muc-dong", Slots(group="near_poor"))),
        ("answer:muc-dong?place=dak-lak", Chosen("muc-dong", Slots(place="dak-lak"))),
        ("answer:muc-dong?place=*", Chosen("muc-dong", asks_place=True)),
        # What is out of date or made up is left out, the answer stays.
        ("answer:muc-dong?group=kings", Chosen("muc-dong")),
        ("answer:muc-dong?months=99999", Chosen("muc-dong")),
        ("answer:muc-dong?income=1", Chosen("muc-dong")),
        ("answer:gone?months=6", None),
        ("answer:giao-vien-thu", None),
        ("feedback:good:x:y", None),
        ("", None),
    ],
)
def test_what_a_button_stands_for(payload: str, chosen: Chosen | None) -> None:
    assert read_payload(snapshot(), payload) == chosen


def test_a_case_keeps_what_was_said_before(talk: Talk) -> None:
    talk.say("học sinh ở Đắk Lắk đóng bảo hiểm y tế bao nhiêu")
    assert "cho 6 tháng tại Đắk Lắk" in talk.say("1").text


def test_an_old_button_stands_for_itself(talk: Talk) -> None:
    talk.say("học sinh ở Đắk Lắk đóng bảo hiểm y tế 3 tháng bao nhiêu")
    talk.say("mất thẻ bhyt thì làm thế nào")
    assert "cho 6 tháng" in talk.tap("answer:muc-dong?months=6", "Đóng 6 tháng").text


def test_the_place_is_asked_for_and_then_used(talk: Talk) -> None:
    talk.say(RATE)
    asked = talk.say("theo tỉnh của tôi")
    assert (asked.outcome, asked.parts) == (Outcome.ASKED_BACK, (texts.WHICH_PLACE,))
    assert "tại Đắk Lắk" in talk.say("Đắk Lắk").text


@pytest.mark.parametrize(
    "text", ["2", "2.", "chọn 2", "số 2 nhé", "câu 2 đi ạ", "cái thứ hai", "câu thứ 2"]
)
def test_ways_of_naming_a_choice(talk: Talk, text: str) -> None:
    talk.say(RATE)
    assert talk.say(text).answer_id == "noi-dong"


def test_words_of_one_title_choose_it(talk: Talk) -> None:
    talk.say(RATE)
    assert talk.say("đóng BHYT ở đâu").answer_id == "noi-dong"
