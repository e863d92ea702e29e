"""The pages over HTTP: search, copy log, why, audit."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.answer import Asked, apply
from bot.console import lookup
from bot.console.pages import PAGES
from bot.models import Answer
from knowledge.snapshot import Snapshot
from tests.unit.console.conftest import Client

ROOT = Path(__file__).parents[3]
RATE = "mức đóng bhyt học sinh năm nay"


@pytest.fixture
async def inside(client: Client) -> Client:
    """Logged in as an editor, on the search page."""
    await client.log_in("editor")
    return client


# -- search -------------------------------------------------------------------------------
async def test_typing_gives_the_list_and_the_three_texts(inside: Client) -> None:
    status, data = await inside.send("find", {"q": RATE})
    assert status == 200
    assert data["chosen"] == "muc-dong"
    assert data["results"].count('class="hit"') >= 3
    assert 'aria-current="true"' in data["results"]
    assert [name in data["answer"] for name in ("chat", "short", "phone")] == [True] * 3
    assert "Theo " in data["answer"]
    assert "áp dụng từ" in data["answer"]


async def test_only_the_chosen_answer_is_written_out(
    inside: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied: list[str] = []

    def watched(snapshot: Snapshot, answer_id: str, asked: Asked) -> Answer:
        applied.append(answer_id)
        return apply(snapshot, answer_id, asked)

    monkeypatch.setattr(lookup, "apply", watched)
    await inside.send("find", {"q": RATE})
    assert applied == ["muc-dong"]


async def test_a_chip_recomputes_the_text(inside: Client) -> None:
    _, before = await inside.send("find", {"q": RATE})
    _, after = await inside.send("find", {"q": RATE, "id": "muc-dong", "months": "3"})
    assert before["answer"] != after["answer"]
    assert "cho 3 tháng" in after["answer"]
    assert "data-clear" in after["answer"]


async def test_words_are_shown_as_words(inside: Client) -> None:
    evil = '<script>alert(1)</script>" onfocus="x'
    for page in (await inside.post("", {"q": evil}), await inside.get("", params={"q": evil})):
        assert "<script>alert" not in page.text
        assert '" onfocus' not in page.text
    _, data = await inside.send("find", {"q": evil})
    assert "<script>" not in data["results"] + data["answer"]


async def test_identifiers_are_not_shown_back(inside: Client) -> None:
    page = await inside.post("", {"q": "sđt 0912345678 mất thẻ bhyt"})
    assert "0912345678" not in page.text
    assert "[SĐT]" in page.text


async def test_the_page_works_as_a_form(inside: Client) -> None:
    page = await inside.post("", {"q": RATE, "id": "ho-gia-dinh"})
    assert page.status == 200
    assert "Mức đóng BHYT hộ gia đình" in page.words
    assert 'data-id="ho-gia-dinh"' in page.text


async def test_an_answer_can_be_linked_to(inside: Client) -> None:
    assert 'data-id="mat-the"' in (await inside.get("?id=mat-the")).text


async def test_empty_states_are_kind(inside: Client) -> None:
    assert "Gõ câu hỏi vừa nghe được" in (await inside.get()).words
    _, data = await inside.send("find", {"q": "?!"})
    assert "Chưa có câu trả lời nào gần câu này" in data["answer"]
    assert "Chưa tìm thấy" in data["results"]
    assert "Chưa có lần chép nào" in (await inside.get("copies")).words
    assert "Chưa có câu hỏi nào" in (await inside.get("why")).words


@pytest.mark.parametrize("body", [[], "x", 5, None])
async def test_a_call_that_is_no_object_is_refused(inside: Client, body: Any) -> None:
    status, _ = await inside.send("find", body)
    assert status == 400


# -- copies -------------------------------------------------------------------------------
async def test_a_copy_is_logged_with_what_the_knowledge_said(inside: Client) -> None:
    item = {"id": "muc-dong", "register": "short", "q": RATE, "months": "6", "day": "2024-07-15"}
    status, data = await inside.send("copies", {"items": [item]})
    assert (status, data) == (201, {"logged": 1})
    [logged] = await inside.running.store.copies()
    copy = logged.copy
    assert (logged.user, copy.answer_id, copy.register) == ("editor", "muc-dong", "short")
    assert copy.snapshot == inside.running.desk().snapshot.hash
    assert copy.version == "version of muc-dong"
    assert copy.applies_from.isoformat() == copy.applies_to.isoformat() == "2024-07-15"
    assert copy.as_of.isoformat() == "2026-11-22"
    assert copy.slots == {"group": "hssv", "months": 6} or copy.slots["months"] == 6
    assert "base_salary/all/2024-07-01" in copy.used


async def test_a_copied_text_of_several_answers_is_one_batch(inside: Client) -> None:
    items = [{"id": "muc-dong", "register": "chat"}, {"id": "mat-the", "register": "chat"}]
    await inside.send("copies", {"items": items})
    first, second = await inside.running.store.copies()
    assert first.batch == second.batch
    page = await inside.get("copies")
    assert page.words.count("trong bài ghép 2 câu") == 2


async def test_no_words_of_a_citizen_reach_the_store(inside: Client) -> None:
    secret = "câu hỏi rất riêng của bà Lan"
    await inside.send("find", {"q": secret})
    await inside.send("copies", {"items": [{"id": "mat-the", "register": "chat", "q": secret}]})
    tables = ("copies", "audit", "sessions", "login_attempts", "users")
    rows = await inside.running.sql.read(
        lambda conn: [str(conn.execute(text(f"SELECT * FROM {t}")).all()) for t in tables]  # noqa: S608 - our own names
    )
    assert "riêng" not in "".join(rows)
    assert "mat-the" in rows[0]


@pytest.mark.parametrize(
    "items",
    [[], None, "x", [5], [{"id": "muc-dong"}], [{"id": "none", "register": "chat"}],
     [{"id": "muc-dong", "register": "loud"}], [{"id": "muc-dong", "register": "chat"}] * 21],
)  # fmt: skip
async def test_what_no_page_of_ours_sends_is_not_logged(inside: Client, items: Any) -> None:
    status, _ = await inside.send("copies", {"items": items})
    assert status == 400
    assert await inside.running.store.copies() == []


async def test_the_log_shows_who_what_and_if_it_changed_since(inside: Client) -> None:
    items = [{"id": "muc-dong", "register": "chat", "day": "2024-07-15"}]
    await inside.send("copies", {"items": items})
    page = await inside.get("copies")
    assert "Mức đóng BHYT học sinh" in page.words
    assert "ngày 15/07/2024" in page.words
    assert "đã sửa sau khi chép" not in page.words
    await inside.running.sql.write(lambda conn: conn.execute(text("UPDATE copies SET version='x'")))
    assert "đã sửa sau khi chép" in (await inside.get("copies")).words


async def test_the_log_can_be_mine_and_goes_on(inside: Client) -> None:
    for _ in range(3):
        items = [{"id": "muc-dong", "register": "chat"}] * 20
        await inside.send("copies", {"items": items})
    page = await inside.get("copies")
    assert page.text.count('class="when"') == 50
    assert "Xem cũ hơn" in page.words
    older = page.text.partition('href="/console/copies?before=')[2].partition('"')[0]
    assert (await inside.get(f"copies?before={older}")).text.count('class="when"') == 10
    await inside.post("logout", {})
    await inside.log_in("viewer")
    assert "Chưa có lần chép nào" in (await inside.get("copies?mine=1")).words
    assert (await inside.get("copies?before=x&mine=0")).text.count('class="when"') == 50


# -- why ----------------------------------------------------------------------------------
async def test_why_shows_candidates_vetoes_rows_and_the_chart(inside: Client) -> None:
    page = await inside.get("why", params={"q": "hộ gia đình 4 người đóng bảo hiểm y tế bao nhiêu"})
    assert "Trả lời ngay" in page.words
    assert "Loại: khác đối tượng" in page.words
    assert "Nghị định 161/2026/NĐ-CP" in page.words
    assert '<svg class="timeline"' in page.text
    assert "số liệu ở bảng ngay dưới" in page.text
    assert "<style" not in page.text


async def test_why_keeps_the_chips(inside: Client) -> None:
    page = await inside.get("why", params={"q": RATE, "day": "2024-07-15", "months": "3"})
    assert "Áp dụng ngày 15/07/2024" in page.words
    assert "1.800.000" in page.words
    assert 'name="months" value="3"' in page.text
    form = await inside.post("why", {"q": RATE, "months": "3"})
    assert "cho 3 tháng" in form.words


async def test_why_without_figures_says_so(inside: Client) -> None:
    page = await inside.get("why", params={"id": "quen-mat-khau"})
    assert "không dùng con số nào" in page.words


# -- audit and the register -----------------------------------------------------------------
async def test_the_audit_lists_people_and_what_they_did(inside: Client) -> None:
    await inside.running.store.disable_user("viewer", actor="cli")
    page = await inside.get("audit")
    assert "dòng lệnh Khóa tài khoản viewer" in page.words
    assert "Đăng nhập" in page.words
    assert "quyền biên tập" in page.words
    assert "đã khóa" in page.words
    await inside.running.store.record("editor", "thing.done", "x", {"how": "well"})
    assert "how: well" in (await inside.get("audit")).words


async def test_the_audit_goes_on(inside: Client) -> None:
    for number in range(60):
        await inside.running.store.record("editor", "test.done", str(number))
    page = await inside.get("audit")
    assert page.text.count('class="when"') == 50
    older = page.text.partition('href="/console/audit?before=')[2].partition('"')[0]
    assert (await inside.get(f"audit?before={older}")).text.count('class="when"') >= 10


def test_every_recorded_action_has_words() -> None:
    source = (ROOT / "bot/store/console.py").read_text(encoding="utf-8")
    recorded = set(re.findall(r'"([a-z]+\.[a-z]+)"', source))
    assert len(recorded) >= 5
    assert recorded <= {name for page in PAGES for name in page.actions}


async def test_every_page_of_the_register_is_served_and_named(inside: Client) -> None:
    assert len({page.name for page in PAGES}) == len(PAGES)
    home = await inside.get()
    for page in PAGES:
        if page.href:
            assert f'href="/console{page.href}"' in home.text
            found = await inside.get(page.href.removeprefix("/"))
            assert found.status == 200, page.name
            assert 'aria-current="page"' in found.text
        assert page.about.endswith(".")
