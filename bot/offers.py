"""Offers: what can be tapped, typed as a number or said in words, and how it is listed.

Pure functions of the snapshot and the conversation; what a choice is answered with is decided
in `dialogue`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.models import Conversation, Decision, Option, Question
from bot.normalize import fold
from knowledge.snapshot import Snapshot

ANSWER_PREFIX = "answer:"
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


def tapped(snapshot: Snapshot, payload: str) -> str:
    """The answer behind an offer's button, "" when it names none that citizens may read."""
    payload = payload.strip().lstrip("#")
    target = payload.removeprefix(ANSWER_PREFIX)
    stored = snapshot.answers.get(target) if payload.startswith(ANSWER_PREFIX) else None
    return target if stored and stored.file.visibility == "citizen" else ""


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


def choice(snapshot: Snapshot, question: Question, conversation: Conversation) -> str:
    """The answer id chosen from the open offer, by number or by its words; "" when none is."""
    offer = conversation.offer
    number = bare_number(question)
    if number is not None and 1 <= number <= len(offer):
        chosen = offer[number - 1].answer_id
        return chosen if chosen in snapshot.answers else ""
    words = fold(question.text).strip(" .")
    for one in offer:
        if one.answer_id in snapshot.answers and words == fold(one.title).strip(" ."):
            return one.answer_id
    return ""


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
