"""Off switches: a channel, one account of it, or one topic, on every node within seconds.

The store holds what is off; each process looks every few seconds and keeps the last known
state while the store is away. The command line and the console write through the same store
verb (`Store.set_switch`).

    zalo                        the channel: its webhook answers 503, its replies wait
    zalo:4318657068771012646    one account of it, likewise
    topic:rumor_scam            its answers are withheld; citizens are told whom to call
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from rapidfuzz import fuzz, process

from bot import log_texts
from bot.errors import BotError, StoreError
from bot.models import Ignored, Parsed
from bot.store.api import SwitchedOff

#: How often a process looks; an operator who switches something off watches it happen.
LOOK_SECONDS = 2.0
#: Under which reason events of an account that is off are counted in a body shared with others.
ACCOUNT_OFF = "account_off"
_TOPIC = "topic:"


class Switchable(Protocol):
    """The part of `bot.store.api.Store` that this module needs."""

    async def switches(self) -> tuple[SwitchedOff, ...]:
        """Everything that is off. Raises `StoreError`."""


@dataclass(frozen=True, slots=True)
class Off:
    """What is off, ready to be asked. Immutable: a new look makes a new one."""

    targets: frozenset[str] = frozenset()

    @property
    def topics(self) -> frozenset[str]:
        """Ids of the topics that are off."""
        return frozenset(t.removeprefix(_TOPIC) for t in self.targets if t.startswith(_TOPIC))

    def channel(self, channel: str) -> bool:
        """True when the whole channel is off."""
        return channel in self.targets

    def account(self, channel: str, account: str) -> bool:
        """True when the account, or its whole channel, is off."""
        return channel in self.targets or f"{channel}:{account}" in self.targets


def check_target(
    written: str, channels: Iterable[str], accounts: Collection[str], topics: Collection[str]
) -> str:
    """The target as it is stored.

    Args:
        written: what the operator typed.
        channels: names of the channels.
        accounts: known accounts as "channel:id"; an id that is not configured is refused,
            because a switch that fits nothing would be taken for one that works.
        topics: ids of the topics.

    Raises `BotError` that names the nearest known target.
    """
    target = written.strip()
    known = [*channels, *sorted(accounts), *(_TOPIC + topic for topic in sorted(topics))]
    if target in known:
        return target
    near = process.extractOne(target, known, scorer=fuzz.ratio, score_cutoff=50)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise BotError(
        f"There is no {written!r} to switch.{hint} Write a channel (zalo, messenger), one account "
        "of it (zalo:ID), or a topic (topic:ID)."
    )


class Switchboard:
    """What is off, as this process knows it.

    Args:
        store: where the switches are.
        every_seconds: how often to look.
        changed: told of every new state, for metrics.
    """

    def __init__(
        self,
        store: Switchable,
        every_seconds: float = LOOK_SECONDS,
        changed: Callable[[Off], None] = lambda _off: None,
    ) -> None:
        self._store = store
        self._every = every_seconds
        self._changed = changed
        self.off = Off()

    async def look(self) -> None:
        """Read the switches once. Raises `StoreError`; the state known before stays."""
        now = Off(frozenset(switch.target for switch in await self._store.switches()))
        if now != self.off:
            log_texts.switched(now.targets - self.off.targets, self.off.targets - now.targets)
            self.off = now
            self._changed(now)

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            with contextlib.suppress(StoreError):  # /readyz tells about the store
                await self.look()
            await asyncio.sleep(self._every)


def split_off(parsed: Parsed, off: Off) -> tuple[Parsed, int]:
    """A body without the events of accounts that are off, and how many events those were.

    Signals stay: a withdrawal or a takeover holds whether the account is on or not.
    """
    if not off.targets:
        return parsed, 0
    kept = tuple(e for e in parsed.events if not off.account(e.channel, e.account))
    gone = [e for e in parsed.events if off.account(e.channel, e.account)]
    if not gone:
        return parsed, 0
    ignored = tuple(Ignored(str(e.kind), ACCOUNT_OFF) for e in gone)
    return replace(parsed, events=kept, ignored=(*parsed.ignored, *ignored)), len(gone)
