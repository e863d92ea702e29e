"""References to what does not exist, and chains that lead back to themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.knowledge.conftest import World

LOST = "answers/card_lost_or_wrong/mat-the.yaml"
RATE = "answers/hssv_rate/muc-dong.yaml"
RECORD = "answers/campaign/chi-tieu.yaml"
SALARY = "values/base_salary.yaml"
GENERAL = "values/general.yaml"
OLD_PLACE = "places/bac-giang.yaml"
NEW_PLACE = "places/bac-ninh.yaml"
OLD_LAW = "directives/nd-1-2018.yaml"
NEW_LAW = "directives/nd-2-2025.yaml"
CONTINUED = "    source: Nghị quyết\n    continues_after_merger: {directive: nd-9}\n"

FAULTS = {
    "citation": (LOST, "directive: nd-2-2025", "directive: nd-2-2026", "nd-2-2026", "directive"),
    "row citation": (SALARY, "directive: nd-1-2018", "directive: nd-9", "nd-9", "directive"),
    "fact citation": (RECORD, "nd-1-2018, locator", "nd-9, locator", "nd-9", "directive"),
    "merger citation": (NEW_PLACE, "directive: nd-2-2025", "directive: nd-9", "nd-9", "directive"),
    "continuation": (OLD_PLACE, "    source: Nghị quyết\n", CONTINUED, "nd-9", "directive"),
    "superseded": (NEW_LAW, "directive: nd-1-2018", "directive: nd-9", "nd-9", "directive"),
    "amended": (NEW_LAW, "read_at:", "amends: [nd-9]\nread_at:", "nd-9", "directive"),
    "based on": (NEW_LAW, "read_at:", "based_on:\n  - nd-9\nread_at:", "- nd-9", "directive"),
    "place of a directive": (NEW_LAW, "read_at:", "place: ha-noi\nread_at:", "ha-noi", "place"),
    "place of an answer": (LOST, "kind: howto", "kind: howto\nplace: bac-nin", "bac-nin", "place"),
    "merged into": (OLD_PLACE, "merged_into: bac-ninh", "merged_into: bac-nin", "bac-nin", "place"),
    "merged from": (NEW_PLACE, "[bac-giang]", "[bac-gian]", "bac-gian", "place"),
    "topic": (RATE, "topic: hssv_rate", "topic: hssv_rates", "hssv_rates", "topic"),
    "accepted topic": ("topics.yaml", "[card_lost_or_wrong]", "[card]", "[card]", "topic"),
    "audience": (RATE, "audience: hssv", "audience: hsv", "audience: hsv", "audience"),
    "row audience": (GENERAL, "audience: hssv", "audience: hsv", "audience: hsv", "audience"),
    "support audience": (OLD_PLACE, "near_poor", "near_por", "near_por", "audience"),
    "parent": ("audiences.yaml", "parents: [hssv]", "parents: [hsv]", "[hsv]", "audience"),
    "follow-up": (LOST, "[muc-dong]", "[muc-don]", "[muc-don]", "answer"),
    "today": (RECORD, "kind: record", "kind: record\ntoday: muc-don", "today: muc-don", "answer"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_an_unknown_id_is_told_with_its_line(world: World, fault: str) -> None:
    name, old, new, marker, what = FAULTS[fault]
    world.replace(name, old, new)
    place = f"{name}:{world.line(name, marker)}: there is no {what} "
    assert [line for line in world.errors() if line.startswith(place)], "\n".join(world.errors())


def test_the_nearest_id_is_offered(world: World) -> None:
    world.replace(LOST, "[muc-dong]", "[muc-don]")
    world.only(LOST, "[muc-don]", 'there is no answer "muc-don"; did you mean "muc-dong"?')


def test_the_line_of_an_item_in_a_list(world: World) -> None:
    world.replace(LOST, "[muc-dong]", "\n  - muc-dong\n  - hong-the")
    world.only(LOST, "- hong-the", 'there is no answer "hong-the"')


def test_mergers_in_a_circle(world: World) -> None:
    world.replace(
        NEW_PLACE, "name: Bắc Ninh", "name: B\nexists_to: 2026-01-01\nmerged_into: bac-giang"
    )
    said = world.errors()
    assert len(said) == 2
    assert all('"merged_into" of ' in line and "leads back to itself" in line for line in said)


def test_audiences_in_a_circle(world: World) -> None:
    world.replace(
        "audiences.yaml", 'hssv: {name: "học sinh, sinh viên"', 'hssv: {name: "x", parents: [pupil]'
    )
    assert [line.split(":")[1] for line in world.errors()] == ["1", "2"]


def test_directives_that_supersede_themselves(world: World) -> None:
    world.replace(NEW_LAW, "directive: nd-1-2018", "directive: nd-2-2025")
    assert f'{NEW_LAW}:9: "supersedes" of "nd-2-2025" leads back to itself' in world.errors()
