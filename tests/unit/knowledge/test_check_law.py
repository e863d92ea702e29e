"""Answers that cite what did not hold, or holds no longer."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from knowledge.check.law import Law
from knowledge.source import read_base

if TYPE_CHECKING:
    from tests.unit.knowledge.conftest import World

LOST = "answers/card_lost_or_wrong/mat-the.yaml"
RATE = "answers/hssv_rate/muc-dong.yaml"
OLD_LAW = "directives/nd-1-2018.yaml"
NEW_LAW = "directives/nd-2-2025.yaml"
CITED = "  - {directive: nd-2-2025, locator: Điều 6}\n"
OLD_CITED = "  - {directive: nd-1-2018}\n"


def old_rule(world: World) -> None:
    """The rule rests on the superseded decree, and began while that held."""
    world.replace(RATE, CITED, OLD_CITED)
    world.replace(RATE, "effective_from: 2025-07-01", "effective_from: 2024-07-01")


def test_a_rule_on_superseded_law(world: World) -> None:
    old_rule(world)
    world.only(
        RATE,
        OLD_CITED,
        '"nd-1-2018" was superseded in full and ended on 2025-06-30; cite "nd-2-2025" as well',
    )


def test_it_holds_until_the_last_day(world: World) -> None:
    old_rule(world)
    assert world.errors(date(2025, 6, 30)) == []
    assert len(world.errors(date(2025, 7, 1))) == 1


def test_the_successor_beside_it_is_enough(world: World) -> None:
    old_rule(world)
    world.replace(RATE, OLD_CITED, OLD_CITED + CITED)
    assert world.errors() == []


def test_a_successor_of_the_successor(world: World) -> None:
    old_rule(world)
    third = world.read(NEW_LAW).replace("nd-1-2018, since: 2025", "nd-2-2025, since: 2026")
    world.write("directives/nd-3-2026.yaml", third.replace("id: nd-2-2025", "id: nd-3-2026"))
    world.replace(RATE, OLD_CITED, OLD_CITED + "  - {directive: nd-3-2026}\n")
    assert [line for line in world.errors() if line.startswith(RATE)] == []


def test_a_part_superseded_leaves_the_rest(world: World) -> None:
    old_rule(world)
    world.replace(NEW_LAW, "since: 2025-07-01}", "since: 2025-07-01, part: Điều 3}")
    assert world.errors() == []


def test_law_that_ended_without_successor(world: World) -> None:
    old_rule(world)
    world.replace(NEW_LAW, "supersedes:\n  - {directive: nd-1-2018, since: 2025-07-01}\n", "")
    world.replace(OLD_LAW, "read_at:", "effective_to: 2025-12-31\nread_at:")
    world.only(RATE, OLD_CITED, "ended on 2025-12-31 and nothing in force is cited")
    world.replace(RATE, OLD_CITED, OLD_CITED + CITED)
    assert world.errors() == []


def test_an_ended_answer_may_cite_ended_law(world: World) -> None:
    old_rule(world)
    world.replace(RATE, "citations:", "effective_to: 2025-06-30\ncitations:")
    assert world.errors() == []


def test_a_howto_on_superseded_law_is_due(world: World) -> None:
    world.replace(LOST, "directive: nd-2-2025", "directive: nd-1-2018")
    world.replace(LOST, "effective_from: 2025-07-01", "effective_from: 2024-07-01")
    assert world.errors() == []
    assert [line.split(": ")[0] for line in world.due()] == [
        f"{LOST}:{world.line(LOST, 'directive:')}"
    ]


def test_law_that_ended_before_the_answer_begins(world: World) -> None:
    world.replace(LOST, "directive: nd-2-2025", "directive: nd-1-2018")
    world.only(LOST, "directive:", "ended on 2025-06-30, before this answer begins")


def test_law_that_begins_after_the_answer_ends(world: World) -> None:
    world.replace(
        LOST,
        "effective_from: 2025-07-01",
        "effective_from: 2024-01-01\neffective_to: unknown\nconfirmed_until: 2025-06-30",
    )
    world.only(LOST, "directive:", "begins on 2025-07-01, after this answer ends")


def test_days_in_force(world: World) -> None:
    law = Law(read_base(world.folder))
    assert law.last_day("nd-1-2018") == date(2025, 6, 30)
    assert law.last_day("nd-2-2025") is None
    assert not law.in_force("nd-1-2018", date(2018, 1, 31))
    assert law.in_force("nd-1-2018", date(2018, 2, 1))
    assert law.in_force("nd-1-2018", date(2025, 6, 30))
    assert not law.in_force("nd-1-2018", date(2025, 7, 1))
    assert law.heirs("nd-1-2018") == {"nd-2-2025"}
