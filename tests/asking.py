"""Asking a small knowledge base for one answer, with every amount of money checked."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from bot.answer import Asked, apply
from bot.models import Answer, Period, Slots
from knowledge.snapshot import Snapshot
from tests.small_answers import ANSWERS, LAW, stored, world
from tests.small_rates import TODAY

SALARY = "Lương cơ sở là {{ v('base_salary') }}."
RULE: dict[str, Any] = {"kind": "rule", "citations": LAW}
DEFAULT = world(*ANSWERS)


def ask(
    answer_id: str = "muc-dong",
    *,
    of: Snapshot = DEFAULT,
    today: date = TODAY,
    first: str = "",
    last: str = "",
    at: str = "",
    groups: frozenset[str] = frozenset(),
    **slots: Any,
) -> Answer:
    """Apply an answer; `first` and `last` are the ISO days of the period asked about."""
    period = None
    if first:
        period = Period(date.fromisoformat(first), date.fromisoformat(last or first))
    asked = Asked(today=today, slots=Slots(period=period, **slots), place=at, groups=groups)
    answer = apply(of, answer_id, asked)
    assert money(answer.text) == {amount.vnd for amount in answer.amounts}
    assert len(answer.amounts) == len({amount.vnd for amount in answer.amounts})
    return answer


def ask_new(full: str, *, values: dict[str, Any] | None = None, **fields: Any) -> Snapshot:
    """A base whose answer "a" has this text."""
    return world(stored("a", full, **fields), values=values)


def money(text: str) -> set[int]:
    """Every whole amount of money in a text, found in another way than the program does."""
    return {
        int(word.replace(".", ""))
        for word in re.findall(r"(\S+) đồng", text)
        if re.fullmatch(r"[\d.]+", word)
    }
