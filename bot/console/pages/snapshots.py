"""The history of the knowledge: what was active when, by whom, and the way back."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from aiohttp import web

from bot import changes
from bot.changes import Moved
from bot.console.context import PREFIX, audited, console_of, user_of
from bot.console.guard import needs
from bot.console.page import Page
from bot.console.pages.changes_words import SAID
from bot.console.view import page
from bot.dialogue import VIETNAM
from bot.errors import BotError, StoreError
from bot.publishing import compare
from bot.store.publishing import ActivationKind
from bot.store.users import Role

_LISTED = 100
KINDS = {
    ActivationKind.FOLDER: "Từ thư mục tệp",
    ActivationKind.PUBLISH: "Công bố",
    ActivationKind.ROLLBACK: "Quay lại",
}
FASTER = (
    "Vừa có nội dung khác được công bố nên chưa quay lại. Anh/chị xem danh sách mới rồi quyết định."
)
UNUSABLE = (
    "Bản cũ này không còn dùng được với phiên bản chương trình hiện nay, nên chưa quay lại. Nội "
    "dung đang dùng không đổi."
)


async def show(request: web.Request) -> web.Response:
    """GET /console/snapshots: newest first."""
    return await _list(request, good=SAID.get(request.query.get("said", ""), ""))


@needs(Role.EDITOR)
async def ask(request: web.Request) -> web.Response:
    """GET /console/snapshots/{hash}: what going back to it would change, to be confirmed."""
    console = console_of(request)
    chosen = request.match_info["hash"]
    now = await changes.ground(console.store.store)
    old = await changes.ground(console.store.store, chosen)
    if now is None or old is None:
        raise web.HTTPNotFound
    if now.hash == chosen:
        raise web.HTTPSeeOther(f"{PREFIX}/snapshots")
    context = {
        "hash": chosen,
        "now": now.activation,
        "changes": await asyncio.to_thread(compare, now.files, old.files),
    }
    return page(request, "snapshot_back.html", context)


@needs(Role.EDITOR)
async def back(request: web.Request) -> web.StreamResponse:
    """POST /console/snapshots/{hash}: go back, unless something else was published meanwhile."""
    console, user = console_of(request), user_of(request)
    chosen = request.match_info["hash"]
    after = str((await request.post()).get("after", ""))
    if not (after.isascii() and after.isdecimal() and len(after) < 10):
        raise web.HTTPBadRequest(text="Thiếu số của bản đang dùng.")
    sql, today = console.store.store, console.today()
    try:
        done = await changes.go_back(
            sql, chosen, console.folder, today, user.name, after=int(after)
        )
    except StoreError:
        raise
    except BotError as error:
        bad = FASTER if isinstance(error, Moved) else UNUSABLE
        return await _list(request, bad=bad, status=HTTPStatus.CONFLICT)
    if not done.already:
        await audited(request, "snapshot.back", chosen[:12])
    raise web.HTTPSeeOther(f"{PREFIX}/snapshots?said=back")


async def _list(
    request: web.Request, *, good: str = "", bad: str = "", status: HTTPStatus = HTTPStatus.OK
) -> web.Response:
    console = console_of(request)
    past = await console.store.store.knowledge.history(_LISTED)
    active = past[0].hash if past else ""
    context = {
        "rows": [
            {
                "number": one.number,
                "hash": one.hash,
                "kind": KINDS[one.kind],
                "when": one.active_from.astimezone(VIETNAM),
                "author": one.author,
                "approver": one.approver,
                "answers": one.answers,
                "active": nth == 0,
                "other": one.hash != active,
            }
            for nth, one in enumerate(past)
        ],
        "serves": console.desk().snapshot.hash,
        "active": active,
        "editor": user_of(request).role.covers(Role.EDITOR),
        "good": good,
        "bad": bad,
    }
    return page(request, "snapshots.html", context, status=status)


PAGE = Page(
    name="snapshots",
    title="Lịch sử nội dung",
    about="Bản nội dung nào đã dùng khi nào, ai soạn, ai duyệt; quay lại một bản cũ khi cần.",
    routes=(
        web.get("/snapshots", show),
        web.get("/snapshots/{hash:[0-9a-f]{64}}", ask),
        web.post("/snapshots/{hash:[0-9a-f]{64}}", back),
    ),
    sample="/snapshots",
    actions={"snapshot.back": "Quay lại bản cũ"},
)
