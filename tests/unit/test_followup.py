"""Turns that lean on earlier ones: what is inherited, what starts afresh, what ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot import followup, texts
from bot.commands.common import load_desk
from bot.dialogue import Desk
from bot.models import Candidate, Conversation, Decision, Outcome, Question, Reply
from bot.normalize import normalize
from tests.small_answers import NOW, Talk, desk

RATE = "mức đóng bhyt học sinh năm nay"
UNSURE = 0.9999


@pytest.fixture
def talk() -> Talk:
    return Talk()


@pytest.fixture
def unsure() -> Talk:
    """A desk that asks back whatever is said."""
    return Talk(desk(sure_from=UNSURE))


@pytest.fixture(scope="module")
def real_desk() -> Desk:
    """The desk over the shipped answers: only they go by the group of a household."""
    return load_desk()


@pytest.fixture
def real(real_desk: Desk) -> Talk:
    return Talk(real_desk)


def amounts(reply: Reply) -> set[int]:
    return {amount.vnd for amount in reply.amounts}


# -- follow-ups -------------------------------------------------------------------------------
def test_a_follow_up_fills_the_slot_of_the_last_answer(talk: Talk) -> None:
    assert 683100 in amounts(talk.say(RATE))
    assert "341.550 đồng cho 6 tháng" in talk.say("còn 6 tháng?").text
    there = talk.say("ở Đắk Lắk thì sao")
    assert "307.395 đồng cho 6 tháng tại Đắk Lắk" in there.text
    assert there.province == "Đắk Lắk"
    then = talk.say("năm 2024")
    assert then.answer_id == "muc-dong"
    assert then.applies is not None
    assert then.applies.first.year == 2024


def test_a_follow_up_without_accents(talk: Talk) -> None:
    talk.say("muc dong bhyt hoc sinh nam nay")
    assert "cho 9 tháng" in talk.say("con 9 thang thi sao").text


@pytest.mark.parametrize(
    ("text", "answer_id"),
    [
        ("còn hộ gia đình 4 người?", "ho-gia-dinh"),
        ("thế mất thẻ ở Hà Nội thì làm sao", "mat-the"),
        ("quên mật khẩu vssid", "quen-mat-khau"),
    ],
)
def test_another_question_is_no_follow_up(talk: Talk, text: str, answer_id: str) -> None:
    talk.say(RATE)
    assert talk.say(text).answer_id == answer_id


def test_a_slot_without_an_answer_before_it_is_no_follow_up(talk: Talk) -> None:
    assert talk.say("còn 6 tháng?").answer_id != "noi-dong"
    assert talk.conversation.last_answer in ("", "muc-dong")


@pytest.mark.parametrize(
    "text",
    ["thế 6 tháng", "6 tháng thôi được k", "nếu 6 tháng", "6 tháng", "con 6 thang a"],
)
def test_ways_of_naming_other_months(talk: Talk, text: str) -> None:
    talk.say(RATE)
    assert "341.550 đồng cho 6 tháng" in talk.say(text).text


def test_a_bare_place_and_a_bare_count_are_values(talk: Talk) -> None:
    talk.say(RATE)
    assert talk.say("Cao Bằng").province == "Cao Bằng"
    talk.say("nhà 4 người mua bảo hiểm y tế hết bao nhiêu tiền")
    assert talk.say("nhà 5 người").text.startswith("Hộ 5 người")
    assert talk.say("thêm bà nội nữa là 6").text.startswith("Hộ 6 người")


def test_the_newer_value_wins(talk: Talk) -> None:
    talk.say("học sinh ở Đắk Lắk đóng bảo hiểm y tế 6 tháng bao nhiêu")
    reply = talk.say("ở Cao Bằng 9 tháng thì sao")
    assert "cho 9 tháng tại Cao Bằng" in reply.text


def test_a_question_of_its_own_inherits_the_place_only(talk: Talk) -> None:
    talk.say("học sinh ở Đắk Lắk đóng bảo hiểm y tế 6 tháng bao nhiêu")
    reply = talk.say("con em lớp 3 tiền thẻ bhyt hết mấy trăm cho em hỏi với ạ")
    assert "cho 12 tháng tại Đắk Lắk" in reply.text


def test_another_person_ends_the_group(talk: Talk) -> None:
    talk.say("sinh viên đóng bhyt 6 tháng hết bao nhiêu")
    assert talk.conversation.slots.group == "student"
    talk.say("thế vợ tôi 3 tháng")
    assert talk.conversation.slots.group == ""
    assert talk.conversation.slots.months == 3


def test_a_short_turn_is_read_behind_the_question(talk: Talk) -> None:
    talk.say("đi khám bhyt được chi trả bao nhiêu phần trăm")
    assert talk.say("chi trả mấy %").answer_id == "muc-huong"
    assert talk.conversation.words.startswith("đi khám bhyt")


def test_noise_after_an_answer_is_not_answered(talk: Talk) -> None:
    talk.say(RATE)
    for text in ("%%$##@", "zxcv qwer", "k k k k"):
        assert talk.say(text).answer_id is None


def test_what_is_remembered_is_short(talk: Talk) -> None:
    talk.say(RATE)
    for _ in range(30):
        talk.say("thế 6 tháng ở Đắk Lắk thì sao ạ")
        assert len(talk.conversation.words) <= 200


def test_the_place_stays_in_mind(talk: Talk) -> None:
    talk.say("học sinh ở Đắk Lắk đóng bảo hiểm y tế bao nhiêu tiền")
    talk.say("mất thẻ bhyt thì làm thế nào")
    assert talk.say("sinh viên đóng bhyt bao nhiêu").province == "Đắk Lắk"


def test_context_ends_after_thirty_minutes(talk: Talk) -> None:
    talk.say("học sinh ở Đắk Lắk đóng bảo hiểm y tế bao nhiêu tiền")
    talk.now += timedelta(minutes=30)
    assert "tại Đắk Lắk" in talk.say("còn 6 tháng?").text
    talk.now += timedelta(minutes=30, seconds=1)
    late = talk.say(RATE)
    assert late.province is None
    assert "cho 12 tháng" in late.text


def test_an_offer_ends_after_thirty_minutes_but_its_buttons_do_not(unsure: Talk) -> None:
    option = unsure.say(RATE).options[0]
    unsure.now += timedelta(minutes=31)
    assert unsure.say("1").outcome is not Outcome.ANSWERED
    assert unsure.tap(f"answer:{option.answer_id}").answer_id == option.answer_id


def test_the_caution_outlives_the_context(talk: Talk) -> None:
    talk.say("mất thẻ bhyt [CCCD] làm sao", redacted=("CCCD",))
    talk.now += timedelta(hours=2)
    reply = talk.say("mất thẻ bhyt [CCCD] làm sao", redacted=("CCCD",))
    assert texts.IDENTIFIER_CAUTION not in reply.parts


# -- saying it differently, and taking it back ---------------------------------------------------
@pytest.mark.parametrize(
    "text", ["đóng 6 tháng thôi", "mua 6 tháng", "6 tháng bao nhiêu tiền", "đóng 6 tháng nhé ad"]
)
def test_paying_words_beside_a_value_ask_nothing_new(talk: Talk, text: str) -> None:
    talk.say(RATE)
    assert "341.550 đồng cho 6 tháng" in talk.say(text).text


@pytest.mark.parametrize("text", ["tổng tiền", "tổng cộng bao nhiêu", "là bao nhiêu tiền vậy"])
def test_how_much_asks_about_the_figures_before_it(talk: Talk, text: str) -> None:
    talk.say("học sinh đóng bảo hiểm y tế 6 tháng bao nhiêu")
    assert "341.550 đồng cho 6 tháng" in talk.say(text).text


def test_what_was_taken_over_is_shown(talk: Talk) -> None:
    talk.say("học sinh ở Đắk Lắk đóng bảo hiểm y tế 6 tháng bao nhiêu")
    reply = talk.say("năm 2024 thì sao")
    assert "Áp dụng cho 6 tháng tại Đắk Lắk như anh/chị đã nói ở trên" in reply.text
    # Said in the same turn, nothing is assumed.
    fresh = talk.say("học sinh ở Đắk Lắk đóng bảo hiểm y tế 6 tháng bao nhiêu")
    assert "như anh/chị đã nói ở trên" not in fresh.text


def test_a_group_is_taken_back(talk: Talk) -> None:
    talk.say("sinh viên đóng bhyt 6 tháng hết bao nhiêu")
    assert talk.conversation.slots.group == "student"
    reply = talk.say("không phải sinh viên")
    assert reply.answer_id == "muc-dong"
    assert talk.conversation.slots.group == ""
    assert talk.conversation.slots.months == 6


@pytest.mark.parametrize(
    "text",
    [
        "bỏ sinh viên đi",
        "không còn là sinh viên",
        "ko còn là sinh viên nữa",
        "hết là sinh viên rồi",
        "à quên, không phải sinh viên",
        "nhầm, không sinh viên",
        "bo sinh vien di",
    ],
)
def test_ways_of_taking_a_group_back(talk: Talk, text: str) -> None:
    talk.say("sinh viên ở Đắk Lắk đóng bhyt 6 tháng hết bao nhiêu")
    reply = talk.say(text)
    assert (reply.answer_id, reply.province) == ("muc-dong", "Đắk Lắk")
    assert talk.conversation.slots.group == ""
    assert talk.conversation.slots.months == 6


@pytest.mark.parametrize("text", ["bố sinh viên", "đóng hết sinh viên", "sinh viên bình thường"])
def test_what_only_looks_like_taking_back(talk: Talk, text: str) -> None:
    talk.say("sinh viên đóng bhyt 6 tháng hết bao nhiêu")
    talk.say(text)
    assert talk.conversation.slots.group == "student"


@pytest.mark.parametrize(
    "text",
    [
        "nhà em bình thường",
        "hộ bình thường thôi ạ",
        "bỏ cận nghèo đi, nhà bình thường",
        "bỏ hộ cận nghèo đi, nhà em bình thường",
        "hết cận nghèo rồi",
        "nhà em không thuộc diện nào",
    ],
)
def test_an_ordinary_household_takes_back_the_near_poor_one(real: Talk, text: str) -> None:
    for said in ("mức đóng bhyt hssv", "hộ cận nghèo", "ở Thanh Hóa", "6 tháng"):
        real.say(said)
    assert real.conversation.slots.group == "hssv near_poor"
    assert real.say(text).answer_id == "muc-dong-hssv"
    slots = real.conversation.slots
    assert (slots.group, slots.place, slots.months) == ("hssv", "thanh-hoa", 6)


@pytest.mark.parametrize(
    "text", ["nhầm, 9 tháng", "à quên 9 tháng chứ", "ý em là 9 tháng", "không, 9 tháng"]
)
def test_a_value_is_put_right(talk: Talk, text: str) -> None:
    talk.say("sinh viên ở Đắk Lắk đóng bhyt 6 tháng hết bao nhiêu")
    assert "cho 9 tháng tại Đắk Lắk" in talk.say(text).text


@pytest.mark.parametrize(
    "text",
    [
        "quên, cận nghèo chớ",
        "nhầm, cận nghèo",
        "à không, cận nghèo",
        "ý em là cận nghèo",
        "không phải hộ nghèo mà là cận nghèo",
        "quen, can ngheo cho",
    ],
)
def test_a_group_is_put_right(real: Talk, text: str) -> None:
    for said in ("mức đóng bhyt hssv", "hộ nghèo", "ở Thanh Hóa", "6 tháng"):
        real.say(said)
    assert real.say(text).answer_id == "muc-dong-hssv"
    slots = real.conversation.slots
    assert (slots.group, slots.place, slots.months) == ("near_poor", "thanh-hoa", 6)


def test_a_pupil_stays_one_when_the_household_is_put_right(real: Talk) -> None:
    real.say("mức đóng bhyt hssv")
    real.say("hộ cận nghèo")
    assert real.say("nhầm, hộ nghèo").answer_id == "muc-dong-hssv"
    assert real.conversation.slots.group == "hssv poor"


def test_an_answer_all_about_the_wrong_group_is_not_given_again(real: Talk) -> None:
    real.say("mức đóng bhyt hộ cận nghèo")
    assert real.conversation.last_answer == "ho-can-ngheo"
    assert real.say("nhầm, hộ nghèo").answer_id != "ho-can-ngheo"


def test_forgetting_something_else_is_no_slip(talk: Talk) -> None:
    talk.say(RATE)
    assert talk.say("quên mật khẩu vssid").answer_id == "quen-mat-khau"


def test_a_place_is_taken_back(talk: Talk) -> None:
    talk.say("học sinh ở Đắk Lắk đóng bảo hiểm y tế bao nhiêu")
    reply = talk.say("em không ở Đắk Lắk")
    assert (reply.answer_id, reply.province) == ("muc-dong", None)


def test_ha_noi_and_last_year_are_nobodys_grandparents(talk: Talk) -> None:
    talk.say("sinh viên đóng bhyt bao nhiêu")
    talk.say("năm ngoái thì bao nhiêu")
    assert talk.conversation.slots.group == "student"
    talk.say("thế bà nội 3 tháng")
    assert talk.conversation.slots.group == ""


@pytest.mark.parametrize(
    ("text", "members"),
    [("thêm 1 người nữa", 5), ("bớt 1 người", 3), ("thêm bà nội nữa là 6 người", 6)],
)
def test_people_are_counted_onto_those_before(talk: Talk, text: str, members: int) -> None:
    talk.say("nhà 4 người mua bảo hiểm y tế hết bao nhiêu tiền")
    assert talk.say(text).text.startswith(f"Hộ {members} người")


def test_a_grandmother_is_not_answered_as_a_pupil(talk: Talk) -> None:
    talk.say(RATE)
    assert talk.say("còn bà nội em 82 tuổi").answer_id != "muc-dong"


def test_asking_on_about_the_thing_in_hand(talk: Talk) -> None:
    talk.say("mất thẻ bhyt thì làm thế nào")
    reply = talk.say("cần giấy tờ gì")
    assert reply.answer_id == "mat-the"
    assert reply.text.startswith(texts.AGAIN)


def test_accents_alone_never_decide_between_two_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the same words without diacritics bring another answer, the citizen chooses."""
    own = desk()
    first, second = sorted(own.snapshot.answers)[:2]

    def decide_by_accents(question: Question, *_: object, **__: object) -> Decision:
        chosen = second if question.unaccented else first
        rival = first if question.unaccented else second
        near = (Candidate(chosen, "", 1.0), Candidate(rival, "", 0.9))
        return Decision(Outcome.ANSWERED, near, 0.9)

    monkeypatch.setattr(followup, "decide", decide_by_accents)
    reader = followup.Reader(own.index, own.lexicon, own.settings)
    question = normalize("người thứ sáu trong nhà đóng bao nhiêu", own.lexicon, NOW.date())
    read = reader.read(question, Conversation(), today=NOW.date())
    assert read.decision.outcome is Outcome.ASKED_BACK
    assert [one.answer_id for one in read.decision.candidates] == [first, second]
