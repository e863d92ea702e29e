"""Platforms, disks, clocks and databases that fail: nothing is lost, nothing comes twice."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.store import SqlStore, open_store
from tests.channels import vectors
from tests.crash.postgres import Server, postgres
from tests.crash.processes import until
from tests.crash.small import QUESTIONS, small_knowledge
from tests.fake_platform import (
    DROP,
    HANG,
    HTML,
    HTML_500,
    MESSENGER_SEND,
    ZALO_SEND,
    ZALO_TOKEN,
    Response,
    json_response,
)
from tests.scenarios.running import Running, run

_serial = itertools.count(1)


@pytest.fixture
def stores(monkeypatch: pytest.MonkeyPatch) -> list[SqlStore]:
    """The stores that services open, for tests that reach past them."""
    opened: list[SqlStore] = []

    def remember(*args: Any, **kwargs: Any) -> SqlStore:
        opened.append(open_store(*args, **kwargs))
        return opened[-1]

    monkeypatch.setattr("bot.app.open_store", remember)
    return opened


@pytest.fixture
def server() -> Iterator[Server]:
    """A PostgreSQL of this test's own, to be stopped and started."""
    try:
        with postgres() as own:
            yield own
    except ImportError:
        if os.environ.get("CI") == "true":
            pytest.fail("pgserver is missing")
        pytest.skip("pgserver is missing")


def small(folder: Path) -> dict[str, str]:
    """Settings of a service that starts in tenths of a second and gives up on sends early."""
    return {
        "BOT__KNOWLEDGE__DIR": str(small_knowledge(folder / "knowledge")),
        "BOT__KNOWLEDGE__RELOAD_SECONDS": "0",
        "BOT__CHANNELS__ZALO__TIMEOUT_SECONDS": "0.5",
        "BOT__CHANNELS__MESSENGER__TIMEOUT_SECONDS": "0.5",
        "BOT__LOG__LEVEL": "error",
    }


def zalo_body(user: str, text: str) -> tuple[bytes, str]:
    """A Zalo message of that citizen, and its timestamp."""
    stamp = str(time.time_ns() // 1_000_000)
    event = {
        "app_id": vectors.APP_ID,
        "sender": {"id": user},
        "recipient": {"id": vectors.OA_ID},
        "event_name": "user_send_text",
        "message": {"text": text, "msg_id": f"m{next(_serial)}"},
        "timestamp": stamp,
    }
    return json.dumps(event, ensure_ascii=False).encode(), stamp


def messenger_body(user: str, text: str) -> bytes:
    """A Messenger message of that citizen."""
    said = {
        "sender": {"id": user},
        "recipient": {"id": vectors.PAGE_ID},
        "timestamp": time.time_ns() // 1_000_000,
        "message": {"mid": f"m{next(_serial)}", "text": text},
    }
    entry = {"id": vectors.PAGE_ID, "time": said["timestamp"], "messaging": [said]}
    return json.dumps({"object": "page", "entry": [entry]}).encode()


async def say(running: Running, user: str, text: str = QUESTIONS[0]) -> int:
    """One message from Messenger; the webhook's status."""
    return await running.messenger(messenger_body(user, text))


async def states(store: SqlStore) -> dict[str, int]:
    """Parts by delivery state; fails when the ledger does not balance."""
    ledger = await store.ledger((datetime.now(UTC) + timedelta(hours=7)).date())
    assert ledger["balanced"], ledger
    return {state: n for state, n in ledger["deliveries"].items() if n}


# -- platforms ------------------------------------------------------------------------------
async def test_a_platform_that_is_overloaded_for_a_while_gets_everything_later(
    tmp_path: Path, stores: list[SqlStore]
) -> None:
    async with run(tmp_path, **small(tmp_path)) as running:
        running.platform.script(MESSENGER_SEND, *[Response(503, b"busy")] * 4)
        for user in ("7390000000000001", "7390000000000002"):
            assert await say(running, user) == 200
        received = await running.settled()
        assert sorted(call.user for call in received) == ["7390000000000001", "7390000000000002"]
        assert len(running.platform.sent(MESSENGER_SEND)) == 6
        assert await states(stores[0]) == {"accepted": 2}


@pytest.mark.parametrize(
    "fault", [HTML_500, HTML, DROP, HANG], ids=["500", "html", "reset", "hangs"]
)
async def test_what_may_have_arrived_is_unknown_and_never_sent_again(
    tmp_path: Path, stores: list[SqlStore], fault: Response
) -> None:
    user = "7390000000000003"
    async with run(tmp_path, **small(tmp_path)) as running:
        running.platform.script(MESSENGER_SEND, fault)
        assert await say(running, user, QUESTIONS[0]) == 200
        assert await running.settled() == []
        # The next reply of the same conversation leaves all the same, and once.
        assert await say(running, user, QUESTIONS[1]) == 200
        (call,) = await running.settled()
        assert call.user == user
        assert len(running.platform.sent(MESSENGER_SEND)) == 2
        assert await states(stores[0]) == {"accepted": 1, "unknown": 1}


async def test_twenty_sends_with_an_expired_token_share_one_refresh(
    tmp_path: Path, stores: list[SqlStore]
) -> None:
    async with run(tmp_path, **small(tmp_path)) as running:
        running.platform.zalo_tokens = {"another"}  # ours has just ended
        bodies = [zalo_body(f"73900000000001{n:02d}", QUESTIONS[0]) for n in range(20)]
        assert await asyncio.gather(*(running.zalo(*body) for body in bodies)) == [200] * 20
        received = await running.settled()
        assert len({call.user for call in received}) == len(received) == 20
        assert len(running.platform.sent(ZALO_TOKEN)) == 1
        assert await states(stores[0]) == {"accepted": 20}


async def test_a_refused_account_waits_and_then_delivers_in_order(tmp_path: Path) -> None:
    settings = {**small(tmp_path), "BOT__DELIVERY__ACCOUNT_PROBE_SECONDS": "0.3"}
    async with run(tmp_path, **settings) as running:
        refusal = json_response({"error": -209, "message": "not approved"})
        running.platform.script(ZALO_SEND, refusal, refusal)
        for text in QUESTIONS:
            assert await running.zalo(*zalo_body("7390000000000200", text)) == 200
        received = await running.settled()
        assert len(received) == len(QUESTIONS)
        first, second, *_ = running.platform.texts()
        assert "làm lại thẻ" in first
        assert "làm lại thẻ" not in second


# -- disk -----------------------------------------------------------------------------------
async def test_a_full_disk_is_503_and_passes(tmp_path: Path, stores: list[SqlStore]) -> None:
    def limit(conn: Connection, pages: int = 0) -> None:
        pages = pages or conn.exec_driver_sql("PRAGMA page_count").scalar_one()
        conn.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    long = QUESTIONS[0] + " " + "ạ " * 8000
    async with run(tmp_path, **small(tmp_path)) as running:
        assert await say(running, "7390000000000300") == 200
        await running.settled()
        await stores[0].write(limit)
        # A page or two may still be free; then no message is acknowledged that is not stored.
        statuses = [await say(running, f"73900000000004{n:02d}", long) for n in range(6)]
        assert statuses[-1] == 503
        async with running.http.get(f"{running.service.address}/healthz") as answer:
            assert answer.status == 200
        await stores[0].write(lambda conn: limit(conn, 1_000_000))
        assert await say(running, "7390000000000500") == 200
        received = {call.user for call in await running.settled()}
        assert len(received) == 2 + statuses.count(200)
        assert (await states(stores[0]))["accepted"] >= len(received)


# -- store ----------------------------------------------------------------------------------
async def test_the_database_goes_away_and_comes_back(
    tmp_path: Path, server: Server, stores: list[SqlStore]
) -> None:
    settings = {**small(tmp_path), "DATABASE_URL": server.url}
    async with run(tmp_path, **settings) as running:
        assert await say(running, "7390000000000600") == 200
        await running.settled()
        await asyncio.to_thread(server.stop)
        assert await say(running, "7390000000000601") == 503
        async with running.http.get(f"{running.service.address}/readyz") as answer:
            assert answer.status == 503
        await asyncio.to_thread(server.start)
        body = messenger_body("7390000000000601", QUESTIONS[0])  # the platform tries again

        async def taken() -> bool:
            return await running.messenger(body) == 200

        await until(taken, 30)
        received = await running.settled()
        assert [call.user for call in received] == ["7390000000000600", "7390000000000601"]
        assert await states(stores[0]) == {"accepted": 2}


async def test_more_than_the_store_can_take_is_503_not_memory(
    tmp_path: Path, stores: list[SqlStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.sql_store.MOST_WAITING", 20)
    async with run(tmp_path, **small(tmp_path)) as running:
        busy, release = threading.Event(), threading.Event()

        def hold(_conn: Connection) -> None:
            busy.set()
            release.wait(60)

        held = asyncio.create_task(stores[0].write(hold))
        try:
            assert await asyncio.to_thread(busy.wait, 30)
            calls = [
                asyncio.create_task(say(running, f"73900000000007{n:02d}", "cảm ơn"))
                for n in range(60)
            ]

            async def refused() -> bool:
                return sum(call.done() for call in calls) >= 40

            await until(refused, 30)  # sixty arrive, at most twenty may wait
            done = [call for call in calls if call.done()]
            assert {call.result() for call in done} == {503}
        finally:
            release.set()
        await held
        statuses = await asyncio.gather(*calls)
        taken = statuses.count(200)
        assert 0 < taken <= 20
        assert statuses.count(503) == 60 - taken
        assert len(await running.settled()) == taken


# -- clock ----------------------------------------------------------------------------------
@pytest.mark.parametrize("hours", [2, -2])
async def test_a_clock_that_jumps_changes_no_reply(
    tmp_path: Path, stores: list[SqlStore], monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    user = "7390000000000800"
    async with run(tmp_path, **small(tmp_path)) as running:
        slow = Response(
            body=b'{"recipient_id": "1", "message_id": "MESSAGE_ID"}', delay=0.4, accept=True
        )
        running.platform.script(MESSENGER_SEND, slow)
        assert await say(running, user, QUESTIONS[0]) == 200
        await asyncio.sleep(0.2)  # the send is under way
        clock = time.time_ns
        monkeypatch.setattr("bot.store.engine.time.time_ns", lambda: clock() + hours * 3600 * 10**9)
        assert await say(running, user, QUESTIONS[1]) == 200
        received = await running.settled()
        assert len(received) == 2
        assert [call.user for call in received] == [user, user]
        assert received[0].text != received[1].text
