"""One channel as the sending side sees it: the channel, its tokens and its rate."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.tokens import TokenSource
from webhooks.base import Account, Channel


class TokenBucket:
    """Spreads sends under a platform's rate. Allows a second's worth at once.

    Args:
        per_second: sends in one second, in the long run.
        clock: seconds that never run backwards.
    """

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_second
        self._size = max(1.0, per_second)
        self._left = self._size
        self._clock = clock
        self._counted_at = clock()

    def reserve(self, longest: float) -> float | None:
        """Seconds until one's turn, or None (and no turn) when that is more than `longest`."""
        now = self._clock()
        self._left = min(self._size, self._left + (now - self._counted_at) * self._rate)
        self._counted_at = now
        wait = max(0.0, (1 - self._left) / self._rate)
        if wait > longest:
            return None
        self._left -= 1
        return wait


@dataclass(frozen=True, slots=True)
class Lane:
    """How parts of one channel leave.

    `rate_key` names what the platform's limit counts: the app (Zalo), or the Page.
    `shows_typing` is False where the platform has no such call.
    """

    channel: Channel
    tokens: TokenSource
    sends_per_minute: int
    rate_key: Callable[[Account], str] = lambda account: account.id
    shows_typing: bool = True
    _buckets: dict[str, TokenBucket] = field(default_factory=dict)

    def reserve(self, account: Account, longest: float) -> float | None:
        """Take the account's turn under the rate, as `TokenBucket.reserve`."""
        key = self.rate_key(account)
        if key not in self._buckets:
            self._buckets[key] = TokenBucket(self.sends_per_minute / 60)
        return self._buckets[key].reserve(longest)
