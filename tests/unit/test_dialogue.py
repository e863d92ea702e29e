"""Turns of a conversation: offers, taps, edges, follow-ups, and what is remembered between them."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import timedelta

import pytest

from bot import texts
from bot.dialogue import Circumstances, Said, at_noon
from bot.match import MatchSettings
from bot.models import Conversation, EventKind, Option, Outcome, Period, Reply, Slots
from bot.normalize import fold
from tests.small_answers import ANSWERS, NOW, Talk, desk, snapshot, stored
from tests.small_rates import TODAY

RATE = "mức đóng bhyt học sinh năm nay"
UNSURE = 0.9999


@pytest.fixture
def talk() -> Talk:
    return Talk()


@pytest.fixture
def unsure() -> Talk:
    """A desk that asks back whatever is said."""
    return Talk(desk(sure_from=UNSURE))


def amounts(reply: Reply) -> set[int]:
    return {amount.vnd for amount in reply.amounts}


# -- a question -----------------------------------------------------------------------------
def test_a_question_is_answered_with_all_that_is_recorded(talk: Talk) -> None:
    reply = talk.say("học sinh đóng bảo hiểm y tế bao nhiêu tiền")
    assert (reply.outcome, reply.answer_id, reply.topic) == (
        Outcome.ANSWERED,
        "muc-dong",
        "hssv_rate",
    )
    assert 683100 in amounts(reply)
    assert reply.versions == {"muc-dong": "version of muc-dong"}
    assert 0.5 < reply.score <= 1
    assert reply.reasons[0].startswith("muc-dong: ")
    assert reply.applies == Period(TODAY, TODAY)
    assert "Căn cứ: " in reply.text


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC"])
def test_normal_form_and_case_change_no_byte(form: str) -> None:
    plain = Talk().say("Mất thẻ BHYT thì làm thế nào ạ?")
    other = Talk().say(unicodedata.normalize(form, "MẤT THẺ BHYT thì LÀM thế nào ạ?"))  # type: ignore[arg-type]
    assert other == plain


def test_without_accents_the_same_answer(talk: Talk) -> None:
    assert talk.say("mat the bhyt thi lam the nao").answer_id == "mat-the"


def test_same_turn_same_reply() -> None:
    at = Circumstances(now=NOW)
    said = Said(text=RATE)
    assert desk().respond(said, Conversation(), at) == desk().respond(said, Conversation(), at)


def test_staff_answers_are_for_staff() -> None:
    question = "giáo viên thu nộp danh sách hssv cho cơ quan bhxh khi nào"
    assert Talk(staff=True).say(question).answer_id == "giao-vien-thu"
    citizen = Talk().say(question)
    assert citizen.answer_id != "giao-vien-thu"
    assert "giao-vien-thu" not in {option.answer_id for option in citizen.options}


def test_a_default_place_is_assumed_until_another_is_named() -> None:
    talk = Talk(place="dak-lak")
    assert talk.say(RATE).province == "Đắk Lắk"
    assert talk.say("học sinh ở Cao Bằng đóng bảo hiểm y tế bao nhiêu tiền").province == "Cao Bằng"
    assert talk.say("mức đóng bhyt học sinh").province == "Cao Bằng"


def test_the_day_is_the_vietnamese_one() -> None:
    evening = at_noon(TODAY).replace(hour=23)
    assert Circumstances(now=evening).today == TODAY
    assert Circumstances(now=evening + timedelta(hours=1)).today == TODAY + timedelta(days=1)
    # 18:00 UTC is already the next day in Việt Nam.
    assert Circumstances(now=NOW.replace(hour=18)).today == TODAY + timedelta(days=1)


# -- offers -----------------------------------------------------------------------------------
def test_a_vague_question_is_asked_back_with_numbered_titles(unsure: Talk) -> None:
    reply = unsure.say(RATE)
    assert reply.outcome is Outcome.ASKED_BACK
    assert reply.answer_id is None
    assert 1 < len(reply.options) <= 3
    assert f"\n1. {reply.options[0].title}" in reply.text
    assert unsure.conversation.offer == reply.options


@pytest.mark.parametrize("typed", ["1", "1.", "1)", " 1 ", "١"])
def test_an_offer_is_chosen_by_number(unsure: Talk, typed: str) -> None:
    wanted = unsure.say(RATE).options[0].answer_id
    reply = unsure.say(typed)
    assert (reply.outcome, reply.answer_id) == (Outcome.ANSWERED, wanted)


def test_an_offer_is_chosen_by_its_words_without_accents(unsure: Talk) -> None:
    option = unsure.say(RATE).options[1]
    assert unsure.say(fold(option.title).upper()).answer_id == option.answer_id


def test_an_offer_is_chosen_by_a_tap(unsure: Talk) -> None:
    option = unsure.say(RATE).options[1]
    assert unsure.tap(f"answer:{option.answer_id}", option.title[:19]).answer_id == option.answer_id


def test_a_choice_answers_the_question_that_led_to_it() -> None:
    talk = Talk(desk(sure_from=UNSURE))
    asked = talk.say("học sinh ở Đắk Lắk đóng bhyt 6 tháng hết bao nhiêu")
    assert asked.outcome is Outcome.ASKED_BACK
    number = [option.answer_id for option in asked.options].index("muc-dong") + 1
    assert "307.395 đồng cho 6 tháng tại Đắk Lắk" in talk.say(str(number)).text


def test_a_number_beyond_the_offer_is_offered_again(unsure: Talk) -> None:
    offered = unsure.say(RATE).options
    again = unsure.say("9")
    assert (again.outcome, again.options) == (Outcome.ASKED_BACK, offered)
    assert unsure.say("1").answer_id == offered[0].answer_id


def test_a_bare_number_without_an_offer_fills_a_slot(talk: Talk) -> None:
    talk.say(RATE)
    talk.conversation = replace(talk.conversation, offer=())
    assert "cho 6 tháng" in talk.say("6").text


def test_a_number_beyond_the_offer_fills_a_slot(talk: Talk) -> None:
    assert len(talk.say(RATE).options) == 3
    assert "cho 9 tháng" in talk.say("9").text


def test_a_bare_number_out_of_nowhere_is_not_known(talk: Talk) -> None:
    assert talk.say("4").outcome is Outcome.NOT_KNOWN


def test_an_offer_of_answers_that_are_gone_is_not_taken(talk: Talk) -> None:
    talk.conversation = Conversation(
        offer=(Option("gone", "x", "Mất thẻ"),), last_answer="gone", updated_at=NOW
    )
    assert talk.say("1").outcome in (Outcome.ASKED_BACK, Outcome.NOT_KNOWN)
    assert talk.say("còn 6 tháng?").outcome is not Outcome.REFUSED_PERSONAL


def test_a_place_that_is_gone_is_forgotten(talk: Talk) -> None:
    talk.conversation = Conversation(slots=Slots(place="atlantis"), updated_at=NOW)
    assert talk.say(RATE).province is None


def test_follow_ups_of_an_answer_are_an_offer(talk: Talk) -> None:
    reply = talk.say(RATE)
    assert [option.tap for option in reply.options] == [
        "answer:muc-dong?months=6",
        "answer:noi-dong",
        "answer:muc-dong?place=*",
    ]
    assert reply.text.endswith("1. Đóng 6 tháng\n2. Học sinh đóng BHYT ở đâu\n3. Theo tỉnh của tôi")
    assert talk.say("2").answer_id == "noi-dong"


def test_small_talk_leaves_the_offer_open(talk: Talk) -> None:
    talk.say(RATE)
    talk.say("cảm ơn ad")
    assert talk.say("2").answer_id == "noi-dong"


# -- taps and the menu ----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("payload", "title", "answer_id"),
    [
        ("answer:mat-the", "Mất thẻ", "mat-the"),
        ("#answer:mat-the", "", "mat-the"),
        ("MENU_BENEFITS", "Quyền lợi", "muc-huong"),
        ("menu_quyen_loi", "#menu_quyen_loi", "muc-huong"),
        ("Menu Quyền Lợi", "x", "muc-huong"),
        ("menu_the", "", "mat-the"),
        # The answer is gone, or the payload is another program's: the title still says it.
        ("answer:gone", "Mất thẻ BHYT thì làm gì", "mat-the"),
        ("SOME_OLD_BUTTON", "quên mật khẩu vssid", "quen-mat-khau"),
    ],
)
def test_a_tap_leads_to_its_answer(talk: Talk, payload: str, title: str, answer_id: str) -> None:
    reply = talk.tap(payload, title)
    assert (reply.outcome, reply.answer_id) == (Outcome.ANSWERED, answer_id)


@pytest.mark.parametrize(
    ("payload", "title"),
    [
        ("MENU", "Danh mục"),
        ("GET_STARTED", "Bắt đầu"),
        ("menu_nowhere", "#menu_nowhere"),
        ("whatever", "#whatever"),
        ("answer:gone", ""),
        ("answer:", ""),
        ("", ""),
        ("x" * 1000, ""),
    ],
)
def test_a_tap_that_leads_nowhere_shows_the_menu(talk: Talk, payload: str, title: str) -> None:
    reply = talk.tap(payload, title)
    assert reply.outcome is Outcome.CHITCHAT
    # Lines of the menu whose answer does not exist are left out.
    assert [option.answer_id for option in reply.options] == ["muc-dong", "muc-huong", "mat-the"]
    assert "\n3. Mất thẻ BHYT thì làm gì" in reply.text


def test_a_tap_never_opens_a_staff_answer(talk: Talk) -> None:
    assert talk.tap("answer:giao-vien-thu").answer_id is None
    assert talk.tap("answer:chi-tieu", "Chỉ tiêu").answer_id is None


def test_the_menu_opens_another_subject(talk: Talk) -> None:
    talk.say("mức đóng bhyt học sinh 6 tháng năm 2024 ở Đắk Lắk")
    talk.say("menu")
    reply = talk.say("1")
    assert "cho 12 tháng tại Đắk Lắk" in reply.text
    assert reply.applies == Period(TODAY, TODAY)


def test_welcome_greets_and_shows_the_menu(talk: Talk) -> None:
    reply = talk.do(Said(kind=EventKind.WELCOME, payload="GET_STARTED"))
    assert reply.outcome is Outcome.CHITCHAT
    assert reply.parts[0] == texts.WELCOME[0]
    assert len(reply.options) == 3
    assert talk.say("3").answer_id == "mat-the"


def test_far_answers_are_suggested_only_to_who_names_our_business(talk: Talk) -> None:
    stranger = talk.say("cho hỏi mấy giờ tàu chạy vào ga")
    assert (stranger.outcome, stranger.options) == (Outcome.NOT_KNOWN, ())
    ours = Talk(talk.desk).say("bhyt gì đó vậy nè")
    assert ours.outcome is not Outcome.ANSWERED
    assert ours.options


# -- several questions ---------------------------------------------------------------------
def test_two_questions_get_two_answers(talk: Talk) -> None:
    reply = talk.say("mất thẻ bhyt thì làm thế nào? quên mật khẩu vssid làm sao lấy lại?")
    assert reply.answer_id == "mat-the"
    assert reply.more == (("quen-mat-khau", "vssid_password"),)
    assert "Anh/chị xin cấp lại thẻ miễn phí." in reply.text
    assert "Anh/chị chọn quên mật khẩu" in reply.text
    assert set(reply.versions) == {"mat-the", "quen-mat-khau"}
    assert talk.conversation.last_answer == "quen-mat-khau"


def test_one_question_asked_twice_is_answered_once(talk: Talk) -> None:
    reply = talk.say("mất thẻ bhyt thì làm thế nào? the bhyt bi mat phai lam sao?")
    assert (reply.answer_id, reply.more) == ("mat-the", ())
    assert reply.text.count("miễn phí") == 1


def test_of_two_questions_the_known_one_is_answered_and_the_other_named(talk: Talk) -> None:
    reply = talk.say("mất thẻ bhyt thì làm thế nào? giá vàng sáng hôm nay bao nhiêu?")
    assert reply.answer_id == "mat-the"
    assert reply.more == ()
    assert "Về câu “giá vàng sáng hôm nay bao nhiêu”, trợ lý chưa có câu trả lời" in reply.text
    assert "1900.9068" in reply.text
    # The next turn goes on from the answer, not from what was not known.
    assert talk.conversation.last_answer == "mat-the"


def test_figures_of_an_unknown_question_are_not_repeated(talk: Talk) -> None:
    reply = talk.say("mất thẻ bhyt thì làm thế nào? giá 5 chỉ vàng 9999 hôm nay thế nào?")
    assert "9999" not in reply.text
    assert texts.PART_OTHER in reply.text


MANY = (
    "mất thẻ bhyt thì làm thế nào? quên mật khẩu vssid làm sao lấy lại? "
    "mức đóng bhyt học sinh 6 tháng năm nay? giá vàng sáng hôm nay bao nhiêu?"
)


def test_of_three_questions_or_more_the_citizen_says_which_comes_first(talk: Talk) -> None:
    reply = talk.say(MANY)
    assert reply.outcome is Outcome.ASKED_BACK
    assert [one.answer_id for one in reply.options] == ["mat-the", "quen-mat-khau", "muc-dong"]
    assert reply.text.startswith(texts.WHICH_FIRST)
    assert "Về câu “giá vàng sáng hôm nay bao nhiêu”, trợ lý chưa có câu trả lời" in reply.text


def test_the_other_questions_are_offered_under_the_first_answer(talk: Talk) -> None:
    talk.say(MANY)
    reply = talk.say("3")
    assert reply.answer_id == "muc-dong"
    assert reply.slots.months == 6  # the choice carries its question
    assert [one.answer_id for one in reply.options] == ["mat-the", "quen-mat-khau"]
    assert texts.STILL_ASKED in reply.text
    reply = talk.say("2")
    assert reply.answer_id == "quen-mat-khau"
    assert reply.slots.months is None  # each question stands for itself
    assert [one.answer_id for one in reply.options] == ["mat-the"]
    reply = talk.say("1")
    assert reply.answer_id == "mat-the"
    assert texts.STILL_ASKED not in reply.text


def test_an_old_button_of_many_questions_asks_its_question_again(talk: Talk) -> None:
    payload = talk.say(MANY).options[2].tap
    later = Talk(talk.desk)
    reply = later.tap(payload)
    assert (reply.answer_id, reply.slots.months) == ("muc-dong", 6)
    assert texts.STILL_ASKED not in reply.text


def test_of_three_questions_with_one_known_the_known_one_is_answered(talk: Talk) -> None:
    reply = talk.say(
        "giá vàng sáng hôm nay bao nhiêu? mất thẻ bhyt thì làm thế nào? trời hôm nay mưa không?"
    )
    assert reply.answer_id == "mat-the"
    assert reply.text.count("chưa có câu trả lời") == 2


# -- limits and memory ---------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "mức đóng bhyt học sinh từ năm 2018 đến năm 2026",
        "hộ gia đình 12 người đóng bảo hiểm y tế bao nhiêu năm 2024",
        RATE + "? hộ gia đình 12 người đóng bảo hiểm y tế bao nhiêu?",
        "hộ gia đình 500 người đóng bảo hiểm y tế bao nhiêu",
    ],
)
def test_a_reply_keeps_to_the_contract(talk: Talk, text: str) -> None:
    reply = talk.say(f"{text} [CCCD]", redacted=("CCCD",))
    assert len(reply.text) <= 4000
    assert len(amounts(reply)) <= 24


def test_a_very_long_answer_goes_without_follow_ups() -> None:
    long = stored(
        "dai",
        "\n\n".join("Chữ " * 60 for _ in range(14)),
        title="Bài dài",
        phrasings=("kể thật dài về thẻ bhyt",),
        follow_ups=("mat-the", "muc-huong"),
    )
    base = replace(snapshot(), answers={a.file.id: a for a in (*ANSWERS, long)})
    talk = Talk(type(desk())(base, MatchSettings()))
    reply = talk.tap("answer:dai")
    assert len(reply.text) <= 4000


def test_a_conversation_survives_the_store() -> None:
    full = Conversation(
        offer=(Option("a", "t", "Tên"),),
        last_answer="a",
        slots=Slots(
            group="near_poor pupil",
            place="dak-lak",
            months=6,
            members=4,
            grade=1,
            birth_month=9,
            age=70,
            income=3_000_000,
            claimed_amount=700_000,
            school_year=(2026, 2027),
            period=Period(TODAY, TODAY),
        ),
        words="học sinh đóng bao nhiêu ; còn 6 tháng",
        updated_at=NOW,
        notes={"identifiers": "2026-11-22"},
        not_known_in_a_row=2,
    )
    assert Conversation.from_json(full.to_json()) == full
    assert Conversation.from_json(Conversation().to_json()) == Conversation()
    assert Conversation.from_json(None) == Conversation.from_json({}) == Conversation()


def test_names_of_places_in_any_spelling() -> None:
    over = desk()
    for name in ("Đắk Lắk", "dak lak", "ĐẮK LẮK", "tỉnh Đắk Lắk"):
        assert over.place_id(name) == "dak-lak"
    for name in ("", "Sao Hỏa", "năm ngoái", "1/7", "x" * 500):
        assert over.place_id(name) == ""
