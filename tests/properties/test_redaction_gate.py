"""The quick look before redaction may only let texts pass that hold nothing to redact."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import privacy

DIGITS = "0123456789٠١٢٣５６７²³⁵①⒈"
PIECES = st.lists(
    st.one_of(
        st.text(alphabet=DIGITS + " .-+()", max_size=14),
        st.sampled_from(["cccd ", "sđt ", "mã số ", "HS4", "a@b.vn", "a﹫b.vn", "đ", "\n", "x"]),
    ),
    max_size=6,
)


@given(PIECES)
def test_what_the_gate_lets_pass_holds_no_identifier(pieces: list[str]) -> None:
    text = unicodedata.normalize("NFC", "".join(pieces))
    if privacy._looks_personal(text):
        return
    assert not list(privacy._find(privacy._shadow(text)))
    assert privacy.redact(text) == privacy.Redacted(text)


@pytest.mark.parametrize(
    ("text", "closer"),
    [
        ("12345678 " + "a" * 20_000, False),
        ("1 2 3 4 5 6 7 8", False),
        ("1 2 3 4 5 6 7 8 9", True),
        ("thư về a@b.vn", True),
    ],
)
def test_the_gate_counts_digits_and_looks_for_an_at_sign(text: str, closer: bool) -> None:
    assert privacy._looks_personal(text) is closer
