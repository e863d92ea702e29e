"""Why: names for what the decision and the applied answer already hold, and the chart."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest

from bot.console import reasons
from bot.console.lookup import Found, Told, Wish, find, tell
from bot.console.timeline import HEIGHT, WIDTH, chart
from bot.match import MatchSettings
from bot.models import Decision, Outcome
from knowledge.schema import Unit
from tests.small_answers import desk
from tests.small_rates import row, value

TODAY = date(2026, 11, 22)
DESK = desk()
SALARY = (
    row("1490000", "2019-07-01", "2023-06-30", "nd-38-2019"),
    row("1800000", "2023-07-01", "2024-06-30", "nd-24-2023"),
    row("2340000", "2024-07-01", "2026-06-30", "nd-73-2024"),
    row("2530000", "2026-07-01", "open", "nd-161-2026"),
)


def look(text: str, **chips: str) -> tuple[Found, Told]:
    wish = Wish.read({"q": text, **chips}, DESK.snapshot)
    found = find(DESK, wish, TODAY)
    told = tell(DESK, wish, found, TODAY)
    assert told is not None
    return found, told


# -- words --------------------------------------------------------------------------------
def test_everything_that_was_read_is_named() -> None:
    found, _ = look("sinh vien dong bhyt 6 thang het bao nhieu, so [SĐT]")
    assert found.question is not None
    said = {one.name: one.value for one in reasons.understood(DESK.snapshot, found.question)}
    assert said["Số tháng"] == "6"
    assert said["Loại bảo hiểm"] == "BHYT"
    assert said["Gõ không dấu"] == "có"
    assert "sinh viên" in said["Đối tượng"]
    assert "Phủ định" not in said
    assert all(said.values())


def test_candidates_come_with_score_phrasing_and_the_shown_mark() -> None:
    found, told = look("mất thẻ bhyt thì làm thế nào")
    lines = reasons.lines(DESK.snapshot, found, told.answer.answer_id)
    assert [line.shown for line in lines].index(True) == 0
    assert lines[0].phrasing == "mất thẻ bhyt thì làm thế nào"
    assert len(lines[0].evidence) == len(reasons.EVIDENCE)
    scores = [line.score for line in lines if not line.vetoes]
    assert scores == sorted(scores, reverse=True)


def test_a_veto_is_told_in_words() -> None:
    found, _ = look("hộ gia đình 4 người đóng bảo hiểm y tế bao nhiêu")
    vetoes = [v for line in reasons.lines(DESK.snapshot, found, "") for v in line.vetoes]
    assert any(veto.startswith("khác đối tượng") for veto in vetoes)


@pytest.mark.parametrize(
    ("score", "outcome", "words"),
    [
        (0.915, Outcome.ANSWERED, "91,5% (trả lời từ 83%, hỏi lại từ 20%)."),
        (0.5, Outcome.ASKED_BACK, "50% (trả lời từ 83%, hỏi lại từ 20%)."),
        (0.9, Outcome.ASKED_BACK, "sát nhau nên vẫn hỏi lại."),
        (0.0, Outcome.NOT_KNOWN, "0% (trả lời"),
    ],
)
def test_the_verdict_names_the_thresholds(score: float, outcome: Outcome, words: str) -> None:
    found = Found(None, Decision(outcome, (), score), ())
    settings = MatchSettings(answer_threshold=0.83, ask_threshold=0.2)
    assert words in reasons.verdict(found, settings)
    assert reasons.verdict(Found(None, None, ()), settings) == ""


def test_every_outcome_of_a_decision_has_words() -> None:
    assert {Outcome.ANSWERED, Outcome.ASKED_BACK, Outcome.NOT_KNOWN} == set(reasons.OUTCOMES)


# -- figures ------------------------------------------------------------------------------
def test_every_used_row_is_shown_with_its_directive() -> None:
    _, told = look("mức đóng bhyt học sinh năm nay")
    values = reasons.values(DESK.snapshot, told)
    used = [row.id for one in values for row in one.rows if row.used]
    assert sorted(used) == sorted(told.answer.used)
    assert all(row.directive and row.since for one in values for row in one.rows)
    salary = next(one for one in values if one.id == "base_salary")
    assert salary.now[0].figure == "2.530.000 đồng/tháng"
    assert salary.now[0].until == "chưa có hạn"
    assert salary.rows[0] == salary.now[0]  # the newest first
    assert salary.chart is not None
    assert sum(step.used for step in salary.chart.steps) == 1


def test_a_place_is_shown_as_what_it_adds() -> None:
    place = next(p for p in DESK.snapshot.places.values() if p.support)
    audience = place.support[0].audience
    day = place.support[0].starts.isoformat()
    _, told = look("mức đóng bhyt học sinh", place=place.id, group=audience, day=day)
    names = [one.name for one in reasons.values(DESK.snapshot, told)]
    assert any(name.startswith(f"hỗ trợ thêm của {place.name}") for name in names), names


def test_an_answer_without_figures_has_no_values() -> None:
    _, told = look("quên mật khẩu vssid làm sao lấy lại")
    assert reasons.values(DESK.snapshot, told) == []


# -- the chart ----------------------------------------------------------------------------
def test_steps_stand_in_order_inside_the_picture_and_in_proportion() -> None:
    rows = value("base_salary", "vnd_per_month", *SALARY).rows
    drawn = chart(rows, Unit.VND_PER_MONTH, frozenset({date(2026, 7, 1)}), TODAY)
    assert drawn is not None
    steps = drawn.steps
    assert [step.label for step in steps] == ["1.490.000", "1.800.000", "2.340.000", "2.530.000"]
    assert all(a.x + a.width <= b.x for a, b in pairwise(steps))
    assert all(step.x >= 0 and step.x + step.width <= WIDTH for step in steps)
    assert all(0 < step.y < HEIGHT for step in steps)
    assert steps[0].height / steps[3].height == pytest.approx(float(Fraction(149, 253)), abs=0.01)
    assert [step.used for step in steps] == [False, False, False, True]
    assert [step.open_end for step in steps] == [False, False, False, True]
    assert steps[2].x < drawn.today_x <= steps[3].x + steps[3].width
    assert [tick.year for tick in drawn.ticks] == sorted({tick.year for tick in drawn.ticks})
    assert len(drawn.ticks) <= 8


def test_holes_are_no_steps_and_announced_rows_are_marked() -> None:
    hole = row("", "2027-01-01", "2027-06-30", "nd-161-2026", known="no")
    coming = row("2600000", "2027-07-01", "open", "nd-161-2026", standing="announced")
    rows = value("base_salary", "vnd_per_month", *SALARY, hole, coming).rows
    drawn = chart(rows, Unit.VND_PER_MONTH, frozenset(), TODAY)
    assert drawn is not None
    assert [step.announced for step in drawn.steps] == [False] * 4 + [True]
    in_force, announced = drawn.steps[3:]
    # What holds goes on under what is announced; its figure stands before it.
    assert in_force.x + in_force.width > announced.x
    assert in_force.middle < announced.x < announced.middle


@pytest.mark.parametrize(
    ("unit", "figures"),
    [("text", ["a", "b"]), ("date", ["2020-01-01", "2021-01-01"]), ("months", ["3", "3"]),
     ("share", ["50%"])],
)  # fmt: skip
def test_what_a_table_tells_better_gets_no_chart(unit: str, figures: list[str]) -> None:
    rows = [
        row(figure, f"{2020 + n}-01-01", f"{2020 + n}-12-31", "nd-38-2019")
        for n, figure in enumerate(figures)
    ]
    assert chart(value("v", unit, *rows).rows, Unit(unit), frozenset(), TODAY) is None
