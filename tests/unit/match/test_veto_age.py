"""Answers about one grade or age are not for those who are another."""

from __future__ import annotations

from datetime import date

import pytest

from bot.commands.common import load_desk
from bot.dialogue import Desk
from bot.match import decide
from bot.normalize import normalize

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def desk() -> Desk:
    return load_desk()


def forbidden(desk: Desk, text: str) -> dict[str, str]:
    question = normalize(text, desk.lexicon, TODAY)
    found = decide(question, desk.index, desk.settings).candidates
    return {one.answer_id: "; ".join(one.vetoes) for one in found if one.vetoes}


@pytest.mark.parametrize(
    ("text", "answer_id", "reason"),
    [
        ("con lớp 6 đóng bhyt mấy tháng bao nhiêu tiền", "muc-dong-lop-1", "khác lớp"),
        ("con lớp 10 đóng bhyt 9 tháng bao nhiêu", "muc-dong-lop-12", "khác lớp"),
        ("con em 8 tuổi đóng bhyt bao nhiêu tiền", "tre-duoi-6-tuoi", "khác tuổi"),
        ("con em 20 tuổi đóng bhyt bao nhiêu", "tre-duoi-6-tuoi", "khác tuổi"),
    ],
)
def test_another_grade_or_age(desk: Desk, text: str, answer_id: str, reason: str) -> None:
    assert reason in forbidden(desk, text).get(answer_id, "")


@pytest.mark.parametrize(
    ("text", "answer_id"),
    [
        ("con vào lớp 1 đóng bhyt mấy tháng", "muc-dong-lop-1"),
        ("sao đứa lớp một đóng nhiều hơn đứa lớp ba", "muc-dong-lop-1"),
        ("học sinh lớp 12 đóng bhyt mấy tháng", "muc-dong-lop-12"),
        ("con 3 tuổi đóng bhyt bao nhiêu", "tre-duoi-6-tuoi"),
        ("bà 80 tuổi có được cấp thẻ bhyt không", "nguoi-cao-tuoi"),
    ],
)
def test_the_same_grade_or_age(desk: Desk, text: str, answer_id: str) -> None:
    assert answer_id not in forbidden(desk, text)
