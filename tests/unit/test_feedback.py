"""Asking whether an answer helped: when it is due, and how replies to it are read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import feedback, texts
from bot.dialogue import Circumstances, Said
from bot.models import Conversation, Feedback, Outcome, Reply
from tests.small_answers import KNOWLEDGE, NOW, desk, strings

WORDS = strings(KNOWLEDGE / "lexicon" / "smalltalk.yaml")
RATE = "mức đóng bhyt học sinh năm nay"
LOST = "mất thẻ bhyt thì làm thế nào"


class Chat:
    """A citizen on a channel, where the bot minds its manners."""

    def __init__(self) -> None:
        self.now = NOW
        self.conversation = Conversation()

    def say(self, text: str) -> Reply:
        at = Circumstances(now=self.now, meets=True)
        reply, after = desk("00:00-24:00").respond(Said(text=text), self.conversation, at)
        self.conversation = Conversation.from_json(after.to_json())
        return reply


@pytest.fixture
def chat() -> Chat:
    return Chat()


def test_the_third_answer_of_a_day_asks_and_no_other(chat: Chat) -> None:
    asked = [texts.FEEDBACK_ASK in chat.say(LOST).parts for _ in range(5)]
    assert asked == [False, False, True, False, False]
    chat.now += timedelta(days=1)
    asked = [texts.FEEDBACK_ASK in chat.say(LOST).parts for _ in range(3)]
    assert asked == [False, False, True]


def test_a_thank_you_is_a_better_moment(chat: Chat) -> None:
    assert texts.FEEDBACK_ASK not in chat.say("cảm ơn ad").parts  # nothing was answered yet
    chat.say(LOST)
    thanks = chat.say("cảm ơn ad")
    assert thanks.parts == (*texts.THANKS, texts.FEEDBACK_ASK)
    assert [one.title for one in thanks.buttons] == ["Đúng ý", "Chưa đúng"]
    assert all(" " not in one.tap for one in thanks.buttons)


def test_the_command_line_is_never_asked(chat: Chat) -> None:
    at = Circumstances(now=NOW)
    conversation = Conversation()
    for text in (LOST, LOST, LOST, "cảm ơn"):
        reply, conversation = desk().respond(Said(text=text), conversation, at)
        assert texts.FEEDBACK_ASK not in reply.parts


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("đúng", "good"),
        ("đúng rồi ạ", "good"),
        ("dung roi", "good"),
        ("ok", "good"),
        ("chưa đúng", "bad"),
        ("sai rồi", "bad"),
        ("không đúng ý em", "bad"),
        ("khó hiểu quá", "bad"),
    ],
)
def test_words_that_judge(chat: Chat, text: str, verdict: str) -> None:
    chat.say(LOST)
    chat.say("cảm ơn")
    reply = chat.say(text)
    assert reply.outcome is Outcome.CHITCHAT
    assert reply.feedback is not None
    assert (reply.feedback.answer_id, reply.feedback.verdict) == ("mat-the", verdict)
    assert reply.feedback.version == "version of mat-the"


def test_a_question_instead_of_a_verdict_is_answered(chat: Chat) -> None:
    chat.say(LOST)
    chat.say("cảm ơn")
    assert chat.say(RATE).answer_id == "muc-dong"
    # The question is no longer open.
    assert chat.say("đúng").feedback is None


def test_what_was_wrong_can_be_said_by_number_and_in_words(chat: Chat) -> None:
    for choice, reason in (("1", "off"), ("chưa đủ", "short"), ("câu 3", "unclear")):
        chat.say(LOST)
        chat.conversation = replace(chat.conversation, notes=_unasked(chat.conversation))
        chat.say("cảm ơn")
        assert chat.say("chưa đúng").text.startswith(texts.FEEDBACK_WHY)
        said = chat.say(choice).feedback
        assert said is not None
        assert (said.verdict, said.reason) == ("bad", reason)


def _unasked(conversation: Conversation) -> dict[str, str]:
    return {name: kept for name, kept in conversation.notes.items() if name != feedback.ASKED}


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ("feedback:good:mat-the:abc", Feedback("mat-the", "abc", "good")),
        ("#feedback:bad:mat-the:a%20b", Feedback("mat-the", "a b", "bad")),
        ("feedback:bad:mat-the:abc:unclear", Feedback("mat-the", "abc", "bad", "unclear")),
        ("feedback:bad:mat-the:abc:other", None),
        ("feedback:awful:mat-the:abc", None),
        ("feedback:good:" + "x" * 500 + ":abc", None),
        ("answer:mat-the", None),
        ("", None),
    ],
)
def test_payloads_of_old_buttons(payload: str, said: Feedback | None) -> None:
    assert feedback.tapped(payload) == said


def test_bad_is_heard_before_good() -> None:
    assert feedback.in_words("chua dung", WORDS) == "bad"
    assert feedback.in_words("dung", WORDS) == "good"
    assert feedback.in_words("dung roi con muc dong thi sao", WORDS) == ""


def test_a_verdict_long_after_the_question_is_no_verdict(chat: Chat) -> None:
    chat.say(LOST)
    chat.say("cảm ơn")
    chat.now += timedelta(hours=1)
    assert chat.say("đúng").feedback is None
