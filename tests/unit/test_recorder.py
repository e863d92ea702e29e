"""Two traces one after the other read like one trace of both renderings."""

from __future__ import annotations

from datetime import date

from bot.models import Citation
from bot.recorder import Recorder
from knowledge.schema import Confidence

WHERE = ("nd-188-2025", "Điều 6")


def citation(since: str) -> Citation:
    return Citation("188/2025", "Điều 6", since, "open")


def test_the_dates_of_a_row_tell_more_than_those_of_its_document() -> None:
    first, later = Recorder(), Recorder()
    first.citations[WHERE] = citation("2025-07-01")
    later.citations[WHERE] = citation("2026-07-01")
    later.dated[WHERE] = {date(2026, 7, 1)}
    first.add(later)
    assert first.citations[WHERE].effective_from == "2026-07-01"
    again = Recorder()
    again.citations[WHERE] = citation("2018-01-01")
    again.dated[WHERE] = {date(2018, 1, 1)}
    first.add(again)  # the first row keeps its dates, the days of both are known
    assert first.citations[WHERE].effective_from == "2026-07-01"
    assert first.dated[WHERE] == {date(2026, 7, 1), date(2018, 1, 1)}


def test_first_labels_stay_and_the_weakest_input_counts() -> None:
    first, later = Recorder(), Recorder()
    first.labels[683_100] = "Người tham gia"
    later.labels.update({683_100: "khác", 56_925: "mỗi tháng"})
    later.weigh(Confidence.SINGLE_SOURCE, "Báo tỉnh")
    later.place_used = True
    first.add(later)
    assert first.labels == {683_100: "Người tham gia", 56_925: "mỗi tháng"}
    assert first.confidence is Confidence.SINGLE_SOURCE
    assert list(first.single_sources) == ["Báo tỉnh"]
    assert first.place_used
