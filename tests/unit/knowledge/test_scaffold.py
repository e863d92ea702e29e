"""A scaffold is faulty until it is filled in, and valid afterwards."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bot.errors import KnowledgeError
from knowledge.scaffold import new

if TYPE_CHECKING:
    from tests.unit.knowledge.conftest import World


def fill(text: str, values: dict[str, str]) -> str:
    """Replace the TODO of each named field, then every other one by a plain text."""
    for name, value in values.items():
        text = re.sub(rf"\b{name}: TODO", f"{name}: {value}", text)
    return re.sub(r"TODO ?(\d*)", r"điền vào \1", text)


PLAIN = {
    "effective_from": "2026-01-01",
    "effective_to": "open",
    "checked_on": "2026-01-01",
    "review_by": "2027-12-01",
    "signed_on": "2026-01-01",
    "published_on": "2026-01-01",
    "directive": "nd-2-2025",
    "audience": "hssv",
    "value": "20%",
    "confidence": "verified",
}


def test_an_answer(world: World) -> None:
    world.write("topics.yaml", world.read("topics.yaml") + "other_bhyt: {name: Khác}\n")
    path = new("answer", "doi-the", world.folder)
    assert path == world.folder / "answers/other_bhyt/doi-the.yaml"
    said = world.errors()
    assert len(said) > 10
    assert all(line.startswith("answers/other_bhyt/doi-the.yaml:") for line in said)
    assert all("fill in what stands as TODO" in line for line in said)
    text = fill(path.read_text(encoding="utf-8"), PLAIN)
    path.write_text(text.replace("điền vào \n", "Điền vào.\n"), encoding="utf-8")
    assert world.check() == []


@pytest.mark.parametrize(("id_", "topic"), [("hssv_rate/doi-the", ""), ("doi-the", "hssv_rate")])
def test_an_answer_of_a_topic(world: World, id_: str, topic: str) -> None:
    path = new("answer", id_, world.folder, topic)
    assert path == world.folder / "answers/hssv_rate/doi-the.yaml"
    assert "topic: hssv_rate" in path.read_text(encoding="utf-8")


def test_a_directive(world: World) -> None:
    path = new("directive", "luat-1-2026", world.folder)
    assert world.errors()
    path.write_text(fill(path.read_text(encoding="utf-8"), PLAIN), encoding="utf-8")
    assert world.check() == []


def test_a_place(world: World) -> None:
    path = new("place", "ha-noi", world.folder)
    assert world.errors()
    path.write_text(fill(path.read_text(encoding="utf-8"), PLAIN), encoding="utf-8")
    assert world.check() == []


def test_a_value(world: World) -> None:
    path = new("value", "card_days", world.folder)
    assert path == world.folder / "values/card_days.yaml"
    assert world.errors()
    filled = {**PLAIN, "value": "5", "unit": "working_days"}
    path.write_text(fill(path.read_text(encoding="utf-8"), filled), encoding="utf-8")
    assert world.check() == []
    assert world.snapshot().values["card_days"].rows[0].value == "5"


@pytest.mark.parametrize(
    ("kind", "id_", "said"),
    [
        ("poem", "x", "there is no scaffold"),
        ("value", "base_salary", "values/base_salary.yaml already exists"),
        ("value", "contribution_rate", '"contribution_rate" stands in values/general.yaml'),
        ("answer", "Đổi thẻ", "is not an id"),
        ("answer", "../x", "is not an id"),
        ("answer", "a/b/c", "is not an id"),
        ("answer", "mat-the", "answers/card_lost_or_wrong/mat-the.yaml already exists"),
        ("directive", "nd-2-2025", "already exists"),
    ],
)
def test_what_is_refused(world: World, kind: str, id_: str, said: str) -> None:
    with pytest.raises(KnowledgeError, match=re.escape(said)):
        new(kind, id_, world.folder)
