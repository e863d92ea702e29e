"""Changes of the knowledge: the list, the patch, and the routes of all that can be done."""

from __future__ import annotations

import asyncio

from aiohttp import web

from bot import changes
from bot.console.context import console_of, user_of
from bot.console.page import Page
from bot.console.pages import changes_edit, changes_one, changes_steps
from bot.console.pages.changes_words import STATES, of_number
from bot.console.view import page
from bot.dialogue import VIETNAM
from bot.store import changes as rows
from bot.store.changes import OPEN, ChangeState
from bot.store.users import Role

_PER_PAGE = 50


async def listed(request: web.Request) -> web.Response:
    """GET /console/changes?done=1&before=ID: the open changes, or those that have ended."""
    console = console_of(request)
    done = request.query.get("done") == "1"
    ended = tuple(state for state in ChangeState if state not in OPEN)
    before = request.query.get("before", "")
    found = await console.store.store.read(
        lambda conn: rows.latest(
            conn,
            ended if done else OPEN,
            before=int(before) if before.isascii() and before.isdecimal() else None,
            most=_PER_PAGE + 1,
        )
    )
    active = await console.store.store.knowledge.active()
    context = {
        "done": done,
        "rows": [
            {
                "change": one,
                "state": STATES[one.state],
                "when": one.changed_at.astimezone(VIETNAM),
                "stale": one.open and active is not None and active.hash != one.base,
            }
            for one in found[:_PER_PAGE]
        ],
        "older": found[_PER_PAGE - 1].id if len(found) > _PER_PAGE else None,
        "editor": user_of(request).role.covers(Role.EDITOR),
        "active": active,
    }
    return page(request, "changes.html", context)


async def as_patch(request: web.Request) -> web.Response:
    """GET /console/changes/{number}/patch: a unified diff for `git apply` in the repository."""
    change = await of_number(request)
    console = console_of(request)
    base = await changes.ground(console.store.store, change.base)
    if base is None:
        raise web.HTTPNotFound
    tests = console.folder.parent / "tests" / "knowledge"
    text = await asyncio.to_thread(
        changes.as_patch, change, base, tests if tests.is_dir() else None
    )
    name = f"ban-sua-{change.id}.patch"
    return web.Response(
        body=text.encode("utf-8"),
        content_type="text/x-diff",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


PAGE = Page(
    name="changes",
    title="Bản sửa",
    about="Mỗi lần sửa nội dung là một bản sửa: so với bản đang dùng, thử câu hỏi, xem trước trên "
    "hai kênh, người thứ hai duyệt rồi mới lên; tải được bản vá cho kho tệp.",
    routes=(
        web.get("/changes", listed),
        web.post("/changes", changes_edit.begin),
        web.get("/changes/new", changes_edit.blank),
        web.post("/changes/new", changes_edit.make),
        web.get(r"/changes/{number:\d{1,12}}", changes_one.show),
        web.get(r"/changes/{number:\d{1,12}}/patch", as_patch),
        web.get(r"/changes/{number:\d{1,12}}/edit", changes_edit.edit),
        web.post(r"/changes/{number:\d{1,12}}/edit", changes_edit.save),
        web.post(r"/changes/{number:\d{1,12}}/{step:[a-z-]+}", changes_steps.step),
    ),
    href="/changes",
    icon="changes",
    sample="/changes/1",
    actions={
        "change.add": "Tạo bản sửa",
        "change.edit": "Sửa bản sửa",
        "change.propose": "Gửi duyệt",
        "change.take_back": "Lấy lại để sửa",
        "change.withdraw": "Bỏ bản sửa",
        "change.reject": "Trả lại bản sửa",
        "change.rebase": "Chuyển sang bản đang dùng",
        "change.approve": "Duyệt",
        "change.not_live": "Duyệt nhưng chưa lên được",
        "change.publish": "Đưa lên",
    },
)
