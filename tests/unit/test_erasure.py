"""A wish to be forgotten is recognised, asked back once, and carried out only on a clear yes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import texts
from bot.dialogue import Circumstances, Said
from bot.erasure import NOTE, turn
from bot.models import Conversation, EventKind, Outcome
from bot.normalize import fold
from tests import small_answers

NOW = small_answers.NOW
AT = Circumstances(now=NOW)
WISHES = [
    "xóa dữ liệu của tôi",
    "Xoá dữ liệu của tôi.",
    "xoa du lieu cua toi",
    "XÓA DỮ LIỆU CỦA TÔI!!!",
    "ad ơi xóa giúp em dữ liệu với ạ",
    "tôi muốn xóa hết thông tin của tôi",
    "vui lòng xóa toàn bộ tin nhắn của mình đi",
    "xóa lịch sử trò chuyện này",
    "yêu cầu xóa dữ liệu cá nhân của tôi khỏi hệ thống",
    "cho con xoa tin nhan",
    "làm thế nào để xóa dữ liệu của tôi ở đây",
    "xoá hết cuộc trò chuyện này nhé",
    "delete my data please",
]
OTHERS = [
    "xóa thông tin trên VssID thế nào",
    "xóa tài khoản VssID",
    "dữ liệu của tôi trên cổng sai thì sao",
    "sửa thông tin của tôi trên thẻ",
    "xóa thông tin thẻ",
    "hủy thẻ bhyt của tôi",
    "thông tin mức đóng của tôi",
    "xóa nợ tiền đóng",
    "tin nhắn của tôi đâu",
    "mức đóng học sinh",
    "",
]


@pytest.mark.parametrize("words", WISHES)
def test_a_wish_is_asked_back(words: str) -> None:
    reply, after = turn(Said(words), Conversation(), AT)
    assert reply is not None
    assert (reply.outcome, reply.parts, reply.erase) == (
        Outcome.CHITCHAT,
        (texts.ERASE_ASK,),
        False,
    )
    assert NOTE in after.notes


@pytest.mark.parametrize("words", OTHERS)
def test_other_words_are_no_wish(words: str) -> None:
    assert turn(Said(words), Conversation(), AT) == (None, Conversation())


def asked() -> Conversation:
    talk = Conversation(last_answer="muc-dong", words="mức đóng", notes={"identifiers": "x"})
    reply, after = turn(Said("xóa dữ liệu của tôi"), talk, AT)
    assert reply
    return after


@pytest.mark.parametrize(
    "words", ["có", "đồng ý xóa", "dong y", "Xác nhận ạ", "ok xóa hết đi", "vâng", "Có ạ.", "xóa"]
)
def test_a_yes_erases_and_forgets_the_talk(words: str) -> None:
    reply, after = turn(Said(words), asked(), AT)
    assert reply is not None
    assert (reply.outcome, reply.parts, reply.erase) == (Outcome.CHITCHAT, (texts.ERASED,), True)
    assert after == Conversation()


@pytest.mark.parametrize("words", ["không", "thôi khỏi", "đừng xóa", "ko", "huỷ", "dung xoa"])
def test_a_no_keeps_everything(words: str) -> None:
    reply, after = turn(Said(words), asked(), AT)
    assert reply is not None
    assert (reply.parts, reply.erase) == ((texts.ERASE_KEPT,), False)
    assert (after.last_answer, dict(after.notes)) == ("muc-dong", {"identifiers": "x"})


@pytest.mark.parametrize("words", ["mức đóng học sinh có giảm không", "có được hỗ trợ gì"])
def test_a_new_question_takes_the_question_back(words: str) -> None:
    reply, after = turn(Said(words), asked(), AT)
    assert reply is None
    assert NOTE not in after.notes
    assert turn(Said("có"), after, AT)[0] is None


def test_taps_and_pictures_confirm_nothing() -> None:
    for said in (Said("có", EventKind.TAP, "x"), Said("có", attachment="image")):
        reply, after = turn(said, asked(), AT)
        assert reply is None
        assert NOTE not in after.notes


@pytest.mark.parametrize("minutes", [-5, 31, 6000])
def test_a_yes_at_another_time_erases_nothing(minutes: int) -> None:
    later = replace(AT, now=NOW + timedelta(minutes=minutes))
    assert turn(Said("có"), asked(), later)[0] is None


def test_a_yes_out_of_the_blue_erases_nothing() -> None:
    assert turn(Said("đồng ý xóa"), Conversation(), AT)[0] is None
    strange = Conversation(notes={NOTE: "yesterday"})
    assert turn(Said("có"), strange, AT) == (None, Conversation())


def test_the_open_question_outlives_the_store() -> None:
    stored = Conversation.from_json(asked().to_json())
    reply, _ = turn(Said("có"), stored, AT)
    assert reply is not None
    assert reply.erase


def test_the_desk_asks_before_anything_else() -> None:
    desk = small_answers.desk()
    reply, talk = desk.respond(Said("menu"), Conversation(), AT)
    assert reply.options
    reply, talk = desk.respond(Said("xóa dữ liệu của tôi"), talk, AT)
    assert reply.parts == (texts.ERASE_ASK,)
    reply, talk = desk.respond(Said("có"), talk, AT)
    assert reply.erase
    assert talk == Conversation(updated_at=NOW)


def test_texts_say_what_to_write() -> None:
    assert "đồng ý xóa" in texts.ERASE_ASK
    assert fold("đồng ý xóa") == "dong y xoa"
