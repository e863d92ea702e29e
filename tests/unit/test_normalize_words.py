"""Typed characters to words: Unicode, shortcuts, keyboard residue, missing spaces."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest

from bot.normalize import fold, normalize, split_questions
from bot.normalize.keyboard import telex, vni
from bot.normalize.syllables import is_syllable
from tests.unit.match.world import lexicon

TODAY = date(2026, 11, 22)


def folded(text: str) -> str:
    return normalize(text, lexicon(), TODAY).folded


def accented(text: str) -> str:
    return normalize(text, lexicon(), TODAY).accented


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Đóng BHYT", "dong bhyt"),
        ("HỌC  SINH\u200b\u00a0lớp", "hoc sinh lop"),
        ("hoà", "hoa"),
        ("\u202eđược\u202c 😡", "duoc"),
        ("", ""),
    ],
)
def test_fold(text: str, expected: str) -> None:
    assert fold(text) == expected
    assert fold(unicodedata.normalize("NFD", text)) == expected


def test_two_ways_of_placing_a_tone_are_one() -> None:
    assert accented("hoà khoẻ thuỷ quý") == accented("hòa khỏe thủy quý")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("đóng tiền rồi ko dc khám", "dong tien roi khong duoc kham"),
        ("e mún đk vs id", "em muon dang ky vssid"),
        ("hs đóng bh y tế bnhieu v ad", "hoc sinh dong bhyt bao nhieu vay ad"),
        ("thẻ hít hạn r lm s", "the het han roi lam sao"),
        ("hông biết mần răng", "khong biet lam sao"),
        ("đóng ở mô", "dong o dau"),
        ("nhổ răng có bh trả hok", "nho rang co bao hiem tra khong"),
        ("răng tui đi học cũng phải mua rứa", "sao toi di hoc cung phai mua vay"),
        ("răng con tui bị sâu", "rang con toi bi sau"),
        ("tttttt mất thẻ aaaaa", "mat the"),
        ("ơiiiii sao lâu vậyyyy", "oi sao lau vay"),
        ("thẻ kkkkk haha mất rồi", "the mat roi"),
        ("quên mk vssid", "quen mat khau vssid"),
        ("cho mk hỏi", "cho minh hoi"),
        ("bhxh tn", "bhxh tu nguyen"),
    ],
)
def test_shortcuts(typed: str, meant: str) -> None:
    assert folded(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hs đóng hết bn", "bao nhiêu"),
        ("nhà ở bn thì sao", "bắc ninh"),
        ("quyền của bn khám ngoại trú", "bệnh nhân"),
    ],
)
def test_bn_is_read_by_its_neighbours(typed: str, meant: str) -> None:
    assert meant in accented(typed)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("baor hieemr y tees", "bảo hiểm y tế"),
        ("bao3 hie6m3 y te61", "bảo hiểm y tế"),
        ("the4 dduwowcj", "the 4 được"),
        ("ther bij maats", "thẻ bị mất"),
        ("d9o6i3 no7i kham1", "đổi nơi khám"),
        ("lớp1 hay lop12", "lớp 1 hay lop 12"),
        ("max app web as", "max app web as"),
        ("mua the bhyt", "mua the bhyt"),
    ],
)
def test_keyboard_residue(typed: str, meant: str) -> None:
    assert accented(typed) == meant


@pytest.mark.parametrize(
    ("keys", "word"),
    [
        ("dduwowcj", "được"), ("vieenj", "viện"), ("cuwowcs", "cước"), ("rooif", "rồi"),
        ("giuwx", "giữ"), ("khoong", "không"), ("quyeenf", "quyền"), ("mej", "mẹ"),
    ],
)  # fmt: skip
def test_telex(keys: str, word: str) -> None:
    assert telex(keys) == word


@pytest.mark.parametrize(
    ("keys", "word"),
    [("d9u7o7c5", "được"), ("vie6n5", "viện"), ("na8m", "năm"), ("buo6c5", "buộc")],
)
def test_vni(keys: str, word: str) -> None:
    assert vni(keys) == word


@pytest.mark.parametrize("keys", ["bhyt", "vssid", "xyz", "the", "hoc"])
def test_plain_words_are_not_keys(keys: str) -> None:
    assert telex(keys) is None


@pytest.mark.parametrize("word", ["nghieng", "khong", "y", "duoc", "quyen", "giay"])
def test_syllables(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["bhyt", "vssid", "hieemr", "strong", "ddong", ""])
def test_not_syllables(word: str) -> None:
    assert not is_syllable(word)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("baohiemyte", "bao hiem y te"),
        ("hộgiađình mua thẻ", "ho gia dinh mua the"),
        ("quênmậtkhẩu vssid", "quen mat khau vssid"),
    ],
)
def test_words_run_together_are_cut(typed: str, meant: str) -> None:
    assert folded(typed) == meant


def test_placeholders_of_identifiers_survive() -> None:
    question = normalize("tra thẻ [MÃ SỐ] của em [CCCD]", lexicon(), TODAY)
    assert question.redacted == {"MÃ SỐ", "CCCD"}
    assert "[cccd]" not in question.tokens


def test_greetings_and_particles_do_not_count() -> None:
    question = normalize("dạ cho em hỏi mất thẻ làm sao ạ", lexicon(), TODAY)
    live = [word for word, w in zip(question.tokens, question.weights, strict=True) if w > 0]
    assert live == ["mat", "the", "lam", "sao"]


def test_the_story_counts_less_than_the_question() -> None:
    question = normalize(
        "Con tôi học trường chuyên xa nhà, hôm trước cháu bị sốt cao phải nằm ở trạm xá. "
        "Vậy mất thẻ thì làm lại ở đâu?",
        lexicon(),
        TODAY,
    )
    weight = dict(zip(question.tokens, question.weights, strict=True))
    assert weight["sot"] < weight["mat"] == 1.0


def test_accents_are_noticed() -> None:
    assert normalize("mat the bhyt lam sao", lexicon(), TODAY).unaccented
    assert not normalize("mất thẻ bhyt làm sao", lexicon(), TODAY).unaccented


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Mất thẻ bhyt làm sao? Học sinh đóng bao nhiêu tiền?", 2),
        ("Mất thẻ bhyt làm sao?", 1),
        ("con em lớp 3 học trường làng. đóng bao nhiêu tiền?", 1),
        ("thật không? đóng bao nhiêu vậy ad?", 1),
    ],
)
def test_split_questions(text: str, parts: int) -> None:
    assert len(split_questions(text)) == parts
