"""Cutting replies: never too long, never through a character, nothing lost."""

from __future__ import annotations

import pytest
import regex  # type: ignore[import-untyped] # ships no annotations
from hypothesis import given
from hypothesis import strategies as st

from bot.split import shorten, split, units

PLAIN = "a Mức đóng thẻ BHYT 683.100 đồng 4,5% 30/11/2023 học sinh: TP. Q. 1. ạ. không? Căn cứ"
ODD = ["👨\u200d👩\u200d👧\u200d👦", "👶🏽", "🇻🇳", "tie\u0302\u0301ng", "GIẤY TỜ:", "x" * 45]
WORDS = st.sampled_from([*PLAIN.split(" "), *ODD])
SPACES = st.sampled_from([" ", " ", " ", "\n", "\n\n", "\r\n", "  \n \n", "\u00a0"])
TEXTS = st.lists(st.tuples(WORDS, SPACES), max_size=120).map(
    lambda pairs: "".join(word + space for word, space in pairs)
)
LIMITS = st.integers(min_value=30, max_value=200)


def bare(text: str) -> str:
    return "".join(text.split())


@given(text=TEXTS, limit=LIMITS)
def test_parts_fit_and_lose_only_white_space(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(0 < units(p) <= limit and p.strip() for p in parts)
    assert bare("".join(parts)) == bare(text)


@given(text=TEXTS, limit=LIMITS)
def test_no_character_is_cut(text: str, limit: int) -> None:
    whole = [c for c in regex.findall(r"\X", text) if not c.isspace()]
    cut = [c for part in split(text, limit) for c in regex.findall(r"\X", part) if not c.isspace()]
    assert cut == whole


@given(text=st.text(max_size=300), limit=st.integers(min_value=2, max_value=40))
def test_any_text_fits(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(units(p) <= limit and p.strip() for p in parts)
    assert bare("".join(parts)) == bare(text)


@given(text=TEXTS)
def test_a_text_that_fits_stays_whole(text: str) -> None:
    expected = [text.strip()] if text.strip() else []
    assert split(text, max(2, units(text))) == expected


def test_blank_text_has_no_parts() -> None:
    assert split(" \n\t", 100) == []


def test_limit_must_hold_a_character() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        split("x", 1)


def test_paragraphs_come_first() -> None:
    one, two = "Mot doan. " * 5, "Hai doan. " * 5
    assert split(f"{one}\n\n{two}", 70) == [one.strip(), two.strip()]


def test_then_lines_sentences_words() -> None:
    assert split("Dòng một dài\nDòng hai dài", 20) == ["Dòng một dài", "Dòng hai dài"]
    assert split("Câu một ạ. Câu hai dài hơn nữa", 24) == ["Câu một ạ.", "Câu hai dài hơn nữa"]
    assert split("một hai ba bốn năm", 10) == ["một hai ba", "bốn năm"]
    assert split("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]


def test_abbreviations_and_line_numbers_end_no_sentence() -> None:
    assert split("Ở quận Một, TP. HCM nay mai", 22) == ["Ở quận Một, TP. HCM", "nay mai"]
    assert split("Cần:\n1. Mang thẻ bảo hiểm y tế", 20)[0] == "Cần:\n1. Mang thẻ bảo"


def test_a_tiny_paragraph_is_no_message_of_its_own() -> None:
    text = "Dạ.\n\n" + "Câu này dài. " * 10
    assert split(text, 100)[0].startswith("Dạ.\n\nCâu này")


@pytest.mark.parametrize("heading", ["Anh/chị cần làm như sau:", "MỨC ĐÓNG NĂM HỌC"])
def test_a_heading_goes_with_what_follows(heading: str) -> None:
    before, after = "Mở đầu khá dài ở đây. " * 3, "- bước một\n" * 6
    parts = split(f"{before.strip()}\n\n{heading}\n{after}", 100)
    assert parts[0] == before.strip()
    assert parts[1].startswith(f"{heading}\n- bước một")


def test_sources_stay_whole_in_the_last_part() -> None:
    body = "Một câu của câu trả lời. " * 8
    sources = "Căn cứ: Nghị định 146/2018/NĐ-CP, Điều 7; Luật Bảo hiểm y tế."
    parts = split(f"{body}\n\n{sources}", 120)
    assert parts[-1].endswith(sources)
    assert sources not in " ".join(parts[:-1])


def test_sources_join_the_last_part_when_there_is_room() -> None:
    body = "Một câu của câu trả lời. " * 5
    parts = split(f"{body}\n\nCăn cứ: Điều 7.", 100)
    assert parts[-1].endswith("câu trả lời.\n\nCăn cứ: Điều 7.")


def test_sources_take_their_heading_along() -> None:
    body = "Một câu của câu trả lời. " * 4
    parts = split(f"{body}\n\nNGUỒN TRA CỨU\nCăn cứ Điều 7 và Điều 8 của Luật.", 100)
    assert parts[-1] == "NGUỒN TRA CỨU\nCăn cứ Điều 7 và Điều 8 của Luật."


def test_overlong_sources_are_cut_like_other_text() -> None:
    text = "Mở đầu. Căn thẻ.\nCăn cứ: " + "Điều 7, " * 40
    assert all(units(p) <= 100 for p in split(text, 100))


def test_binding_blanks_hold_amounts_together() -> None:
    assert split("phải đóng 683.100\u00a0đồng", 18) == ["phải đóng", "683.100\u00a0đồng"]


def test_one_oversized_grapheme_is_cut_between_code_points() -> None:
    zalgo = "a" + "\u0301" * 50
    assert "".join(split(zalgo, 20)) == zalgo


def test_units_count_pairs() -> None:
    assert units("a🙏") == 3


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("Mức đóng", 20, "Mức đóng"),
        ("Mức đóng của học sinh, sinh viên", 20, "Mức đóng của học…"),
        ("Mức đóng của học sinh", 15, "Mức đóng của…"),
        ("Baohiemxahoiphuongtrantrongkhiem", 20, "Baohiemxahoiphuongt…"),
        ("  hai\n dòng ", 20, "hai dòng"),
        ("👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 20, "👨‍👩‍👧‍👦…"),
    ],
)
def test_shorten(text: str, limit: int, expected: str) -> None:
    assert shorten(text, limit) == expected


@given(text=st.text(max_size=60), limit=st.integers(min_value=2, max_value=20))
def test_shortened_titles_fit(text: str, limit: int) -> None:
    assert units(shorten(text, limit)) <= limit
