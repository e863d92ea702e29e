"""A decision plus day, place and slots -> an `Answer` with amounts, citations and reasons.

Stages, in the order they run: choose the applied period; render the template for its first
day; cut the period where a row that was used changes, and render each part; withhold a rule
outside its dates; put opening, assumptions and sources (`answer_text`) around the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from bot import calculate, figures, texts
from bot.answer_text import (
    Asked,
    Body,
    closing,
    in_force,
    last_day,
    merge,
    no_figure,
    opening,
    outside,
    whom_to_ask,
)
from bot.calculate import NoFigure, OutOfRange
from bot.models import Amount, Answer, Option, Period
from bot.recorder import Recorder
from bot.render import first_sentence, names_in, paragraphs, render
from bot.render import prepare as prepare_template
from bot.scope import Scope
from knowledge.schema import AnswerFile, CitationRef
from knowledge.snapshot import Snapshot, StoredAnswer

__all__ = ["MAX_AMOUNTS", "MAX_TEXT", "Asked", "apply"]

#: No reply shows more parts of a long period than this; the newest are kept.
MAX_SEGMENTS = 4
#: The outside contract allows 4,000 characters and 24 amounts; the caution about personal
#: identifiers may still come behind the text.
MAX_TEXT = 3750
MAX_AMOUNTS = 24
_NOTHING = "không phải đóng"
_MONEY = re.compile(r"(?<![\d.,])(\d{1,3}(?:\.\d{3})+|\d+) đồng")


def prepare(snapshot: Snapshot) -> None:
    """Compile every reply of a snapshot ahead (a service does so before it serves)."""
    # What was rendered from the snapshot before would keep it in memory.
    apply.cache_clear()
    calculate.contribution.cache_clear()
    for stored in snapshot.answers.values():
        for source in (stored.file.reply.full, stored.file.reply.short, stored.file.reply.phone):
            if source:
                prepare_template(source)


@lru_cache(maxsize=1024)
def apply(snapshot: Snapshot, answer_id: str, asked: Asked) -> Answer:
    """The stored answer, applied. Pure: same arguments, same bytes.

    The latest results are kept: of a day's citizens most ask for the same few answers.
    Raises KeyError for an unknown answer id.
    """
    return _apply(snapshot, snapshot.answers[answer_id], asked)[0]


def _apply(snapshot: Snapshot, stored: StoredAnswer, asked: Asked) -> tuple[Answer, Recorder]:
    file = stored.file
    days = _Days(snapshot, stored, asked)
    for segments in range(MAX_SEGMENTS, 0, -1):
        record = file.kind == "record"
        body = _record(snapshot, stored, asked) if record else _rule(days, segments)
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


def _compose(snapshot: Snapshot, file: AnswerFile, asked: Asked, body: Body) -> str:
    after = closing(snapshot, file, asked, body)
    return "\n\n".join([*opening(file, asked, body), *body.blocks, *after])


def _fits(text: str) -> bool:
    return len(text) <= MAX_TEXT and len(set(_MONEY.findall(text))) <= MAX_AMOUNTS


def _own(source: str, names: Mapping[str, Any]) -> str:
    """An answer's own short or read-aloud form, "" where the derived one must do."""
    try:
        return render(source, names) if source else ""
    except (NoFigure, OutOfRange):
        return ""  # the text says it, in its own first sentence


# -- rules and how-tos ------------------------------------------------------------------
class _Days:
    """The reply for single days, each rendered once: parts of a period are cut several times."""

    def __init__(self, snapshot: Snapshot, stored: StoredAnswer, asked: Asked) -> None:
        self.snapshot, self.stored, self.asked = snapshot, stored, asked
        self._told: dict[date, tuple[list[str], bool, Recorder]] = {}

    def told(self, on: date, recorder: Recorder) -> tuple[list[str], bool]:
        """The paragraphs of a day and whether the rule is withheld, traced in `recorder`."""
        if on not in self._told:
            own = Recorder()
            rendered = _render_day(self.snapshot, self.stored, self.asked, on, own)
            self._told[on] = (*rendered, own)
        blocks, missing, own = self._told[on]
        recorder.add(own)
        return blocks, missing


def _rule(days: _Days, segments: int) -> Body:
    snapshot, stored, asked = days.snapshot, days.stored, days.asked
    parts: tuple[Period, ...] = (asked.period,)
    watched: dict[str, None] = {}
    placed = False
    while True:
        # A later part may use values that the first one did not: cut until nothing changes.
        recorder = Recorder()
        rendered = [(part, *days.told(part.first, recorder)) for part in parts]
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
        return Body(told[0][1], recorder, withheld)
    return Body(merge(told), recorder, withheld, segmented=True)


def _parts(
    snapshot: Snapshot, file: AnswerFile, asked: Asked, values: Iterable[str], place_used: bool
) -> tuple[Period, ...]:
    """The applied period, cut where a row that was used, or the rule itself, changes."""
    place = asked.place if place_used else None
    parts = calculate.segments(snapshot, tuple(values), place, asked.period)
    days = {file.effective_from} if file.kind == "rule" else set()
    end = last_day(file)
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
    if file.kind == "rule" and not in_force(file, on):
        return [outside(file, on), whom_to_ask(snapshot, asked)], True
    scope = _scope(snapshot, stored, asked, on, recorder)
    recorder.place_used |= bool(asked.place) and "place" in names_in(file.reply.full)
    try:
        blocks = paragraphs(render(file.reply.full, scope.mapping()))
    except NoFigure as error:
        return no_figure(snapshot, error.missing, asked, on), True
    except OutOfRange as error:
        return [str(error)], False
    for ref in _in_force(snapshot, file, asked.today, on):
        scope.add_citation(ref)
    recorder.weigh(file.confidence, file.source)
    return blocks, False


def _in_force(snapshot: Snapshot, file: AnswerFile, today: date, on: date) -> list[CitationRef]:
    """The answer's own citations that could be read by today, of those the ones in force on the
    day told about; all of them when none was (a howto may rest on a letter that has expired)."""
    readable, standing = [], []
    for ref in file.citations:
        directive = snapshot.directives[ref.directive]
        if directive.known_from is not None and directive.known_from > today:
            continue
        readable.append(ref)
        begun = directive.effective_from is None or directive.effective_from <= on
        if begun and (not isinstance(directive.effective_to, date) or directive.effective_to >= on):
            standing.append(ref)
    return standing or readable


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


# -- records ----------------------------------------------------------------------------
def _record(snapshot: Snapshot, stored: StoredAnswer, asked: Asked) -> Body:
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
        own = file.place if file.place in snapshot.places else ""
        slots = replace(asked.slots, period=None)
        present = replace(asked, slots=slots, place=asked.place or own)
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
    return Body(blocks, recorder, day=asked.today)


def _amounts(text: str, recorder: Recorder) -> tuple[Amount, ...]:
    """Every amount of money that stands in the text, once each, in reading order."""
    found: dict[int, Amount] = {}
    for match in _MONEY.finditer(text):
        vnd = int(match.group(1).replace(".", ""))
        label = recorder.labels.get(vnd, "Số tiền trong phép tính")
        found.setdefault(vnd, Amount(label, vnd))
    if 0 in recorder.labels and _NOTHING in text:
        found.setdefault(0, Amount(recorder.labels[0], 0))  # "không phải đóng" is 0 đồng in words
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
