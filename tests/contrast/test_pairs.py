"""A thousand minimal pairs and more: not one of them gets a wrong answer."""

from __future__ import annotations

from collections import Counter

import pytest

from bot.commands.ask import converse
from bot.commands.common import load_desk
from bot.dialogue import Desk
from bot.models import Outcome
from tests.contrast.pairs import Asked, pairs, questions

_ASKED = list(questions())
_KINDS = {"number", "year", "negation", "audience", "product", "verb", "place"}


@pytest.fixture(scope="module")
def desk() -> Desk:
    return load_desk()


def test_there_are_a_thousand_pairs_of_every_kind() -> None:
    found = Counter(one.kind for one, _ in pairs(_ASKED))
    assert sum(found.values()) >= 1000
    assert set(found) == _KINDS


@pytest.mark.parametrize("family", sorted({one.family for one in _ASKED}))
def test_no_wrong_answer(desk: Desk, family: str) -> None:
    wrong = [
        f"{one.text}: {fault}"
        for one in _ASKED
        if one.family == family and (fault := _fault(desk, one))
    ]
    assert not wrong, "\n".join(wrong)


def _fault(desk: Desk, one: Asked) -> str:
    """What is wrong with the answer; "" when it is right, asked back or not known."""
    options = {
        "as_of": str(one.wanted.get("as_of", "2026-11-22")),
        "province": one.wanted.get("province"),
        "staff": False,
    }
    [reply], _ = converse(desk, [one.text], options)
    if reply.outcome is not Outcome.ANSWERED:
        return ""
    said = {amount.vnd for amount in reply.amounts}
    given = [reply.topic, *(topic for _, topic in reply.more)]
    topics = one.wanted.get("topics") or []
    if topics and not any(_accepted(desk, str(topic), topics) for topic in given):
        return f"answered {reply.answer_id} ({reply.topic})"
    if missing := set(one.wanted.get("amounts", [])) - said:
        return f"{reply.answer_id} lacks {sorted(missing)}, says {sorted(said)}"
    if strange := set(one.wanted.get("not_amounts", [])) & said:
        return f"{reply.answer_id} says {sorted(strange)}"
    return ""


def _accepted(desk: Desk, topic: str, wanted: list[str]) -> bool:
    known = desk.snapshot.topics
    return any(topic == one or topic in known[one].accepts for one in wanted)
