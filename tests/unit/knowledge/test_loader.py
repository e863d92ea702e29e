"""What a loaded base is, and what keeps one from being loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from bot.errors import KnowledgeError
from knowledge.loader import load, load_or_raise
from knowledge.problems import Problem, errors

if TYPE_CHECKING:
    from tests.unit.knowledge.conftest import World

LOST = "answers/card_lost_or_wrong/mat-the.yaml"


def test_the_small_world_is_valid(world: World) -> None:
    assert world.check() == []


def test_a_snapshot_holds_every_file(world: World) -> None:
    snapshot, problems = load(world.folder)
    assert problems == []
    assert snapshot is not None
    assert set(snapshot.answers) == {"mat-the", "muc-dong", "chi-tieu"}
    assert set(snapshot.values) == {
        "base_salary",
        "hotline",
        "contribution_rate",
        "national_support",
    }
    assert set(snapshot.places) == {"bac-giang", "bac-ninh"}
    assert set(snapshot.directives) == {"nd-1-2018", "nd-2-2025"}
    assert snapshot.topics["hssv_rate"].accepts == ("card_lost_or_wrong",)
    assert snapshot.audiences["pupil"].parents == ("hssv",)
    assert snapshot.lexicon == {"shortcuts": {"bhyt": ["bảo hiểm y tế"]}}
    assert snapshot.answers["mat-the"].path == f"world/{LOST}"


def test_hash_and_version_follow_the_bytes(
    world: World, make_world: Callable[[str], World]
) -> None:
    other = make_world("other")
    assert world.snapshot().hash == other.snapshot().hash
    before = world.snapshot()
    world.replace(LOST, "miễn phí", "không mất phí")
    after = world.snapshot()
    assert before.hash != after.hash
    assert before.answers["mat-the"].version != after.answers["mat-the"].version
    assert len(after.answers["mat-the"].version) == 12
    assert before.answers["muc-dong"].version == after.answers["muc-dong"].version


def test_hash_sees_a_moved_file(world: World) -> None:
    before = world.snapshot().hash
    world.write("lexicon/other.yaml", world.read("lexicon/shortcuts.yaml"))
    (world.folder / "lexicon/shortcuts.yaml").unlink()
    assert world.snapshot().hash != before


def test_errors_are_raised_all_at_once(world: World) -> None:
    world.replace(LOST, "kind: howto", "kind: how")
    world.replace("values/base_salary.yaml", '"1800000"', '"1.800.000"')
    with pytest.raises(KnowledgeError) as caught:
        load_or_raise(world.folder)
    lines = str(caught.value).splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        f"world/{LOST}:3",
        "world/values/base_salary.yaml:5",
    ]


def test_nothing_that_depends_on_the_day_stops_a_start(world: World) -> None:
    world.replace(LOST, "review_by: 2027-06-01", "review_by: 2020-06-01")
    world.replace("answers/hssv_rate/muc-dong.yaml", "directive: nd-2-2025", "directive: nd-1-2018")
    world.replace("answers/hssv_rate/muc-dong.yaml", "2025-07-01", "2024-07-01")
    assert load(world.folder)[0] is not None
    assert len(errors(world.check())) == 1


def test_a_missing_folder_is_a_problem(world: World) -> None:
    snapshot, problems = load(world.folder / "nowhere")
    assert snapshot is None
    assert Problem("nowhere/topics.yaml", 1, "this file is missing") in problems


def test_hidden_files_are_left_alone(world: World) -> None:
    world.write("answers/hssv_rate/.#muc-dong.yaml", "not: [valid")
    assert world.check() == []


def test_many_files_are_loaded_as_one_base(world: World) -> None:
    text = world.read(LOST)
    for nth in range(300):
        copy = text.replace("mat-the\n", f"mat-the-{nth}\n").replace("  - m", f"  - m{nth} ")
        for word in ("rơi", "đánh", "xin", "cấp", "làm", "thất", "không"):
            copy = copy.replace(f"  - {word}", f"  - {word} {nth}")
        world.write(f"answers/card_lost_or_wrong/mat-the-{nth}.yaml", copy)
    snapshot, problems = load(world.folder)
    assert problems == []
    assert snapshot is not None
    assert len(snapshot.answers) > 300
