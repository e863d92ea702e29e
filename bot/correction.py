"""Corrections: what was wrong, and the words that tell it. Pure.

A correction is about one thing: an answer, in one version or in any, or one row of a value or of
a place's support. Its text is the editor's; the words around it are fixed, so that every citizen
reads which reply is meant, and that we are sorry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from bot import figures
from knowledge.schema import Row, parse_share
from knowledge.snapshot import Snapshot, row_id

#: Longest text of an editor: with the words around it still one message on every channel.
TEXT_LENGTH = 1400
REASON_LENGTH = 500
#: Longest title that is named in the text.
_TITLE_LENGTH = 120
_OPENING = (
    "Kính gửi anh/chị, câu trả lời ngày {day} của trợ lý về “{title}” có chỗ chưa đúng. Thông tin "
    "đúng như sau:"
)
_CLOSING = (
    "Mong anh/chị thông cảm và dùng thông tin này thay cho câu trả lời trước. Nếu anh/chị đã "
    "chuyển câu trả lời đó cho người khác, xin báo lại giúp."
)


class Kind(StrEnum):
    """What was wrong."""

    ANSWER = "answer"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Subject:
    """The wrong thing.

    `version` is "" for any version of an answer, and always for a row.
    """

    kind: Kind
    id: str
    version: str = ""
    #: How citizens read it: "Mức đóng BHYT học sinh", "mức lương cơ sở".
    title: str = ""

    def to_json(self) -> dict[str, str]:
        """As the store keeps it; `from_json` reads it back."""
        return {"id": self.id, "version": self.version, "title": self.title}

    @classmethod
    def from_json(cls, kind: Kind, data: Mapping[str, Any]) -> Subject:
        """The inverse of `to_json`."""
        return cls(kind, data["id"], data.get("version", ""), data.get("title", ""))


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a list to choose from."""

    id: str
    label: str


def letter(text: str, title: str, day: date) -> str:
    """The message that a citizen gets.

    Args:
        text: the editor's words.
        title: of what was wrong.
        day: of the wrong reply.
    """
    opening = _OPENING.format(day=figures.day(day), title=title)
    return f"{opening}\n\n{text.strip()}\n\n{_CLOSING}"


def title_of(snapshot: Snapshot, kind: Kind, id_: str) -> str:
    """How a citizen knows it; the id itself for what the knowledge no longer has."""
    if kind is Kind.ANSWER:
        stored = snapshot.answers.get(id_)
        return (stored.file.title if stored else id_)[:_TITLE_LENGTH]
    owner = id_.partition("/")[0]
    if owner in snapshot.values:
        return snapshot.values[owner].name[:_TITLE_LENGTH]
    if owner in snapshot.places:
        return f"mức hỗ trợ của {snapshot.places[owner].name}"
    return id_[:_TITLE_LENGTH]


def answer_choices(snapshot: Snapshot) -> list[tuple[str, list[Choice]]]:
    """Every answer under the name of its topic, in the order of the topics."""
    grouped: dict[str, list[Choice]] = {id_: [] for id_ in snapshot.topics}
    for id_, stored in snapshot.answers.items():
        grouped.setdefault(stored.file.topic, []).append(Choice(id_, stored.file.title))
    return [
        (
            snapshot.topics[topic].name if topic in snapshot.topics else topic,
            sorted(choices, key=lambda one: one.label),
        )
        for topic, choices in grouped.items()
        if choices
    ]


def row_choices(snapshot: Snapshot) -> list[tuple[str, list[Choice]]]:
    """Every row that states something, under its value or place."""
    groups: list[tuple[str, list[Choice]]] = []
    for value in snapshot.values.values():
        named = [
            Choice(
                row_id(value.id, row),
                f"{figures.from_row(row, value.unit)} {_whom_and_when(snapshot, row)}",
            )
            for row in value.rows
            if row.known == "yes"
        ]
        groups.append((value.name[:1].upper() + value.name[1:], named))
    for place in snapshot.places.values():
        named = [
            Choice(
                row_id(place.id, row),
                f"hỗ trợ {figures.share(parse_share(row.value))} {_whom_and_when(snapshot, row)}",
            )
            for row in place.support
            if row.known == "yes"
        ]
        groups.append((place.name, named))
    return [(name, choices) for name, choices in groups if choices]


def _whom_and_when(snapshot: Snapshot, row: Row) -> str:
    audience = snapshot.audiences.get(row.audience)
    whom = f"cho {audience.name} " if audience else ""
    return f"{whom}từ {figures.day(row.effective_from)}"
