"""The weekly report: on the page, and as a file to send on."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

from aiohttp import web

from bot import figures
from bot.console.context import Console, console_of
from bot.console.page import Page
from bot.console.view import page
from bot.report import report
from bot.report_charts import drawing
from bot.report_files import KINDS, name_of
from bot.report_model import WEEK, Ends, Report, Span, span_of, week_name
from bot.store import weekly

#: Weeks to choose from, the present one first: half a year.
_WEEKS = 26
FILES = (("html", "HTML"), ("xlsx", "Excel"), ("csv", "CSV"))
NO_WEEK = "Tuần trong đường dẫn không đọc được, nên đây là tuần này."


async def show(request: web.Request) -> web.Response:
    """GET /console/report?week=2026-W47&ends=thursday: the page."""
    console = console_of(request)
    span, wrong = _span(request, console.today())
    built = await _report(console, span)
    context = {
        "report": built,
        "drawing": drawing,
        "weeks": weeks(console.today(), span.week),
        "files": FILES,
        "wrong": wrong,
    }
    return page(request, "report/page.html", context)


async def download(request: web.Request) -> web.Response:
    """GET /console/report/xlsx?week=…&ends=…: the same as a file."""
    console = console_of(request)
    span, wrong = _span(request, console.today())
    if wrong:
        raise web.HTTPNotFound
    built, kind = await _report(console, span), KINDS[request.match_info["kind"]]
    body = await asyncio.to_thread(kind.write, built)
    headers = {
        "Content-Type": kind.content_type,
        "Content-Disposition": f'attachment; filename="{name_of(built, kind.suffix)}"',
    }
    return web.Response(body=body, headers=headers)


def weeks(today: date, chosen: str) -> list[tuple[str, str]]:
    """The weeks to choose from: name and words."""
    mondays = [today - timedelta(days=today.weekday()) - WEEK * n for n in range(_WEEKS)]
    first = span_of(chosen, Ends.SUNDAY).first.date()
    listed = mondays if first in mondays else [first, *mondays]
    return [
        (week_name(d), f"{week_name(d)}, {figures.day(d)} đến {figures.day(d + timedelta(6))}")
        for d in listed
    ]


def _span(request: web.Request, today: date) -> tuple[Span, str]:
    """The span of an address, and what was wrong with it."""
    ends = Ends.THURSDAY if request.query.get("ends") == Ends.THURSDAY else Ends.SUNDAY
    week = request.query.get("week", "") or week_name(today)
    try:
        return span_of(week, ends), ""
    except (ValueError, OverflowError):
        return span_of(week_name(today), ends), NO_WEEK


async def _report(console: Console, span: Span) -> Report:
    counted = await console.store.store.read(lambda conn: weekly.count(conn, span.first, span.end))
    snapshot, now = console.desk().snapshot, console.clock()
    return await asyncio.to_thread(report, counted, span, snapshot, now)


PAGE = Page(
    name="report",
    title="Báo cáo",
    about="Số liệu cả tuần theo kết quả, kênh, chủ đề, tỉnh, ngày và giờ; câu nào hữu ích, câu nào "
    "còn thiếu. Chọn tuần thường hoặc tuần kết thúc lúc 15:00 thứ Năm, tải về HTML, Excel hay CSV.",
    routes=(
        web.get("/report", show),
        web.get(r"/report/{kind:html|xlsx|csv}", download),
    ),
    href="/report",
    icon="report",
)

__all__ = ["PAGE"]
