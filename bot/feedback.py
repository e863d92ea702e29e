"""Asking whether an answer helped: when, in which words, and what is made of the reply. Pure.

Asked at most once a day in a conversation, and never as a message of its own: behind a thank-you
when something was answered, else under the third answer of the day. What is stored is the
verdict with the answer's id and version (`bot.store.feedback`), so that an editor knows which
text it was about.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote

from bot import texts
from bot.models import Conversation, Feedback, Option, Outcome, Reply
from bot.smalltalk import only_words
from bot.turn import Circumstances

#: `Conversation.notes` keys: the last answer as "id@version", how many were given on which day,
#: and the day on which the question was asked.
ABOUT = "about"
GIVEN = "answered"
ASKED = "feedback"
#: Answers of a day after which the question is asked.
ENOUGH = 3

#: What may have been wrong -> title of its choice.
REASONS: Mapping[str, str] = {"off": "Sai ý", "short": "Chưa đủ", "unclear": "Khó hiểu"}
_PAYLOAD = re.compile(
    r"feedback:(?P<verdict>good|bad):(?P<id>[\w.-]{1,120}):(?P<version>[\w.%~-]{1,200})"
    r"(?::(?P<reason>off|short|unclear))?"
)


def noted(conversation: Conversation, reply: Reply, at: Circumstances) -> Conversation:
    """The conversation after an answer: what it was, and how many there were today."""
    if reply.outcome is not Outcome.ANSWERED or not reply.answer_id:
        return conversation
    version = reply.versions.get(reply.answer_id, "")
    notes = {
        **conversation.notes,
        ABOUT: f"{reply.answer_id}@{version}",
        GIVEN: f"{at.today.isoformat()}:{answers_today(conversation, at) + 1}",
    }
    return replace(conversation, notes=notes)


def answers_today(conversation: Conversation, at: Circumstances) -> int:
    """How many answers the conversation got on the day of asking."""
    day, _, count = conversation.notes.get(GIVEN, "").partition(":")
    return int(count) if day == at.today.isoformat() and count.isdecimal() else 0


def due(conversation: Conversation, at: Circumstances, enough: int) -> bool:
    """True when at least `enough` answers were given today and nobody asked about them yet."""
    fresh = conversation.notes.get(ASKED) != at.today.isoformat()
    return fresh and ABOUT in conversation.notes and answers_today(conversation, at) >= enough


def ask(reply: Reply, conversation: Conversation, at: Circumstances) -> tuple[Reply, Conversation]:
    """The reply with the question behind it, as words and as two buttons."""
    about = conversation.notes[ABOUT]
    buttons = (
        Option("", "", texts.FEEDBACK_GOOD, _payload("good", about)),
        Option("", "", texts.FEEDBACK_BAD, _payload("bad", about)),
    )
    asked = replace(
        reply,
        parts=(*reply.parts, texts.FEEDBACK_ASK),
        buttons=(*reply.buttons, *buttons),
    )
    notes = {**conversation.notes, ASKED: at.today.isoformat()}
    return asked, replace(conversation, notes=notes)


def in_words(folded: str, words: Mapping[str, Any]) -> str:
    """What a typed reply to the question says: "good", "bad", "" for something else."""
    for verdict in ("bad", "good"):  # "chưa đúng" holds "đúng"
        if only_words(folded, words[f"feedback_{verdict}"], words["filler"]):
            return verdict
    return ""


def tapped(payload: str) -> Feedback | None:
    """The verdict behind a button, also an old one; None when it is none of ours."""
    match = _PAYLOAD.fullmatch(payload.strip().lstrip("#"))
    if match is None:
        return None
    return Feedback(match["id"], unquote(match["version"]), match["verdict"], match["reason"] or "")


def verdict(conversation: Conversation, word: str) -> Feedback | None:
    """The verdict about the last answer; None when there is none to judge."""
    answer_id, _, version = conversation.notes.get(ABOUT, "").partition("@")
    return Feedback(answer_id, version, word) if answer_id else None


def taken(said: Feedback) -> Reply:
    """The answer to a verdict: thanks, or the question what was wrong."""
    options: Sequence[Option] = ()
    if said.verdict == "good":
        text = texts.FEEDBACK_THANKS
    elif said.reason:
        text = texts.FEEDBACK_NOTED
    else:
        about = f"{said.answer_id}@{said.version}"
        options = [
            Option("", "", title, f"{_payload('bad', about)}:{reason}")
            for reason, title in REASONS.items()
        ]
        text = texts.FEEDBACK_WHY
    listed = [f"{n}. {one.title}" for n, one in enumerate(options, start=1)]
    return Reply(
        outcome=Outcome.CHITCHAT,
        parts=("\n".join([text, *listed]),),
        options=tuple(options),
        feedback=said,
        reasons=(f"feedback: {said.verdict} {said.reason}".strip(),),
    )


def _payload(word: str, about: str) -> str:
    answer_id, _, version = about.partition("@")
    return f"feedback:{word}:{answer_id}:{quote(version, safe='') or '-'}"
