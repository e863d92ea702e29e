"""Alarms: what needs somebody now, who looks after it, and what is over."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web

from bot.alarm_words import told
from bot.console.context import PREFIX, Console, console_of, user_of
from bot.console.guard import needs, quiet
from bot.console.live import count, part_of_page
from bot.console.page import Page
from bot.console.pages.conversation_words import citizen, words_of
from bot.console.view import page, part
from bot.dialogue import VIETNAM
from bot.store import alarms
from bot.store.alarms import Asked, Notice
from bot.store.users import Role

#: So many alarms that are over are shown.
_OVER = 30
ENDED = "Cảnh báo này đã hết hoặc đã có người nhận. Anh/chị xem danh sách mới ở dưới."


async def show(request: web.Request) -> web.Response:
    """GET /console/alarms: what holds, the urgent first, then what ended lately."""
    return page(request, "alarms/page.html", await _context(console_of(request)))


@quiet
async def lines(request: web.Request) -> web.Response:
    """GET /console/alarms/lines: the list alone, for the page's script."""
    html = part(request, "alarms/lines.html", await _context(console_of(request)))
    return part_of_page(html, await count(request))


@needs(Role.AGENT)
async def seen(request: web.Request) -> web.Response:
    """POST /console/alarms/seen: this person looks after the alarm `key`."""
    console = console_of(request)
    key, who = str((await request.post()).get("key", "")), user_of(request).name
    sql = console.store.store
    if not await sql.write(lambda conn: alarms.mark_seen(conn, sql.database, key, who)):
        context = {**await _context(console), "notice": ENDED}
        return page(request, "alarms/page.html", context, status=HTTPStatus.CONFLICT)
    raise web.HTTPSeeOther(f"{PREFIX}/alarms")


async def back(_request: web.Request) -> web.Response:
    """GET of the command's address, as "try again" of an error page leads to: the list."""
    raise web.HTTPSeeOther(f"{PREFIX}/alarms")


async def _context(console: Console) -> dict[str, object]:
    sql = console.store.store
    now = await sql.read(lambda conn: alarms.notices(conn, ended=False))
    over = await sql.read(lambda conn: alarms.notices(conn, ended=True, most=_OVER))
    ids = [id_ for one in now for id_ in one.alarm.detail.get("questions", ())]
    asked = await sql.read(lambda conn: alarms.questions(conn, ids))
    rows = [_row(console, one, asked) for one in now]
    # Urgent and unseen first; the store gave the newest first.
    rows.sort(key=lambda row: (row["level"] != "urgent", bool(row["seen_by"])))
    return {"rows": rows, "over": [_row(console, one, {}) for one in over], "notice": ""}


def _row(console: Console, one: Notice, asked: dict[int, Asked]) -> dict[str, object]:
    words = told(
        one.alarm, console.desk().snapshot, console.today(), spike_minutes=console.spike_minutes
    )
    questions = [asked[id_] for id_ in one.alarm.detail.get("questions", ()) if id_ in asked]
    return {
        "key": one.alarm.key,
        "title": words.title,
        "text": words.text,
        "level": words.level,
        "named": words.items,
        "more": words.more,
        "href": words.href,
        "since": one.since.astimezone(VIETNAM),
        "ended": one.ended_at.astimezone(VIETNAM) if one.ended_at else None,
        "seen_by": one.seen_by,
        "seen_at": one.seen_at.astimezone(VIETNAM) if one.seen_at else None,
        "told": sorted(one.sent),
        "questions": [
            {
                "words": words_of("text", q.text, ""),
                "conversation": q.conversation_id,
                "citizen": citizen(q.conversation_id),
            }
            for q in questions
        ],
    }


PAGE = Page(
    name="alarms",
    title="Cảnh báo",
    about="Điều cần có người xem ngay: nhiều người cùng hỏi một điều chưa có câu trả lời, nội dung "
    "sắp hết hạn, mã truy cập, kênh im lặng, tin không gửi được.",
    routes=(
        web.get("/alarms", show),
        web.get("/alarms/lines", lines),
        web.get("/alarms/seen", back),
        web.post("/alarms/seen", seen),
    ),
    href="/alarms",
    icon="bell",
)
