"""The chips over an answer: day, place, group, months, people, with what the words said. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot import figures
from bot.console.lookup import NONE, Found, Told, Wish
from bot.models import Slots
from knowledge.schema import parse_day
from knowledge.snapshot import Snapshot

#: Payment periods first, for they are asked most.
_MONTHS = (12, 6, 3, 1, 2, 4, 5, 7, 8, 9, 10, 11)
_MOST_MEMBERS = 10


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a chip's list."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Chip:
    """One slot that may be chosen."""

    name: str
    title: str
    #: What is chosen, "" = as the words say.
    value: str
    #: What the words said, "" = nothing.
    said: str
    #: Headed lists; the heading may be "".
    groups: tuple[tuple[str, tuple[Choice, ...]], ...] = ()
    #: True when the shown answer changes with it.
    matters: bool = False

    @property
    def open(self) -> bool:
        """True when the answer would be more exact with it: shown as a gap to fill."""
        return self.matters and not self.value and not self.said


@dataclass(frozen=True, slots=True)
class Choices:
    """The chips in their order."""

    day: Chip
    place: Chip
    group: Chip
    months: Chip
    members: Chip

    def lists(self) -> tuple[Chip, ...]:
        """The chips that choose from a list; people only where they count."""
        shown = (self.place, self.group, self.months)
        people = self.members
        return (*shown, people) if people.matters or people.value or people.said else shown


def choices(
    snapshot: Snapshot, wish: Wish, found: Found, told: Told | None, today: date
) -> Choices:
    """The chips for a wish, with what its words said."""
    said = found.slots
    takes = told.takes if told else ()
    audiences = sorted(found.question.audiences) if found.question else []
    names = [snapshot.audiences[a].name for a in audiences or said.group.split()]
    place = snapshot.places.get(said.place)
    # A rule is told for a day whatever slots it takes.
    dated = bool(told and (told.stored.file.kind == "rule" or told.answer.used))
    return Choices(
        Chip(
            "day",
            "Ngày",
            wish.day,
            _day_said(wish, said),
            matters=dated,
        ),
        Chip(
            "place",
            "Nơi",
            wish.place,
            place.name if place else "",
            _places(snapshot, today),
            "place" in takes,
        ),
        Chip("group", "Nhóm", wish.group, ", ".join(names), _groups(snapshot), "group" in takes),
        Chip(
            "months",
            "Số tháng",
            wish.months,
            f"{said.months} tháng" if said.months else "",
            (("", tuple(Choice(str(n), f"{n} tháng") for n in _MONTHS)),),
            "months" in takes,
        ),
        Chip(
            "members",
            "Số người",
            wish.members,
            f"{said.members} người" if said.members else "",
            (("", tuple(Choice(str(n), f"{n} người") for n in range(1, _MOST_MEMBERS + 1))),),
            "members" in takes,
        ),
    )


def _day_said(wish: Wish, said: Slots) -> str:
    """The chosen day as we write days (a browser may write 11/15/2023), else what was said."""
    if wish.day and wish.day != NONE:
        return figures.day(parse_day(wish.day))
    return figures.period(said.period) if said.period and not wish.day else ""


def _places(snapshot: Snapshot, today: date) -> tuple[tuple[str, tuple[Choice, ...]], ...]:
    """Today's places, then the former ones with what they belong to now."""
    now, former = [], []
    for place in sorted(snapshot.places.values(), key=lambda one: one.name):
        if place.exists_to and place.exists_to < today and place.merged_into:
            into = snapshot.place_on(place.id, today).name
            former.append(Choice(place.id, f"{place.name} (nay là {into})"))
        else:
            now.append(Choice(place.id, place.name))
    return ("Hiện nay", tuple(now)), ("Trước sáp nhập", tuple(former))


def _groups(snapshot: Snapshot) -> tuple[tuple[str, tuple[Choice, ...]], ...]:
    found = [
        Choice(id_, audience.name[:1].upper() + audience.name[1:])
        for id_, audience in snapshot.audiences.items()
    ]
    return (("", tuple(found)),)


__all__ = ["NONE", "Chip", "Choice", "Choices", "choices"]
