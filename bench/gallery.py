"""Writes docs/conversations.md: talks with the real service, as a citizen reads them.

    python -m bench.gallery            # runs the talks and rewrites the page
    python -m bench.gallery --print    # shows it only

Webhook in, message at a stand-in platform out, nothing edited by hand. The day is pinned, so
that the page changes only with the knowledge base or with what the bot says.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import time_machine

from bench.gallery_talks import TALKS, Talk
from bot.store.api import ConversationKey
from bot.store.sql_store import SqlStore, open_store
from tests.channels import vectors
from tests.fake_platform import Request
from tests.scenarios.running import Running, run
from tests.scenarios.test_conversations import messenger, zalo

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "conversations.md"
#: A Monday morning in Việt Nam: our own staff are there.
DAY = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
HEAD = """\
# Hai mươi lăm cuộc trò chuyện

For everyone who wants to hear how the desk talks before reading how it works. Every line below
came out of the running service (`python -m bench.gallery`): the webhook of the channel went in, and
what stands here is what left for the platform on Monday, 23/11/2026. Buttons are in brackets; each
of them can be typed as well, by its number or its words.
"""


def main() -> None:
    """Run the talks and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--print", action="store_true", dest="shows")
    options = parser.parse_args()
    with time_machine.travel(DAY, tick=True):
        page = asyncio.run(gallery(TALKS))
    if options.shows:
        print(page)
    else:
        PAGE.write_text(page, encoding="utf-8")


async def gallery(talks: tuple[Talk, ...]) -> str:
    """The page: every talk with a citizen of its own, one after another."""
    sections = [HEAD]
    with tempfile.TemporaryDirectory() as folder:
        async with run(Path(folder)) as running:
            store = open_store(f"sqlite:///{folder}/bot.db", serves=False)
            await store.open()
            try:
                for number, talk in enumerate(talks, start=1):
                    sections.append(await Speaker(running, store, talk, number).lead())
            finally:
                await store.close()
    return "\n".join(sections)


class Speaker:
    """Leads one talk as its citizen."""

    def __init__(self, running: Running, store: SqlStore, talk: Talk, number: int) -> None:
        self._running = running
        self._store = store
        self._talk = talk
        self._number = number
        first = 73 if talk.channel == "zalo" else 74
        self._user = f"{first}{number:014d}"
        self._serial = 0
        self._buttons: dict[str, str] = {}

    async def lead(self) -> str:
        """The talk as Markdown."""
        where = "Zalo" if self._talk.channel == "zalo" else "Messenger"
        lines = [f"## {self._number}. {self._talk.title} ({where})", ""]
        for turn in self._talk.turns:
            lines += await self._turn(turn)
        return "\n".join(lines)

    async def _turn(self, turn: str) -> list[str]:
        before = len(self._running.platform.accepted)
        mark, _, rest = turn.partition(":")
        if mark == "staff":
            said = await self._staff(rest)
        elif mark == "hello":
            said = "*(bấm “Bắt đầu”, hoặc quan tâm trang)*"
            await self._post({"hello": ""})
        elif mark == "send":
            kinds = {"audio": "tin thoại", "image": "hình ảnh", "sticker": "nhãn dán"}
            said = f"*(gửi {kinds[rest]})*"
            await self._post({"attachment": rest})
        elif mark == "tap":
            said = f"*(bấm)* {rest}"
            await self._post({"text": rest, "payload": self._buttons[rest]})
        else:
            said = turn
            await self._post({"text": turn})
        calls = (await self._running.settled())[before:]
        lines = [f"**Người hỏi:** {said}", ""] if mark != "staff" else [f"*{said}*", ""]
        for call in calls:
            lines += [f"> {line}" if line else ">" for line in _body(call).split("\n")] + [""]
        if not calls and mark != "staff":
            lines += ["*(trợ lý im lặng, nhân viên đang trả lời)*", ""]
        if calls:
            self._buttons = dict(_buttons(calls[-1]))
        return lines

    async def _staff(self, what: str) -> str:
        account = vectors.OA_ID if self._talk.channel == "zalo" else vectors.PAGE_ID
        key = ConversationKey(self._talk.channel, account, self._user)
        if what == "take":
            await self._store.take_over(key, "lan", 30)
            return "(nhân viên nhận cuộc trò chuyện)"
        if what == "release":
            await self._store.release_conversation(key)
            return "(nhân viên trả cuộc trò chuyện lại cho trợ lý)"
        await self._store.staff_reply(key, what, "lan")
        return "(nhân viên viết)"

    async def _post(self, what: dict[str, str]) -> None:
        self._serial += 1
        message_id = f"g{self._number}.{self._serial}"
        send = self._zalo if self._talk.channel == "zalo" else self._messenger
        await send(message_id, what)

    async def _zalo(self, message_id: str, what: dict[str, str]) -> None:
        payload = what.get("payload", "")
        text = f"#{payload}" if payload else what.get("text", "")
        body = json.loads(zalo(text, message_id, user=self._user))
        if "hello" in what:
            body = {
                "oa_id": vectors.OA_ID,
                "follower": {"id": self._user},
                "event_name": "follow",
                "source": "oa_profile",
                "app_id": vectors.APP_ID,
                "timestamp": body["timestamp"],
            }
        if kind := what.get("attachment"):
            body["event_name"] = f"user_send_{kind}"
            body["message"] = {"msg_id": message_id, "attachments": [{"type": kind, "payload": {}}]}
        _taken(await self._running.zalo(json.dumps(body).encode()))

    async def _messenger(self, message_id: str, what: dict[str, str]) -> None:
        message: dict[str, object] = {"text": what.get("text", "")}
        if payload := what.get("payload"):
            message["quick_reply"] = {"payload": payload}
        if kind := what.get("attachment"):
            message = {"attachments": [{"type": kind, "payload": {"url": "https://cdn/x"}}]}
        raw = messenger(message_id, user=self._user, **message)
        _taken(await self._running.messenger(raw))


def _taken(status: int) -> None:
    if status != 200:
        raise RuntimeError(f"the webhook answered {status}")


def _buttons(call: Request) -> list[tuple[str, str]]:
    message = call.body["message"]
    if "attachment" in message:
        shown = message["attachment"]["payload"]["buttons"]
        return [(one["title"], one["payload"].removeprefix("#")) for one in shown]
    return [(one["title"], one["payload"]) for one in message.get("quick_replies", [])]


def _body(call: Request) -> str:
    """The text with hard line breaks, and the buttons under it."""
    text = call.text.replace("\n\n", "\0").replace("\n", "\\\n").replace("\0", "\n\n")
    titles = " ".join(f"`[{title}]`" for title, _ in _buttons(call))
    return f"{text}\n\n{titles}" if titles else text


if __name__ == "__main__":
    main()
