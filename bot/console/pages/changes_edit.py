"""Writing a change: more phrasings for an answer, an answer's own text, or a new answer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from aiohttp import web
from multidict import MultiMapping

from bot import change_trial, changes
from bot.change_text import NewAnswer, add_phrasings, new_answer, slug
from bot.changes import Ground
from bot.clusters import find
from bot.console.context import PREFIX, Console, console_of, user_of
from bot.console.guard import needs
from bot.console.pages.changes_words import FASTER, of_number, to
from bot.console.pages.unanswered import by_topic, groups, kind_of, titles
from bot.console.view import page
from bot.errors import KnowledgeError
from bot.privacy import redact
from bot.store import changes as rows
from bot.store.changes import Change, ChangeState, NewChange
from bot.store.users import Role
from knowledge.schema import ID_PATTERN, parse_day

#: Longer files and fields are refused before anything reads them.
MOST_CHARACTERS = 60_000
_MOST_LINES = 60
#: A new answer is looked at again after half a year, as the others are.
_REVIEW_AFTER = timedelta(days=181)
KINDS = {"howto": "Hướng dẫn các bước", "rule": "Quy định có thời hạn"}
VISIBILITY = {"citizen": "Người dân và cán bộ", "staff": "Chỉ cán bộ"}


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a new answer as they were typed, with what is wrong with them."""

    values: Mapping[str, str]
    wrong: Mapping[str, str] = field(default_factory=dict)


@needs(Role.EDITOR)
async def begin(request: web.Request) -> web.StreamResponse:
    """POST /console/changes: `answer` and the chosen wordings `say`, or `answer` alone to edit."""
    console, form = console_of(request), await request.post()
    now = await _ground(console)
    answer_id = _said(form, "other") or _said(form, "answer")
    path = path_of(now, answer_id)
    if path is None:
        raise web.HTTPNotFound
    text = now.text(path) or ""
    says = _lines("\n".join(str(one) for one in form.getall("say", ())))
    changed = text
    if says:
        try:
            changed = await asyncio.to_thread(add_phrasings, text, says)
        except KnowledgeError:
            # The file is written in a way that only a person should touch: the page says so.
            changed = text
    title = titles(console.desk().snapshot, [answer_id])[answer_id]
    head = "Thêm cách hỏi" if says else "Sửa"
    new = NewChange(
        title=f"{head}: {title}",
        base=now.hash,
        files={path: changed},
        questions=[{"text": one, "answer": answer_id} for one in says],
    )
    number = await _add(request, new)
    if changed == text:
        raise web.HTTPSeeOther(f"{PREFIX}/changes/{number}/edit")
    raise to(number, "made")


@needs(Role.EDITOR)
async def blank(request: web.Request) -> web.Response:
    """GET /console/changes/new?from=KEY&kind=…: the form, with a group's wordings in it."""
    console = console_of(request)
    values: dict[str, str] = {"kind": "howto", "visibility": "citizen"}
    values["effective_from"] = console.today().isoformat()
    key = request.query.get("from", "")
    if key:
        cluster = find(await groups(console, kind_of(request)), key)
        if cluster:
            values["phrasings"] = "\n".join(wording.text for wording in cluster.wordings)
    return _form(request, Form(values))


@needs(Role.EDITOR)
async def make(request: web.Request) -> web.StreamResponse:
    """POST /console/changes/new: a change with the new answer's file."""
    console = console_of(request)
    form = await request.post()
    values = {name: str(value).strip() for name, value in form.items()}
    now = await _ground(console)
    wrong = _wrong(console, now, values)
    if wrong:
        return _form(request, Form(values, wrong), HTTPStatus.UNPROCESSABLE_ENTITY)
    today = console.today()
    answer_id = values.get("id") or slug(values["title"])
    phrasings = _lines(values["phrasings"])
    given = NewAnswer(
        id=answer_id,
        topic=values["topic"],
        audience=values.get("audience", ""),
        kind=values["kind"],
        visibility=values["visibility"],
        title=values["title"],
        phrasings=phrasings,
        effective_from=values["effective_from"],
        directive=values.get("directive", ""),
        locator=values.get("locator", ""),
        text=values["text"].replace("\r\n", "\n"),
        checked_on=today.isoformat(),
        review_by=(today + _REVIEW_AFTER).isoformat(),
    )
    new = NewChange(
        title=f"Câu trả lời mới: {given.title}",
        base=now.hash,
        files={f"answers/{given.topic}/{answer_id}.yaml": new_answer(given)},
        questions=[{"text": one, "answer": answer_id} for one in phrasings],
    )
    raise to(await _add(request, new), "made")


@needs(Role.EDITOR)
async def edit(request: web.Request) -> web.Response:
    """GET /console/changes/{number}/edit: the files as text, for their author."""
    change = await of_number(request)
    _own(request, change)
    return await _editor(request, change)


@needs(Role.EDITOR)
async def save(request: web.Request) -> web.StreamResponse:
    """POST /console/changes/{number}/edit: the texts, unless somebody saved in between."""
    console, user = console_of(request), user_of(request)
    change = await of_number(request)
    _own(request, change)
    form = await request.post()
    texts = {
        path: str(form.get(f"file:{path}", text)).replace("\r\n", "\n")
        for path, text in change.files.items()
    }
    texts = {path: text if text.endswith("\n") else f"{text}\n" for path, text in texts.items()}
    answer_id = main_answer(change)
    asked = [
        {"text": one, "answer": answer_id} for one in _lines(_said(form, "questions", keep=True))
    ]
    if any(len(text) > MOST_CHARACTERS for text in texts.values()):
        raise web.HTTPBadRequest(text="Nội dung quá dài.")
    if _said(form, "seen") != str(change.seen):
        # What was typed stays on the page; what is stored now is shown above it.
        return await _editor(request, change, texts, FASTER, HTTPStatus.CONFLICT)
    values = {"files": texts, "questions": asked, "trial": None, "problems": []}
    sql = console.store.store
    saved = await sql.write(
        lambda conn: rows.move(
            conn, sql.database, change, user, "change.edit", values, state=ChangeState.DRAFT
        )
    )
    if not saved:
        newest = await of_number(request)
        return await _editor(request, newest, texts, FASTER, HTTPStatus.CONFLICT)
    console.trials.start(sql, change.id, console.desk().settings, console.today())
    raise to(change.id, "saved")


def path_of(now: Ground, answer_id: str) -> str | None:
    """The file of an answer, None when there is none."""
    if not re.fullmatch(ID_PATTERN, answer_id):
        return None
    end = f"/{answer_id}.yaml"
    return next((p for p in now.files if p.startswith("answers/") and p.endswith(end)), None)


def main_answer(change: Change) -> str:
    """The answer a change is about: where its questions should lead."""
    return min(change.files).rpartition("/")[2].removesuffix(".yaml")


async def _add(request: web.Request, new: NewChange) -> int:
    console, user = console_of(request), user_of(request)
    sql = console.store.store
    number = await sql.write(lambda conn: rows.add(conn, sql.database, user, new))
    console.trials.start(sql, number, console.desk().settings, console.today())
    return number


async def _ground(console: Console) -> Ground:
    now = await changes.ground(console.store.store)
    if now is None:
        raise web.HTTPSeeOther(f"{PREFIX}/changes")  # which says what is missing
    return now


def _own(request: web.Request, change: Change) -> None:
    """Only its author writes a change: who approves it must not have written a line of it."""
    mine = change.author_id == user_of(request).id
    if not mine or change.state not in (ChangeState.DRAFT, ChangeState.REJECTED):
        raise web.HTTPSeeOther(f"{PREFIX}/changes/{change.id}")


async def _editor(
    request: web.Request,
    change: Change,
    texts: Mapping[str, str] | None = None,
    bad: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> web.Response:
    context: dict[str, Any] = {
        "change": change,
        "texts": texts or change.files,
        "stored": change.files if texts and texts != change.files else {},
        "questions": "\n".join(one["text"] for one in change.questions),
        "bad": bad,
    }
    return page(request, "change_edit.html", context, status=status)


def _wrong(console: Console, now: Ground, values: Mapping[str, str]) -> dict[str, str]:
    """Field -> what to do about it, in the order of the form."""
    snapshot = console.desk().snapshot
    wrong: dict[str, str] = {}
    title = values.get("title", "")
    if not title or len(title) > 60:
        wrong["title"] = "Cần tiêu đề, nhiều nhất 60 chữ cái."
    elif any(sign.isnumeric() for sign in title):
        wrong["title"] = "Tiêu đề không chứa con số: con số sẽ đổi, tiêu đề thì không."
    answer_id = values.get("id") or slug(title)
    if title and not re.fullmatch(ID_PATTERN, answer_id):
        wrong["id"] = "Mã chỉ gồm chữ thường không dấu, chữ số và dấu gạch ngang."
    elif title and path_of(now, answer_id):
        wrong["id"] = f"Mã “{answer_id}” đã có câu trả lời khác; anh/chị chọn mã khác."
    if values.get("topic") not in snapshot.topics:
        wrong["topic"] = "Chọn một chủ đề."
    if values.get("kind") not in KINDS:
        wrong["kind"] = "Chọn một loại."
    if values.get("visibility") not in VISIBILITY:
        wrong["visibility"] = "Chọn ai được xem."
    if values.get("audience") and values["audience"] not in snapshot.audiences:
        wrong["audience"] = "Chọn một nhóm trong danh sách."
    if not _lines(values.get("phrasings", "")):
        wrong["phrasings"] = "Cần ít nhất một cách hỏi."
    if not values.get("text") or len(values["text"]) > MOST_CHARACTERS:
        wrong["text"] = "Cần nội dung trả lời."
    directive = values.get("directive", "")
    if directive and directive not in snapshot.directives:
        wrong["directive"] = "Chọn một văn bản trong danh sách."
    elif not directive and values.get("kind") == "rule":
        wrong["directive"] = "Quy định thì phải có căn cứ."
    try:
        parse_day(values.get("effective_from", ""))
    except ValueError:
        wrong["effective_from"] = "Chọn một ngày."
    return wrong


def _form(request: web.Request, form: Form, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    snapshot = console_of(request).desk().snapshot
    context = {
        "form": form,
        "topics": sorted(
            ((id_, topic.name.partition(" (")[0]) for id_, topic in snapshot.topics.items()),
            key=lambda pair: pair[1],
        ),
        "audiences": [(id_, one.name) for id_, one in snapshot.audiences.items()],
        "directives": sorted(
            ((id_, one.short_name) for id_, one in snapshot.directives.items()),
            key=lambda pair: pair[1],
        ),
        "kinds": KINDS,
        "visibilities": VISIBILITY,
        "answers": by_topic(snapshot),
    }
    return page(request, "change_new.html", context, status=status)


def _said(form: MultiMapping[Any], name: str, *, keep: bool = False) -> str:
    value = str(form.get(name, ""))
    return value if keep else value.strip()


def _lines(text: str) -> Sequence[str]:
    """The lines of a field that hold words, identifiers replaced, at most as many as are tried."""
    found = (" ".join(line.split()) for line in text[:MOST_CHARACTERS].splitlines())
    most = max(_MOST_LINES, change_trial.MOST_QUESTIONS)
    return tuple(dict.fromkeys(redact(line).text for line in found if line))[:most]
