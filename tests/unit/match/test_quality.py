"""Figures of the quality report: places, intervals, groups, reliability, the page itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.match import MatchSettings
from bot.match.baselines import rankings
from bot.match.crossfit import cross_fitted
from bot.match.evaluate import Response
from bot.match.quality import Figures, Seen, by, confusions, interval, reliability, see
from bot.models import Outcome
from bot.normalize import normalize
from bot.quality_page import diagram, page
from tests.unit.match.world import index, snapshot

TODAY = date(2026, 11, 22)


def seen(verdict: str = "in:right", **more: object) -> Seen:
    base = Seen("f", "1", "t", "hssv_rate", "typo", verdict, "answered", "hssv_rate", 0.9, 1)
    return replace(base, **more)  # type: ignore[arg-type]  # fields by name, checked at run time


def test_the_place_of_the_right_topic() -> None:
    topics = snapshot().topics
    row = {"id": "7", "text": "mất thẻ", "topic": "card_lost_or_wrong", "kind": "short"}
    ranked = ["vssid_password", "card_lost_or_wrong"]
    one = see("f", row, Response("asked_back", options=tuple(ranked)), ranked, 0.4, topics)
    assert (one.place, one.verdict, one.kind) == (2, "in:offered", "short")
    outside = {"id": "8", "text": "nấu phở", "topic": "out_of_domain"}
    one = see("f", outside, Response("not_known"), ranked, 0.1, topics)
    assert (one.place, one.inside, one.wanted) == (0, False, "")


def test_interval_of_a_share() -> None:
    low, high = interval(9, 10)
    assert 0.55 < low < 0.9 < high < 1.0
    assert interval(0, 0) == (0.0, 1.0)
    assert interval(0, 50)[0] == 0.0
    narrow = interval(900, 1000)
    assert narrow[1] - narrow[0] < high - low


def test_figures_count_what_is_in_scope() -> None:
    found = Figures.of(
        [
            seen(),
            seen("in:offered", outcome="asked_back", place=2),
            seen("in:wrong", place=4),
            seen("in:missed", outcome="not_known", place=0),
            seen("out:wrong", wanted=""),
        ]
    )
    assert (found.total, found.first, found.three) == (4, 1, 2)
    assert (found.right, found.helped, found.wrong) == (1, 2, 1)
    assert (found.asked, found.unknown) == (1, 1)


def test_groups_and_confusions() -> None:
    some = [seen(), seen("in:wrong", given="free_groups"), seen(kind="caps")]
    assert {name: one.total for name, one in by(some, lambda one: one.kind).items()} == {
        "caps": 1,
        "typo": 2,
    }
    assert confusions(some) == [("hssv_rate", "free_groups", 1)]


def test_reliability_bins_hold_every_message() -> None:
    some = [seen(score=at / 40, place=1 if at > 20 else 3) for at in range(40)]
    bins = reliability(some)
    assert sum(n for _, _, n in bins) == 40
    assert [x for x, _, _ in bins] == sorted(x for x, _, _ in bins)
    assert bins[0][1] == 0.0
    assert bins[-1][1] == 1.0


def test_every_baseline_finds_a_stored_phrasing() -> None:
    phrasing = next(row for row in index().rows if row.answer_id and not row.negative)
    question = normalize(phrasing.phrasing, index().lexicon, TODAY)
    topic = index().profiles[phrasing.answer_id].topic
    for name, rank in rankings(index()).items():
        assert topic in rank(question)[:2], name


def test_cross_fitting_measures_every_row_once() -> None:
    phrasings = [row for row in index().rows if row.answer_id and not row.negative][:12]
    rows = [
        (
            "f",
            {
                "id": str(at),
                "text": row.phrasing,
                "topic": index().profiles[row.answer_id].topic,
            },
        )
        for at, row in enumerate(phrasings)
    ]
    found = cross_fitted(rows, index(), MatchSettings(), folds=3)
    assert sorted(int(one.row_id) for one in found) == list(range(12))
    assert {one.outcome for one in found} <= {outcome.value for outcome in Outcome}


def test_the_page_says_what_was_measured() -> None:
    some = [seen(), seen("in:wrong", given="free_groups", place=2), seen("out:right", wanted="")]
    text = page("bot eval x", "2026-01-01.", some, some, {"BM25": (1, 2, 2)}, ["in scope: …"])
    assert "`bot eval x`" in text
    assert "| BM25 | 50.0 %" in text
    assert "| hssv_rate | free_groups | 1 |" in text
    assert "ranking: a wrong answer, the right topic second or third | 1" in text


def test_the_diagram_is_svg_without_script() -> None:
    picture = diagram([seen(score=0.2), seen(score=0.9)])
    assert picture.startswith(b"<svg")
    assert b"<script" not in picture


def test_no_message_no_share() -> None:
    with pytest.raises(StopIteration):
        next(iter(by([], lambda one: one.kind)))
    assert "–" in page("c", "s", [], [], {"none": (0, 0, 0)}, [])
