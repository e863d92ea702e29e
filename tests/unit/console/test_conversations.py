"""Conversations over HTTP: list, transcript, takeover, reply, notes, live."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import aiohttp
import pytest

from bot.console import live
from bot.console.live import PULSE, Pulse
from bot.console.site import application
from bot.errors import StoreError
from bot.models import Conversation, DeliveryState, Outcome
from bot.store.api import Closing, Settlement
from tests.unit.console.conftest import Client, Serve
from tests.unit.store.building import accept, answer_all, claimed, event, rows, taken, turn_clock

EVIL = "<script>alert(1)</script>"


@pytest.fixture
async def inside(serve: Serve) -> Client:
    """Logged in as an agent; one citizen was answered, another asks for a person."""
    client = await serve(windows={"messenger": 24.0})
    sql = client.running.sql
    await accept(sql, event("u1", f"mất thẻ {EVIL}"))
    await answer_all(sql, "Anh/chị làm thế này.", "Phần hai.")
    await accept(sql, event("u2", "gặp nhân viên"))
    claim = await claimed(sql)
    closing = Closing(claim.events[0].id, Outcome.HANDED_OVER, "", Conversation())
    await sql.close_event(claim, closing, last=True)
    await client.log_in("agent")
    return client


# -- the list -----------------------------------------------------------------------------------
async def test_the_list_tells_who_wrote_what_and_who_waits(inside: Client) -> None:
    page = await inside.get("conversations")
    assert page.status == 200
    assert "<script>alert" not in page.text
    assert page.words.index("Người dân 2") < page.words.index("Người dân 1")
    assert "chờ người" in page.words
    assert "tin chưa đọc" in page.words
    assert "u1" not in page.words.split()  # the platform's id of a citizen is nobody's business
    assert 'data-badge="conversations">1<' in page.text


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("show=waiting", ["2"]),
        ("show=held", []),
        ("show=unread", ["2", "1"]),
        ("show=trouble", []),
        ("outcome=answered", ["1"]),
        ("channel=zalo", []),
        ("channel=messenger&outcome=handed_over", ["2"]),
        ("show=nonsense&channel=x&outcome=y&before=z", ["2", "1"]),
        ("before=2", ["1"]),
        ("before=999999999999999999999", ["2", "1"]),
    ],
)
async def test_filters(inside: Client, query: str, shown: list[str]) -> None:
    page = await inside.get(f"conversations?{query}")
    found = [part.split('"')[0] for part in page.text.split('id="talk-')[1:]]
    assert found == shown
    if not shown:
        assert 'class="empty"' in page.text


# -- one conversation ----------------------------------------------------------------------------
async def test_a_transcript_tells_outcome_and_delivery_and_is_read(inside: Client) -> None:
    sql = inside.running.sql
    part = await taken(sql)
    await sql.settle(part, Settlement(DeliveryState.DEAD, reason="max_attempts: 551"))
    page = await inside.get("conversations/1")
    assert page.status == 200
    assert "<script>alert" not in page.text
    for words in ("đã trả lời", "không gửi được", "đã thử nhiều lần, mã lỗi 551", "Phần hai."):
        assert words in page.words
    assert "phần trước không gửi được" in page.words
    assert 'id="talk-1"' not in (await inside.get("conversations?show=unread")).text


async def test_an_agent_takes_over_answers_and_gives_back(inside: Client) -> None:
    await inside.get("conversations/2")
    page = await inside.post("conversations/2/take", {})
    assert "Anh/chị đang giữ hội thoại này" in page.words
    page = await inside.post("conversations/2/reply", {"text": "Em chào anh/chị ạ."})
    assert "Tin đã được xếp hàng gửi." in page.words
    assert "Em chào anh/chị ạ." in page.words
    page = await inside.post("conversations/2/reply", {"text": "Em chào anh/chị ạ."})
    assert "không gửi lại lần nữa" in page.words
    page = await inside.post("conversations/2/release", {})
    assert "Trợ lý tự động sẽ trả lời tin tiếp theo" in page.words
    page = await inside.post("conversations/2/release", {})
    assert "không ai giữ" in page.words


async def test_identifiers_are_masked_before_they_are_sent_or_kept(inside: Client) -> None:
    page = await inside.post("conversations/2/reply", {"text": "Gọi 0912345678 giúp em"})
    assert "đã được che" in page.words
    page = await inside.post("conversations/2/note", {"text": "sđt 0912345678"})
    assert "Đã lưu ghi chú" in page.words
    assert "sđt [SĐT]" in page.words
    kept = rows(inside.running.sql, "SELECT text FROM outbox") + rows(
        inside.running.sql, "SELECT text FROM notes"
    )
    assert "0912345678" not in str(kept)


async def test_a_colleague_is_not_pushed_aside_unasked_and_no_word_is_lost(
    inside: Client,
) -> None:
    await inside.post("conversations/2/take", {})
    await inside.post("logout", {})
    await inside.log_in("editor")
    page = await inside.post("conversations/2/reply", {"text": "Lời của người thứ hai"})
    assert page.status == 409
    assert "agent đang giữ hội thoại này" in page.words
    assert "Lời của người thứ hai</textarea>" in page.text
    assert "Vẫn gửi" in page.words
    page = await inside.post("conversations/2/take", {})
    assert "Vẫn tiếp quản" in page.words
    page = await inside.post(
        "conversations/2/reply", {"text": "Lời của người thứ hai", "force": "1"}
    )
    assert page.status == 200
    actions = [entry.action for entry in await inside.running.store.audit()]
    assert actions[:2] == ["conversation.reply", "conversation.take"]


@pytest.mark.parametrize("what", ["reply", "note"])
async def test_nothing_and_too_much_are_refused_with_the_words_kept(
    inside: Client, what: str
) -> None:
    page = await inside.post(f"conversations/2/{what}", {"text": "  \r\n "})
    assert (page.status, "chưa gõ nội dung" in page.words) == (409, True)
    page = await inside.post(f"conversations/2/{what}", {"text": "dài " * 1500})
    assert (page.status, "dài quá" in page.words) == (409, True)
    assert "dài dài dài" in page.text


async def test_a_viewer_reads_and_writes_nothing(inside: Client) -> None:
    await inside.post("logout", {})
    await inside.log_in("viewer")
    page = await inside.get("conversations/2")
    assert page.status == 200
    assert "<textarea" not in page.text
    for what in ("take", "release", "reply", "note"):
        assert (await inside.post(f"conversations/2/{what}", {"text": "x"})).status == 403
    assert rows(inside.running.sql, "SELECT count(*) FROM outbox WHERE staff != ''") == [(0,)]


async def test_a_closed_window_is_told_before_anybody_types(
    inside: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Kênh cho trả lời đến" in (await inside.get("conversations/2")).words
    turn_clock(inside.running.sql, monkeypatch, timedelta(hours=25).total_seconds())
    # The session is over by then as well: what the page says is asked of its parts.
    one = await inside.running.console.conversations.whole(2)
    assert one is not None
    from bot.console.pages.conversation import _context

    user = (await inside.running.store.users())[0]
    assert _context(inside.running.console, user, one)["closed"] is True


async def test_a_conversation_that_is_gone_is_said_kindly(inside: Client) -> None:
    await inside.running.sql.forget("messenger", "u2")
    page = await inside.get("conversations/2")
    assert page.status == 404
    assert "không còn nữa" in page.words
    assert (await inside.post("conversations/2/reply", {"text": "chào"})).status == 404
    assert (await inside.get("conversations/999999999999999999")).status == 404
    assert (await inside.get("conversations/9999999999999999999999")).status == 404


async def test_trying_a_command_again_leads_back_to_its_page(inside: Client) -> None:
    inside.running.store.away = True
    page = await inside.post("conversations/2/reply", {"text": "chào"})
    assert page.status == 503
    assert 'href="/console/conversations/2/reply">Thử lại' in page.text
    inside.running.store.away = False
    assert (await inside.get("conversations/2/reply")).path == "/console/conversations/2"
    assert (await inside.get("alarms/seen")).path == "/console/alarms"


# -- live -----------------------------------------------------------------------------------------
async def test_the_live_parts_are_data_with_the_numbers(inside: Client) -> None:
    headers = {"Accept": "application/json"}
    for path in ("conversations/lines?", "conversations/1/thread", "alarms/lines"):
        answer = await inside.get(path, headers=headers)
        assert answer.status == 200
        assert answer.text.startswith('{"html": "')
        assert '"badges": {"conversations": 1, "alarms": 0}' in answer.text
    answer = await inside.get("badges", headers=headers)
    assert answer.text == '{"conversations": 1, "alarms": 0}'
    inside.http.cookie_jar.clear()
    assert (await inside.get("badges", headers=headers)).status == 401


async def _event(answer: aiohttp.ClientResponse, name: str) -> str:
    async with asyncio.timeout(5):
        while (line := (await answer.content.readline()).decode()) != f"event: {name}\n":
            pass
        return line


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(Pulse.__init__, "__defaults__", (0.02,))


async def test_a_stream_says_that_something_changed(fast: None, inside: Client) -> None:
    async with inside.http.get(f"{inside.running.url}live") as answer:
        assert answer.content_type == "text/event-stream"
        assert answer.headers["Cache-Control"] == "no-store"
        await _event(answer, "change")
        await accept(inside.running.sql, event("u3", "mới"))
        assert await _event(answer, "change")


async def test_a_stream_ends_with_the_session(fast: None, inside: Client) -> None:
    async with inside.http.get(f"{inside.running.url}live") as answer:
        await _event(answer, "change")
        await inside.running.store.disable_user("agent", actor="test")
        assert await _event(answer, "session")


async def test_what_a_page_asks_by_itself_does_not_keep_the_session(inside: Client) -> None:
    sql = inside.running.sql
    await sql.write(
        lambda conn: conn.exec_driver_sql("UPDATE sessions SET seen_at = seen_at - 300000")
    )
    before = rows(sql, "SELECT seen_at FROM sessions")
    await inside.get("badges")
    await inside.get("conversations/lines?")
    assert rows(sql, "SELECT seen_at FROM sessions") == before
    await inside.get("conversations")
    assert rows(sql, "SELECT seen_at FROM sessions") != before


async def test_too_many_streams_are_told_so(
    inside: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_STREAMS", 0)
    assert (await inside.get("live")).status == 503


async def test_a_page_is_shown_without_its_numbers(
    inside: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_request: object) -> dict[str, int]:
        raise StoreError

    monkeypatch.setattr(live, "count", away)
    page = await inside.get("why")
    assert page.status == 200
    assert 'data-badge="alarms" hidden' in page.text


async def test_the_store_is_looked_at_only_while_somebody_watches() -> None:
    looked = 0
    looks = ["1"]

    async def look() -> str:
        nonlocal looked
        looked += 1
        if looks[-1] == "away":
            raise StoreError
        return looks[-1]

    pulse = Pulse(look, 0.001)
    await asyncio.sleep(0.01)
    assert looked == 0
    async with pulse.watching(), pulse.watching():
        assert await pulse.after("", 5) == "1"
        assert await pulse.after("1", 0.02) == ""
        looks.append("away")
        assert await pulse.after("1", 0.02) == ""
        looks.append("2")
        assert await pulse.after("1", 5) == "2"
    await asyncio.sleep(0.01)
    before = looked
    await asyncio.sleep(0.02)
    assert looked == before


async def test_a_stop_ends_every_stream(inside: Client) -> None:
    app = application(inside.running.console)
    pulse = app[PULSE]

    async with pulse.watching():
        waiting = asyncio.create_task(pulse.after("", 60))
        await asyncio.sleep(0)
        await pulse.close()
        await asyncio.wait_for(waiting, 5)
    assert pulse.closed
