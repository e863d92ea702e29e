"""The list of unanswered questions over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import insert, update

from bot.console.pages import unanswered
from bot.store.tables import inbox
from bot.store.tables_feedback import feedback
from tests import small_answers
from tests.unit.console.changing import ASKED, asked, desks, prepare, world_of
from tests.unit.console.conftest import Client, Serve

AT = round(small_answers.NOW.timestamp() * 1000)


@pytest.fixture
async def client(serve: Serve, tmp_path: Path) -> Client:
    """An editor's browser over the small base."""
    world = world_of(tmp_path / "world")
    client = await serve(desk=desks(world))
    await prepare(client.running, world)
    await client.log_in("editor")
    return client


async def disliked(client: Client, words: str, reason: str) -> None:
    """A question that was answered, and whose answer was called wrong."""
    sql = client.running.sql
    first, tap = await asked(sql, words, "chưa đúng")
    values = {"conversation_id": 1, "channel": "zalo", "answer_id": "mat-the", "version": "v"}

    def work(conn: object) -> None:
        run = conn.execute  # type: ignore[attr-defined] # a connection of the store
        run(
            update(inbox)
            .where(inbox.c.id.in_([first, tap]))
            .values(outcome="answered", answer_id="mat-the")
        )
        run(
            insert(feedback),
            {**values, "inbox_id": tap, "verdict": "bad", "reason": reason, "at": AT},
        )

    await sql.write(work)


async def test_groups_are_counted_and_lead_to_their_wordings(client: Client) -> None:
    for days in (0, 2, 9):
        await asked(client.running.sql, ASKED, days_ago=days)
    await asked(client.running.sql, "con đi bộ đội về đóng bảo hiểm thế nào", days_ago=30)
    page = await client.get("unanswered")
    assert "có 3 lượt hỏi, gom thành 1 nhóm; riêng 7 ngày qua 2 lượt" in page.words
    assert "7 ngày trước đó 1 · đang tăng" in page.words
    key = page.text.split("/unanswered/")[1][:16]
    detail = await client.get(f"unanswered/{key}")
    assert "Mất thẻ BHYT thì làm gì" in detail.words
    assert "3 lượt" in detail.words
    assert (await client.get("unanswered/0123456789abcdef")).status == 404
    form = await client.get(f"changes/new?from={key}")
    assert ASKED in form.text


async def test_bad_answers_have_their_own_list(client: Client) -> None:
    await disliked(client, "thẻ mất thì cấp lại hết bao nhiêu tiền", "off")
    page = await client.get("unanswered?kind=bad")
    assert "Câu bị chê: Mất thẻ BHYT thì làm gì (sai ý 1)" in page.words.replace(" ( ", " (")
    key = page.text.split("/unanswered/")[1][:16]
    detail = await client.get(f"unanswered/{key}?kind=bad")
    assert "Người dân chê câu Mất thẻ BHYT thì làm gì : sai ý 1 lượt" in detail.words
    edit = await client.post("changes", {"answer": "mat-the"})
    assert edit.path.endswith("/edit")
    await client.running.console.trials.wait(1)
    assert (await client.get("unanswered")).words.count("chưa đúng") == 1  # the tab's name


async def test_what_the_bot_knows_by_now_is_marked(client: Client) -> None:
    await asked(client.running.sql, "mất thẻ bhyt thì làm sao", days_ago=1)
    page = await client.get("unanswered")
    assert "nay máy trả lời: Mất thẻ BHYT thì làm gì" in page.words


async def test_long_lists_have_pages(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unanswered, "PER_PAGE", 1)
    await asked(client.running.sql, ASKED, "con đi bộ đội về đóng bảo hiểm thế nào")
    first = await client.get("unanswered")
    assert "Trang 1 trên 2" in first.words
    assert "Trang trước" not in first.words
    last = await client.get("unanswered?page=99")
    assert "Trang 2 trên 2" in last.words
    assert (await client.get("unanswered?page=x")).status == 200


async def test_words_are_shown_as_words(client: Client) -> None:
    evil = '<script>alert(1)</script> thẻ "><img src=x onerror=y>'
    await asked(client.running.sql, evil)
    page = await client.get("unanswered")
    assert "<script>alert" not in page.text
    assert "<img" not in page.text
    detail = await client.get(f"unanswered/{page.text.split('/unanswered/')[1][:16]}")
    assert "<script>alert" not in detail.text
    assert "<img" not in detail.text
