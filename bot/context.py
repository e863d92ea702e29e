"""What a turn takes over from the ones before it: words that fade, slots, the group. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.models import Decision, Question, Slots

#: Slots that a bare number can fill, when the last answer takes one of them.
COUNTS = ("months", "members", "grade", "age")
#: How much each earlier turn counts beside the one after it.
_FADE = 0.5
#: Most weight of one earlier turn, as a multiple of the turn's own.
_MOST_BEFORE = 1.2
#: Parts of `Conversation.words`; a citizen's own ";" never survives normalizing.
BETWEEN = " ; "
_MOST_CHARACTERS = 200


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
