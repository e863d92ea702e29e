"""What the knowledge base covers: topics x audiences x places x dates, and its holes.

A hole is declared when the base itself says so (a row with `known: "no"`): replies then say that
no figure is confirmed. Undeclared holes are oversights:

    topic      a topic of topics.yaml without an answer
    untested   an answer without test questions (where the folder of tests is at hand)
    place      a place of today without a row, not even "unknown", for a group that contribution()
               is called with
    gap        days between two rows of a value or a place that no row covers
    ended      the last row of a value that answers look up has ended, and nothing follows
    rate       a contribution that could be told before some day and cannot on that day

`coverage` computes, `bot.commands.coverage` prints.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from bot import calculate
from bot.calculate import NoFigure
from knowledge.check.due import WITHOUT_ANSWERS, users_of
from knowledge.check.gaps import gaps
from knowledge.check.templates import Used, check_templates
from knowledge.check.thin import asked_counts, phrasing_counts, thin
from knowledge.coverage_lines import (
    AudienceLine,
    Coverage,
    DateLine,
    Hole,
    PlaceLine,
    TimelineLine,
    TopicLine,
)
from knowledge.loader import load_or_raise
from knowledge.marked import read
from knowledge.schema import Row
from knowledge.snapshot import Snapshot, holds, last_day
from knowledge.source import Base, read_base

#: The first day that anyone is expected to ask about.
SINCE = date(2018, 1, 1)
#: Months in a year: what a contribution is tried with.
_YEAR = 12


def coverage(folder: Path, today: date, tests: Path | None = None) -> Coverage:
    """Survey a knowledge folder as of a day.

    `tests` is the folder of test questions, tests/knowledge, where there is one. Raises
    `KnowledgeError` when the folder has errors: run `bot check` first.
    """
    return _Survey(read_base(folder), load_or_raise(folder), today, tests).result()


class _Survey:
    """One pass over a valid base."""

    def __init__(self, base: Base, snapshot: Snapshot, today: date, tests: Path | None) -> None:
        self.base = base
        self.snapshot = snapshot
        self.today = today
        self.tests = tests if tests and tests.is_dir() else None
        self.used: dict[str, Used] = {
            answer.id: check_templates(base, answer)[1] for answer in base.answers.values()
        }
        #: Groups that replies call contribution() with, and those it turns to by itself.
        self.forms = sorted(set().union(*(used.forms for used in self.used.values())))
        named = {row.audience for row in _rows(snapshot, "national_support")}
        called = set().union(*(used.functions for used in self.used.values()))
        whole = [f"{name}()" for name in ("household", "voluntary") if name in called]
        self.rated = [*sorted({*self.forms, *named}), *whole]
        self.groups = [form for form in self.forms if not self._has_narrower(form)]
        self.days = dates(snapshot, today)

    def result(self) -> Coverage:
        topics = tuple(self.topics())
        questions = self.untested()
        places = tuple(self.places())
        now = {place.id: place.on[self.today] for place in places if self.today in place.on}
        rates, rate_holes = self.rates()
        holes = [
            *(Hole("topic", t.id, "no answer") for t in topics if self._is_empty(t)),
            *questions,
            *_place_holes(now),
            *self.timeline_holes(),
            *rate_holes,
        ]
        return Coverage(
            self.today,
            topics,
            tuple(self.audiences(topics, now)),
            tuple(self.date_line(day, rates[day], places) for day in self.days),
            places,
            tuple(timelines(self.snapshot)),
            tuple(sorted(holes, key=lambda h: (h.declared, h.kind, h.subject))),
        )

    # -- topics and audiences -----------------------------------------------------------
    def topics(self) -> Iterator[TopicLine]:
        asked, phrasings = asked_counts(self.tests), phrasing_counts(self.base)
        weak = {one.topic for one in thin(asked, phrasings)}
        for id_, topic in self.base.topics.items():
            models = [a.model for a in self.base.answers.values() if a.model.topic == id_]
            audiences = {model.audience for model in models}
            for model in models:
                audiences |= self.used[model.id].forms
                audiences |= {group for _, group in self.used[model.id].values}
            yield TopicLine(
                id=id_,
                name=topic.model.name,
                answers=sum(model.visibility == "citizen" for model in models),
                staff_answers=sum(model.visibility == "staff" for model in models),
                phrasings=phrasings[id_],
                test_questions=sum(self.questions(id_, model.id) for model in models),
                asked=asked[id_],
                thin=id_ in weak,
                audiences=tuple(sorted(audiences - {""})),
                places=tuple(sorted({m.place for m in models} - {"national"})),
            )

    def questions(self, topic: str, answer: str) -> int:
        """How many test questions must reach an answer."""
        path = self.tests / topic / f"{answer}.yaml" if self.tests else None
        if path is None or not path.is_file():
            return 0
        data = read(path.read_bytes()).data
        return len(data.get("questions", [])) if isinstance(data, dict) else 0

    def untested(self) -> Iterator[Hole]:
        if self.tests is None:
            return
        for answer in self.base.answers.values():
            if not self.questions(answer.model.topic, answer.id):
                yield Hole("untested", answer.id, "no test questions")

    def audiences(
        self, topics: Iterable[TopicLine], now: dict[str, dict[str, str]]
    ) -> Iterator[AudienceLine]:
        lines = list(topics)
        for id_, audience in self.base.audiences.items():
            states = [places[id_] for places in now.values() if id_ in places]
            yield AudienceLine(
                id_,
                audience.model.name,
                tuple(line.id for line in lines if id_ in line.audiences),
                *(states.count(state) for state in ("known", "unknown", "missing")),
            )

    # -- dates --------------------------------------------------------------------------
    def date_line(self, day: date, rates: int, places: Sequence[PlaceLine]) -> DateLine:
        known_on = max(day, self.today)
        stated = declared = silent = 0
        for value in self.snapshot.values.values():
            rows = [row for row in value.rows if row.standing == "in_force"]
            held = [row for row in rows if holds(row, day) and self.snapshot.known(row, known_on)]
            stated += any(row.known == "yes" for row in held)
            declared += bool(held) and all(row.known == "no" for row in held)
            silent += not held
        states = [s for place in places for s in place.on.get(day, {}).values()]
        counts = (states.count(state) for state in ("known", "unknown", "missing"))
        return DateLine(day, stated, declared, silent, rates, len(self.rated), *counts)

    def rates(self) -> tuple[dict[date, int], list[Hole]]:
        """How many contributions can be told on each date, and those that got lost on the way."""
        told = dict.fromkeys(self.days, 0)
        holes: dict[tuple[str, str], Hole] = {}
        for name in self.rated:
            begun = False
            for day in self.days:
                reason, text = self.rate(name, day)
                told[day] += not reason
                begun = begun or not reason
                # Before the first rate there was none to tell; today there must be one.
                expected = begun or reason == "hole" or day == self.today
                if reason and expected and day <= self.today:
                    hole = Hole("rate", name, f"from {day}: {text}", declared=reason == "hole")
                    holes.setdefault((name, text), hole)
        return told, list(holes.values())

    def rate(self, name: str, day: date) -> tuple[str, str]:
        """Why a contribution cannot be told for a day, and for want of what; "" when it can."""
        known_on = max(day, self.today)
        try:
            if name == "household()":
                calculate.household(self.snapshot, 1, _YEAR, day, known_on)
            elif name == "voluntary()":
                calculate.voluntary(self.snapshot, None, 1, "", day, known_on, None)
            else:
                calculate.contribution(self.snapshot, name, _YEAR, day, known_on)
        except NoFigure as error:
            return error.missing.reason, f"no figure for {error.missing.value_id}"
        return "", ""

    # -- places -------------------------------------------------------------------------
    def places(self) -> Iterator[PlaceLine]:
        for id_, place in sorted(self.snapshot.places.items()):
            first = place.exists_from or date.min
            last = place.exists_to or date.max
            days = {day for day in (*self.days, self.today) if first <= day <= last}
            yield PlaceLine(id_, place.name, {day: self.place_on(id_, day) for day in sorted(days)})

    def place_on(self, place: str, day: date) -> dict[str, str]:
        """What a place says for each group on a day."""
        found = {}
        for group in self.groups:
            support = self.snapshot.support(place, group, day, max(day, self.today))
            if support.row is None:
                found[group] = "missing"
            else:
                found[group] = "unknown" if support.share is None else "known"
        return found

    # -- timelines ----------------------------------------------------------------------
    def timeline_holes(self) -> Iterator[Hole]:
        users = users_of(self.used)
        for id_, value in sorted(self.snapshot.values.items()):
            yield from _gap_holes(id_, value.rows)
            yield from _declared(id_, value.rows, self.today)
            if id_ in users:
                yield from _ended(id_, value.rows, self.today, users[id_])
        for id_, place in sorted(self.snapshot.places.items()):
            yield from _gap_holes(id_, place.support)

    def _has_narrower(self, audience: str) -> bool:
        """True when another form is for a part of this audience: pupil, of hssv."""
        return any(
            audience in self.snapshot.lineage(other) for other in self.forms if other != audience
        )

    @staticmethod
    def _is_empty(topic: TopicLine) -> bool:
        return topic.id not in WITHOUT_ANSWERS and not topic.answers + topic.staff_answers


def dates(snapshot: Snapshot, today: date) -> list[date]:
    """Today, and every day from 2018 on which a row of some value begins or has just ended."""
    days = {today}
    for value_id in snapshot.values:
        days.update(snapshot.boundaries(value_id, SINCE, today))
        # Later days only where something is announced or already decided to begin.
        days |= {row.starts for row in snapshot.values[value_id].rows if row.starts > today}
    return sorted(days)


def timelines(snapshot: Snapshot) -> Iterator[TimelineLine]:
    """The spans of every value, by audience."""
    for id_, value in sorted(snapshot.values.items()):
        for audience in sorted({row.audience for row in value.rows}):
            rows = sorted((r for r in value.rows if r.audience == audience), key=lambda r: r.starts)
            yield TimelineLine(
                id_, audience, tuple((row.starts, last_day(row), _says(row)) for row in rows)
            )


def _rows(snapshot: Snapshot, value_id: str) -> tuple[Row, ...]:
    value = snapshot.values.get(value_id)
    return value.rows if value else ()


def _says(row: Row) -> str:
    return "unknown" if row.known == "no" else row.standing


def _place_holes(now: dict[str, dict[str, str]]) -> Iterator[Hole]:
    for place, groups in sorted(now.items()):
        for state, declared in (("missing", False), ("unknown", True)):
            names = [group for group, said in groups.items() if said == state]
            if names:
                text = "says it is not known" if declared else "no row, not even an unknown one"
                yield Hole("place", place, f"{text}, for {', '.join(names)}", declared)


def _gap_holes(id_: str, rows: Sequence[Row]) -> Iterator[Hole]:
    for gap in gaps(rows):
        whom = f" for {gap.audience}" if gap.audience else ""
        yield Hole("gap", id_, f"no row{whom} from {gap.first} to {gap.last}")


def _declared(id_: str, rows: Sequence[Row], today: date) -> Iterator[Hole]:
    for row in rows:
        if row.known == "no" and row.starts <= today:
            whom = f" for {row.audience}" if row.audience else ""
            until = f" to {row.effective_to}" if isinstance(row.effective_to, date) else ""
            text = f"says it is not known{whom} from {row.starts}{until}"
            yield Hole("value", id_, text, declared=True)


def _ended(id_: str, rows: Sequence[Row], today: date, users: list[str]) -> Iterator[Hole]:
    for audience in sorted({row.audience for row in rows}):
        own = [row for row in rows if row.audience == audience and row.standing == "in_force"]
        end = max((last_day(row) or date.max for row in own), default=date.max)
        if end < today:
            whom = f" for {audience}" if audience else ""
            yield Hole("ended", id_, f"no row{whom} after {end} (used by {', '.join(users[:3])})")
