"""Properties of folding and normalizing: one meaning for every way of typing the same letters."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.models import Question
from bot.normalize import fold, normalize
from tests.unit.match.world import index, lexicon

TODAY = date(2026, 11, 22)
_LETTERS = (
    "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ"
)
_WORDS = sorted({word for row in index().rows for word in row.phrasing.split()})
_TYPED = [
    "k", "ko", "dc", "bn", "mk", "hs", "1tr2", "500k", "hieemr", "bao3", "lop12", "12/3", "ạ", "?",
    ",", "năm", "tháng", "9",
]  # fmt: skip

messages = st.lists(
    st.one_of(
        st.sampled_from(_WORDS), st.sampled_from(_TYPED), st.text(_LETTERS, min_size=1, max_size=8)
    ),
    max_size=14,
).map(" ".join)


def meaning(text: str) -> Question:
    """The question without the text as received."""
    return replace(normalize(text, lexicon(), TODAY), text="")


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_can_be_normalized(text: str) -> None:
    question = normalize(text, lexicon(), TODAY)
    assert len(question.tokens) == len(question.weights)


@given(messages)
@settings(max_examples=200, deadline=None)
def test_composed_and_decomposed_are_one(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    decomposed = unicodedata.normalize("NFD", text)
    assert normalize(composed, lexicon(), TODAY) == normalize(decomposed, lexicon(), TODAY)


@given(messages)
@settings(max_examples=200, deadline=None)
def test_letter_case_says_nothing(text: str) -> None:
    assert meaning(text.upper()) == meaning(text.lower()) == meaning(text)


@given(messages)
@settings(max_examples=200, deadline=None)
def test_normalizing_again_changes_nothing(text: str) -> None:
    once = meaning(text)
    again = meaning(once.accented)
    assert again.accented == once.accented
    assert again.folded == once.folded


@given(messages, st.sampled_from(["\u200b", "\u200d", "\ufeff", "\u202e", "😀"]))
@settings(max_examples=100, deadline=None)
def test_what_nobody_sees_says_nothing(text: str, mark: str) -> None:
    assert meaning(text.replace(" ", f" {mark}")) == meaning(text)
