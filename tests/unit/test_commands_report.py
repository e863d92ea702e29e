"""`bot report` on a real SQLite store."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from bot.__main__ import cli
from bot.dialogue import VIETNAM
from bot.report_model import week_name
from bot.store import open_store
from tests.unit.store.building import accept, answer_all, event


@pytest.fixture
def week(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store with one answered event; the week of that event."""
    url = f"sqlite:///{tmp_path}/bot.db"
    monkeypatch.setenv("DATABASE_URL", url)

    async def fill() -> None:
        store = open_store(url)
        await store.open()
        await accept(store, event())
        await answer_all(store, "dạ")
        await store.close()

    asyncio.run(fill())
    return week_name(datetime.now(UTC).astimezone(VIETNAM).date())


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, ["report", *args])


def test_the_present_week_is_written_as_html(week: str) -> None:
    done = run()
    assert done.exit_code == 0, done.output
    assert f"Tuần {week}" in done.output
    assert "Kỳ này chưa hết" in done.output


def test_a_workbook_goes_to_a_file(week: str, tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    done = run("--week", week, "--format", "xlsx", "--output", str(path))
    assert done.exit_code == 0, done.output
    sheet = load_workbook(io.BytesIO(path.read_bytes()))["Theo kênh"]
    assert [cell.value for cell in sheet[2]] == ["Messenger", 1, 1, 1, 0]


def test_csv_comes_out_with_its_mark(week: str) -> None:
    done = run("--week", week, "--format", "csv", "--ends", "thursday")
    assert done.stdout_bytes.startswith(b"\xef\xbb\xbf")
    assert "15:00 thứ Năm" in done.output


@pytest.mark.parametrize("name", ["2026-47", "2026-W60", "week"])
def test_what_is_no_week_is_said(week: str, name: str) -> None:
    done = run("--week", name)
    assert done.exit_code == 2
    assert "2026-W47" in done.output


def test_a_file_that_cannot_be_written_is_said(week: str, tmp_path: Path) -> None:
    done = run("--week", week, "--output", str(tmp_path / "no" / "folder.html"))
    assert done.exit_code == 1
    assert "cannot be written" in done.output
