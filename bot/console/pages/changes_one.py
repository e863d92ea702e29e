"""One change with everything to judge it by: lines, trial, questions, next steps."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import web

from bot import change_trial, changes
from bot.change_merge import Line, shown
from bot.changes import Ground, Standing
from bot.console.context import Console, console_of, user_of
from bot.console.pages.changes_words import CHANNELS, OUTCOMES, SAID, STATES, of_number
from bot.console.pages.unanswered import titles
from bot.console.view import page
from bot.dialogue import VIETNAM
from bot.store import changes as rows
from bot.store.changes import OPEN, Change, ChangeState
from bot.store.users import Role, User

#: Seconds after which a page with a running trial looks again.
_LOOK_AGAIN = 3


async def show(request: web.Request) -> web.Response:
    """GET /console/changes/{number}: what it changes, what the trial said, and what to do next."""
    said = SAID.get(request.query.get("said", ""), "")
    return await of(request, await of_number(request), good=said)


async def of(
    request: web.Request,
    change: Change,
    *,
    good: str = "",
    bad: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> web.Response:
    """The page of one change, with a word about what was just done."""
    console, user = console_of(request), user_of(request)
    base = await changes.ground(console.store.store, change.base)
    now = await changes.ground(console.store.store)
    if base is None or now is None:
        raise web.HTTPNotFound
    standing = Standing(stale=False)
    if change.open:
        standing = await asyncio.to_thread(changes.standing, change, base, now)
    running = console.trials.running(change.id)
    trial: Mapping[str, Any] = change.trial or {}
    context = {
        "change": change,
        "state": STATES[change.state],
        "good": good,
        "bad": bad,
        "files": [_file(change, base, path) for path in sorted(change.files)],
        "standing": standing,
        "now": now.activation,
        "running": running,
        "trial": change.trial,
        "failed": bool(trial.get("failed")),
        "problems": trial.get("problems", ()),
        "previews": trial.get("previews", ()),
        "errors": errors_of(change),
        "questions": await _questions(console, change),
        "channels": CHANNELS,
        "others": await _others(console, change),
        "when": change.changed_at.astimezone(VIETNAM),
        "may": may(change, user, standing, running=running),
        "mine": change.author_id == user.id,
        "missing": change.state is ChangeState.PUBLISHED and _missing(change, now),
    }
    response = page(request, "change.html", context, status=status)
    if running:
        # Without a script: the page looks again by itself until the trial is over.
        response.headers["Refresh"] = f"{_LOOK_AGAIN}; url={request.path}"
    return response


def errors_of(change: Change) -> list[dict[str, Any]]:
    """The findings that keep a change from being published."""
    return [one for one in (change.trial or {}).get("problems", ()) if one["level"] == "error"]


def may(change: Change, user: User, standing: Standing, *, running: bool) -> dict[str, bool]:
    """Which steps this person may take now. Nobody approves what they wrote."""
    editor = user.role.covers(Role.EDITOR)
    mine = editor and change.author_id == user.id
    other = editor and not mine
    state = change.state
    trial: Mapping[str, Any] = change.trial or {}
    sound = bool(trial) and not trial.get("failed") and not errors_of(change)
    # A draft without a changed line makes the very knowledge that it was written against.
    changed = trial.get("hash") != change.base
    ready = sound and changed and not standing.stale and not running
    waiting = state in (ChangeState.PROPOSED, ChangeState.APPROVED)
    return {
        "edit": mine and state in (ChangeState.DRAFT, ChangeState.REJECTED),
        "propose": mine and ready and state in (ChangeState.DRAFT, ChangeState.REJECTED),
        "take_back": mine and state is ChangeState.PROPOSED,
        "withdraw": editor and change.open and state is not ChangeState.APPROVED,
        "approve": other and ready and waiting,
        "reject": other and waiting,
        "rebase": editor and change.open and standing.stale and (mine or not standing.conflicts),
        "try": editor and change.open and not running and not trial,
        "try_again": editor and change.open and not running and bool(trial.get("failed")),
    }


def _file(change: Change, base: Ground, path: str) -> dict[str, Any]:
    before = base.text(path)
    lines: list[Line] = shown(before or "", change.files[path])
    return {"path": path, "new": before is None, "lines": lines}


async def _questions(console: Console, change: Change) -> list[dict[str, Any]]:
    """Each question with what the bot says now and what it will say."""
    desk, today = console.desk(), console.today()
    if change.open:
        now = await asyncio.to_thread(
            lambda: list(change_trial.asked(desk, change.questions, today))
        )
    else:
        now = []
    trial: Mapping[str, Any] = change.trial or {}
    after = {one["text"]: one for one in trial.get("questions", ())}
    got = [one["got"] for one in (*now, *after.values())]
    names = titles(desk.snapshot, got)
    names |= {one["answer"]: one["title"] for one in trial.get("previews", ())}
    told = []
    for nth, asked in enumerate(change.questions):
        later = after.get(asked["text"])
        told.append(
            {
                "text": asked["text"],
                "before": _told(now[nth], names) if nth < len(now) else "",
                "after": _told(later, names) if later else "",
                "right": later is not None and later["got"] == asked["answer"],
                "tried": later is not None,
            }
        )
    return told


def _told(one: dict[str, Any], names: dict[str, str]) -> str:
    said = OUTCOMES.get(one["outcome"], one["outcome"])
    return f"{said}: {names.get(one['got'], one['got'])}" if one["got"] else said


async def _others(console: Console, change: Change) -> list[Change]:
    """Other open changes of the same files: their authors had better know of each other."""
    if not change.open:
        return []
    found = await console.store.store.read(lambda conn: rows.latest(conn, OPEN, most=200))
    return [o for o in found if o.id != change.id and o.files.keys() & change.files.keys()]


def _missing(change: Change, now: Ground) -> bool:
    """True when a published change is not in the active knowledge (any more)."""
    return any(now.text(path) != text for path, text in change.files.items())
