"""What will need a person soon: ends, reviews, gaps. Alarms, never errors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy
from rapidfuzz import fuzz, process

from knowledge.check.gaps import check_gaps
from knowledge.check.law import answer_end
from knowledge.check.templates import NEEDS, Used
from knowledge.check.thin import check_thin
from knowledge.marked import Key
from knowledge.problems import Problem
from knowledge.schema import Row
from knowledge.snapshot import last_day
from knowledge.source import Base, Item
from knowledge.text import folded

EXPIRES_SOON = timedelta(days=60)
REVIEW_SOON = timedelta(days=30)
NEARLY_SAME = 97
#: No alarm names more answers than this.
SHOWN = 3
#: Topics that never have answers of their own.
WITHOUT_ANSWERS = frozenset({"out_of_domain"})
_CHUNK = 512


def check_due(
    base: Base, used: dict[str, Used], today: date, tests: Path | None
) -> Iterator[Problem]:
    """Everything that is due on `today`; `tests` is the folder of the test questions."""
    users = users_of(used)
    for value in base.values.values():
        names = users.get(value.id, [])
        ended_matters = bool(names)
        yield from _rows(value, value.model.rows, "rows", today, names, ended_matters)
    for place in base.places.values():
        if place.model.exists_to is None or place.model.exists_to >= today:
            yield from _rows(place, place.model.support, "support", today, [], True)
    for answer in base.answers.values():
        model = answer.model
        if model.kind != "record":
            yield from _end(answer, answer_end(model), today, "this answer", "effective_to")
        yield from _review(answer, model.review.review_by, today, "review", "review_by")
    yield from _nearly_same(base)
    yield from _missing(base, tests)
    yield from check_gaps(base)
    yield from check_thin(base, tests)


def users_of(used: dict[str, Used]) -> dict[str, list[str]]:
    """Value id -> the answers that look it up, in templates or through a calculation."""
    users: dict[str, list[str]] = {}
    for answer_id in sorted(used):
        ids = {value_id for value_id, _ in used[answer_id].values}
        for function in used[answer_id].functions:
            ids.update(NEEDS.get(function, ()))
        for value_id in ids:
            users.setdefault(value_id, []).append(answer_id)
    return users


def _due(item: Item[Any], text: str, *at: Key) -> Problem:
    return item.problem(text, *at, level="due")


def _rows(
    item: Item[Any],
    rows: Sequence[Row],
    field: str,
    today: date,
    users: list[str],
    ended_matters: bool,
) -> Iterator[Problem]:
    latest: dict[str, tuple[date, int]] = {}
    for index, row in enumerate(rows):
        if row.review_by and (last_day(row) is None or row.review_by <= today <= _last(row)):
            yield from _review(item, row.review_by, today, field, index, "review_by")
        if row.standing == "in_force":
            latest[row.audience] = max(latest.get(row.audience, (date.min, 0)), (row.starts, index))
    shown = [*users[:SHOWN], *([f"{len(users) - SHOWN} more"] if len(users) > SHOWN else [])]
    needed = f" (used by {', '.join(shown)})" if users else ""
    for audience, (_, index) in sorted(latest.items()):
        row = rows[index]
        what = f"row for {audience}" if audience else "row"
        ended = (last_day(row) or date.max) < today
        if row.known == "yes" and (ended_matters or not ended):
            field_ = "confirmed_until" if row.effective_to == "unknown" else "effective_to"
            at: tuple[Key, ...] = (field, index, field_)
            yield from _end(
                item, last_day(row), today, f'the last {what} of "{item.id}"{needed}', *at
            )


def _last(row: Row) -> date:
    return last_day(row) or date.max


def _end(item: Item[Any], end: date | None, today: date, what: str, *at: Key) -> Iterator[Problem]:
    if end is None or end > today + EXPIRES_SOON:
        return
    if end < today:
        yield _due(item, f"{what} ended on {end}; write what holds now", *at)
    else:
        days = (end - today).days
        yield _due(item, f"{what} ends on {end}, in {days} days; write what follows", *at)


def _review(item: Item[Any], review_by: date, today: date, *at: Key) -> Iterator[Problem]:
    if review_by < today:
        yield _due(item, f"the review was due on {review_by}; check it and set new dates", *at)
    elif review_by <= today + REVIEW_SOON:
        yield _due(item, f"the review is due on {review_by}", *at)


def _missing(base: Base, tests: Path | None) -> Iterator[Problem]:
    with_answers = {answer.model.topic for answer in base.answers.values()} | WITHOUT_ANSWERS
    for topic in base.topics.values():
        if topic.id not in with_answers:
            yield _due(topic, f'the topic "{topic.id}" has no answer')
    if tests is None or not tests.is_dir():
        return
    for answer in base.answers.values():
        name = f"{answer.model.topic}/{answer.id}.yaml"
        if not (tests / name).is_file():
            yield _due(answer, f"no test questions; write {tests.parent.name}/{tests.name}/{name}")


def _nearly_same(base: Base) -> Iterator[Problem]:
    """Phrasings of two answers that differ by a letter or by word order only.

    token_sort_ratio is the ratio of the texts with their words sorted, so words are sorted once
    and texts are compared with those of about their length: others cannot reach the cutoff.
    """
    places: dict[str, tuple[Item[Any], int, str]] = {}
    for answer in sorted(base.answers.values(), key=lambda item: item.path):
        for index, phrasing in enumerate(answer.model.phrasings):
            places.setdefault(folded(phrasing), (answer, index, phrasing))
    entries = sorted(
        ((" ".join(sorted(key.split())), key) for key in places), key=lambda entry: len(entry[0])
    )
    texts = [text for text, _ in entries]
    reach = (200 - NEARLY_SAME) / NEARLY_SAME
    for start in range(0, len(texts), _CHUNK):
        chunk = texts[start : start + _CHUNK]
        longest = len(chunk[-1]) * reach
        stop = next((i for i in range(start, len(texts)) if len(texts[i]) > longest), len(texts))
        scores = process.cdist(
            chunk,
            texts[start:stop],
            scorer=fuzz.ratio,
            score_cutoff=NEARLY_SAME,
            dtype=numpy.float32,
        )
        for row, column in numpy.argwhere(scores >= NEARLY_SAME):
            if column > row:
                pair = (places[entries[start + row][1]], places[entries[start + column][1]])
                first, second = sorted(pair, key=lambda p: (p[0].path, p[1]))
                if first[0] is not second[0]:
                    place = f"{first[0].path}:{first[0].line('phrasings', first[1])}"
                    text = f'"{second[2]}" is nearly the same as "{first[2]}" ({place})'
                    yield _due(second[0], text, "phrasings", second[1])
