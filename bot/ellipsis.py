"""The words of a short turn: what is left of it beside values, groups and fillers. Pure.

`followup` decides what such a turn means; here is only what it says: whose card it is about,
whether it asks, what it takes back, whom it counts onto the people before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from bot.context import groups_of
from bot.models import Question, Slots
from bot.normalize import Lexicon, normalize
from bot.normalize.cues import place_spans

#: "thêm 1 người", but not "thêm bà nội nữa là 6 người".
_CHANGE = re.compile(r"^(?!.*\bla\b).*\b(them|bot)\b")

#: Between what takes something back and its name.
_LINKS = frozenset({"la", "thuoc", "dien", "ho", "nhom", "cai", "o", "tinh", "thanh", "pho"})


class Turns:
    """Reads the words of turns with the lists of `knowledge/lexicon/followups.yaml`."""

    def __init__(self, lexicon: Lexicon, lists: Mapping[str, Any]) -> None:
        self._lexicon = lexicon
        self._empty = frozenset(lists.get("empty") or ())
        self._persons = frozenset(lists.get("persons") or ())
        self._spelled: Mapping[str, list[str]] = lists.get("person_accents") or {}
        self.amounts = frozenset(lists.get("amounts") or ())
        self.pays = self.amounts | frozenset(lists.get("pays") or ())
        self.asking = frozenset(lists.get("asks") or ())
        self._not = tuple(lists.get("not") or ())
        self._drops = tuple(lists.get("drops") or ())
        self._drop_spelled: Mapping[str, list[str]] = lists.get("drop_accents") or {}
        self._drop_ends = frozenset(lists.get("drop_ends") or ())
        self._ordinary = tuple(lists.get("ordinary") or ())
        self._ordinary_ends = frozenset(lists.get("ordinary_ends") or ())
        self._slips = frozenset(lists.get("slips") or ())
        self._slip_cues = frozenset(lists.get("slip_cues") or ())

    def own_words(self, question: Question) -> list[str]:
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

    def only_slots(self, question: Question) -> bool:
        """True when a turn says values only: no word is left that could ask something else."""
        if question.slots == Slots() and not question.audiences:
            return False
        own = set(self.own_words(question))
        slip = bool(self._slip_cues & set(question.folded.split()))
        return not own or (slip and own <= self._slips)

    def takes_back_only(self, question: Question) -> bool:
        """True when a turn has no words but those of taking back, and no value but a group or
        place: "bỏ hộ cận nghèo đi, nhà em bình thường" may be longer than other follow-ups."""
        plain = self.pays | self._drop_ends | self._slips
        values = replace(question.slots, group="", place="")
        return values == Slots() and set(self.own_words(question)) <= plain

    def puts_right(self, question: Question) -> bool:
        """True for "quên, cận nghèo chớ": a group, said to be other than it was said before."""
        slip = bool(self._slip_cues & set(question.folded.split()))
        named = bool(question.audiences) and self.only_slots(question)
        return slip and named and not self.asks(question)

    def asks(self, question: Question) -> bool:
        """True when the turn asks something: a question mark, or a word that asks."""
        # "có căn cước" folds to the same letters as "có cần cước".
        words = question.folded.replace("can cuoc", "cccd").split()
        if "?" in question.text or words[-1:] in (["khong"], ["chua"]):
            return True
        return bool(self._lexicon.question_cues.find(words))

    def new_person(self, question: Question, earlier: Iterable[Question]) -> bool:
        """True when the turn is about somebody not spoken of before."""
        named = self._persons_in(question)
        return bool(named) and not any(named & self._persons_in(one) for one in earlier)

    def _persons_in(self, question: Question) -> set[str]:
        bare, typed = question.folded.split(), question.accented.split()
        places = {
            at for start, end in place_spans(typed, bare, self._lexicon) for at in range(start, end)
        }
        # "còn 6 tháng" typed without marks would name a child.
        return {
            word
            for at, word in enumerate(bare)
            if word in self._persons
            and at not in places  # "Hà Nội"
            and typed[at] in self._spelled.get(word, [typed[at]])
            and not (word == "con" and question.unaccented)
            and not (word in self._drops and self._drops_at(at, 1, bare, typed))
        }

    def taken_back(self, question: Question, older: Slots, today: date) -> Slots | None:
        """The group and place that "không phải hộ cận nghèo" takes back; None when it is no such
        turn, or what it names was not said before."""
        bare, typed = question.folded.split(), question.accented.split()
        for phrase in (*self._not, *self._drops):
            words = phrase.split()
            for at in range(len(bare) - len(words) + 1):
                if bare[at : at + len(words)] != words:
                    continue
                if phrase in self._drops and not self._drops_at(at, len(words), bare, typed):
                    continue
                # Behind the negation, where a negated group is no group of the asker's.
                named = normalize(" ".join(typed[at + len(words) :]), self._lexicon, today)
                groups = named.audiences & groups_of(older)
                place = named.slots.place if named.slots.place == older.place else ""
                plain = set(self.own_words(named)) <= self.pays | self._drop_ends
                if (groups or place) and plain:
                    return Slots(group=" ".join(sorted(groups)), place=place)
        return self._made_ordinary(question, older)

    def _drops_at(self, at: int, length: int, bare: list[str], typed: list[str]) -> bool:
        """True when a phrase of `drops` stands at a place where it can only take something back."""
        known = self._empty | self._persons | self._slips
        if not set(bare[:at]) <= known:
            return False
        end = self._named_right_behind(bare[at + length :], typed[at + length :])
        if not end:
            return False
        after = bare[at + length + end :]
        for word, as_typed in zip(bare[at : at + length], typed[at : at + length], strict=True):
            spelled = self._drop_spelled.get(word)
            # Typed without accents it must be said twice: "bo ho ngheo di".
            if spelled and as_typed not in spelled and (as_typed != word or after[:1] != ["di"]):
                return False
        return True

    def _named_right_behind(self, bare: list[str], typed: list[str]) -> int:
        """Where a group or place ends that these words begin with; 0 when they do not."""
        spans = [
            (start, end)
            for table in (self._lexicon.audiences, self._lexicon.weak_audiences)
            for start, end, _ in table.find(bare)
        ]
        spans += place_spans(typed, bare, self._lexicon)
        return max((end for start, end in spans if set(bare[:start]) <= _LINKS), default=0)

    def _made_ordinary(self, question: Question, older: Slots) -> Slots | None:
        """The groups that "nhà em bình thường" takes back, None when it is no such turn."""
        groups = groups_of(older) & self._ordinary_ends
        if not groups or question.audiences:
            return None
        text = f" {question.folded} "
        said = next((phrase for phrase in self._ordinary if f" {phrase} " in text), "")
        own = set(self.own_words(question)) - set(said.split())
        ordinary = bool(said) and own <= self.pays | self._drop_ends | self._slips
        return Slots(group=" ".join(sorted(groups))) if ordinary else None


def more(question: Question, older: Slots) -> Question:
    """The turn with "thêm 1 người nữa" counted onto the people spoken of before."""
    found = _CHANGE.search(question.folded)
    if not found or not older.members or not question.slots.members:
        return question
    by = question.slots.members if found[1] == "them" else -question.slots.members
    slots = replace(question.slots, members=max(1, older.members + by))
    return replace(question, slots=slots)


def said_slots(slots: Slots) -> set[str]:
    """The names of the slots that hold a value."""
    return {name for name in Slots.__slots__ if getattr(slots, name) != getattr(Slots(), name)}
