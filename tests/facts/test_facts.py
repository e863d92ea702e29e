"""Every confirmed fact is answered, every unconfirmed one is not told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.commands.common import load_desk
from bot.dialogue import Desk
from tests.facts.page import PAGE, page
from tests.facts.reading import CONFIRMED, UNCONFIRMED, ask, facts

_ALL = [pytest.param(fact, id=name) for name, fact in facts()]
_ASKED = [pytest.param(fact, id=name) for name, fact in facts() if "unasked" not in fact]


@pytest.fixture(scope="module")
def desk() -> Desk:
    return load_desk()


@pytest.mark.parametrize("fact", _ALL)
def test_a_fact_is_asked_or_says_why_not(fact: Mapping[str, Any]) -> None:
    assert fact["confidence"] in CONFIRMED | UNCONFIRMED
    assert fact["says"]
    if "unasked" in fact:
        assert fact["unasked"]
        return
    held = fact.get("text") or fact.get("amounts") or fact.get("never") or fact.get("outcome")
    assert held, "a question that holds the reply to nothing proves nothing"


@pytest.mark.parametrize("fact", _ASKED)
def test_a_fact_is_answered(desk: Desk, fact: Mapping[str, Any]) -> None:
    reply = ask(desk, fact)
    wanted = fact.get("outcome", "answered")
    assert reply.outcome.value == wanted, reply.reasons
    if fact.get("answer"):
        offered = [option.answer_id for option in reply.options]
        assert fact["answer"] in ([reply.answer_id] if wanted == "answered" else offered)
    assert set(fact.get("amounts", [])) <= {amount.vnd for amount in reply.amounts}
    for part in fact.get("text", []):
        assert part in reply.text
    for part in (*fact.get("not_text", []), *fact.get("never", [])):
        assert part not in reply.text


def test_the_coverage_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m tests.facts.page"
