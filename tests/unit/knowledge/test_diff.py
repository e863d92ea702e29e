"""Which answers read differently, and that nothing else is shown."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from knowledge.diff import Difference, changed_lines, differences, texts_of

if TYPE_CHECKING:
    from tests.unit.knowledge.conftest import World

LOST = "answers/card_lost_or_wrong/mat-the.yaml"
RATE = "answers/hssv_rate/muc-dong.yaml"
SALARY = "values/base_salary.yaml"
BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)
LATER = date(2026, 11, 22)


def ids(found: list[Difference]) -> list[tuple[str, str]]:
    return [(one.answer_id, one.place) for one in found]


def between(world: World, first: date, second: date, *places: str) -> list[Difference]:
    snapshot = world.snapshot()
    named = ("", *places)
    return differences(texts_of(snapshot, first, named), texts_of(snapshot, second, named))


def test_the_same_day_has_no_differences(world: World) -> None:
    assert between(world, LATER, LATER, "bac-ninh") == []


def test_days_on_which_nothing_changes_have_none(world: World) -> None:
    assert between(world, date(2025, 7, 2), LATER) == []


def test_a_changed_value_shows_in_the_answers_that_print_it(world: World) -> None:
    world.replace(RATE, "effective_from: 2025-07-01", "effective_from: 2024-07-01")
    world.replace(LOST, "effective_from: 2025-07-01", "effective_from: 2024-07-01")
    [one] = [d for d in between(world, BEFORE, AFTER) if d.answer_id == "muc-dong"]
    assert one.title == "Mức đóng BHYT học sinh"
    lines = list(changed_lines(one))
    # 4,5% x 1.800.000 x 12 x 70%, then 4,5% x 2.340.000 x 12 x 70%
    assert "- Học sinh đóng 680.400 đồng cho 12 tháng." in lines
    assert "+ Học sinh đóng 884.520 đồng cho 12 tháng." in lines
    assert all(line.startswith(("- ", "+ ")) for line in lines)


def test_a_rule_withheld_on_one_day_is_a_difference(world: World) -> None:
    [one] = [d for d in between(world, BEFORE, AFTER) if d.answer_id == "muc-dong"]
    assert one.old is not None
    assert one.new is not None
    assert (one.old.withheld, one.new.withheld) == (True, False)


def test_a_place_shows_only_where_it_reads_differently(world: World) -> None:
    world.replace(RATE, "contribution('hssv', months=12)", "contribution('near_poor', months=12)")
    rate = world.read("values/general.yaml")
    world.write("values/general.yaml", rate.replace("audience: hssv", "audience: near_poor"))
    world.replace(RATE, "effective_from: 2025-07-01", "effective_from: 2024-01-01")
    world.replace(LOST, "effective_from: 2025-07-01", "effective_from: 2024-01-01")
    found = [d for d in between(world, BEFORE, AFTER, "bac-giang") if d.answer_id == "muc-dong"]
    assert ids(found) == [("muc-dong", ""), ("muc-dong", "bac-giang")]
    plain, placed = found
    # With the place's 20%: 4,5% x 1.800.000 x 12 x 50%; gone with the province.
    assert placed.old is not None
    assert plain.old is not None
    assert "486.000 đồng" in placed.old.text
    assert "486.000 đồng" not in plain.old.text


def test_a_place_that_changes_nothing_is_not_told_twice(world: World) -> None:
    found = between(world, BEFORE, AFTER, "bac-ninh")
    assert len(ids(found)) == len(set(ids(found)))
    assert ("mat-the", "bac-ninh") not in ids(found)


def test_between_two_snapshots(world: World) -> None:
    old = texts_of(world.snapshot(), LATER)
    world.replace(LOST, "làm lại thẻ miễn phí", "được làm lại thẻ miễn phí")
    world.replace(SALARY, "checked_on: 2026-11-01", "checked_on: 2026-11-02")
    found = differences(old, texts_of(world.snapshot(), LATER))
    assert ids(found) == [("mat-the", "")]
    assert list(changed_lines(found[0])) == [
        "- Anh/chị làm lại thẻ miễn phí.",
        "+ Anh/chị được làm lại thẻ miễn phí.",
    ]


def test_a_new_and_a_lost_answer(world: World) -> None:
    old = texts_of(world.snapshot(), LATER)
    (world.folder / "answers/campaign/chi-tieu.yaml").unlink()
    found = differences(old, texts_of(world.snapshot(), LATER))
    assert ids(found) == [("chi-tieu", "")]
    assert found[0].new is None
    assert found[0].title == "Chỉ tiêu của kế hoạch"
    assert all(line.startswith("- ") for line in changed_lines(found[0]))
