"""The knowledge base that ships with the program has no errors."""

from __future__ import annotations

from datetime import date

from knowledge.check import run_check
from knowledge.loader import SHIPPED, load_or_raise
from knowledge.problems import errors

#: The day the shipped files were last checked as a whole.
TODAY = date(2026, 11, 22)


def test_the_shipped_base_has_no_errors() -> None:
    assert [str(problem) for problem in errors(run_check(SHIPPED, TODAY))] == []


def test_the_shipped_base_loads() -> None:
    snapshot = load_or_raise()
    assert snapshot.answers
    assert len(snapshot.hash) == 64
