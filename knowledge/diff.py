"""Which answers read differently, and by what: between two days, or between two snapshots.

An answer is compared as a citizen would read it who names nothing but, perhaps, a province. So
a changed rate shows in every text that prints it, and a rewritten comment shows in none.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from bot.answer import Asked, apply
from knowledge.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Told:
    """One answer as it reads on one day, in one place."""

    topic: str
    title: str
    text: str
    #: True when the rule, or a figure it needs, could not be stated.
    withheld: bool


#: (answer id, place id or "") -> how it reads.
Texts = Mapping[tuple[str, str], Told]


@dataclass(frozen=True, slots=True)
class Difference:
    """An answer that reads differently; `old` or `new` is None where it does not exist."""

    answer_id: str
    #: Place id, "" for what is told when no place is named.
    place: str
    old: Told | None
    new: Told | None

    @property
    def title(self) -> str:
        """The newer title."""
        told = self.new or self.old
        return told.title if told else ""

    @property
    def topic(self) -> str:
        """The newer topic."""
        told = self.new or self.old
        return told.topic if told else ""


def texts_of(snapshot: Snapshot, today: date, places: Iterable[str] = ("",)) -> Texts:
    """Every answer as it reads on a day, without slots, once for each place ("" for none).

    Where naming the place changes nothing, the text stands once, under "".
    """
    found: dict[tuple[str, str], Told] = {}
    for answer_id, stored in sorted(snapshot.answers.items()):
        for place in places:
            answer = apply(snapshot, answer_id, Asked(today=today, place=place))
            told = Told(stored.file.topic, stored.file.title, answer.text, answer.withheld)
            if not place or found.get((answer_id, "")) != told:
                found[answer_id, place] = told
    return found


def differences(old: Texts, new: Texts) -> list[Difference]:
    """The texts that differ, sorted by topic, answer and place."""
    found = []
    for answer_id, place in sorted(old.keys() | new.keys()):
        # A place that made no difference on one of the days reads there as without a place.
        before = old.get((answer_id, place), old.get((answer_id, "")))
        after = new.get((answer_id, place), new.get((answer_id, "")))
        if _words(before) != _words(after):
            found.append(Difference(answer_id, place, before, after))
    return sorted(_without_echoes(found), key=lambda d: (d.topic, d.answer_id, d.place))


def changed_lines(difference: Difference) -> Iterator[str]:
    """The changed lines of one difference, old ones with "- ", new ones with "+ " before them."""
    old = difference.old.text.splitlines() if difference.old else []
    new = difference.new.text.splitlines() if difference.new else []
    for line in difflib.ndiff(old, new):
        # "  " is the same on both sides, "? " points at letters: neither is needed here.
        if line[:2] in ("- ", "+ ") and line[2:].strip():
            yield line


def _words(told: Told | None) -> tuple[str, bool] | None:
    return (told.text, told.withheld) if told else None


def _without_echoes(found: list[Difference]) -> Iterator[Difference]:
    """Leave out a place's difference that is the same as the one without a place."""
    plain = {d.answer_id: (_words(d.old), _words(d.new)) for d in found if not d.place}
    for one in found:
        if not one.place or plain.get(one.answer_id) != (_words(one.old), _words(one.new)):
            yield one
