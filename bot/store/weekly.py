"""Counts of a span of time for the report: no words but those of questions without an answer.

Each count is one grouped query over the events that arrived in the span, by the index over their
arrival. What comes back is as small as the groups are few, whatever the store holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Integer, cast, func, literal_column, select

from bot.store.tables import inbox, outbox
from bot.store.tables_feedback import feedback
from bot.store.unanswered import Unanswered
from bot.store.values import from_ms, to_ms

#: Questions without an answer that are grouped: the newest so many.
MOST_QUESTIONS = 3000
_HOUR = 3_600_000
#: Việt Nam keeps UTC+7 all year.
_LOCAL_OFFSET = 7 * _HOUR
i, o, f = inbox.c, outbox.c, feedback.c


@dataclass(frozen=True, slots=True)
class Cell:
    """Events that agree in everything the report divides them by."""

    channel: str
    #: "" while it waits for its answer.
    outcome: str
    #: Of the answer that was given, "" without one.
    topic: str
    #: Name of the place that the reply was for, or id of the one asked about, "" for none.
    place: str
    n: int


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What citizens said about one answer in any of its versions."""

    answer_id: str
    good: int
    bad: int
    #: What was wrong with it, where they said so: "off", "short", "unclear".
    off: int
    short: int
    unclear: int


@dataclass(frozen=True, slots=True)
class Counted:
    """Everything the report is made of."""

    cells: Sequence[Cell]
    #: (hour since 1970 in Việt Nam time, events).
    hours: Sequence[tuple[int, int]]
    #: (answer id, how often it was given), the commonest first.
    answers: Sequence[tuple[str, int]]
    verdicts: Sequence[Verdicts]
    #: (state of a part, parts of the bot's replies).
    deliveries: Sequence[tuple[str, int]]
    not_known: Sequence[Unanswered]
    #: (outcome, events) of the span of the same length before.
    before: Sequence[tuple[str, int]]


def count(conn: Connection, first: datetime, end: datetime) -> Counted:
    """The counts from `first` up to, not including, `end`."""
    start, stop = to_ms(first), to_ms(end)
    span = _within(i.arrived_at, start, stop)
    return Counted(
        cells=_cells(conn, span),
        hours=_hours(conn, span),
        answers=_answers(conn, span),
        verdicts=_verdicts(conn, start, stop),
        deliveries=_deliveries(conn, span),
        not_known=_not_known(conn, span),
        before=_outcomes(conn, _within(i.arrived_at, start - (stop - start), start)),
    )


def _cells(conn: Connection, span: Sequence[ColumnElement[bool]]) -> list[Cell]:
    # What the reply was for; for one that is for no place in particular, what was asked about.
    said = func.nullif(i.provenance[("slots", "place")].as_string(), literal_column("''"))
    place = func.coalesce(i.provenance["place"].as_string(), said)
    rows = conn.execute(
        select(i.channel, i.outcome, i.topic, place.label("place"), func.count())
        .where(*span)
        .group_by(i.channel, i.outcome, i.topic, literal_column("4"))
    )
    return [Cell(row[0], row[1] or "", row[2] or "", row[3] or "", int(row[4])) for row in rows]


def _hours(conn: Connection, span: Sequence[ColumnElement[bool]]) -> list[tuple[int, int]]:
    # Whole numbers on both sides: both engines then divide without a rest.
    shifted = i.arrived_at + literal_column(str(_LOCAL_OFFSET), Integer)
    hour = shifted.op("/", precedence=8)(literal_column(str(_HOUR), Integer))
    rows = conn.execute(select(hour, func.count()).where(*span).group_by(literal_column("1")))
    return sorted((int(row[0]), int(row[1])) for row in rows)


def _answers(conn: Connection, span: Sequence[ColumnElement[bool]]) -> list[tuple[str, int]]:
    n = func.count().label("n")
    rows = conn.execute(
        select(i.answer_id, n)
        .where(*span, i.answer_id.is_not(None))
        .group_by(i.answer_id)
        .order_by(n.desc(), i.answer_id)
    )
    return [(row[0], int(row[1])) for row in rows]


def _verdicts(conn: Connection, start: int, stop: int) -> list[Verdicts]:
    rows = conn.execute(
        select(
            f.answer_id,
            _sum(f.verdict == "good"),
            _sum(f.verdict == "bad"),
            *(_sum(f.reason == reason) for reason in ("off", "short", "unclear")),
        )
        .where(*_within(f.at, start, stop))
        .group_by(f.answer_id)
    )
    found = [Verdicts(row[0], *(int(value) for value in row[1:])) for row in rows]
    return sorted(found, key=lambda one: (-one.bad, -one.good, one.answer_id))


def _deliveries(conn: Connection, span: Sequence[ColumnElement[bool]]) -> list[tuple[str, int]]:
    rows = conn.execute(
        select(o.state, func.count())
        .join(inbox, i.id == o.inbox_id)
        .where(*span, o.staff == "")
        .group_by(o.state)
        .order_by(o.state)
    )
    return [(row[0], int(row[1])) for row in rows]


def _not_known(conn: Connection, span: Sequence[ColumnElement[bool]]) -> list[Unanswered]:
    rows = conn.execute(
        select(i.text, i.arrived_at, i.channel)
        # Literal: the partial index is used for these very words only (`bot.store.tables`).
        .where(i.outcome == literal_column("'not_known'"), *span, i.text != "")
        .order_by(i.arrived_at.desc())
        .limit(MOST_QUESTIONS)
    )
    return [Unanswered(row.text, from_ms(row.arrived_at), row.channel) for row in rows]


def _outcomes(conn: Connection, span: Sequence[ColumnElement[bool]]) -> list[tuple[str, int]]:
    rows = conn.execute(
        select(i.outcome, func.count()).where(*span).group_by(i.outcome).order_by(i.outcome)
    )
    return [(row[0] or "", int(row[1])) for row in rows]


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(cast(condition, Integer))


def _within(column: ColumnElement[int], start: int, stop: int) -> tuple[ColumnElement[bool], ...]:
    return (column >= start, column < stop)
