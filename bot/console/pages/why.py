"""Why: how a question was read, what was weighed, and which figures stand behind the text."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from aiohttp import web

from bot.console import reasons
from bot.console.context import console_of
from bot.console.page import Page
from bot.console.pages.search import View, applied, look
from bot.console.view import page
from bot.dialogue import Desk


@dataclass(frozen=True, slots=True)
class Why:
    """All that the template reads."""

    view: View
    understood: list[reasons.Understood]
    lines: list[reasons.Line]
    outcome: str
    verdict: str
    values: list[reasons.UsedValue]
    applied: str
    snapshot: str


def explain(desk: Desk, data: Mapping[str, object], today: date) -> Why:
    """The whole explanation for an address. Pure; runs in a thread."""
    view = look(desk, data, today)
    found, told = view.found, view.told
    snapshot = desk.snapshot
    return Why(
        view=view,
        understood=reasons.understood(snapshot, found.question) if found.question else [],
        lines=reasons.lines(snapshot, found, view.chosen),
        outcome=reasons.OUTCOMES.get(found.decision.outcome, "") if found.decision else "",
        verdict=reasons.verdict(found, desk.settings),
        values=reasons.values(snapshot, told) if told else [],
        applied=applied(told, snapshot) if told else "",
        snapshot=snapshot.hash,
    )


async def show(request: web.Request) -> web.Response:
    """GET /console/why?q=…&id=…: the explanation; the words are those the page redacted."""
    return await _page(request, request.query)


async def ask(request: web.Request) -> web.Response:
    """POST /console/why: the same for the page's own form, so that words stay out of addresses."""
    return await _page(request, {k: str(v) for k, v in (await request.post()).items()})


async def _page(request: web.Request, data: Mapping[str, object]) -> web.Response:
    console = console_of(request)
    desk, today = console.desk(), console.today()
    why = await asyncio.to_thread(explain, desk, data, today)
    context = {"why": why, "view": why.view, "headings": reasons.EVIDENCE.values()}
    return page(request, "why.html", context)


PAGE = Page(
    name="why",
    title="Vì sao",
    about="Máy hiểu câu hỏi thế nào, đã cân nhắc những câu nào, con số lấy từ văn bản nào và đã "
    "thay đổi ra sao.",
    routes=(web.get("/why", show), web.post("/why", ask)),
    href="/why",
    icon="why",
    sample="/why?q=bhyt+học+sinh+ở+Bắc+Ninh+đóng+bao+nhiêu",
)
