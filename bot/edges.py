"""Turns that are no question: what is said to greetings, danger, calls for a person. Pure.

`smalltalk` tells what kind a turn is; here stands the answer to it. Danger comes before
everything, and gets no policy talk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot import feedback, handover, manners, offers, texts
from bot.handover import Hours
from bot.models import Conversation, EventKind, Option, Outcome, Question, Reply
from bot.normalize import fold
from bot.scope import hotline
from bot.smalltalk import (
    Turn,
    acknowledges,
    is_hearsay,
    only_identifiers,
    only_words,
    recognise,
)
from bot.turn import Circumstances, Said
from knowledge.snapshot import Snapshot

#: `Conversation.notes` key: the day on which an insult was answered with an apology.
ABUSED = "abuse"
#: A reply and the conversation after it.
Answered = tuple[Reply, Conversation]

_LINES: Mapping[Turn, tuple[str, ...]] = {
    Turn.CRISIS: texts.CRISIS,
    Turn.EMERGENCY: texts.EMERGENCY,
    Turn.GREETING: texts.HELLO,
    Turn.THANKS: texts.THANKS,
    Turn.GOODBYE: texts.GOODBYE,
    Turn.WHO: texts.WHO,
    Turn.ABUSE: texts.ABUSE,
    Turn.COMPLAINT: texts.COMPLAINT,
    Turn.SMALL_TALK: texts.SMALL_TALK,
    Turn.FOREIGN: texts.FOREIGN,
    Turn.PERSONAL: texts.REFUSED_PERSONAL,
    Turn.ACKNOWLEDGEMENT: texts.ACKNOWLEDGED,
    Turn.AGREEMENT: texts.ACKNOWLEDGED,
}
#: Turns after which it is natural to ask whether the answers helped.
_PARTING = frozenset({Turn.THANKS, Turn.GOODBYE})
_REPLIES = frozenset({Turn.ACKNOWLEDGEMENT, Turn.AGREEMENT})


class Edges:
    """Answers turns that are no question. Built once per snapshot; immutable.

    Args:
        snapshot: its word lists tell the kinds; its contacts stand in the replies.
        hours: when our own staff answer chats.
    """

    def __init__(self, snapshot: Snapshot, hours: Hours) -> None:
        self.hours = hours
        self._snapshot = snapshot
        self._words: Mapping[str, Any] = snapshot.lexicon["smalltalk"]

    def kind(self, question: Question, said: Said) -> Turn | None:
        """What kind of non-question a turn is; None when it asks something."""
        plain = fold(question.text)
        turn = recognise(plain, question.text.lower(), self._words)
        if turn is None:
            turn = recognise(question.folded, question.accented, self._words)
            if turn in _REPLIES and "?" in question.text:  # "ok?" says yes, "k?" asks
                turn = acknowledges(f"{question.accented}?", self._words)
        if turn is None and said.redacted and only_identifiers(plain, self._words):
            turn = Turn.PERSONAL
        return turn

    def is_hearsay(self, question: Question) -> bool:
        """True when a question repeats news that somebody has heard."""
        amount = question.slots.claimed_amount is not None
        return is_hearsay(question.folded, self._words, amount=amount)

    def answer(self, kind: Turn, conversation: Conversation, at: Circumstances) -> Answered:
        """The reply to a turn of this kind (the menu is the desk's own business)."""
        if kind is Turn.HANDOVER:
            return self.hand_over(conversation, at)
        judged = feedback.verdict(conversation, "bad")
        if kind is Turn.COMPLAINT and judged and conversation.last_answer:
            return feedback.taken(judged), conversation
        lines = _LINES[kind]
        if kind is Turn.AGREEMENT and conversation.offer:
            lines = texts.AGREED
        if kind is Turn.ABUSE:
            # Calmly, and with an apology once a day only.
            today = at.today.isoformat()
            lines = texts.ABUSE_AGAIN if conversation.notes.get(ABUSED) == today else lines
            conversation = manners.note(conversation, ABUSED, today)
        reply = self.say(at, *lines)
        if kind is Turn.PERSONAL:
            return replace(reply, outcome=Outcome.REFUSED_PERSONAL), conversation
        if at.meets and kind in _PARTING and feedback.due(conversation, at, 1):
            reply, conversation = feedback.ask(reply, conversation, at)
            conversation = manners.note(conversation, manners.PENDING, "feedback")
        return reply, conversation

    def answer_to_us(
        self, asked: str, said: Said, conversation: Conversation, at: Circumstances
    ) -> Answered | None:
        """A short turn that replies to what our last message asked; None when it does not.

        `asked` is what `manners.pending` found: "feedback" or "handover".
        """
        if said.kind is not EventKind.TEXT or said.attachment:
            return None
        words, plain = self._words, fold(said.text)
        if asked == "handover":
            if only_words(plain, words["decline"], [*words["agree"], *words["filler"]]):
                return self.say(at, *texts.HANDOVER_DECLINED), conversation
            if only_words(plain, words["agree"], words["filler"]):
                return self.hand_over(conversation, at)
            return None
        word = feedback.in_words(plain, words)
        judged = feedback.verdict(conversation, word) if word else None
        return (feedback.taken(judged), conversation) if judged else None

    def hand_over(self, conversation: Conversation, at: Circumstances) -> Answered:
        """A person was asked for: when one will read this; the bot goes on answering."""
        reply = self.say(at, *handover.promise(self.hours, at.now))
        after = replace(conversation, not_known_in_a_row=0)
        return replace(reply, outcome=Outcome.HANDED_OVER), after

    def say(self, at: Circumstances, *lines: str, options: tuple[Option, ...] = ()) -> Reply:
        """Lines of ours as a reply, choices numbered under the last one."""
        parts = [fill(self._snapshot, line, at) for line in lines]
        if options:
            parts[-1] = offers.numbered(parts[-1], options)
        return Reply(outcome=Outcome.CHITCHAT, parts=tuple(parts), options=options)


def fill(snapshot: Snapshot, line: str, at: Circumstances) -> str:
    """A line with the help line of the day in it."""
    return line.replace("{hotline}", hotline(snapshot, at.today))


def without_words(text: str) -> tuple[str, ...]:
    """What is said to a message without words: a heart is friendly, a "…" is not understood."""
    # Beyond the basic plane, or among the symbols: emoji. "?!" and digits are neither.
    pictures = any(ord(sign) > 0xFFFF or 0x2600 <= ord(sign) <= 0x27BF for sign in text)
    return texts.EMOJI if pictures else texts.EMPTY
