"""Turns that are not questions about insurance: greetings, thanks, calls for a person, danger.

Works on folded text with the word lists of `knowledge/lexicon/smalltalk.yaml`. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any


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
