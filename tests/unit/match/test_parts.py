"""The parts of matching: postings, classifier, model, evaluation, fitting."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.match import MatchSettings
from bot.match import classifier as classifiers
from bot.match.classifier import Classifier
from bot.match.evaluate import Response, accepted, evaluate, verdict
from bot.match.features import Synonyms, Text, read_text
from bot.match.fit import fit
from bot.match.index import label
from bot.match.model import CALIBRATION, RANK, Model
from bot.match.postings import Postings
from bot.match.space import Space
from bot.match.thresholds import choose_thresholds, write_model
from bot.normalize import normalize
from tests.unit.match.world import index, snapshot, strings


def space(*lines: str) -> Space:
    return Space([text(line) for line in lines])


def text(line: str) -> Text:
    return read_text(normalize(line, index().lexicon, date(2026, 1, 1)), Synonyms({}))


def test_a_text_is_wholly_like_itself() -> None:
    stored = space("mất thẻ", "thẻ hỏng rồi")
    alike = stored.likeness(stored.point(text("mất thẻ")))
    assert alike[0] == pytest.approx(1.0)
    assert 0.0 < alike[1] < 1.0


def test_foreign_words_lower_the_likeness() -> None:
    stored = space("mất thẻ", "đổi mật khẩu")
    known = stored.likeness(stored.point(text("mất thẻ")))
    assert stored.likeness(stored.point(text("mất thẻ qwrtp")))[0] < known[0]
    assert not stored.likeness(stored.point(text("qwrtp"))).any()
    assert not stored.likeness(stored.point(text(""))).any()


def test_a_bounded_search_reads_the_rarest_first() -> None:
    stored = space(*["thẻ học sinh"] * 20, "thẻ vàng")
    point = stored.point(text("thẻ vàng"))
    whole = stored.likeness(point)
    bounded = stored.likeness(point, most=12)
    assert bounded.argmax() == whole.argmax() == 20
    assert 0.0 < bounded[20] < whole[20]


def test_bm25_prefers_rare_words() -> None:
    postings = Postings([{"a": 1.0, "x": 1.0}, {"a": 1.0}, {"a": 1.0}])
    assert postings.scores({"x": 1.0})[0] > postings.scores({"a": 1.0})[0]
    assert not postings.scores({"zzz": 1.0}).any()


def test_classifier_knows_its_own() -> None:
    stored = space("mất thẻ", "mất thẻ rồi", "đổi mật khẩu")
    trained = Classifier(stored.rows(), ["x", "x", "y"])
    assert trained.names == ("x", "y")
    assert trained.scores(stored.point(text("thẻ mất"))).argmax() == 0
    assert trained.scores(stored.point(text("mật khẩu"))).argmax() == 1


def test_training_on_a_part_keeps_every_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classifiers, "MOST_LEARNED", 4)
    stored = space(*[f"mất thẻ lần {i}" for i in range(9)], "đổi mật khẩu", "đổi mật khẩu số 2")
    trained = Classifier(stored.rows(), ["x"] * 9 + ["y"] * 2)
    assert trained.scores(stored.point(text("đổi mật khẩu"))).argmax() == 1
    assert trained.scores(stored.point(text("mất thẻ"))).argmax() == 0


def test_model_survives_being_written() -> None:
    model = Model()
    assert Model.from_mapping(model.to_mapping()).rank == pytest.approx(RANK)
    assert Model.from_mapping(None).calibration == CALIBRATION


def test_probability_is_one_and_never_overflows() -> None:
    model = Model(calibration={"bias": 1000.0})
    assert model.probability({"bias": 1.0}) == pytest.approx(1.0)
    assert math.isfinite(model.probability({"bias": -1.0}))


def test_synonyms_take_the_longest_and_keep_weights() -> None:
    synonyms = Synonyms({"bhyt": ["bảo hiểm y tế"], "bh": ["bảo hiểm"]})
    words, weights = synonyms.apply(["mua", "bao", "hiem", "y", "te"], [1, 0.2, 0.2, 0.2, 1])
    assert words == ["mua", "bhyt"]
    assert weights == [1.0, 1.0]


@pytest.mark.parametrize(
    ("code", "name"), [("ma 4", "ma"), ("văn bản 146", "văn bản"), ("1/2023/x", "/"), ("7", "")]
)
def test_label(code: str, name: str) -> None:
    assert label(code) == name


@pytest.mark.parametrize(
    ("row", "given", "expected"),
    [
        ({"topic": "hssv_rate"}, Response("answered", "hssv_support"), "in:right"),
        ({"topic": "hssv_rate"}, Response("answered", "emergency"), "in:wrong"),
        ({"topic": "x", "also": ["five_year"]}, Response("answered", "five_year"), "in:right"),
        ({"topic": "hssv_rate"}, Response("asked_back", options=("hssv_rate",)), "in:offered"),
        ({"topic": "hssv_rate"}, Response("not_known"), "in:missed"),
        ({"topic": "other_bhyt"}, Response("answered", "emergency"), "in:right"),
        ({"topic": "other_bhxh"}, Response("not_known"), "in:right"),
        ({"topic": "other_bhxh"}, Response("answered", "five_year"), "in:wrong"),
        ({"expected": "x"}, Response("answered", "five_year"), "out:wrong"),
        ({"expected": "x"}, Response("answered", "other_bhxh"), "out:right"),
        ({"expected": "x"}, Response("not_known"), "out:right"),
    ],
)  # fmt: skip
def test_verdict(row: Mapping[str, Any], given: Response, expected: str) -> None:
    assert verdict(row, given, snapshot().topics) == expected


def test_report_counts_every_message() -> None:
    rows: list[dict[str, Any]] = [
        {"id": "1", "text": "a", "topic": "hssv_rate", "kind": "short"},
        {"id": "2", "text": "b", "kind": "gibberish", "expected": "x"},
        {"id": "3", "turns": [{"user": "c", "expect_topic": "emergency"}]},
    ]

    def respond(row: Mapping[str, Any]) -> Sequence[Response]:
        return [Response("answered", "hssv_rate")]

    report = evaluate(rows, respond, snapshot().topics)
    assert report.wrong == pytest.approx(0.5)
    assert report.right_or_offered == pytest.approx(0.5)
    assert report.outside_answered == 1.0
    assert "in scope: right 50.0 %" in report.lines()[-1]
    assert [miss[0] for miss in report.misses] == ["2", "3"]


def test_accepts_is_followed() -> None:
    assert accepted({"topic": "vssid_install"}, "vssid_password", snapshot().topics)
    assert not accepted({"topic": "vssid_password"}, "emergency", snapshot().topics)


def test_fitting_is_deterministic_and_keeps_signs() -> None:
    rows = [
        {"text": "hs đóng bao nhiêu tiền một năm", "topic": "hssv_rate"},
        {"text": "rớt mất thẻ rồi làm lại sao", "topic": "card_lost_or_wrong"},
        {"text": "quên pass vssid", "topic": "vssid_password"},
        {"text": "giá vàng hôm nay", "topic": ""},
    ]
    first = fit(rows, snapshot(), index())
    assert first == fit(rows, snapshot(), index())
    assert all(
        first.rank[name] >= 0 for name in RANK if name not in ("record", "negative", "elsewhere")
    )


def test_thresholds_keep_wrong_answers_within_limits() -> None:
    rows = [
        {"text": "hs đóng bao nhiêu tiền một năm", "topic": "hssv_rate"},
        {"text": "mất thẻ bhyt làm sao", "topic": "emergency"},
        {"text": "giá vàng hôm nay", "topic": ""},
    ]
    chosen = choose_thresholds(rows, index())
    assert chosen.answer_threshold > MatchSettings().answer_threshold
    assert choose_thresholds([], index()).answer_threshold == MatchSettings().ask_threshold


def test_written_numbers_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "calibration.yaml"
    write_model(Model(), path)
    assert Model.from_mapping(strings(path)).to_mapping() == Model().to_mapping()
