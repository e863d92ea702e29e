"""Turns that only make sense after the turn before: "còn 6 tháng?", "từ bao giờ", "ở Đắk Lắk".

A short turn is decided twice: alone, and behind the words it follows, which then count less.
What the two decisions, and the subject of the last answer, agree on is what was meant:

- nothing but slots ("6 tháng", "nhà 5 người"): the last answer again, with the newer values;
- sure of itself, with words of its own: a question of its own, which inherits the place only;
- sure only behind the earlier words: the answer to both together, which inherits everything;
- neither: asked back, with the last answer among the choices.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from bot.context import BETWEEN, Reading, behind, count_of, groups_of, remember
from bot.match import Index, MatchSettings, decide
from bot.match.veto import vetoes
from bot.models import Candidate, Conversation, Decision, Outcome, Question, Slots
from bot.normalize import Lexicon, normalize
from bot.normalize.cues import place_spans

#: A turn of more words than this asks by itself.
_MOST_WORDS = 8
#: Fewer words than this are too few to leave the subject on their own.
_ENOUGH_WORDS = 4
#: Part of the way from the answer threshold to certainty from which a turn of hardly any word
#: may leave the subject.
_LEAVES = 0.8
#: Share of the answer threshold that is enough for an answer on the subject of the last one.
_SAME_SUBJECT = 0.75


class Reader:
    """Reads turns against the conversation before them. Pure; built once per snapshot."""

    def __init__(self, index: Index, lexicon: Lexicon, settings: MatchSettings) -> None:
        self._index = index
        self._lexicon = lexicon
        self._settings = settings
        lists = index.snapshot.lexicon.get("followups") or {}
        self._empty = frozenset(lists.get("empty") or ())
        self._persons = frozenset(lists.get("persons") or ())

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
        alone = decide(question, self._index, self._settings, staff=staff)
        own = Reading(
            decision=alone,
            slots=replace(question.slots, place=question.slots.place or conversation.slots.place),
            groups=question.audiences,
            words=remember((), question),
        )
        last = conversation.last_answer
        if last not in self._index.profiles:
            last = ""
        if len(question.text.split()) > _MOST_WORDS or not (last or conversation.words):
            return own
        earlier = [
            normalize(part, self._lexicon, today)
            for part in conversation.words.split(BETWEEN)
            if part
        ]
        older = conversation.slots
        if self._new_person(question, earlier):
            older = replace(older, group="")
            earlier = [replace(one, audiences=frozenset()) for one in earlier]
        slots = question.slots.merged_over(older)
        after = Reading(
            decision=alone,
            slots=slots,
            groups=question.audiences or groups_of(older),
            words=remember([one.accented for one in earlier], question),
            follows=True,
        )
        both = alone
        if earlier:
            joined = behind(earlier, question, older)
            both = decide(joined, self._index, self._settings, staff=staff)
        if last and not self._forbids(question, last):
            counted = self._counted(question, last)
            if counted is not question or self._only_slots(question):
                after = replace(after, slots=counted.slots.merged_over(older))
                return self._again(counted, last, both, after)
        if not self._own_words(question) and question.slots == Slots():
            return self._ask(alone, both, last, after, question, own)  # "sao nhiều vậy"
        return self._weigh(alone, both, last, own, after, question)

    # -- nothing but slots ------------------------------------------------------------------
    def _only_slots(self, question: Question) -> bool:
        """True when a turn says values only: no word is left that could ask something else."""
        if question.slots == Slots() and not question.audiences:
            return False
        return not self._own_words(question)

    def _counted(self, question: Question, last: str) -> Question:
        """The turn with its only word, a bare number ("là 4"), as a count the last answer takes."""
        words = self._own_words(question)
        takes = count_of(self._index.snapshot.answers[last].file.slots)
        if not takes or len(words) != 1 or not (words[0].isdecimal() and len(words[0]) <= 3):
            return question
        given: dict[str, Any] = {takes: int(words[0])}
        return replace(question, slots=replace(question.slots, **given))

    def _own_words(self, question: Question) -> list[str]:
        """The words that are no slot, no group, no place and not empty."""
        bare, accented = question.folded.split(), question.accented.split()
        places = {
            word
            for start, end in place_spans(accented, bare, self._lexicon)
            for word in bare[start:end]
        }
        tokens = [token for token in question.tokens if token not in places]
        taken = {
            at
            for table in (self._lexicon.audiences, self._lexicon.weak_audiences)
            for start, end, _ in table.find(tokens)
            for at in range(start, end)
        }
        return [
            token
            for at, token in enumerate(tokens)
            if at not in taken
            and not token.startswith("#")
            and not (at and tokens[at - 1] == f"#{token}")  # the unit of a number
            and token not in self._empty
            and token not in self._persons
        ]

    def _again(self, question: Question, last: str, both: Decision, after: Reading) -> Reading:
        """The last answer with newer values, or a better one of the same subject."""
        said = {
            name
            for name in Slots.__slots__
            if getattr(question.slots, name) != getattr(Slots(), name)
        }
        takes = set(self._index.snapshot.answers[last].file.slots)
        best = _best(both)
        better = (
            best
            and both.outcome is Outcome.ANSWERED
            and not said <= takes
            and self._related(best.answer_id, last)
        )
        return replace(after, decision=both, answer_id=best.answer_id if better and best else last)

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
        mine, ours = _best(alone), _best(both)
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
        if met and both.outcome is Outcome.ANSWERED and (said or not unknown):
            agreed = sure_alone and _same(mine, ours) and (telling or alone.score >= leaving)
            if stays or agreed:
                return replace(after, decision=both)
        leaves = sure_alone and mine and not self._related(mine.answer_id, last)
        near = threshold * _SAME_SUBJECT <= both.score < threshold  # from there on a close race
        if met and last and not unknown and ours and stays and near and not leaves:
            return replace(after, decision=both, answer_id=ours.answer_id)
        race = both.score >= threshold and not _same(mine, ours)
        if sure_alone and telling and not race:
            return own
        if sure_alone and not leaves and not race:
            return replace(after, decision=alone)
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
        if "?" not in question.text and not self._lexicon.question_cues.find(words):
            return False  # a statement goes on from what was said
        return len(self._own_words(question)) >= _ENOUGH_WORDS

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
        same: list[Candidate] = []
        if last and not self._forbids(question, last):
            same = [c for c in (*kept, *mine) if c.answer_id == last][:1] or [
                Candidate(last, "", 0.0)
            ]
        if not kept and not mine:
            return replace(own, decision=alone)
        order = _unique([*kept[:1], *mine[:1], *same, *kept[1:], *mine[1:]])
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

    def _new_person(self, question: Question, earlier: Iterable[Question]) -> bool:
        """True when the turn is about somebody not spoken of before."""
        named = self._persons_in(question)
        return bool(named) and not any(named & self._persons_in(one) for one in earlier)

    def _persons_in(self, question: Question) -> set[str]:
        words = zip(question.folded.split(), question.accented.split(), strict=True)
        # "còn 6 tháng" typed without marks would name a child.
        return {
            bare
            for bare, typed in words
            if bare in self._persons
            and not (bare == "con" and (typed != "con" or question.unaccented))
        }


def _best(decision: Decision) -> Candidate | None:
    return next((c for c in decision.candidates if not c.vetoes), None)


def _same(one: Candidate | None, other: Candidate | None) -> bool:
    return bool(one and other and one.answer_id == other.answer_id)


def _unique(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    seen: dict[str, Candidate] = {}
    for candidate in candidates:
        seen.setdefault(candidate.answer_id, candidate)
    return tuple(seen.values())
