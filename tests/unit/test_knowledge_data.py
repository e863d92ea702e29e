"""The shipped directives, values and places: references, dates and the national figures.

The files are read here with plain YAML and the schema classes only, so that a fault of the
loader cannot hide a fault of the data.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.schema import (
    Audience,
    Confidence,
    Directive,
    Place,
    Row,
    SupportRow,
    Value,
    parse_figure,
    parse_share,
)
from knowledge.snapshot import Found, Missing, Snapshot, last_day

FOLDER = Path(__file__).parents[2] / "knowledge"
TODAY = date(2026, 11, 21)
ONE_DAY = timedelta(days=1)


def read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506


@cache
def directives() -> dict[str, Directive]:
    files = sorted((FOLDER / "directives").glob("*.yaml"))
    return {path.stem: Directive.model_validate(read(path)) for path in files}


@cache
def values() -> dict[str, Value]:
    files = sorted((FOLDER / "values").glob("*.yaml"))
    found = [Value.model_validate(item) for path in files for item in read(path)]
    assert len({value.id for value in found}) == len(found)
    return {value.id: value for value in found}


@cache
def places() -> dict[str, Place]:
    files = sorted((FOLDER / "places").glob("*.yaml"))
    return {path.stem: Place.model_validate(read(path)) for path in files}


@cache
def snapshot() -> Snapshot:
    groups = read(FOLDER / "audiences.yaml")
    audiences = {name: Audience.model_validate(item) for name, item in groups.items()}
    return Snapshot("test", directives(), values(), places(), {}, {}, audiences)


def share(value_id: str, on: date, audience: str = "") -> str | None:
    """The share of a value as written, None when no row may be stated."""
    found = snapshot().lookup(value_id, on, max(on, TODAY), audience)
    return found.row.value if isinstance(found, Found) else None


def all_rows() -> list[tuple[str, Row]]:
    found: list[tuple[str, Row]] = [(v.id, row) for v in values().values() for row in v.rows]
    return found + [(p.id, row) for p in places().values() for row in p.support]


# --- structure


def test_ids_are_file_names() -> None:
    assert all(name == item.id for name, item in directives().items())
    assert all(name == item.id for name, item in places().items())


def test_every_reference_exists() -> None:
    known = snapshot()
    for item in directives().values():
        assert item.place == "national" or item.place in known.places, item.id
        for other in [*item.amends, *item.based_on, *(s.directive for s in item.supersedes)]:
            assert other in known.directives, (item.id, other)
    for owner, row in all_rows():
        assert row.citation.directive in known.directives, (owner, row.citation)
        assert row.audience in known.audiences or row.audience == "", (owner, row.audience)
        if isinstance(row, SupportRow) and row.continues_after_merger:
            assert row.continues_after_merger.directive in known.directives
    for place in places().values():
        if place.merger_citation:
            assert place.merger_citation.directive in known.directives


@pytest.mark.parametrize("owner", ["values", "places"])
def test_no_two_rows_hold_on_one_day(owner: str) -> None:
    groups = [(v.id, v.rows) for v in values().values()]
    if owner == "places":
        groups = [(p.id, p.support) for p in places().values()]
    for name, rows in groups:
        for a, b in combinations(rows, 2):
            if a.audience != b.audience or a.standing != b.standing:
                continue
            a_end, b_end = last_day(a) or date.max, last_day(b) or date.max
            assert a.starts > b_end or b.starts > a_end, (name, a, b)


def test_every_row_is_dated_sourced_and_parses() -> None:
    for value in values().values():
        for row in value.rows:
            if row.known == "yes":
                parse_figure(value.unit, row.value)
    for owner, row in all_rows():
        assert row.source, owner
        assert row.review_by, owner
        assert row.review_by > row.checked_on, owner
        directive = directives()[row.citation.directive]
        end = directive.effective_to
        if row.known == "yes" and isinstance(end, date) and row.standing == "in_force":
            # a figure may outlive the campaign of a letter, never a law or resolution
            assert (last_day(row) or date.max) <= end, (owner, row.citation.directive)
    for place in places().values():
        for row in place.support:
            if row.known == "yes":
                assert 0 <= parse_share(row.value) <= 1, (place.id, row)


def test_the_seed_documents_keep_their_defects() -> None:
    assert directives()["kh-bac-giang-2023"].number == ""
    assert directives()["kh-bac-giang-2023"].signed_on is None
    assert any("31/2/2018" in text for text in directives()["cv-757-an-giang"].defects)
    assert directives()["kh-binh-phuoc-2021"].number == ""
    assert any("51/2024/QH15" in text for text in directives()["kh-binh-phuoc-2021"].defects)
    assert directives()["cv-2245-2023"].signed_on == date(2023, 7, 24)


# --- values


@pytest.mark.parametrize(
    ("first", "amount"),
    [
        (date(2018, 7, 1), 1_390_000),
        (date(2019, 7, 1), 1_490_000),
        (date(2023, 7, 1), 1_800_000),
        (date(2024, 7, 1), 2_340_000),
        (date(2026, 7, 1), 2_530_000),
    ],
)
def test_base_salary_on_its_boundary_days(first: date, amount: int) -> None:
    before = snapshot().lookup("base_salary", first - ONE_DAY, TODAY)
    found = snapshot().lookup("base_salary", first, TODAY)
    assert isinstance(found, Found)
    assert found.figure == amount
    if first == date(2018, 7, 1):
        assert isinstance(before, Missing)
    else:
        assert isinstance(before, Found)
        assert before.figure != amount


def test_no_day_since_the_table_begins_lacks_what_a_contribution_needs() -> None:
    day = date(2018, 7, 1)
    while day <= TODAY:
        for value_id in ("base_salary", "contribution_rate", "household_step_5"):
            assert share(value_id, day), (value_id, day)
        assert share("national_support", day, "hssv"), day
        day += ONE_DAY


@pytest.mark.parametrize(
    ("audience", "before", "after"),
    [
        ("hssv", "30%", "50%"),
        ("pupil", "30%", "50%"),
        ("near_poor", "70%", "70%"),
        ("near_poor_poor_commune", "70%", "100%"),
        ("average_household", "30%", "30%"),
        ("ethnic_left_hard_area", "70%", "70%"),
        ("poor", "100%", "100%"),
        ("ethnic_hard_area", "100%", "100%"),
        ("hard_area_resident", "100%", "100%"),
        ("under6", "100%", "100%"),
        ("household", None, None),
    ],
)
def test_national_support_changes_on_the_first_of_july_2025(
    audience: str, before: str | None, after: str | None
) -> None:
    assert share("national_support", date(2025, 6, 30), audience) == before
    assert share("national_support", date(2025, 7, 1), audience) == after
    assert share("national_support", TODAY, audience) == after


def test_the_new_decree_reaches_back_to_its_applied_day() -> None:
    for owner, row in all_rows():
        if row.citation.directive == "nd-188-2025" and row.effective_from == date(2025, 8, 15):
            assert row.starts in (date(2025, 7, 1), date(2025, 8, 15)), owner


def test_school_health_has_its_gap() -> None:
    assert share("school_health_share", date(2025, 6, 30)) == "5%"
    assert share("school_health_share", date(2025, 7, 1)) is None
    assert share("school_health_share", date(2025, 8, 14)) is None
    assert share("school_health_share", date(2025, 8, 15)) == "5%"


def test_waiting_and_breaks() -> None:
    assert share("waiting_days", TODAY) == "30"
    assert share("break_days", date(2025, 6, 30)) is None
    assert share("break_months", date(2025, 6, 30)) == "3"
    assert share("break_days", date(2025, 7, 1)) == "90"
    assert share("break_months", date(2025, 7, 1)) is None
    assert share("five_year_break_days", TODAY) == "90"


@pytest.mark.parametrize(
    ("audience", "end_2025", "start_2026"),
    [
        ("hssv", "80%", "80%"),
        ("household", "80%", "80%"),
        ("near_poor", "95%", "100%"),
        ("near_poor_poor_commune", "95%", "100%"),
        ("pension75", "80%", "100%"),
        ("poor", "100%", "100%"),
        ("ethnic_left_hard_area", "95%", "95%"),
        ("merit_relatives", None, None),
    ],
)
def test_benefit_levels_at_new_year_2026(
    audience: str, end_2025: str | None, start_2026: str | None
) -> None:
    assert share("benefit_level", date(2025, 12, 31), audience) == end_2025
    assert share("benefit_level", date(2026, 1, 1), audience) == start_2026


def test_self_referred_outpatients_since_july_2026() -> None:
    assert share("outpatient_self_referred", date(2026, 6, 30)) == "0%"
    assert share("outpatient_self_referred", date(2026, 7, 1)) == "50%"


@pytest.mark.parametrize(
    ("audience", "before", "after"),
    [("poor", "30%", "50%"), ("near_poor", "25%", "40%"), ("", "10%", "20%")],
)
def test_voluntary_support(audience: str, before: str, after: str) -> None:
    assert share("voluntary_support", date(2025, 6, 30), audience) == before
    assert share("voluntary_support", date(2025, 7, 1), audience) == after


def test_ethnic_minorities_get_thirty_percent_of_voluntary_bhxh() -> None:
    assert share("voluntary_support", TODAY, "ethnic_hard_area") == "30%"
    assert share("voluntary_support", TODAY, "ethnic_left_hard_area") == "30%"


def test_announced_figures_are_never_found() -> None:
    line = snapshot().lookup("rural_poverty_line", date(2027, 1, 1), TODAY)
    assert isinstance(line, Missing)
    assert line.coming is not None
    assert line.coming.value == "2200000"
    assert share("rural_poverty_line", date(2026, 12, 31)) == "1500000"
    rate = snapshot().lookup("contribution_rate", date(2027, 1, 1), TODAY)
    assert isinstance(rate, Found)
    assert rate.row.value == "4,5%"


@pytest.mark.parametrize("name", ["fine_not_joining_min", "fine_not_joining_max"])
def test_the_old_fine_is_not_stated_today(name: str) -> None:
    assert share(name, date(2026, 5, 14)) is not None
    today = snapshot().lookup(name, TODAY, TODAY)
    assert isinstance(today, Missing)
    assert today.reason == "hole"


@pytest.mark.parametrize("name", ["hotline_price", "hotline_hours"])
def test_what_nobody_confirmed_is_an_explicit_hole(name: str) -> None:
    assert isinstance(snapshot().lookup(name, TODAY, TODAY), Missing)


def test_the_hotline_comes_from_the_seed() -> None:
    found = snapshot().lookup("hotline", TODAY, TODAY)
    assert isinstance(found, Found)
    assert found.row.value == "1900.9068"
    assert found.row.confidence is Confidence.DIRECTIVE
