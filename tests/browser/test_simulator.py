"""The chat page in a real Chromium, from the first tap to a lost connection."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import EchoService

pytestmark = pytest.mark.asyncio(loop_scope="module")

TITLES = ["Mức đóng HSSV", "Nộp ở đâu", "Thời hạn đóng"]


async def _say(page: Page, text: str) -> None:
    await page.get_by_label("Tin nhắn", exact=True).fill(text)
    await page.keyboard.press("Enter")


def _bubbles(page: Page) -> Any:
    return page.locator(".thread:not([hidden]) .bubble")


async def test_a_suggestion_is_asked_and_zalo_numbers_are_tapped(
    page: Page, service: EchoService
) -> None:
    service.replies["bhyt hs dong bn"] = ("Anh/chị muốn hỏi điều nào?", TITLES)
    await page.get_by_role("button", name="bhyt hs dong bn").click()
    await expect(_bubbles(page)).to_have_count(2)
    await expect(page.locator("#empty")).to_be_hidden()
    await expect(page.get_by_text("Đã nhận", exact=True)).to_be_visible()
    await expect(page.locator(".choice")).to_have_text(["1", "2", "3"])
    await page.get_by_role("button", name="Chọn số 2").click()
    await expect(_bubbles(page).nth(3)).to_have_text("Nhận được: 2")
    await expect(page.locator(".choice")).to_have_count(0)
    assert [body["message"]["text"] for body in service.received] == ["bhyt hs dong bn", "2"]


async def test_messenger_quick_replies_come_from_the_platform(
    page: Page, service: EchoService
) -> None:
    service.replies["mất thẻ"] = ("Anh/chị muốn hỏi điều nào?", TITLES)
    await page.get_by_role("tab", name="Messenger").click()
    await _say(page, "mất thẻ")
    await page.get_by_role("button", name="Nộp ở đâu").click()
    await expect(_bubbles(page).nth(3)).to_have_text("Nhận được: Nộp ở đâu")
    await expect(page.locator(".choice")).to_have_count(0)
    assert service.received[1]["message"]["quick_reply"] == {"payload": "answer:Nộp ở đâu"}


async def test_the_typing_sign_shows_until_the_reply(page: Page, service: EchoService) -> None:
    service.delay_seconds = 0.7
    await page.get_by_role("tab", name="Messenger").click()
    await _say(page, "chờ một chút")
    await expect(page.locator(".typing")).to_be_visible()
    await expect(_bubbles(page)).to_have_count(2)
    await expect(page.locator(".typing")).to_have_count(0)


async def test_enter_sends_and_shift_enter_breaks_the_line(
    page: Page, service: EchoService
) -> None:
    box = page.get_by_label("Tin nhắn", exact=True)
    await expect(page.get_by_role("button", name="Gửi", exact=True)).to_be_disabled()
    await box.focus()
    await page.keyboard.type("dòng một")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("dòng hai")
    # The Enter that ends a Vietnamese input method's composition must not send.
    await box.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    assert service.received == []
    await page.keyboard.press("Enter")
    await expect(_bubbles(page)).to_have_count(2)
    assert service.received[0]["message"]["text"] == "dòng một\ndòng hai"
    await expect(box).to_be_focused()
    await expect(box).to_have_value("")
    await page.keyboard.press("Enter")
    await expect(_bubbles(page)).to_have_count(2)


async def test_text_stays_text_and_official_addresses_become_links(
    page: Page, service: EchoService
) -> None:
    service.replies["?"] = (
        "<img src=x onerror=alert(1)>\n  dòng hai\nXem https://baohiemxahoi.gov.vn/tra-cuu. "
        "hoặc dichvucong.gov.vn, không phải example.com",
        [],
    )
    await _say(page, "?")
    reply = _bubbles(page).nth(1)
    assert (await reply.inner_text()).startswith("<img src=x onerror=alert(1)>\n  dòng hai\n")
    await expect(reply.locator("img")).to_have_count(0)
    links = reply.locator("a")
    await expect(links).to_have_count(2)
    for number, href in enumerate(
        ["https://baohiemxahoi.gov.vn/tra-cuu", "https://dichvucong.gov.vn"]
    ):
        link = links.nth(number)
        assert await link.get_attribute("href") == href
        assert await link.get_attribute("rel") == "noopener noreferrer"
        assert await link.get_attribute("target") == "_blank"
    assert len(page.context.pages) == 1


@pytest.mark.parametrize(
    ("label", "event_name"),
    [
        ("Nhãn dán", "user_send_sticker"),
        ("Hình ảnh", "user_send_image"),
        ("Tin thoại", "user_send_audio"),
        ("Nút “Nhắn tin”", "user_click_chatnow"),
    ],
)
async def test_the_attach_menu_sends_other_events(
    page: Page, service: EchoService, label: str, event_name: str
) -> None:
    await page.get_by_role("button", name="Gửi nhãn dán, hình ảnh").click()
    await page.get_by_role("menuitem", name=label).click()
    await expect(_bubbles(page).nth(1)).to_have_text(f"Nhận được: {event_name}")
    await expect(page.get_by_role("menu")).to_be_hidden()
    await expect(page.get_by_label("Tin nhắn", exact=True)).to_be_focused()


async def test_the_menu_is_worked_by_keyboard(page: Page) -> None:
    attach = page.get_by_role("button", name="Gửi nhãn dán, hình ảnh")
    await attach.press("Enter")
    await expect(page.get_by_role("menuitem", name="Nhãn dán")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("menuitem", name="Hình ảnh")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("menu")).to_be_hidden()
    await expect(attach).to_be_focused()


async def test_a_refused_webhook_is_told_and_retried(page: Page, service: EchoService) -> None:
    service.webhook_status = 503
    await _say(page, "có ai không")
    await expect(page.get_by_text("chưa nhận được tin (mã 503)")).to_be_visible()
    service.webhook_status = 200
    await page.get_by_role("button", name="Thử lại").click()
    await expect(_bubbles(page)).to_have_text(["có ai không", "Nhận được: có ai không"])
    await expect(page.get_by_role("button", name="Thử lại")).to_have_count(0)
    first, second = service.received
    assert first == second


async def test_a_lost_connection_is_told_and_mended(page: Page, service: EchoService) -> None:
    await _say(page, "trước")
    await expect(_bubbles(page)).to_have_count(2)
    await service.stop()
    await expect(page.get_by_text("Mất kết nối với dịch vụ")).to_be_visible()
    await _say(page, "trong lúc mất")
    await expect(page.get_by_text("Chưa gửi được vì mất kết nối")).to_be_visible()
    await service.start()
    if await page.locator("#banner").is_visible():
        await page.get_by_role("button", name="Thử ngay").click()
    await expect(page.locator("#banner")).to_be_hidden()
    await expect(page.get_by_text("Dịch vụ vừa khởi động lại")).to_be_visible()
    await page.get_by_role("button", name="Thử lại").click()
    await expect(_bubbles(page)).to_have_text(["trong lúc mất", "Nhận được: trong lúc mất"])


async def test_a_refused_message_survives_a_restart(page: Page, service: EchoService) -> None:
    service.webhook_status = 503
    await _say(page, "giữ giúp tôi")
    await expect(page.get_by_role("button", name="Thử lại")).to_be_visible()
    await service.stop()
    service.webhook_status = 200
    await service.start()
    await expect(page.get_by_text("Dịch vụ vừa khởi động lại")).to_be_visible()
    await page.get_by_role("button", name="Thử lại").click()
    await expect(_bubbles(page)).to_have_text(["giữ giúp tôi", "Nhận được: giữ giúp tôi"])


async def test_a_reload_keeps_the_conversation(page: Page) -> None:
    await _say(page, "còn nhớ không")
    await expect(_bubbles(page)).to_have_count(2)
    await page.reload()
    await expect(_bubbles(page)).to_have_text(["còn nhớ không", "Nhận được: còn nhớ không"])
    await expect(page.get_by_text("Đã nhận", exact=True)).to_be_visible()


async def test_the_channels_are_apart_and_news_are_marked(page: Page, service: EchoService) -> None:
    service.delay_seconds = 0.5
    await _say(page, "hỏi bên Zalo")
    await expect(page.get_by_text("Đã nhận", exact=True)).to_be_visible()
    zalo, messenger = page.get_by_role("tab").nth(0), page.get_by_role("tab").nth(1)
    await zalo.press("ArrowRight")
    await expect(messenger).to_be_focused()
    await expect(messenger).to_have_attribute("aria-selected", "true")
    await expect(_bubbles(page)).to_have_count(0)
    await expect(page.locator("#empty")).to_be_visible()
    await expect(zalo.locator(".unread")).to_be_visible()
    await zalo.click()
    await expect(_bubbles(page)).to_have_count(2)
    await expect(zalo.locator(".unread")).to_be_hidden()


async def test_a_new_conversation_is_a_new_citizen(page: Page, service: EchoService) -> None:
    await _say(page, "một")
    await expect(_bubbles(page)).to_have_count(2)
    await page.get_by_role("button", name="Cuộc trò chuyện mới").click()
    await expect(page.locator("#empty")).to_be_visible()
    await _say(page, "hai")
    await expect(_bubbles(page)).to_have_text(["hai", "Nhận được: hai"])
    first, second = service.received
    assert first["sender"]["id"] != second["sender"]["id"]


async def test_the_events_panel_shows_the_raw_bodies(page: Page, service: EchoService) -> None:
    await _say(page, "xem gói tin")
    await expect(_bubbles(page)).to_have_count(2)
    await page.get_by_role("button", name="Xem sự kiện").click()
    panel = page.get_by_role("complementary", name="Sự kiện")
    await expect(panel.get_by_role("heading", name="Webhook tới dịch vụ")).to_be_visible()
    await expect(panel.get_by_text("Trả lời 200 sau")).to_be_visible()
    bodies = await panel.locator("article > h4:text('nguyên văn') + pre").all_inner_texts()
    assert [json.loads(body)["message"]["text"] for body in bodies] == [
        "Nhận được: xem gói tin",
        "xem gói tin",
    ]
    assert "access_token: ••••" in await panel.inner_text()
    await page.keyboard.press("Escape")
    await expect(panel).to_be_hidden()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_fits_its_screen(
    browser: Browser, service: EchoService, width: int, scheme: Any
) -> None:
    height = 844 if width == 390 else 800
    context = await browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme
    )
    page = await context.new_page()
    await page.goto(service.url)
    await _say(page, "một từ rất dài " + "x" * 300)
    await expect(_bubbles(page)).to_have_count(2)
    overflow = "document.documentElement.scrollWidth > innerWidth"
    assert not await page.evaluate(overflow)
    assert not await page.evaluate("document.documentElement.scrollHeight > innerHeight")
    phone = await page.get_by_role("main").bounding_box()
    assert phone is not None
    if width == 390:
        assert (phone["x"], phone["width"], phone["height"]) == (0, 390, 844)
    else:
        assert abs(phone["x"] + phone["width"] / 2 - width / 2) < 1
        await expect(page.get_by_role("heading", name="Trò chuyện thử")).to_be_visible()
    size = "getComputedStyle(document.querySelector('.bubble')).fontSize"
    assert await page.evaluate(size) == "16px"
    unnamed = "[...document.querySelectorAll('button')].filter(b => !b.ariaLabel && !b.textContent)"
    assert await page.evaluate(f"{unnamed}.length") == 0
    await context.close()
