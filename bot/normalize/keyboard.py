"""Keyboard residue: Telex ("baor hieemr") and VNI ("bao3 hie6m3") keystrokes left undecoded.

A word is decoded only when the keys yield a Vietnamese syllable and the word as typed is not
one, nor a plain word of the lexicon: "the" stays "the", "ther" becomes "thẻ".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from bot.normalize.fold import strip_marks
from bot.normalize.syllables import is_syllable

_TELEX_TONE = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_VNI_TONE = {"1": "\u0301", "2": "\u0300", "3": "\u0309", "4": "\u0303", "5": "\u0323"}
_TELEX_DOUBLES = (("dd", "đ"), ("aa", "â"), ("ee", "ê"), ("oo", "ô"))
_VOWELS = frozenset("aăâeêioôơuưy")
_CLOSED = re.compile(r"(?:c|ch|t|p)$")
_VNI_WORD = re.compile(r"[a-z]+[1-9][a-z1-9]*")


def _place_tone(word: str, tone: str) -> str | None:
    """The word with the tone mark on its main vowel; None when it has no vowel."""
    at = [i for i, char in enumerate(word) if char in _VOWELS]
    if word.startswith(("qu", "gi")) and len(at) > 1:
        at = at[1:]
    if not at:
        return None
    run = [at[0]]
    for i in at[1:]:
        if i != run[-1] + 1:
            break
        run.append(i)
    marked = [i for i in run if word[i] in "ăâêôơư"]
    if marked:
        main = marked[-1]
    elif len(run) == 1:
        main = run[0]
    elif len(run) == 3 or run[-1] < len(word) - 1:
        main = run[-2] if len(run) == 3 else run[-1]
    else:
        main = run[0]
    return unicodedata.normalize("NFC", word[: main + 1] + tone + word[main + 1 :])


def _finish(word: str, tone: str) -> str | None:
    bare = strip_marks(word)
    if not is_syllable(bare):
        return None
    if _CLOSED.search(bare) and tone and tone not in ("\u0301", "\u0323"):
        return None
    return _place_tone(word, tone) if tone else word


def telex(word: str) -> str | None:
    """The syllable that Telex keys spell, or None when they spell none.

    The word may carry some marks already ("vieenj", "dduwowcj", "giuwx").
    """
    tone = ""
    letters = word
    at = max((letters.rfind(key) for key in _TELEX_TONE), default=-1)
    if at > 0 and not tone:
        key = letters[at]
        rest = letters[:at] + letters[at + 1 :]
        if any(char in _VOWELS for char in strip_marks(letters[:at])):
            tone, letters = _TELEX_TONE[key], rest
    changed = bool(tone)
    for keys, char in _TELEX_DOUBLES:
        if keys in letters:
            letters, changed = letters.replace(keys, char, 1), True
    if letters.count("d") == 2 and letters.startswith("d") and letters.endswith("d"):
        letters, changed = "đ" + letters[1:-1], True
    if "w" in letters:
        changed = True
        letters = letters.replace("uow", "ươ").replace("uwow", "ươ")
        letters = letters.replace("aw", "ă").replace("ow", "ơ").replace("uw", "ư")
        if "w" in letters:
            letters = _loose_w(letters)
    if not changed:
        return None
    return _finish(letters, tone)


def _loose_w(letters: str) -> str:
    """A "w" typed away from its vowel: "tuongw" -> tương, "camr" stays."""
    bare = letters.replace("w", "", 1)
    for plain, marked in (("uo", "ươ"), ("a", "ă"), ("o", "ơ"), ("u", "ư")):
        if plain in bare:
            return bare.replace(plain, marked, 1)
    return letters.replace("w", "ư", 1)


def vni(word: str) -> str | None:
    """The syllable that VNI keys spell, or None when they spell none."""
    if not _VNI_WORD.fullmatch(word):
        return None
    tone = ""
    letters = ""
    for char in word:
        if char in _VNI_TONE:
            tone = _VNI_TONE[char]
        elif char == "6":
            letters = _mark_last(letters, {"a": "â", "e": "ê", "o": "ô"})
        elif char == "7":
            letters = letters.replace("uo", "ươ") if letters.endswith("uo") else letters
            letters = _mark_last(letters, {"o": "ơ", "u": "ư"})
        elif char == "8":
            letters = _mark_last(letters, {"a": "ă"})
        elif char == "9":
            letters = _mark_last(letters, {"d": "đ"})
        else:
            letters += char
        if not letters:
            return None
    return _finish(letters, tone)


def _mark_last(letters: str, marks: dict[str, str]) -> str:
    for i in range(len(letters) - 1, -1, -1):
        if letters[i] in marks:
            return letters[:i] + marks[letters[i]] + letters[i + 1 :]
    return letters


def looks_vni(words: Sequence[str]) -> bool:
    """True when a message is typed with VNI keys left undecoded: at least two words say so.

    "lop1" or "thang5" alone says nothing: it may be "lớp 1", "tháng 5". A key inside a word
    ("hie6m3"), or 6-9 that makes a mark, is beyond doubt.
    """
    sure = 0
    for word in words:
        decoded = vni(word) if not word.isalpha() and not word.isdecimal() else None
        if decoded and (re.search(r"\d[a-z]", word) or re.search(r"[6789]", word)):
            sure += 1
    return sure >= 2


def sure_vni(word: str) -> bool:
    """True when a single word can only be VNI residue: a key stands between its letters."""
    return bool(re.fullmatch(r"[a-z]+\d+[a-z]+\d*", word)) and vni(word) is not None
