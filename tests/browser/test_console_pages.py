"""Every page of the console: accessible, usable on a phone, in light and dark, without a script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from bot.console.pages import PAGES
from tests.browser.console import SIZES, clipboard, console, window
from tests.unit.console.running import PASSWORD, Running

pytestmark = pytest.mark.asyncio(loop_scope="module")

RATE = "mức đóng bhyt học sinh năm nay"
#: Every page as it is first seen, and with something on it.
VIEWS = sorted(
    {path for page in PAGES for path in (page.href, page.sample) if path}
    | {f"/?q={RATE}", f"/why?q={RATE}", "/nowhere"}
)


@pytest_asyncio.fixture(loop_scope="module")
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with console(tmp_path) as found:
        yield found


async def _faults(page: Page) -> list[str]:
    """Serious and critical faults that axe finds, with where they are."""
    # axe is put in by the test, past the page's own policy.
    results: dict[str, Any] = (await Axe().run(page)).response
    return [
        f"{fault['id']}: {node['target']} {node.get('failureSummary', '')}"
        for fault in results["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_no_serious_fault_on_any_page(
    browser: Browser, running: Running, scheme: str
) -> None:
    async with window(
        browser, running, user="editor", color_scheme=scheme, bypass_csp=True
    ) as page:
        for path in VIEWS:
            await page.goto(running.url.rstrip("/") + path)
            assert await _faults(page) == [], path
        await page.goto(f"{running.url}?q={RATE}")
        await page.locator(".register").first.wait_for()
        await page.locator("[data-frame]").check()
        await page.get_by_role("button", name="Ghép thêm").click()
        await page.get_by_label("Số tháng").select_option("3")
        await expect(page.locator(".chip.set")).to_have_count(1)
        assert await _faults(page) == [], "with everything open"
        await page.evaluate("document.activeElement.blur()")
        await page.keyboard.press("?")
        assert await _faults(page) == [], "help"


async def test_axe_finds_no_serious_fault_at_the_door(browser: Browser, running: Running) -> None:
    async with window(browser, running, bypass_csp=True) as page:
        await page.goto(running.url)
        assert await _faults(page) == []
        await page.get_by_label("Tên đăng nhập").fill("agent")
        await page.get_by_label("Mật khẩu").fill("sai")
        await page.get_by_role("button", name="Đăng nhập").click()
        await expect(page.get_by_role("alert")).to_contain_text("Tên hoặc mật khẩu chưa đúng")
        await expect(page.get_by_label("Mật khẩu")).to_be_focused()
        assert await _faults(page) == []


@pytest.mark.parametrize("size", SIZES)
async def test_no_page_is_wider_than_its_screen(
    browser: Browser, running: Running, size: str
) -> None:
    async with window(browser, running, size=size, user="editor") as page:
        for path in VIEWS:
            await page.goto(running.url.rstrip("/") + path)
            wider = await page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wider <= 0, path


async def test_on_a_phone_an_answer_is_found_and_copied_by_finger(
    browser: Browser, running: Running
) -> None:
    async with window(browser, running, size="phone", user="agent", has_touch=True) as page:
        await page.get_by_label("Câu hỏi của người dân").fill(RATE)
        await expect(page.locator(".register")).to_have_count(3)
        for control in await page.locator("button:visible, select:visible, a:visible").all():
            box = await control.bounding_box()
            assert box is not None
            assert box["height"] >= 24, await control.inner_text()  # WCAG 2.5.8
        await page.locator(".hit").nth(1).tap()
        await expect(page.locator(".hit").nth(1)).to_have_attribute("aria-current", "true")
        await page.get_by_role("button", name="Chép dạng ngắn").tap()
        await expect(page.locator("#toast")).to_contain_text("Đã chép")
        assert "Theo " in await clipboard(page)


async def test_why_is_one_key_away_and_keeps_the_chips(browser: Browser, running: Running) -> None:
    async with window(browser, running, user="agent") as page:
        await page.keyboard.type(RATE)
        await page.locator(".register").first.wait_for()
        await page.get_by_label("Số tháng").select_option("3")
        await expect(page.locator('[data-register="chat"]')).to_contain_text("cho 3 tháng")
        await page.evaluate("document.activeElement.blur()")
        await page.keyboard.press("w")
        await expect(page.get_by_role("heading", name="Vì sao", exact=True)).to_be_visible()
        assert RATE.split()[0] not in page.url  # words stay out of addresses and histories
        await expect(page.locator(".text")).to_contain_text("cho 3 tháng")
        chart = page.get_by_role("img").first
        await expect(chart).to_be_visible()
        assert "bảng ngay dưới" in str(await chart.get_attribute("aria-label"))
        await expect(page.locator(".timeline .step.used").first).to_be_visible()


async def test_the_theme_button_overrules_the_system_and_is_kept(
    browser: Browser, running: Running
) -> None:
    async with window(browser, running, user="agent", color_scheme="light") as page:

        async def background() -> str:
            return str(await page.evaluate("getComputedStyle(document.body).backgroundColor"))

        light = await background()
        toggle = page.get_by_role("button", name="Giao diện")
        await toggle.click()
        await expect(page.locator("#toast")).to_have_text("Giao diện: sáng")
        await toggle.click()
        await expect(page.locator("#toast")).to_have_text("Giao diện: tối")
        dark = await background()
        assert dark != light
        await page.reload()
        assert await background() == dark
        await toggle.click()
        assert await background() == light


async def test_the_page_works_without_a_script(browser: Browser, running: Running) -> None:
    async with window(browser, running, java_script_enabled=False) as page:
        await page.goto(running.url)
        await page.get_by_label("Tên đăng nhập").fill("agent")
        await page.get_by_label("Mật khẩu").fill(PASSWORD)
        await page.get_by_role("button", name="Đăng nhập").click()
        await page.get_by_label("Câu hỏi của người dân").fill(RATE)
        await page.get_by_role("button", name="Tìm").click()
        await expect(page.locator(".answer-head h2")).to_have_text("Mức đóng BHYT học sinh")
        second = page.locator(".hit").nth(1)
        title = await second.locator(".hit-title").inner_text()
        await second.click()
        await expect(page.locator(".answer-head h2")).to_have_text(title)
        await page.get_by_role("button", name="Vì sao").click()
        await expect(page.get_by_role("heading", name="Vì sao", exact=True)).to_be_visible()


async def test_the_door_is_passed_by_keyboard(browser: Browser, running: Running) -> None:
    async with window(browser, running) as page:
        await page.goto(f"{running.url}copies")
        await expect(page.get_by_label("Tên đăng nhập")).to_be_focused()
        await page.keyboard.type("agent")
        await page.keyboard.press("Tab")
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Nhật ký chép")).to_be_visible()


async def test_log_out_leads_to_the_door(browser: Browser, running: Running) -> None:
    async with window(browser, running, user="agent") as page:
        await page.get_by_role("button", name="Đăng xuất").click()
        await expect(page.get_by_text("Anh/chị đã đăng xuất.")).to_be_visible()
        await page.go_back()
        await page.goto(running.url)
        await expect(page.get_by_role("heading", name="Bảng làm việc BHYT")).to_be_visible()
