"""The likeliest special cases of a general answer, as choices: "Hộ cận nghèo", "Đóng 6 tháng".

Nobody is questioned before being helped: the general answer comes first, and under it stand the
cases in which the amount would be another one, as long as the citizen has not said them. The
list is `special` of `knowledge/lexicon/followups.yaml`. Pure.

A choice carries its value in the payload (`answer:ID?months=6`), so that an old button goes on
working in a later conversation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.models import Option, Slots
from knowledge.schema import AnswerFile
from knowledge.snapshot import Snapshot

ANSWER_PREFIX = "answer:"
#: Stands for "ask me which": the place must be named, there are too many to offer.
ASK = "*"
_PAYLOAD = re.compile(r"answer:(?P<id>[\w.-]+)(?:\?(?P<slot>[a-z_]+)=(?P<value>[\w*-]+))?")
#: What a template does with a count that changes its amounts.
_COUNTED = {
    "months": re.compile(r"s\.months|\b(?:contribution|household)\((?![^)]*months)[^)]*\)"),
    "members": re.compile(r"s\.members|\bhousehold\((?![^)]*members)[^)]*\)"),
}
#: Slots a payload may set: whole numbers, and ids of the vocabulary.
_NUMBERS = frozenset({"months", "members", "grade", "age", "birth_month"})


@dataclass(frozen=True, slots=True)
class Chosen:
    """An answer to give, with the values that the choice itself stands for."""

    answer_id: str
    slots: Slots = field(default_factory=Slots)
    #: True when the place has to be asked for first.
    asks_place: bool = False


def specials(
    snapshot: Snapshot, file: AnswerFile, slots: Slots, *, pays: bool = True, most: int = 3
) -> tuple[Option, ...]:
    """The special cases of an answer that the citizen has not told yet, likeliest first.

    Args:
        file: the answer just given.
        slots: everything known of the citizen.
        pays: False when nothing is to be paid: other months or people would change nothing.
        most: how many at most.
    """
    lists: Mapping[str, Any] = snapshot.lexicon.get("followups") or {}
    entries: Sequence[Mapping[str, Any]] = lists.get("special") or ()
    found: list[Option] = []
    for entry in entries:
        slot, value = entry["slot"], entry["value"]
        audiences = entry.get("for")
        if slot not in file.slots or (audiences and file.audience not in audiences):
            continue
        if slot in _COUNTED and not (pays and _COUNTED[slot].search(file.reply.full)):
            continue
        if getattr(slots, slot) not in (None, "") and not _adds_group(slots, slot, value, snapshot):
            continue
        payload = f"{ANSWER_PREFIX}{file.id}?{slot}={value}"
        found.append(Option(file.id, file.topic, entry["title"], payload))
    return tuple(found[:most])


def _adds_group(slots: Slots, slot: str, value: str, snapshot: Snapshot) -> bool:
    """True when a group says more than the one given: a pupil may be of a near-poor household."""
    if slot != "group":
        return False
    learners = {g for g in snapshot.audiences if "hssv" in snapshot.lineage(g)}
    return set(slots.group.split()) <= learners and value not in learners


def read_payload(snapshot: Snapshot, payload: str) -> Chosen | None:
    """What a button of ours stands for; None when it names no answer that citizens may read."""
    match = _PAYLOAD.fullmatch(payload.strip().lstrip("#"))
    stored = snapshot.answers.get(match["id"]) if match else None
    if match is None or stored is None or stored.file.visibility != "citizen":
        return None
    chosen = Chosen(stored.file.id)
    slot, value = match["slot"], match["value"]
    if slot == "place" and value == ASK:
        return replace(chosen, asks_place=True)
    given: dict[str, Any] = {}
    if slot in _NUMBERS and value.isdecimal() and len(value) <= 3:
        given[slot] = int(value)
    elif (slot == "group" and value in snapshot.audiences) or (
        slot == "place" and value in snapshot.places
    ):
        given[slot] = value
    return replace(chosen, slots=Slots(**given))
