"""What a turn takes over from the ones before it: words that fade, slots, the group. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.models import Candidate, Conversation, Decision, Question, Reply, Slots
from knowledge.snapshot import Snapshot

#: Slots that a bare number can fill, when the last answer takes one of them.
COUNTS = ("months", "members", "grade", "age")
#: How much each earlier turn counts beside the one after it.
_FADE = 0.5
#: Most weight of one earlier turn, as a multiple of the turn's own.
_MOST_BEFORE = 1.2
#: Parts of `Conversation.words`; a citizen's own ";" never survives normalizing.
BETWEEN = " ; "
_MOST_CHARACTERS = 200
#: How a value of a slot is told.
_TOLD = {
    "members": "hộ {} người",
    "grade": "lớp {}",
    "age": "{} tuổi",
    "birth_month": "sinh tháng {}",
    "months": "{} tháng",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """How a turn was understood."""

    decision: Decision
    #: Slots and groups to answer with, the inherited ones included.
    slots: Slots
    groups: frozenset[str]
    #: The answer to give whatever was decided; "" leaves it to the decision.
    answer_id: str = ""
    #: `Conversation.words` after this turn.
    words: str = ""
    #: False for a question of its own: what was said before it no longer matters.
    follows: bool = False


def groups_of(slots: Slots) -> frozenset[str]:
    """The audience ids that the slot `group` holds."""
    return frozenset(slots.group.split())


def count_of(slots: Iterable[str]) -> str:
    """The slot of an answer that a bare number fills, "" when it takes none."""
    return next((name for name in slots if name in COUNTS), "")


def behind(turns: Sequence[Question], question: Question, older: Slots) -> Question:
    """The turn with the words before it, which count less the older they are; the newer wins."""
    tokens: list[str] = []
    weights: list[float] = []
    own = sum(question.weights) or float(len(question.tokens))
    for one in turns:
        weights = [weight * _FADE for weight in weights]
        before = one.weights or (1.0,) * len(one.tokens)
        # A long story before a short turn would drown it.
        fade = min(_FADE, _MOST_BEFORE * own / (sum(before) or 1.0))
        tokens += one.tokens
        weights += [weight * fade for weight in before]
    for one in reversed(turns):
        question = replace(
            question,
            audiences=question.audiences or one.audiences,
            products=question.products or one.products,
            verbs=question.verbs or one.verbs,
            numbers=question.numbers or one.numbers,
        )
    return replace(
        question,
        tokens=(*tokens, *question.tokens),
        weights=(*weights, *(question.weights or (1.0,) * len(question.tokens))),
        slots=question.slots.merged_over(older),
    )


def remember(earlier: Iterable[str], question: Question) -> str:
    """The words of the turns in hand, the newest last; the oldest go first when it gets long."""
    parts = [*earlier, question.accented]
    while len(parts) > 1 and len(BETWEEN.join(parts)) > _MOST_CHARACTERS:
        parts.pop(0)
    return BETWEEN.join(parts)[-_MOST_CHARACTERS:]


def opened(reading: Reading, conversation: Conversation) -> Conversation:
    """What a choice from the offer will be answered with; a new question ends the last answer."""
    groups = reading.groups or {reading.slots.group}
    return replace(
        conversation,
        slots=replace(reading.slots, group=" ".join(sorted(groups))),
        last_answer=conversation.last_answer if reading.follows else "",
    )


def repeats(
    snapshot: Snapshot, answer_id: str, reading: Reading, before: Conversation, after: Conversation
) -> bool:
    """True when a follow-up gets the very answer it follows: nothing it depends on has changed."""
    if not reading.follows or answer_id != before.last_answer:
        return False
    depends = {*snapshot.answers[answer_id].file.slots, "place", "period"}
    return all(getattr(before.slots, name) == getattr(after.slots, name) for name in depends)


def assumed(
    snapshot: Snapshot, answer_id: str, reading: Reading, question: Question, reply: Reply
) -> str:
    """What an answer rests on that this turn did not say: "cho hộ cận nghèo, 6 tháng tại Bắc Ninh".

    "" when everything that matters to the answer was said now. Only what the answer asks for
    counts; a place also counts when the reply is for it.
    """
    takes = set(snapshot.answers[answer_id].file.slots)
    said, kept = question.slots, reading.slots
    words: list[str] = []
    if "group" in takes and not question.audiences:
        known = [group for group in reading.groups if group in snapshot.audiences]
        # A pupil first, then of what household.
        known.sort(key=lambda group: ("hssv" not in snapshot.lineage(group), group))
        words += [snapshot.audiences[group].name for group in known]
    for name, told in _TOLD.items():
        value = getattr(kept, name)
        if name in takes and value is not None and getattr(said, name) is None:
            words.append(told.format(value))
    place = reply.province if kept.place and not said.place else ""
    return " ".join(
        [*([f"cho {', '.join(words)}"] if words else []), *([f"tại {place}"] if place else [])]
    )


def best(decision: Decision) -> Candidate | None:
    """The first candidate that nothing forbids."""
    return next((c for c in decision.candidates if not c.vetoes), None)


def same(one: Candidate | None, other: Candidate | None) -> bool:
    """True for two candidates of one answer."""
    return bool(one and other and one.answer_id == other.answer_id)


def unique(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Each answer once, where it comes first."""
    seen: dict[str, Candidate] = {}
    for candidate in candidates:
        seen.setdefault(candidate.answer_id, candidate)
    return tuple(seen.values())
