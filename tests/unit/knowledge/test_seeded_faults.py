"""Every kind of fault that must not reach a citizen: seeded, and seen by the tool that guards it.

One table. `check` lists errors, `due` what needs a person soon, `coverage` undeclared holes. A
sound base comes first, so that each line below is the only thing wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import cli
from knowledge.coverage import coverage
from tests.unit.knowledge.conftest import World

TODAY = date(2026, 11, 22)
LOST = "answers/card_lost_or_wrong/mat-the.yaml"
RATE = "answers/hssv_rate/muc-dong.yaml"
SALARY = "values/base_salary.yaml"
GENERAL = "values/general.yaml"
NEW_PLACE = "places/bac-ninh.yaml"
CITED = "  - {directive: nd-2-2025, locator: Điều 6}\n"
NO_ROW = """\
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


@dataclass(frozen=True)
class Fault:
    """How a fault is made, who sees it, and what is said about it."""

    make: Callable[[World], None]
    seen_by: str
    said: str


def text(line: str) -> Callable[[World], None]:
    return lambda world: world.full(f"Anh/chị xem dưới đây.\n\n{line}\n")


def swap(name: str, old: str, new: str) -> Callable[[World], None]:
    return lambda world: world.replace(name, old, new)


def superseded(world: World) -> None:
    world.replace(RATE, CITED, "  - {directive: nd-1-2018}\n")
    world.replace(RATE, "effective_from: 2025-07-01", "effective_from: 2024-07-01")


def ended_without_successor(world: World) -> None:
    superseded(world)
    link = "supersedes:\n  - {directive: nd-1-2018, since: 2025-07-01}\n"
    world.replace("directives/nd-2-2025.yaml", link, "")
    world.replace("directives/nd-1-2018.yaml", "read_at:", "effective_to: 2025-12-31\nread_at:")


def gap(world: World) -> None:
    world.replace(SALARY, "effective_to: 2025-06-30", "effective_to: 2025-05-31")
    world.replace(RATE, ", on='2025-06-30'", ", on='2025-05-31'")


def untested(world: World) -> None:
    (questions(world) / "card_lost_or_wrong/mat-the.yaml").unlink()


def thin(world: World) -> None:
    asked = questions(world).parent / "eval/questions.jsonl"
    asked.parent.mkdir(parents=True)
    topics = ["hssv_rate"] * 9 + ["card_lost_or_wrong"] * 2
    asked.write_text("".join(json.dumps({"topic": t}) + "\n" for t in topics), encoding="utf-8")
    more = "".join(f"  - mất thẻ bảo hiểm kiểu {chr(97 + n) * 5}\n" for n in range(10))
    world.replace(LOST, "  - xin cấp lại thẻ bhyt\n", f"  - xin cấp lại thẻ bhyt\n{more}")


FAULTS = {
    # Figures that come from nowhere.
    "an amount in digits": Fault(text("Đóng 500.000 đồng."), "check", '"500.000" is a figure'),
    "a share in digits": Fault(text("Được giảm 50% mức đóng."), "check", '"50%" is a figure'),
    "half, in words": Fault(text("Đóng một nửa mức."), "check", '"một nửa" is a figure'),
    "fifty percent, in words": Fault(
        text("Được giảm năm mươi phần trăm."), "check", '"năm mươi phần trăm" is a figure'
    ),
    "an amount in words": Fault(
        text("Đóng hai trăm nghìn đồng."), "check", '"hai trăm nghìn đồng" is a figure'
    ),
    "a period in words": Fault(text("Trả sau mười ngày."), "check", '"mười ngày" is a figure'),
    "twice, in words": Fault(text("Đóng gấp đôi."), "check", '"gấp đôi" is a figure'),
    "a figure in a text of the template": Fault(
        text("{{ 'một nửa' if s.months else '' }}"), "check", '"một nửa" is a figure'
    ),
    "a number of the template": Fault(
        text("{{ 500000 }}"), "check", "the number 500000 comes from nowhere"
    ),
    "money marked as a name": Fault(
        text("{{ lit('500.000 đồng') }}"), "check", "looks like an amount of money"
    ),
    "a share marked as a name": Fault(text("{{ lit('50%') }}"), "check", "looks like a rate"),
    "a figure in a title": Fault(
        swap(LOST, "title: Mất thẻ", "title: Mất 2 thẻ"), "check", "title: no figures"
    ),
    # Dead law.
    "a rule on superseded law": Fault(superseded, "check", "was superseded in full"),
    "a rule on law that ended without a successor": Fault(
        ended_without_successor, "check", "nothing in force is cited"
    ),
    # Rows.
    "overlapping rows": Fault(
        swap(SALARY, "effective_to: 2025-06-30", "effective_to: 2025-07-31"),
        "check",
        "hold on the same days",
    ),
    "a gap that is not declared": Fault(
        gap, "due", '"base_salary" says nothing from 2025-06-01 to 2025-06-30'
    ),
    "the same gap": Fault(gap, "coverage", "no row from 2025-06-01 to 2025-06-30"),
    "a place of today without a row": Fault(
        swap(NEW_PLACE, NO_ROW, ""), "coverage", "no row, not even an unknown one"
    ),
    "a group that the rates left out": Fault(
        swap(GENERAL, "audience: hssv", "audience: near_poor"),
        "coverage",
        "no figure for national_support",
    ),
    # Answers.
    "an answer without test questions": Fault(untested, "due", "no test questions"),
    "the same answer, for coverage": Fault(untested, "coverage", "no test questions"),
    "one phrasing in two answers": Fault(
        swap(RATE, "phí bảo hiểm y tế học sinh", "Xin cap lai the BHYT"),
        "check",
        'already leads to "mat-the"',
    ),
    "nearly one phrasing in two answers": Fault(
        swap(RATE, "phí bảo hiểm y tế học sinh", "không tìm thấy thẻ bhyt đâuu"),
        "due",
        "is nearly the same as",
    ),
    "a topic without an answer": Fault(
        swap("topics.yaml", "hssv_rate:", "five_year: {name: năm năm}\nhssv_rate:"),
        "due",
        'the topic "five_year" has no answer',
    ),
    "the same topic, for coverage": Fault(
        swap("topics.yaml", "hssv_rate:", "five_year: {name: năm năm}\nhssv_rate:"),
        "coverage",
        "no answer",
    ),
    "a thin topic": Fault(thin, "due", 'the topic "hssv_rate" is thin'),
    # Single sources that nobody would be told about.
    "a single-source row without its source": Fault(
        swap(
            SALARY,
            "confidence: directive\n    source: Nghị định 1",
            'confidence: single_source\n    source: ""',
        ),
        "check",
        "a single-source row needs its source named",
    ),
    "a single-source row with a blank source": Fault(
        swap(
            SALARY,
            "confidence: directive\n    source: Nghị định 1",
            'confidence: single_source\n    source: " "',
        ),
        "check",
        "a single-source row needs its source named",
    ),
    "a single-source answer without its source": Fault(
        swap(LOST, "kind: howto", "kind: howto\nconfidence: single_source"),
        "check",
        "a single-source answer needs its source named",
    ),
    "a single-source answer with a blank source": Fault(
        swap(LOST, "kind: howto", 'kind: howto\nconfidence: single_source\nsource: " "'),
        "check",
        "a single-source answer needs its source named",
    ),
    # What turns red by itself.
    "an expired row": Fault(
        swap(SALARY, "effective_to: open", "effective_to: 2026-10-31"),
        "due",
        "ended on 2026-10-31; write what holds now",
    ),
    "the same row, for coverage": Fault(
        swap(SALARY, "effective_to: open", "effective_to: 2026-10-31"),
        "coverage",
        "no row after 2026-10-31",
    ),
    "a row that expires within 60 days": Fault(
        swap(SALARY, "effective_to: open", "effective_to: 2027-01-21"),
        "due",
        "ends on 2027-01-21, in 60 days; write what follows",
    ),
    "an expired answer": Fault(
        swap(LOST, "citations:", "effective_to: 2026-11-21\ncitations:"),
        "due",
        "this answer ended on 2026-11-21",
    ),
    "a review that has passed": Fault(
        swap(LOST, "review_by: 2027-06-01", "review_by: 2026-11-21"),
        "due",
        "the review was due on 2026-11-21",
    ),
}  # fmt: skip


def questions(world: World) -> Path:
    return world.folder.parent / "tests/knowledge"


@pytest.fixture
def sound(world: World) -> World:
    """The small base with test questions and without an undeclared hole."""
    world.write(NEW_PLACE, world.read(NEW_PLACE) + NO_ROW)
    for answer in world.snapshot().answers.values():
        path = questions(world) / answer.file.topic / f"{answer.file.id}.yaml"
        path.parent.mkdir(parents=True)
        path.write_text(f"answer: {answer.file.id}\nquestions:\n  - {{ask: gì}}\n", "utf-8")
    return world


def seen(world: World, tool: str) -> list[str]:
    if tool == "coverage":
        found = coverage(world.folder, TODAY, questions(world))
        return [f"{hole.subject}: {hole.text}" for hole in found.holes if not hole.declared]
    level = "error" if tool == "check" else "due"
    problems = world.check(TODAY, questions(world))
    return [str(problem) for problem in problems if problem.level == level]


def test_nothing_is_wrong_before(sound: World) -> None:
    assert [seen(sound, tool) for tool in ("check", "due", "coverage")] == [[], [], []]


@pytest.mark.parametrize("name", FAULTS)
def test_a_seeded_fault_is_seen(sound: World, name: str) -> None:
    fault = FAULTS[name]
    fault.make(sound)
    assert any(fault.said in line for line in seen(sound, fault.seen_by)), seen(
        sound, fault.seen_by
    )


@pytest.mark.parametrize("name", FAULTS)
def test_the_command_fails_for_it(sound: World, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(sound.folder.parent)
    monkeypatch.setenv("BOT__KNOWLEDGE__DIR", str(sound.folder))
    fault = FAULTS[name]
    args = {"check": ["check"], "due": ["check", "--due"], "coverage": ["coverage"]}[fault.seen_by]
    before = CliRunner().invoke(cli, [*args, "--today", TODAY.isoformat()])
    assert before.exit_code == 0, before.output
    fault.make(sound)
    after = CliRunner().invoke(cli, [*args, "--today", TODAY.isoformat()])
    assert after.exit_code == 1
    assert fault.said in after.output


def test_next_year_turns_the_shipped_base_red() -> None:
    done = CliRunner().invoke(cli, ["check", "--today", "2027-01-02", "--due"])
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    # The rural poverty line of Decree 07/2021 holds until the end of 2026.
    assert any('"rural_poverty_line"' in line and "ended on 2026-12-31" in line for line in lines)
    assert any('"hung-yen" ended on 2026-12-31' in line for line in lines)
    assert any("the review was due on 2026-12-31" in line for line in lines)
