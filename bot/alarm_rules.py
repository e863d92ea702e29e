"""What calls for an alarm, from facts to alarms. Pure: the same facts give the same alarms.

rumour         many people ask the same and no approved answer exists
expires        answers and figures that end within so many days, one alarm a date
review         what is to be looked at again by a date, one alarm a date
token          an access token that should have been renewed long since
silence        a channel from which nothing has come for so long, in the hours watched
dead_letters   parts of replies that were given up
raised         what the service itself recorded (`Store.raise_alarm`)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.alarm_spikes import spikes
from bot.handover import Hours
from bot.store.alarms import Alarm, Facts
from bot.turn import VIETNAM
from knowledge.check.law import answer_end
from knowledge.schema import Row
from knowledge.snapshot import Snapshot, last_day

#: Ends this long ago are told no more: an answer that still needs the figure says so itself.
ENDED_FOR = timedelta(days=30)
#: A token that is renewed in time is never this near its end.
TOKEN_LEFT = timedelta(minutes=30)
#: An alarm lists so many things by name, and counts the others.
LISTED = 30


@dataclass(frozen=True, slots=True)
class Rules:
    """When something is an alarm (settings `alarms.*`)."""

    spike_questions: int
    expires_days: int
    silence_minutes: float
    silence_hours: Hours


def judge(
    facts: Facts,
    snapshot: Snapshot,
    rules: Rules,
    *,
    channels: Collection[str],
    watched_since: datetime,
) -> list[Alarm]:
    """Every alarm that holds.

    Args:
        facts: what the store says; its clock is the present.
        snapshot: what is being served.
        rules: thresholds.
        channels: from which events are expected.
        watched_since: when this process began to watch; silence before it proves nothing.
    """
    found = [
        Alarm(one.key, "rumour", {"people": one.people, "questions": list(one.questions)})
        for one in spikes(facts.asked, rules.spike_questions, facts.rumours)
    ]
    found += _raised(facts)
    if facts.dead:
        found.append(Alarm("dead_letters", "dead_letters", {"n": facts.dead}))
    found += _tokens(facts)
    found += _silent(facts, rules, channels, watched_since)
    today = facts.now.astimezone(VIETNAM).date()
    found += _dated(snapshot, today, timedelta(days=rules.expires_days))
    return found


def _raised(facts: Facts) -> Iterator[Alarm]:
    for channel, account, kind, times in facts.raised:
        detail = {"what": kind, "channel": channel, "account": account, "n": times}
        yield Alarm(f"raised:{kind}:{channel}:{account}"[:200], "raised", detail)


def _tokens(facts: Facts) -> Iterator[Alarm]:
    for token in facts.tokens:
        if token.expires_at <= facts.now + TOKEN_LEFT:
            detail = {
                "channel": token.channel,
                "account": token.account,
                "ends": token.expires_at.isoformat(),
                "obtained": token.obtained_at.isoformat(),
            }
            yield Alarm(f"token:{token.channel}:{token.account}"[:200], "token", detail)


def _silent(
    facts: Facts, rules: Rules, channels: Collection[str], watched_since: datetime
) -> Iterator[Alarm]:
    opened = opened_at(rules.silence_hours, facts.now)
    if not rules.silence_minutes or opened is None:
        return
    for channel in sorted(channels):
        heard = facts.last_events.get(channel)
        since = max(moment for moment in (heard, opened, watched_since) if moment is not None)
        if facts.now - since >= timedelta(minutes=rules.silence_minutes):
            detail = {"channel": channel, "since": since.isoformat(), "heard": heard is not None}
            yield Alarm(f"silence:{channel}", "silence", detail)


def opened_at(hours: Hours, now: datetime) -> datetime | None:
    """Since when the hours have been open without a break, None outside them."""
    here = now.astimezone(VIETNAM)
    found = None
    for days_back in range(8):
        day = here.date() - timedelta(days=days_back)
        until = here.time() if days_back == 0 else time.max
        start = next(
            (
                shift.start
                for shift in hours.shifts
                if day.weekday() in shift.weekdays
                and shift.start <= until
                # Days before only count when they run into the next one.
                and (until < shift.end if days_back == 0 else shift.end == time.max)
            ),
            None,
        )
        if start is None:
            return found
        found = datetime.combine(day, start, VIETNAM)
        if start != time.min:
            return found
    return found


def _dated(snapshot: Snapshot, today: date, ahead: timedelta) -> Iterator[Alarm]:
    ends: dict[date, set[str]] = defaultdict(set)
    reviews: dict[date, set[str]] = defaultdict(set)
    for id_, stored in snapshot.answers.items():
        end = answer_end(stored.file) if stored.file.kind != "record" else None
        if end is not None and end <= today + ahead:
            ends[end].add(f"answer:{id_}")
        if stored.file.review.review_by <= today + ahead:
            reviews[stored.file.review.review_by].add(f"answer:{id_}")
    rows = [(f"value:{id_}", row) for id_, value in snapshot.values.items() for row in value.rows]
    rows += [
        (f"place:{id_}", row)
        for id_, place in snapshot.places.items()
        if place.exists_to is None or place.exists_to >= today
        for row in place.support
    ]
    for item, row in _newest(rows):
        end = last_day(row)
        if end is not None and today - ENDED_FOR <= end <= today + ahead:
            ends[end].add(item)
        current = end is None or end >= today
        if row.review_by and current and row.review_by <= today + ahead:
            reviews[row.review_by].add(item)
    for kind, dates in (("expires", ends), ("review", reviews)):
        for on, items in sorted(dates.items()):
            listed = sorted(items)
            detail = {"on": on.isoformat(), "items": listed[:LISTED], "n": len(listed)}
            yield Alarm(f"{kind}:{on.isoformat()}", kind, detail)


def _newest(rows: list[tuple[str, Row]]) -> Iterator[tuple[str, Row]]:
    """Of each thing and group, the row in force that began last: what follows it is missing."""
    last: dict[tuple[str, str], Row] = {}
    for item, row in rows:
        if row.standing != "in_force" or row.known != "yes":
            continue
        before = last.get((item, row.audience))
        if before is None or before.starts < row.starts:
            last[item, row.audience] = row
    return ((item, row) for (item, _), row in last.items())
