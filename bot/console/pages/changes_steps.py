"""The steps of a change: to a second person, live, back, upon newer knowledge, or away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import web

from bot import changes
from bot.changes import Ground, Moved, Standing
from bot.console.context import Console, console_of, user_of
from bot.console.guard import needs
from bot.console.pages import changes_one
from bot.console.pages.changes_words import FASTER, of_number, to
from bot.errors import BotError, KnowledgeError, StoreError
from bot.store import changes as rows
from bot.store.changes import Change, ChangeState
from bot.store.users import Role, User
from knowledge.source import content_hash

_MOST_NOTE = 1000
MOVED = (
    "Vừa có nội dung khác được công bố, nên bản sửa này chưa lên. Anh/chị bấm “Chuyển sang bản "
    "đang dùng” rồi xem lại."
)
REFUSED = "Kiểm tra chưa cho phép đưa lên, nội dung đang dùng không đổi: {why}"
NOT_NOW = "Việc này chưa làm được ở bước hiện tại của bản sửa."

#: Step -> the right of `changes_one.may` it needs, where the change goes, the line of audit.
_PLAIN: Mapping[str, tuple[str, ChangeState, str]] = {
    "propose": ("propose", ChangeState.PROPOSED, "change.propose"),
    "take-back": ("take_back", ChangeState.DRAFT, "change.take_back"),
    "withdraw": ("withdraw", ChangeState.WITHDRAWN, "change.withdraw"),
}


@needs(Role.EDITOR)
async def step(request: web.Request) -> web.StreamResponse:
    """POST /console/changes/{number}/{step}, with `seen` from the page."""
    name = request.match_info["step"]
    console, user = console_of(request), user_of(request)
    change = await of_number(request)
    form = await request.post()
    if str(form.get("seen", "")) != str(change.seen):
        return await _again(request, FASTER)
    base = await changes.ground(console.store.store, change.base)
    now = await changes.ground(console.store.store)
    if base is None or now is None:
        raise web.HTTPNotFound
    standing = await asyncio.to_thread(changes.standing, change, base, now)
    running = console.trials.running(change.id)
    may = changes_one.may(change, user, standing, running=running)
    done: Callable[[], Awaitable[str]]
    if name in _PLAIN:
        right, state, action = _PLAIN[name]
        allowed, done = may[right], lambda: _move(console, change, user, action, {}, state)
    elif name == "reject":
        note = str(form.get("note", "")).strip()[:_MOST_NOTE]
        allowed = may["reject"]
        rejected = ChangeState.REJECTED
        done = lambda: _move(  # noqa: E731 - one of a choice, called once below
            console, change, user, "change.reject", {"note": note}, rejected
        )
    elif name == "rebase":
        allowed, done = may["rebase"], lambda: _rebase(console, change, user, base, now, standing)
    elif name == "try":
        allowed, done = may["try"] or may["try_again"], lambda: _try(console, change)
    elif name == "approve":
        # One that was approved and came no further is stale by its own publication, perhaps.
        live = change.state is ChangeState.APPROVED and _is_live(change, base, now)
        allowed = may["approve"] or (live and change.author_id != user.id)
        done = lambda: _approve(console, change, user, base, now)  # noqa: E731 - as above
    else:
        raise web.HTTPNotFound
    if not allowed:
        return await _again(request, MOVED if standing.stale else NOT_NOW)
    bad = await done()
    if bad:
        return await _again(request, bad)
    raise to(change.id, name)


async def _again(request: web.Request, bad: str) -> web.Response:
    """The page as it is now, with why nothing was done."""
    change = await of_number(request)
    return await changes_one.of(request, change, bad=bad, status=HTTPStatus.CONFLICT)


async def _move(
    console: Console,
    change: Change,
    user: User,
    action: str,
    values: Mapping[str, Any],
    state: ChangeState | None,
) -> str:
    """Take the change a step further; what to tell when somebody was faster, else ""."""
    sql = console.store.store
    moved = await sql.write(
        lambda conn: rows.move(conn, sql.database, change, user, action, values, state=state)
    )
    return "" if moved else FASTER


async def _rebase(
    console: Console,
    change: Change,
    user: User,
    base: Ground,
    now: Ground,
    standing: Standing,
) -> str:
    """Put the change upon what is active; where edits meet, back to its author."""
    files = await asyncio.to_thread(changes.rebased, change, base, now)
    values: dict[str, Any] = {"files": files, "base": now.hash, "trial": None, "problems": []}
    # What was approved is another text now: it waits for its approver again.
    again = ChangeState.PROPOSED if change.state is ChangeState.APPROVED else None
    state = ChangeState.DRAFT if standing.conflicts else again
    bad = await _move(console, change, user, "change.rebase", values, state)
    return bad or await _try(console, change)


async def _try(console: Console, change: Change) -> str:
    sql = console.store.store
    console.trials.start(sql, change.id, console.desk().settings, console.today())
    return ""


async def _approve(console: Console, change: Change, user: User, base: Ground, now: Ground) -> str:
    """Approve, publish, and note the snapshot. Cut off in between, it can be called again."""
    if change.state is ChangeState.PROPOSED:
        bad = await _move(console, change, user, "change.approve", {}, ChangeState.APPROVED)
        if bad:
            return bad
    approved = await _newest(console, change)
    try:
        if _is_live(approved, base, now):
            live = now.hash
        else:
            done = await changes.go_live(
                console.store.store, approved, now, console.today(), user.name
            )
            live = done.hash
    except StoreError:
        raise  # it stays approved: who comes back finds the same button
    except BotError as error:
        await _move(console, approved, user, "change.not_live", {}, ChangeState.PROPOSED)
        if isinstance(error, Moved):
            return MOVED
        return REFUSED.format(why=error) if isinstance(error, KnowledgeError) else MOVED
    published = {"published": live}
    return await _move(console, approved, user, "change.publish", published, ChangeState.PUBLISHED)


def _is_live(change: Change, base: Ground, now: Ground) -> bool:
    """True when the active knowledge is the base with exactly this change in it."""
    return content_hash(base.with_files(change.files)) == now.hash


async def _newest(console: Console, change: Change) -> Change:
    found = await console.store.store.read(lambda conn: rows.get(conn, change.id))
    if found is None:
        raise web.HTTPNotFound
    return found
