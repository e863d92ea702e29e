"""Delays between attempts: doubled, half of them certain, capped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.config_schema import DeliverySettings
from bot.models import DeliveryState
from bot.store.api import ConversationKey, Delivery
from bot.telemetry import Metrics
from bot.verdicts import Verdicts

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def delay(attempt: int, chance: float) -> float | None:
    """Seconds to the next attempt with the shipped settings; None when there is none."""
    verdicts = Verdicts(DeliverySettings(), Metrics(), lambda: NOW, lambda top: top * chance)
    delivery = Delivery(
        outbox_id=1,
        attempt_id=1,
        attempt=attempt,
        key=ConversationKey("zalo", "oa", "citizen"),
        text="",
        options=(),
        window_from=NOW,
        created_at=NOW,
    )
    settlement = verdicts.again(delivery, "busy")
    if settlement.state is DeliveryState.DEAD:
        return None
    assert settlement.retry_at is not None
    return (settlement.retry_at - NOW) / timedelta(seconds=1)


@pytest.mark.parametrize(
    ("attempt", "least", "most"), [(1, 1, 2), (2, 2, 4), (6, 32, 64), (9, 150, 300), (11, 150, 300)]
)
def test_half_of_a_delay_is_certain(attempt: int, least: float, most: float) -> None:
    assert delay(attempt, 0.0) == least
    assert delay(attempt, 1.0) == most


def test_a_bad_minute_of_a_platform_never_makes_a_dead_letter() -> None:
    certain = [delay(attempt, 0.0) for attempt in range(1, DeliverySettings().max_attempts)]
    assert sum(seconds for seconds in certain if seconds is not None) > 600
    assert delay(DeliverySettings().max_attempts, 0.0) is None
