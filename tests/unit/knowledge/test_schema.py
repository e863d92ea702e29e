"""Conversion of scalars, and the rules inside one object."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from pydantic import ValidationError

from knowledge.schema import (
    CONFIDENCE_ORDER,
    AnswerFile,
    Confidence,
    Directive,
    Row,
    SupportRow,
    Unit,
    parse_day,
    parse_figure,
    parse_share,
)

ROW = {
    "value": "1",
    "effective_from": "2025-01-01",
    "effective_to": "open",
    "checked_on": "2026-01-01",
    "citation": {"directive": "nd-1"},
    "confidence": "verified",
    "source": "báo",
}


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("4,5%", Fraction(9, 200)),
        ("50%", Fraction(1, 2)),
        ("100 %", Fraction(1)),
        ("9/200", Fraction(9, 200)),
        (" 0% ", Fraction(0)),
    ],
)
def test_shares_are_exact(text: str, share: Fraction) -> None:
    assert parse_share(text) == share


@pytest.mark.parametrize("text", ["4.5%", "0.045", "4,5", "1/0", "-5%", "%", ""])
def test_other_shares_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write a share as"):
        parse_share(text)


def test_days() -> None:
    assert parse_day("2024-02-29") == date(2024, 2, 29)
    for text in ("1/7/2025", "2025-7-1", "20250701", ""):
        with pytest.raises(ValueError, match="YYYY-MM-DD"):
            parse_day(text)
    with pytest.raises(ValueError, match="day"):
        parse_day("2025-02-29")


@pytest.mark.parametrize(
    ("unit", "text", "figure"),
    [
        (Unit.VND, "2340000", 2340000),
        (Unit.VND_PER_MONTH, "2340000", 2340000),
        (Unit.SHARE, "4,5%", Fraction(9, 200)),
        (Unit.MONTHS, "6", 6),
        (Unit.DATE, "2025-07-01", date(2025, 7, 1)),
        (Unit.TEXT, "1900.0000", "1900.0000"),
    ],
)
def test_figures_by_unit(unit: Unit, text: str, figure: object) -> None:
    assert parse_figure(unit, text) == figure


@pytest.mark.parametrize("text", ["2.340.000", "2,5", "1e6", "0.5", ""])
def test_amounts_are_whole_numbers(text: str) -> None:
    with pytest.raises(ValueError, match="whole number"):
        parse_figure(Unit.VND, text)


def test_a_row() -> None:
    row = Row.model_validate(ROW)
    assert row.starts == date(2025, 1, 1)
    assert row.effective_to == "open"
    assert row.confidence is Confidence.VERIFIED
    assert Row.model_validate(ROW | {"applies_from": "2024-07-01"}).starts == date(2024, 7, 1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"value": ""}, "a row needs a value"),
        ({"effective_to": "unknown"}, "needs confirmed_until"),
        ({"effective_to": "2024-12-31"}, "effective_to lies before effective_from"),
        ({"effective_to": "never"}, 'or "open", or "unknown"'),
        ({"confidence": "rumour"}, "directive"),
        ({"valu": "1"}, "Extra inputs"),
        ({"value": 0.5}, "string"),
    ],
)
def test_rows_that_are_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Row.model_validate(ROW | change)


def test_a_hole_needs_neither_value_nor_confirmation() -> None:
    row = Row.model_validate(ROW | {"known": "no", "value": "", "effective_to": "unknown"})
    assert row.known == "no"


def test_a_support_row_needs_an_audience() -> None:
    with pytest.raises(ValidationError):
        SupportRow.model_validate(ROW)
    assert SupportRow.model_validate(ROW | {"audience": "hssv"}).basis == "residence"


def test_when_a_directive_could_be_known() -> None:
    plain = {
        "id": "nd-1",
        "number": "",
        "kind": "Nghị định",
        "title": "t",
        "short_name": "s",
        "issuer": "i",
        "read_at": "r",
    }
    assert Directive.model_validate(plain).known_from is None
    dated = plain | {"effective_from": "2025-07-01"}
    assert Directive.model_validate(dated).known_from == date(2025, 7, 1)
    dated |= {"published_on": "2025-06-15"}
    assert Directive.model_validate(dated).known_from == date(2025, 6, 15)
    dated |= {"signed_on": "2025-06-01"}
    assert Directive.model_validate(dated).known_from == date(2025, 6, 1)


def test_objects_are_frozen() -> None:
    row = Row.model_validate(ROW)
    with pytest.raises(ValidationError):
        row.value = "2"  # type: ignore[misc]


def test_confidence_is_ordered_strongest_first() -> None:
    assert CONFIDENCE_ORDER[0] is Confidence.DIRECTIVE
    assert CONFIDENCE_ORDER[-1] is Confidence.SINGLE_SOURCE


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": "x" * 61}, "longer than 60"),
        ({"kind": "record"}, 'a record needs "today"'),
        ({"kind": "rule", "citations": []}, "at least one citation"),
        ({"confidence": "single_source"}, "needs its source named"),
    ],
)
def test_answers_that_are_refused(change: dict[str, object], said: str) -> None:
    plain: dict[str, object] = {
        "id": "a",
        "topic": "t",
        "kind": "howto",
        "title": "Một việc",
        "phrasings": ["làm sao"],
        "effective_from": "2025-01-01",
        "citations": [{"directive": "nd-1"}],
        "reply": {"full": "x"},
        "review": {"checked_on": "2026-01-01", "review_by": "2027-01-01"},
    }
    assert AnswerFile.model_validate(plain).visibility == "citizen"
    with pytest.raises(ValidationError, match=said):
        AnswerFile.model_validate(plain | change)
