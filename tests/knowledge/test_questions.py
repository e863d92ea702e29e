"""Questions that must reach an answer: every YAML file of this folder is a list of them.

answer: muc-dong-hssv
questions:
  - {ask: "bhyt hs năm nay đóng bn ạ", amounts: [683100]}

Optional per question: as_of (default below), province, outcome (asked_back: the answer must be
among the options), amounts (all must occur), text and not_text (substrings), known_failure (a
reason: then the question must fail).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.commands.ask import converse
from bot.commands.common import load_desk
from bot.dialogue import Desk

FOLDER = Path(__file__).parent
AS_OF = "2026-11-22"


def _questions() -> Iterator[Any]:
    for path in sorted(FOLDER.rglob("*.yaml")):
        data = yaml.safe_load(path.read_text("utf-8"))
        for number, question in enumerate(data["questions"]):
            name = f"{path.parent.name}/{path.stem}[{number}]"
            marks = []
            if question.get("known_failure"):
                marks.append(pytest.mark.xfail(reason=question["known_failure"], strict=True))
            yield pytest.param(data["answer"], question, id=name, marks=marks)


@pytest.fixture(scope="module")
def desk() -> Desk:
    return load_desk()


@pytest.mark.parametrize(("answer", "question"), list(_questions()))
def test_question(desk: Desk, answer: str, question: dict[str, Any]) -> None:
    as_of = question.get("as_of", AS_OF)
    options = {
        "as_of": as_of.isoformat() if isinstance(as_of, date) else as_of,
        "province": question.get("province"),
        "staff": desk.snapshot.answers[answer].file.visibility == "staff",
    }
    [reply], _ = converse(desk, [question["ask"]], options)
    wanted = question.get("outcome", "answered")
    assert reply.outcome.value == wanted, reply.reasons
    if wanted == "answered":
        assert reply.answer_id == answer, reply.reasons
    if wanted == "asked_back":
        assert answer in [option.answer_id for option in reply.options], reply.reasons
    said = [amount.vnd for amount in reply.amounts]
    assert set(question.get("amounts", [])) <= set(said), said
    for part in question.get("text", []):
        assert part in reply.text
    for part in question.get("not_text", []):
        assert part not in reply.text
