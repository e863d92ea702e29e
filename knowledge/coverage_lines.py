"""The lines of a coverage survey: what `knowledge.coverage` finds and `bot coverage` prints."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Hole:
    """Something that is not covered."""

    kind: str
    subject: str
    text: str
    declared: bool = False


@dataclass(frozen=True, slots=True)
class TopicLine:
    """One topic: what there is, and how often it is asked about."""

    id: str
    name: str
    answers: int
    staff_answers: int
    phrasings: int
    test_questions: int
    #: Labelled questions of the tests.
    asked: int
    thin: bool
    #: Audiences with an answer or a figure of their own.
    audiences: tuple[str, ...]
    #: Places that answers of this topic are for.
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AudienceLine:
    """One audience: answers that speak of it, and places of today that say what they add."""

    id: str
    name: str
    topics: tuple[str, ...]
    places_known: int
    places_unknown: int
    places_missing: int


@dataclass(frozen=True, slots=True)
class DateLine:
    """One day on which some figure changes."""

    on: date
    #: Values with a row in force, with a declared hole, and without any row on that day.
    stated: int
    declared: int
    silent: int
    #: Contributions that can be told, of all that the templates know.
    rates: int
    forms: int
    #: Places of that day x groups: share known, declared unknown, no row.
    places_known: int
    places_unknown: int
    places_missing: int


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """One place: date -> audience -> "known", "unknown" or "missing", while it exists."""

    id: str
    name: str
    on: dict[date, dict[str, str]]


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """The rows of one value for one audience, as spans with what they say."""

    value: str
    audience: str
    #: (first day, last day or None, "in_force" | "unknown" | "announced")
    spans: tuple[tuple[date, date | None, str], ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Everything that `bot coverage` tells."""

    today: date
    topics: tuple[TopicLine, ...]
    audiences: tuple[AudienceLine, ...]
    dates: tuple[DateLine, ...]
    places: tuple[PlaceLine, ...]
    timelines: tuple[TimelineLine, ...]
    holes: tuple[Hole, ...]
