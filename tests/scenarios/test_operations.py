"""An operator and a running service: switches, erasure, one id through the logs, a restart."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import time
from datetime import timedelta
from inspect import signature
from pathlib import Path
from typing import Any

import pytest

from bot import texts
from bot.config import load_settings
from bot.tokens import ZaloTokens
from bot.vault import MARK
from tests.channels import vectors
from tests.fake_platform import ZALO_TOKEN, json_response
from tests.scenarios.running import Running, run
from tests.scenarios.test_conversations import (
    LOST,
    command,
    get,
    messenger,
    rows,
    say,
    until,
    whole_store,
    zalo,
)
from tests.small_folder import small_folder

both = pytest.mark.parametrize("channel", ["zalo", "messenger"])


@pytest.fixture
def knowledge(tmp_path: Path) -> str:
    """The folder of a small knowledge base."""
    return small_folder(tmp_path)


async def post(running: Running, channel: str, message_id: str, words: str = LOST) -> int:
    """One message; the status of the webhook's answer."""
    if channel == "zalo":
        return await running.zalo(zalo(words, message_id))
    return await running.messenger(messenger(message_id, text=words))


async def status_becomes(running: Running, channel: str, status: int) -> None:
    """Send new messages until the webhook answers so; fails after ten seconds."""
    async with asyncio.timeout(10):
        number = 0
        while await post(running, channel, f"probe-{status}-{number}", "xin chào") != status:
            number += 1
            await asyncio.sleep(0.1)


async def metrics_show(running: Running, words: str) -> None:
    """Wait until /metrics holds the words."""
    async with asyncio.timeout(10):
        while words not in (await get(running, "/metrics"))[1]:  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.05)


# -- switches -------------------------------------------------------------------------------
@both
async def test_a_channel_that_is_switched_off_answers_503_and_nothing_else_changes(
    tmp_path: Path, knowledge: str, channel: str
) -> None:
    other = "messenger" if channel == "zalo" else "zalo"
    async with run(tmp_path, BOT__KNOWLEDGE__DIR=knowledge) as running:
        await command(tmp_path, "switch", "off", channel)
        await status_becomes(running, channel, 503)
        assert await post(running, other, "m1") == 200
        # Not `settled`: what the channel that is off still had to send waits.
        await until(lambda: "làm lại thẻ miễn phí" in " ".join(running.platform.texts()))
        assert await get(running, "/readyz") == (200, '{"degraded": []}')
        page = (await get(running, "/metrics"))[1]
        assert f'hoidap_switched_off{{target="{channel}"}} 1.0' in page
        assert f'hoidap_webhook_calls_total{{channel="{channel}",result="off"}}' in page
        await command(tmp_path, "switch", "on", channel)
        await status_becomes(running, channel, 200)
        await running.settled()
        assert "hoidap_switched_off{" not in (await get(running, "/metrics"))[1]


async def test_a_start_knows_what_is_off_before_its_first_event(
    tmp_path: Path, knowledge: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZALO_OA_ID", vectors.OA_ID)
    async with run(tmp_path, BOT__KNOWLEDGE__DIR=knowledge):
        await command(tmp_path, "switch", "off", f"zalo:{vectors.OA_ID}")
    async with run(tmp_path, BOT__KNOWLEDGE__DIR=knowledge) as running:
        assert await post(running, "zalo", "m1") == 503
        assert await post(running, "messenger", "m1") == 200
        challenge = f"hub.mode=subscribe&hub.verify_token={vectors.VERIFY_TOKEN}&hub.challenge=7"
        assert await get(running, f"/webhooks/messenger?{challenge}") == (200, "7")
        await command(tmp_path, "switch", "off", "messenger")
        await status_becomes(running, "messenger", 503)
        assert (await get(running, f"/webhooks/messenger?{challenge}"))[0] == 503


@both
async def test_a_topic_that_is_switched_off_gives_the_hotline(
    tmp_path: Path, knowledge: str, channel: str
) -> None:
    async with run(tmp_path, BOT__KNOWLEDGE__DIR=knowledge) as running:
        assert "làm lại thẻ miễn phí" in await say(running, channel, LOST, "m0")
        ((topic,),) = rows(tmp_path, "SELECT topic FROM inbox")
        await command(tmp_path, "switch", "off", f"topic:{topic}")
        await metrics_show(running, "hoidap_switched_off{")
        reply = await say(running, channel, LOST, "m1")
        assert reply.startswith(texts.TOPIC_OFF.partition("{hotline}")[0])
        assert "1900.0000" in reply
    assert rows(tmp_path, "SELECT outcome, answer_id FROM inbox ORDER BY id")[-1] == (
        "not_known",
        None,
    )


# -- erasure ----------------------------------------------------------------------------------
@both
async def test_a_citizen_has_everything_erased_by_two_messages(
    tmp_path: Path, knowledge: str, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.upkeep.ERASURE_SECONDS", 0.05)
    user = vectors.ZALO_USER if channel == "zalo" else vectors.FB_USER
    async with run(tmp_path, BOT__KNOWLEDGE__DIR=knowledge) as running:
        await say(running, channel, f"{LOST} tôi tên Nguyễn Thị Bí Mật", "m1")
        assert user.encode() in whole_store(tmp_path)
        assert await say(running, channel, "xoá dữ liệu của tôi", "m2") == texts.ERASE_ASK
        assert await say(running, channel, "Đồng ý xóa ạ", "m3") == texts.ERASED
        await until(lambda: rows(tmp_path, "SELECT count(*) FROM conversations") == [(0,)])
        for table in ("inbox", "outbox", "attempts"):
            query = f"SELECT count(*) FROM {table}"  # noqa: S608 - our own table names
            assert rows(tmp_path, query) == [(0,)], table
        totals = json.loads(await command(tmp_path, "ledger"))
        assert totals["balanced"]
        assert (totals["events"], totals["forgotten"]) == (3, 3)
        # The citizen is a stranger again.
        assert await say(running, channel, LOST, "m4") != ""
        await command(tmp_path, "forget", "--channel", channel, "--user", user)
    assert rows(tmp_path, "SELECT count(*) FROM inbox") == [(0,)]


@both
async def test_a_citizen_who_thinks_better_of_it_keeps_everything(
    tmp_path: Path, knowledge: str, channel: str
) -> None:
    async with run(tmp_path, BOT__KNOWLEDGE__DIR=knowledge) as running:
        await say(running, channel, "xóa dữ liệu của tôi", "m1")
        assert await say(running, channel, "thôi không cần", "m2") == texts.ERASE_KEPT
        await say(running, channel, LOST, "m3")
    outcomes = [outcome for (outcome,) in rows(tmp_path, "SELECT outcome FROM inbox ORDER BY id")]
    assert outcomes == ["chitchat", "chitchat", "answered"]


# -- logs -------------------------------------------------------------------------------------
@both
async def test_one_id_leads_from_the_webhook_to_the_receipt(
    tmp_path: Path, knowledge: str, channel: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with run(tmp_path, BOT__KNOWLEDGE__DIR=knowledge, BOT__LOG__LEVEL="info") as running:
        await say(running, channel, LOST, "m1")
        await say(running, channel, "zxcv qwer bí mật", "m2")
    told = capsys.readouterr().err
    lines: list[dict[str, Any]] = [json.loads(line) for line in told.splitlines()]
    steps: dict[str, list[str]] = {}
    for line in lines:
        if line["event"] in ("received", "answered", "attempt", "receipt"):
            steps.setdefault(line["correlation"], []).append(line["event"])
    assert len(steps) == 2
    for events in steps.values():
        assert events[:2] == ["received", "answered"]
        assert events[-1] == "receipt"
        assert events.count("attempt") == events.count("receipt") >= 1
    for secret in (
        *("bí mật", "mất thẻ", "Anh/chị làm lại thẻ", vectors.ZALO_USER, vectors.FB_USER),
        *("zalo-token", "page-token", "zalo-app-secret", vectors.FB_SECRET),
    ):
        assert secret not in told


# -- tokens -----------------------------------------------------------------------------------
async def test_tokens_are_sealed_in_the_file_and_work(tmp_path: Path, knowledge: str) -> None:
    more = {"BOT__KNOWLEDGE__DIR": knowledge, "BOT_TOKEN_KEY": "k" * 40}
    async with run(tmp_path, **more) as running:
        running.platform.zalo_tokens = {"another"}  # the first token is refused with -216
        assert await say(running, "zalo", LOST, "m1") != ""
        assert len(running.platform.sent(ZALO_TOKEN)) == 1
        refresh = running.platform.zalo_refresh_token
    ((access, stored),) = rows(tmp_path, "SELECT access_token, refresh_token FROM accounts")
    assert access.startswith(MARK)
    assert stored.startswith(MARK)
    content = whole_store(tmp_path)
    assert refresh.encode() not in content
    assert b"zalo-refresh" not in content


async def test_a_lost_key_degrades_zalo_and_lets_everything_else_run(
    tmp_path: Path, knowledge: str
) -> None:
    more = {"BOT__KNOWLEDGE__DIR": knowledge}
    async with run(tmp_path, **more, BOT_TOKEN_KEY="k" * 40):
        pass
    async with run(tmp_path, **more, BOT_TOKEN_KEY="another key of many many letters") as running:
        assert await post(running, "zalo", "m1") == 200
        assert await post(running, "messenger", "m1") == 200
        await until(running.platform.texts)
        status, page = await get(running, "/readyz")
        assert status == 200
        assert "BOT_TOKEN_KEY" in page
        assert running.platform.sent(ZALO_TOKEN) == []
    assert ("token_key",) in rows(tmp_path, "SELECT kind FROM alarms")
    # With the key back, the reply that waited leaves.
    async with run(tmp_path, **more, BOT_TOKEN_KEY="k" * 40) as running:
        await until(running.platform.texts)
        # The pause ends with the receipt, a moment after the platform has the text.
        async with asyncio.timeout(10):
            while await get(running, "/readyz") != (200, '{"degraded": []}'):  # noqa: ASYNC110 - over HTTP there is nothing to wait on
                await asyncio.sleep(0.02)


async def test_a_refused_refresh_keeps_the_pair_and_raises_an_alarm(
    tmp_path: Path, knowledge: str
) -> None:
    async with run(tmp_path, BOT__KNOWLEDGE__DIR=knowledge) as running:
        running.platform.zalo_tokens = {"another"}
        used = json_response({"error": -14014, "error_name": "Invalid refresh token"})
        running.platform.script(ZALO_TOKEN, used)
        assert await post(running, "zalo", "m1") == 200
        await until(lambda: rows(tmp_path, "SELECT kind FROM alarms"))
        assert "bot zalo login" in (await get(running, "/readyz"))[1]
    assert rows(tmp_path, "SELECT refresh_token FROM accounts") == [("zalo-refresh",)]
    assert rows(tmp_path, "SELECT kind FROM alarms") == [("token_refresh_failed",)]


# -- the simulator's rows ---------------------------------------------------------------------
async def test_what_a_simulator_left_does_not_trouble_the_next_start(
    tmp_path: Path, knowledge: str
) -> None:
    more = {"BOT__KNOWLEDGE__DIR": knowledge, "BOT__SIMULATOR__ENABLED": "true"}
    async with run(tmp_path, **more) as running:
        ((account,), *_) = rows(
            tmp_path, "SELECT account FROM accounts WHERE simulated AND channel = 'zalo'"
        )
        await running.settled()
    assert len(rows(tmp_path, "SELECT * FROM accounts WHERE simulated")) == 2
    _leave_behind(tmp_path, account)
    async with run(tmp_path, **more) as running:
        assert await get(running, "/readyz") == (200, '{"degraded": []}')
        await running.settled()
        page = (await get(running, "/metrics"))[1]
        assert "hoidap_outbox_dead 0.0" in page
        assert "hoidap_inbox_open 0.0" in page
    assert rows(tmp_path, "SELECT state, reason FROM outbox") == [("dropped", "simulator_ended")]
    assert (account,) not in rows(tmp_path, "SELECT account FROM accounts WHERE simulated")


def _leave_behind(folder: Path, account: str) -> None:
    """A dead letter and an open event of that account, as after a `kill -9`."""
    now = round(time.time() * 1000)
    with contextlib.closing(sqlite3.connect(folder / "bot.db")) as store:
        store.execute(
            "INSERT INTO conversations (id, channel, account, user_id) VALUES (9, 'zalo', ?, 'v')",
            (account,),
        )
        for number, outcome in ((1, "answered"), (2, None)):
            store.execute(
                "INSERT INTO inbox (id, conversation_id, channel, account, event_key, kind, text,"
                " payload, attachment, arrived_at, order_at, redacted, outcome)"
                " VALUES (?, 9, 'zalo', ?, ?, 'text', 'x', '', '', ?, ?, '', ?)",
                (number, account, f"k{number}", now, now, outcome),
            )
        store.execute(
            "INSERT INTO outbox (inbox_id, conversation_id, seq, text, options, state,"
            " window_from, created_at) VALUES (1, 9, 1, 'x', '[]', 'dead', ?, ?)",
            (now, now),
        )
        store.commit()


# -- settings ---------------------------------------------------------------------------------
def test_the_refresh_comes_ahead_of_the_end_by_default() -> None:
    assert load_settings(env={}).channels.zalo.refresh_ahead_minutes == 120
    assert signature(ZaloTokens).parameters["ahead"].default == timedelta(minutes=120)
