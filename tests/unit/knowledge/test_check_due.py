"""Alarms before dates pass, and gaps."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from knowledge.check.thin import asked_counts, thin

if TYPE_CHECKING:
    from tests.unit.knowledge.conftest import World

LOST = "answers/card_lost_or_wrong/mat-the.yaml"
RATE = "answers/hssv_rate/muc-dong.yaml"
RECORD = "answers/campaign/chi-tieu.yaml"
SALARY = "values/base_salary.yaml"
OLD_PLACE = "places/bac-giang.yaml"
NEW_PLACE = "places/bac-ninh.yaml"


def only_due(world: World, name: str, marker: str, said: str, today: date) -> None:
    due = world.due(today)
    assert len(due) == 1, "\n".join(due)
    assert due[0].startswith(f"{name}:{world.line(name, marker)}: "), due[0]
    assert said in due[0], due[0]


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2026, 10, 31), None),
        (date(2026, 11, 1), "ends on 2026-12-31, in 60 days"),
        (date(2026, 12, 31), "ends on 2026-12-31, in 0 days"),
        (date(2027, 1, 1), "ended on 2026-12-31"),
    ],
)
def test_the_last_row_of_a_value(world: World, today: date, said: str | None) -> None:
    world.replace(SALARY, "effective_to: open", "effective_to: 2026-12-31")
    if said is None:
        assert world.due(today) == []
    else:
        only_due(world, SALARY, "effective_to: 2026-12-31", said, today)
        assert "(used by muc-dong)" in world.due(today)[0]


def test_a_row_confirmed_for_a_time(world: World) -> None:
    world.replace(
        SALARY, "effective_to: open", "effective_to: unknown\n    confirmed_until: 2026-11-20"
    )
    only_due(world, SALARY, "confirmed_until", "ended on 2026-11-20", date(2026, 11, 22))


def test_an_ended_row_that_nobody_uses(world: World) -> None:
    row = world.read(SALARY).replace("id: base_salary", "id: old_salary")
    world.write(
        "values/old_salary.yaml", row.replace("effective_to: open", "effective_to: 2026-01-31")
    )
    assert world.due() == []
    # A calculation looks values up without naming them.
    world.replace("values/general.yaml", "effective_to: open", "effective_to: 2026-01-31")
    due = world.due()
    assert len(due) == 1
    assert 'the last row of "hotline" (used by mat-the) ended on 2026-01-31' in due[0]


def test_a_row_of_a_place_that_exists(world: World) -> None:
    support = world.read(OLD_PLACE).partition("support:\n")[2]
    ended = support.replace("effective_to: open", "effective_to: 2026-10-31")
    world.write(NEW_PLACE, world.read(NEW_PLACE) + "support:\n" + ended)
    world.replace(OLD_PLACE, "effective_to: open", "effective_to: 2025-06-30")
    only_due(
        world,
        NEW_PLACE,
        "effective_to: 2026",
        'the last row for near_poor of "bac-ninh" ended on',
        date(2026, 11, 22),
    )


def test_an_answer_that_ends(world: World) -> None:
    world.replace(LOST, "citations:", "effective_to: 2026-12-31\ncitations:")
    only_due(world, LOST, "effective_to", "this answer ends on 2026-12-31", date(2026, 11, 22))
    only_due(world, LOST, "effective_to", "this answer ended on 2026-12-31", date(2027, 1, 5))


def test_a_record_does_not_expire(world: World) -> None:
    world.replace(RECORD, "citations:", "effective_to: 2019-12-31\ncitations:")
    assert world.due() == []


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2027, 5, 1), None),
        (date(2027, 5, 2), "the review is due on 2027-06-01"),
        (date(2027, 6, 1), "the review is due on 2027-06-01"),
        (date(2027, 6, 2), "the review was due on 2027-06-01"),
    ],
)
def test_reviews_of_answers(world: World, today: date, said: str | None) -> None:
    due = world.due(today)
    assert len(due) == (3 if said else 0)
    assert all(said and said in line for line in due)
    assert [line.split(":")[0] for line in due] == ([RECORD, LOST, RATE] if said else [])


def test_reviews_of_rows_still_in_use(world: World) -> None:
    world.replace(SALARY, "effective_to: open", "effective_to: open\n    review_by: 2026-11-21")
    world.replace(
        SALARY, "effective_to: 2025-06-30", "effective_to: 2025-06-30\n    review_by: 2025-01-01"
    )
    only_due(world, SALARY, "review_by: 2026", "the review was due", date(2026, 11, 22))


def test_nearly_the_same_phrasings(world: World) -> None:
    long = "nhà trường thu tiền bảo hiểm y tế của học sinh lớp một"
    world.replace(RATE, "phí bảo hiểm y tế học sinh", long + "?")
    world.replace(LOST, "xin cấp lại thẻ bhyt", "học sinh lớp một " + long.partition(" học")[0])
    only_due(world, RATE, long, "is nearly the same as", date(2026, 11, 22))


def test_topics_without_answers(world: World) -> None:
    world.write("topics.yaml", world.read("topics.yaml") + "five_year: {name: năm năm}\n")
    assert world.due() == ['topics.yaml:5: the topic "five_year" has no answer']


def test_answers_without_test_questions(world: World, tmp_path: Path) -> None:
    tests = tmp_path / "tests/knowledge"
    for name in ("hssv_rate/muc-dong.yaml", "campaign/chi-tieu.yaml"):
        (tests / name).parent.mkdir(parents=True)
        (tests / name).write_text("[]\n", encoding="utf-8")
    due = world.due(tests=tests)
    assert due == [
        f"{LOST}:1: no test questions; write tests/knowledge/card_lost_or_wrong/mat-the.yaml"
    ]
    assert world.due(tests=tmp_path / "nowhere") == []


def test_topics_that_are_asked_more_than_they_are_prepared_for() -> None:
    phrasings = {"a": 10, "b": 30, "c": 40}
    assert thin({"a": 25, "b": 35, "c": 40}, phrasings) == []  # exactly twice its share
    [one] = thin({"a": 26, "b": 34, "c": 40, "elsewhere": 500}, phrasings)
    assert (one.topic, one.asked, one.phrasings) == ("a", 0.26, 0.125)
    assert thin({}, phrasings) == []
    assert thin({"a": 5}, {}) == []


def test_labelled_questions_are_counted_by_topic(tmp_path: Path) -> None:
    tests = tmp_path / "tests/knowledge"
    asked = tmp_path / "tests/eval/questions.jsonl"
    asked.parent.mkdir(parents=True)
    asked.write_text('{"topic": "a"}\n\nnot json\n[1]\n{"id": 1}\n{"topic": "a"}\n', "utf-8")
    assert asked_counts(tests) == {"a": 2}
    assert asked_counts(None) == {}
    assert asked_counts(tmp_path / "elsewhere/knowledge") == {}
