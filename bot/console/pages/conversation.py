"""One conversation: everything said, how it ended and arrived; taking it over and answering."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus

from aiohttp import web

from bot import figures
from bot.console.context import PREFIX, Console, console_of, user_of
from bot.console.guard import needs, quiet
from bot.console.live import count, part_of_page
from bot.console.page import Page
from bot.console.pages.conversation_words import (
    CHANNELS,
    OUTCOMES,
    STATES,
    citizen,
    reason,
    words_of,
)
from bot.console.view import page, part
from bot.dialogue import VIETNAM
from bot.models import Outcome
from bot.privacy import redact
from bot.store.inbox_view_one import NOTE_LENGTH, Part, Turn, Whole
from bot.store.inbox_view_verbs import Done, Result
from bot.store.users import Role, User
from knowledge.snapshot import Snapshot

REPLY_LENGTH = 4000
_MASKED = "Số điện thoại, số căn cước hay mã số trong tin đã được che trước khi gửi và lưu."
#: What stands over the page after a command (?done=…).
NOTICES = {
    "take": "Anh/chị đang giữ hội thoại này. Trợ lý tự động im lặng cho đến khi anh/chị trả lại.",
    "release": "Đã trả hội thoại. Trợ lý tự động sẽ trả lời tin tiếp theo.",
    "free": "Hội thoại này không ai giữ; trợ lý tự động đang trả lời.",
    "reply": "Tin đã được xếp hàng gửi.",
    "reply-masked": f"Tin đã được xếp hàng gửi. {_MASKED}",
    "twice": "Tin này vừa được gửi rồi nên không gửi lại lần nữa.",
    "note": "Đã lưu ghi chú.",
    "note-masked": f"Đã lưu ghi chú. {_MASKED}",
}
GONE = (
    "Hội thoại này không còn nữa",
    "Người dân đã yêu cầu xóa, hoặc đã quá thời hạn lưu. Không còn tin nào để xem hay trả lời.",
)


async def show(request: web.Request) -> web.Response:
    """GET /console/conversations/ID?before=: the transcript; marks it as read by this person."""
    before = request.query.get("before", "")
    earlier = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    return await _page(request, before=earlier, notice=NOTICES.get(request.query.get("done", "")))


@quiet
async def thread(request: web.Request) -> web.Response:
    """GET /console/conversations/ID/thread: the newest turns alone, for the page's script."""
    console, user = console_of(request), user_of(request)
    one = await console.conversations.whole(_id(request))
    if one is None:
        raise web.HTTPNotFound
    await _mark_read(console, user, one)
    html = part(request, "conversations/thread.html", _context(console, user, one))
    return part_of_page(html, await count(request))


@needs(Role.AGENT)
async def take(request: web.Request) -> web.Response:
    """POST /console/conversations/ID/take: hold it; `force` takes it from a colleague."""
    force = (await request.post()).get("force") == "1"
    result = await console_of(request).conversations.take(
        user_of(request), _id(request), force=force
    )
    return await _after(request, result, "take")


@needs(Role.AGENT)
async def release(request: web.Request) -> web.Response:
    """POST /console/conversations/ID/release: the bot answers again."""
    result = await console_of(request).conversations.release(user_of(request), _id(request))
    return await _after(request, result, "free" if result.done is Done.ALREADY else "release")


@needs(Role.AGENT)
async def reply(request: web.Request) -> web.Response:
    """POST /console/conversations/ID/reply: send `text` as a person; `force` as for `take`."""
    form = await request.post()
    text = _text(form.get("text"))
    wrong = _wrong(text, REPLY_LENGTH)
    if wrong:
        return await _page(request, wrong=wrong, draft=text)
    clean = redact(text)
    result = await console_of(request).conversations.reply(
        user_of(request), _id(request), clean.text, force=form.get("force") == "1"
    )
    done = "twice" if result.done is Done.ALREADY else "reply-masked" if clean.kinds else "reply"
    return await _after(request, result, done, draft=text)


@needs(Role.AGENT)
async def note(request: web.Request) -> web.Response:
    """POST /console/conversations/ID/note: write `text` down for colleagues."""
    text = _text((await request.post()).get("text"))
    wrong = _wrong(text, NOTE_LENGTH)
    if wrong:
        return await _page(request, wrong=wrong, note=text)
    clean = redact(text)
    result = await console_of(request).conversations.note(
        user_of(request), _id(request), clean.text
    )
    return await _after(request, result, "note-masked" if clean.kinds else "note")


async def back(request: web.Request) -> web.Response:
    """GET of a command's address, as "try again" of an error page leads to: the conversation."""
    raise web.HTTPSeeOther(f"{PREFIX}/conversations/{_id(request)}#newest")


# -- pieces ---------------------------------------------------------------------------------
def _id(request: web.Request) -> int:
    return int(request.match_info["id"])


def _text(value: object) -> str:
    return str(value or "").replace("\r\n", "\n").strip()


def _wrong(text: str, longest: int) -> str:
    if not text:
        return "Anh/chị chưa gõ nội dung nào."
    if len(text) > longest:
        over = f"{figures.number(len(text))} ký tự, nhiều nhất {figures.number(longest)}"
        return f"Nội dung dài quá ({over}). Anh/chị rút gọn giúp."
    return ""


async def _after(
    request: web.Request, result: Result, done: str, *, draft: str = ""
) -> web.Response:
    """Back to the page with a word about what happened, or the page with what is in the way."""
    if result.done is Done.GONE:
        return await _page(request, gone=True, draft=draft)
    if result.done is Done.HELD:
        return await _page(request, held=result, draft=draft)
    raise web.HTTPSeeOther(f"{PREFIX}/conversations/{_id(request)}?done={done}#newest")


async def _page(
    request: web.Request,
    *,
    before: int | None = None,
    notice: str | None = None,
    wrong: str = "",
    held: Result | None = None,
    gone: bool = False,
    draft: str = "",
    note: str = "",
) -> web.Response:
    console, user = console_of(request), user_of(request)
    one = await console.conversations.whole(_id(request), before=before)
    if one is None:
        words = {"title": GONE[0], "text": GONE[1], "kind": "gone"}
        return page(request, "message.html", words, status=HTTPStatus.NOT_FOUND)
    if before is None:
        await _mark_read(console, user, one)
    if gone:
        wrong = "Chưa gửi được: hội thoại không còn tin nào của người dân để trả lời."
    context = {
        **_context(console, user, one),
        "before": before,
        "notice": notice,
        "wrong": wrong,
        "other": held.holder if held else None,
        "draft": draft,
        "note_draft": note,
        "reply_length": REPLY_LENGTH,
        "note_length": NOTE_LENGTH,
        "may_write": user.role.covers(Role.AGENT),
        "notes": [{"user": n.user, "at": _here(n.at), "text": n.text} for n in one.notes],
    }
    refused = bool(wrong or held)
    status = HTTPStatus.CONFLICT if refused else HTTPStatus.OK
    return page(request, "conversations/one.html", context, status=status)


async def _mark_read(console: Console, user: User, one: Whole) -> None:
    if one.turns:
        await console.conversations.mark_read(user, one.id)


def _context(console: Console, user: User, one: Whole) -> dict[str, object]:
    """What the transcript's template reads."""
    hours = console.windows.get(one.key.channel)
    closes = one.window_from + timedelta(hours=hours) if hours and one.window_from else None
    snapshot = console.desk().snapshot
    return {
        "id": one.id,
        "citizen": citizen(one.id),
        "channel": CHANNELS.get(one.key.channel, one.key.channel),
        "turns": [_turn(turn, snapshot) for turn in one.turns],
        "older": one.turns[0].id if one.older else None,
        "held": one.held_until is not None,
        "mine": one.held_until is not None and one.held_by == user.name,
        "held_by": one.held_by or "Người dùng công cụ của kênh",
        "held_until": _here(one.held_until) if one.held_until else None,
        "closes": _here(closes) if closes else None,
        "closed": closes is not None and closes <= one.now,
    }


def _turn(turn: Turn, snapshot: Snapshot) -> dict[str, object]:
    stored = snapshot.answers.get(turn.answer_id or "")
    versions: Mapping[str, str] = turn.provenance.get("versions") or {}
    said = versions.get(turn.answer_id or "") if isinstance(versions, Mapping) else None
    return {
        "id": turn.id,
        "words": words_of(turn.kind, turn.text, turn.attachment),
        "asked": turn.text.strip(),
        "at": _here(turn.at),
        "outcome": OUTCOMES.get(turn.outcome or "", "") or "đang chờ trả lời",
        "lost": turn.outcome == Outcome.NOT_KNOWN,
        "why": reason(turn.reason) if turn.outcome == Outcome.IGNORED else "",
        "answer": stored.file.title if stored else turn.answer_id,
        "answer_id": turn.answer_id if stored else None,
        "changed": bool(said and stored and said != stored.version),
        "parts": [_part(part) for part in turn.parts],
    }


def _part(part: Part) -> dict[str, object]:
    words, kind = STATES.get(part.state, (part.state, ""))
    return {
        "text": part.text,
        "options": part.options,
        "staff": part.staff,
        "at": _here(part.at),
        "state": words,
        "kind": kind,
        "reason": reason(part.reason) if part.state != "accepted" else "",
        "attempts": part.attempts,
    }


def _here(moment: datetime) -> datetime:
    return moment.astimezone(VIETNAM)


_ONE = r"/conversations/{id:\d{1,18}}"
PAGE = Page(
    name="conversation",
    title="Một hội thoại",
    about="Toàn bộ tin nhắn, kết quả và tình trạng gửi; tiếp quản, nhắn với người dân, trả lại cho "
    "trợ lý và ghi chú cho đồng nghiệp. Số điện thoại, số căn cước đã được che.",
    routes=(
        web.get(_ONE, show),
        web.get(f"{_ONE}/thread", thread),
        web.get(f"{_ONE}/{{command:take|release|reply|note}}", back),
        web.post(f"{_ONE}/take", take),
        web.post(f"{_ONE}/release", release),
        web.post(f"{_ONE}/reply", reply),
        web.post(f"{_ONE}/note", note),
    ),
    sample="/conversations/1",
)
