"""The words around an answer's own paragraphs: dates, withheld figures, assumptions, sources.

`answer` decides what is told for which day; this module says it. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from bot import figures, texts
from bot.calculate import tie_sentences
from bot.models import Period, Slots
from bot.recorder import Recorder
from bot.scope import hotline
from knowledge.schema import AnswerFile, Row
from knowledge.snapshot import Missing, Snapshot


@dataclass(frozen=True, slots=True)
class Asked:
    """The circumstances of one question."""

    today: date
    slots: Slots = field(default_factory=Slots)
    #: Place id, "" when none was said or configured.
    place: str = ""
    #: Audience ids the citizen named.
    groups: frozenset[str] = frozenset()

    @property
    def period(self) -> Period:
        """The applied period: what the words said, else today."""
        return self.slots.period or Period(self.today, self.today)


@dataclass(slots=True)
class Body:
    """The paragraphs of a reply with their trace, before opening and sources."""

    blocks: list[str]
    recorder: Recorder
    withheld: bool = False
    #: True when parts of the period are told apart, each with its dates.
    segmented: bool = False
    #: The day a record is told for, whatever period was asked about.
    day: date | None = None


# -- withheld ---------------------------------------------------------------------------
def last_day(file: AnswerFile) -> date | None:
    """The last day a rule may be stated for, None when it has no end."""
    end = file.confirmed_until if file.effective_to == "unknown" else file.effective_to
    return end if isinstance(end, date) else None


def in_force(file: AnswerFile, on: date) -> bool:
    """True when a rule may be stated for a day."""
    end = last_day(file)
    return file.effective_from <= on and (end is None or on <= end)


def outside(file: AnswerFile, on: date) -> str:
    """What is said of a rule on a day outside its dates."""
    end = last_day(file)
    until = f" đến {figures.day(end)}" if end else ""
    return texts.RULE_OUTSIDE.format(
        day=figures.day(on), first=figures.day(file.effective_from), until=until
    )


def whom_to_ask(snapshot: Snapshot, asked: Asked) -> str:
    """The last sentence of a reply without a confirmed figure."""
    return texts.NO_FIGURE_ASK.format(hotline=hotline(snapshot, asked.today))


def no_figure(snapshot: Snapshot, missing: Missing, asked: Asked, on: date) -> list[str]:
    """What was last valid, until when, what is announced, and whom to ask."""
    value = snapshot.values[missing.value_id]
    blocks = [texts.NO_FIGURE.format(name=value.name, day=figures.day(on))]

    def said(row: Row) -> tuple[str, str]:
        directive = snapshot.directives[row.citation.directive]
        return figures.from_row(row, value.unit), directive.short_name

    if missing.last:
        text, source = said(missing.last)
        end = missing.last.effective_to
        until = end if isinstance(end, date) else missing.last.confirmed_until
        if until:
            blocks.append(
                texts.NO_FIGURE_LAST.format(value=text, until=figures.day(until), source=source)
            )
    if missing.coming:
        text, source = said(missing.coming)
        blocks.append(
            texts.NO_FIGURE_COMING.format(
                value=text, since=figures.day(missing.coming.starts), source=source
            )
        )
    blocks.append(whom_to_ask(snapshot, asked))
    return blocks


# -- parts of a period ------------------------------------------------------------------
def merge(parts: list[tuple[Period, list[str]]]) -> list[str]:
    """One text for several parts of a period: shared paragraphs once, others under dates."""
    parts = _joined(parts)
    shared = set(parts[0][1]).intersection(*(blocks for _, blocks in parts[1:]))
    merged: list[str] = []
    differing_done = False
    for block in parts[0][1]:
        if block in shared:
            merged.append(block)
        elif not differing_done:
            differing_done = True
            for period, blocks in parts:
                own = [b for b in blocks if b not in shared]
                if own:
                    merged.append(f"{_dates(period)}\n" + "\n".join(own))
    if not differing_done:
        for period, blocks in parts[1:]:
            own = [b for b in blocks if b not in shared]
            if own:
                merged.append(f"{_dates(period)}\n" + "\n".join(own))
    return merged


def _joined(parts: list[tuple[Period, list[str]]]) -> list[tuple[Period, list[str]]]:
    """Neighbours that read alike become one part: a change behind the text is no news."""
    joined = parts[:1]
    for period, blocks in parts[1:]:
        before, same = joined[-1]
        if blocks == same:
            joined[-1] = (Period(before.first, period.last), same)
        else:
            joined.append((period, blocks))
    return joined


def _dates(period: Period) -> str:
    if period.first == period.last:
        return texts.SEGMENT_DAY.format(first=figures.day(period.first))
    return texts.SEGMENT.format(first=figures.day(period.first), last=figures.day(period.last))


# -- around the text --------------------------------------------------------------------
def opening(file: AnswerFile, asked: Asked, body: Body) -> Iterable[str]:
    """Which day or period the reply is for, when it is not simply today."""
    period = asked.period
    dated = file.kind == "rule" or bool(body.recorder.values)
    if body.segmented or file.kind == "record" or not dated:
        return
    if period.first <= asked.today <= period.last:
        return
    if period.first == period.last:
        yield texts.APPLIED_DAY.format(day=figures.day(period.first))
    else:
        yield texts.APPLIED_PERIOD.format(
            first=figures.day(period.first), last=figures.day(period.last)
        )


def closing(snapshot: Snapshot, file: AnswerFile, asked: Asked, body: Body) -> Iterable[str]:
    """What stands behind the text: a reservation, the assumptions, weak sources, the sources."""
    recorder = body.recorder
    if asked.period.first > asked.today and recorder.values and file.kind == "rule":
        yield texts.FUTURE.format(today=figures.day(asked.today))
    assumed = [*tie_sentences(recorder.ties, "\n".join(body.blocks)), *recorder.assumptions]
    if assumed:
        yield "\n".join(assumed)
    if recorder.single_sources:
        yield texts.SINGLE_SOURCE.format(
            source="; ".join(recorder.single_sources), hotline=hotline(snapshot, asked.today)
        )
    sources = _sources(snapshot, recorder)
    if sources:
        yield texts.SOURCES.format(sources="; ".join(sources))


def _sources(snapshot: Snapshot, recorder: Recorder) -> list[str]:
    """One entry for each document: where in it, and from when. Vaguer places are left out."""
    places: dict[str, list[str]] = {}
    starts: dict[str, set[date]] = {}
    for directive, locator in recorder.citations:
        found = places.setdefault(directive, [])
        if not any(locator == other or other.endswith(f" {locator}") for other in found):
            found[:] = [other for other in found if not locator.endswith(f" {other}")]
            found.append(locator)
        starts.setdefault(directive, set()).update(recorder.dated.get((directive, locator), ()))
    lines = []
    for directive, locators in places.items():
        name = snapshot.directives[directive].short_name
        where = ", ".join(locator for locator in locators if locator)
        days = starts.get(directive, set())
        since = ""
        if len(days) == 1:
            since = f" (áp dụng từ {figures.day(days.pop())})"
        lines.append(f"{where} {name}{since}".strip())
    return lines
