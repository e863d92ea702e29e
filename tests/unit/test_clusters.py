"""Grouping near-identical questions: what joins, what stays apart, how the weeks are counted."""

from __future__ import annotations

from datetime import timedelta

from bot.clusters import MOST_WORDINGS, WEEKS, Cluster, clusters, find
from bot.console.pages.unanswered import compared
from bot.store.unanswered import Unanswered
from tests.small_answers import NOW


def asked(text: str, days_ago: float = 0, **more: str) -> Unanswered:
    return Unanswered(text, NOW - timedelta(days=days_ago), more.pop("channel", "zalo"), **more)


def grouped(*questions: Unanswered) -> list[Cluster]:
    return clusters(questions, NOW, compared)


def test_spelling_accents_and_order_of_words_join() -> None:
    [one] = grouped(
        asked("Thẻ BHYT bị ướt có đổi được không?"),
        asked("the bhyt bi uot co doi duoc khong"),
        asked("thẻ bhyt bị ướt, có đổi được ko ạ"),
        asked("bị ướt thẻ bhyt có đổi được không", channel="messenger"),
    )
    assert one.count == 4
    assert one.text == "Thẻ BHYT bị ướt có đổi được không?"
    assert one.channels == ("messenger", "zalo")
    assert len(one.wordings) == 3


def test_other_questions_stay_apart() -> None:
    found = grouped(
        asked("thẻ bị ướt có đổi được không"),
        asked("con đi bộ đội có phải đóng bảo hiểm không"),
        asked("phòng khám nào gần đây"),
    )
    assert len(found) == 3


def test_questions_about_different_answers_stay_apart() -> None:
    same = "mức đóng bhyt học sinh"
    found = grouped(
        asked(same, answer_id="a", reason="off"),
        asked(same, answer_id="a", reason="short"),
        asked(same, answer_id="a", reason="off"),
        asked(same, answer_id="b"),
    )
    assert [(one.answer_id, one.count) for one in found] == [("a", 3), ("b", 1)]
    assert found[0].reasons == (("off", 2), ("short", 1))


def test_weeks_and_trend() -> None:
    text = "thẻ bị ướt có đổi được không"
    [one] = grouped(*(asked(text, days) for days in (0, 1, 6.9, 7.1, 15, 27, 27)))
    assert one.weeks == (2, 1, 1, 3)
    assert (one.recent, one.before, one.trend) == (3, 1, "up")
    assert grouped(asked(text, 1))[0].trend == "new"
    assert grouped(asked(text, 8))[0].trend == "down"
    assert grouped(asked(text, 1), asked(text, 8))[0].trend == "same"
    assert sum(grouped(asked(text, 400))[0].weeks) == 1
    assert len(one.weeks) == WEEKS


def test_the_most_asked_of_this_week_comes_first() -> None:
    found = grouped(
        *(asked("phòng khám nào gần đây", 20) for _ in range(9)),
        *(asked("thẻ bị ướt có đổi được không", 1) for _ in range(2)),
    )
    assert [one.count for one in found] == [2, 9]


def test_any_wording_leads_to_its_group_and_order_does_not_matter() -> None:
    questions = [
        asked("thẻ bị ướt có đổi được không"),
        asked("thẻ bị ướt có đổi được không ạ"),
        asked("phòng khám nào gần đây"),
    ]
    found = grouped(*questions)
    assert found == grouped(*reversed(questions))
    for one in found:
        for key in one.keys:
            assert find(found, key) is one
    assert find(found, "0" * 16) is None


def test_work_is_bounded_and_signs_alone_are_no_question() -> None:
    many = [asked(f"câu {n} {n * 7919 % 10007} {n * 104729 % 99991}") for n in range(1600)]
    found = grouped(*many, asked("?!"), asked(" "))
    assert sum(one.count for one in found) == MOST_WORDINGS
