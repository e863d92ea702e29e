"""The audit, for editors: log-ins and every change, newest first."""

from __future__ import annotations

from aiohttp import web

from bot.console.context import console_of
from bot.console.guard import needs
from bot.console.page import Page
from bot.console.view import NAVIGATION, ROLES, page
from bot.dialogue import VIETNAM
from bot.store.users import Role

_PER_PAGE = 50


@needs(Role.EDITOR)
async def show(request: web.Request) -> web.Response:
    """GET /console/audit: people who may enter, and what was done; ?before=ID goes on."""
    console = console_of(request)
    before = request.query.get("before", "")
    entries = await console.store.audit(
        before=int(before) if before.isascii() and before.isdecimal() else None,
        most=_PER_PAGE + 1,
    )
    pages = request.config_dict[NAVIGATION]
    actions = {name: words for one in pages for name, words in one.actions.items()}
    rows = [
        {
            "when": entry.at.astimezone(VIETNAM),
            "actor": "dòng lệnh" if entry.actor == "cli" else entry.actor,
            "action": actions.get(entry.action, entry.action),
            "subject": entry.subject,
            "detail": ", ".join(_said(name, value) for name, value in entry.detail.items()),
        }
        for entry in entries[:_PER_PAGE]
    ]
    context = {
        "rows": rows,
        "users": await console.store.users(),
        "older": entries[_PER_PAGE - 1].id if len(entries) > _PER_PAGE else None,
    }
    return page(request, "audit.html", context)


def _said(name: str, value: object) -> str:
    if name == "role" and isinstance(value, str) and value in tuple(Role):
        return f"quyền {ROLES[Role(value)].lower()}"
    return f"{name}: {value}"


PAGE = Page(
    name="audit",
    title="Nhật ký thay đổi",
    about="Dành cho người biên tập: ai có tài khoản, ai đã đăng nhập, ai đã đổi điều gì.",
    routes=(web.get("/audit", show),),
    href="/audit",
    role=Role.EDITOR,
    icon="audit",
    actions={
        "user.add": "Thêm tài khoản",
        "user.renew": "Đổi quyền và mật khẩu",
        "user.disable": "Khóa tài khoản",
        "conversation.take": "Tiếp quản hội thoại",
        "conversation.release": "Trả hội thoại cho trợ lý",
        "conversation.reply": "Nhắn với người dân",
        "conversation.note": "Ghi chú hội thoại",
        "alarm.seen": "Nhận một cảnh báo",
    },
)
