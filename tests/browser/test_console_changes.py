"""Unanswered questions to a live answer in the browser: by keyboard, on a phone, accessible."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from tests.browser.console import window
from tests.unit.console.changing import ASKED, SECOND, asked, desks, prepare, world_of
from tests.unit.console.running import Running

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    world = world_of(tmp_path / "world")
    async with Running(tmp_path, desk=desks(world)) as found:
        await prepare(found, world)
        await asked(found.sql, ASKED, "thẻ bhyt bị ướt có xin đổi được không ạ")
        await asked(found.sql, "phòng khám tư gần chợ có nhận thẻ không", days_ago=9)
        yield found


async def _faults(page: Page) -> list[str]:
    # axe is put in by the test, past the page's own policy.
    results: dict[str, Any] = (await Axe().run(page)).response
    return [
        f"{fault['id']}: {node['target']} {node.get('failureSummary', '')}"
        for fault in results["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


async def _draft(page: Page, running: Running) -> None:
    """From the list to a tried change, with the keyboard alone."""
    await page.goto(f"{running.url}unanswered")
    await page.get_by_role("link", name=ASKED).focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("radio").first.focus()
    await page.keyboard.press("Enter")  # sends the form it stands in
    await expect(page.get_by_role("heading", name="Thêm cách hỏi: Mất thẻ")).to_be_visible()
    await running.console.trials.wait(1)
    await page.goto(f"{running.url}changes/1")


async def test_from_the_list_to_the_live_answer_by_keyboard(
    browser: Browser, running: Running
) -> None:
    async with window(browser, running, user="editor") as page:
        await _draft(page, running)
        await expect(page.get_by_text("Không có lỗi nào.")).to_be_visible()
        await expect(page.locator(".diff .add").first).to_contain_text(ASKED)
        await page.get_by_role("button", name="Gửi duyệt").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Đang chờ một người biên tập khác duyệt")).to_be_visible()
        await expect(page.get_by_role("button", name="Duyệt và đưa lên")).to_have_count(0)
    async with window(browser, running, user=SECOND) as page:
        await page.goto(f"{running.url}changes")
        await page.get_by_role("link", name="Thêm cách hỏi: Mất thẻ").click()
        await page.get_by_role("button", name="Duyệt và đưa lên").click()
        await expect(page.get_by_role("status").first).to_contain_text("Đã duyệt và đưa lên")
        async with page.expect_download() as coming:
            await page.get_by_role("link", name="Tải bản vá").click()
        download = await coming.value
        assert download.suggested_filename == "ban-sua-1.patch"
        await page.goto(f"{running.url}snapshots")
        await page.get_by_role("link", name="Quay lại bản").first.click()
        await page.get_by_role("button", name="Quay lại bản này").click()
        await expect(page.locator("tr.shown")).to_contain_text("Quay lại")


async def test_the_page_of_a_running_trial_looks_again_by_itself(
    browser: Browser, running: Running
) -> None:
    import asyncio

    quick, gate = running.console.trials.run, asyncio.Event()

    async def slow(trial: Any) -> dict[str, Any]:
        await gate.wait()
        return await quick(trial)

    running.console.trials.run = slow
    async with window(browser, running, user="editor") as page:
        await page.goto(f"{running.url}unanswered")
        await page.get_by_role("link", name=ASKED).click()
        await page.get_by_role("button", name="Thêm cách hỏi").click()
        await expect(page.get_by_text("Máy đang thử nội dung mới")).to_be_visible()
        gate.set()
        await expect(page.get_by_text("Không có lỗi nào.")).to_be_visible(timeout=15_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_has_a_serious_fault_or_is_wider_than_a_phone(
    browser: Browser, running: Running, scheme: str
) -> None:
    async with window(
        browser, running, size="phone", user="editor", color_scheme=scheme, bypass_csp=True
    ) as page:
        await _draft(page, running)
        first = (await running.sql.knowledge.history())[-1].hash
        key = await _key(page, running)
        for path in (
            "unanswered",
            "unanswered?kind=bad",
            f"unanswered/{key}",
            "changes",
            "changes?done=1",
            "changes/1",
            "changes/1/edit",
            f"changes/new?from={key}",
            "snapshots",
            f"snapshots/{first}",
        ):
            await page.goto(running.url + path)
            assert await _faults(page) == [], path
            wider = await page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wider <= 0, path
        await page.goto(f"{running.url}changes/new")
        await page.get_by_label("Tiêu đề").fill("Thẻ 2025")
        await page.get_by_label("Các cách hỏi").fill("thẻ ướt")
        await page.get_by_label("Nội dung trả lời").fill("Anh/chị xin cấp lại.")
        await page.get_by_role("button", name="Tạo bản sửa và thử").click()
        await expect(page.get_by_role("alert")).to_contain_text("Còn 2 chỗ cần xem lại")
        assert await page.get_by_label("Nội dung trả lời").input_value() == "Anh/chị xin cấp lại."
        assert await _faults(page) == [], "the form with mistakes"


async def _key(page: Page, running: Running) -> str:
    await page.goto(f"{running.url}unanswered")
    found = await page.locator(".group h2 a").first.get_attribute("href")
    assert found is not None
    return found.rpartition("/")[2]
