"""The examples of the editors' guide work as they stand, and its commands and links exist."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.__main__ import _COMMANDS
from bot.answer import Asked, apply
from knowledge.check.templates import FUNCTIONS
from knowledge.loader import SHIPPED, load_or_raise
from knowledge.schema import Directive, Row, SupportRow

GUIDE = (SHIPPED / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
ANSWER, QUESTIONS, VALUE, DIRECTIVE, PLACE = BLOCKS


def plain(text: str) -> Any:
    """A block as the program reads it: every scalar a text."""
    return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - makes texts only, no objects


def test_the_answer_passes_the_check_and_answers(tmp_path: Path) -> None:
    folder = tmp_path / "knowledge"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    data = plain(ANSWER)
    path = folder / "answers" / data["topic"] / f"{data['id']}.yaml"
    path.write_text(ANSWER, encoding="utf-8")
    told = apply(load_or_raise(folder), data["id"], Asked(today=date(2026, 11, 22)))
    assert told.text.startswith("Thẻ BHYT giấy bị ướt")
    for part in ("1. Mở ứng dụng VssID", "trong 5 ngày làm việc", "Căn cứ: "):
        assert part in told.text


def test_the_test_questions_belong_to_the_answer() -> None:
    data, answer = plain(QUESTIONS), plain(ANSWER)
    assert data["answer"] == answer["id"]
    asked = [question["ask"] for question in data["questions"]]
    assert len(asked) >= 3
    assert not set(asked) & set(answer["phrasings"])


def test_the_rows_and_the_directive_are_of_their_kind() -> None:
    [row] = [Row.model_validate(row) for row in plain(VALUE)]
    shipped = load_or_raise().values["base_salary"].rows
    assert (row.value, row.effective_from) in {(r.value, r.effective_from) for r in shipped}
    [support] = [SupportRow.model_validate(row) for row in plain(PLACE)]
    assert support.audience == "near_poor"
    assert Directive.model_validate(plain(DIRECTIVE)).supersedes[0].directive == "nd-73-2024"


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_of_a_template_is_listed(name: str) -> None:
    assert re.search(rf"\b{name}\(", GUIDE)


def test_commands_and_links_exist() -> None:
    named = re.findall(r"(?:`|^)bot ([a-z]+)\b", GUIDE, re.MULTILINE)
    assert set(named) >= {"new", "check", "ask", "eval", "coverage", "diff", "publish"}
    assert set(named) <= set(_COMMANDS)
    anchors = {
        re.sub(r"[^a-z -]", "", head.lower()).replace(" ", "-")
        for head in re.findall(r"^## (.+)$", GUIDE, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([a-z-]+)\)", GUIDE)) <= anchors
