"""The settlements the dispatcher can reach, each with its log line.

Only a definite refusal is sent again, after a delay that doubles and is spread at random.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot import log_texts
from bot.config_schema import DeliverySettings
from bot.models import DeliveryState
from bot.store.api import Delivery, Settlement
from bot.telemetry import Metrics


class Verdicts:
    """Builds settlements.

    Args:
        rules: the `delivery` section.
        metrics: `retries_total` is counted here.
        now: the clock, in UTC.
        jitter: a number between 0 and its argument, in seconds.
    """

    def __init__(
        self,
        rules: DeliverySettings,
        metrics: Metrics,
        now: Callable[[], datetime],
        jitter: Callable[[float], float],
    ) -> None:
        self._rules = rules
        self._metrics = metrics
        self._now = now
        self._jitter = jitter

    def later(self, wait: timedelta, reason: str) -> Settlement:
        """Put back without counting the attempt: the message itself was not refused."""
        return Settlement(DeliveryState.PENDING, reason, retry_at=self._now() + wait, counted=False)

    def again(self, delivery: Delivery, code: str) -> Settlement:
        """Put back for another attempt, or give up after too many."""
        channel, rules = delivery.key.channel, self._rules
        if delivery.attempt >= rules.max_attempts:
            return self.dead(delivery, f"max_attempts: {code}")
        # Half of it for certain, so that a platform's bad minute costs no attempt after another;
        # half by chance: refused together, the parts must not come back together.
        top = min(
            rules.retry_cap_seconds, rules.retry_base_seconds * 2 ** min(delivery.attempt - 1, 30)
        )
        retry_at = self._now() + timedelta(seconds=top / 2 + self._jitter(top / 2))
        self._metrics.retries.labels(channel).inc()
        log_texts.send_refused(channel, delivery.outbox_id, code, retry_at)
        return Settlement(DeliveryState.PENDING, code, retry_at=retry_at)

    def dead(self, delivery: Delivery, reason: str) -> Settlement:
        """Give up: a dead letter."""
        log_texts.send_dead(delivery.key.channel, delivery.outbox_id, reason)
        return Settlement(DeliveryState.DEAD, reason)

    def too_late(self, delivery: Delivery) -> Settlement:
        """Drop: the citizen may no longer be answered."""
        log_texts.send_too_late(delivery.key.channel, delivery.outbox_id)
        return Settlement(DeliveryState.DROPPED, "window_closed")

    def unknown(self, delivery: Delivery, reason: str) -> Settlement:
        """Leave open: it may have arrived, so it is never sent again by itself."""
        log_texts.send_unknown(delivery.key.channel, delivery.outbox_id, reason)
        return Settlement(DeliveryState.UNKNOWN, reason)
