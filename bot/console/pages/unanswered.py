"""Unanswered: what citizens asked in vain, near-identical questions together, the urgent first."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aiohttp import web

from bot.clusters import SPAN, Cluster, clusters, find
from bot.console.context import Console, console_of, user_of
from bot.console.lookup import Found, Wish
from bot.console.lookup import find as look_up
from bot.console.page import Page
from bot.console.view import page
from bot.dialogue import Desk
from bot.normalize import fold
from bot.store import changes as rows
from bot.store import unanswered
from bot.store.changes import OPEN, Change, ChangeState
from bot.store.users import Role
from knowledge.snapshot import Snapshot

#: Rows that are read at most: weeks of a busy service.
MOST_ROWS = 5000
PER_PAGE = 25
KINDS = {"not_known": "Chưa trả lời được", "bad": "Bị chê chưa đúng"}
REASONS = {"off": "sai ý", "short": "chưa đủ", "unclear": "khó hiểu"}
CHANNELS = {"zalo": "Zalo", "messenger": "Messenger"}
TRENDS = {"new": "mới", "up": "đang tăng", "down": "đang giảm", "same": "không đổi"}
_WORDS = re.compile(r"\w+|\[[^\]]+\]")
#: Wordings with a placeholder of an identifier make poor phrasings.
_REDACTED = re.compile(r"\[[A-ZĐ][^\]]*\]")
_BAR_HEIGHT = 26


@dataclass(frozen=True, slots=True)
class Shown:
    """A group as the list shows it."""

    cluster: Cluster
    #: Title of the answer that the bot would give by now, "" when none.
    now_answered: str
    #: A change that takes up one of its wordings.
    change: Change | None
    bars: tuple[tuple[int, int, int], ...]


def kind_of(request: web.Request) -> str:
    """Which of the two lists is meant."""
    return "bad" if request.query.get("kind") == "bad" else "not_known"


async def groups(console: Console, kind: str) -> list[Cluster]:
    """The groups of one list."""
    now = console.clock()
    read = unanswered.disliked if kind == "bad" else unanswered.not_known
    found = await console.store.store.read(lambda conn: read(conn, now - SPAN, MOST_ROWS))
    return await asyncio.to_thread(clusters, found, now, compared)


def compared(text: str) -> str:
    """A question as it is compared with others: folded words, no signs."""
    return " ".join(_WORDS.findall(fold(text)))


async def show(request: web.Request) -> web.Response:
    """GET /console/unanswered?kind=bad&page=2: the groups, the most asked of this week first."""
    console = console_of(request)
    kind = kind_of(request)
    all_ = await groups(console, kind)
    number = _page_number(request, len(all_))
    part = all_[(number - 1) * PER_PAGE : number * PER_PAGE]
    drafts = await _drafts(console)
    desk, today = console.desk(), console.today()

    def build() -> list[Shown]:
        return [
            Shown(
                one,
                _answered(desk, look_up(desk, Wish(text=one.text), today)) if kind != "bad" else "",
                taken_up(drafts, one),
                bars(one.weeks),
            )
            for one in part
        ]

    context = {
        "kind": kind,
        "kinds": KINDS,
        "trends": TRENDS,
        "reasons": REASONS,
        "titles": titles(desk.snapshot, (one.answer_id for one in part)),
        "shown": await asyncio.to_thread(build),
        "groups": len(all_),
        "questions": sum(one.count for one in all_),
        "recent": sum(one.recent for one in all_),
        "page": number,
        "pages": _pages(len(all_)),
    }
    return page(request, "unanswered.html", context)


async def one(request: web.Request) -> web.Response:
    """GET /console/unanswered/{key}: every wording, and the one step to a change."""
    console = console_of(request)
    kind = kind_of(request)
    cluster = find(await groups(console, kind), request.match_info["key"])
    if cluster is None:
        raise web.HTTPNotFound
    desk, today = console.desk(), console.today()
    found = await asyncio.to_thread(look_up, desk, Wish(text=cluster.text), today)
    near = [hit for hit in found.hits if hit.answer_id != cluster.answer_id]
    context = {
        "kind": kind,
        "kinds": KINDS,
        "trends": TRENDS,
        "reasons": REASONS,
        "channels": CHANNELS,
        "cluster": cluster,
        "bars": bars(cluster.weeks),
        "wordings": [
            {"text": w.text, "count": w.count, "fit": not _REDACTED.search(w.text)}
            for w in cluster.wordings
        ],
        "now_answered": _answered(desk, found),
        "title": titles(desk.snapshot, [cluster.answer_id]).get(cluster.answer_id, ""),
        "near": near,
        "topics": by_topic(desk.snapshot),
        "change": taken_up(await _drafts(console), cluster),
        "editor": user_of(request).role.covers(Role.EDITOR),
    }
    return page(request, "unanswered_one.html", context)


def titles(snapshot: Snapshot, ids: Iterable[str]) -> dict[str, str]:
    """Titles of answers that still exist, by id; of others the id."""
    return {
        id_: snapshot.answers[id_].file.title if id_ in snapshot.answers else id_
        for id_ in ids
        if id_
    }


def by_topic(snapshot: Snapshot) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every answer under its topic's name: [(name, [(id, title)])]."""
    found: dict[str, list[tuple[str, str]]] = {}
    for id_, stored in snapshot.answers.items():
        topic = snapshot.topics.get(stored.file.topic)
        name = topic.name.partition(" (")[0] if topic else stored.file.topic
        found.setdefault(name, []).append((id_, stored.file.title))
    return [(name, sorted(found[name], key=lambda pair: pair[1])) for name in sorted(found)]


def taken_up(drafts: Sequence[Change], cluster: Cluster) -> Change | None:
    """The newest change that was made for one of the group's wordings."""
    words = {compared(wording.text) for wording in cluster.wordings}
    for change in drafts:
        if any(compared(asked["text"]) in words for asked in change.questions):
            return change
    return None


def bars(weeks: Sequence[int]) -> tuple[tuple[int, int, int], ...]:
    """(count, top, height) of each week's bar; a week with questions is never invisible."""
    most = max(weeks) or 1
    heights = [max(round(n / most * _BAR_HEIGHT), 2 if n else 1) for n in weeks]
    return tuple((n, _BAR_HEIGHT - h, h) for n, h in zip(weeks, heights, strict=True))


async def _drafts(console: Console) -> list[Change]:
    states = (*OPEN, ChangeState.PUBLISHED)
    return await console.store.store.read(lambda conn: rows.latest(conn, states, most=200))


def _answered(desk: Desk, found: Found) -> str:
    """What the bot would answer now, for a question it once did not know."""
    if not found.sure or not found.hits or found.hits[0].staff:
        return ""
    return desk.snapshot.answers[found.hits[0].answer_id].file.title


def _pages(count: int) -> int:
    return max(1, -(-count // PER_PAGE))


def _page_number(request: web.Request, count: int) -> int:
    said = request.query.get("page", "")
    number = int(said) if said.isascii() and said.isdecimal() and len(said) < 6 else 1
    return min(max(number, 1), _pages(count))


PAGE = Page(
    name="unanswered",
    title="Chưa trả lời",
    about="Những câu máy chưa biết hoặc bị chê, gom theo cách hỏi giống nhau, kèm số lần hỏi tuần "
    "này so với trước; một bước là thêm cách hỏi hoặc soạn câu trả lời mới.",
    routes=(web.get("/unanswered", show), web.get("/unanswered/{key:[0-9a-f]{16}}", one)),
    href="/unanswered",
    icon="unanswered",
)
