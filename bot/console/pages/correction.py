"""Corrections: who got a wrong answer or figure, and telling them, in two steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bot.console.context import PREFIX, console_of, user_of
from bot.console.guard import needs
from bot.console.page import Page
from bot.console.pages.correction_forms import (
    CHANGED,
    NOTICES,
    UNSURE,
    became,
    clean,
    with_chosen,
    wrong_with,
)
from bot.console.pages.correction_view import (
    STATES,
    Wanted,
    lines,
    period_words,
    result,
    subject_of,
)
from bot.console.view import page
from bot.correction import (
    REASON_LENGTH,
    TEXT_LENGTH,
    Kind,
    answer_choices,
    letter,
    row_choices,
)
from bot.dialogue import VIETNAM
from bot.store import corrections
from bot.store.corrections import Correction, Draft, State
from bot.store.corrections_found import find
from bot.store.corrections_sending import SOME, copiers, send_some, tally
from bot.store.users import Role

_PER_PAGE = 30
#: Steps of one request: beyond so many conversations the button is pressed again.
_STEPS = 5000 // SOME


async def show(request: web.Request) -> web.Response:
    """GET /console/correction?answer=|row=&version=&since=&until=: who got it, and the list."""
    return await _search(request, request.query)


@needs(Role.EDITOR)
async def add(request: web.Request) -> web.Response:
    """POST /console/correction: write a draft for the search of the form."""
    form = {name: str(value) for name, value in (await request.post()).items()}
    console = console_of(request)
    today = console.today()
    wanted = Wanted.read(form, console.desk().snapshot, today)
    wrong = wrong_with(form) if wanted.subject else "Anh/chị chọn điều cần đính chính trước."
    if wanted.subject is None or wrong:
        return await _search(request, form, wrong=wrong)
    text, masked = clean(form)
    draft = Draft(wanted.subject, *text, wanted.since(), wanted.until(today))
    sql, author = console.store.store, user_of(request)
    number = await sql.write(lambda conn: corrections.add(conn, sql.database, author, draft))
    raise _to(number, "masked" if masked else "draft")


async def one(request: web.Request) -> web.Response:
    """GET /console/correction/ID: the preview of a draft, or what became of the message."""
    return await _one(request, notice=NOTICES.get(request.query.get("done", "")))


@needs(Role.EDITOR)
async def edit(request: web.Request) -> web.Response:
    """POST /console/correction/ID: change the words of a draft."""
    form = {name: str(value) for name, value in (await request.post()).items()}
    wrong = wrong_with(form)
    if wrong:
        return await _one(request, wrong=wrong, typed=form)
    console, actor = console_of(request), user_of(request)
    (text, reason), masked = clean(form)
    found = await _get(request)
    draft = replace(found.draft, text=text, reason=reason)
    sql = console.store.store
    seen = form.get("seen", "")
    if not await sql.write(
        lambda conn: corrections.edit(conn, sql.database, found.id, seen, actor, draft)
    ):
        return await _one(request, wrong=CHANGED, typed=form, status=HTTPStatus.CONFLICT)
    raise _to(found.id, "masked" if masked else "draft")


@needs(Role.EDITOR)
async def send(request: web.Request) -> web.Response:
    """POST /console/correction/ID/send: confirm a draft, or go on with a sending cut off."""
    console, actor = console_of(request), user_of(request)
    found, form = await _get(request), await request.post()
    sql, seen = console.store.store, str(form.get("seen", ""))
    if found.state is State.DRAFT and form.get("sure") != "1":
        return await _one(request, wrong=UNSURE)
    if found.state is State.DRAFT:
        about = found.draft
        got = await sql.read(lambda conn: find(conn, about.subject, about.since, about.until))
        of_version = got.of(about.subject.version)
        if not await sql.write(
            lambda conn: corrections.confirm(conn, sql.database, found, seen, actor, of_version)
        ):
            return await _one(request, wrong=CHANGED, status=HTTPStatus.CONFLICT)
    if found.state is State.WITHDRAWN:
        return await _one(request, wrong=CHANGED, status=HTTPStatus.CONFLICT)
    words = _letter(found)
    for _ in range(_STEPS):
        if not await sql.write(
            lambda conn: send_some(conn, sql.database, found.id, console.windows, words)
        ):
            raise _to(found.id, "sent")
    raise _to(found.id, "part")


@needs(Role.EDITOR)
async def withdraw(request: web.Request) -> web.Response:
    """POST /console/correction/ID/withdraw: give a draft up."""
    actor, sql = user_of(request), console_of(request).store.store
    found, seen = await _get(request), str((await request.post()).get("seen", ""))
    if not await sql.write(
        lambda conn: corrections.withdraw(conn, sql.database, found.id, seen, actor)
    ):
        return await _one(request, wrong=CHANGED, status=HTTPStatus.CONFLICT)
    raise web.HTTPSeeOther(f"{PREFIX}/correction?done=withdrawn")


async def told(request: web.Request) -> web.Response:
    """POST /console/correction/ID/told: the caller has told whom they had sent their copies."""
    user, sql = user_of(request), console_of(request).store.store
    found = await _get(request)
    await sql.write(lambda conn: corrections.told(conn, sql.database, found.id, user))
    raise _to(found.id, "told")


# -- pages ------------------------------------------------------------------------------------
async def _search(
    request: web.Request, data: Mapping[str, Any], *, wrong: str = ""
) -> web.Response:
    console, user = console_of(request), user_of(request)
    snapshot, sql = console.desk().snapshot, console.store.store
    wanted = Wanted.read(data, snapshot, console.today())
    before = request.query.get("before", "")
    start = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    listed = await sql.read(lambda conn: corrections.latest(conn, before=start, most=_PER_PAGE + 1))
    subject = wanted.subject
    context = {
        "wanted": wanted,
        "subject": subject,
        "address": urlencode({k: v for k, v in subject_of(data).items() if k != "version"}),
        "answers": with_chosen(answer_choices(snapshot), subject, Kind.ANSWER),
        "rows": with_chosen(row_choices(snapshot), subject, Kind.ROW),
        "result": await result(console, subject, wanted) if subject else None,
        "own": await sql.read(lambda conn: corrections.to_tell(conn, user)),
        "lines": lines(listed[:_PER_PAGE]),
        "older": listed[_PER_PAGE - 1].id if len(listed) > _PER_PAGE else None,
        "may_edit": user.role.covers(Role.EDITOR),
        "typed": {name: str(data.get(name, "")) for name in ("text", "reason")},
        "wrong": wrong,
        "notice": NOTICES.get(request.query.get("done", ""), ""),
        "lengths": (TEXT_LENGTH, REASON_LENGTH),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return page(request, "correction/page.html", context, status=status)


async def _one(
    request: web.Request,
    *,
    notice: str | None = None,
    wrong: str = "",
    typed: Mapping[str, str] | None = None,
    status: HTTPStatus | None = None,
) -> web.Response:
    console, user = console_of(request), user_of(request)
    found = await _get(request)
    sql = console.store.store
    draft = found.draft
    is_draft = found.state is State.DRAFT
    counted = await sql.read(
        lambda conn: tally(conn, sql.database, found.id, found.found, console.windows)
    )
    reached = await result(console, draft.subject, draft) if is_draft else None
    day = reached["day"] if reached else found.created_at.astimezone(VIETNAM).date()
    own = await sql.read(lambda conn: corrections.to_tell(conn, user))
    given = typed or {}
    context = {
        "one": found,
        "state": STATES[found.state],
        "when": (found.decided_at or found.created_at).astimezone(VIETNAM),
        "period": period_words(draft),
        "letter": letter(draft.text, draft.subject.title, day),
        "result": reached,
        "outcome": [] if is_draft else became(counted),
        "tally": counted,
        "copiers": await sql.read(lambda conn: copiers(conn, found.id)),
        "own": next((n for other, n in own if other.id == found.id), 0),
        "may_edit": user.role.covers(Role.EDITOR),
        "typed": {
            "text": given.get("text", draft.text),
            "reason": given.get("reason", draft.reason),
        },
        "open_edit": bool(given),
        "notice": notice or "",
        "wrong": wrong,
        "lengths": (TEXT_LENGTH, REASON_LENGTH),
    }
    status = status or (HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK)
    return page(request, "correction/one.html", context, status=status)


# -- pieces -----------------------------------------------------------------------------------
async def _get(request: web.Request) -> Correction:
    sql, number = console_of(request).store.store, int(request.match_info["id"])
    found = await sql.read(lambda conn: corrections.get(conn, number))
    if found is None:
        raise web.HTTPNotFound
    return found


def _to(number: int, done: str) -> web.HTTPSeeOther:
    return web.HTTPSeeOther(f"{PREFIX}/correction/{number}?done={done}")


def _letter(found: Correction) -> Callable[[datetime], str]:
    draft = found.draft
    return lambda at: letter(draft.text, draft.subject.title, at.astimezone(VIETNAM).date())


PAGE = Page(
    name="correction",
    title="Đính chính",
    about="Khi một câu trả lời hay một con số bị sai: xem ai đã nhận, báo lại đúng cho họ trong "
    "thời gian kênh cho phép, và biết bao nhiêu người không báo được.",
    routes=(
        web.get("/correction", show),
        web.post("/correction", add),
        web.get(r"/correction/{id:\d{1,18}}", one),
        web.post(r"/correction/{id:\d{1,18}}", edit),
        web.post(r"/correction/{id:\d{1,18}}/send", send),
        web.post(r"/correction/{id:\d{1,18}}/withdraw", withdraw),
        web.post(r"/correction/{id:\d{1,18}}/told", told),
    ),
    href="/correction",
    icon="correction",
    sample="/correction?answer=muc-dong-hssv",
    actions={
        "correction.add": "Soạn đính chính",
        "correction.edit": "Sửa đính chính",
        "correction.withdraw": "Bỏ đính chính",
        "correction.send": "Gửi đính chính",
        "correction.told": "Đã báo lại đính chính",
    },
)

__all__ = ["PAGE"]
