"""What the correction pages show: the search as asked for, and who is behind its result."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bot import figures
from bot.console.context import Console
from bot.console.pages.conversation_words import citizen
from bot.correction import Kind, Subject, title_of
from bot.dialogue import VIETNAM
from bot.models import Period
from bot.store.corrections import Correction, Draft
from bot.store.corrections_found import Copied, Found, Way, find, ways
from bot.store.values import day_bounds, from_ms
from knowledge.snapshot import Snapshot

#: Lines of the table of conversations; the numbers above it count all.
SHOWN = 20
#: How far back a search looks unless told otherwise.
DAYS = 30
_ID = re.compile(r"[\w./-]{1,200}")
WAYS: Mapping[Way, tuple[str, str]] = {
    Way.OPEN: ("gửi được ngay", "good"),
    Way.PAUSED: ("chờ tài khoản kênh", "warn"),
    Way.CLOSED: ("quá hạn kênh cho gửi", "warn"),
    Way.GONE: ("đã yêu cầu xóa", ""),
}
#: The same for a line of the table.
SHORT: Mapping[Way, str] = {
    Way.OPEN: "gửi được",
    Way.PAUSED: "chờ kênh",
    Way.CLOSED: "quá hạn",
    Way.GONE: "đã xóa",
}
STATES = {
    "draft": ("bản nháp", "warn"),
    "sending": ("đang gửi", "warn"),
    "done": ("đã gửi", "good"),
    "withdrawn": ("đã bỏ", ""),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search: what was wrong, and the first and last day of the replies."""

    subject: Subject | None
    first: date
    last: date

    @classmethod
    def read(cls, data: Mapping[str, Any], snapshot: Snapshot, today: date) -> Wanted:
        """A search from a form or an address; days that cannot be are the usual ones."""
        last = min(_day(data.get("until")) or today, today)
        first = _day(data.get("since")) or last - timedelta(days=DAYS)
        answer, row = (_id(data.get(name)) for name in ("answer", "row"))
        subject = None
        if answer or row:
            kind, id_ = (Kind.ANSWER, answer) if answer else (Kind.ROW, row)
            version = str(data.get("version", ""))[:200] if answer else ""
            subject = Subject(kind, id_, version, title_of(snapshot, kind, id_))
        return cls(subject, min(first, last), last)

    def since(self) -> datetime:
        """The first moment."""
        return from_ms(day_bounds(self.first)[0])

    def until(self, today: date) -> datetime | None:
        """The moment after the last; None when that day is not over."""
        return from_ms(day_bounds(self.last)[1]) if self.last < today else None


def subject_of(data: Mapping[str, Any]) -> dict[str, str]:
    """The fields of an address that name the search again."""
    names = ("answer", "row", "version", "since", "until")
    return {name: str(data[name]) for name in names if data.get(name)}


async def result(console: Console, subject: Subject, draft: Draft | Wanted) -> dict[str, Any]:
    """Everyone who got it, counted and listed, with what each version is."""
    sql = console.store.store
    if isinstance(draft, Wanted):
        since, until = draft.since(), draft.until(console.today())
    else:
        since, until = draft.since, draft.until
    every = await sql.read(lambda conn: find(conn, subject, since, until))
    found = every.of(subject.version)
    people = found.people()
    reach = await sql.read(lambda conn: ways(conn, sql.database, people, console.windows))
    counts = Counter(reach.get(id_, Way.GONE) for id_ in people)
    stored = console.desk().snapshot.answers.get(subject.id)
    current = stored.version if stored else ""
    return {
        "total": len(people),
        "counts": {way.value: counts[way] for way in Way},
        "tiles": [(words, counts[way], kind) for way, (words, kind) in WAYS.items() if counts[way]],
        "versions": _versions(every, current) if subject.kind is Kind.ANSWER else [],
        "people": [
            {
                "id": id_,
                "name": citizen(id_),
                "at": got.at.astimezone(VIETNAM),
                "old": bool(got.version) and got.version != current,
                "way": _short(reach.get(id_, Way.GONE)),
            }
            for id_, got in list(people.items())[:SHOWN]
        ],
        "cut": max(0, len(people) - SHOWN),
        "copiers": _copiers(found.copies),
        "copies": len(found.copies),
        "more": found.more,
        "day": max((got.at for got in people.values()), default=console.clock())
        .astimezone(VIETNAM)
        .date(),
    }


def period_words(draft: Draft) -> str:
    """Which replies are meant: "từ 01/11/2026 đến 20/11/2026"."""
    first = draft.since.astimezone(VIETNAM).date()
    if draft.until is None:
        return f"từ {figures.day(first)} đến khi gửi"
    last = (draft.until - timedelta(milliseconds=1)).astimezone(VIETNAM).date()
    return figures.period(Period(first, last))


def lines(corrections: Iterable[Correction]) -> list[dict[str, Any]]:
    """The list of corrections."""
    return [
        {
            "id": one.id,
            "title": one.draft.subject.title,
            "state": STATES[one.state],
            "author": one.author,
            "at": (one.decided_at or one.created_at).astimezone(VIETNAM),
            "found": one.found,
            "draft": one.state == "draft",
        }
        for one in corrections
    ]


def _versions(found: Found, current: str) -> list[dict[str, Any]]:
    counts = Counter(one.version for one in found.replies)
    counts.update({one.version: 0 for one in found.copies if one.version not in counts})
    return [
        {"version": version, "short": version[:10], "n": n, "current": version == current}
        for version, n in counts.most_common()
    ]


def _copiers(copies: Iterable[Copied]) -> list[dict[str, Any]]:
    newest: dict[str, datetime] = {}
    counts: Counter[str] = Counter()
    for one in copies:
        newest.setdefault(one.user, one.at)
        counts[one.user] += 1
    return [
        {"name": name, "n": n, "at": newest[name].astimezone(VIETNAM)}
        for name, n in counts.most_common()
    ]


def _id(value: object) -> str:
    """An id as the knowledge gives them; "" for what cannot be one."""
    id_ = str(value or "").strip()
    return id_ if _ID.fullmatch(id_) else ""


def _short(way: Way) -> tuple[str, str]:
    return SHORT[way], WAYS[way][1]


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value or ""))
    except ValueError:
        return None
