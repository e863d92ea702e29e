"""Turns that are not questions about insurance: greetings, thanks, calls for a person, danger.

Works on folded text with the word lists of `knowledge/lexicon/smalltalk.yaml`. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any

from bot.normalize import fold


class Turn(StrEnum):
    """What kind of non-question a turn is."""

    CRISIS = "crisis"
    EMERGENCY = "emergency"
    HANDOVER = "handover"
    PERSONAL = "personal"
    MENU = "menu"
    COMPLAINT = "complaint"
    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    WHO = "who"
    ABUSE = "abuse"
    SMALL_TALK = "small_talk"
    FOREIGN = "foreign"
    ACKNOWLEDGEMENT = "acknowledgement"
    AGREEMENT = "agreement"


#: Words of the trade: with one of them a turn is a question, whatever else it says.
_TRADE = re.compile(
    r"\b(bhyt|bhxh|bhtn|bao hiem|the|muc dong|dong|tien|vssid|vneid|cccd|can cuoc|thanh toan|"
    r"ho tro|mien phi|benh vien|kham|chua benh|huong|bhxh|hoc sinh|sinh vien|ho gia dinh)\b"
)
#: English words that are no Vietnamese ones without marks (unlike "the", "do", "can", "me").
_ENGLISH = re.compile(
    r"\b(is|are|what|how|much|where|when|why|who|which|does|you|your|insurance|health|please|student|"
    r"card|and|for|of|this|ignore|previous|instructions|system|prompt|need|want|cost|child|children|"
    r"register|hospital|foreigner|about|with|hello|english|speak)\b"
)
#: A letter of another script than ours: Han, Hangul, Khmer, Cyrillic and so on.
_OTHER_SCRIPT = re.compile(r"[^\W\d_a-zA-Z\u00c0-\u024f\u0300-\u036f\u1e00-\u1eff]")
#: A call for the menu has no more words than this.
_SHORT = 4
#: Nothing but an acknowledgement has no more words than this.
_MOST_SAID = 10
_LINK = re.compile(r"\s*(?:(?:https?://|www\.)\S+\s*)+")
_ORDER = (Turn.GREETING, Turn.THANKS, Turn.GOODBYE)


def recognise(folded: str, accented: str, words: Mapping[str, Any]) -> Turn | None:
    """The kind of small talk, or None when the turn is a question.

    `folded` is lower case without accents, `accented` the same text as typed; `words` is the
    smalltalk lexicon. Where folding makes two words alike (tự tử, từ từ), the accents decide.
    """
    text = f" {folded} "

    # "từ từ" (slowly) folds to the same letters as "tự tử"; an accent that was typed tells.
    calm = "từ từ" in accented

    def has(kind: str) -> bool:
        return any(
            f" {phrase} " in text and not (calm and "tu tu" in phrase) for phrase in words[kind]
        )

    if has("crisis") or any(phrase in accented for phrase in words["crisis_accented"]):
        return Turn.CRISIS
    if is_foreign(accented):
        return Turn.FOREIGN
    trade = bool(_TRADE.search(folded))
    if has("emergency") and not trade:
        return Turn.EMERGENCY
    said = acknowledges(accented, words)
    if said:
        return said
    if has("handover"):
        return Turn.HANDOVER
    if is_personal(folded, accented, words):
        return Turn.PERSONAL
    if len(folded.split()) <= _SHORT and only_words(folded, words["menu"], words["filler"]):
        return Turn.MENU
    for kind in _ORDER:
        if has(kind.value) and _only(folded, words[kind.value], words["filler"]):
            return kind
    if trade:
        return None
    if has("complaint"):
        return Turn.COMPLAINT
    for kind in (Turn.WHO, Turn.ABUSE, Turn.SMALL_TALK):
        if has(kind.value):
            return kind
    return None


def is_foreign(typed: str) -> bool:
    """True when a message is not in Vietnamese: another script, or plainly English."""
    if len(_OTHER_SCRIPT.findall(typed)) >= 2:
        return True
    return typed.isascii() and len(set(_ENGLISH.findall(typed.lower()))) >= 3


def is_link(text: str) -> bool:
    """True when a message is nothing but addresses: they are never opened."""
    return bool(_LINK.fullmatch(text))


def is_hearsay(folded: str, words: Mapping[str, Any], *, amount: bool = False) -> bool:
    """True when somebody repeats news and may want to know whether it is so.

    With an `amount` of money, "có đúng không" asks to compare figures, not about news.
    """
    text = f" {folded} "
    cues = words["hearsay"] if amount else [*words["hearsay"], *words["hearsay_asked"]]
    return any(f" {phrase} " in text for phrase in cues)


def acknowledges(typed: str, words: Mapping[str, Any]) -> Turn | None:
    """What a turn of nothing but agreement, declining, calling and fillers is; else None.

    These lists are spelled with accents, because "đá" is no "dạ": a word counts as typed with
    its own accents or with none. "Không" and "có" stand alone ("rõ không" asks, "không rõ"
    complains), and with a question mark they ask.
    """
    said = re.sub(r"[^\w\s]", " ", typed).split()
    if not 0 < len(said) <= _MOST_SAID:
        return None
    filler = words["ack_filler"]

    def made_of(kind: str) -> bool:
        return _made_of(said, words[kind], filler)

    asks = "?" in typed
    if made_of("acknowledgement") or (not asks and made_of("refusal")):
        return Turn.ACKNOWLEDGEMENT
    if not asks and made_of("agreement"):
        return Turn.AGREEMENT
    if made_of("calling"):
        return Turn.GREETING
    return Turn.ACKNOWLEDGEMENT if _made_of(said, filler, filler) else None


def _made_of(said: Sequence[str], cues: Sequence[str], filler: Sequence[str]) -> bool:
    """True when words are cues and fillers only, at least one of them a cue."""
    table = _table(tuple(cues), tuple(filler))
    at, found = 0, False
    while at < len(said):
        here = next(
            (
                (words, cue)
                for words, cue in table.get(said[at], ())
                if _spells(said[at : at + len(words)], words)
            ),
            None,
        )
        if here is None:
            return False
        at, found = at + len(here[0]), found or here[1]
    return found


#: First word, as it may be typed -> (the words of a phrase, whether it is a cue), longest first.
_Table = Mapping[str, Sequence[tuple[tuple[str, ...], bool]]]


@lru_cache(maxsize=16)
def _table(cues: tuple[str, ...], filler: tuple[str, ...]) -> _Table:
    phrases = [(tuple(phrase.split()), True) for phrase in cues]
    phrases += [((word,), False) for word in filler]
    phrases.sort(key=lambda one: len(one[0]), reverse=True)  # a cue before the same filler
    table: dict[str, list[tuple[tuple[str, ...], bool]]] = {}
    for one in phrases:
        for spelled in _spellings(one[0][0]):
            table.setdefault(spelled, []).append(one)
    return table


def _spells(typed: Sequence[str], words: Sequence[str]) -> bool:
    """True when words are typed as they are spelled, or without any accents."""
    return len(typed) == len(words) and all(
        one in _spellings(word) for one, word in zip(typed, words, strict=True)
    )


@lru_cache(maxsize=1024)
def _spellings(word: str) -> frozenset[str]:
    return frozenset((word, fold(word)))


def only_words(folded: str, cues: Sequence[str], filler: Sequence[str]) -> bool:
    """True when a short turn is one of the cues, perhaps with fillers around it."""
    words = " ".join(re.sub(r"[^\w\s]", " ", folded).split())
    said = any(f" {cue} " in f" {words} " for cue in cues)
    return said and _only(words, [*cues], [*filler])


def is_personal(folded: str, accented: str, words: Mapping[str, Any]) -> bool:
    """True when somebody asks to look into one person's record.

    Folding makes "họ trả" (they pay) look like "hộ tra" (look up for me), so a word whose typed
    accents say otherwise does not count. Needs both forms word by word; else False.
    """
    plain, typed = folded.split(), accented.split()
    if len(plain) != len(typed):
        return False
    meant: Mapping[str, list[str]] = words["personal_accents"]
    text = " ".join(
        word if typed[at] in meant.get(word, [typed[at]]) else "_" for at, word in enumerate(plain)
    )
    if any(re.search(pattern, text) for pattern in words["personal_not"]):
        return False
    return any(re.search(pattern, text) for pattern in words["personal"])


def only_identifiers(folded: str, words: Mapping[str, Any]) -> bool:
    """True when a redacted text says nothing but the identifiers themselves: no question."""
    rest = re.sub(r"\[[^\]]*\]|[^\w\s]", " ", folded)
    return _only(" ".join(rest.split()), words["identifier"], words["filler"])


def _only(folded: str, cues: list[str], filler: list[str]) -> bool:
    """True when nothing but cues and fillers is left."""
    rest = f" {folded} "
    for cue in sorted(cues, key=len, reverse=True):
        rest = rest.replace(f" {cue} ", " ")
    left = [word for word in rest.split() if word not in filler and not word.isdigit()]
    return not left
