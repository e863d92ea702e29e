"""One turn of a conversation: what was said, plus what is remembered -> a `Reply`.

The desk is pure: `respond` depends on its arguments and the snapshot only, so channels,
console and command line give the same bytes. Order of the stages:

    tap or offer choice -> small talk and edges -> normalize -> follow-up or match -> answer

`offers` and `specials` know what can be chosen, `followup` what a short turn inherits, `several`
how answers share one reply, `replies` how an outcome reads, `edges` what is said to a turn that
is no question, `manners` what stands around every reply.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bot import answer as answering
from bot import erasure, feedback, handover, manners, offers, replies, texts
from bot.answer import MAX_TEXT, Asked
from bot.closed import closed_topic, withheld
from bot.context import assumed, count_of, groups_of, opened, repeats
from bot.edges import Edges, fill, without_words
from bot.followup import Reader
from bot.handover import Hours
from bot.match import Index, MatchSettings, decide
from bot.match.veto import names_ours
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
from bot.several import MANY, MOST, carried, join, which_first, with_rest
from bot.smalltalk import Turn, is_link
from bot.specials import Chosen, read_payload, specials
from bot.turn import VIETNAM, Circumstances, Said, at_noon
from knowledge.snapshot import Snapshot

__all__ = ["VIETNAM", "Circumstances", "Desk", "Said", "at_noon"]

#: Below this probability the nearest answers have nothing to do with what was asked, unless it
#: names our business ("thẻ bh y tế" and nothing else); all labelled questions whose answer stood
#: among the suggestions lie well above (0.12 and more).
LEAST_SUGGESTED = 0.06


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
        self._question_chars = question_chars
        self._edges = Edges(snapshot, Hours.parse(handover_hours))
        self._reader = Reader(self.index, self.lexicon, settings)

    # -- the turn -----------------------------------------------------------------------
    def respond(
        self, said: Said, conversation: Conversation, at: Circumstances
    ) -> tuple[Reply, Conversation]:
        """The reply to one turn, and the conversation after it."""
        conversation = self._fresh(conversation, at)
        erasing, conversation = erasure.turn(said, conversation, at)
        if erasing:  # before everything else: "có" confirms it
            return erasing, replace(conversation, updated_at=at.now)
        asked, conversation = manners.pending(conversation)
        turn = self._edges.answer_to_us(asked, said, conversation, at) if asked else None
        reply, after = turn or self._turn(said, conversation, at)
        reply, after = manners.finish(reply, after, said, at)
        # Thanks, a sticker or a greeting in between does not take the choices away.
        keeps = reply.outcome is Outcome.CHITCHAT and not reply.options
        offer = conversation.offer if keeps else reply.options
        return reply, replace(after, updated_at=at.now, offer=offer)

    def _fresh(self, conversation: Conversation, at: Circumstances) -> Conversation:
        """Slots, offers and the last answer end after a silence."""
        last = conversation.updated_at
        if last is None or at.now - last <= self._context:
            return conversation
        kept = manners.without_note(conversation, manners.PENDING)
        return Conversation(notes=kept.notes, updated_at=last)

    def _turn(
        self, said: Said, conversation: Conversation, at: Circumstances
    ) -> tuple[Reply, Conversation]:
        if said.kind is EventKind.WELCOME:
            return self._show_menu(at, conversation, *texts.WELCOME)
        if said.kind is EventKind.TAP:
            tapped = self._tap(said, conversation, at)
            if tapped:
                return tapped
        if (said.attachment and not fold(said.text).strip()) or is_link(said.text):
            text = texts.ATTACHMENT.get(said.attachment, texts.ATTACHMENT_OTHER)
            return self._edges.say(at, text), conversation
        question = normalize(said.text[-self._question_chars :], self.lexicon, at.today)
        if not question.folded:
            return self._edges.say(at, *without_words(said.text)), conversation
        chosen = offers.choice(question, conversation)
        taken = self._taken(chosen.tap, conversation, at, offered=True) if chosen else None
        if taken:
            return taken
        number = offers.bare_number(question)
        if number is not None:
            numbered = self._number(number, conversation, at)
            if numbered:
                return numbered
        kind = self._edges.kind(question, said)
        if kind is Turn.MENU:
            return self._show_menu(at, conversation, texts.MENU_HEAD)
        if kind:
            return self._edges.answer(kind, conversation, at)
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
        payload = said.payload.strip().lstrip("#")
        offered = any(option.tap == payload for option in conversation.offer)
        taken = self._taken(payload, conversation, at, offered=offered)
        if taken:
            return taken
        target = offers.menu_button(self.snapshot, payload)
        if target:
            slots = Slots(place=conversation.slots.place)
            return self._answered(target, slots, frozenset(), conversation, at)
        if offers.opens_menu(payload, said.text):
            return self._show_menu(at, conversation, texts.MENU_HEAD)
        return None

    def _taken(
        self, payload: str, conversation: Conversation, at: Circumstances, *, offered: bool
    ) -> tuple[Reply, Conversation] | None:
        """What a button of ours does, however old; None when it is none of ours.

        A choice from the open offer (`offered`) answers the question that led to it; an old
        button stands for itself.
        """
        said = feedback.tapped(payload)
        if said:
            return feedback.taken(said), conversation
        carries = carried(payload)
        if carries:
            return self._carried(carries, payload, conversation, at)
        if payload == handover.PAYLOAD:
            return self._edges.hand_over(conversation, at)
        chosen = read_payload(self.snapshot, payload)
        return self._chosen(chosen, conversation, at, offered=offered) if chosen else None

    def _show_menu(
        self, at: Circumstances, conversation: Conversation, *lines: str
    ) -> tuple[Reply, Conversation]:
        """The menu opens another subject: of what was said before, only the place still holds."""
        after = replace(conversation, slots=Slots(place=conversation.slots.place), words="")
        return self._edges.say(at, *lines, options=self.menu()), after

    def _chosen(
        self, chosen: Chosen, conversation: Conversation, at: Circumstances, *, offered: bool
    ) -> tuple[Reply, Conversation]:
        if chosen.asks_place:
            asks = Reply(Outcome.ASKED_BACK, (texts.WHICH_PLACE,), slots=conversation.slots)
            return asks, replace(conversation, last_answer=chosen.answer_id)
        older = conversation.slots if offered else Slots(place=conversation.slots.place)
        slots = chosen.slots.merged_over(older)
        groups = groups_of(older) | groups_of(chosen.slots)
        return self._answered(chosen.answer_id, slots, groups, conversation, at)

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

    # -- questions --------------------------------------------------------------------------
    def _several(
        self, said: Said, conversation: Conversation, at: Circumstances
    ) -> tuple[Reply, Conversation] | None:
        """A message of several questions; None when it is one, or none of them is answered."""
        asked = split_questions(said.text[-self._question_chars :])
        if len(asked) < 2:
            return None
        if len(asked) >= MANY:
            first = self._which_first(asked, at)
            if first:
                place = Slots(place=conversation.slots.place)
                return first, replace(conversation, slots=place, words="")
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

    def _which_first(self, asked: Sequence[str], at: Circumstances) -> Reply | None:
        """Many questions: the citizen says which comes first; None when hardly one is known."""
        nearest: list[Option | None] = []
        for text in asked[:MOST]:
            question = normalize(text, self.lexicon, at.today)
            decision = decide(question, self.index, self.settings, staff=at.staff)
            known = decision.outcome in (Outcome.ANSWERED, Outcome.ASKED_BACK)
            nearest.append(offers.best(self.snapshot, decision, 1)[0] if known else None)
        return which_first(asked, nearest, hotline(self.snapshot, at.today))

    def _carried(
        self, text: str, payload: str, conversation: Conversation, at: Circumstances
    ) -> tuple[Reply, Conversation]:
        """The answer to one of many questions, which stands for itself: of what was said before,
        only the place still holds. An old button asks its question again."""
        question = normalize(text, self.lexicon, at.today)
        fresh = replace(
            conversation, slots=Slots(place=conversation.slots.place), last_answer="", words=""
        )
        meant = next((one for one in conversation.offer if one.payload == payload), None)
        if meant is None:
            return self._question(question, fresh, at)
        slots = question.slots.merged_over(fresh.slots)
        reply, after = self._answered(meant.answer_id, slots, question.audiences, fresh, at)
        return with_rest(reply, conversation.offer, payload), after

    def _question(
        self, question: Question, conversation: Conversation, at: Circumstances
    ) -> tuple[Reply, Conversation]:
        reading = self._reader.read(question, conversation, today=at.today, staff=at.staff)
        conversation = replace(conversation, words=reading.words)
        decision = reading.decision
        answer_id = reading.answer_id
        if not answer_id and decision.outcome is Outcome.ANSWERED:
            answer_id = decision.candidates[0].answer_id
        hearsay = self._edges.is_hearsay(question)
        if answer_id:
            slots, groups = reading.slots, reading.groups
            reply, after = self._answered(answer_id, slots, groups, conversation, at, decision)
            if reply.answer_id and repeats(self.snapshot, answer_id, reading, conversation, after):
                reply = replies.again(reply)
            kept = assumed(self.snapshot, answer_id, reading, question, reply)
            reply = replies.with_line(reply, texts.ASSUMED.format(what=kept)) if kept else reply
            heard = hearsay and reply.topic not in (None, "rumor_scam")
            return (replies.with_line(reply, texts.HEARSAY) if heard else reply), after
        if decision.outcome is Outcome.ASKED_BACK:
            options = offers.best(self.snapshot, decision, self.settings.options)
            return replies.asked_back(options, decision, reading.slots), opened(
                reading, conversation
            )
        options = offers.best(self.snapshot, decision, self.settings.options)
        near = decision.score >= LEAST_SUGGESTED or names_ours(question, self.index)
        options = options if near and decision.score > 0 else ()
        sentence = texts.HEARSAY_NOT_KNOWN if hearsay else texts.NOT_KNOWN
        reply = replies.not_known(fill(self.snapshot, sentence, at), options, decision)
        row = conversation.not_known_in_a_row + 1
        after = replace(conversation, not_known_in_a_row=row)
        after = opened(reading, after) if options else after
        if self._edges.hours.shifts and row % 2 == 0:
            parts = (*reply.parts, texts.HANDOVER_OFFER)
            reply = replace(reply, parts=parts, buttons=(handover.BUTTON,))
            after = manners.note(after, manners.PENDING, "handover")
        return reply, after

    def _answered(
        self,
        answer_id: str,
        slots: Slots,
        groups: frozenset[str],
        conversation: Conversation,
        at: Circumstances,
        decision: Decision | None = None,
    ) -> tuple[Reply, Conversation]:
        closed = closed_topic(self.snapshot, answer_id, at)
        if closed:
            return withheld(self.snapshot, closed, at), conversation
        place = slots.place or at.place
        place = place if place in self.snapshot.places else at.place
        slots = replace(slots, place=place, group=" ".join(sorted(groups)))
        asked = Asked(today=at.today, slots=slots, place=place, groups=groups)
        found = answering.apply(self.snapshot, answer_id, asked)
        file = self.snapshot.answers[answer_id].file
        pays = any(amount.vnd for amount in found.amounts)
        cases = () if found.withheld else specials(self.snapshot, file, slots, pays=pays)
        reply = replies.answered(found, slots, decision, self.settings.options, cases)
        words = conversation.words
        if decision is None:  # chosen: its title is what the next turn follows
            words = file.title
        after = replace(
            conversation, last_answer=answer_id, slots=slots, words=words, not_known_in_a_row=0
        )
        return reply, after
