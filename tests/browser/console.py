"""A browser window on a running console, logged in, whose clipboard can be read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page

from bot.console.context import SESSION_COOKIE
from bot.console.signing import session_id
from bot.store.users import open_session
from tests.unit.console.running import Running

#: A desk, a tablet held upright, a phone.
SIZES = {"desk": (1280, 860), "tablet": (820, 1180), "phone": (390, 844)}


@asynccontextmanager
async def window(
    browser: Browser, running: Running, *, size: str = "desk", user: str = "", **more: Any
) -> AsyncIterator[Page]:
    """A page on the console; with `user` logged in. It must cause no error of its own."""
    width, height = SIZES[size]
    context = await browser.new_context(
        viewport={"width": width, "height": height}, locale="vi-VN", **more
    )
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = await context.new_page()
    page.set_default_timeout(8000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None,
    )
    if user:
        await log_in(context, running, user)
        await page.goto(running.url)
    yield page
    await context.close()
    assert errors == []


async def log_in(context: BrowserContext, running: Running, user: str) -> None:
    """A session without the door: what `test_access` tries need not be waited for every time."""
    cookie = running.console.signer.new_cookie()
    found = await running.store.password_of(user)
    assert found is not None
    id_, sql = session_id(running.console.signer.token(cookie)), running.sql
    await sql.write(lambda conn: open_session(conn, sql.database, found[0].id, id_, 3_600_000))
    await context.add_cookies([{"name": SESSION_COOKIE, "value": cookie, "url": running.url}])


async def clipboard(page: Page) -> str:
    """What was copied last."""
    return str(await page.evaluate("navigator.clipboard.readText()"))


@asynccontextmanager
async def console(folder: Path, **different: Any) -> AsyncIterator[Running]:
    """A running console over the small desk of the tests."""
    async with Running(folder, **different) as running:
        yield running
