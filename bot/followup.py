"""Turns that only make sense after the turn before: "còn 6 tháng?", "từ bao giờ", "ở Đắk Lắk".

A short turn is decided twice: alone, and behind the words it follows, which then count less.
What the two decisions, and the subject of the last answer, agree on is what was meant:

- nothing but slots ("6 tháng", "nhà 5 người"): the last answer again, with the newer values;
- sure of itself, with words of its own: a question of its own, which inherits the place only;
- sure only behind the earlier words: the answer to both together, which inherits everything;
- neither: asked back, with the last answer among the choices.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

from bot.context import (
    BETWEEN,
    Reading,
    behind,
    best,
    count_of,
    groups_of,
    remember,
    same,
    unique,
)
from bot.ellipsis import Turns, more, said_slots
from bot.match import Index, MatchSettings, decide
from bot.match.veto import vetoes
from bot.models import Candidate, Conversation, Decision, Outcome, Question, Slots
from bot.normalize import Lexicon, fold, normalize

#: A turn of more words than this asks by itself.
_MOST_WORDS = 8
#: Fewer words than this are too few to leave the subject on their own.
_ENOUGH_WORDS = 4
#: Part of the way from the answer threshold to certainty from which a turn of hardly any word
#: may leave the subject.
_LEAVES = 0.8
#: Share of the answer threshold that is enough for an answer on the subject of the last one.
_SAME_SUBJECT = 0.75
#: Share of it from which a turn leans to an answer that the earlier words make sure of.
_LEANS = 0.6
#: One of these asks for figures when nothing else is said.
_HOW_MUCH = frozenset({"nhieu", "may", "tong", "tien", "phi"})
#: What a template calls to state an amount or a share.
_FIGURES = re.compile(r"\b(v|contribution|household|voluntary|product|claim)\(")


#: How far behind an answer may be that accents could bring in front (ranks; 0.3 was the most seen).
_WITHIN_ACCENTS = 1.0


class Reader:
    """Reads turns against the conversation before them. Pure; built once per snapshot."""

    def __init__(self, index: Index, lexicon: Lexicon, settings: MatchSettings) -> None:
        self._index = index
        self._lexicon = lexicon
        self._settings = settings
        self._turns = Turns(lexicon, index.snapshot.lexicon.get("followups") or {})

    def _alike(self, question: Question, today: date, *, staff: bool) -> Decision:
        """The decision by the turn alone, held against the same turn without diacritics.

        Where only the accents lead to another answer, the citizen chooses: typed without them
        the same words would have brought the other one (design section 2, invariant 9).
        """
        typed = decide(question, self._index, self._settings, staff=staff)
        if typed.outcome is not Outcome.ANSWERED or question.unaccented:
            return typed
        near = typed.candidates[0].score - _WITHIN_ACCENTS
        if not any(one.score > near and not one.vetoes for one in typed.candidates[1:]):
            return typed
        bare = normalize(fold(question.text), self._lexicon, today)
        if bare.tokens == question.tokens:
            return typed
        other = decide(bare, self._index, self._settings, staff=staff)
        best, rival = typed.candidates[0], other.candidates[:1]
        if other.outcome is not Outcome.ANSWERED or rival[0].answer_id == best.answer_id:
            return typed
        rest = [one for one in typed.candidates[1:] if one.answer_id != rival[0].answer_id]
        return replace(typed, outcome=Outcome.ASKED_BACK, candidates=(best, *rival, *rest))

    def read(
        self, question: Question, conversation: Conversation, *, today: date, staff: bool = False
    ) -> Reading:
        """What a turn means: by itself, or after what was said before.

        Args:
            question: the turn, normalized.
            conversation: what is remembered; its slots, words and last answer are used.
            today: the day of asking.
            staff: True lets answers for staff take part.
        """
        alone = self._alike(question, today, staff=staff)
        own = Reading(
            decision=alone,
            slots=replace(question.slots, place=question.slots.place or conversation.slots.place),
            groups=question.audiences,
            words=remember((), question),
        )
        last = conversation.last_answer
        if last not in self._index.profiles:
            last = ""
        long = len(question.text.split()) > _MOST_WORDS
        if not (last or conversation.words) or (long and not self._turns.takes_back_only(question)):
            return own
        earlier = [
            normalize(part, self._lexicon, today)
            for part in conversation.words.split(BETWEEN)
            if part
        ]
        older = conversation.slots
        newcomer = self._turns.new_person(question, earlier)
        if newcomer:
            older = replace(older, group="")
            earlier = [replace(one, audiences=frozenset()) for one in earlier]
        gone = self._turns.taken_back(question, older, today) if last else None
        if gone:
            return self._without(question, gone, earlier, older, last, staff=staff)
        if long:
            return own
        slots = question.slots.merged_over(older)
        after = Reading(
            decision=alone,
            slots=slots,
            groups=question.audiences or groups_of(older),
            words=remember([one.accented for one in earlier], question),
            follows=True,
        )
        if last and self._turns.puts_right(question):
            groups = self._put_right(question, older, last)
            if groups:
                return replace(after, groups=groups, answer_id=last)
        both = alone
        if earlier:
            joined = behind(earlier, question, older)
            both = decide(joined, self._index, self._settings, staff=staff)
        # Somebody of another age is not whom the last answer was about.
        other = newcomer and "age" in said_slots(question.slots) - self._takes(last)
        if last and not other and not self._forbids(question, last):
            counted = self._counted(more(question, older), last)
            if self._other_amount(question, last):
                return replace(after, decision=both, answer_id=last)
            if counted is not question or self._turns.only_slots(counted):
                after = replace(after, slots=counted.slots.merged_over(older))
                return self._again(counted, last, both, after)
            if self._asks_how_much(question, last):
                return replace(after, decision=both, answer_id=last)
        if not self._turns.own_words(question) and question.slots == Slots():
            return self._ask(alone, both, last, after, question, own)  # "sao nhiều vậy"
        return self._weigh(alone, both, last, own, after, question)

    # -- taking back -----------------------------------------------------------------------
    def _without(
        self,
        question: Question,
        gone: Slots,
        earlier: list[Question],
        older: Slots,
        last: str,
        *,
        staff: bool,
    ) -> Reading:
        """The last answer without that group or place; for another one when it was all about it."""
        not_mine = groups_of(gone)
        groups = groups_of(older) - not_mine
        place = "" if gone.place else older.place
        slots = replace(older, group=" ".join(sorted(groups)), place=place)
        rest = [one for one in earlier if not one.audiences & not_mine]
        about = self._index.snapshot.answers[last].file.audience
        decision, answer_id = Decision(Outcome.ANSWERED, (Candidate(last, "", 1.0),), 1.0), last
        if about in not_mine and not rest:
            return self._left(question, not_mine, older, staff=staff)
        asking = [one for one in rest if self._turns.own_words(one)]
        if about in not_mine and asking:
            decision, answer_id = decide(asking[-1], self._index, self._settings, staff=staff), ""
            groups |= asking[-1].audiences
        words = BETWEEN.join(one.accented for one in rest)
        return Reading(decision, slots, groups, answer_id, words, follows=True)

    def _put_right(self, question: Question, older: Slots, last: str) -> frozenset[str]:
        """The groups after "quên, cận nghèo chớ"; () when the last answer does not go by them."""
        file = self._index.snapshot.answers[last].file
        lineage = self._index.snapshot.lineage
        named, before = question.audiences, groups_of(older)
        if not any("hssv" in lineage(group) for group in named):
            # A pupil of a poor household stays a pupil when the household is put right.
            before = frozenset(group for group in before if "hssv" not in lineage(group))
        wrong = before - named
        if not wrong or "group" not in file.slots or file.audience in wrong:
            return frozenset()
        return (groups_of(older) - wrong) | named

    def _left(
        self, question: Question, gone: frozenset[str], older: Slots, *, staff: bool
    ) -> Reading:
        """Asked back among the answers that are not about the group taken back."""
        alone = decide(question, self._index, self._settings, staff=staff)
        answers = self._index.snapshot.answers
        kept = [c for c in alone.candidates if answers[c.answer_id].file.audience not in gone]
        decision = Decision(Outcome.ASKED_BACK, tuple(kept), alone.score)
        return Reading(decision, replace(older, group=""), frozenset(), words="")

    # -- nothing but slots ------------------------------------------------------------------
    def _counted(self, question: Question, last: str) -> Question:
        """The turn with its only word, a bare number ("là 4"), as a count the last answer takes."""
        words = self._turns.own_words(question)
        takes = count_of(self._index.snapshot.answers[last].file.slots)
        if not takes or len(words) != 1 or not (words[0].isdecimal() and len(words[0]) <= 3):
            return question
        given: dict[str, Any] = {takes: int(words[0])}
        return replace(question, slots=replace(question.slots, **given))

    def _takes(self, answer_id: str) -> set[str]:
        """The slots of an answer, () for ""."""
        stored = self._index.snapshot.answers.get(answer_id)
        return set(stored.file.slots) if stored else set()

    def _other_amount(self, question: Question, last: str) -> bool:
        """True for "đóng 6 tháng thôi": paying, and a value that the last answer counts with."""
        takes = self._index.snapshot.answers[last].file.slots
        said = said_slots(question.slots) - {"group"}
        words = set(self._turns.own_words(question))
        return bool(said) and bool(words) and said <= set(takes) and words <= self._turns.pays

    def _asks_how_much(self, question: Question, last: str) -> bool:
        """True for "tổng tiền", "bao nhiêu %" after an answer that gives figures."""
        words = self._turns.own_words(question)
        if not set(question.folded.split()) & _HOW_MUCH:
            return False
        full = self._index.snapshot.answers[last].file.reply.full
        return set(words) <= self._turns.amounts and bool(_FIGURES.search(full))

    def _asks_on(self, question: Question, last: str) -> bool:
        """True for "cần giấy tờ gì", "mất bao lâu": asking, without a word of another thing."""
        words = set(self._turns.own_words(question))
        return (
            self._turns.asks(question)
            and words <= self._turns.asking
            and not question.audiences
            and not self._forbids(question, last)
        )

    def _again(self, question: Question, last: str, both: Decision, after: Reading) -> Reading:
        """The last answer with newer values, or a better one of the same subject."""
        said = said_slots(question.slots)
        takes = set(self._index.snapshot.answers[last].file.slots)
        first = best(both)
        better = (
            first
            and both.outcome is Outcome.ANSWERED
            and not said <= takes
            and self._related(first.answer_id, last)
        )
        return replace(
            after, decision=both, answer_id=first.answer_id if better and first else last
        )

    # -- words of its own -------------------------------------------------------------------
    def _weigh(
        self,
        alone: Decision,
        both: Decision,
        last: str,
        own: Reading,
        after: Reading,
        question: Question,
    ) -> Reading:
        sure_alone = alone.outcome is Outcome.ANSWERED
        mine, ours = best(alone), best(both)
        threshold = self._settings.answer_threshold
        leaving = threshold + _LEAVES * (1 - threshold)
        telling = self._telling(question)
        forbidden = {c.answer_id for c in both.candidates if c.vetoes}
        allowed = bool(mine and mine.answer_id not in forbidden)
        if sure_alone and telling and allowed:
            return own
        met = self._meets(alone, ours)  # else the earlier words alone would be answered again
        stays = bool(ours and (not last or self._related(ours.answer_id, last)))
        unknown = alone.outcome is Outcome.NOT_KNOWN
        said = bool(question.products or question.verbs or question.slots != Slots())
        states = not self._turns.asks(question)
        if met and both.outcome is Outcome.ANSWERED and (said or not unknown):
            # A statement is a detail of what was asked: by itself it opens no new subject.
            named = bool(question.audiences) and not self._turns.own_words(question)
            own_way = telling or named or (alone.score >= leaving and not states)
            alike = bool(mine and ours and self._related(mine.answer_id, ours.answer_id))
            leans = same(mine, ours) and threshold * _LEANS <= alone.score < threshold
            if stays or (leans and not states) or (sure_alone and alike and own_way):
                return replace(after, decision=both)
        leaves = sure_alone and mine and not self._related(mine.answer_id, last)
        near = threshold * _SAME_SUBJECT <= both.score < threshold  # from there on a close race
        if met and last and not unknown and ours and stays and near and (states or not leaves):
            return replace(after, decision=both, answer_id=ours.answer_id)
        race = both.score >= threshold and not same(mine, ours)
        if sure_alone and telling and not race:
            return own
        if sure_alone and not leaves and not race:
            return replace(after, decision=alone)
        if last and self._asks_on(question, last):
            return replace(after, decision=both, answer_id=last)
        if not met and unknown and both.score < threshold * _SAME_SUBJECT:
            return own
        return self._ask(alone, both, last, after, question, own)

    def _telling(self, question: Question) -> bool:
        """True when the turn says what it is about: by a verb, a product, or asking at length."""
        words = question.folded.split()
        if question.verbs or question.products - {"bhyt"}:
            return True
        if question.products and len(words) > _ENOUGH_WORDS:
            return True  # "bhyt" alone tells nothing new, but whoever goes on leaves it out
        if not self._turns.asks(question):
            return False  # a statement goes on from what was said
        return len(self._turns.own_words(question)) >= _ENOUGH_WORDS

    def _meets(self, alone: Decision, ours: Candidate | None) -> bool:
        """True when the turn by itself comes near the topic of an answer, too."""
        return ours is not None and any(
            not c.vetoes and self._related(c.answer_id, ours.answer_id) for c in alone.candidates
        )

    def _ask(
        self,
        alone: Decision,
        both: Decision,
        last: str,
        after: Reading,
        question: Question,
        own: Reading,
    ) -> Reading:
        """Ask back: the best of both, the last subject, then the others."""
        kept = [c for c in both.candidates if not c.vetoes]
        mine = [c for c in alone.candidates if not c.vetoes]
        about: list[Candidate] = []
        if last and not self._forbids(question, last):
            about = [c for c in (*kept, *mine) if c.answer_id == last][:1] or [
                Candidate(last, "", 0.0)
            ]
        if not kept and not mine:
            return replace(own, decision=alone)
        order = unique([*kept[:1], *mine[:1], *about, *kept[1:], *mine[1:]])
        known = max(alone.score, both.score) >= self._settings.ask_threshold
        outcome = Outcome.ASKED_BACK if known else Outcome.NOT_KNOWN
        vetoed = [c for c in both.candidates if c.vetoes]
        return replace(
            after, decision=Decision(outcome, (*order, *vetoed), max(alone.score, both.score))
        )

    # -- comparing --------------------------------------------------------------------------
    def _related(self, one: str, other: str) -> bool:
        """True when two answers are of one topic, or of two that stand in for each other."""
        snapshot = self._index.snapshot
        if one not in snapshot.answers or other not in snapshot.answers:
            return False
        mine, theirs = (snapshot.answers[id_].file.topic for id_ in (one, other))
        if mine == theirs:
            return True
        topics = snapshot.topics
        return any(
            a in topics and b in topics[a].accepts for a, b in ((mine, theirs), (theirs, mine))
        )

    def _forbids(self, question: Question, answer_id: str) -> bool:
        """True when the turn is about another group, product, place or thing than an answer."""
        rows = self._index.profiles[answer_id].rows
        return all(vetoes(question, self._index.rows[row], self._index) for row in rows)
