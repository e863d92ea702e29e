"""`bot check` and `bot new`, on a small base in a folder of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import cli
from tests.unit.knowledge.conftest import LOST, RATE, World

DAY = "2026-11-22"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A valid base that the settings name, with the folder above it as current folder."""
    made = World(tmp_path / "world")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOT__KNOWLEDGE__DIR", str(made.folder))
    return made


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, list(args))


def test_a_sound_base(world: World) -> None:
    done = run("check", "--today", DAY)
    assert done.exit_code == 0, done.output
    assert done.stdout == f"Everything holds on {DAY}.\n"


def test_today_is_the_default_day(world: World) -> None:
    done = run("check")
    assert re.search(r" on \d{4}-\d{2}-\d{2}\.\n$", done.stdout)


def test_every_error_is_listed_with_file_and_line(world: World) -> None:
    world.replace(LOST, "topic: card_lost_or_wrong", "topic: nonsense")
    world.replace(RATE, "kind: rule", "kind: rhyme")
    done = run("check", "--today", DAY)
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    for name in (LOST, RATE):
        assert any(re.match(rf"world/{name}:\d+: error: .+", line) for line in lines), lines
    assert re.fullmatch(r"\d+ errors, \d+ due on 2026-11-22\.", lines[-1])


def test_what_is_due_is_listed_and_fails_only_when_asked(world: World) -> None:
    for args, code in ((("--today", "2027-07-01"), 0), (("--today", "2027-07-01", "--due"), 1)):
        done = run("check", *args)
        assert done.exit_code == code
        assert re.search(r"^world/answers/\S+:\d+: due: ", done.stdout, re.MULTILINE)
        assert re.search(r"^0 errors, [1-9]\d* due on 2027-07-01\.$", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("day", ["22/11/2026", "2026-02-30", "today"])
def test_a_strange_day_is_a_usage_error(world: World, day: str) -> None:
    done = run("check", "--today", day)
    assert done.exit_code == 2
    assert f"--today wants a date as YYYY-MM-DD, not {day}" in done.stderr


@pytest.mark.parametrize(
    ("kind", "id_", "path"),
    [
        ("answer", "dung-the-giay", "world/answers/"),
        ("directive", "nd-3-2026", "world/directives/nd-3-2026.yaml"),
        ("place", "ha-tinh", "world/places/ha-tinh.yaml"),
    ],
)
def test_new_writes_a_file_and_says_what_comes_next(
    world: World, kind: str, id_: str, path: str
) -> None:
    done = run("new", kind, id_)
    assert done.exit_code == 0, done.output
    shown = done.stdout.partition(":")[0]
    assert shown.startswith(path)
    assert Path(shown).is_file()
    assert "fill it in, then run: bot check" in done.stdout
    again = run("new", kind, id_)
    assert again.exit_code == 2
    assert Path(shown).name in again.stderr


@pytest.mark.parametrize(
    "args",
    [("answer", "Không Được"), ("answer", "../escape"), ("poem", "x"), ("answer",), ()],
)
def test_new_refuses_what_it_cannot_name(world: World, args: tuple[str, ...]) -> None:
    done = run("new", *args)
    assert done.exit_code == 2
    assert done.stderr
    assert not (world.folder.parent / "escape.yaml").exists()
