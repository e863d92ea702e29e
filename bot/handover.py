"""Handing a conversation to a person: when one is there, what is promised, who answers. Pure.

The hours are those of our own staff (`handover.hours`), never the help line's. Outside them the
citizen is told when somebody will read the message; the bot goes on answering either way, until
a person takes over (`bot.store.takeovers`). After a takeover the bot's next reply says that the
assistant is back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from bot import texts
from bot.models import Conversation, Option
from bot.normalize import fold
from bot.turn import VIETNAM

#: The button that asks for a person, and what typing "có" to the offer does.
PAYLOAD = "handover"
BUTTON = Option("", "", "Gặp nhân viên", PAYLOAD)
#: `Conversation.notes` keys: the end of the last takeover that was told of, and the mark that
#: the next reply must tell of one.
TOLD = "person_until"
BACK = "bot_back"

_DAYS = ("thu hai", "thu ba", "thu tu", "thu nam", "thu sau", "thu bay", "chu nhat")
DAY_NAMES = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_DAY = re.compile(rf"\b(?:{'|'.join(_DAYS)})\b")
_SPAN = re.compile(r"(\d{1,2})[:h](\d{2})?\s*[-–]\s*(\d{1,2})[:h](\d{2})?")
_EVERY = ("", "hang ngay", "moi ngay", "ca tuan")


@dataclass(frozen=True, slots=True)
class Shift:
    """A time span that repeats on some weekdays (0 = Monday), Việt Nam time."""

    weekdays: frozenset[int]
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Hours:
    """When our own staff read chats. `text` is how it is told; no shifts: nobody does."""

    text: str = ""
    shifts: tuple[Shift, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Hours:
        """Read "07:30-11:30, 13:30-17:00 thứ Hai đến thứ Sáu; 08:00-11:30 thứ Bảy".

        Parts are separated by ";": time spans, then the weekdays they hold on (none: every
        day). "" means that no staff answer chats. Raises ValueError for anything else.
        """
        shifts = [shift for part in text.split(";") if part.strip() for shift in _part(part)]
        return cls(text.strip(), tuple(shifts))

    def open_at(self, now: datetime) -> bool:
        """True when somebody is there."""
        here = now.astimezone(VIETNAM)
        return any(
            here.weekday() in shift.weekdays and shift.start <= here.time() < shift.end
            for shift in self.shifts
        )

    def next_opening(self, now: datetime) -> datetime | None:
        """When somebody will be there next; None when nobody ever is."""
        here = now.astimezone(VIETNAM)
        starts = [
            datetime.combine(day, shift.start, VIETNAM)
            for day in (here.date() + timedelta(days=n) for n in range(8))
            for shift in self.shifts
            if day.weekday() in shift.weekdays
        ]
        return min((start for start in starts if start > here), default=None)


def promise(hours: Hours, now: datetime) -> tuple[str, ...]:
    """What a citizen who asks for a person is told, with `{hotline}` still to be filled."""
    if not hours.shifts:
        return texts.HANDED_OVER
    if hours.open_at(now):
        return tuple(line.replace("{hours}", hours.text) for line in texts.HANDED_OVER_HOURS)
    opening = hours.next_opening(now)
    when = _told(opening, now) if opening else hours.text
    return tuple(
        line.replace("{hours}", hours.text).replace("{opening}", when)
        for line in texts.HANDED_OVER_LATER
    )


def resumed(conversation: Conversation, person_until: datetime | None) -> Conversation:
    """The conversation as the bot takes it up again: a takeover that ended is to be told once.

    Args:
        person_until: until when a person held the conversation, None when nobody ever did.
    """
    if person_until is None or conversation.notes.get(TOLD) == person_until.isoformat():
        return conversation
    notes = {**conversation.notes, TOLD: person_until.isoformat(), BACK: "1"}
    return replace(conversation, notes=notes)


def _told(opening: datetime, now: datetime) -> str:
    """The moment as it is told: 07:30 hôm nay, 07:30 ngày mai (…), 07:30 thứ Hai, 23/11/2026."""
    here = now.astimezone(VIETNAM).date()
    clock = f"{opening:%H:%M}"
    if opening.date() == here:
        return f"{clock} hôm nay"
    if opening.date() == here + timedelta(days=1):
        return f"{clock} ngày mai ({_dated(opening.date())})"
    return f"{clock} {_dated(opening.date())}"


def _dated(day: date) -> str:
    return f"{DAY_NAMES[day.weekday()]}, {day:%d/%m/%Y}"


def _part(text: str) -> Sequence[Shift]:
    spans = list(_SPAN.finditer(text))
    rest = fold(_SPAN.sub(" ", text)).replace(",", " ").replace("(", " ").replace(")", " ")
    weekdays = _weekdays(" ".join(rest.split()))
    if not spans or not weekdays:
        raise ValueError(f"no time span and weekdays in {text.strip()!r}")
    found = []
    for span in spans:
        start, end = _clock(span[1], span[2]), _clock(span[3], span[4])
        if end <= start:
            raise ValueError(f"{span[0]} ends before it starts")
        found.append(Shift(weekdays, start, end))
    return found


def _clock(hours: str, minutes: str | None) -> time:
    if int(hours) == 24 and not int(minutes or 0):
        return time.max
    return time(int(hours), int(minutes or 0))


def _weekdays(text: str) -> frozenset[int]:
    if text in _EVERY:
        return frozenset(range(7))
    found: set[int] = set()
    for piece in re.split(r"\s+va\s+", text):
        days = [_DAYS.index(name) for name in _DAY.findall(piece)]
        words = set(_DAY.sub(" ", piece).split())
        if not days or words - {"den", "tu"}:
            return frozenset()
        if "den" not in words:
            found |= set(days)
        elif len(days) == 2:
            first, last = days
            found |= {n % 7 for n in range(first, (last if last >= first else last + 7) + 1)}
        else:
            return frozenset()
    return frozenset(found)
