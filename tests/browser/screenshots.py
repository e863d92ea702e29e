"""Redraws the pictures of docs/console.md, and the guide with them.

    python -m tests.browser.screenshots

Every page of the register (`bot.console.pages`) gets a picture over the shipped knowledge on a
fixed day, so that the guide cannot forget one.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Page, async_playwright

from bot.commands.common import load_desk
from bot.console.page import Page as ConsolePage
from bot.console.pages import PAGES
from bot.console.pages.search import look
from bot.store.copies import Copy
from tests.browser.conftest import CHROMIUM_ARGS
from tests.browser.console import window
from tests.browser.edits import fill_edits
from tests.browser.pictures import smaller
from tests.browser.talks import fill_talks
from tests.browser.weeks import fill_week
from tests.unit.console.running import Running

DOCS = Path(__file__).parents[2] / "docs"
QUESTION = "bhyt học sinh ở Bắc Ninh đóng bao nhiêu"
COPIED = ("muc-dong-hssv", "mat-the", "cai-vssid")

HEAD = """\
# Bảng làm việc

Dành cho cán bộ trả lời câu hỏi về bảo hiểm y tế. Bảng làm việc ở địa chỉ `/console/` của dịch vụ;
người quản trị cấp tài khoản bằng [`bot user`](cli.md).

| quyền | được làm |
|---|---|
| tra cứu | tìm, chép, xem vì sao |
| trả lời | thêm: nhắn với người dân |
| biên tập | thêm: sửa nội dung, xem nhật ký thay đổi |

Chép một câu chỉ cần gõ rồi bấm một phím: kết quả hiện ra khi gõ, `Ctrl+Enter` chép dạng đang chọn.
Bấm `?` để xem mọi phím tắt. Văn bản chép luôn kèm nguồn và ngày: "Theo …, áp dụng từ …". Câu hỏi
của người dân không được lưu lại; nhật ký chỉ ghi câu trả lời nào đã được chép.

"""
TAIL = """\
## Trên điện thoại, giao diện tối

![Tra cứu trên điện thoại](images/console-search-phone.png)

Hình và trang này được vẽ lại bằng `python -m tests.browser.screenshots`.
"""


async def main() -> None:
    """Draw everything."""
    desk = load_desk()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as folder:
        async with Running(Path(folder), desk=lambda: desk) as running, async_playwright() as play:
            await fill(running)
            await fill_talks(running)
            await fill_edits(running)
            await fill_week(running)
            browser = await play.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGS)
            for one in PAGES:
                user = "" if one.name == "login" else "editor"
                async with window(browser, running, user=user) as page:
                    await open_page(page, running, one)
                    await draw(page, one.name)
            async with window(
                browser, running, size="phone", user="agent", color_scheme="dark"
            ) as page:
                await page.goto(f"{running.url}?q={QUESTION}")
                await draw(page, "search-phone")
            await browser.close()
    (DOCS / "console.md").write_text(guide(PAGES), encoding="utf-8")


async def fill(running: Running) -> None:
    """A few copies, so that the log has something to show."""
    found = await running.store.password_of("agent")
    assert found is not None
    desk, today = running.desk(), running.console.today()
    for number, answer_id in enumerate(COPIED):
        told = look(desk, {"id": answer_id}, today).told
        assert told is not None
        item = Copy(
            answer_id=answer_id,
            version=told.answer.version,
            snapshot=desk.snapshot.hash,
            register=("chat", "short", "phone")[number],
            as_of=today,
            applies_from=today,
            applies_to=today,
            used=told.answer.used,
        )
        await running.store.add_copies(found[0], f"batch{number}", [item])


async def draw(page: Page, name: str) -> None:
    """The picture of what the page shows now."""
    png = await page.screenshot(animations="disabled", caret="hide")
    (DOCS / "images" / f"console-{name}.png").write_bytes(await smaller(page, png))


async def open_page(page: Page, running: Running, one: ConsolePage) -> None:
    """A page with something on it, as its register entry says."""
    await page.goto(running.url.rstrip("/") + (one.sample or one.href))
    await page.wait_for_load_state("networkidle")


def guide(pages: Sequence[ConsolePage]) -> str:
    """docs/console.md: a heading, a sentence and a picture for each page."""
    parts = [
        f"## {one.title}\n\n{one.about}\n\n![{one.title}](images/console-{one.name}.png)\n\n"
        for one in pages
    ]
    return HEAD + "".join(parts) + TAIL


if __name__ == "__main__":
    asyncio.run(main())
