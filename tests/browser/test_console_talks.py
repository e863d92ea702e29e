"""Conversations and alarms in a browser: live, by keyboard, on a phone, accessible."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from bot.models import Event, EventKind, Parsed
from tests.browser.console import console, window
from tests.browser.talks import fill_talks
from tests.browser.test_console_pages import _faults
from tests.unit.console.running import Running

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATHS = ("conversations", "conversations?show=held", "conversations/1", "conversations/3", "alarms")


@pytest_asyncio.fixture(loop_scope="module")
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with console(tmp_path, windows={"zalo": 48.0, "messenger": 24.0}) as found:
        await fill_talks(found)
        yield found


async def write(running: Running, user: str, words: str) -> None:
    event = Event("zalo", "22", user, f"text:{words}", EventKind.TEXT, words)
    await running.sql.accept(Parsed(events=(event,)), {})


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_no_serious_fault(browser: Browser, running: Running, scheme: str) -> None:
    async with window(browser, running, user="agent", color_scheme=scheme, bypass_csp=True) as page:
        for path in PATHS:
            await page.goto(running.url + path)
            assert await _faults(page) == [], path
        await page.goto(f"{running.url}conversations/1")
        await page.get_by_role("button", name="Tiếp quản").click()
        await expect(page.get_by_role("status").first).to_contain_text("đang giữ hội thoại này")
        assert await _faults(page) == [], "held"


#: Controls lower than WCAG 2.5.8 asks for.
_SMALL = """() => [...document.querySelectorAll(
  "main button, main select, main textarea, .talk"
)].filter((one) => one.offsetParent && one.getBoundingClientRect().height < 24)
  .map((one) => one.outerHTML.slice(0, 120))"""


async def test_on_a_phone_nothing_is_wider_than_the_screen_and_all_can_be_tapped(
    browser: Browser, running: Running
) -> None:
    async with window(browser, running, size="phone", user="agent", has_touch=True) as page:
        for path in PATHS:
            await page.goto(running.url + path)
            wider = await page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wider <= 0, path
            small = await page.evaluate(_SMALL)  # at once: the list renews itself meanwhile
            assert small == [], path
        await page.goto(f"{running.url}conversations")
        await page.locator(".talk").first.tap()
        await page.get_by_label("Nhắn với người dân").fill("Em chào anh/chị ạ.")
        await page.get_by_role("button", name="Gửi").tap()
        await expect(page.locator(".person .bubble")).to_contain_text("Em chào anh/chị ạ.")


async def test_the_list_renews_itself_and_keeps_the_focus(
    browser: Browser, running: Running
) -> None:
    async with window(browser, running, user="agent") as page:
        await page.goto(f"{running.url}conversations")
        await page.keyboard.press("j")
        await page.keyboard.press("j")
        await expect(page.locator("#talk-3")).to_be_focused()
        await write(running, "new", "tin vừa mới đến")
        await expect(page.locator(".talk").first).to_contain_text("tin vừa mới đến")
        await expect(page.locator("#talk-3")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Người dân 3")).to_be_visible()
        await expect(page.locator(".badge-bad").first).to_have_text("không gửi được")


async def test_a_conversation_is_taken_answered_and_given_back_by_keyboard(
    browser: Browser, running: Running
) -> None:
    async with window(browser, running, user="agent") as page:
        await page.goto(f"{running.url}conversations/1")
        count = page.locator('[data-badge="conversations"]')
        await expect(count).to_have_text("1")
        await page.keyboard.press("r")
        await expect(page.get_by_label("Nhắn với người dân")).to_be_focused()
        await page.keyboard.type("Em xem rồi ạ.")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator(".person .bubble")).to_contain_text("Em xem rồi ạ.")
        await expect(count).to_be_hidden()
        # The citizen's next words appear by themselves, and so does what became of ours.
        await write(running, "lan", "cảm ơn em nhé")
        await expect(page.locator(".theirs .bubble").last).to_have_text("cảm ơn em nhé")
        await page.get_by_label("Thêm ghi chú").fill("Hẹn gọi lại chiều nay.")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator(".notes")).to_contain_text("Hẹn gọi lại chiều nay.")
        await page.get_by_role("button", name="Trả cho trợ lý").press("Enter")
        await expect(page.get_by_role("status").first).to_contain_text("Trợ lý tự động sẽ trả lời")


async def test_why_leads_from_a_turn_to_its_explanation(browser: Browser, running: Running) -> None:
    async with window(browser, running, user="viewer") as page:
        await page.goto(f"{running.url}conversations/1")
        await page.get_by_role("button", name="Vì sao").first.click()
        await expect(page.get_by_role("heading", name="Vì sao", exact=True)).to_be_visible()
        assert "?" not in page.url  # words stay out of addresses


async def test_the_bell_leads_to_an_alarm_that_somebody_takes(
    browser: Browser, running: Running
) -> None:
    async with window(browser, running, user="agent") as page:
        bell = page.get_by_role("link", name="Cảnh báo")
        await expect(bell).to_contain_text("3")
        await bell.focus()
        await page.keyboard.press("Enter")
        first = page.locator(".alarm").first
        await first.get_by_role("button", name="Tôi nhận xử lý").press("Enter")
        await expect(page.locator(".alarm.seen")).to_contain_text("agent nhận lúc")
        await expect(page.get_by_role("link", name="Cảnh báo")).to_contain_text("2")


async def test_an_ended_session_is_told_without_a_touch(browser: Browser, running: Running) -> None:
    async with window(browser, running, user="agent") as page:
        await page.goto(f"{running.url}conversations")
        await running.sql.write(lambda conn: conn.exec_driver_sql("DELETE FROM sessions"))
        await write(running, "new", "thêm một tin")
        await expect(page.get_by_role("dialog")).to_contain_text("Phiên làm việc đã hết")


async def test_typed_words_outlive_an_error(browser: Browser, running: Running) -> None:
    async with window(browser, running, user="agent") as page:
        await page.goto(f"{running.url}conversations/2")
        field = page.get_by_label("Nhắn với người dân")
        await field.fill("Em kiểm tra rồi ạ.")
        running.store.away = True
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_role("heading", name="Kho dữ liệu đang tạm nghỉ")).to_be_visible()
        running.store.away = False
        await page.get_by_role("link", name="Thử lại").click()
        await expect(field).to_have_value("Em kiểm tra rồi ạ.")
        await page.get_by_role("button", name="Gửi").click()
        await expect(page.locator(".person .bubble")).to_contain_text("Em kiểm tra rồi ạ.")
        await expect(field).to_have_value("")


async def test_all_works_without_a_script(browser: Browser, running: Running) -> None:
    async with window(browser, running, user="agent", java_script_enabled=False) as page:
        await page.goto(f"{running.url}conversations")
        await page.get_by_label("Kênh").select_option("messenger")
        await page.get_by_role("button", name="Lọc").click()
        await expect(page.locator(".talk")).to_have_count(1)
        await page.locator(".talk").click()
        await page.get_by_label("Nhắn với người dân").fill("Chào anh/chị.")
        await page.get_by_role("button", name="Gửi").click()
        await expect(page.locator(".person .bubble")).to_contain_text("Chào anh/chị.")
