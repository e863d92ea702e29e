"""Correction and report in a browser: by keyboard alone, on a phone, checked by axe."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from bot.models import Conversation, Outcome
from bot.store.api import Closing
from tests.browser.console import console, window
from tests.unit.console.running import Running
from tests.unit.store.building import accept, accepted, claimed, event, taken

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    """A console whose store holds one wrong reply and one question in vain."""
    windows = {"messenger": 24.0, "zalo": 48.0}
    async with console(tmp_path, clock=lambda: datetime.now(UTC), windows=windows) as found:
        await _closed(found, Outcome.ANSWERED, answer="muc-dong")
        await _closed(found, Outcome.NOT_KNOWN, words="bảo hiểm xe máy mua ở đâu")
        yield found


async def _closed(
    running: Running, outcome: Outcome, *, answer: str = "", words: str = "xin chào"
) -> None:
    await accept(running.sql, event("u1", words))
    claim = await claimed(running.sql)
    closing = Closing(
        claim.events[0].id,
        outcome,
        "",
        Conversation(),
        parts=("trả lời",),
        answer_id=answer or None,
        topic="hssv_rate" if answer else None,
        provenance={"versions": {answer: "v1"}, "used": [], "place": "Bắc Ninh"},
    )
    await running.sql.close_event(claim, closing, last=True)
    await running.sql.settle(await taken(running.sql), accepted())


async def _is_good(page: Page) -> None:
    """No serious fault for axe, and nothing wider than the screen."""
    results: dict[str, Any] = (await Axe().run(page)).response
    faults = [
        f"{fault['id']}: {node['target']}"
        for fault in results["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]
    assert faults == []
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.evaluate(wider) <= 0


@pytest.mark.parametrize(("size", "scheme"), [("desk", "light"), ("phone", "dark")])
async def test_a_correction_is_written_and_sent_by_keyboard(
    browser: Browser, running: Running, size: str, scheme: Any
) -> None:
    async with window(
        browser, running, size=size, user="editor", color_scheme=scheme, bypass_csp=True
    ) as page:
        await page.goto(f"{running.url}correction")
        await page.get_by_label("Câu trả lời").focus()
        await page.keyboard.type("Mức đóng BHYT học sinh")
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Tìm người đã nhận").press("Enter")
        await expect(page.get_by_role("link", name="Người dân 1")).to_be_visible()
        await _is_good(page)
        await page.get_by_label("Nội dung đúng").focus()
        await page.keyboard.type("Mức đúng ghi ở Điều 6.")
        await page.keyboard.press("Tab")
        await page.keyboard.type("nhầm dòng")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status").first).to_contain_text("Đã lưu bản nháp")
        await expect(page.locator(".bubble")).to_contain_text("Mức đúng ghi ở Điều 6.")
        await _is_good(page)
        await page.get_by_label("Tôi đã đọc kỹ").press("Space")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Kết quả")).to_be_visible()
        await expect(page.locator(".tiles")).to_contain_text("đang chờ gửi")
        await _is_good(page)


@pytest.mark.parametrize(("size", "scheme"), [("desk", "dark"), ("phone", "light")])
async def test_the_report_is_read_and_the_week_changed_by_keyboard(
    browser: Browser, running: Running, size: str, scheme: Any
) -> None:
    async with window(
        browser, running, size=size, user="viewer", color_scheme=scheme, bypass_csp=True
    ) as page:
        await page.goto(f"{running.url}report")
        await expect(page.get_by_role("img", name="Biểu đồ theo kênh")).to_be_visible()
        row = page.get_by_role("row", name="bảo hiểm xe máy mua ở đâu")
        await expect(row).to_be_visible()
        await _is_good(page)
        await page.get_by_role("link", name="Đến 15:00 thứ Năm").press("Enter")
        await expect(page.get_by_text("từ 15:00 thứ Năm").first).to_be_visible()
        await page.get_by_label("Tuần", exact=True).focus()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("link", name="Đến 15:00 thứ Năm")).to_have_attribute(
            "aria-current", "true"
        )
        async with page.expect_download() as waiting:
            await page.get_by_role("link", name="Excel").press("Enter")
        assert (await waiting.value).suggested_filename.endswith("-thu-nam.xlsx")
