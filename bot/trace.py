"""One log line for each step of an event, all under one correlation id.

    received   a webhook call stored it         answered   a worker wrote its outcome
    attempt    a part of the reply leaves       receipt    what the platform said to it

The id derives from the event's key, so every process finds the same one without asking the
store, and a redelivery shows up under the id of the first delivery. A citizen appears as a
pseudonym. Both are keyed with BOT_SECRET_KEY: who has the logs cannot try out ids. Nothing a
citizen wrote is at hand here, which is why these lines need no filter and cost little.
"""

from __future__ import annotations

import hashlib
import secrets

from bot.models import Event
from bot.privacy import pseudonym
from bot.store.api import Closing, Delivery, Settlement
from bot.telemetry import write_line


class Trace:
    """Names events and citizens, and writes the four lines.

    Args:
        secret: keys the names; "" takes a random key, so that names differ at every start.
    """

    def __init__(self, secret: str = "") -> None:
        self._secret = secret or secrets.token_hex(16)
        # BLAKE2 takes a key of at most 64 bytes.
        self._key = hashlib.sha256(self._secret.encode()).digest()

    def name(self, channel: str, account: str, event_key: str) -> str:
        """The correlation id of an event: 16 hex digits."""
        told = f"{channel}\n{account}\n{event_key}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(told, digest_size=8, key=self._key).hexdigest()

    def name_of(self, event: Event) -> str:
        """The correlation id of an event."""
        return self.name(event.channel, event.account, event.event_key)

    def name_for(self, delivery: Delivery) -> str:
        """The correlation id of the event that a part answers."""
        key = delivery.key
        return self.name(key.channel, key.account, delivery.event_key)

    def who(self, user: str) -> str:
        """A citizen's pseudonym."""
        return pseudonym(user, self._secret)

    def received(self, event: Event) -> None:
        """The event is stored, or was stored before."""
        write_line(
            "received",
            correlation=self.name_of(event),
            channel=event.channel,
            account=event.account,
            who=self.who(event.user),
            kind=event.kind.value,
        )

    def answered(self, event: Event, closing: Closing, seconds: float) -> None:
        """The event has its outcome."""
        write_line(
            "answered",
            correlation=self.name_of(event),
            channel=event.channel,
            outcome=closing.outcome.value,
            answer_id=closing.answer_id or "",
            parts=len(closing.parts),
            seconds=round(seconds, 4),
        )

    def attempt(self, delivery: Delivery) -> None:
        """A part of the reply is about to leave."""
        write_line(
            "attempt",
            correlation=self.name_for(delivery),
            channel=delivery.key.channel,
            account=delivery.key.account,
            who=self.who(delivery.key.user),
            outbox_id=delivery.outbox_id,
            attempt=delivery.attempt,
        )

    def receipt(self, delivery: Delivery, settlement: Settlement) -> None:
        """What became of the attempt."""
        write_line(
            "receipt",
            correlation=self.name_for(delivery),
            channel=delivery.key.channel,
            outbox_id=delivery.outbox_id,
            state=settlement.state.value,
            reason=settlement.reason,
        )
