"""Reading what platforms write: lenient about values, strict about shape.

Both platforms document strings and send numbers, or the other way round, and their lists
of events keep growing. Every reader here therefore returns a plain value or an "absent"
mark and never raises on content, so that one odd event cannot harm its neighbours.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.errors import BadBody

#: Longest text kept of one message, in characters. Far above what a citizen can type; the
#: end is kept, because long messages are answered from their last part.
TEXT_LIMIT = 20_000

#: An id longer than this, or with blanks or control characters in it, is not an id.
_ID = re.compile(r"[!-~]{1,512}")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
#: Digits beyond which a number is kept as text: Python refuses to convert 4,300 of them,
#: and such a number would otherwise take the whole batch down with it.
_LONGEST_INT = 32
#: Times from here on are milliseconds; as seconds they would lie beyond the year 5000.
_MILLISECONDS_FROM = 100_000_000_000


def load_object(raw: bytes) -> dict[str, Any]:
    """The JSON object in a request body.

    Doubled keys: the last one counts. NaN and Infinity become null. Raises `BadBody` for
    anything but one UTF-8 JSON object, including nesting too deep to read.
    """
    try:
        value = _DECODER.decode(raw.decode("utf-8"))
    except RecursionError:
        raise BadBody("the body is nested too deeply") from None
    except ValueError:  # includes UnicodeDecodeError and JSONDecodeError
        raise BadBody("the body is not UTF-8 JSON") from None
    if not isinstance(value, dict):
        raise BadBody("the body is not a JSON object")
    return value


def _parse_int(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_INT else digits


#: `json.loads` with options would build one of these for every body.
_DECODER = json.JSONDecoder(parse_int=_parse_int, parse_constant=lambda _name: None)


def as_dict(value: object) -> dict[str, Any]:
    """The value if it is a JSON object, else {}."""
    return value if isinstance(value, dict) else {}


def as_id(value: object) -> str:
    """An id as text, "" when it is none. Whole numbers keep every digit; floats are no ids."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def as_text(value: object) -> str | None:
    """The last `TEXT_LIMIT` characters of a text, None when the value is not a text."""
    return value[-TEXT_LIMIT:] if isinstance(value, str) else None


def as_name(value: object) -> str:
    """A platform's own word (event or attachment type), "other" when it does not look so.

    Keeps counters and logs free of whatever a body may hold in that place.
    """
    return value if isinstance(value, str) and _NAME.fullmatch(value) else "other"


def as_time(value: object) -> datetime | None:
    """A platform timestamp in UTC; None when absent or unreadable.

    Takes milliseconds or seconds since 1970, as number or digits: Meta's postback page shows
    seconds as a string, everything else is in milliseconds.
    """
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 16:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not 0 < value < 10**16:
        return None
    seconds = value / 1000 if value >= _MILLISECONDS_FROM else value
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def event_key(kind: str, message_id: str, user: str, event: Mapping[str, Any]) -> str | None:
    """The key by which a redelivery is recognised (see `bot.models.Event.event_key`).

    `event` is the single item, without its envelope: a platform may batch a redelivery
    anew. None when the item is nested too deeply to be written down again.
    """
    if message_id:
        return f"{kind}:{message_id}"
    try:
        canonical = json.dumps(event, sort_keys=True)
    except RecursionError:
        return None
    digest = hashlib.sha256(canonical.encode()).hexdigest()[:16]
    stamp = event.get("timestamp")
    return f"{kind}:{user}:{as_id(stamp) or '-'}:{digest}"
