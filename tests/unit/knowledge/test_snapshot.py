"""Look-ups: which row holds on which day, for whom, where, and as known when."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from knowledge.snapshot import Found, Missing, holds, last_day, row_id

if TYPE_CHECKING:
    from tests.unit.knowledge.conftest import World

SALARY = "values/base_salary.yaml"
GENERAL = "values/general.yaml"
OLD_PLACE = "places/bac-giang.yaml"
NEW_PLACE = "places/bac-ninh.yaml"
TODAY = date(2026, 11, 22)


def figure(found: Found | Missing) -> object:
    assert isinstance(found, Found), found
    return found.figure


def missing(found: Found | Missing) -> Missing:
    assert isinstance(found, Missing), found
    return found


@pytest.mark.parametrize(
    ("on", "amount"),
    [
        (date(2023, 7, 1), 1800000),
        (date(2025, 6, 30), 1800000),
        (date(2025, 7, 1), 2340000),
        (date(2099, 1, 1), 2340000),
    ],
)
def test_first_and_last_days(world: World, on: date, amount: int) -> None:
    assert figure(world.snapshot().lookup("base_salary", on, TODAY)) == amount


def test_before_the_first_row(world: World) -> None:
    found = missing(world.snapshot().lookup("base_salary", date(2023, 6, 30), TODAY))
    assert found.reason == "not_yet"
    assert found.last is None


def test_after_the_last_row(world: World) -> None:
    world.replace(SALARY, "effective_to: open", "effective_to: 2026-06-30")
    snapshot = world.snapshot()
    assert figure(snapshot.lookup("base_salary", date(2026, 6, 30), TODAY)) == 2340000
    found = missing(snapshot.lookup("base_salary", date(2026, 7, 1), TODAY))
    assert found.reason == "expired"
    assert found.last is not None
    assert found.last.value == "2340000"


def test_a_gap_between_rows_names_the_row_before(world: World) -> None:
    world.replace(SALARY, "effective_to: 2025-06-30", "effective_to: 2025-05-31")
    world.replace("answers/hssv_rate/muc-dong.yaml", ", on='2025-06-30'", "")
    found = missing(world.snapshot().lookup("base_salary", date(2025, 6, 15), TODAY))
    assert found.reason == "expired"
    assert found.last is not None
    assert found.last.value == "1800000"


def test_a_rule_that_reaches_back(world: World) -> None:
    world.replace(SALARY, "2025-07-01\n", "2025-07-01\n    applies_from: 2025-06-01\n")
    world.replace(SALARY, "effective_to: 2025-06-30", "effective_to: 2025-05-31")
    snapshot = world.snapshot()
    assert figure(snapshot.lookup("base_salary", date(2025, 5, 31), TODAY)) == 1800000
    assert figure(snapshot.lookup("base_salary", date(2025, 6, 1), TODAY)) == 2340000


def test_an_unknown_end_holds_to_the_last_confirmed_day(world: World) -> None:
    world.replace(
        SALARY, "effective_to: open", "effective_to: unknown\n    confirmed_until: 2026-03-31"
    )
    snapshot = world.snapshot()
    assert figure(snapshot.lookup("base_salary", date(2026, 3, 31), TODAY)) == 2340000
    assert missing(snapshot.lookup("base_salary", date(2026, 4, 1), TODAY)).reason == "expired"


def test_an_announced_row_is_never_found(world: World) -> None:
    world.replace(SALARY, "effective_to: open", "effective_to: open\n    standing: announced")
    found = missing(world.snapshot().lookup("base_salary", date(2025, 7, 1), TODAY))
    assert found.reason == "expired"
    assert found.coming is not None
    assert found.coming.value == "2340000"


def test_what_was_not_signed_yet_was_not_known(world: World) -> None:
    snapshot = world.snapshot()
    # The decree of 1 June 2025 was not there to be read on 31 May.
    unread = missing(snapshot.lookup("base_salary", date(2025, 7, 1), date(2025, 5, 31)))
    assert unread.reason == "expired"
    # Signed and not yet in force: known, and told for its own days.
    read = snapshot.lookup("base_salary", date(2025, 7, 1), date(2025, 6, 1))
    assert figure(read) == 2340000


def test_nothing_was_known_before_the_first_directive(world: World) -> None:
    found = missing(world.snapshot().lookup("base_salary", TODAY, date(2018, 1, 9)))
    assert found.reason == "none"


def test_an_explicit_hole(world: World) -> None:
    world.replace(SALARY, 'value: "2340000"', 'known: "no"')
    found = missing(world.snapshot().lookup("base_salary", TODAY, TODAY))
    assert found.reason == "hole"
    assert found.hole is not None
    assert found.last is not None


def test_audiences_fall_back_to_their_parents(world: World) -> None:
    snapshot = world.snapshot()
    assert list(snapshot.lineage("pupil")) == ["pupil", "hssv"]
    assert figure(snapshot.lookup("national_support", TODAY, TODAY, "pupil")) == Fraction(3, 10)
    assert figure(snapshot.lookup("base_salary", TODAY, TODAY, "pupil")) == 2340000
    assert missing(snapshot.lookup("national_support", TODAY, TODAY)).reason == "none"
    assert missing(snapshot.lookup("national_support", TODAY, TODAY, "near_poor")).reason == "none"


def test_an_own_row_comes_before_the_parents(world: World) -> None:
    own = world.read(GENERAL).partition("- value: 30%\n")[2].replace("hssv", "pupil")
    world.write(GENERAL, world.read(GENERAL) + "    - value: 50%\n" + own)
    snapshot = world.snapshot()
    assert figure(snapshot.lookup("national_support", TODAY, TODAY, "pupil")) == Fraction(1, 2)
    assert figure(snapshot.lookup("national_support", TODAY, TODAY, "hssv")) == Fraction(3, 10)


def test_an_unknown_value_raises(world: World) -> None:
    with pytest.raises(KeyError):
        world.snapshot().lookup("nothing", TODAY, TODAY)


def test_ids_and_dates_of_rows(world: World) -> None:
    first, second = world.snapshot().values["base_salary"].rows
    assert row_id("base_salary", first) == "base_salary/all/2023-07-01"
    assert last_day(first) == date(2025, 6, 30)
    assert last_day(second) is None
    assert holds(second, date(2025, 7, 1))
    assert not holds(second, date(2025, 6, 30))
    found = world.snapshot().lookup("national_support", TODAY, TODAY, "pupil")
    assert isinstance(found, Found)
    assert found.row_id == "national_support/hssv/2018-02-01"


def test_boundaries_of_a_value(world: World) -> None:
    snapshot = world.snapshot()
    change = date(2025, 7, 1)
    assert snapshot.boundaries("base_salary", date(2025, 1, 1), date(2025, 12, 31)) == (change,)
    assert snapshot.boundaries("base_salary", change, date(2025, 12, 31)) == ()
    assert snapshot.boundaries("base_salary", date(2025, 6, 30), change) == (change,)


def test_places_before_and_after_a_merger(world: World) -> None:
    snapshot = world.snapshot()
    assert snapshot.place_on("bac-giang", date(2025, 6, 30)).id == "bac-giang"
    assert snapshot.place_on("bac-giang", date(2025, 7, 1)).id == "bac-ninh"
    assert snapshot.place_on("bac-ninh", date(2025, 6, 30)).id == "bac-ninh"


def test_support_ends_with_its_place(world: World) -> None:
    snapshot = world.snapshot()
    before = snapshot.support("bac-giang", "near_poor", date(2025, 6, 30), TODAY)
    assert (before.place_id, before.share) == ("bac-giang", Fraction(1, 5))
    assert before.row_id == "bac-giang/near_poor/2022-01-01"
    after = snapshot.support("bac-giang", "near_poor", date(2025, 7, 1), TODAY)
    assert (after.place_id, after.share, after.row) == ("bac-ninh", None, None)


def test_support_continues_where_that_is_cited(world: World) -> None:
    world.replace(
        OLD_PLACE,
        "    source: Nghị quyết\n",
        "    source: Nghị quyết\n    continues_after_merger: {directive: nd-2-2025}\n",
    )
    snapshot = world.snapshot()
    after = snapshot.support("bac-giang", "near_poor", date(2025, 7, 1), TODAY)
    assert (after.place_id, after.share) == ("bac-giang", Fraction(1, 5))
    # Someone of the successor itself does not inherit the other place's rows.
    assert snapshot.support("bac-ninh", "near_poor", TODAY, TODAY).share is None


def test_the_successors_own_rows_hold_after_the_merger(world: World) -> None:
    support = world.read(OLD_PLACE).partition("support:\n")[2]
    world.write(
        NEW_PLACE,
        world.read(NEW_PLACE)
        + "support:\n"
        + support.replace("20%", "15%").replace("2022-01-01", "2025-07-01"),
    )
    snapshot = world.snapshot()
    assert snapshot.support("bac-giang", "near_poor", TODAY, TODAY).share == Fraction(3, 20)
    before = snapshot.support("bac-giang", "near_poor", date(2025, 6, 30), TODAY)
    assert before.share == Fraction(1, 5)


def test_support_for_another_audience_is_unknown(world: World) -> None:
    found = world.snapshot().support("bac-giang", "hssv", date(2025, 1, 1), TODAY)
    assert found.share is None
    assert found.row is None


def test_a_support_row_that_says_unknown(world: World) -> None:
    world.replace(OLD_PLACE, "value: 20%", 'known: "no"')
    found = world.snapshot().support("bac-giang", "near_poor", date(2025, 1, 1), TODAY)
    assert found.share is None
    assert found.row is not None


def test_support_not_signed_yet_is_unknown(world: World) -> None:
    found = world.snapshot().support("bac-giang", "near_poor", date(2025, 1, 1), date(2018, 1, 9))
    assert found.share is None


def test_support_boundaries_include_the_merger(world: World) -> None:
    days = world.snapshot().support_boundaries("bac-giang", date(2021, 1, 1), TODAY)
    assert days == (date(2022, 1, 1), date(2025, 7, 1))
