"""Search and copy: the page that is open all day."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any

from aiohttp import web

from bot import figures
from bot.console.choices import Choices, choices
from bot.console.context import console_of, user_of
from bot.console.lookup import Found, Told, Wish, find, tell
from bot.console.page import Page
from bot.console.registers import Register, registers
from bot.console.view import page, part
from bot.dialogue import Desk
from bot.store.copies import Copy
from knowledge.snapshot import Snapshot

#: Most answers in one copied text.
MOST_STACKED = 20
_REGISTERS = frozenset({"chat", "short", "phone"})


@dataclass(frozen=True, slots=True)
class View:
    """All that the templates of this page read."""

    wish: Wish
    found: Found
    told: Told | None
    registers: tuple[Register, ...]
    choices: Choices
    today: date

    @property
    def chosen(self) -> str:
        """The answer whose text is shown."""
        return self.told.answer.answer_id if self.told else ""


def look(desk: Desk, data: Mapping[str, object], today: date) -> View:
    """Everything the page shows for a form, an address or a call. Pure; runs in a thread."""
    wish = Wish.read(data, desk.snapshot)
    found = find(desk, wish, today)
    told = tell(desk, wish, found, today) if wish.text.strip() or wish.answer_id else None
    texts = registers(desk.snapshot, told.stored.file, told.answer) if told else ()
    return View(wish, found, told, texts, choices(desk.snapshot, wish, found, told, today), today)


async def show(request: web.Request) -> web.Response:
    """GET /console/: the page, empty or for the words of an address."""
    return await _page(request, request.query)


async def ask(request: web.Request) -> web.Response:
    """POST /console/: the same without a script, so that words stay out of addresses."""
    return await _page(request, {k: str(v) for k, v in (await request.post()).items()})


async def typed(request: web.Request) -> web.Response:
    """POST /console/find: list and answer as HTML, for what is typed so far."""
    data = await _json(request)
    view = await _look(request, data)
    context = {"view": view}
    parts = {name: part(request, f"search/{name}.html", context) for name in ("results", "answer")}
    return web.json_response({**parts, "chosen": view.chosen})


async def copied(request: web.Request) -> web.Response:
    """POST /console/copies: log one copied text, {"items": [{"id", "register", chips…, "q"}]}.

    What was copied is worked out again here from the same arguments: the log says what the
    knowledge said, whatever the page sends.
    """
    data = await _json(request)
    items = data.get("items")
    if not isinstance(items, list) or not 0 < len(items) <= MOST_STACKED:
        raise web.HTTPBadRequest(text="Danh sách câu đã chép không đọc được.")
    console = console_of(request)
    desk, today = console.desk(), console.today()
    rows = await asyncio.to_thread(lambda: [_copy(desk, item, today) for item in items])
    await console.store.add_copies(user_of(request), secrets.token_hex(8), rows)
    return web.json_response({"logged": len(rows)}, status=HTTPStatus.CREATED)


def _copy(desk: Desk, item: object, today: date) -> Copy:
    """One logged answer. Raises `HTTPBadRequest` for what no page of ours sends."""
    if not isinstance(item, dict) or item.get("register") not in _REGISTERS:
        raise web.HTTPBadRequest(text="Danh sách câu đã chép không đọc được.")
    wish = Wish.read(item, desk.snapshot)
    told = tell(desk, wish, find(desk, wish, today), today) if wish.answer_id else None
    if told is None:
        raise web.HTTPBadRequest(text="Câu trả lời này không còn trong kho dữ liệu.")
    period, slots = told.asked.period, told.asked.slots
    chosen = {"group": slots.group, "months": slots.months, "members": slots.members}
    return Copy(
        answer_id=told.answer.answer_id,
        version=told.answer.version,
        snapshot=desk.snapshot.hash,
        register=str(item["register"]),
        as_of=today,
        applies_from=period.first,
        applies_to=period.last,
        place=told.asked.place,
        slots={name: value for name, value in chosen.items() if value},
        used=told.answer.used,
    )


async def _page(request: web.Request, data: Mapping[str, object]) -> web.Response:
    view = await _look(request, data)
    return page(request, "search/page.html", {"view": view})


async def _look(request: web.Request, data: Mapping[str, object]) -> View:
    console = console_of(request)
    desk, today = console.desk(), console.today()
    return await asyncio.to_thread(look, desk, data, today)


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        data = json.loads(await request.text()) if request.content_type.endswith("json") else None
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise web.HTTPBadRequest(text="Nội dung gửi lên không phải là một đối tượng JSON.")
    return data


def applied(told: Told, snapshot: Snapshot) -> str:
    """For which day and place a text holds, in words."""
    place = snapshot.places.get(told.asked.place)
    where = f", {place.name}" if place else ""
    return f"{figures.period(told.asked.period)}{where}"


PAGE = Page(
    name="search",
    title="Tra cứu",
    about="Gõ câu hỏi, xem câu trả lời ở ba dạng, bấm Ctrl+Enter để chép kèm nguồn và ngày.",
    routes=(
        web.get("/", show),
        web.post("/", ask),
        web.post("/find", typed),
        web.post("/copies", copied),
    ),
    href="/",
    icon="search",
    sample="/?q=bhyt+học+sinh+ở+Bắc+Ninh+đóng+bao+nhiêu",
)
