"""Offers: what can be tapped, typed as a number or said in words, and how it is listed.

Pure functions of the snapshot and the conversation; what a choice is answered with is decided
in `dialogue`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.models import Conversation, Decision, Option, Question
from bot.normalize import fold
from knowledge.snapshot import Snapshot

#: Ways of naming a choice around its number: "chọn 2", "câu số 2 nhé", "cái thứ hai".
_BEFORE = (
    r"(?:(?:em|toi|minh|cho|xin|chon|hoi|xem|lay|so|cau|y|muc|cai|dong|phan|thu|phuong an)\s+)*"
)
_AFTER = r"(?:\s+(?:a|ah|nhe|nha|nhen|di|ad|ban|voi|giup|em|dum|do|day))*"
_NUMBER = re.compile(rf"{_BEFORE}(\d{{1,3}}){_AFTER}")
_ORDINALS = {
    "dau": 1, "dau tien": 1, "thu nhat": 1, "mot": 1, "hai": 2, "thu hai": 2, "ba": 3, "thu ba": 3,
    "bon": 4, "thu tu": 4, "cuoi": -1, "cuoi cung": -1,
}  # fmt: skip
_ORDINAL = re.compile(rf"{_BEFORE}({'|'.join(sorted(_ORDINALS, key=len, reverse=True))}){_AFTER}")
#: Words of a title from which they are taken for the choice, when no other title has them.
_ENOUGH_WORDS = 2
#: Payloads of the platforms' own buttons that open the menu.
_MENU_KEYS = ("menu", "get_started")


def option(snapshot: Snapshot, answer_id: str) -> Option:
    """A stored answer as a choice. Raises KeyError for an unknown id."""
    file = snapshot.answers[answer_id].file
    return Option(answer_id, file.topic, file.title)


def menu(snapshot: Snapshot) -> tuple[Option, ...]:
    """The main menu, in its own order; lines whose answer does not exist are left out."""
    entries: Sequence[Mapping[str, str]] = snapshot.lexicon.get("menu", [])
    return tuple(
        option(snapshot, entry["answer"])
        for entry in entries
        if entry["answer"] in snapshot.answers
    )


def menu_button(snapshot: Snapshot, payload: str) -> str:
    """The answer behind a button of the platform's own menu, "" when it is none of them."""
    key = fold(payload.strip().lstrip("#")).replace(" ", "_")
    entries: Sequence[Mapping[str, str]] = snapshot.lexicon.get("menu", [])
    for entry in entries:
        if key in str(entry.get("payloads", "")).split() and entry["answer"] in snapshot.answers:
            return entry["answer"]
    return ""


def opens_menu(payload: str, title: str) -> bool:
    """True when a button that leads to no answer asks for the menu, or says nothing else."""
    key = fold(payload.strip().lstrip("#")).replace(" ", "_")
    return key in _MENU_KEYS or not title or title.startswith("#")


def choice(question: Question, conversation: Conversation) -> Option | None:
    """What a turn chooses from the open offer, by number or by words; None when nothing.

    "2", "chọn 2", "câu thứ hai", the title, or words that stand in one title only.
    """
    offer = conversation.offer
    if not offer:
        return None
    words = " ".join(re.sub(r"[^\w%\s]", " ", fold(question.text)).split())
    number = _chosen_number(words, len(offer))
    if number:
        return offer[number - 1]
    titles = [" ".join(re.sub(r"[^\w%\s]", " ", fold(one.title)).split()) for one in offer]
    if words in titles:
        return offer[titles.index(words)]
    if len(words.split()) < _ENOUGH_WORDS:
        return None
    holding = [at for at, title in enumerate(titles) if f" {words} " in f" {title} "]
    return offer[holding[0]] if len(holding) == 1 else None


def _chosen_number(words: str, count: int) -> int:
    """The number a turn names, 0 when it names none of the offer."""
    found = _NUMBER.fullmatch(words)
    number = int(found[1]) if found else 0
    if not found and (ordinal := _ORDINAL.fullmatch(words)):
        # A number in a single word ("hai") is as often the count of something.
        spoken = len(words.split()) > 1
        number = _ORDINALS[ordinal[1]] if spoken else 0
        number = count if number < 0 else number
    return number if 1 <= number <= count else 0


def bare_number(question: Question) -> int | None:
    """The number of a message that is nothing else: "2", "2.", "2)"."""
    words = question.text.strip().rstrip(".)").strip()
    return int(words) if words.isdecimal() and len(words) <= 3 else None


def best(snapshot: Snapshot, decision: Decision, most: int) -> tuple[Option, ...]:
    """The candidates that nothing forbids, as at most `most` choices, best first."""
    seen: dict[str, Option] = {}
    for candidate in decision.candidates:
        if not candidate.vetoes and candidate.answer_id not in seen:
            seen[candidate.answer_id] = option(snapshot, candidate.answer_id)
    return tuple(seen.values())[:most]


def numbered(head: str, options: Sequence[Option]) -> str:
    """A heading with the titles under it, numbered from 1."""
    lines = [f"{n}. {one.title}" for n, one in enumerate(options, start=1)]
    return "\n".join([head, *lines])
