"""Unicode groundwork: one spelling for every way of typing the same letters.

`clean` gives the text as received without what nobody can see; `lower` the one lower-case
spelling with accents; `fold` the spelling without tone marks, vowel marks and đ.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_MARKS = "\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323"
_DROP_MARKS = dict.fromkeys(map(ord, _MARKS))
#: Categories that never carry meaning here: controls, formats (zero-width, bidi), surrogates,
#: private use, symbols "other" (emoji), modifier symbols, enclosing marks.
_DROP_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "So", "Sk", "Me"})
_VARIATION = re.compile("[\ufe00-\ufe0f\U000e0000-\U000e01ef]")
_KEEP_SK = frozenset("`^")
#: No Vietnamese word has more letters; longer texts are not kept.
_WORD = 12
_SPACES = re.compile(r"\s+")

_TONED = {
    "oa": ("òa", "óa", "ỏa", "õa", "ọa"),
    "oe": ("òe", "óe", "ỏe", "õe", "ọe"),
    "uy": ("ùy", "úy", "ủy", "ũy", "ụy"),
}
_NEW_STYLE = {
    "oa": ("oà", "oá", "oả", "oã", "oạ"),
    "oe": ("oè", "oé", "oẻ", "oẽ", "oẹ"),
    "uy": ("uỳ", "uý", "uỷ", "uỹ", "uỵ"),
}
_TONE_PLACE = {
    new: old for pair in _TONED for new, old in zip(_NEW_STYLE[pair], _TONED[pair], strict=True)
}
_TONE_PATTERN = re.compile("(?<!q)(" + "|".join(_TONE_PLACE) + r")(?![^\W\d_])")


@lru_cache(maxsize=4096)
def _keep(char: str) -> str:
    if char in "\n\t\r":
        return " " if char != "\n" else "\n"
    if char in _KEEP_SK:
        return char
    return "" if unicodedata.category(char) in _DROP_CATEGORIES else char


def clean(text: str) -> str:
    """The text as received: NFC, without controls, zero-width and bidi marks, emoji.

    Line breaks stay, because they end sentences.
    """
    composed = unicodedata.normalize("NFC", text)
    kept = "".join(map(_keep, _VARIATION.sub("", composed)))
    return unicodedata.normalize("NFC", kept).strip()


def lower(text: str) -> str:
    """Lower case with accents, in one spelling ("hoà" as "hòa", "１" and "¹" as "1")."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())
    return _TONE_PATTERN.sub(lambda found: _TONE_PLACE[found.group()], plain)


def strip_marks(text: str) -> str:
    """Lower-case text without tone and vowel marks and đ; one letter stays one letter in NFC."""
    if text.isascii():
        return text
    return _strip_word(text) if len(text) <= _WORD else _strip(text)


def _strip(text: str) -> str:
    bare = unicodedata.normalize("NFD", text).translate(_DROP_MARKS).replace("đ", "d")
    return unicodedata.normalize("NFC", bare)


#: Every stage asks for the same few thousand words again.
_strip_word = lru_cache(maxsize=16_384)(_strip)


def fold(text: str) -> str:
    """Lower case, no tone marks, no vowel marks, đ as d, single spaces.

    The same for NFC and NFD, upper and lower case, "hoà" and "hòa"; folding twice changes
    nothing.
    """
    return _SPACES.sub(" ", strip_marks(lower(clean(text)))).strip()


def has_accent(word: str) -> bool:
    """True when a lower-case word carries a Vietnamese mark or đ."""
    return not word.isascii() and strip_marks(word) != word
