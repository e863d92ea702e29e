"""Turns that are no question: greetings, danger, calls for a person, identifiers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot import texts
from bot.dialogue import Said
from bot.match import MatchSettings
from bot.models import EventKind, Outcome, Reply
from tests.small_answers import Talk, desk, snapshot

RATE = "mức đóng bhyt học sinh năm nay"


@pytest.fixture
def talk() -> Talk:
    return Talk()


def amounts(reply: Reply) -> set[int]:
    return {amount.vnd for amount in reply.amounts}


# -- edges ----------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["image", "audio", "video", "file", "sticker", "gif", "location"])
def test_an_attachment_gets_a_word_and_nothing_is_opened(talk: Talk, kind: str) -> None:
    reply = talk.do(Said(kind=EventKind.ATTACHMENT, attachment=kind))
    assert reply.outcome is Outcome.CHITCHAT
    assert reply.text == texts.ATTACHMENT.get(kind, texts.ATTACHMENT_OTHER)


def test_words_beside_an_attachment_are_read(talk: Talk) -> None:
    reply = talk.say("mất thẻ bhyt thì làm thế nào", attachment="image")
    assert reply.answer_id == "mat-the"


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u200b", "\u00a0", "?!", "...", "\ud83d"])
def test_a_message_without_words_gets_a_hint(talk: Talk, text: str) -> None:
    reply = talk.say(text)
    assert (reply.outcome, reply.text) == (Outcome.CHITCHAT, texts.EMPTY[0])


def test_a_long_message_is_answered_from_its_last_part() -> None:
    question = "mất thẻ bhyt thì làm thế nào"
    short = type(desk())(snapshot(), MatchSettings(), question_chars=len(question))
    assert Talk(short).say("quên mật khẩu vssid " * 400 + question).answer_id == "mat-the"


@pytest.mark.parametrize("text", ["x" * 50_000, "0" * 9_000, "[" * 3_000, "? " * 3_000, "1 " * 800])
def test_strange_texts_are_answered_somehow(talk: Talk, text: str) -> None:
    reply = talk.say(text)
    assert reply.parts
    assert reply.outcome in (Outcome.NOT_KNOWN, Outcome.CHITCHAT, Outcome.ASKED_BACK)


@pytest.mark.parametrize(
    "when",
    [
        "năm 9999",
        "ngày 31/12/9999",
        "năm 0001",
        "ngày 31/2/2026",
        "từ 1/1/2030 đến 1/1/2020",
        "năm học 2026-2025",
        "tháng 13/2026",
        "năm 12345",
        "lớp 99 sinh năm 3000",
        "999999999999999999 tháng",
        "99999999999999 tỷ đồng",
        "0 người",
    ],
)
def test_strange_dates_and_counts_break_nothing(talk: Talk, when: str) -> None:
    for text in ("học sinh đóng bảo hiểm y tế bao nhiêu tiền", "hộ gia đình đóng bhyt bao nhiêu"):
        reply = talk.say(f"{text} {when}")
        assert reply.parts
        assert len(reply.text) <= 4000


@pytest.mark.parametrize(
    ("text", "outcome", "part"),
    [
        ("alo ad ơi", Outcome.CHITCHAT, "trợ lý tự động"),
        ("cảm ơn nhiều", Outcome.CHITCHAT, "Rất vui"),
        ("bạn là robot à", Outcome.CHITCHAT, "1900.9068"),
        ("cứu với", Outcome.CHITCHAT, "115"),
        ("tôi không muốn sống nữa", Outcome.CHITCHAT, "115"),
        ("tra cứu giúp em mã số bhxh", Outcome.REFUSED_PERSONAL, "VssID"),
        ("zxcv qwer", Outcome.NOT_KNOWN, "1900.9068"),
    ],
)
def test_edges(talk: Talk, text: str, outcome: Outcome, part: str) -> None:
    reply = talk.say(text)
    assert reply.outcome is outcome
    assert part in reply.text
    assert "{" not in reply.text


def test_a_person_is_promised_only_where_one_works() -> None:
    without = Talk(desk("")).say("gặp nhân viên")
    assert without.outcome is Outcome.HANDED_OVER
    assert "không có nhân viên trực" in without.text
    hours = Talk(desk("08:00-17:00")).say("cho em gặp nhân viên với")
    assert hours.outcome is Outcome.HANDED_OVER
    assert "Nhân viên trực 08:00-17:00" in hours.text
    assert "1900.9068" in hours.text


def test_the_bot_goes_on_answering_after_a_call_for_a_person(talk: Talk) -> None:
    talk.say("gặp nhân viên")
    assert talk.say("mất thẻ bhyt thì làm thế nào").answer_id == "mat-the"


def test_not_known_offers_the_nearest_and_counts(talk: Talk) -> None:
    reply = talk.say("abc xyz")
    assert reply.outcome is Outcome.NOT_KNOWN
    assert len(reply.options) <= 3
    assert talk.conversation.not_known_in_a_row == 1
    talk.say("qwe rty")
    assert talk.conversation.not_known_in_a_row == 2
    talk.say(RATE)
    assert talk.conversation.not_known_in_a_row == 0


# -- acknowledgements ------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    ["ok", "ok em", "vâng ạ", "uh", "ừ", "dạ", "thôi khỏi", "hông có gì", "không", "ko ạ", "dc rồi",
     "thôi ko cần gặp nữa", "vang", "okkk 👍"],
)  # fmt: skip
def test_an_acknowledgement_is_no_question(talk: Talk, text: str) -> None:
    for _ in range(2):  # by itself, and after an answer with choices
        before = talk.conversation
        reply = talk.say(text)
        assert (reply.outcome, reply.parts) == (Outcome.CHITCHAT, texts.ACKNOWLEDGED)
        assert talk.conversation.offer == before.offer
        assert talk.conversation.last_answer == before.last_answer
        talk.say(RATE)
        assert talk.conversation.offer


def test_yes_to_open_choices_asks_which(talk: Talk) -> None:
    assert talk.say("có").parts == texts.ACKNOWLEDGED
    talk.say(RATE)
    offer = talk.conversation.offer
    assert talk.say("có ạ").parts == texts.AGREED
    assert talk.conversation.offer == offer
    assert talk.say("1").outcome is Outcome.ANSWERED


@pytest.mark.parametrize("text", ["ok", "vâng ạ", "không"])
def test_choices_and_values_hold_after_an_acknowledgement(talk: Talk, text: str) -> None:
    talk.say(RATE)
    talk.say(text)
    assert "cho 6 tháng" in talk.say("ok 6 tháng").text
    talk.say(text)
    assert talk.say("Đắk Lắk").province == "Đắk Lắk"
    talk.say(text)
    title = talk.conversation.offer[0].title
    assert talk.say(title).outcome is Outcome.ANSWERED


@pytest.mark.parametrize("text", ["ad ơi", "alo ad", "ad ơi ad à ad"])
def test_a_call_is_greeted(talk: Talk, text: str) -> None:
    assert talk.say(text).parts == texts.HELLO


@pytest.mark.parametrize("text", ["k?", "có?", "không hiểu", "thế nào", "được không"])
def test_what_asks_or_complains_is_no_acknowledgement(talk: Talk, text: str) -> None:
    talk.say(RATE)
    assert talk.say(text).parts not in (texts.ACKNOWLEDGED, texts.AGREED)


# -- personal identifiers --------------------------------------------------------------------
def test_the_caution_comes_once_a_day(talk: Talk) -> None:
    question = "mất thẻ bhyt [SỐ THẺ BHYT] thì làm thế nào"
    first = talk.say(question, redacted=("SỐ THẺ BHYT",))
    assert first.answer_id == "mat-the"
    assert first.parts[-1] == texts.IDENTIFIER_CAUTION
    assert texts.IDENTIFIER_CAUTION not in talk.say(question, redacted=("SỐ THẺ BHYT",)).parts
    talk.now += timedelta(days=1)
    assert texts.IDENTIFIER_CAUTION in talk.say(question, redacted=("SỐ THẺ BHYT",)).parts


@pytest.mark.parametrize(
    "text",
    [
        "[CCCD]",
        "[MÃ SỐ BHXH]",
        "[SỐ THẺ BHYT] [SĐT]",
        "mã số của em là [MÃ SỐ BHXH]",
        "ma the bhyt cua con em la [SỐ THẺ BHYT] a",
        "số cccd [CCCD], sđt [SĐT]",
        "kiểm tra giúp em thẻ [SỐ THẺ BHYT]",
    ],
)
def test_nothing_but_identifiers_is_a_look_up(talk: Talk, text: str) -> None:
    for _ in range(2):
        reply = talk.say(text, redacted=("X",))
        assert reply.outcome is Outcome.REFUSED_PERSONAL
        assert reply.parts[-1] == texts.IDENTIFIER_CAUTION


def test_a_question_beside_an_identifier_is_answered(talk: Talk) -> None:
    reply = talk.say("em tên Lan [CCCD], mất thẻ bhyt thì làm thế nào", redacted=("CCCD",))
    assert reply.answer_id == "mat-the"
