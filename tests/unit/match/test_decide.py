"""Decisions on a made-up knowledge base: answer, ask back, not known, vetoes, visibility."""

from __future__ import annotations

from datetime import date

import pytest

from bot.match import MatchSettings, decide
from bot.models import Decision, Outcome
from bot.normalize import normalize
from tests.unit.match.world import index

TODAY = date(2026, 11, 22)
SETTINGS = MatchSettings()


def ask(text: str, staff: bool = False, settings: MatchSettings = SETTINGS) -> Decision:
    return decide(normalize(text, index().lexicon, TODAY), index(), settings, staff)


def best(text: str) -> str:
    decision = ask(text)
    return decision.candidates[0].answer_id if decision.candidates else ""


@pytest.mark.parametrize(
    ("text", "answer_id"),
    [
        ("hs lớp 4 đóng bhyt bao nhiêu tiền vậy ad", "dong-bao-nhieu-hssv"),
        ("mat the bhyt lam sao", "mat-the"),
        ("dạ cho em hỏi em làm rớt thẻ bh y tế thì cấp lại ở đâu ạ", "mat-the"),
        ("quên mk vssid rồi", "quen-mat-khau"),
        ("nhà 5 người mua bhyt hết bn tiền", "dong-bao-nhieu-ho"),
        ("quee mật khẩu vssid", "quen-mat-khau"),
        ("hộ cận nghèo mua thẻ hết bao nhiêu", "can-ngheo"),
    ],
)
def test_near_questions_are_answered(text: str, answer_id: str) -> None:
    decision = ask(text)
    assert decision.outcome is Outcome.ANSWERED
    assert decision.candidates[0].answer_id == answer_id


def doubt(text: str) -> float:
    found = ask(text).candidates[0]
    assert found.answer_id == "dong-bao-nhieu-hssv"
    return found.evidence["whole.accents_differ"]


def test_only_another_known_word_is_another_word_by_its_accents() -> None:
    # "dóng", "hiêm" and "tiên" are slips: no phrasing spells so. "đồng" is a word of others.
    right = "học sinh đóng bảo hiểm y tế bao nhiêu tiền"
    assert doubt(right) == 0.0
    assert doubt("hoc sinh dong bao hiem y te bao nhieu tien") == 0.0
    assert doubt("học shinh dóng bảo hiêm y tê bao nhiu tiên") == 0.0
    assert doubt("học sinh dong bảo hiêm y tế bao nhiêu tiên") == 0.0
    assert doubt("học sinh đồng bảo hiểm y tế bao nhiêu tiền") > 0.0


@pytest.mark.parametrize(
    "text",
    [
        "bhbhbhbh",
        "lkjsdf qwer zxcv",
        "thời tiết hôm nay ở đà nẵng",
        "bảo hiểm xe máy giá bao nhiêu",
        "quy định về đấu giá biển số ô tô",
        "123456",
        "",
    ],
)
def test_what_is_not_ours_is_not_known(text: str) -> None:
    assert ask(text).outcome is Outcome.NOT_KNOWN


def test_a_numbered_code_is_not_another() -> None:
    assert best("thẻ mã 4 được hưởng bao nhiêu phần trăm") == "ma-4"
    assert best("the ma 1 duoc huong bao nhieu phan tram") == "ma-1"
    decision = ask("thẻ mã 2 được hưởng bao nhiêu phần trăm")
    assert decision.outcome is not Outcome.ANSWERED
    assert any("khác số hiệu" in one.vetoes[0] for one in decision.candidates if one.vetoes)


def test_another_audience_is_vetoed_with_a_reason() -> None:
    decision = ask("hộ nghèo đóng bhyt bao nhiêu tiền")
    vetoed = {one.answer_id: one.vetoes for one in decision.candidates if one.vetoes}
    assert "khác đối tượng" in vetoed["can-ngheo"][0]
    assert all(one.answer_id != "can-ngheo" for one in decision.candidates if not one.vetoes)


def test_another_product_is_vetoed() -> None:
    decision = ask("mức đóng bảo hiểm thất nghiệp một tháng bao nhiêu")
    assert decision.outcome is not Outcome.ANSWERED


def test_a_login_is_not_a_registration() -> None:
    assert best("không đăng nhập được vssid") == "quen-mat-khau"
    assert best("đăng ký tài khoản vssid thế nào") == "dang-ky-vssid"


def test_a_negative_phrasing_pushes_its_answer_down() -> None:
    assert best("người thứ hai trong hộ đóng bao nhiêu") == "dong-bao-nhieu-ho"


def test_staff_answers_are_for_staff() -> None:
    text = "giáo viên thu nộp danh sách hssv cho cơ quan bhxh khi nào"
    assert all(one.answer_id != "giao-vien-thu" for one in ask(text).candidates)
    assert ask(text, staff=True).candidates[0].answer_id == "giao-vien-thu"


def test_thresholds_rule_the_outcome() -> None:
    text = "hs đóng bhyt bao nhiêu"
    never = MatchSettings(answer_threshold=1.01, ask_threshold=0.0)
    assert ask(text, settings=never).outcome is Outcome.ASKED_BACK
    nothing = MatchSettings(answer_threshold=1.01, ask_threshold=1.01)
    assert ask(text, settings=nothing).outcome is Outcome.NOT_KNOWN


def test_a_candidate_says_why() -> None:
    first = ask("mất thẻ bhyt làm sao").candidates[0]
    assert first.phrasing in ("mất thẻ bhyt thì làm thế nào", "the bhyt bi mat phai lam sao")
    assert first.evidence["cosine"] > 0.5
    assert "whole.margin" in first.evidence


def test_another_business_unless_ours_is_named() -> None:
    business = ("việc khác: xe may",)
    vetoed = [one.vetoes for one in ask("té xe máy làm rơi thẻ thì làm sao").candidates]
    assert business in vetoed
    vetoed = [one.vetoes for one in ask("té xe máy làm rơi thẻ bhyt thì làm sao").candidates]
    assert business not in vetoed


def test_said_like_a_phrasing_is_not_held_against_a_short_question() -> None:
    said = ask("mất thẻ bhyt").candidates[0].evidence["whole.short"]
    assert ask("mất").candidates[0].evidence["whole.short"] > said


def test_a_race_between_topics_that_accept_each_other_is_none() -> None:
    evidence = ask("cả nhà mua bhyt hết bao nhiêu tiền").candidates[0].evidence
    assert evidence["whole.clear_margin"] >= evidence["whole.margin"]
    assert evidence["whole.family"] >= evidence["whole.share"]
