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
        return not self.own_words(question)

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
        }

    def taken_back(self, question: Question, older: Slots, today: date) -> Slots | None:
        """The group and place that "không phải hộ cận nghèo" takes back; None when it is no such
        turn, or what it names was not said before."""
        bare, typed = question.folded.split(), question.accented.split()
        for phrase in self._not:
            words = phrase.split()
            for at in range(len(bare) - len(words) + 1):
                if bare[at : at + len(words)] != words:
                    continue
                # Behind the negation, where a negated group is no group of the asker's.
                named = normalize(" ".join(typed[at + len(words) :]), self._lexicon, today)
                groups = named.audiences & groups_of(older)
                place = named.slots.place if named.slots.place == older.place else ""
                plain = set(self.own_words(named)) <= self.pays | {"dau"}
                if (groups or place) and plain:
                    return Slots(group=" ".join(sorted(groups)), place=place)
        return None


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
