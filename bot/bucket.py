"""How many messages one citizen may send: a token bucket, as a pure value.

Nobody is locked out by it: a refused message costs nothing, and time refills the bucket.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Bucket:
    """A citizen's token bucket: how many messages are allowed, counted at a moment."""

    tokens: float
    at: datetime

    def spend(self, at: datetime, burst: int, refill_seconds: float) -> tuple[bool, Bucket]:
        """Whether a message at `at` is allowed, and the bucket after it."""
        elapsed = max(0.0, (at - self.at).total_seconds())
        gained = elapsed / refill_seconds if refill_seconds > 0 else float(burst)
        tokens = min(float(burst), self.tokens + gained)
        moment = max(at, self.at)
        # A hair less than 1 counts as 1: sums of fractions are not exact.
        if tokens >= 1 - 1e-9:
            return True, Bucket(max(0.0, tokens - 1), moment)
        return False, Bucket(tokens, moment)
