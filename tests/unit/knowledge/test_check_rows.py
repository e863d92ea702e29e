"""Rows of values and places: overlaps, sources, merged places."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.unit.knowledge.conftest import World

SALARY = "values/base_salary.yaml"
GENERAL = "values/general.yaml"
OLD_PLACE = "places/bac-giang.yaml"


def test_rows_that_meet_on_one_day(world: World) -> None:
    world.replace(SALARY, "effective_to: 2025-06-30", "effective_to: 2025-07-01")
    line = world.line(SALARY, "effective_from: 2023")
    world.only(
        SALARY, "effective_from: 2025-07-01", f"the row of line {line} hold on the same days"
    )


def test_an_open_row_before_another(world: World) -> None:
    world.replace(SALARY, "effective_to: 2025-06-30", "effective_to: open")
    world.only(SALARY, "effective_from: 2025-07-01", "hold on the same days")


def test_a_row_that_reaches_back(world: World) -> None:
    world.replace(
        SALARY,
        "effective_from: 2025-07-01",
        "effective_from: 2025-07-01\n    applies_from: 2025-06-30",
    )
    world.only(SALARY, "effective_from: 2025-07-01", "hold on the same days")


def test_an_unconfirmed_end_holds_to_the_last_confirmed_day(world: World) -> None:
    world.replace(
        SALARY, "effective_to: 2025-06-30", "effective_to: unknown\n    confirmed_until: 2025-06-30"
    )
    assert world.errors() == []
    world.replace(SALARY, "confirmed_until: 2025-06-30", "confirmed_until: 2025-07-30")
    world.only(SALARY, "effective_from: 2025-07-01", "hold on the same days")


def test_other_audiences_do_not_overlap(world: World) -> None:
    world.replace(SALARY, 'value: "1800000"', 'value: "1800000"\n    audience: hssv')
    world.replace(SALARY, "effective_to: 2025-06-30", "effective_to: open")
    assert world.errors() == []


def test_an_announced_row_may_lie_over_a_row_in_force(world: World) -> None:
    row = world.read(SALARY).partition("rows:\n")[2].partition('  - value: "2340000"')[2]
    announced = '  - standing: announced\n    value: "2500000"' + row
    world.write(SALARY, world.read(SALARY) + announced.replace("2025-07-01", "2027-01-01"))
    assert world.errors() == []
    world.replace(SALARY, "effective_from: 2027-01-01", "effective_from: 2025-07-01 # same")
    world.only(SALARY, "effective_from: 2025-07-01 # same", "begins on the same day as the row of")


def test_support_rows_overlap_too(world: World) -> None:
    support = world.read(OLD_PLACE).partition("support:\n")[2]
    world.write(OLD_PLACE, world.read(OLD_PLACE) + support.replace("2022-01-01", "2024-01-01"))
    world.only(OLD_PLACE, "effective_from: 2024-01-01", "hold on the same days")


def test_a_single_source_must_be_named(world: World) -> None:
    world.replace(
        SALARY,
        "confidence: directive\n    source: Nghị định 1",
        'confidence: single_source\n    source: ""',
    )
    world.only(SALARY, 'source: ""', "a single-source row needs its source named")


def test_a_hole_needs_no_figure(world: World) -> None:
    world.replace(OLD_PLACE, "value: 20%", 'known: "no"')
    assert world.errors() == []


def test_a_merged_place_needs_its_last_day(world: World) -> None:
    world.replace(OLD_PLACE, "exists_to: 2025-06-30\n", "")
    world.only(OLD_PLACE, "merged_into", 'a merged place needs "exists_to"')


def test_the_help_line_must_exist(world: World) -> None:
    world.replace(GENERAL, "id: hotline", "id: helpline")
    said = [line for line in world.errors() if line.startswith("values:1: ")]
    assert len(said) == 1
    assert '"hotline" is missing' in said[0]
