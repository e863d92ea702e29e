"""Mounts the console at /console/ of the service, or a plain sentence where it is off."""

from __future__ import annotations

from datetime import date, datetime
from http import HTTPStatus
from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import web

from bot import figures
from bot.console.context import CONSOLE, PREFIX, Console
from bot.console.guard import access, add_headers, kind_errors
from bot.console.live import add_live
from bot.console.pages import PAGES
from bot.console.view import NAVIGATION

OFF = (
    "Bảng làm việc đang tắt vì máy chủ chưa có BOT_SECRET_KEY. Người quản trị đặt biến này bằng "
    "một chuỗi ngẫu nhiên dài rồi khởi động lại dịch vụ.\n"
)
#: Our forms and calls are small; nobody may fill the memory through them.
MAX_BODY = 1024 * 1024
_STATIC = Path(__file__).parent / "static"


def add_console(app: web.Application, console: Console) -> None:
    """Mount the console at /console/ of `app`."""
    app.router.add_get(PREFIX, _to_page)
    app.add_subapp(PREFIX, application(console))


def add_console_off(app: web.Application) -> None:
    """Answer 503 below /console/ with what is missing."""

    async def off(_request: web.Request) -> web.Response:
        return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, text=OFF)

    app.router.add_get(PREFIX, off)
    app.router.add_route("*", f"{PREFIX}/{{rest:.*}}", off)


def application(console: Console) -> web.Application:
    """Everything below the prefix, with its guards."""
    app = web.Application(middlewares=[kind_errors, access], client_max_size=MAX_BODY)
    app[CONSOLE] = console
    app[NAVIGATION] = PAGES
    environment = aiohttp_jinja2.setup(
        app,
        loader=jinja2.PackageLoader("bot", "templates/console"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(day=_day, moment=_moment)
    environment.filters["number"] = figures.number
    for page in PAGES:
        app.add_routes(page.routes)
    add_live(app, console)
    app.router.add_static("/static", _STATIC)
    app.on_response_prepare.append(add_headers)
    return app


async def _to_page(_request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(f"{PREFIX}/")


def _day(value: date) -> str:
    return figures.day(value)


def _moment(value: datetime) -> str:
    return f"{value:%H:%M} {figures.day(value.date())}"
