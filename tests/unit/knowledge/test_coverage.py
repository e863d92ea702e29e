"""What is covered, and every kind of hole, seeded one at a time."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.errors import KnowledgeError
from knowledge.coverage import coverage
from knowledge.coverage_lines import Coverage, Hole
from knowledge.loader import SHIPPED

if TYPE_CHECKING:
    from tests.unit.knowledge.conftest import World

TODAY = date(2026, 11, 22)
LOST = "answers/card_lost_or_wrong/mat-the.yaml"
RATE = "answers/hssv_rate/muc-dong.yaml"
SALARY = "values/base_salary.yaml"
GENERAL = "values/general.yaml"
NEW_PLACE = "places/bac-ninh.yaml"
UNKNOWN = """\
support:
  - known: "no"
    audience: hssv
    effective_from: 2018-02-01
    effective_to: open
    checked_on: 2026-11-01
    citation: {directive: nd-1-2018}
    confidence: verified
    source: chưa có nguồn
"""


@pytest.fixture
def sound(world: World) -> World:
    """The small base without an undeclared hole."""
    world.write(NEW_PLACE, world.read(NEW_PLACE) + UNKNOWN)
    return world


def survey(world: World, today: date = TODAY, tests: Path | None = None) -> Coverage:
    return coverage(world.folder, today, tests)


def undeclared(world: World, today: date = TODAY, tests: Path | None = None) -> list[Hole]:
    return [hole for hole in survey(world, today, tests).holes if not hole.declared]


def only(holes: list[Hole], kind: str, subject: str, said: str) -> None:
    assert [(hole.kind, hole.subject) for hole in holes] == [(kind, subject)], holes
    assert said in holes[0].text


def test_a_sound_base_has_only_declared_holes(sound: World) -> None:
    holes = survey(sound).holes
    assert [(h.kind, h.subject, h.declared) for h in holes] == [("place", "bac-ninh", True)]


def test_a_place_of_today_without_any_row(world: World) -> None:
    only(undeclared(world), "place", "bac-ninh", "no row, not even an unknown one, for hssv")


def test_a_former_place_needs_no_row_today(sound: World) -> None:
    # Bắc Giang says nothing about pupils at all, and does not have to any more.
    assert "hssv" not in sound.read("places/bac-giang.yaml")
    assert undeclared(sound) == []
    then = [hole for hole in undeclared(sound, date(2025, 1, 1)) if hole.kind == "place"]
    only(then, "place", "bac-giang", "no row")


def test_a_row_for_the_wider_group_is_enough(sound: World) -> None:
    sound.replace(RATE, "contribution('hssv', months=12)", "contribution('pupil', months=12)")
    assert undeclared(sound) == []
    sound.replace(NEW_PLACE, "audience: hssv", "audience: near_poor")
    only(undeclared(sound), "place", "bac-ninh", "for pupil")


def test_a_topic_without_answers(sound: World) -> None:
    sound.write("topics.yaml", sound.read("topics.yaml") + "five_year: {name: năm năm}\n")
    only(undeclared(sound), "topic", "five_year", "no answer")


def test_an_answer_without_test_questions(sound: World, tmp_path: Path) -> None:
    tests = tmp_path / "tests/knowledge"
    for name in ("hssv_rate/muc-dong", "campaign/chi-tieu"):
        path = tests / f"{name}.yaml"
        path.parent.mkdir(parents=True)
        path.write_text(f"answer: {path.stem}\nquestions:\n  - {{ask: gì}}\n", encoding="utf-8")
    only(undeclared(sound, tests=tests), "untested", "mat-the", "no test questions")
    counted = {line.id: line.test_questions for line in survey(sound, tests=tests).topics}
    assert counted["hssv_rate"] == 1
    assert counted["card_lost_or_wrong"] == 0


def test_a_gap_between_rows(sound: World) -> None:
    sound.replace(SALARY, "effective_to: 2025-06-30", "effective_to: 2025-05-31")
    sound.replace(RATE, ", on='2025-06-30'", ", on='2025-05-31'")
    holes = undeclared(sound)
    assert [(hole.kind, hole.subject) for hole in holes] == [
        ("gap", "base_salary"),
        ("rate", "hssv"),
    ]
    assert holes[0].text == "no row from 2025-06-01 to 2025-06-30"
    assert holes[1].text == "from 2025-06-01: no figure for base_salary"


def test_a_declared_gap_is_told_and_is_no_fault(sound: World) -> None:
    sound.replace(SALARY, "effective_to: 2025-06-30", "effective_to: 2025-05-31")
    row = """\
  - known: "no"
    effective_from: 2025-06-01
    effective_to: 2025-06-30
    checked_on: 2026-11-01
    citation: {directive: nd-1-2018}
    confidence: directive
    source: chưa có nguồn
"""
    sound.write(SALARY, sound.read(SALARY) + row)
    found = survey(sound)
    assert [hole for hole in found.holes if not hole.declared] == []
    said = {(hole.kind, hole.subject): hole.text for hole in found.holes}
    assert said["value", "base_salary"] == "says it is not known from 2025-06-01 to 2025-06-30"
    assert said["rate", "hssv"] == "from 2025-06-01: no figure for base_salary"


def test_a_gap_of_a_place(sound: World) -> None:
    text = sound.read(NEW_PLACE).replace("effective_to: open", "effective_to: 2024-12-31")
    later = UNKNOWN.partition("support:\n")[2].replace("2018-02-01", "2025-03-01")
    sound.write(NEW_PLACE, text + later)
    only(undeclared(sound), "gap", "bac-ninh", "for hssv from 2025-01-01 to 2025-02-28")


def test_an_ended_value_that_replies_need(sound: World) -> None:
    sound.replace(SALARY, "effective_to: open", "effective_to: 2026-10-31")
    holes = undeclared(sound)
    assert ("ended", "base_salary") in [(hole.kind, hole.subject) for hole in holes]
    assert any(
        hole.kind == "rate" and hole.text == "from 2026-11-01: no figure for base_salary"
        for hole in holes
    )


def test_an_ended_value_that_nobody_needs(sound: World) -> None:
    row = sound.read(SALARY).replace("id: base_salary", "id: old_salary")
    sound.write(
        "values/old_salary.yaml", row.replace("effective_to: open", "effective_to: 2026-01-31")
    )
    assert undeclared(sound) == []


def test_a_group_whose_rate_begins_later_has_no_hole_before(sound: World) -> None:
    sound.replace(
        GENERAL,
        "audience: hssv\n      effective_from: 2018-02-01",
        "audience: hssv\n      effective_from: 2025-07-01",
    )
    assert undeclared(sound) == []


def test_an_audience_with_a_form_and_no_rate(sound: World) -> None:
    sound.replace(RATE, "contribution('hssv', months=12)", "contribution('near_poor', months=12)")
    sound.replace(NEW_PLACE, "audience: hssv", "audience: near_poor")
    only(undeclared(sound), "rate", "near_poor", "from 2026-11-22: no figure for national_support")
    [line] = [d for d in survey(sound).dates if d.on == TODAY]
    assert (line.rates, line.forms) == (1, 2)


def test_dates_come_from_the_rows(sound: World) -> None:
    row = sound.read(SALARY).partition("rows:\n")[2].partition('  - value: "2340000"')[2]
    announced = '  - standing: announced\n    value: "2500000"' + row
    sound.write(SALARY, sound.read(SALARY) + announced.replace("2025-07-01", "2027-01-01"))
    days = [line.on for line in survey(sound).dates]
    assert days == [
        date(2018, 2, 1),
        date(2023, 7, 1),
        date(2025, 7, 1),
        TODAY,
        date(2027, 1, 1),
    ]


def test_topics_tell_answers_phrasings_and_groups(sound: World) -> None:
    lines = {line.id: line for line in survey(sound).topics}
    rate, campaign = lines["hssv_rate"], lines["campaign"]
    assert (rate.answers, rate.staff_answers, rate.phrasings) == (1, 0, 10)
    assert rate.audiences == ("hssv",)
    assert (campaign.answers, campaign.staff_answers, campaign.phrasings) == (0, 1, 0)


def test_places_tell_what_they_say_on_every_date(sound: World) -> None:
    places = {line.id: line for line in survey(sound).places}
    assert places["bac-ninh"].on[TODAY] == {"hssv": "unknown"}
    assert places["bac-giang"].on[date(2023, 7, 1)] == {"hssv": "missing"}
    assert TODAY not in places["bac-giang"].on


def test_timelines_tell_what_each_span_says(sound: World) -> None:
    lines = {line.value: line for line in survey(sound).timelines}
    assert lines["base_salary"].spans == (
        (date(2023, 7, 1), date(2025, 6, 30), "in_force"),
        (date(2025, 7, 1), None, "in_force"),
    )


def test_a_base_with_errors_is_not_surveyed(world: World) -> None:
    world.replace(LOST, "topic: card_lost_or_wrong", "topic: nonsense")
    with pytest.raises(KnowledgeError, match="nonsense"):
        survey(world)


def test_the_shipped_base_has_no_undeclared_hole() -> None:
    tests = Path(__file__).parents[2] / "knowledge"
    found = coverage(SHIPPED, TODAY, tests)
    assert [hole for hole in found.holes if not hole.declared] == []
    assert found.places
    assert found.dates[0].on.year == 2018
