"""The correction pages over HTTP: search, draft, confirm, what became of it, colleagues."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from bot.console.pages import correction
from bot.correction import TEXT_LENGTH, Kind, answer_choices, letter, row_choices, title_of
from bot.models import Conversation, Outcome
from bot.store.api import Closing
from tests import small_answers
from tests.unit.console.conftest import Client, Serve
from tests.unit.store.building import accept, accepted, claimed, event, taken

ROW = "base_salary/all/2024-07-01"
NOW = small_answers.NOW.date()
WORDS = {"text": "Mức đúng ghi ở Điều 6.", "reason": "nhầm dòng"}
FIND = {"answer": "muc-dong"}


@pytest.fixture
async def inside(serve: Serve) -> Client:
    """Logged in as an editor; one citizen got the wrong answer a moment ago."""
    client = await serve(clock=lambda: datetime.now(UTC), windows={"messenger": 24.0, "zalo": 48.0})
    await client.log_in("editor")
    await answered(client, "u1")
    return client


async def answered(client: Client, user: str) -> None:
    sql = client.running.sql
    await accept(sql, event(user))
    claim = await claimed(sql)
    closing = Closing(
        claim.events[0].id,
        Outcome.ANSWERED,
        "",
        Conversation(),
        parts=("trả lời",),
        answer_id="muc-dong",
        provenance={"versions": {"muc-dong": "version of muc-dong"}, "used": [ROW]},
    )
    await sql.close_event(claim, closing, last=True)
    await sql.settle(await taken(sql), accepted())


async def parts(client: Client) -> list[tuple[str, str]]:
    """What people sent, or a correction did."""
    found = text("SELECT staff, text FROM outbox WHERE staff != '' ORDER BY id")
    return await client.running.sql.read(
        lambda conn: [(row[0], row[1]) for row in conn.execute(found)]
    )


def seen(page: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found
    return found[1]


# -- pure ---------------------------------------------------------------------------------
def test_the_letter_names_the_day_and_the_subject() -> None:
    day = small_answers.NOW.date()
    words = letter(" Đúng là thế. ", "Mức đóng", day)
    assert words.startswith(
        "Kính gửi anh/chị, câu trả lời ngày 22/11/2026 của trợ lý về “Mức đóng”"
    )
    assert "\n\nĐúng là thế.\n\n" in words


def test_the_longest_letter_is_one_message_on_every_channel() -> None:
    words = letter("x" * TEXT_LENGTH, title_of(small_answers.snapshot(), Kind.ROW, "x" * 200), NOW)
    assert len(words) <= 1900  # `webhooks.base.Limits.text_length` of both


def test_everything_can_be_chosen_and_has_a_name() -> None:
    snapshot = small_answers.snapshot()
    answers = {one.id for _, choices in answer_choices(snapshot) for one in choices}
    assert answers == set(snapshot.answers)
    rows = {one.id: one.label for _, choices in row_choices(snapshot) for one in choices}
    assert rows[ROW] == "2.340.000 đồng/tháng từ 01/07/2024"
    assert title_of(snapshot, Kind.ROW, ROW) == snapshot.values["base_salary"].name
    assert title_of(snapshot, Kind.ANSWER, "gone") == "gone"


# -- search -------------------------------------------------------------------------------
async def test_the_empty_page_says_what_it_is_for(inside: Client) -> None:
    page = await inside.get("correction")
    assert "Chưa có đính chính nào" in page.words
    assert "Mức đóng BHYT học sinh" in page.words


@pytest.mark.parametrize("wanted", [FIND, {"row": ROW}])
async def test_who_got_it_is_counted_and_listed(inside: Client, wanted: dict[str, str]) -> None:
    page = await inside.get("correction", params=wanted)
    assert "1 hội thoại và 0 lần chép" in page.words
    assert "1 gửi được ngay" in page.words
    assert 'href="/console/conversations/1"' in page.text
    assert "u1" not in page.words  # the platform's id is nobody's business


async def test_an_id_that_cannot_be_one_is_no_search(inside: Client) -> None:
    for id_ in ('muc"dong', "$[0]", "a b", "x" * 300):
        page = await inside.get("correction", params={"answer": id_})
        assert page.status == 200
        assert "Không ai nhận" not in page.words


async def test_nobody_is_said_plainly(inside: Client) -> None:
    page = await inside.get("correction", params={"answer": "mat-the"})
    assert "Không ai nhận nội dung này" in page.words
    assert "Soạn đính chính" not in page.words


async def test_days_of_an_address_may_be_nonsense(inside: Client) -> None:
    page = await inside.get("correction", params={**FIND, "since": "x", "until": "9999-99-99"})
    assert "1 hội thoại" in page.words
    early = await inside.get("correction", params={**FIND, "until": "2020-01-01"})
    assert "Không ai nhận" in early.words


async def test_what_the_knowledge_lost_can_still_be_corrected(inside: Client) -> None:
    page = await inside.get("correction", params={"answer": "đã-xóa"})
    assert "Không còn trong kho dữ liệu" in page.text


async def test_only_editors_write(inside: Client) -> None:
    await inside.post("logout", {})
    await inside.log_in("viewer")
    page = await inside.get("correction", params=FIND)
    assert "1 hội thoại" in page.words
    assert "Soạn đính chính" not in page.words
    for path in ("correction", "correction/1", "correction/1/send", "correction/1/withdraw"):
        assert (await inside.post(path, {**FIND, **WORDS})).status == 403


# -- draft and sending ------------------------------------------------------------------------
async def drafted(client: Client, **more: str) -> str:
    page = await client.post("correction", {**FIND, **WORDS, **more})
    assert page.status == 200
    return page.text


async def test_a_draft_is_previewed_then_sent_once(inside: Client) -> None:
    page = await drafted(inside)
    assert "Chưa có ai nhận được gì" in page
    assert "Mức đúng ghi ở Điều 6." in page
    assert "Gửi cho 1 hội thoại" in page
    assert await parts(inside) == []
    send = {"seen": seen(page), "sure": "1"}
    after = await inside.post("correction/1/send", send)
    assert "đang chờ gửi" in after.words
    [(staff, words)] = await parts(inside)
    assert staff == "editor"
    assert "về “Mức đóng BHYT học sinh” có chỗ chưa đúng" in words
    assert f"{datetime.now(UTC) + timedelta(hours=7):%d/%m/%Y}" in words
    again = await inside.post("correction/1/send", send)
    assert again.status == 200
    assert len(await parts(inside)) == 1
    assert "đã gửi" in (await inside.get("correction")).words


async def test_without_the_tick_nothing_is_sent(inside: Client) -> None:
    page = await drafted(inside)
    refused = await inside.post("correction/1/send", {"seen": seen(page)})
    assert refused.status == 422
    assert "đánh dấu là đã đọc kỹ" in refused.words
    assert await parts(inside) == []


async def test_who_holds_an_older_draft_is_told(inside: Client) -> None:
    old = seen(await drafted(inside))
    changed = await inside.post(
        "correction/1", {"seen": old, "text": "Nội dung mới.", "reason": "nhầm"}
    )
    assert "Nội dung mới." in changed.words
    for path, data in (
        ("correction/1/send", {"sure": "1"}),
        ("correction/1/withdraw", {}),
        ("correction/1", {"text": "Bản của tôi.", "reason": "khác"}),
    ):
        refused = await inside.post(path, {"seen": old, **data})
        assert refused.status == 409
        assert "vừa được người khác sửa" in refused.words
    assert "Bản của tôi." in refused.text  # what was typed is not lost
    assert await parts(inside) == []


async def test_more_than_one_request_can_take_up_is_gone_on_with(
    inside: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(correction, "_STEPS", 1)
    page = await drafted(inside)
    first = await inside.post("correction/1/send", {"seen": seen(page), "sure": "1"})
    assert "Đã xếp hàng được một phần" in first.words
    assert "Gửi tiếp" in first.words
    rest = await inside.post("correction/1/send", {})
    assert "Đã xếp hàng gửi cho mọi" in rest.words
    assert "Gửi tiếp" not in rest.words
    assert len(await parts(inside)) == 1


async def test_a_draft_is_given_up(inside: Client) -> None:
    page = await drafted(inside)
    gone = await inside.post("correction/1/withdraw", {"seen": seen(page)})
    assert "Đã bỏ bản nháp" in gone.words
    refused = await inside.post("correction/1/send", {"seen": seen(page), "sure": "1"})
    assert refused.status == 409


async def test_a_page_that_is_missing_is_said_kindly(inside: Client) -> None:
    assert (await inside.get("correction/77")).status == 404


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"text": "  "}, "chưa viết nội dung đúng"),
        ({"reason": ""}, "chưa viết lý do"),
        ({"text": "x" * 1401}, "dài quá: 1.401 ký tự"),
        ({"text": "😀" * 701}, "dài quá: 1.402 ký tự"),
    ],
)
async def test_what_is_missing_is_said_and_nothing_is_lost(
    inside: Client, data: dict[str, str], said: str
) -> None:
    page = await inside.post("correction", {**FIND, **WORDS, **data})
    assert page.status == 422
    assert said in page.words
    assert ("Mức đúng ghi ở Điều 6." in page.text) is ("text" not in data)


async def test_identifiers_do_not_leave(inside: Client) -> None:
    page = await drafted(inside, text="Gọi 0912345678 để hỏi.")
    assert "đã được che" in page
    assert "0912345678" not in page


async def test_words_are_shown_as_words(inside: Client) -> None:
    assert "<script>alert" not in await drafted(inside, text="<script>alert(1)</script>")


# -- colleagues -----------------------------------------------------------------------------
async def test_who_copied_it_is_reminded_and_settles_it(inside: Client) -> None:
    item = {"id": "muc-dong", "register": "short"}
    await inside.send("copies", {"items": [item]})
    page = await drafted(inside)
    await inside.post("correction/1/send", {"seen": seen(page), "sure": "1"})
    assert "Anh/chị đã chép nội dung cần đính chính" in (await inside.get("correction")).words
    assert "chưa báo lại" in (await inside.get("correction/1")).words
    done = await inside.post("correction/1/told", {})
    assert "đã báo lại" in done.words
    assert "Anh/chị đã chép" not in (await inside.get("correction")).words


async def test_every_step_is_in_the_audit_in_words(inside: Client) -> None:
    page = await drafted(inside)
    await inside.post("correction/1/send", {"seen": seen(page), "sure": "1"})
    audit = (await inside.get("audit")).words
    assert "Soạn đính chính" in audit
    assert "Gửi đính chính" in audit
