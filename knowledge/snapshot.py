"""The immutable, validated knowledge of one moment, and the only look-ups into it.

A snapshot is what matching, answering and calculating read. It carries a content hash, so
that every reply can name the exact knowledge behind it (design sections 1 and 4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from knowledge.schema import (
    AnswerFile,
    Audience,
    Directive,
    Place,
    Row,
    SupportRow,
    Topic,
    Value,
    parse_figure,
    parse_share,
)


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer with the hash of its source file."""

    file: AnswerFile
    version: str
    path: str


@dataclass(frozen=True, slots=True)
class Found:
    """A row that holds on the day asked about."""

    row_id: str
    row: Row
    value: Value

    @property
    def figure(self) -> int | Fraction | date | str:
        """The typed figure: VND and counts as int, shares as Fraction."""
        return parse_figure(self.value.unit, self.row.value)


@dataclass(frozen=True, slots=True)
class Missing:
    """No row may be stated for that day, and why.

    `last` is the newest row that had ended before it, `coming` an announced row, `hole` an
    explicit row that says no confirmed figure exists.
    """

    value_id: str
    reason: Literal["expired", "not_yet", "hole", "none"]
    last: Row | None = None
    coming: Row | None = None
    hole: Row | None = None


@dataclass(frozen=True, slots=True)
class Support:
    """What a place adds for one audience on one day.

    `share` is None when unknown; 0 when the council's list was read and has no such group.
    """

    place_id: str
    audience: str
    share: Fraction | None
    row_id: str = ""
    row: SupportRow | None = None


def row_id(owner: str, row: Row) -> str:
    """The stable id of a row: owner/audience/first day."""
    return f"{owner}/{row.audience or 'all'}/{row.effective_from.isoformat()}"


def last_day(row: Row) -> date | None:
    """The last day the row may be stated for; None when it has no end."""
    if row.effective_to == "open":
        return None
    if row.effective_to == "unknown":
        return row.confirmed_until
    return row.effective_to


def holds(row: Row, on: date) -> bool:
    """True when the row's dates cover the day."""
    end = last_day(row)
    return row.starts <= on and (end is None or on <= end)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Everything the answer desk knows, with its hash."""

    hash: str
    directives: Mapping[str, Directive]
    values: Mapping[str, Value]
    places: Mapping[str, Place]
    answers: Mapping[str, StoredAnswer]
    topics: Mapping[str, Topic]
    audiences: Mapping[str, Audience]
    #: lexicon file stem -> parsed content (strings, lists, dicts of strings)
    lexicon: Mapping[str, Any] = field(default_factory=dict)

    def lineage(self, audience: str) -> Iterator[str]:
        """The audience, then its parents, nearest first: pupil, hssv."""
        yield audience
        for parent in self.audiences[audience].parents if audience in self.audiences else ():
            yield from self.lineage(parent)

    def known(self, row: Row, known_on: date) -> bool:
        """True when the row's directive could be read on that day."""
        directive = self.directives.get(row.citation.directive)
        first = directive.known_from if directive else None
        return first is None or first <= known_on

    def lookup(
        self, value_id: str, on: date, known_on: date, audience: str = "", *, exact: bool = False
    ) -> Found | Missing:
        """The row of a value for a day, as it was known on `known_on` (the day of asking).

        With an audience, its own rows come first, then its parents', then rows for everyone;
        an explicit hole of a nearer group ends the search. With `exact`, only the audience's
        own rows count: what is said about a narrow group must not be a wider group's figure.
        Announced rows are never returned as found (design section 4, Value). Raises KeyError
        for an unknown value id: `bot check` rules that out before a snapshot is loaded.
        """
        value = self.values[value_id]
        groups = [audience] if exact or not audience else [*self.lineage(audience), ""]
        last: Row | None = None
        coming: Row | None = None
        hole: Row | None = None
        later = False
        for group in groups:
            for row in value.rows:
                if row.audience != group or not self.known(row, known_on):
                    continue
                if row.standing == "announced":
                    coming = coming or row
                elif holds(row, on):
                    if row.known == "yes":
                        return Found(row_id(value.id, row), row, value)
                    hole = hole or row
                elif row.starts > on:
                    later = True
                elif row.known == "yes" and (last is None or row.starts > last.starts):
                    last = row
            if hole:
                return Missing(value_id, "hole", last, coming, hole)
        if last:
            return Missing(value_id, "expired", last, coming)
        return Missing(value_id, "not_yet" if later else "none", None, coming)

    def boundaries(self, value_id: str, first: date, last: date) -> tuple[date, ...]:
        """Days inside (first, last] on which some row of the value begins or has just ended."""
        days: set[date] = set()
        for row in self.values[value_id].rows:
            days |= _edges(row)
        return tuple(sorted(day for day in days if first < day <= last))

    def support_boundaries(self, place_id: str, first: date, last: date) -> tuple[date, ...]:
        """The same for the support rows of a place, its successor, and the merger itself."""
        days: set[date] = set()
        current: str | None = place_id
        while current:
            place = self.places[current]
            for row in place.support:
                days |= _edges(row)
            if place.exists_to:
                days.add(date.fromordinal(place.exists_to.toordinal() + 1))
            current = place.merged_into
        return tuple(sorted(day for day in days if first < day <= last))

    def place_on(self, place_id: str, on: date) -> Place:
        """The place itself while it existed, afterwards the one it was merged into."""
        place = self.places[place_id]
        while place.exists_to and on > place.exists_to and place.merged_into:
            place = self.places[place.merged_into]
        return place

    def merged_after(self, place_id: str, on: date) -> date | None:
        """The last day before the newest merger of a place by `on`, None without one."""
        place = self.places[place_id]
        last: date | None = None
        while place.exists_to and on > place.exists_to and place.merged_into:
            last = place.exists_to
            place = self.places[place.merged_into]
        return last

    def support(self, place_id: str, audience: str, on: date, known_on: date) -> Support:
        """What the place adds for the audience on that day.

        After a merger the successor's rows hold, plus those rows of the old place whose
        continuation is cited (design section 4, Place). The highest wins when both apply.
        A share that the successor gave before the merger is its old territory's alone; a
        continued hole of the old place is nearer than one of the successor.
        """
        merged = self.merged_after(place_id, on)
        today_place = self.place_on(place_id, on)
        sources = [today_place]
        if today_place.id != place_id:
            sources.append(self.places[place_id])
        best: Support | None = None
        for place in sources:
            inherited = place.id != today_place.id
            for group in self.lineage(audience):
                for row in place.support:
                    if row.audience != group or row.standing == "announced":
                        continue
                    if not holds(row, on) or not self.known(row, known_on):
                        continue
                    if inherited and row.continues_after_merger is None:
                        continue
                    share = parse_share(row.value) if row.known == "yes" else None
                    if merged and not inherited and share is not None and row.starts <= merged:
                        continue
                    found = Support(place.id, group, share, row_id(place.id, row), row)
                    nearer = best and best.share is None and best.place_id != place.id
                    if best is None or (share or 0) > (best.share or 0) or nearer:
                        best = found
        return best or Support(today_place.id, audience, None)


def _edges(row: Row) -> set[date]:
    end = last_day(row)
    return {row.starts} | ({date.fromordinal(end.toordinal() + 1)} if end else set())
