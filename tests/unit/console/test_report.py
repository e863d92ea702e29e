"""The report page and its files over HTTP."""

from __future__ import annotations

import pytest

from tests.unit.console.conftest import Client
from tests.unit.store.building import accept, answer_all, event


@pytest.fixture
async def inside(client: Client) -> Client:
    """Logged in as a viewer: the report is for everybody."""
    await accept(client.running.sql, event())
    await answer_all(client.running.sql, "dạ")
    await client.log_in("viewer")
    return client


async def test_this_week_is_shown_and_can_be_ended_on_thursday(inside: Client) -> None:
    page = await inside.get("report")
    assert page.status == 200
    assert "Số liệu từ 16/11/2026 đến 22/11/2026" in page.words
    assert "kỳ này chưa hết" in page.words
    for title in ("Theo kết quả", "Theo kênh", "Theo giờ trong ngày", "Việc gửi tin trả lời"):
        assert title in page.words
    thursday = await inside.get("report?week=2026-W47&ends=thursday")
    assert "từ 15:00 thứ Năm 12/11/2026 đến 15:00 thứ Năm 19/11/2026" in thursday.words
    assert "kỳ này chưa hết" not in thursday.words


async def test_an_unreadable_week_is_this_week(inside: Client) -> None:
    for name in ("x", "2026-W99", "9999-W52", "%00"):
        page = await inside.get(f"report?week={name}")
        assert page.status == 200
    assert "không đọc được" in (await inside.get("report?week=x")).words
    assert (await inside.get("report/csv?week=x")).status == 404


async def test_an_old_week_can_be_asked_for(inside: Client) -> None:
    page = await inside.get("report?week=2020-W10")
    assert '<option value="2020-W10" selected>' in page.text


async def test_no_style_is_inside_the_page(inside: Client) -> None:
    text = (await inside.get("report")).text
    assert "<style" not in text
    assert " style=" not in text


@pytest.mark.parametrize(
    ("kind", "begins"), [("html", "\n<!doctype html>"), ("csv", "\ufeffPhần,Dòng")]
)
async def test_files_are_given_out_by_name(inside: Client, kind: str, begins: str) -> None:
    file = await inside.get(f"report/{kind}?week=2026-W47&ends=thursday")
    assert file.status == 200
    assert file.headers["Content-Disposition"] == (
        f'attachment; filename="bao-cao-2026-W47-thu-nam.{kind}"'
    )
    assert file.text.lstrip("\n").startswith(begins.lstrip("\n"))
    assert file.headers["Cache-Control"] == "no-store"


async def test_the_workbook_is_one(inside: Client) -> None:
    async with inside.http.get(inside.running.url + "report/xlsx?week=2026-W47") as answer:
        assert answer.content_type.endswith("spreadsheetml.sheet")
        assert (await answer.read())[:2] == b"PK"


async def test_no_other_kind_is_made(inside: Client) -> None:
    assert (await inside.get("report/pdf")).status == 404
