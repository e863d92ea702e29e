"""Whole conversations through the running service: webhook in, message at the platform out.

The knowledge base is the small one of tests/unit/knowledge with the shipped word lists, so that
the exact bytes below depend on nothing an editor changes.

One file although it is long: every scenario leans on the same small world and talk helpers.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot import texts
from bot.__main__ import cli
from bot.errors import SettingsError, StoreError
from bot.store.sql_store import SqlStore
from tests.channels import vectors
from tests.fake_platform import HANG, MESSENGER_SEND, ZALO_SEND, graph_error, zalo_error
from tests.scenarios.running import Running, run
from tests.unit.knowledge.conftest import World
from webhooks.messenger_send import appsecret_proof

SHIPPED = Path(__file__).parents[2] / "knowledge"
MENU = """\
- {answer: muc-dong, payloads: menu_rates menu_quyen_loi menu_benefits}
- {answer: mat-the, payloads: menu_card}
"""
LOST = "mất thẻ bhyt thì làm sao"
LOST_REPLY = (
    "Anh/chị làm lại thẻ miễn phí.\n\n"
    '1. Mở VNeID mức 2, chọn "Cấp lại thẻ".\n'
    "2. Cần giúp, gọi 1900.0000.\n\n"
    "Căn cứ: Điều 5 Nghị định 2/2025/NĐ-CP.\n\n"
    "Anh/chị có thể hỏi tiếp (nhắn số để chọn):\n"
    "1. Mức đóng BHYT học sinh"
)
CCCD = "079301001234"


@pytest.fixture
def base(tmp_path: Path) -> str:
    """The folder of a small knowledge base."""
    world = World(tmp_path / "world")
    shutil.copytree(SHIPPED / "lexicon", world.folder / "lexicon", dirs_exist_ok=True)
    for name in ("topics.yaml", "audiences.yaml"):
        shutil.copy(SHIPPED / name, world.folder / name)
    world.write("lexicon/menu.yaml", MENU)
    (world.folder / "lexicon" / "calibration.yaml").unlink(missing_ok=True)
    return str(world.folder)


@pytest.fixture
async def running(tmp_path: Path, base: str) -> AsyncIterator[Running]:
    """The service on the small base."""
    async with run(tmp_path, BOT__KNOWLEDGE__DIR=base) as started:
        yield started


def zalo(text: str, message_id: str, user: str = vectors.ZALO_USER) -> bytes:
    """A Zalo text message as the platform writes it."""
    body = {
        "app_id": vectors.APP_ID,
        "sender": {"id": user},
        "user_id_by_app": "5500000000000000004",
        "recipient": {"id": vectors.OA_ID},
        "event_name": "user_send_text",
        "message": {"text": text, "msg_id": message_id},
        "timestamp": "1790000000000",
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def messenger(message_id: str, user: str = vectors.FB_USER, **message: Any) -> bytes:
    """A Messenger message as the platform writes it."""
    item = {
        "sender": {"id": user},
        "recipient": {"id": vectors.PAGE_ID},
        "timestamp": 1790000000000,
        "message": {"mid": message_id, **message},
    }
    entry = {"id": vectors.PAGE_ID, "time": 1790000000300, "messaging": [item]}
    return json.dumps({"object": "page", "entry": [entry]}).encode()


async def say(running: Running, channel: str, text: str, message_id: str) -> str:
    """One turn on a channel; the text that reached the citizen, parts joined."""
    before = len(running.platform.accepted)
    if channel == "zalo":
        assert await running.zalo(zalo(text, message_id)) == 200
    else:
        assert await running.messenger(messenger(message_id, text=text)) == 200
    sent = await running.settled()
    return "\n\n".join(request.text for request in sent[before:])


def rows(folder: Path, query: str) -> list[Any]:
    """What the store holds."""
    with contextlib.closing(sqlite3.connect(folder / "bot.db")) as store:
        return store.execute(query).fetchall()


async def get(running: Running, path: str) -> tuple[int, str]:
    async with running.http.get(f"{running.service.address}{path}") as answer:
        return answer.status, await answer.text()


async def until(holds: Callable[[], object]) -> None:
    """Wait until something outside of this process's events is so."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - nothing here could set an event
            await asyncio.sleep(0.02)


def whole_store(folder: Path) -> bytes:
    """Every file of the store, its journal included."""
    return b"".join(path.read_bytes() for path in folder.glob("bot.db*"))


both = pytest.mark.parametrize("channel", ["zalo", "messenger"])


# -- question and answer --------------------------------------------------------------------
async def test_the_exact_zalo_request(running: Running) -> None:
    assert await running.zalo(zalo(LOST, "m1")) == 200
    await running.settled()
    [call] = running.platform.sent(ZALO_SEND)
    assert call.path == "/v3.0/oa/message/cs"
    assert dict(call.query) == {}
    assert call.headers["access_token"] == "zalo-token"
    assert call.headers["Content-Type"] == "application/json"
    assert call.raw == (
        b'{"recipient": {"user_id": "7300000000000000003"}, "message": {"text": '
        + json.dumps(LOST_REPLY).encode("ascii")
        + b', "attachment": {"type": "template", "payload": {"buttons": [{"title": '
        + json.dumps("1. Mức đóng BHYT…").encode("ascii")
        + b', "type": "oa.query.hide", "payload": "#answer:muc-dong"}]}}}}'
    )


async def test_the_exact_messenger_request(running: Running) -> None:
    assert await running.messenger(messenger("m1", text=LOST)) == 200
    await running.settled()
    [call] = running.platform.sent(MESSENGER_SEND)
    assert call.path == "/v25.0/102000000000001/messages"
    assert dict(call.query) == {
        "access_token": "page-token",
        "appsecret_proof": appsecret_proof(vectors.FB_SECRET, "page-token"),
    }
    assert call.headers["Content-Type"] == "application/json"
    assert "Authorization" not in call.headers
    assert call.raw == (
        b'{"recipient": {"id": "7392000000000001"}, "messaging_type": "RESPONSE", "message": '
        b'{"text": '
        + json.dumps(LOST_REPLY).encode("ascii")
        + b', "quick_replies": [{"content_type": "text", "title": '
        + json.dumps("1. Mức đóng BHYT…").encode("ascii")
        + b', "payload": "answer:muc-dong"}], "metadata": "out:1"}}'
    )


@both
async def test_the_same_words_on_both_channels(running: Running, channel: str) -> None:
    assert await say(running, channel, LOST, "m1") == LOST_REPLY


@both
async def test_ask_back_then_a_number(tmp_path: Path, base: str, channel: str) -> None:
    more = {"BOT__KNOWLEDGE__DIR": base, "BOT__MATCHING__ANSWER_THRESHOLD": "0.9999"}
    async with run(tmp_path, **more) as running:
        asked = await say(running, channel, LOST, "m1")
        assert asked.startswith(texts.ASK_BACK)
        assert "\n1. Mất thẻ BHYT thì làm gì" in asked
        assert (await say(running, channel, "1", "m2")).startswith("Anh/chị làm lại thẻ miễn phí.")
    outcomes = rows(tmp_path, "SELECT outcome, answer_id FROM inbox ORDER BY id")
    assert outcomes == [("asked_back", None), ("answered", "mat-the")]


async def test_a_quick_reply_is_tapped(running: Running) -> None:
    await say(running, "messenger", LOST, "m1")
    [reply] = running.platform.sent(MESSENGER_SEND)[0].body["message"]["quick_replies"]
    quick = {"payload": reply["payload"]}
    tap = messenger("m2", text=reply["title"], quick_reply=quick)
    assert await running.messenger(tap) == 200
    sent = await running.settled()
    assert sent[-1].text.startswith("Học sinh đóng 884.520 đồng cho 12 tháng.")


async def test_a_zalo_menu_button(running: Running) -> None:
    text = await say(running, "zalo", "#menu_quyen_loi", "m1")
    assert text.startswith("Học sinh đóng 884.520 đồng")


@both
async def test_turns_of_one_conversation_are_remembered(running: Running, channel: str) -> None:
    await say(running, channel, "học sinh đóng bhyt bao nhiêu", "m1")
    reply = await say(running, channel, "menu", "m2")
    assert "2. Mất thẻ BHYT thì làm gì" in reply
    assert (await say(running, channel, "2", "m3")).startswith("Anh/chị làm lại thẻ")


async def test_every_reply_records_what_it_used(tmp_path: Path, base: str) -> None:
    async with run(tmp_path, BOT__KNOWLEDGE__DIR=base) as running:
        await say(running, "zalo", "học sinh đóng bhyt bao nhiêu", "m1")
        snapshot = running.service._desk.snapshot.hash
    [(answer_id, topic, provenance)] = rows(
        tmp_path, "SELECT answer_id, topic, provenance FROM inbox"
    )
    kept = json.loads(provenance)
    assert (answer_id, topic) == ("muc-dong", "hssv_rate")
    assert kept["snapshot"] == snapshot
    assert list(kept["versions"]) == ["muc-dong"]
    assert "base_salary/all/2025-07-01" in kept["used"]
    assert {"as_of", "place", "slots"} <= set(kept)


async def test_a_default_place_nobody_knows_stops_the_start(tmp_path: Path, base: str) -> None:
    wrong = {"BOT__CHANNELS__MESSENGER__DEFAULT_PROVINCE": "Bắc Xinh"}
    with pytest.raises(SettingsError, match=r"messenger\.default_province: no place is called"):
        async with run(tmp_path, BOT__KNOWLEDGE__DIR=base, **wrong):
            pass
    assert not (tmp_path / "bot.db").exists()


# -- privacy ----------------------------------------------------------------------------------
@both
async def test_an_identity_number_is_never_stored(tmp_path: Path, base: str, channel: str) -> None:
    async with run(tmp_path, BOT__KNOWLEDGE__DIR=base) as running:
        reply = await say(running, channel, f"{LOST}, cccd của em {CCCD}", "m1")
        assert reply.startswith("Anh/chị làm lại thẻ miễn phí.")
        assert texts.IDENTIFIER_CAUTION in reply
        again = await say(running, channel, f"{LOST} {CCCD}", "m2")
        assert texts.IDENTIFIER_CAUTION not in again
        # Every file of the store, its journal included, while it is in use.
        assert CCCD.encode() not in whole_store(tmp_path)
        assert b"[CCCD]" in whole_store(tmp_path)
    stored = rows(tmp_path, "SELECT text, redacted FROM inbox ORDER BY id")
    assert stored[0][0] == f"{LOST}, cccd của em [CCCD]"
    assert all("CCCD" in redacted for _, redacted in stored)


@both
async def test_a_look_up_is_refused(running: Running, channel: str) -> None:
    reply = await say(running, channel, f"mã số bhxh của em là {CCCD}", "m1")
    assert reply.startswith(texts.REFUSED_PERSONAL[0])
    assert texts.IDENTIFIER_CAUTION in reply


async def test_withdrawn_consent_deletes_every_row(tmp_path: Path, base: str) -> None:
    async with run(tmp_path, BOT__KNOWLEDGE__DIR=base) as running:
        await say(running, "zalo", LOST, "m1")
        assert rows(tmp_path, "SELECT COUNT(*) FROM inbox") == [(1,)]
        assert await running.sample("zalo", "zalo_45") == 200
        await running.settled()
        for table in ("inbox", "outbox", "attempts", "conversations"):
            query = f"SELECT COUNT(*) FROM {table}"  # noqa: S608 - our own table names
            assert rows(tmp_path, query) == [(0,)], table
    totals = json.loads(await command(tmp_path, "ledger"))
    assert totals["balanced"]
    assert totals["forgotten"] == 1


# -- people ------------------------------------------------------------------------------------
async def test_a_person_at_zalo_silences_the_bot(tmp_path: Path, base: str) -> None:
    async with run(tmp_path, BOT__KNOWLEDGE__DIR=base) as running:
        assert await running.sample("zalo", "zalo_22") == 200
        assert await say(running, "zalo", LOST, "m1") == ""
        # Another citizen is answered all the same.
        assert await running.zalo(zalo(LOST, "m2", user="7300000000000009999")) == 200
        assert len(await running.settled()) == 1
    outcomes = rows(tmp_path, "SELECT outcome, reason FROM inbox ORDER BY id")
    assert outcomes[0] == ("ignored", "takeover")
    assert outcomes[1][0] == "answered"


async def test_a_person_at_messenger_silences_until_the_thread_comes_back(
    running: Running,
) -> None:
    assert await running.sample("messenger", "fb_07") == 200
    assert await say(running, "messenger", LOST, "m1") == ""
    assert await running.sample("messenger", "fb_17") == 200
    # The first reply after a person says who is answering; the second need not.
    assert await say(running, "messenger", LOST, "m2") == f"{texts.BOT_BACK}\n\n{LOST_REPLY}"
    assert await say(running, "messenger", LOST, "m3") == LOST_REPLY


async def test_takeover_ends_by_itself(tmp_path: Path, base: str) -> None:
    more = {"BOT__KNOWLEDGE__DIR": base, "BOT__CONVERSATION__TAKEOVER_MINUTES": "0.01"}
    async with run(tmp_path, **more) as running:
        assert await running.sample("zalo", "zalo_22") == 200
        assert await say(running, "zalo", LOST, "m1") == ""
        await asyncio.sleep(0.7)
        assert await say(running, "zalo", LOST, "m2") == f"{texts.BOT_BACK}\n\n{LOST_REPLY}"


@both
async def test_a_call_for_a_person_is_recorded_and_the_bot_goes_on(
    tmp_path: Path, base: str, channel: str
) -> None:
    hours = "00:00-24:00 hằng ngày"
    async with run(tmp_path, BOT__KNOWLEDGE__DIR=base, BOT__HANDOVER__HOURS=hours) as running:
        told = await say(running, channel, "gặp nhân viên", "m1")
        assert f"Nhân viên trực {hours} và sẽ trả lời anh/chị ngay tại đây" in told
        assert await say(running, channel, LOST, "m2") == LOST_REPLY
    outcomes = rows(tmp_path, "SELECT outcome FROM inbox ORDER BY id")
    assert outcomes == [("handed_over",), ("answered",)]


# -- the edge --------------------------------------------------------------------------------
@both
async def test_a_store_that_is_away_is_503_and_the_event_comes_again(
    running: Running, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_args: object, **_named: object) -> None:
        raise StoreError("The disk is full.")

    raw = zalo(LOST, "m1") if channel == "zalo" else messenger("m1", text=LOST)
    post = running.zalo if channel == "zalo" else running.messenger
    with monkeypatch.context() as broken:
        broken.setattr(SqlStore, "accept", away)
        broken.setattr(SqlStore, "ping", away)
        assert await post(raw) == 503
        assert await get(running, "/readyz") == (503, '{"reasons": ["The disk is full."]}')
        assert (await get(running, "/healthz"))[0] == 200
    assert await post(raw) == 200
    assert [request.text for request in await running.settled()] == [LOST_REPLY]
    assert (await get(running, "/readyz"))[0] == 200


@both
@pytest.mark.parametrize(
    ("raw", "statuses"),
    [
        pytest.param(b'{"a": "' + b"x" * 5_000_000 + b'"}', {413}, id="5 MB"),
        pytest.param(b'{"a":' * 100_000 + b"1" + b"}" * 100_000, {400, 401}, id="deep"),
        pytest.param(b'{"object": "page", "text": "\xff\xfe"}', {400, 401}, id="not UTF-8"),
        pytest.param(b"", {400, 401}, id="empty"),
        pytest.param(b"[]", {400, 401}, id="a list"),
        pytest.param(b"null", {400, 401}, id="null"),
        pytest.param(b'{"timestamp": 1e999, "entry": [[[]]]}', {200, 400, 401}, id="odd"),
    ],
)
async def test_a_strange_body_harms_nobody(
    running: Running, channel: str, raw: bytes, statuses: set[int]
) -> None:
    if channel == "zalo":
        status = await running.zalo(raw, "")
    else:
        status = await running.messenger(raw)
    assert status in statuses
    assert await say(running, channel, LOST, "m1") == LOST_REPLY


@both
async def test_a_body_just_under_the_limit_is_read(running: Running, channel: str) -> None:
    text = "x" * 4_000_000
    raw = zalo(text, "m1") if channel == "zalo" else messenger("m1", text=text)
    post = running.zalo if channel == "zalo" else running.messenger
    assert await post(raw) == 200
    assert len(await running.settled()) == 1


@both
async def test_a_wrong_signature_stores_nothing(tmp_path: Path, base: str, channel: str) -> None:
    async with run(tmp_path, BOT__KNOWLEDGE__DIR=base) as running:
        raw = zalo(LOST, "m1") if channel == "zalo" else messenger("m1", text=LOST)
        for headers in (
            {},
            {"X-ZEvent-Signature": "mac=" + "0" * 64, "X-Hub-Signature-256": "sha256=" + "0" * 64},
        ):
            assert await running.post(channel, raw, headers) in (401, 403)
        assert await running.settled() == []
    assert rows(tmp_path, "SELECT COUNT(*) FROM inbox") == [(0,)]


async def test_events_of_unknown_accounts_are_counted_not_stored(tmp_path: Path, base: str) -> None:
    async with run(tmp_path, BOT__KNOWLEDGE__DIR=base) as running:
        assert await running.sample("zalo", "zalo_47") == 200
        other = messenger("m1", text=LOST).replace(vectors.PAGE_ID.encode(), b"102000000000999")
        assert await running.messenger(other) == 200
        assert await running.settled() == []
        _, page = await get(running, "/metrics")
        assert page.count('reason="unknown_account"} 1.0') == 2
    totals = json.loads(await command(tmp_path, "ledger"))
    assert (totals["received"], totals["events"]) == (2, 0)
    assert {row["reason"] for row in totals["ignored"]} == {"unknown_account"}


async def test_a_duplicate_is_answered_once(tmp_path: Path, base: str) -> None:
    async with run(tmp_path, BOT__KNOWLEDGE__DIR=base) as running:
        for _ in range(3):
            assert await running.zalo(zalo(LOST, "m1")) == 200
        assert len(await running.settled()) == 1
    totals = json.loads(await command(tmp_path, "ledger"))
    assert (totals["received"], totals["events"]) == (3, 1)
    assert totals["balanced"]


async def test_meta_checks_the_address(running: Running) -> None:
    query = "hub.mode=subscribe&hub.challenge=1158201444"
    right = f"/webhooks/messenger?{query}&hub.verify_token={vectors.VERIFY_TOKEN}"
    assert await get(running, right) == (200, "1158201444")
    for wrong in (f"{query}&hub.verify_token=x", query, "", "hub.mode=subscribe"):
        assert (await get(running, f"/webhooks/messenger?{wrong}"))[0] == 403
    assert (await get(running, "/webhooks/zalo"))[0] == 200


@pytest.mark.parametrize(
    ("channel", "secret"),
    [("zalo", "ZALO_OA_SECRET_KEY"), ("messenger", "MESSENGER_APP_SECRET")],
)
async def test_a_channel_without_its_secret_is_off(
    tmp_path: Path, base: str, channel: str, secret: str
) -> None:
    async with run(tmp_path, BOT__KNOWLEDGE__DIR=base, **{secret: ""}) as running:
        raw = zalo(LOST, "m1") if channel == "zalo" else messenger("m1", text=LOST)
        post = running.zalo if channel == "zalo" else running.messenger
        assert await post(raw) == 503
        other = "messenger" if channel == "zalo" else "zalo"
        assert await say(running, other, LOST, "m2") == LOST_REPLY
        assert await get(running, "/readyz") == (200, '{"degraded": []}')


# -- monitoring and trouble ------------------------------------------------------------------
async def test_metrics_tell_what_happened(running: Running) -> None:
    await say(running, "zalo", LOST, "m1")
    await say(running, "messenger", "zxcv qwer", "m2")
    _, page = await get(running, "/metrics")
    for line in (
        'hoidap_events_total{channel="zalo",outcome="answered"} 1.0',
        'hoidap_events_total{channel="messenger",outcome="not_known"} 1.0',
        'hoidap_deliveries_total{channel="zalo",state="accepted"} 1.0',
        'hoidap_webhook_seconds_count{channel="zalo"} 1.0',
        "hoidap_answer_seconds_count 2.0",
        "hoidap_inbox_open 0.0",
        "hoidap_outbox_dead 0.0",
    ):
        assert line in page, line


@both
async def test_a_dead_letter_is_replayed(tmp_path: Path, base: str, channel: str) -> None:
    more = {"BOT__KNOWLEDGE__DIR": base, "BOT__DELIVERY__MAX_ATTEMPTS": "2"}
    async with run(tmp_path, **more) as running:
        refusal = zalo_error(-32) if channel == "zalo" else graph_error(613)
        endpoint = ZALO_SEND if channel == "zalo" else MESSENGER_SEND
        running.platform.script(endpoint, refusal, refusal)
        assert await say(running, channel, LOST, "m1") == ""
        assert "hoidap_outbox_dead 1.0" in (await get(running, "/metrics"))[1]
        assert "1 deliveries put back." in await command(tmp_path, "replay", "--dead")
        await until(running.platform.texts)
        assert running.platform.texts() == [LOST_REPLY]
        await running.settled()
        assert "hoidap_outbox_dead 0.0" in (await get(running, "/metrics"))[1]


async def test_a_refused_account_is_degraded_not_unready(tmp_path: Path, running: Running) -> None:
    running.platform.script(ZALO_SEND, *[zalo_error(-204)] * 3)
    assert await running.zalo(zalo(LOST, "m1")) == 200
    await until(lambda: running.platform.sent(ZALO_SEND))
    async with asyncio.timeout(10):
        while '"degraded": []' in (await get(running, "/readyz"))[1]:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    status, page = await get(running, "/readyz")
    assert status == 200
    assert "-204" in page
    assert vectors.ZALO_USER not in page


async def test_a_restart_keeps_what_has_not_left(tmp_path: Path, base: str) -> None:
    """The platform hangs, the service stops; what was never tried leaves after the start."""
    more = {"BOT__KNOWLEDGE__DIR": base, "BOT__DELIVERY__CONCURRENCY": "1"}
    users = [f"73000000000000010{n:02d}" for n in range(3)]
    async with run(tmp_path, **more, BOT__SERVER__DRAIN_SECONDS="0.1") as running:
        running.platform.script(ZALO_SEND, HANG, HANG, HANG, HANG)
        for user in users:
            assert await running.zalo(zalo(LOST, f"m-{user}", user=user)) == 200
        await until(lambda: running.platform.sent(ZALO_SEND))
    states = rows(tmp_path, "SELECT state, COUNT(*) FROM outbox GROUP BY state ORDER BY state")
    unsent = rows(tmp_path, "SELECT COUNT(*) FROM inbox WHERE outcome IS NULL")[0][0]
    # What was in the platform's hands is unknown and never sent again by itself.
    assert dict(states)["unknown"] == 1
    assert dict(states).get("pending", 0) + unsent == 2
    async with run(tmp_path, **more) as running:
        sent = await running.settled()
        assert len(sent) == 2
        assert {request.user for request in sent} < set(users)
        assert {request.text for request in sent} == {LOST_REPLY}
    totals = json.loads(await command(tmp_path, "ledger"))
    assert totals["balanced"]
    assert totals["deliveries"]["accepted"] == 2
    assert totals["deliveries"]["unknown"] == 1


async def test_an_answer_that_breaks_is_an_apology_not_a_loss(
    tmp_path: Path, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with run(tmp_path, BOT__KNOWLEDGE__DIR=base) as running:
        with monkeypatch.context() as broken:
            broken.setattr(type(running.service._desk), "respond", lambda *_: 1 / 0)
            assert "hệ thống đang trục trặc" in await say(running, "zalo", LOST, "m1")
        assert await say(running, "zalo", LOST, "m2") == LOST_REPLY
    assert rows(tmp_path, "SELECT outcome, reason FROM inbox WHERE id = 1") == [
        ("not_known", "internal_error")
    ]


async def command(folder: Path, *args: str) -> str:
    """The output of an operator's command beside the service."""
    env = {"DATABASE_URL": f"sqlite:///{folder}/bot.db"}
    done = await asyncio.to_thread(CliRunner().invoke, cli, list(args), env=env)
    assert done.exit_code == 0, done.output
    return done.stdout
