"""From typed characters to Vietnamese words: keyboard residue, shortcuts, spaces, repeats.

The result is a list of words with accents where they were typed, and the places where a
sentence or clause ends.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.normalize.fold import strip_marks
from bot.normalize.keyboard import looks_vni, sure_vni, telex, vni
from bot.normalize.lexicon import Lexicon, Reading
from bot.normalize.syllables import is_syllable, split_word

_TOKEN = re.compile(
    r"\[[^\[\]\n]{1,24}\]"  # placeholder of a redacted identifier
    r"|https?://\S+|www\.\S+"
    r"|\d+/\d{2,4}/[^\W\d_][\w-]*"  # number of a document
    r"|\d+(?:[.,/:-]\d+)+(?:[^\W\d_]+\d*)?"  # 683.100, 1/7/2025, 4,5, 1.5tr
    r"|a/c|n~"
    r"|[^\W_]+"
    r"|%|[.?!;,:\n]|…"
)
_MARKS = frozenset(".?!;,:\n…")
_REPEAT = re.compile(r"([^\W\d_])\1{2,}")
_MONEY = re.compile(r"\d+(?:[.,]\d+)*(?:k|tr|trieu|ng|nghin|ngan|d|vnd|ty|ti)\d*")
_PIECES = re.compile(r"\d+(?:[.,/:-]\d+)*|[^\W\d_]+")
_LAUGH = re.compile(r"(?:k{3,}|(?:ha){2,}h?|(?:hi){2,}|(?:he){2,}|(?:hu){2,}|h[aiu]{3,}|=+\)+)")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a message; `ends[i]` is the punctuation right after word i, or ""."""

    accented: tuple[str, ...]
    bare: tuple[str, ...]
    ends: tuple[str, ...]

    def with_marks(self) -> tuple[list[str], list[str], list[int]]:
        """Accented and bare words with punctuation as words of their own, and where each stands.

        Numbers and dates are read over this, so that none reaches across a comma.
        """
        accented: list[str] = []
        bare: list[str] = []
        index: list[int] = []
        for at, (word, plain, mark) in enumerate(
            zip(self.accented, self.bare, self.ends, strict=True)
        ):
            accented.append(word)
            bare.append(plain)
            index.append(at)
            if mark:
                accented.append(mark)
                bare.append(mark)
                index.append(at + 1)
        return accented, bare, [*index, len(self.bare)]


def closes_clause(at: int, bare: Sequence[str], ends: Sequence[str], lexicon: Lexicon) -> bool:
    """True when nothing but polite particles stands between word `at` and its clause's end."""
    while not ends[at]:
        if at + 1 >= len(bare):
            return True
        hit = lexicon.end.at(bare, at + 1) or lexicon.vocative.at(bare, at + 1)
        if hit is None:
            return False
        at += hit[0]
    return True


def split_words(lowered: str, lexicon: Lexicon) -> Words:
    """The words of lower-case NFC text, shortcuts expanded and residue decoded."""
    tokens: list[str] = _TOKEN.findall(lowered)
    as_vni = looks_vni([token for token in tokens if token[0].isalnum()])
    words: list[str] = []
    ends: list[str] = []
    for token in tokens:
        if token in _MARKS:
            if words:
                ends[-1] = _stronger(ends[-1], token)
            continue
        for word in _decode(token, lexicon, as_vni):
            words.append(word)
            ends.append("")
    words, ends = _expand_phrases(words, ends, lexicon)
    words, ends = _expand(words, ends, lexicon)
    return Words(tuple(words), tuple(map(strip_marks, words)), tuple(ends))


def _stronger(old: str, new: str) -> str:
    order = ",:;\n….!?"
    return max(old, new, key=lambda mark: order.find(mark) if mark else -1)


def _decode(token: str, lexicon: Lexicon, as_vni: bool) -> list[str]:
    """One typed token as one or more words, before shortcuts."""
    if token.startswith(("http", "www.")):
        return []
    if token[0] in "%[":
        return [token]
    bare = strip_marks(token)
    if bare.isdecimal() or "/" in token:
        return [token]
    if not bare.isalpha():
        return _decode_mixed(token, bare, lexicon, as_vni)
    if _LAUGH.fullmatch(bare) or token in lexicon.drop or _is_mashed(bare):
        return []
    if token in lexicon.words:
        return [token]  # "cccd" is written with three c
    word = _REPEAT.sub(r"\1", token)
    if word in lexicon.words or word in lexicon.readings or word in lexicon.plain:
        return [word]
    bare = strip_marks(word)
    if is_syllable(bare):
        return [word]
    once = re.sub(r"([^\W\d_])\1+$", r"\1", word)
    if once != word and is_syllable(strip_marks(once)):
        return [once]
    decoded = telex(word)
    if decoded:
        return [decoded]
    cut = _cut(word, bare, lexicon)
    mended = lexicon.spelling.mend(bare) if cut == [word] else ""
    return [mended] if mended else cut


def _is_mashed(bare: str) -> bool:
    """A key held down ("tttttt"): no stretched word, for nothing would be left but one letter."""
    return len(bare) > 3 and len(set(bare)) == 1


def _decode_mixed(token: str, bare: str, lexicon: Lexicon, as_vni: bool) -> list[str]:
    """Letters and digits in one token: VNI keys, money, "lop12", a code."""
    if _MONEY.fullmatch(bare) or (token[0].isdecimal() and not any(map(str.isalpha, token))):
        return [token]
    if as_vni or sure_vni(token):
        decoded = vni(token)
        if decoded:
            return [decoded]
    pieces = _PIECES.findall(token)
    letters = [piece for piece in pieces if piece.isalpha()]
    if all(_is_word(piece, lexicon) for piece in letters) and len(pieces) <= 3:
        return [
            word
            for piece in pieces
            for word in (_decode(piece, lexicon, False) if piece.isalpha() else [piece])
        ]
    return [token]


def _is_word(piece: str, lexicon: Lexicon) -> bool:
    if piece in ("t", "l", "lop", "lớp", "thg", "tuoi", "thang"):
        return True
    return len(piece) > 2 and is_syllable(strip_marks(piece))


def _cut(word: str, bare: str, lexicon: Lexicon) -> list[str]:
    """Words run together, cut apart: "hếthạnrồi" -> hết hạn rồi."""
    if len(bare) < 5 or bare in lexicon.counts or len(bare) != len(word) or len(bare) > 60:
        return [word]
    parts = split_word(bare, lexicon.counts, lexicon.pairs)
    if parts is None or len(parts) < 2:
        return [word]
    words: list[str] = []
    at = 0
    for part in parts:
        words.append(word[at : at + len(part)])
        at += len(part)
    return words


def _expand_phrases(
    words: list[str], ends: list[str], lexicon: Lexicon
) -> tuple[list[str], list[str]]:
    hits = lexicon.phrases.find(words)
    if not hits:
        return words, ends
    out: list[str] = []
    marks: list[str] = []
    at = 0
    for start, end, value in hits:
        if any(ends[start : end - 1]):
            continue
        out += [*words[at:start], *value]
        marks += [*ends[at:start], *[""] * (len(value) - 1), ends[end - 1]]
        at = end
    return out + words[at:], marks + ends[at:]


def _expand(words: list[str], ends: list[str], lexicon: Lexicon) -> tuple[list[str], list[str]]:
    bare = [strip_marks(word) for word in words]
    out: list[str] = []
    marks: list[str] = []
    for at, word in enumerate(words):
        if word in lexicon.readings:
            chosen = _choose(at, word, bare, ends, lexicon)
        else:
            chosen = lexicon.words.get(word, (word,))
        out += chosen
        marks += [*[""] * (len(chosen) - 1), ends[at]]
    return out, marks


def _choose(
    at: int, word: str, bare: list[str], ends: list[str], lexicon: Lexicon
) -> tuple[str, ...]:
    """The reading of an ambiguous word that its neighbours speak for most."""
    before = bare[max(0, at - 3) : at]
    after = bare[at + 1 : at + 4]
    is_last = closes_clause(at, bare, ends, lexicon)

    def score(reading: Reading) -> int:
        points = reading.weight
        points += 2 * any(cue in reading.before for cue in before)
        points += 2 * any(cue in reading.after for cue in after)
        points += 2 * (reading.last and is_last)
        if reading.number == "before":
            points += 2 * (bool(before) and before[-1].replace(".", "").isdecimal())
        if reading.number == "after":
            points += 2 * (bool(after) and after[0][0].isdecimal())
        return points

    best = max(lexicon.readings[word], key=score)
    return best.words or (word,)
