"""From what a colleague types to answers: the same normalizing, matching and answering as the bot.

    Wish    words, chosen answer, and chips (day, place, group, months, members)
    Found   how the words were read, and the answers near them, by title
    Told    one answer, applied to the day, place and slots of words and chips

Pure: the same desk, wish and day give the same bytes. A chip wins over the words; `NONE` takes
away what the words said. Only the chosen answer is rendered: a key stroke costs one answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from bot.answer import Asked, apply
from bot.context import groups_of
from bot.dialogue import Desk
from bot.match import decide
from bot.models import Answer, Decision, Outcome, Period, Question, Slots
from bot.normalize import fold, normalize
from bot.privacy import redact
from knowledge.schema import parse_day
from knowledge.snapshot import Snapshot, StoredAnswer

#: The value of a chip that takes away what the words said.
NONE = "-"
#: Most answers in the list: what fits on a screen and under the fingers.
MOST = 8
#: Longer questions are read from their last part, as in a chat.
MOST_CHARACTERS = 1500
_MOST_MONTHS = 60
_MOST_MEMBERS = 30


@dataclass(frozen=True, slots=True)
class Wish:
    """What the page asks for. An empty chip leaves its slot to the words."""

    text: str = ""
    #: The chosen answer, "" = the best one.
    answer_id: str = ""
    #: ISO day the text is wanted for, NONE, or "".
    day: str = ""
    #: Place id, NONE, or "".
    place: str = ""
    #: Audience id, NONE, or "".
    group: str = ""
    #: A number, NONE, or "".
    months: str = ""
    members: str = ""

    @classmethod
    def read(cls, data: Mapping[str, object], snapshot: Snapshot) -> Wish:
        """From a form, an address or JSON; what cannot be is dropped, never an error.

        Personal identifiers in the words are replaced at once, as everywhere.
        """

        def said(name: str) -> str:
            value = data.get(name)
            return value.strip() if isinstance(value, str) else ""

        text = data.get("q")
        words = text[-MOST_CHARACTERS:] if isinstance(text, str) else ""
        day, place, group = said("day"), said("place"), said("group")
        return cls(
            text=redact(_whole(words)).text,
            answer_id=said("id") if said("id") in snapshot.answers else "",
            day=day if day == NONE or _is_day(day) else "",
            place=place if place == NONE or place in snapshot.places else "",
            group=group if group == NONE or group in snapshot.audiences else "",
            months=_count(said("months"), _MOST_MONTHS),
            members=_count(said("members"), _MOST_MEMBERS),
        )

    def chips(self) -> dict[str, str]:
        """The chips that are set, by name."""
        named = {
            "day": self.day,
            "place": self.place,
            "group": self.group,
            "months": self.months,
            "members": self.members,
        }
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer of the list."""

    answer_id: str
    title: str
    topic: str
    #: Only for staff: never sent to citizens.
    staff: bool
    #: The name of the one place it is about, "" when national.
    place: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """How the words were read, and the answers near them, best first."""

    question: Question | None
    decision: Decision | None
    hits: tuple[Hit, ...]

    @property
    def sure(self) -> bool:
        """True when the bot would answer with the first one."""
        return self.decision is not None and self.decision.outcome is Outcome.ANSWERED

    @property
    def slots(self) -> Slots:
        """What the words said."""
        return self.question.slots if self.question else Slots()


@dataclass(frozen=True, slots=True)
class Told:
    """One answer applied, with what it was applied to."""

    stored: StoredAnswer
    answer: Answer
    asked: Asked

    @property
    def takes(self) -> tuple[str, ...]:
        """The chips that change this answer."""
        return self.stored.file.slots


def find(desk: Desk, wish: Wish, today: date) -> Found:
    """The answers near the words; without words, the ones that are asked most."""
    if not wish.text.strip():
        ids = [option.answer_id for option in desk.menu()]
        return Found(None, None, tuple(_hit(desk.snapshot, id_) for id_ in ids))
    question = normalize(wish.text, desk.lexicon, today)
    decision = decide(question, desk.index, desk.settings, staff=True)
    ids = [c.answer_id for c in decision.candidates if not c.vetoes] if decision.score > 0 else []
    titled = _by_title(desk.snapshot, wish.text)
    # Half a word says little to the matcher and much to who begins to type a title.
    ordered = [*titled, *ids] if decision.outcome is Outcome.NOT_KNOWN else [*ids, *titled]
    unique = list(dict.fromkeys(ordered))[:MOST]
    if wish.answer_id and wish.answer_id not in unique:
        unique = [*unique[: MOST - 1], wish.answer_id]
    return Found(question, decision, tuple(_hit(desk.snapshot, id_) for id_ in unique))


def tell(desk: Desk, wish: Wish, found: Found, today: date) -> Told | None:
    """The chosen answer, else the best one; None when there is none."""
    answer_id = wish.answer_id or (found.hits[0].answer_id if found.hits else "")
    stored = desk.snapshot.answers.get(answer_id)
    if stored is None:
        return None
    asked = asked_for(desk.snapshot, wish, found, today)
    return Told(stored, apply(desk.snapshot, answer_id, asked), asked)


def asked_for(snapshot: Snapshot, wish: Wish, found: Found, today: date) -> Asked:
    """Day, place and slots: the chips over the words, as the desk puts a turn over the last."""
    said = found.slots
    groups = found.question.audiences if found.question else frozenset()
    if wish.group:
        groups = frozenset() if wish.group == NONE else frozenset({wish.group})
    groups = groups or (frozenset() if wish.group else groups_of(said))
    place = wish.place or said.place
    place = place if place in snapshot.places else ""
    period = said.period
    if wish.day:
        day = None if wish.day == NONE else parse_day(wish.day)
        period = Period(day, day) if day else None
    slots = replace(
        said,
        place=place,
        group=" ".join(sorted(groups)),
        months=_chosen(wish.months, said.months),
        members=_chosen(wish.members, said.members),
        period=period,
    )
    return Asked(today=today, slots=slots, place=place, groups=groups)


def topic_name(snapshot: Snapshot, topic: str) -> str:
    """A topic as staff read it, without the editor's explanation in brackets."""
    name = snapshot.topics[topic].name if topic in snapshot.topics else topic
    return name.partition(" (")[0]


def _hit(snapshot: Snapshot, answer_id: str) -> Hit:
    file = snapshot.answers[answer_id].file
    place = snapshot.places.get(file.place)
    return Hit(
        answer_id,
        file.title,
        topic_name(snapshot, file.topic),
        file.visibility == "staff",
        place.name if place else "",
    )


def _by_title(snapshot: Snapshot, text: str) -> list[str]:
    """Answers whose title or id begins each typed word somewhere, the shortest title first."""
    words = fold(text).split()
    found = []
    for answer_id, stored in snapshot.answers.items():
        title = fold(stored.file.title).split()
        if answer_id == text.strip() or all(any(t.startswith(w) for t in title) for w in words):
            found.append((len(title), answer_id))
    return [answer_id for _, answer_id in sorted(found)][:MOST]


def _chosen(chip: str, said: int | None) -> int | None:
    if not chip:
        return said
    return None if chip == NONE else int(chip)


def _count(text: str, most: int) -> str:
    if text == NONE:
        return NONE
    whole = text.isascii() and text.isdecimal() and len(text) <= 3
    return str(int(text)) if whole and 1 <= int(text) <= most else ""


def _is_day(text: str) -> bool:
    try:
        return parse_day(text).year >= 1990
    except ValueError:
        return False


def _whole(text: str) -> str:
    """Text without lone surrogates, which JSON can carry and UTF-8 cannot."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
