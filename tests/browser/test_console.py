"""Search and copy in a real Chromium, by keyboard first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.console import clipboard, console, window
from tests.unit.console.running import PASSWORD, Running

pytestmark = pytest.mark.asyncio(loop_scope="module")

RATE = "mức đóng bhyt học sinh năm nay"
TITLE = "Mức đóng BHYT học sinh"


@pytest_asyncio.fixture(loop_scope="module")
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with console(tmp_path) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, running: Running) -> AsyncIterator[Page]:
    """The search page of a colleague at a desk."""
    async with window(browser, running, user="agent") as found:
        yield found


async def _copy(page: Page, keys: str = "Control+Enter") -> None:
    """Copy, and wait until the log has it."""
    async with page.expect_response("**/console/copies"):
        await page.keyboard.press(keys)


async def _typed(page: Page, words: str) -> None:
    """Type, and wait until the list answers to all of it, not to its beginning."""
    await page.keyboard.type(words)
    await expect(page.locator("#results")).to_have_attribute("data-words", words)


async def _chosen(page: Page, title: str) -> None:
    await expect(page.locator(".answer-head h2")).to_have_text(title)


# -- the whole day by keyboard ------------------------------------------------------------
async def test_a_question_is_heard_typed_and_copied_with_one_key(
    page: Page, running: Running
) -> None:
    await expect(page.locator("#q")).to_be_focused()
    await page.keyboard.type("muc dong bhyt hoc sinh nam nay")
    await _copy(page)
    await expect(page.locator("#toast")).to_have_text(f"Đã chép: {TITLE}")
    text = await clipboard(page)
    assert text.startswith("Học sinh đóng ")
    assert "Theo " in text
    assert "áp dụng từ" in text
    await expect(page.locator('[data-copy="chat"]')).to_have_text("Đã chép")
    await expect(page.locator("#q")).to_be_focused()
    [logged] = await running.store.copies()
    assert (logged.user, logged.copy.answer_id, logged.copy.register) == (
        "agent",
        "muc-dong",
        "chat",
    )


async def test_copying_waits_for_what_was_typed_last(page: Page) -> None:
    """Ctrl+Enter right behind the last letter must not copy the answer of half the words."""
    await _typed(page, RATE)
    await _chosen(page, TITLE)
    await page.locator("#q").fill("mất thẻ bhyt thì làm thế nào")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#toast")).to_have_text("Đã chép: Mất thẻ BHYT thì làm gì")
    assert (await clipboard(page)).startswith("Anh/chị xin cấp lại thẻ")


async def test_answers_and_registers_are_chosen_by_letters(page: Page) -> None:
    await _typed(page, RATE)
    await _chosen(page, TITLE)
    await page.keyboard.press("ArrowDown")  # while typing
    second = await page.locator(".hit").nth(1).locator(".hit-title").inner_text()
    await _chosen(page, second)
    await page.keyboard.press("Enter")
    await expect(page.locator("#q")).not_to_be_focused()
    await page.keyboard.press("k")
    await _chosen(page, TITLE)
    await page.keyboard.press("j")
    await _chosen(page, second)
    await page.keyboard.press("k")
    await _chosen(page, TITLE)
    await page.keyboard.press("3")
    await expect(page.locator('[data-register="phone"]')).to_have_class("register chosen")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#toast")).to_contain_text("Đã chép")
    spoken = (await clipboard(page)).partition("\n\n")[0]
    assert "nghìn" in spoken
    assert not any(sign.isdigit() for sign in spoken)
    await page.keyboard.press("/")
    await expect(page.locator("#q")).to_be_focused()
    await page.keyboard.type("mất thẻ")  # the old words were selected
    await expect(page.locator("#q")).to_have_value("mất thẻ")


async def test_the_chosen_register_is_kept(page: Page) -> None:
    await _typed(page, RATE)
    await _chosen(page, TITLE)
    await page.keyboard.press("Escape")
    await page.keyboard.press("2")
    await page.reload()
    await _typed(page, RATE)
    await expect(page.locator('[data-register="short"]')).to_have_class("register chosen")


async def test_help_opens_and_letters_can_be_switched_off(page: Page) -> None:
    await _typed(page, RATE)
    await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Phím tắt")).to_be_visible()
    await page.get_by_label("Dùng phím tắt một ký tự").uncheck()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog", name="Phím tắt")).to_be_hidden()
    await page.keyboard.press("2")
    await expect(page.locator('[data-register="chat"]')).to_have_class("register chosen")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#toast")).to_contain_text("Đã chép")


async def test_the_end_of_an_input_methods_word_is_no_command(page: Page) -> None:
    await _typed(page, RATE)
    await _chosen(page, TITLE)
    box = page.locator("#q")
    await box.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    await expect(box).to_be_focused()


async def test_everything_is_reached_by_the_tab_key(page: Page) -> None:
    await _typed(page, RATE)
    await _chosen(page, TITLE)
    reached = []
    for _ in range(40):
        await page.keyboard.press("Tab")
        reached.append(
            await page.evaluate(
                "(document.activeElement.name || '') + ' ' + document.activeElement.innerText"
            )
        )
    words = " | ".join(reached)
    for part in (TITLE, "Ghép thêm", "Vì sao", "day", "place", "months", "Chép"):
        assert part in words, part


# -- chips ----------------------------------------------------------------------------------
async def test_chips_recompute_the_text_at_once_and_keep_the_focus(page: Page) -> None:
    await _typed(page, RATE)
    text = page.locator('[data-register="chat"] .register-text')
    await expect(text).to_contain_text("12 tháng")
    await page.get_by_label("Số tháng").focus()
    await page.get_by_label("Số tháng").select_option("3")
    await expect(text).to_contain_text("cho 3 tháng")
    await expect(page.get_by_label("Số tháng")).to_be_focused()
    await page.get_by_label("Nơi").select_option(label="Bắc Ninh")
    await expect(text).to_contain_text("tại Bắc Ninh")
    await expect(text).to_contain_text("cho 3 tháng")
    await page.get_by_role("button", name="Bỏ chọn").click()
    await expect(text).to_contain_text("12 tháng")
    await expect(text).not_to_contain_text("Bắc Ninh")


async def test_a_day_is_typed_without_losing_the_field(page: Page, running: Running) -> None:
    await _typed(page, RATE)
    day = page.get_by_label("Ngày áp dụng")
    await day.focus()
    await day.fill("2024-07-15")
    text = page.locator('[data-register="chat"] .register-text')
    await expect(text).to_contain_text("Trả lời cho thời điểm 15/07/2024")
    await expect(day).to_be_focused()
    await page.get_by_label("Nơi").focus()  # once the hand has left, the chip says what is set
    await expect(page.locator(".chip", has=day)).to_have_class("chip set")
    await expect(day).to_have_value("2024-07-15")
    await expect(page.get_by_label("Nơi")).to_be_focused()
    await _copy(page)
    await expect(page.locator("#toast")).to_contain_text("Đã chép")
    [logged] = await running.store.copies()
    assert logged.copy.applies_from.isoformat() == "2024-07-15"


async def test_what_the_words_say_stands_in_the_chips(page: Page) -> None:
    await page.keyboard.type("sinh viên đóng bhyt 6 tháng hết bao nhiêu")
    chip = page.locator(".chip", has=page.locator('select[name="months"]'))
    await expect(chip).to_have_class("chip said")
    await expect(page.get_by_label("Số tháng").locator("option").first).to_have_text("6 tháng")


async def test_new_words_choose_anew_and_chips_stay(page: Page) -> None:
    await _typed(page, RATE)
    await _chosen(page, TITLE)
    await page.keyboard.press("ArrowDown")
    await page.get_by_label("Số tháng").select_option("6")
    await page.locator("#q").fill("nhà 4 người mua bảo hiểm y tế hết bao nhiêu tiền")
    await _chosen(page, "Mức đóng BHYT hộ gia đình")
    await expect(page.get_by_label("Số tháng")).to_have_value("6")


# -- blanks and stacks ------------------------------------------------------------------------
async def test_blanks_are_filled_before_copying(page: Page) -> None:
    await _typed(page, RATE)
    await page.get_by_label("Kèm lời chào và ký tên").check()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#toast")).to_have_text(
        "Còn chỗ trống cần điền: tên người hỏi, tên cán bộ, đơn vị."
    )
    await expect(page.get_by_label("tên người hỏi")).to_be_focused()
    for name, value in (("tên người hỏi", "Lan"), ("tên cán bộ", "Mai"), ("đơn vị", "BHXH cơ sở")):
        await page.get_by_label(name).fill(value)
    await expect(page.locator('[data-register="chat"] mark')).to_have_count(0)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#toast")).to_have_text(f"Đã chép: {TITLE}")
    text = await clipboard(page)
    assert text.startswith("Chào anh/chị Lan,\n\nHọc sinh đóng ")
    assert text.endswith("Trân trọng,\nMai, BHXH cơ sở")
    await page.reload()
    await _typed(page, RATE)
    await expect(page.get_by_label("tên cán bộ")).to_have_value("Mai")
    await expect(page.get_by_label("tên người hỏi")).to_have_value("")  # a citizen's: not kept


async def test_several_answers_become_one_text(page: Page, running: Running) -> None:
    await _typed(page, RATE)
    await _chosen(page, TITLE)
    await page.keyboard.press("Escape")
    await page.keyboard.press("a")
    await page.keyboard.press("/")
    await page.keyboard.type("mất thẻ bhyt thì làm thế nào")
    await _chosen(page, "Mất thẻ BHYT thì làm gì")
    await page.get_by_role("button", name="Ghép thêm").click()
    await expect(page.locator("#stack-items li")).to_have_count(2)
    await _copy(page, "Control+Shift+Enter")
    await expect(page.locator("#toast")).to_have_text("Đã chép: bài ghép 2 câu")
    text = await clipboard(page)
    assert text.index(TITLE) < text.index("———") < text.index("Mất thẻ BHYT thì làm gì")
    assert text.count("Theo ") >= 2
    await expect(page.locator("#stack")).to_be_hidden()
    second, first = await running.store.copies()
    assert first.batch == second.batch
    assert [first.copy.answer_id, second.copy.answer_id] == ["muc-dong", "mat-the"]


async def test_an_answer_is_taken_out_of_the_stack(page: Page) -> None:
    await _typed(page, RATE)
    await _chosen(page, TITLE)
    for _ in range(2):
        await page.get_by_role("button", name="Ghép thêm").click()
    await page.get_by_role("button", name=f"Bỏ {TITLE} khỏi bài ghép").first.click()
    await expect(page.locator("#stack-items li")).to_have_count(1)
    await page.get_by_role("button", name="Bỏ hết").click()
    await expect(page.locator("#stack")).to_be_hidden()


# -- when things go wrong ---------------------------------------------------------------------
async def test_a_copy_that_cannot_be_logged_is_still_a_copy(page: Page, running: Running) -> None:
    await _typed(page, RATE)
    await _chosen(page, TITLE)
    running.store.away_for_copies = True
    await page.get_by_role("button", name="Chép dạng ngắn").click()
    await expect(page.locator("#toast")).to_contain_text("Đã chép, nhưng chưa ghi được nhật ký")
    assert (await clipboard(page)).startswith("Học sinh đóng ")


async def test_a_store_that_is_away_is_told_and_forgotten(page: Page, running: Running) -> None:
    running.store.away = True
    await page.keyboard.type(RATE)
    await expect(page.locator("#problem")).to_contain_text("chưa đọc được kho dữ liệu")
    running.store.away = False
    await page.keyboard.type(" ")
    await _chosen(page, TITLE)
    await expect(page.locator("#problem")).to_be_hidden()


async def test_an_ended_session_keeps_the_words(page: Page, running: Running) -> None:
    await _typed(page, RATE)
    await _chosen(page, TITLE)
    await running.store.put_user("agent", (await running.store.users())[0].role, "x", actor="t")
    await page.keyboard.type("?")
    dialog = page.get_by_role("dialog", name="Phiên làm việc đã hết")
    await expect(dialog).to_be_visible()
    await dialog.get_by_role("link", name="Đăng nhập lại").click()
    await expect(page.get_by_text("Phiên trước đã hết")).to_be_visible()
    await page.get_by_label("Tên đăng nhập").fill("viewer")
    await page.get_by_label("Mật khẩu").fill(PASSWORD)
    await page.get_by_role("button", name="Đăng nhập").click()
    await expect(page.locator("#q")).to_have_value(RATE + "?")
    await _chosen(page, TITLE)


async def test_a_lost_connection_is_told(page: Page) -> None:
    await page.context.set_offline(True)
    await page.keyboard.type("mất thẻ")
    await expect(page.locator("#problem")).to_contain_text("Mất kết nối với máy chủ")
    await page.context.set_offline(False)
    await page.keyboard.type(" bhyt")
    await expect(page.locator("#problem")).to_be_hidden()
