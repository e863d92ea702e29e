"""Trying a change: in a process of its own, with errors, with questions, on both channels."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import change_trial
from bot.change_text import add_phrasings
from bot.change_trial import Trial, run, try_out
from bot.errors import BotError
from bot.match import MatchSettings
from knowledge.source import content_hash, read_files
from tests.unit.console.changing import ASKED, world_of
from tests.unit.knowledge.conftest import LOST, TODAY


def trial(folder: Path, text: str = "", *questions: str) -> Trial:
    """The small base with another text of one answer."""
    files = read_files(world_of(folder).folder)
    if text:
        files[LOST] = text.encode()
    asked = [{"text": one, "answer": "mat-the"} for one in questions]
    return Trial(files, (LOST,), asked, MatchSettings(), TODAY)


async def test_a_process_of_its_own_finds_the_same(tmp_path: Path) -> None:
    text = add_phrasings(world_of(tmp_path / "a").read(LOST), [ASKED])
    given = trial(tmp_path / "b", text, ASKED, "con đi bộ đội thì sao")
    found = await run(given)
    assert found == try_out(given)
    assert found["hash"] == content_hash(given.files)
    assert [one["got"] for one in found["questions"]] == ["mat-the", ""]
    [preview] = found["previews"]
    zalo, messenger = preview["channels"]
    assert (zalo["name"], messenger["name"]) == ("zalo", "messenger")
    assert "Anh/chị làm lại thẻ miễn phí." in zalo["parts"][0]
    assert (zalo["buttons"], len(messenger["buttons"])) == ([], 1)
    assert not [one for one in found["problems"] if one["level"] == "error"]


def test_errors_are_told_with_their_lines_and_nothing_else(tmp_path: Path) -> None:
    text = world_of(tmp_path / "a").read(LOST).replace("miễn phí", "mất 12.345 đồng")
    found = try_out(trial(tmp_path / "b", text, ASKED))
    [error] = [one for one in found["problems"] if one["level"] == "error"]
    assert error["path"] == f"knowledge/{LOST}"
    assert error["line"] > 1
    assert (found["questions"], found["previews"]) == ([], [])


def test_a_file_that_is_no_yaml_is_told_too(tmp_path: Path) -> None:
    found = try_out(trial(tmp_path, "id: [\n"))
    assert any(one["path"].endswith("mat-the.yaml") for one in found["problems"])


def test_what_is_due_elsewhere_is_not_told(tmp_path: Path) -> None:
    given = trial(tmp_path)
    late = Trial(given.files, given.touched, (), given.settings, TODAY.replace(year=2031))
    told = try_out(late)["problems"]
    assert told
    assert {one["path"] for one in told if one["level"] == "due"} == {f"knowledge/{LOST}"}


async def test_a_process_that_breaks_or_hangs_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = trial(tmp_path)
    broken = Trial({"x": None}, (), (), given.settings, TODAY)  # type: ignore[dict-item] # on purpose
    with pytest.raises(BotError, match="broke off"):
        await run(broken)
    monkeypatch.setattr(change_trial, "LONGEST_SECONDS", 0.01)
    with pytest.raises(BotError, match="too long"):
        await run(given)
