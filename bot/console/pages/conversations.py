"""Conversations: who wrote lately, what waits for a person, what did not arrive. Live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from aiohttp import web

from bot.console.context import Console, console_of, user_of
from bot.console.guard import quiet
from bot.console.live import count, part_of_page
from bot.console.page import Page
from bot.console.pages.conversation_words import (
    CHANNELS,
    OUTCOMES,
    citizen,
    words_of,
)
from bot.console.view import page, part
from bot.dialogue import VIETNAM
from bot.models import Outcome
from bot.store.inbox_view import Line, Show, Wanted
from bot.store.users import User

_PER_PAGE = 30
SHOWN = {
    Show.ALL: "Tất cả",
    Show.WAITING: "Chờ người",
    Show.HELD: "Người đang giữ",
    Show.UNREAD: "Chưa đọc",
    Show.TROUBLE: "Chưa gửi được",
}
EMPTY = {
    Show.ALL: ("Chưa có hội thoại nào", "Khi người dân nhắn tin, hội thoại hiện ra ngay ở đây."),
    Show.WAITING: (
        "Không ai đang chờ",
        "Ai nhắn “gặp nhân viên” sẽ hiện ra ở đây cho đến khi có người tiếp quản.",
    ),
    Show.HELD: (
        "Trợ lý đang trả lời mọi hội thoại",
        "Hội thoại có người tiếp quản sẽ hiện ra ở đây cho đến khi được trả lại cho trợ lý.",
    ),
    Show.UNREAD: ("Đã đọc hết", "Không có tin nào mới kể từ lần xem trước của anh/chị."),
    Show.TROUBLE: (
        "Mọi tin đều đã đến nơi",
        "Tin bị kênh từ chối, hoặc không rõ đã đến chưa, sẽ hiện ra ở đây.",
    ),
}


def wanted_of(query: Mapping[str, str]) -> Wanted:
    """The list an address asks for; what it does not understand is left out."""
    show, before = query.get("show", ""), query.get("before", "")
    channel, outcome = query.get("channel", ""), query.get("outcome", "")
    return Wanted(
        show=Show(show) if show in [*Show] else Show.ALL,
        channel=channel if channel in CHANNELS else "",
        outcome=outcome if outcome in [*Outcome] else "",
        before=int(before)
        if before.isascii() and before.isdecimal() and len(before) < 19
        else None,
    )


def address(wanted: Wanted) -> str:
    """The same list as a query, without its page."""
    said = {"channel": wanted.channel, "outcome": wanted.outcome}
    chosen = {"show": str(wanted.show)} if wanted.show is not Show.ALL else {}
    return urlencode({**chosen, **{name: value for name, value in said.items() if value}})


async def show(request: web.Request) -> web.Response:
    """GET /console/conversations?show=&channel=&outcome=&before=: the list."""
    wanted = wanted_of(request.query)
    context = await _context(console_of(request), user_of(request), wanted)
    return page(request, "conversations/page.html", context)


@quiet
async def lines(request: web.Request) -> web.Response:
    """GET /console/conversations/lines?…: the list alone, for the page's script."""
    wanted = wanted_of(request.query)
    context = await _context(console_of(request), user_of(request), wanted)
    html = part(request, "conversations/lines.html", context)
    return part_of_page(html, await count(request))


async def _context(console: Console, user: User, wanted: Wanted) -> dict[str, object]:
    found = await console.conversations.lines(user, wanted, _PER_PAGE + 1)
    now = console.clock().astimezone(VIETNAM)
    query = address(wanted)
    live = f"{query}&before={wanted.before}" if wanted.before is not None else query
    return {
        "rows": [_row(line, user, now) for line in found[:_PER_PAGE]],
        "older": found[_PER_PAGE - 1].event_id if len(found) > _PER_PAGE else None,
        "wanted": wanted,
        "query": f"{query}&" if query else "",
        "live": f"/conversations/lines?{live}",
        "tabs": [
            (title, f"/conversations?{address(replace(wanted, show=one))}", one is wanted.show)
            for one, title in SHOWN.items()
        ],
        "channels": CHANNELS,
        "outcomes": OUTCOMES,
        "filtered": bool(wanted.channel or wanted.outcome),
        "empty_words": EMPTY[wanted.show],
    }


def _row(line: Line, user: User, now: datetime) -> dict[str, object]:
    at = line.at.astimezone(VIETNAM)
    holder = ""
    if line.held_until:
        mine = line.held_by == user.name
        holder = "anh/chị đang giữ" if mine else f"{line.held_by or 'có người'} đang giữ"
    return {
        "id": line.id,
        "citizen": citizen(line.id),
        "channel": CHANNELS.get(line.channel, line.channel),
        "words": words_of(line.kind, line.text, line.attachment),
        "at": at,
        "when": f"{at:%H:%M}" if at.date() == now.date() else f"{at:%d/%m}",
        "outcome": OUTCOMES.get(line.outcome or "", "") or "đang chờ trả lời",
        "lost": line.outcome == Outcome.NOT_KNOWN,
        "unread": line.unread,
        "waiting": line.waiting and not line.held_until,
        "trouble": line.trouble,
        "holder": holder,
    }


PAGE = Page(
    name="conversations",
    title="Hội thoại",
    about="Ai vừa nhắn, ai đang chờ người, tin nào chưa đến nơi; danh sách tự mới khi có tin. Mở "
    "một hội thoại để xem toàn bộ, tiếp quản, nhắn và ghi chú.",
    routes=(web.get("/conversations", show), web.get("/conversations/lines", lines)),
    href="/conversations",
    icon="talks",
)
