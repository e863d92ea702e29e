"""What a citizen did in one turn, and the circumstances it is answered in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from bot.models import EventKind

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, slots=True)
class Said:
    """What a citizen did in this turn, channel-neutral."""

    text: str = ""
    kind: EventKind = EventKind.TEXT
    payload: str = ""
    attachment: str = ""
    #: Names of the personal identifiers already redacted from `text`.
    redacted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where and when a turn is answered."""

    now: datetime
    #: Place id assumed when none is said ("" = none): account default or `--province`.
    place: str = ""
    #: Staff see staff-only answers too.
    staff: bool = False
    #: True where a citizen is talked to: the bot asks whether it helped, and says when it is back.
    meets: bool = False
    #: Topics an operator has switched off: their answers are withheld from citizens.
    topics_off: frozenset[str] = frozenset()

    @property
    def today(self) -> date:
        """The day of asking in Việt Nam."""
        return self.now.astimezone(VIETNAM).date()


def at_noon(day: date) -> datetime:
    """A moment on the given Vietnamese day, for `--as-of`."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=timezone(timedelta(hours=7)))
