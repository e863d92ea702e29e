"""Whatever group a citizen names without a place, no reply speaks of a place without a name."""

from __future__ import annotations

import re
from datetime import date

import pytest

from bot.answer import Asked, apply
from bot.models import Slots
from knowledge.loader import load_or_raise
from knowledge.snapshot import Snapshot

TODAY = date(2026, 11, 22)
GROUPS = ("poor", "near_poor", "ethnic_minority", "average_household", "pupil", "student")
#: "tại" with nothing behind it but punctuation, or the next part of the sentence.
BLANK = re.compile(r"\btại(?:\s*[,.;:]|\s+(?:được|không|là|có|thì)\b)", re.IGNORECASE)


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return load_or_raise()


@pytest.mark.parametrize("group", GROUPS)
def test_no_place_without_a_name(snapshot: Snapshot, group: str) -> None:
    blank = {}
    for amount in (None, 683_100):
        slots = Slots(group=group, claimed_amount=amount)
        asked = Asked(today=TODAY, slots=slots, groups=frozenset({group}))
        for answer_id in snapshot.answers:
            found = BLANK.search(apply(snapshot, answer_id, asked).text)
            if found:
                blank[answer_id] = found[0]
    assert blank == {}
