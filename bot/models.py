"""The nouns of the system, frozen and channel-neutral.

Reading order follows the data flow: an `Event` comes out of a webhook, a `Question` out of
its text, a `Decision` out of matching, a `Reply` out of answering, and a `Delivery` says
what became of it. Nothing here does I/O.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """How an event ended. Decided once, never changed later (contract: design section 2)."""

    ANSWERED = "answered"
    ASKED_BACK = "asked_back"
    NOT_KNOWN = "not_known"
    CHITCHAT = "chitchat"
    REFUSED_PERSONAL = "refused_personal"
    HANDED_OVER = "handed_over"
    IGNORED = "ignored"


class DeliveryState(StrEnum):
    """What became of a reply."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"
    DROPPED = "dropped"
    DEAD = "dead"


class EventKind(StrEnum):
    """What a citizen did."""

    #: Typed words; `Event.text` may be empty or blank.
    TEXT = "text"
    #: A tap on a button, quick reply or menu; `Event.payload` says which.
    TAP = "tap"
    #: Sticker, picture, voice, place, file; `Event.attachment` says which. Nothing is fetched.
    ATTACHMENT = "attachment"
    #: First contact: follow, Get Started, "Nhắn tin".
    WELCOME = "welcome"


class SignalKind(StrEnum):
    """Something that changes a conversation without asking for a reply."""

    #: A person answered, or took the thread. The bot falls silent for a while.
    TAKEOVER = "takeover"
    #: An echo from a foreign app; a takeover unless it follows a citizen's message within 3 s.
    FOREIGN_ECHO = "foreign_echo"
    #: The thread came back to the bot.
    RELEASE = "release"
    #: The citizen withdrew consent: everything about them is deleted.
    WITHDRAW = "withdraw"
    #: The citizen took one message back: the stored text of that event is emptied.
    UNSEND = "unsend"
    #: The platform refuses the account (policy enforcement): an alarm for the operator.
    ACCOUNT_ALARM = "account_alarm"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing a citizen did, verified and parsed from a webhook body."""

    channel: str
    account: str
    user: str
    #: Unique per (channel, account): kind + platform message id, or for events without an id
    #: kind + user + platform timestamp + hash of the event.
    event_key: str
    kind: EventKind
    text: str = ""
    payload: str = ""
    attachment: str = ""
    #: Platform timestamp in UTC, None when absent or unreadable. Believed only within 2 h of
    #: arrival (design section 2, invariant 4).
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """A change to one conversation that a webhook reported."""

    kind: SignalKind
    channel: str
    account: str
    user: str
    #: Message id the signal is about (UNSEND), else "".
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Echo:
    """The platform's copy of a message that this service sent: proof of delivery."""

    channel: str
    account: str
    user: str
    message_id: str
    #: What we attached on sending (Messenger `metadata`), "" where the channel has none.
    metadata: str = ""


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that gets no row, only a count (per day, channel, kind and reason)."""

    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """Everything one webhook body held. `events` keep body order."""

    events: tuple[Event, ...] = ()
    signals: tuple[Signal, ...] = ()
    echoes: tuple[Echo, ...] = ()
    ignored: tuple[Ignored, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """A closed interval of days."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"period ends before it starts: {self.first} > {self.last}")


@dataclass(frozen=True, slots=True)
class Slots:
    """The values a citizen gave, typed. None or empty means: not said.

    Money is integer đồng; `members` counts people; `months` counts months.
    """

    group: str = ""
    place: str = ""
    months: int | None = None
    members: int | None = None
    grade: int | None = None
    birth_month: int | None = None
    age: int | None = None
    income: int | None = None
    claimed_amount: int | None = None
    school_year: tuple[int, int] | None = None
    #: The day or period asked about, None when not said.
    period: Period | None = None

    def merged_over(self, older: Slots) -> Slots:
        """These slots, with gaps filled from `older` (the newer value wins)."""
        values = {
            name: getattr(self, name)
            if getattr(self, name) not in (None, "")
            else getattr(older, name)
            for name in self.__slots__
        }
        return Slots(**values)


@dataclass(frozen=True, slots=True)
class Question:
    """A citizen's words after normalizing."""

    #: As received, NFC, control characters removed, personal identifiers already redacted.
    text: str
    #: Lower case, tone and vowel marks and đ folded, shortcuts expanded, single spaces.
    folded: str
    #: Lower case NFC with accents kept where they were typed (evidence).
    accented: str
    #: Folded words for matching, bound numbers and dates as typed placeholders ("#thang").
    tokens: tuple[str, ...]
    #: How much each token takes part in matching: 1 in the clause that asks, less in the story
    #: around it, 0 in greetings. () = all 1.
    weights: tuple[float, ...] = ()
    slots: Slots = field(default_factory=Slots)
    #: Audience ids of audiences.yaml recognised in the words.
    audiences: frozenset[str] = frozenset()
    #: Products named: "bhyt", "bhxh", "bhtn".
    products: frozenset[str] = frozenset()
    #: Unbound numbers and codes (not part of any slot), for the veto.
    numbers: frozenset[str] = frozenset()
    negated: bool = False
    #: Verb senses that must not be confused, e.g. "dang_ky", "dang_nhap", "doi", "huy".
    verbs: frozenset[str] = frozenset()
    #: True when the asker typed (almost) no diacritics.
    unaccented: bool = False
    #: Set when identifiers were redacted from the text: {"CCCD", "SĐT", ...}.
    redacted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible answer with the reasons for and against it."""

    answer_id: str
    phrasing: str
    score: float
    vetoes: tuple[str, ...] = ()
    evidence: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What matching chose: answer, ask back, or not known."""

    outcome: Outcome
    #: Best first; vetoed candidates are kept for the explanation, after the others.
    candidates: tuple[Candidate, ...] = ()
    #: Calibrated probability 0..1 that the best candidate is right; 0 when nothing came near.
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Option:
    """A choice offered under a reply: typed as a number or words, or tapped."""

    answer_id: str
    topic: str
    title: str
    #: What a tap says, "" for the answer as it is: "answer:ID?months=6", "feedback:…". Without
    #: blanks, and complete in itself, so that an old button goes on working.
    payload: str = ""

    @property
    def tap(self) -> str:
        """The payload of this choice's button."""
        return self.payload or f"answer:{self.answer_id}"

    def to_list(self) -> list[str]:
        """JSON-ready; `Option(*list)` reads it back."""
        plain = [self.answer_id, self.topic, self.title]
        return [*plain, self.payload] if self.payload else plain


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of money that stands in a reply."""

    label: str
    vnd: int


@dataclass(frozen=True, slots=True)
class Citation:
    """A directive and where in it, as shown to the reader."""

    directive: str
    locator: str
    effective_from: str
    effective_to: str
    province: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A stored answer applied to one day, place and set of slots, ready to be sent."""

    answer_id: str
    topic: str
    #: Hash of the answer's source file.
    version: str
    text: str
    short: str = ""
    phone: str = ""
    amounts: tuple[Amount, ...] = ()
    citations: tuple[Citation, ...] = ()
    #: Ids of the value and place rows behind the text.
    used: tuple[str, ...] = ()
    #: True when the rule was withheld: no row was valid for the applied period.
    withheld: bool = False
    follow_ups: tuple[Option, ...] = ()
    applies: Period | None = None
    province: str | None = None


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a citizen said about one answer. `reason` is "" until they say what was wrong."""

    answer_id: str
    #: Hash of the answer's source, as it was sent.
    version: str
    #: "good" or "bad".
    verdict: str
    #: "off", "short" or "unclear".
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """One outcome with everything that is sent, shown and recorded for it."""

    outcome: Outcome
    #: Paragraph blocks; a channel splits them further to its own limits. () = stay silent.
    parts: tuple[str, ...] = ()
    #: The numbered choices of the text. One without an answer id does something else.
    options: tuple[Option, ...] = ()
    #: Further buttons, said in words in the text: never chosen by a number.
    buttons: tuple[Option, ...] = ()
    answer_id: str | None = None
    topic: str | None = None
    #: Answers of further questions in the same message.
    more: tuple[tuple[str, str], ...] = ()
    score: float = 0.0
    amounts: tuple[Amount, ...] = ()
    citations: tuple[Citation, ...] = ()
    applies: Period | None = None
    province: str | None = None
    slots: Slots = field(default_factory=Slots)
    #: answer id -> version (hash of its source).
    versions: Mapping[str, str] = field(default_factory=dict)
    used: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    #: Set with Outcome.IGNORED: why nothing was said.
    ignored_reason: str = ""
    #: What the turn said about an earlier answer.
    feedback: Feedback | None = None
    #: True when the citizen confirmed that everything about them is to be erased.
    erase: bool = False

    @property
    def text(self) -> str:
        """The full reply as sent, parts joined by a blank line."""
        return "\n\n".join(self.parts)


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is remembered between turns. Lives in the store, never in process memory."""

    #: Open offer: what a bare number or an option's words choose from.
    offer: tuple[Option, ...] = ()
    last_answer: str = ""
    slots: Slots = field(default_factory=Slots)
    #: Words of the question in hand and of the short turns after it, redacted, at most 200
    #: characters: what an elliptical turn is read behind.
    words: str = ""
    #: When the citizen last wrote; context ends 30 minutes after it.
    updated_at: datetime | None = None
    #: The day on which the caution about personal identifiers, or a similar once-a-day note,
    #: was last given: {"identifiers": "2026-11-22"}.
    notes: Mapping[str, str] = field(default_factory=dict)
    not_known_in_a_row: int = 0

    def to_json(self) -> dict[str, Any]:
        """A JSON-ready dict; `from_json` reads it back."""
        period = self.slots.period
        slots = {n: getattr(self.slots, n) for n in self.slots.__slots__ if n != "period"}
        slots["period"] = [period.first.isoformat(), period.last.isoformat()] if period else None
        return {
            "offer": [option.to_list() for option in self.offer],
            "last_answer": self.last_answer,
            "slots": slots,
            "words": self.words,
            "updated_at": self.updated_at.isoformat() if self.updated_at else None,
            "notes": dict(self.notes),
            "not_known_in_a_row": self.not_known_in_a_row,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Conversation:
        """The inverse of `to_json`; None or {} is a fresh conversation."""
        if not data:
            return cls()
        raw = dict(data["slots"])
        period = raw.pop("period", None)
        year = raw.pop("school_year", None)
        slots = Slots(
            **raw,
            school_year=(year[0], year[1]) if year else None,
            period=Period(date.fromisoformat(period[0]), date.fromisoformat(period[1]))
            if period
            else None,
        )
        return cls(
            offer=tuple(Option(*o) for o in data["offer"]),
            last_answer=data["last_answer"],
            slots=slots,
            words=data.get("words", ""),
            updated_at=datetime.fromisoformat(data["updated_at"]) if data["updated_at"] else None,
            notes=data["notes"],
            not_known_in_a_row=data["not_known_in_a_row"],
        )
