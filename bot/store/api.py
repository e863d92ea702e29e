"""The store as the rest of the program sees it: small async verbs over durable rows.

One `Store` serves all roles of a process. Every verb is one transaction (or one place in a
group commit) and returns only after the commit. Rows cross this border as the frozen
dataclasses below, never as SQL.

Life of an event: `accept` writes the inbox row -> `claim` hands the open rows of one
conversation to a worker -> `close` writes outcome, conversation and outbox rows together
-> `take_delivery` hands out the next part to send, with its attempt row committed
-> `settle` records what the platform said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from bot.models import (
    Conversation,
    DeliveryState,
    Event,
    Feedback,
    Option,
    Outcome,
    Parsed,
    Signal,
)


@dataclass(frozen=True, slots=True)
class ConversationKey:
    """Who is talking to which account."""

    channel: str
    account: str
    user: str


@dataclass(frozen=True, slots=True)
class InboxEvent:
    """A stored event that awaits its outcome."""

    id: int
    event: Event
    arrived_at: datetime
    #: Names of the personal identifiers that were redacted before storing.
    redacted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """Exclusive hold on one conversation until `lease_until` (database clock)."""

    key: ConversationKey
    token: str
    lease_until: datetime
    #: Open events in order (design section 2, invariant 4).
    events: tuple[InboxEvent, ...]
    conversation: Conversation
    #: Until when a person holds the conversation, None when the bot may answer.
    taken_over_until: datetime | None = None
    #: Token bucket of this citizen: what is left, and when it was last counted.
    rate_tokens: float | None = None
    rate_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """What a worker decided for one event; written in one transaction."""

    event_id: int
    outcome: Outcome
    reason: str
    conversation: Conversation
    #: Channel-neutral parts of the reply, already cut to the channel's size, in order.
    parts: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    answer_id: str | None = None
    topic: str | None = None
    score: float = 0.0
    rate_tokens: float | None = None
    rate_at: datetime | None = None
    #: What the reply used: {"versions", "snapshot", "as_of", "place", "slots", "used"}.
    provenance: Mapping[str, Any] = field(default_factory=dict)
    #: What the citizen said about an answer in this event.
    feedback: Feedback | None = None
    #: True when everything about the citizen goes as soon as this reply has left.
    erase: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """One part that should leave now. Its attempt row is already committed."""

    outbox_id: int
    attempt_id: int
    #: 1 for the first attempt.
    attempt: int
    key: ConversationKey
    text: str
    options: tuple[Option, ...]
    #: When the citizen's event counted for the reply window.
    window_from: datetime
    created_at: datetime
    #: True when an earlier attempt was cut off by our own crash.
    after_crash: bool = False
    #: Key of the event that is answered: log lines of one event share what derives from it.
    event_key: str = ""
    #: False while the account's platform is known to refuse buttons.
    buttons: bool = True


@dataclass(frozen=True, slots=True)
class Takeover:
    """Who of our staff holds a conversation, and until when ("" = in the platform's own tool)."""

    staff: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of an attempt.

    `state` PENDING with `retry_at` puts the part back; any other state is final. When a part
    ends DEAD or DROPPED, the store drops the later parts of the same reply
    (reason "earlier_part_failed").
    """

    state: DeliveryState
    reason: str = ""
    message_id: str = ""
    retry_at: datetime | None = None
    #: False when the account, not the message, was refused: the attempt is not counted.
    counted: bool = True


@dataclass(frozen=True, slots=True)
class AccountState:
    """Pause and probe times of one account."""

    paused_until: datetime | None = None
    reason: str = ""
    pauses: int = 0


@dataclass(frozen=True, slots=True)
class TokenPair:
    """The current Zalo token pair of one account."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    obtained_at: datetime


@dataclass(frozen=True, slots=True)
class TokenAge:
    """How old an account's stored token pair is; tells nothing of the tokens themselves."""

    channel: str
    account: str
    obtained_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """One thing an operator has switched off (`bot.switches` reads the target)."""

    target: str
    at: datetime
    #: Who did it: a console user's name, "" for the command line.
    by: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What `accept` did with a webhook body."""

    stored: int
    duplicates: int


class Store(Protocol):
    """Durable rows behind the answer desk. All times are UTC, set by the database clock."""

    async def open(self) -> None:
        """Connect, migrate under a lock, clear stale claims (SQLite). Raises `StoreError`."""

    async def close(self) -> None:
        """Finish the queue and disconnect."""

    async def ping(self) -> None:
        """Raise `StoreError` when an event could not be stored right now."""

    # -- webhooks -----------------------------------------------------------------------
    async def accept(
        self, parsed: Parsed, redacted: Mapping[str, tuple[str, ...]], *, channel: str = ""
    ) -> Accepted:
        """Store every event (identifiers already redacted by the caller), count the ignored
        ones, apply signals, and match echoes to attempts, in one commit.

        `redacted` maps event_key -> names of redacted identifiers; `channel` names the channel
        for counts of bodies that hold nothing but ignored events. Events of one conversation
        inside one body are stored in platform-timestamp order. A duplicate (channel, account,
        event_key) is counted, not stored. One bad event never fails its neighbours.
        Raises `StoreError` when nothing could be committed.
        """

    # -- worker -------------------------------------------------------------------------
    async def claim(self, worker: str) -> Claim | None:
        """The conversation whose oldest open event waits longest, or None."""

    async def claim_some(self, worker: str, most: int) -> Sequence[Claim]:
        """Up to `most` conversations with one commit, as `claim` one by one; () = none."""

    async def renew(self, claim: Claim) -> None:
        """Extend the lease. Raises `ClaimLost`."""

    async def close_event(self, claim: Claim, closing: Closing, *, last: bool = False) -> None:
        """Write outcome, outbox rows and conversation together. Raises `ClaimLost`.

        `last` gives the conversation back with the same commit.
        """

    async def release(self, claim: Claim) -> None:
        """Give the conversation back."""

    async def is_open(self, key: ConversationKey) -> bool:
        """True while the conversation has an unanswered event or an unsent part."""

    # -- sender -------------------------------------------------------------------------
    async def take_deliveries(self, sender: str, most: int) -> Sequence[Delivery]:
        """Up to `most` parts with one commit, as `take_delivery` one by one; () = none."""

    async def take_delivery(self, sender: str) -> Delivery | None:
        """Commit an attempt row for the next part that may leave, and return it.

        Skips paused accounts, parts whose retry time has not come, and parts behind an
        unsettled earlier part of the same conversation.
        """

    async def settle(self, delivery: Delivery, settlement: Settlement) -> None:
        """Record what the platform said about an attempt."""

    async def account_state(self, channel: str, account: str) -> AccountState:
        """Whether the account is paused."""

    async def pause_account(self, channel: str, account: str, state: AccountState) -> None:
        """Pause the account (or clear the pause with `AccountState()`)."""

    async def replay_dead(self) -> int:
        """Put dead-lettered parts back; returns how many."""

    # -- tokens -------------------------------------------------------------------------
    async def token_pair(self, channel: str, account: str) -> TokenPair | None:
        """The stored pair, None before the first."""

    async def save_token_pair(
        self, channel: str, account: str, pair: TokenPair, *, replaces: str | None = None
    ) -> bool:
        """Commit a new pair. With `replaces`, only if the stored refresh token still is that
        one ("": only if there is none); returns False otherwise. Never stores an empty token."""

    async def lock_tokens(self, channel: str, account: str, holder: str, seconds: float) -> bool:
        """Take the refresher's lock for `seconds`; False while another holds it."""

    async def unlock_tokens(self, channel: str, account: str, holder: str) -> None:
        """Give the refresher's lock back."""

    # -- switches -----------------------------------------------------------------------
    async def set_switch(self, target: str, *, off: bool, by: str = "") -> bool:
        """Switch a target (`bot.switches`) off or on; False when it was so already."""

    async def switches(self) -> tuple[SwitchedOff, ...]:
        """Everything that is off, in the order of the targets."""

    # -- people and reports ---------------------------------------------------------------
    async def apply_signal(self, signal: Signal) -> None:
        """Apply one signal outside a webhook (command line, console)."""

    async def take_over(
        self, key: ConversationKey, staff: str, minutes: float, *, force: bool = False
    ) -> Takeover | None:
        """Let one of our staff hold the conversation for `minutes`; the bot is silent there.

        Returns who holds it now: somebody else, when they do and `force` is False. None when
        there is no such conversation. Taking it again extends the time.
        """

    async def release_conversation(self, key: ConversationKey) -> bool:
        """Let the bot answer again; its next reply says so. False when nobody held it."""

    async def staff_reply(self, key: ConversationKey, text: str, staff: str) -> int | None:
        """Send a person's message, in order behind what waits there; holds the conversation.

        The text's identifiers must be redacted by the caller. The first message of a takeover
        opens with the words that a person answers. Returns the id of its first part in the
        outbox; None when the citizen has written nothing that could still be answered.
        """

    async def feedback_totals(self, first: date, last: date) -> Sequence[Mapping[str, Any]]:
        """Verdicts of some days by answer, version, verdict and reason, with their number."""

    async def buttons_refused(self, channel: str, account: str, until: datetime) -> None:
        """Remember that the platform refuses buttons on this account, until then."""

    async def forget(self, channel: str, user: str) -> Mapping[str, int]:
        """Delete everything about one citizen; returns rows deleted by table."""

    async def ledger(self, day: date) -> Mapping[str, Any]:
        """Balancing totals of one day (UTC+7): events by outcome, replies by delivery."""

    async def gauges(self) -> Mapping[str, float]:
        """Current depths for the metrics: inbox_open, inbox_oldest_seconds, outbox_pending,
        outbox_unknown, outbox_dead."""

    async def erase_due(self) -> Mapping[str, int]:
        """Delete what citizens asked to be erased and of which nothing must leave any more;
        returns rows deleted by table."""

    async def settle_simulators(self, own: Sequence[tuple[str, str]]) -> int:
        """Settle what simulators of earlier starts left: their accounts exist no more.

        `own` lists (channel, account) of this process's simulator, remembered for the next
        start. Returns how many events and parts were settled.
        """

    async def raise_alarm(self, channel: str, account: str, kind: str) -> None:
        """Record that something needs the operator; repeats of a day are counted in one row."""

    async def token_ages(self) -> tuple[TokenAge, ...]:
        """Age of every stored token pair, for the metrics."""

    async def paused_accounts(self) -> Mapping[tuple[str, str], AccountState]:
        """Every account that rests or is being probed, by (channel, account)."""

    async def record_deletion_request(self, code: str, channel: str, app_user: str) -> None:
        """Store a data-deletion request under its confirmation code."""

    async def deletion_request(self, code: str) -> Mapping[str, Any] | None:
        """The request's state, None when unknown."""


__all__: Sequence[str] = [
    "Accepted",
    "AccountState",
    "Claim",
    "Closing",
    "ConversationKey",
    "Delivery",
    "InboxEvent",
    "Settlement",
    "Store",
    "SwitchedOff",
    "TokenAge",
    "TokenPair",
]
