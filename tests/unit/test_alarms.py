"""The watch over alarms: kept, told once by webhook and by mail, and never stopped by a fault."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.alarm_sending import Mail, Message, NotTold, Server, Webhook, ways
from bot.alarms import Alarms
from bot.config_schema import Alarms as AlarmSettings
from bot.config_schema import Secrets, Settings
from bot.errors import StoreError
from bot.store import SqlStore, alarms, open_store
from tests import small_answers
from tests.unit.store.building import accept, event, rows
from tests.unit.store.test_alarms import not_known

SETTINGS = AlarmSettings(check_seconds=0.01, expires_days=0, silence_minutes=0)
MESSAGE = Message("dead_letters", "dead_letters", "2 tin không gửi được", "Xem lý do.", "2026")


class FakeWay:
    """Takes alarms, or refuses them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.refuses = False
        self.told: list[Message] = []

    async def tell(self, messages: Sequence[Message], link: str) -> None:
        if self.refuses:
            raise NotTold("http 500")
        self.told += messages


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path}/bot.db")
    await opened.open()
    await opened.raise_alarm("zalo", "22", "token_key")
    yield opened
    await opened.close()


def watch(store: SqlStore, *told_by: FakeWay, **more: Any) -> Alarms:
    settings = more.pop("settings", SETTINGS)
    return Alarms(store, small_answers.world, settings, ways=told_by, **more)


# -- the watch --------------------------------------------------------------------------------
async def test_an_alarm_is_kept_and_told_once_by_every_way(store: SqlStore) -> None:
    one, two = FakeWay("webhook"), FakeWay("email")
    alarm = watch(store, one, two)
    await alarm.turn()
    await alarm.turn()
    assert [message.title for message in one.told] == ["Không giải mã được mã truy cập của Zalo"]
    assert one.told == two.told
    assert await store.read(alarms.unseen) == 1


async def test_a_way_that_refuses_is_asked_again_and_nobody_hears_twice(store: SqlStore) -> None:
    one, two = FakeWay("webhook"), FakeWay("email")
    one.refuses = True
    alarm = watch(store, one, two)
    await alarm.turn()
    one.refuses = False
    await alarm.turn()
    assert (one.told, len(two.told)) == ([], 1)
    await store.write(lambda conn: conn.exec_driver_sql("UPDATE alarm_notices SET send_after = 0"))
    await alarm.turn()
    assert (len(one.told), len(two.told)) == (1, 1)


async def test_two_processes_tell_an_alarm_once_between_them(store: SqlStore) -> None:
    one, two = FakeWay("webhook"), FakeWay("webhook")
    await asyncio.gather(watch(store, one).turn(), watch(store, two).turn())
    assert len(one.told + two.told) == 1


async def test_the_watch_outlives_a_store_that_is_away_and_a_fault(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[Exception | None] = [StoreError(), ZeroDivisionError(), None]
    done = asyncio.Event()

    async def turn(_self: Alarms) -> None:
        if not turns:
            done.set()
        elif error := turns.pop(0):
            raise error

    monkeypatch.setattr(Alarms, "turn", turn)
    task = asyncio.create_task(watch(store).run())
    await asyncio.wait_for(done.wait(), 5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_no_words_of_a_citizen_leave(store: SqlStore) -> None:
    for n in range(3):
        await accept(store, event(f"u{n}", "nghe nói bỏ thẻ giấy rồi à"))
        await not_known(store)
    way = FakeWay("webhook")
    await watch(store, way, settings=SETTINGS.model_copy(update={"spike_questions": 3})).turn()
    rumour = next(message for message in way.told if message.kind == "rumour")
    assert rumour.title == "3 người cùng hỏi một điều chưa có câu trả lời"
    assert "giấy" not in str(way.told)
    assert "giấy" not in str(rows(store, "SELECT * FROM alarm_notices"))


# -- webhook ------------------------------------------------------------------------------------
@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_a_webhook_gets_a_text_and_a_list(http: aiohttp.ClientSession) -> None:
    bodies: list[Any] = []
    status = 204

    async def take(request: web.Request) -> web.Response:
        bodies.append(await request.json())
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    hook = Webhook(lambda: http, f"http://127.0.0.1:{port}/hook")
    await hook.tell([MESSAGE], "https://example.vn/console/alarms")
    assert "2 tin không gửi được\nXem lý do." in bodies[0]["text"]
    assert bodies[0]["text"].endswith("https://example.vn/console/alarms")
    assert bodies[0]["alarms"][0]["key"] == "dead_letters"
    status = 500
    with pytest.raises(NotTold, match="http 500"):
        await hook.tell([MESSAGE], "")
    await runner.cleanup()
    with pytest.raises(NotTold, match="no connection") as refused:
        await hook.tell([MESSAGE], "")
    assert "/hook" not in str(refused.value)


# -- e-mail -------------------------------------------------------------------------------------
class FakeMailServer:
    """Speaks just enough SMTP to take one mail."""

    def __init__(self, refuse: bool = False) -> None:
        self.refuse = refuse
        self.data = b""
        self.commands: list[str] = []

    async def start(self) -> int:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self.server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        self.server.close()
        await self.server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")
        while line := await reader.readline():
            command = line.decode().split()[0].upper()
            self.commands.append(command)
            if command == "DATA":
                writer.write(b"354 go on\r\n")
                self.data = await reader.readuntil(b"\r\n.\r\n")
            if command == "QUIT":
                writer.write(b"221 bye\r\n")
                break
            refused = self.refuse and command == "RCPT"
            writer.write(
                b"550 no\r\n"
                if refused
                else b"250-ok\r\n250 8BITMIME\r\n"
                if command == "EHLO"
                else b"250 ok\r\n"
            )
        writer.close()


async def test_a_mail_reads_well_and_goes_to_everybody() -> None:
    server = FakeMailServer()
    port = await server.start()
    mail = Mail(
        Server("127.0.0.1", port, "none"), "bot@example.vn", ["a@example.vn", "b@example.vn"]
    )
    await mail.tell([MESSAGE, MESSAGE], "https://example.vn/console/alarms")
    await server.stop()
    seen = message_from_bytes(server.data, policy=policy.default)
    assert seen["Subject"] == "[Hỏi đáp BHYT] 2 tin không gửi được (và 1 cảnh báo khác)"
    assert (seen["From"], seen["To"]) == ("bot@example.vn", "a@example.vn, b@example.vn")
    assert "Xem lý do." in seen.get_content()
    assert server.commands.count("RCPT") == 2


async def test_a_mail_that_is_refused_says_so() -> None:
    server = FakeMailServer(refuse=True)
    port = await server.start()
    mail = Mail(Server("127.0.0.1", port, "none"), "bot@example.vn", ["a@example.vn"])
    with pytest.raises(NotTold, match="mail not taken"):
        await mail.tell([MESSAGE], "")
    # A password never travels readable: without STARTTLS on the other side nothing is sent.
    safe = Mail(
        Server("127.0.0.1", port, "starttls", "bot", "secret"), "bot@example.vn", ["a@example.vn"]
    )
    with pytest.raises(NotTold):
        await safe.tell([MESSAGE], "")
    await server.stop()
    assert "AUTH" not in server.commands
    with pytest.raises(NotTold):
        await mail.tell([MESSAGE], "")


def test_ways_are_those_that_are_set_up() -> None:
    def client() -> aiohttp.ClientSession:
        raise AssertionError("nothing is sent yet")

    assert ways(Settings(), client) == ()
    told_by = ways(
        Settings(
            alarms=AlarmSettings(email_to="a@example.vn, b@example.vn", smtp_host="mail"),
            secrets=Secrets({"ALARM_WEBHOOK_URL": "https://example.vn/x"}),
        ),
        client,
    )
    assert [way.name for way in told_by] == ["webhook", "email"]
