"""`bot publish`, `bot coverage`, `bot diff` and `bot new value`, as an editor calls them."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import cli
from bot.errors import BotError, KnowledgeError
from tests.unit.knowledge.conftest import RATE, SALARY, World
from tests.unit.store.conftest import (  # noqa: F401 - pytest finds fixtures by their names
    postgres,
    url,
)

DAY = "2026-11-22"
SHIPPED = Path(__file__).parents[2] / "knowledge"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A valid base that the settings name, with the folder above it as current folder."""
    made = World(tmp_path / "world")
    shutil.copytree(SHIPPED / "lexicon", made.folder / "lexicon", dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOT__KNOWLEDGE__DIR", str(made.folder))
    return made


@pytest.fixture
def on_store(world: World, url: str, monkeypatch: pytest.MonkeyPatch) -> World:  # noqa: F811
    """The base, and a store of its own: both engines."""
    monkeypatch.setenv("DATABASE_URL", url)
    return world


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, list(args))


def done(*args: str) -> str:
    result = run(*args)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*args: str) -> BaseException:
    """The error that ends a command; the entry point prints it and exits with 1."""
    result = run(*args)
    assert result.exit_code == 1
    assert isinstance(result.exception, BotError)
    return result.exception


# -- publish --------------------------------------------------------------------------------
def test_publish_list_and_roll_back(on_store: World) -> None:
    assert "Nothing was ever published" in done("publish", "--list")
    first = on_store.snapshot().hash
    told = done("publish", "--author", "Nguyễn Văn A", "--approver", "Trần Thị B")
    assert f"Active now: {first} (3 answers)." in told
    assert "It is the first one." in told

    on_store.replace(SALARY, '"2340000"', '"2350000"')
    second = on_store.snapshot().hash
    told = done("publish")
    assert f"Against {first[:12]}, active before:" in told
    assert "other files changed: 1 (values/base_salary.yaml)" in told
    assert "others that read differently today: 1 (muc-dong)" in told
    assert "within about 2 s" in told

    told = done("publish", "--rollback", first[:8])
    assert f"Active now: {first}" in told
    lines = done("publish", "--list").splitlines()
    assert [re.findall(r"^. (\w{12})  .*?  (publish|rollback) ", line)[0] for line in lines] == [
        (first[:12], "rollback"),
        (second[:12], "publish"),
        (first[:12], "publish"),
    ]
    assert [line[0] for line in lines] == ["*", " ", " "]
    assert lines[2].endswith("author Nguyễn Văn A  approver Trần Thị B")


def test_the_same_content_again(on_store: World) -> None:
    done("publish")
    assert "is active already (3 answers). Nothing was changed." in done("publish")
    assert len(done("publish", "--list").splitlines()) == 1


def test_errors_are_listed_and_nothing_is_published(on_store: World) -> None:
    on_store.replace(RATE, "kind: rule", "kind: rhyme")
    error = refused("publish")
    assert isinstance(error, KnowledgeError)
    assert re.search(rf"world/{RATE}:\d+: kind: write", str(error))
    assert "Nothing was ever published" in done("publish", "--list")


def test_one_person_alone_is_refused(on_store: World) -> None:
    assert "two different people" in str(refused("publish", "--author", "A", "--approver", "a"))


@pytest.mark.parametrize("hash_", ["", "1234", "0123456789"])
def test_an_unknown_hash_is_refused(on_store: World, hash_: str) -> None:
    said = str(refused("publish", "--rollback", hash_))
    assert said.startswith(("Give at least the first 8 digits", "No snapshot 0123456789"))
    assert "Nothing was ever published" in done("publish", "--list")


def test_list_changes_nothing_else(on_store: World) -> None:
    result = run("publish", "--list", "--author", "A")
    assert result.exit_code == 2
    assert "--list stands alone" in result.stderr


# -- coverage -------------------------------------------------------------------------------
def test_coverage_is_readable_and_fails_on_an_undeclared_hole(world: World) -> None:
    result = run("coverage", "--today", DAY)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == f"Coverage on {DAY}: topics, groups, dates, holes."
    assert any(re.match(r"hssv_rate +1 +0 +10 +0 +0 +0 +hssv$", line) for line in lines)
    assert "Undeclared holes: 1" in lines
    assert "  place bac-ninh: no row, not even an unknown one, for hssv" in lines
    assert max(map(len, lines)) < 160


def test_coverage_for_machines(world: World) -> None:
    result = run("coverage", "--today", DAY, "--json")
    assert result.exit_code == 1
    body = json.loads(result.stdout)
    assert body["today"] == DAY
    assert set(body) == {
        "today",
        "topics",
        "audiences",
        "dates",
        "places",
        "timelines",
        "holes",
    }
    assert body["places"][0]["on"]["2023-07-01"] == {"hssv": "missing"}
    assert [hole["declared"] for hole in body["holes"]] == [False]


def test_coverage_without_undeclared_holes(world: World) -> None:
    world.replace(RATE, "contribution('hssv', months=12)", "household(members=2)")
    steps = "".join(
        f"- id: household_step_{n}\n  name: mức người thứ {n}\n  unit: share\n  rows:\n"
        f'    - {{value: "{110 - 10 * n}%", effective_from: 2018-02-01, effective_to: open, '
        "checked_on: 2026-11-01, citation: {directive: nd-2-2025}, confidence: official_text, "
        "source: Nghị định}\n"
        for n in range(1, 6)
    )
    world.write("values/household.yaml", steps)
    text = world.read(RATE)
    world.write(RATE, text.replace("{{ c.pays }} cho {{ c.months }} tháng", "{{ c.pays }}"))
    assert "Undeclared holes: none" in done("coverage", "--today", DAY)


# -- diff -----------------------------------------------------------------------------------
def test_diff_shows_the_changed_lines(world: World) -> None:
    world.replace(RATE, "effective_from: 2025-07-01", "effective_from: 2024-07-01")
    told = done("diff", "--from", "2025-06-30", "--to", "2025-07-01")
    assert "Mức đóng BHYT học sinh (muc-dong)" in told.splitlines()
    assert "  + Học sinh đóng 884.520 đồng cho 12 tháng." in told
    assert re.search(
        r"^\d of 3 answers read differently on 2025-06-30 and 2025-07-01\.$", told, re.M
    )


def test_diff_of_one_day_is_empty(world: World) -> None:
    told = done("diff", "--from", DAY, "--to", DAY)
    assert told == f"0 of 3 answers read differently on {DAY} and {DAY}.\n"


def test_diff_says_what_is_withheld(world: World) -> None:
    told = done("diff", "--from", "2025-06-30", "--to", "2025-07-01", "--province", "bắc ninh")
    assert "Mức đóng BHYT học sinh (muc-dong, withheld before)" in told


def test_diff_for_machines(world: World) -> None:
    told = done("diff", "--from", "2025-06-30", "--to", "2025-07-01", "--json")
    body = json.loads(told)
    assert (body["from"], body["to"]) == ("2025-06-30", "2025-07-01")
    by_id = {one["answer_id"]: one for one in body["answers"]}
    assert by_id["muc-dong"]["withheld_old"]
    assert not by_id["muc-dong"]["withheld_new"]
    assert by_id["muc-dong"]["place"] is None
    assert "đồng" in by_id["muc-dong"]["new"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--from", "30/06/2025", "--to", DAY), "--from wants a date as YYYY-MM-DD"),
        (("--from", DAY, "--to", "x"), "--to wants a date as YYYY-MM-DD"),
        (("--from", DAY, "--to", DAY, "--province", "Atlantis"), "there is no place Atlantis"),
        (("--from", DAY), "Missing option"),
    ],
)
def test_a_strange_call_is_a_usage_error(world: World, args: tuple[str, ...], said: str) -> None:
    result = run("diff", *args)
    assert result.exit_code == 2
    assert said in result.stderr


# -- no store -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "args",
    [
        ("check",),
        ("coverage",),
        ("diff", "--from", DAY, "--to", DAY),
        ("new", "value", "card_days"),
    ],
)
def test_editing_needs_no_store(
    world: World, args: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert run(*args).exit_code in (0, 1)
    assert not list(Path().glob("var/*"))


def test_new_value(world: World) -> None:
    told = done("new", "value", "card_days")
    assert told.startswith("world/values/card_days.yaml: fill it in")
    again = run("new", "value", "contribution_rate")
    assert again.exit_code == 2
    assert '"contribution_rate" stands in values/general.yaml' in again.stderr
