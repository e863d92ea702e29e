"""Alarms over HTTP: the bell, the list, and who looks after what."""

from __future__ import annotations

import pytest

from bot.store import alarms
from bot.store.alarms import Alarm
from tests.unit.console.conftest import Client
from tests.unit.store.building import accept, event

RUMOUR = Alarm("rumour:1", "rumour", {"people": 9, "questions": [1, 2]})
DATED = Alarm(
    "expires:2026-12-22",
    "expires",
    {"on": "2026-12-22", "items": ["answer:muc-dong", "value:base_salary"], "n": 5},
)
DEAD = Alarm("dead_letters", "dead_letters", {"n": 3})


@pytest.fixture
async def inside(client: Client) -> Client:
    """Logged in as an agent, with three alarms."""
    sql = client.running.sql
    await accept(sql, event("u1", "nghe nói <b>bỏ thẻ</b> giấy à"))
    await sql.write(lambda conn: alarms.sync(conn, sql.database, [DATED, RUMOUR, DEAD]))
    await client.log_in("agent")
    return client


async def test_every_page_has_the_bell_with_its_number(inside: Client) -> None:
    for path in ("", "why", "copies", "conversations", "alarms"):
        assert 'data-badge="alarms">3<' in (await inside.get(path)).text


async def test_the_list_says_what_is_wrong_and_where_to_look(inside: Client) -> None:
    page = await inside.get("alarms")
    assert "9 người cùng hỏi một điều chưa có câu trả lời" in page.words
    assert "bỏ thẻ" in page.words
    assert "<b>bỏ" not in page.text
    assert 'href="/console/conversations/1"' in page.text
    assert "5 mục hết hiệu lực sau ngày 22/12/2026" in page.words
    assert 'href="/console/?id=muc-dong"' in page.text
    assert "và 3 mục nữa" in page.words
    assert 'href="/console/conversations?show=trouble"' in page.text
    # Urgent ones stand before those that have time.
    assert page.words.index("9 người") < page.words.index("5 mục")


async def test_somebody_looks_after_it(inside: Client) -> None:
    page = await inside.post("alarms/seen", {"key": "dead_letters"})
    assert "agent nhận lúc" in page.words
    assert 'data-badge="alarms">2<' in page.text
    page = await inside.post("alarms/seen", {"key": "dead_letters"})
    assert page.status == 409
    assert "đã có người nhận" in page.words
    [entry] = await inside.running.store.audit(most=1)
    assert (entry.actor, entry.action, entry.subject) == ("agent", "alarm.seen", "dead_letters")


async def test_a_viewer_sees_and_takes_nothing(inside: Client) -> None:
    await inside.post("logout", {})
    await inside.log_in("viewer")
    page = await inside.get("alarms")
    assert "Tôi nhận xử lý" not in page.words
    assert (await inside.post("alarms/seen", {"key": "dead_letters"})).status == 403


async def test_what_is_over_is_still_told(inside: Client) -> None:
    sql = inside.running.sql
    await sql.write(lambda conn: alarms.sync(conn, sql.database, []))
    page = await inside.get("alarms")
    assert "Không có cảnh báo nào" in page.words
    assert "Đã hết" in page.words
    assert "3 tin không gửi được" in page.words
    assert 'data-badge="alarms" hidden' in page.text
