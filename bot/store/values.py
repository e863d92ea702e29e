"""Small conversions at the border between Python values and columns."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

#: Days of counts and reports begin at midnight in Việt Nam.
LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
_LOCAL_OFFSET = timedelta(hours=7)
#: A platform timestamp further from arrival than this is not believed (design section 2).
BELIEVED_MS = 2 * 3600 * 1000
#: Longest key that is stored as it is: above any platform's ids, below what PostgreSQL indexes.
KEY_LENGTH = 640


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware datetime."""
    return round(moment.timestamp() * 1000)


def to_ms_or_none(moment: datetime | None) -> int | None:
    """`to_ms`, passing None through."""
    return None if moment is None else to_ms(moment)


def from_ms(ms: int) -> datetime:
    """The UTC datetime of milliseconds since 1970."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def from_ms_or_none(ms: int | None) -> datetime | None:
    """`from_ms`, passing None through."""
    return None if ms is None else from_ms(ms)


def local_day(ms: int) -> str:
    """The day in Việt Nam, as 2026-11-22."""
    # Việt Nam keeps UTC+7 all year, and this runs for every webhook: no time zone lookup.
    return (datetime.fromtimestamp(ms / 1000, UTC) + _LOCAL_OFFSET).date().isoformat()


def day_bounds(day: date) -> tuple[int, int]:
    """First millisecond of the day in Việt Nam, and first millisecond of the next day."""
    start = datetime(day.year, day.month, day.day, tzinfo=LOCAL)
    return to_ms(start), to_ms(start + timedelta(days=1))


def storable(text: str) -> str:
    """The text without what an engine refuses: NUL is removed, a lone surrogate becomes U+FFFD."""
    if text.isascii():
        return text.replace("\x00", "") if "\x00" in text else text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        # UTF-16 joins the halves of a real pair and leaves only the lone ones to be replaced.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\x00", "") if "\x00" in text else text


def storable_key(key: str) -> str:
    """A storable key that fits an index: an over-long one keeps its start and a hash of all."""
    if key.isascii() and len(key) <= KEY_LENGTH and "\x00" not in key:
        return key  # as every platform's ids are
    key = storable(key)
    if len(key) <= KEY_LENGTH:
        return key
    return f"{key[: KEY_LENGTH - 65]}#{hashlib.sha256(key.encode()).hexdigest()}"
