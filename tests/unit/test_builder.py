"""The desk from a process of its own is the desk that would have been built here."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bot.answerers import Answerers
from bot.builder import Recipe, build
from bot.dialogue import Circumstances, Said
from bot.errors import BotError, KnowledgeError
from bot.match import MatchSettings
from bot.models import Conversation
from knowledge.snapshot import Snapshot
from tests.small_answers import NOW, desk

ASKED = (
    Said(text="mức đóng bhyt học sinh năm nay"),
    Conversation(),
    Circumstances(now=NOW),
)


def recipe(knowledge: Snapshot | Path | None) -> Recipe:
    return Recipe(knowledge, MatchSettings(), 30.0, "", 1500)


def test_a_desk_built_apart_answers_alike_and_comes_packed_for_helpers() -> None:
    snapshot = desk().snapshot
    here, nothing = build(recipe(snapshot), apart=False)
    there, packed = build(recipe(snapshot), apart=True)
    assert nothing == b""
    assert there.snapshot.hash == here.snapshot.hash
    assert there.respond(*ASKED) == here.respond(*ASKED)
    helpers = Answerers(1)
    try:
        helpers.start(there, packed)
        assert helpers.respond(there, *ASKED) == here.respond(*ASKED)
    finally:
        helpers.close()


@pytest.mark.parametrize("apart", [False, True])
def test_a_faulty_folder_is_told_with_its_faults(tmp_path: Path, apart: bool) -> None:
    (tmp_path / "topics.yaml").write_text("topics: [", encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"topics\.yaml"):
        build(recipe(tmp_path), apart=apart)


def test_a_builder_that_dies_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(BotError, match="BOT__WORKER__PROCESSES=0"):
        build(recipe(desk().snapshot), apart=True)
