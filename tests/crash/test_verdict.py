"""The judge of the crash rounds sees what it is there to see."""

from __future__ import annotations

from types import SimpleNamespace as Row

import pytest

from tests.crash.verdict import Verdict, _delivered, _lost, _misplaced


def rows(*parts: tuple[str, str]) -> list[Row]:
    """(text, state) of parts; the text is the event's key as well."""
    return [
        Row(event_key=text, outcome="answered", part=n, state=state, text=text)
        for n, (text, state) in enumerate(parts, 1)
    ]


A, B, C = ("a", "accepted"), ("b", "accepted"), ("c", "accepted")


@pytest.mark.parametrize(
    ("sent", "received", "expected"),
    [
        ((A, B, C), "abc", (0, 0, 0)),
        ((A, B, C), "aabcc", (2, 0, 0)),
        ((A, B, C), "acb", (0, 2, 1)),
        ((A, B, C), "ab", (0, 0, 1)),
        ((A, ("b", "unknown"), C), "ac", (0, 0, 0)),
        ((A, ("b", "unknown"), C), "abc", (0, 0, 0)),
        ((A,), "", (0, 0, 1)),
        ((), "a", (0, 1, 0)),
    ],
)
def test_delivered(
    sent: tuple[tuple[str, str], ...], received: str, expected: tuple[int, int, int]
) -> None:
    duplicates, strange, missing = _delivered(rows(*sent), list(received))
    assert (duplicates, strange > 0, missing > 0) == (expected[0], expected[1] > 0, expected[2] > 0)


def test_lost_is_what_has_no_row_no_outcome_or_no_end() -> None:
    assert _lost(["a", "b"], rows(A, B)) == 0
    assert _lost(["a", "b", "c"], rows(A, B)) == 1
    assert _lost(["a", "b"], rows(A, ("b", "pending"))) == 1
    assert _lost(["a"], [Row(event_key="a", outcome=None, part=None, state=None, text=None)]) == 1
    assert _lost(["a", "b"], rows(A, ("b", "dead"))) == 0


def test_misplaced_compares_with_the_order_of_acknowledgements() -> None:
    assert _misplaced(["a", "b", "c"], rows(A, B, C)) == 0
    assert _misplaced(["b", "a", "c"], rows(A, B, C)) == 2


def test_trouble_names_what_is_wrong() -> None:
    good = Verdict(9, 9, 0, 0, 0, 0, 0, 2, 2, balanced=True)
    assert good.trouble == ""
    bad = Verdict(9, 9, 0, 0, 0, 1, 1, 3, 2, balanced=False)
    assert bad.trouble.count(";") == 3
