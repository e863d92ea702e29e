"""One turn of a conversation: what was said, plus what is remembered -> a `Reply`.

The desk is pure: `respond` depends on its arguments and the snapshot only, so channels,
console and command line give the same bytes. Order of the stages:

    tap or offer choice -> small talk and edges -> normalize -> follow-up or match -> answer

`offers` knows what can be chosen, `followup` what a short turn inherits, `several` how answers
share one reply, `replies` how an outcome reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bot import answer as answering
from bot import offers, replies, texts
from bot.answer import MAX_TEXT, Asked
from bot.context import Reading, count_of, groups_of
from bot.followup import Reader
from bot.match import Index, MatchSettings
from bot.models import (
    Conversation,
    Decision,
    EventKind,
    Option,
    Outcome,
    Question,
    Reply,
    Slots,
)
from bot.normalize import Lexicon, fold, normalize, split_questions
from bot.scope import hotline
from bot.several import MOST, join
from bot.smalltalk import Turn, only_identifiers, recognise
from bot.turn import VIETNAM, Circumstances, Said, at_noon
from knowledge.snapshot import Snapshot

__all__ = ["VIETNAM", "Circumstances", "Desk", "Said", "at_noon"]

_LINES: Mapping[Turn, tuple[str, ...]] = {
    Turn.CRISIS: texts.CRISIS,
    Turn.EMERGENCY: texts.EMERGENCY,
    Turn.GREETING: texts.HELLO,
    Turn.THANKS: texts.THANKS,
    Turn.GOODBYE: texts.GOODBYE,
    Turn.WHO: texts.WHO,
    Turn.ABUSE: texts.ABUSE,
    Turn.SMALL_TALK: texts.SMALL_TALK,
    Turn.FOREIGN: texts.FOREIGN,
}


class Desk:
    """Answers turns from one snapshot. Build once per snapshot; immutable afterwards."""

    def __init__(
        self,
        snapshot: Snapshot,
        settings: MatchSettings,
        *,
        context_minutes: float = 30,
        handover_hours: str = "",
        question_chars: int = 1500,
    ) -> None:
        self.snapshot = snapshot
        self.settings = settings
        self.lexicon = Lexicon.from_snapshot(snapshot)
        self.index = Index.build(snapshot)
        self._context = timedelta(minutes=context_minutes)
        self._hours = handover_hours
        self._question_chars = question_chars
        self._words = snapshot.lexicon["smalltalk"]
        self._reader = Reader(self.index, self.lexicon, settings)

    # -- the turn -----------------------------------------------------------------------
    def respond(
        self, said: Said, conversation: Conversation, at: Circumstances
    ) -> tuple[Reply, Conversation]:
        """The reply to one turn, and the conversation after it."""
        conversation = self._fresh(conversation, at)
        reply, after = self._turn(said, conversation, at)
        if said.redacted and reply.outcome is not Outcome.IGNORED:
            today = at.today.isoformat()
            if reply.outcome is Outcome.REFUSED_PERSONAL or after.notes.get("identifiers") != today:
                reply = replace(reply, parts=(*reply.parts, texts.IDENTIFIER_CAUTION))
                after = replace(after, notes={**after.notes, "identifiers": today})
        return reply, replace(after, updated_at=at.now, offer=reply.options)

    def _fresh(self, conversation: Conversation, at: Circumstances) -> Conversation:
        """Slots, offers and the last answer end after a silence."""
        last = conversation.updated_at
        if last is None or at.now - last <= self._context:
            return conversation
        return Conversation(notes=conversation.notes, updated_at=last)

    def _turn(
        self, said: Said, conversation: Conversation, at: Circumstances
    ) -> tuple[Reply, Conversation]:
        if said.kind is EventKind.WELCOME:
            return self._show_menu(at, conversation, *texts.WELCOME)
        if said.kind is EventKind.TAP:
            tapped = self._tap(said, conversation, at)
            if tapped:
                return tapped
        if said.attachment and not fold(said.text).strip():
            text = texts.ATTACHMENT.get(said.attachment, texts.ATTACHMENT_OTHER)
            return self._say(at, text), conversation
        question = normalize(said.text[-self._question_chars :], self.lexicon, at.today)
        if not question.folded:
            return self._say(at, *texts.EMPTY), conversation
        chosen = offers.choice(self.snapshot, question, conversation)
        if chosen:
            return self._chosen(chosen, conversation, at)
        number = offers.bare_number(question)
        if number is not None:
            numbered = self._number(number, conversation, at)
            if numbered:
                return numbered
        edge = self._edge(question, said, conversation, at)
        if edge:
            return edge
        return self._several(said, conversation, at) or self._question(question, conversation, at)

    def place_id(self, name: str) -> str:
        """The place of a name in any spelling, "" when it is none."""
        exact = self.lexicon.place_ids.get(fold(name).strip())
        # The day matters to no name; any will do.
        return exact or normalize(f"tỉnh {name}", self.lexicon, date(2000, 1, 1)).slots.place

    # -- taps, offers, menu ---------------------------------------------------------------
    def menu(self) -> tuple[Option, ...]:
        """The main menu, in its own order."""
        return offers.menu(self.snapshot)

    def _tap(
        self, said: Said, conversation: Conversation, at: Circumstances
    ) -> tuple[Reply, Conversation] | None:
        """A tapped button. None when its payload is unknown and its title should be read."""
        target = offers.tapped(self.snapshot, said.payload)
        if target and any(option.answer_id == target for option in conversation.offer):
            return self._chosen(target, conversation, at)
        target = target or offers.menu_button(self.snapshot, said.payload)
        if target:
            return self._answered(target, Slots(), frozenset(), conversation, at)
        if offers.opens_menu(said.payload, said.text):
            return self._show_menu(at, conversation, texts.MENU_HEAD)
        return None

    def _show_menu(
        self, at: Circumstances, conversation: Conversation, *lines: str
    ) -> tuple[Reply, Conversation]:
        """The menu opens another subject: of what was said before, only the place still holds."""
        after = replace(conversation, slots=Slots(place=conversation.slots.place), words="")
        return self._say(at, *lines, options=self.menu()), after

    def _chosen(
        self, answer_id: str, conversation: Conversation, at: Circumstances
    ) -> tuple[Reply, Conversation]:
        """A choice from the open offer answers the question that led to the offer."""
        slots = conversation.slots
        return self._answered(answer_id, slots, groups_of(slots), conversation, at)

    def _number(
        self, number: int, conversation: Conversation, at: Circumstances
    ) -> tuple[Reply, Conversation] | None:
        """A bare number that fits no choice: a count the last answer takes, or offered again."""
        last = self.snapshot.answers.get(conversation.last_answer)
        takes = count_of(last.file.slots) if last else ""
        if takes:
            given: dict[str, Any] = {takes: number}
            slots = replace(conversation.slots, **given)
            groups = groups_of(conversation.slots)
            return self._answered(conversation.last_answer, slots, groups, conversation, at)
        if not conversation.offer:
            return None
        return replies.offered_again(conversation.offer, conversation.slots), conversation

    # -- edges ----------------------------------------------------------------------------
    def _edge(
        self, question: Question, said: Said, conversation: Conversation, at: Circumstances
    ) -> tuple[Reply, Conversation] | None:
        plain = fold(question.text)
        turn = recognise(plain, question.accented, self._words)
        if turn is None:
            turn = recognise(question.folded, question.accented, self._words)
        if turn is Turn.PERSONAL or (said.redacted and only_identifiers(plain, self._words)):
            reply = self._say(at, *texts.REFUSED_PERSONAL)
            return replace(reply, outcome=Outcome.REFUSED_PERSONAL), conversation
        if turn is Turn.HANDOVER:
            reply = self._say(at, *(texts.HANDED_OVER_HOURS if self._hours else texts.HANDED_OVER))
            return replace(reply, outcome=Outcome.HANDED_OVER), conversation
        if turn is Turn.MENU:
            return self._show_menu(at, conversation, texts.MENU_HEAD)
        if turn is None:
            return None
        return self._say(at, *_LINES[turn]), conversation

    # -- questions --------------------------------------------------------------------------
    def _several(
        self, said: Said, conversation: Conversation, at: Circumstances
    ) -> tuple[Reply, Conversation] | None:
        """A message of several questions; None when it is one, or none of them is answered."""
        asked = split_questions(said.text[-self._question_chars :])
        if len(asked) < 2:
            return None
        told = []
        for text in asked[:MOST]:
            question = normalize(text, self.lexicon, at.today)
            reply, after = self._question(question, conversation, at)
            if reply.outcome is Outcome.ANSWERED:
                conversation = after  # what follows goes on from an answer
            told.append(reply)
        joined = join(asked, told, hotline(self.snapshot, at.today))
        if joined is None:
            return None
        if joined.more and joined.options:
            options = joined.options[: self.settings.options]
            listed = (*joined.parts, offers.numbered(texts.FOLLOW_UPS, options))
            fits = len("\n\n".join(listed)) <= MAX_TEXT
            joined = replace(
                joined, parts=listed if fits else joined.parts, options=options if fits else ()
            )
        return joined, conversation

    def _question(
        self, question: Question, conversation: Conversation, at: Circumstances
    ) -> tuple[Reply, Conversation]:
        reading = self._reader.read(question, conversation, today=at.today, staff=at.staff)
        conversation = replace(conversation, words=reading.words)
        decision = reading.decision
        answer_id = reading.answer_id
        if not answer_id and decision.outcome is Outcome.ANSWERED:
            answer_id = decision.candidates[0].answer_id
        if answer_id:
            slots, groups = reading.slots, reading.groups
            return self._answered(answer_id, slots, groups, conversation, at, decision)
        if decision.outcome is Outcome.ASKED_BACK:
            options = offers.best(self.snapshot, decision, self.settings.options)
            return replies.asked_back(options, decision, reading.slots), _open(
                reading, conversation
            )
        options = offers.best(self.snapshot, decision, self.settings.options)
        options = options if decision.score > 0 else ()
        reply = replies.not_known(self._fill(texts.NOT_KNOWN, at), options, decision)
        row = conversation.not_known_in_a_row + 1
        after = replace(conversation, not_known_in_a_row=row)
        return reply, _open(reading, after) if options else after

    def _answered(
        self,
        answer_id: str,
        slots: Slots,
        groups: frozenset[str],
        conversation: Conversation,
        at: Circumstances,
        decision: Decision | None = None,
    ) -> tuple[Reply, Conversation]:
        place = slots.place or conversation.slots.place or at.place
        place = place if place in self.snapshot.places else at.place
        slots = replace(slots, place=place, group=" ".join(sorted(groups)))
        asked = Asked(today=at.today, slots=slots, place=place, groups=groups)
        found = answering.apply(self.snapshot, answer_id, asked)
        reply = replies.answered(found, slots, decision, self.settings.options)
        words = conversation.words
        if decision is None:  # chosen: its title is what the next turn follows
            words = self.snapshot.answers[answer_id].file.title
        after = replace(
            conversation, last_answer=answer_id, slots=slots, words=words, not_known_in_a_row=0
        )
        return reply, after

    # -- words ------------------------------------------------------------------------------
    def _say(self, at: Circumstances, *lines: str, options: tuple[Option, ...] = ()) -> Reply:
        parts = [self._fill(line, at) for line in lines]
        if options:
            parts[-1] = offers.numbered(parts[-1], options)
        return Reply(outcome=Outcome.CHITCHAT, parts=tuple(parts), options=options)

    def _fill(self, line: str, at: Circumstances) -> str:
        return line.replace("{hotline}", hotline(self.snapshot, at.today)).replace(
            "{hours}", self._hours
        )


def _open(reading: Reading, conversation: Conversation) -> Conversation:
    """What a choice from the offer will be answered with; a new question ends the last answer."""
    groups = reading.groups or {reading.slots.group}
    return replace(
        conversation,
        slots=replace(reading.slots, group=" ".join(sorted(groups))),
        last_answer=conversation.last_answer if reading.follows else "",
    )
