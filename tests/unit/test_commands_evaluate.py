"""`bot eval`: the report, the misses, and the thresholds that fail a build."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import cli
from bot.errors import BotError
from tests.small_answers import desk, snapshot

LOST = {"id": "a", "kind": "card", "text": "mất thẻ bhyt thì làm thế nào"}
RIGHT = {**LOST, "topic": "card_lost_or_wrong"}
WRONG = {**LOST, "id": "b", "topic": "hssv_rate"}
OUTSIDE = {"id": "c", "kind": "chat", "text": "giá vàng hôm nay", "topic": "out_of_domain"}
TALK = {
    "id": "d",
    "turns": [
        {"user": "học sinh đóng bảo hiểm y tế bao nhiêu tiền", "expect_topic": "hssv_rate"},
        {"user": "còn 6 tháng?", "expect_topic": "hssv_rate"},
    ],
}


@pytest.fixture(autouse=True)
def _small_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.commands.evaluate.load_or_raise", lambda _folder: snapshot())
    monkeypatch.setattr("bot.commands.evaluate.build_desk", lambda _settings, _snapshot: desk())


def run(tmp_path: Path, *rows: object, args: tuple[str, ...] = ()) -> Result:
    path = tmp_path / "rows.jsonl"
    lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text("\n".join(lines), encoding="utf-8")
    return CliRunner().invoke(cli, ["eval", str(path), *args])


def test_a_good_desk_passes(tmp_path: Path) -> None:
    done = run(tmp_path, RIGHT, OUTSIDE, TALK)
    assert done.exit_code == 0, done.output
    assert "in/card: 1 rows: right 1 (100.0 %)" in done.stdout
    assert "outside/chat: 1 rows: right 1 (100.0 %)" in done.stdout
    assert "dialogue: 2 rows: right 2 (100.0 %)" in done.stdout
    assert "in scope: right 100.0 %, right or offered 100.0 %, wrong 0.0 %" in done.stdout


def test_below_the_thresholds_it_fails_and_says_where(tmp_path: Path) -> None:
    done = run(tmp_path, RIGHT, WRONG)
    assert done.exit_code == 1
    assert "below the threshold: right or offered: 50.0 %, at least" in done.stderr
    assert "below the threshold: wrong in scope: 50.0 %, at most" in done.stderr


def test_thresholds_come_from_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT__EVALUATION__MIN_RIGHT_OR_OFFERED", "0.5")
    monkeypatch.setenv("BOT__EVALUATION__MAX_WRONG", "0.5")
    assert run(tmp_path, RIGHT, WRONG).exit_code == 0


def test_an_answer_outside_the_scope_fails(tmp_path: Path) -> None:
    done = run(tmp_path, RIGHT, {**LOST, "id": "x", "topic": "out_of_domain"})
    assert done.exit_code == 1
    assert "answered out of scope: 100.0 %" in done.stderr


def test_misses_are_listed_on_request(tmp_path: Path) -> None:
    plain = run(tmp_path, WRONG)
    listed = run(tmp_path, WRONG, args=("--misses",))
    line = f"in:wrong\tb\thssv_rate\tcard_lost_or_wrong\t{LOST['text']}"
    assert line not in plain.stdout
    assert line in listed.stdout.splitlines()


def test_several_files_are_one_report(tmp_path: Path) -> None:
    paths = []
    for number, row in enumerate((RIGHT, TALK)):
        path = tmp_path / f"{number}.jsonl"
        path.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
        paths.append(str(path))
    done = CliRunner().invoke(cli, ["eval", *paths])
    assert "in/card: 1 rows" in done.stdout
    assert "dialogue: 2 rows" in done.stdout


def test_separators_inside_a_text_do_not_end_its_line(tmp_path: Path) -> None:
    done = run(tmp_path, {**RIGHT, "text": f"{LOST['text']}\u2028\u0085ạ"}, "", RIGHT)
    assert done.exit_code == 0, done.output
    assert "in/card: 2 rows" in done.stdout


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{", "rows.jsonl:2: not JSON"),
        ("[" * 100_000, "rows.jsonl:2: not JSON"),
        ("[1]", 'rows.jsonl:2: a row needs "text" or "turns"'),
        ({"id": "x"}, 'rows.jsonl:2: a row needs "text" or "turns"'),
        ({**RIGHT, "id": "x", "as_of": "someday"}, "row x: "),
        ({"id": "x", "turns": [{"text": "a"}]}, "row x: "),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: Any, said: str) -> None:
    done = run(tmp_path, RIGHT, row)
    assert isinstance(done.exception, BotError), done.output
    assert said in str(done.exception)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    missing = CliRunner().invoke(cli, ["eval", str(tmp_path / "nowhere")])
    assert "cannot read" in str(missing.exception)
    (tmp_path / "latin").write_bytes(b'{"text": "\xff"}')
    strange = CliRunner().invoke(cli, ["eval", str(tmp_path / "latin")])
    assert "not UTF-8" in str(strange.exception)
    assert CliRunner().invoke(cli, ["eval"]).exit_code == 2
