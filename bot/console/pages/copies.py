"""The copy log: who copied which answer, for which day and place."""

from __future__ import annotations

from aiohttp import web

from bot import figures
from bot.console.context import console_of, user_of
from bot.console.page import Page
from bot.console.view import page
from bot.dialogue import VIETNAM
from bot.models import Period
from bot.store.copies import Logged

_PER_PAGE = 50
REGISTERS = {"chat": "Chat", "short": "Ngắn", "phone": "Điện thoại"}


async def show(request: web.Request) -> web.Response:
    """GET /console/copies: newest first; ?mine=1 only the caller's, ?before=ID goes on."""
    console = console_of(request)
    mine = request.query.get("mine") == "1"
    before = request.query.get("before", "")
    logged = await console.store.copies(
        user=user_of(request) if mine else None,
        before=int(before) if before.isascii() and before.isdecimal() else None,
        most=_PER_PAGE + 1,
    )
    snapshot = console.desk().snapshot
    rows = []
    for one in logged[:_PER_PAGE]:
        stored = snapshot.answers.get(one.copy.answer_id)
        place = snapshot.places.get(one.copy.place)
        rows.append(
            {
                "when": one.at.astimezone(VIETNAM),
                "user": one.user,
                "id": one.copy.answer_id,
                "title": stored.file.title if stored else one.copy.answer_id,
                "register": REGISTERS.get(one.copy.register, one.copy.register),
                "applies": figures.period(Period(one.copy.applies_from, one.copy.applies_to)),
                "place": place.name if place else "",
                "changed": stored is None or stored.version != one.copy.version,
                "together": _together(logged, one),
            }
        )
    context = {
        "rows": rows,
        "mine": mine,
        "older": logged[_PER_PAGE - 1].id if len(logged) > _PER_PAGE else None,
    }
    return page(request, "copies.html", context)


def _together(logged: list[Logged], one: Logged) -> int:
    """How many answers of this page were copied as the same text."""
    return sum(other.batch == one.batch for other in logged)


PAGE = Page(
    name="copies",
    title="Nhật ký chép",
    about="Ai đã chép câu nào, cho ngày nào, nơi nào; câu đã sửa sau khi chép được đánh dấu.",
    routes=(web.get("/copies", show),),
    href="/copies",
    icon="copies",
)
