"""The quick look before redaction may only let texts pass that hold nothing to redact."""

from __future__ import annotations

import unicodedata

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
    if privacy._LOOKS_PERSONAL.search(text):
        return
    assert not list(privacy._find(privacy._shadow(text)))
    assert privacy.redact(text) == privacy.Redacted(text)


def test_the_gate_is_quick_on_long_texts_without_identifiers() -> None:
    # Linear: a square of this length would not end.
    assert privacy._LOOKS_PERSONAL.search("12345678 " + "a" * 20_000) is None
    assert privacy._LOOKS_PERSONAL.search("1 2 3 4 5 6 7 8 " * 1) is None
