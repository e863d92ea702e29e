"""What every channel offers: verify, parse, send, and its limits.

A channel module is the only place that knows its platform's JSON. `verify` and `parse` are
pure; `send` and `typing` make one HTTP call each and raise the `SendError` that says what
the dispatcher should do next. Nothing here retries, waits or stores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from bot.models import Option, Parsed
from bot.split import shorten, units


@dataclass(frozen=True, slots=True)
class Account:
    """One Official Account or Page, with the secrets it needs.

    `secrets` maps the setting's short name ("app_secret", "page_access_token") to its value;
    it is never logged, and `repr` hides it.
    """

    channel: str
    id: str
    secrets: Mapping[str, str]
    default_place: str = ""

    def __repr__(self) -> str:
        return f"Account(channel={self.channel!r}, id={self.id!r})"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a channel allows.

    `text_length` counts UTF-16 code units, the strictest reading of the platforms' limits.
    `window` is how long after the citizen's last message a reply may still leave.
    """

    text_length: int
    window: timedelta
    #: 0 when the channel has no quick replies.
    quick_replies: int = 0
    quick_reply_title: int = 20


@dataclass(frozen=True, slots=True)
class OutPart:
    """One message as it leaves: channel-sized text and, on the last part, the choices.

    `metadata` identifies the attempt where the platform echoes it back (Messenger).
    """

    text: str
    options: tuple[Option, ...] = ()
    metadata: str = ""


def buttons(options: Sequence[Option], limits: Limits) -> list[tuple[str, Option]]:
    """Title and option of each button for some choices, at most as many as the channel shows.

    A title that must be shortened begins with its number in the text: two shortened titles may
    look the same. Where there are too many, choices that have a number in the text give way to
    those that have none (feedback, "Gặp nhân viên").
    """
    numbered = list(enumerate(options, start=1))
    extra = [pair for pair in numbered if not pair[1].answer_id]
    room = max(0, limits.quick_replies - len(extra))
    shown = [pair for pair in numbered if pair[1].answer_id][:room] + extra
    longest = limits.quick_reply_title
    return [
        (
            one.title
            if one.title and units(one.title) <= longest
            else shorten(f"{number}. {one.title}", longest),
            one,
        )
        for number, one in sorted(shown[: limits.quick_replies], key=lambda pair: pair[0])
    ]


@dataclass(frozen=True, slots=True)
class Receipt:
    """The platform accepted a part. `message_id` may be "" when it named none."""

    message_id: str
    #: True when it took the text only after the buttons had been left out.
    buttons_refused: bool = False


class Channel(Protocol):
    """One messaging platform, serving one or more accounts."""

    name: str
    limits: Limits

    @property
    def accounts(self) -> Mapping[str, Account]:
        """The accounts by id. Empty: the channel is off."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the missing settings that keep the channel off, () when it is on."""

    def verify(self, raw: bytes, headers: Mapping[str, str]) -> None:
        """Check the signature over the raw body, in constant time.

        Raises `ChannelOff` without a secret, `BadSignature` on a missing or wrong signature.
        Nothing is parsed beyond what the signature formula itself needs.
        """

    def parse(self, raw: bytes) -> Parsed:
        """Every item of a verified body. Raises `BadBody` when it is not a JSON object.

        Each item becomes exactly one `Event` or one `Ignored`, so that together they are
        what the platform reported; signals and echoes come beside an `Ignored`.
        """

    async def send(self, account: Account, user: str, part: OutPart, token: str) -> Receipt:
        """Send one part. Raises a `SendError`; returns only when the platform accepted it."""

    async def typing(self, account: Account, user: str, token: str) -> None:
        """Show that an answer is coming. Does nothing where the platform has no such call."""
