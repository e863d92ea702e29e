"""A decision plus day, place and slots -> an `Answer` with amounts, citations and reasons.

Stages, in the order they run: choose the applied period; render the template for its first
day; cut the period where a row that was used changes, and render each part; withhold a rule
outside its dates; put opening, assumptions and sources around the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from bot import calculate, figures, texts
from bot.calculate import NoFigure, OutOfRange
from bot.models import Amount, Answer, Option, Period, Slots
from bot.render import first_sentence, names_in, paragraphs, render
from bot.scope import Recorder, Scope, hotline
from knowledge.schema import AnswerFile, Row
from knowledge.snapshot import Missing, Snapshot, StoredAnswer

#: No reply shows more parts of a long period than this; the newest are kept.
MAX_SEGMENTS = 4
#: The outside contract allows 4,000 characters and 24 amounts; the caution about personal
#: identifiers may still come behind the text.
MAX_TEXT = 3750
MAX_AMOUNTS = 24
_MONEY = re.compile(r"(?<![\d.,])(\d{1,3}(?:\.\d{3})+|\d+) đồng")


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


def apply(snapshot: Snapshot, answer_id: str, asked: Asked) -> Answer:
    """The stored answer, applied. Pure: same arguments, same bytes.

    Raises KeyError for an unknown answer id.
    """
    return _apply(snapshot, snapshot.answers[answer_id], asked)[0]


def _apply(snapshot: Snapshot, stored: StoredAnswer, asked: Asked) -> tuple[Answer, Recorder]:
    file = stored.file
    for segments in range(MAX_SEGMENTS, 0, -1):
        if file.kind == "record":
            body = _record(snapshot, stored, asked)
        else:
            body = _rule(snapshot, stored, asked, segments)
        text = _compose(snapshot, file, asked, body)
        if _fits(text) or not body.segmented:
            break
    while not _fits(text) and len(body.blocks) > 1:
        body.blocks.pop()
        text = _compose(snapshot, file, asked, body)
    recorder = body.recorder
    short = first_sentence(body.blocks[0]) if body.blocks else ""
    phone = ""
    if not body.withheld:
        names = _scope(snapshot, stored, asked, body.day or asked.period.first, recorder).mapping()
        short = _own(file.reply.short, names) or short
        phone = _own(file.reply.phone, names)
    answer = Answer(
        answer_id=file.id,
        topic=file.topic,
        version=stored.version,
        text=text,
        short=short,
        phone=phone or figures.spoken(short),
        amounts=_amounts(text, recorder),
        citations=tuple(recorder.citations.values()),
        used=tuple(recorder.used),
        withheld=body.withheld,
        follow_ups=_follow_ups(snapshot, file),
        applies=asked.period,
        province=_province(snapshot, file, asked, recorder),
    )
    return answer, recorder


def _compose(snapshot: Snapshot, file: AnswerFile, asked: Asked, body: _Body) -> str:
    closing = _closing(snapshot, file, asked, body.recorder)
    return "\n\n".join([*_opening(file, asked, body), *body.blocks, *closing])


def _fits(text: str) -> bool:
    return len(text) <= MAX_TEXT and len(set(_MONEY.findall(text))) <= MAX_AMOUNTS


def _own(source: str, names: Mapping[str, Any]) -> str:
    """An answer's own short or read-aloud form, "" where the derived one must do."""
    try:
        return render(source, names) if source else ""
    except (NoFigure, OutOfRange):
        return ""  # the text says it, in its own first sentence


@dataclass(slots=True)
class _Body:
    """The paragraphs of a reply with their trace, before opening and sources."""

    blocks: list[str]
    recorder: Recorder
    withheld: bool = False
    #: True when parts of the period are told apart, each with its dates.
    segmented: bool = False
    #: The day a record is told for, whatever period was asked about.
    day: date | None = None


# -- rules and how-tos ------------------------------------------------------------------
def _rule(snapshot: Snapshot, stored: StoredAnswer, asked: Asked, segments: int) -> _Body:
    parts: tuple[Period, ...] = (asked.period,)
    watched: dict[str, None] = {}
    placed = False
    while True:
        # A later part may use values that the first one did not: cut until nothing changes.
        recorder = Recorder()
        rendered = [
            (part, *_render_day(snapshot, stored, asked, part.first, recorder)) for part in parts
        ]
        # What was once watched stays so, else a text that chooses by date could go round for ever.
        watched.update(recorder.values)
        placed = placed or recorder.place_used
        cut = _parts(snapshot, stored.file, asked, watched, placed)[-segments:]
        if cut == parts:
            break
        parts = cut
    withheld = all(missing for _, _, missing in rendered)
    told = [(part, blocks) for part, blocks, _ in rendered]
    if parts[0].first == asked.period.first and all(b == told[0][1] for _, b in told):
        return _Body(told[0][1], recorder, withheld)
    return _Body(_merge(told), recorder, withheld, segmented=True)


def _parts(
    snapshot: Snapshot, file: AnswerFile, asked: Asked, values: Iterable[str], place_used: bool
) -> tuple[Period, ...]:
    """The applied period, cut where a row that was used, or the rule itself, changes."""
    place = asked.place if place_used else None
    parts = calculate.segments(snapshot, tuple(values), place, asked.period)
    days = {file.effective_from} if file.kind == "rule" else set()
    end = _end(file)
    if file.kind == "rule" and end:
        days.add(end + timedelta(days=1))
    for day in days:
        parts = tuple(piece for part in parts for piece in _cut(part, day))
    return parts


def _cut(part: Period, day: date) -> tuple[Period, ...]:
    if not part.first < day <= part.last:
        return (part,)
    return Period(part.first, day - timedelta(days=1)), Period(day, part.last)


def _render_day(
    snapshot: Snapshot, stored: StoredAnswer, asked: Asked, on: date, recorder: Recorder
) -> tuple[list[str], bool]:
    """The paragraphs for one day, and whether the rule had to be withheld."""
    file = stored.file
    if file.kind == "rule" and not _in_force(file, on):
        return [_outside(file, on), _ask(snapshot, asked)], True
    scope = _scope(snapshot, stored, asked, on, recorder)
    recorder.place_used |= bool(asked.place) and "place" in names_in(file.reply.full)
    try:
        blocks = paragraphs(render(file.reply.full, scope.mapping()))
    except NoFigure as error:
        return _no_figure(snapshot, error.missing, asked, on), True
    except OutOfRange as error:
        return [str(error)], False
    for ref in file.citations:
        scope.add_citation(ref)
    recorder.weigh(file.confidence, file.source)
    return blocks, False


def _scope(
    snapshot: Snapshot, stored: StoredAnswer, asked: Asked, on: date, recorder: Recorder
) -> Scope:
    return Scope(
        snapshot,
        stored,
        on=on,
        known_on=asked.today,
        slots=asked.slots,
        place=asked.place,
        groups=asked.groups,
        recorder=recorder,
    )


def _end(file: AnswerFile) -> date | None:
    """The last day a rule may be stated for, None when it has no end."""
    end = file.confirmed_until if file.effective_to == "unknown" else file.effective_to
    return end if isinstance(end, date) else None


def _in_force(file: AnswerFile, on: date) -> bool:
    end = _end(file)
    return file.effective_from <= on and (end is None or on <= end)


def _outside(file: AnswerFile, on: date) -> str:
    end = _end(file)
    until = f" đến {figures.day(end)}" if end else ""
    return texts.RULE_OUTSIDE.format(
        day=figures.day(on), first=figures.day(file.effective_from), until=until
    )


def _ask(snapshot: Snapshot, asked: Asked) -> str:
    return texts.NO_FIGURE_ASK.format(hotline=hotline(snapshot, asked.today))


def _no_figure(snapshot: Snapshot, missing: Missing, asked: Asked, on: date) -> list[str]:
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
    blocks.append(_ask(snapshot, asked))
    return blocks


def _merge(parts: list[tuple[Period, list[str]]]) -> list[str]:
    """One text for several parts of a period: shared paragraphs once, others under dates."""
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


def _dates(period: Period) -> str:
    if period.first == period.last:
        return texts.SEGMENT_DAY.format(first=figures.day(period.first))
    return texts.SEGMENT.format(first=figures.day(period.first), last=figures.day(period.last))


# -- records ----------------------------------------------------------------------------
def _record(snapshot: Snapshot, stored: StoredAnswer, asked: Asked) -> _Body:
    """What a named document said, opened with its name and date, today's rule beside it."""
    recorder = Recorder()
    file = stored.file
    directive = snapshot.directives[file.citations[0].directive]
    day = directive.signed_on or directive.published_on
    named = day is None or figures.day(day) in directive.short_name
    opening = texts.RECORD_OPEN.format(
        document=directive.short_name,
        dated="" if named or day is None else f" ({figures.day(day)})",
    )
    blocks, _ = _render_day(snapshot, stored, asked, asked.today, recorder)
    blocks = [f"{opening} {blocks[0]}" if blocks else opening, *blocks[1:]]
    if file.today and file.today != file.id:
        present = replace(asked, slots=replace(asked.slots, period=None))
        now, trace = _apply(snapshot, snapshot.answers[file.today], present)
        if now.short:
            blocks.append(texts.RECORD_TODAY.format(text=now.short))
            recorder.used.update(trace.used)
            recorder.citations.update(trace.citations)
            recorder.labels.update(trace.labels)
            for place, days in trace.dated.items():
                recorder.dated.setdefault(place, set()).update(days)
            recorder.single_sources.update(trace.single_sources)
            recorder.place_used |= trace.place_used
    return _Body(blocks, recorder, day=asked.today)


# -- around the text --------------------------------------------------------------------
def _opening(file: AnswerFile, asked: Asked, body: _Body) -> Iterable[str]:
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


def _closing(
    snapshot: Snapshot, file: AnswerFile, asked: Asked, recorder: Recorder
) -> Iterable[str]:
    if asked.period.first > asked.today and recorder.values and file.kind == "rule":
        yield texts.FUTURE.format(today=figures.day(asked.today))
    if recorder.assumptions:
        yield "\n".join(recorder.assumptions)
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


def _amounts(text: str, recorder: Recorder) -> tuple[Amount, ...]:
    """Every amount of money that stands in the text, once each, in reading order."""
    found: dict[int, Amount] = {}
    for match in _MONEY.finditer(text):
        vnd = int(match.group(1).replace(".", ""))
        label = recorder.labels.get(vnd, "Số tiền trong phép tính")
        found.setdefault(vnd, Amount(label, vnd))
    return tuple(found.values())


def _follow_ups(snapshot: Snapshot, file: AnswerFile) -> tuple[Option, ...]:
    options = []
    for answer_id in file.follow_ups:
        other = snapshot.answers.get(answer_id)
        if other and other.file.visibility == "citizen":
            options.append(Option(answer_id, other.file.topic, other.file.title))
    return tuple(options)


def _province(snapshot: Snapshot, file: AnswerFile, asked: Asked, recorder: Recorder) -> str | None:
    if file.place != "national" and file.place in snapshot.places:
        return snapshot.places[file.place].name
    if asked.place and recorder.place_used:
        return snapshot.place_on(asked.place, asked.period.first).name
    return None
