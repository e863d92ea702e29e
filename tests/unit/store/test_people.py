"""Takeovers, withdrawals, unsent messages, retention, accounts' tokens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import ClaimLost, StoreError
from bot.models import Parsed, SignalKind
from bot.store import SqlStore
from bot.store.api import Settlement, TokenPair
from bot.store.values import LOCAL
from tests.unit.store.building import (
    accept,
    accepted,
    answer_all,
    claimed,
    closing,
    event,
    rows,
    send_signal,
    signal,
    taken,
    turn_clock,
)

Patch = pytest.MonkeyPatch


async def test_takeover_and_release(store: SqlStore) -> None:
    await accept(store, event())
    await send_signal(store, SignalKind.TAKEOVER)
    claim = await claimed(store)
    assert claim.taken_over_until is not None
    left = claim.taken_over_until - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(minutes=60)
    await store.release(claim)
    await store.apply_signal(signal(SignalKind.RELEASE))
    # The time stays, in the past: the next reply says that the bot answers again.
    ended = (await claimed(store)).taken_over_until
    assert ended is not None
    assert ended <= datetime.now(UTC)


async def test_a_person_may_write_before_the_citizen_does(store: SqlStore) -> None:
    await send_signal(store, SignalKind.TAKEOVER, "new")
    await accept(store, event("new"))
    assert (await claimed(store)).taken_over_until is not None


async def test_a_foreign_echo_is_a_person_unless_it_comes_at_once(
    store: SqlStore, monkeypatch: Patch
) -> None:
    await accept(store, event())
    await send_signal(store, SignalKind.FOREIGN_ECHO)
    assert rows(store, "SELECT taken_over_until FROM conversations") == [(None,)]
    today = datetime.now(LOCAL).date()
    (alarm,) = await store.alarms(today)
    assert (alarm["kind"], alarm["n"]) == ("automation_echo", 1)
    turn_clock(store, monkeypatch, 4)
    await send_signal(store, SignalKind.FOREIGN_ECHO)
    assert (await claimed(store)).taken_over_until is not None


async def test_account_alarms_are_counted(store: SqlStore) -> None:
    await send_signal(store, SignalKind.ACCOUNT_ALARM)
    await send_signal(store, SignalKind.ACCOUNT_ALARM)
    (alarm,) = await store.alarms(datetime.now(LOCAL).date())
    assert (alarm["kind"], alarm["n"]) == ("account_alarm", 2)


async def test_unsend_empties_one_event(store: SqlStore) -> None:
    await accept(store, event(words="giữ", key="message:mid.1"))
    await accept(store, event(words="bỏ", key="message:d.1"))
    await accept(store, event("u2", words="người khác", key="tap:d.1"))
    await send_signal(store, SignalKind.UNSEND, mid="d.1")
    assert rows(store, "SELECT text FROM inbox ORDER BY id") == [("giữ",), ("",), ("người khác",)]


async def test_withdraw_deletes_everything_of_one_citizen(store: SqlStore) -> None:
    await accept(store, event("u1", "bí mật"), event("u2"))
    await answer_all(store, "một")
    flying = await taken(store)
    claim_later = event("u1", "mới")
    await accept(store, claim_later)
    claim = await claimed(store)
    await send_signal(store, SignalKind.WITHDRAW)
    assert rows(store, "SELECT user_id FROM conversations") == [("u2",)]
    assert rows(store, "SELECT count(*) FROM inbox") == [(1,)]
    assert rows(store, "SELECT count(*) FROM outbox") == [(1,)]
    # Work that was under way ends without writing.
    with pytest.raises(ClaimLost):
        await store.close_event(claim, closing(claim.events[0].id, "muộn"))
    await store.settle(flying, accepted())
    ledger = await store.ledger(datetime.now(LOCAL).date())
    assert ledger["balanced"]
    assert (ledger["events"], ledger["forgotten"]) == (3, 2)


async def test_a_message_after_the_withdrawal_stays(store: SqlStore) -> None:
    body = Parsed(events=(event(words="trước"),), signals=(signal(SignalKind.WITHDRAW),))
    await store.accept(body, {})
    await accept(store, event(words="sau"))
    assert rows(store, "SELECT text FROM inbox") == [("sau",)]


async def test_forget_counts_what_it_deleted(store: SqlStore) -> None:
    await accept(store, event("u1"), event("u1", account="other"), event("u1", channel="zalo"))
    await answer_all(store, "một")
    await taken(store)
    await store.record_deletion_request("c1", "messenger", "u1")
    assert await store.forget("messenger", "u1") == {
        "conversations": 2,
        "inbox": 2,
        "outbox": 2,
        "attempts": 1,
        "feedback": 0,
        "deletion_requests": 1,
    }
    assert (await store.forget("messenger", "nobody"))["conversations"] == 0
    assert rows(store, "SELECT channel FROM inbox") == [("zalo",)]


async def test_expire_deletes_old_closed_events_only(store: SqlStore, monkeypatch: Patch) -> None:
    await accept(store, event("u1"))
    await answer_all(store, "một")
    await store.settle(await taken(store), accepted())
    await accept(store, event("u2"))
    await answer_all(store, "chưa gửi")
    await accept(store, event("u3"))
    turn_clock(store, monkeypatch, 3600)
    deleted = await store.expire(datetime.now(UTC) + timedelta(minutes=1))
    assert (deleted["inbox"], deleted["conversations"]) == (1, 1)
    assert rows(store, "SELECT user_id FROM conversations ORDER BY user_id") == [("u2",), ("u3",)]
    assert (await store.ledger(datetime.now(LOCAL).date()))["balanced"]


async def test_deletion_requests(store: SqlStore) -> None:
    assert await store.deletion_request("c1") is None
    await store.record_deletion_request("c1", "messenger", "app-1")
    await store.record_deletion_request("c1", "messenger", "app-1")
    found = await store.deletion_request("c1")
    assert found is not None
    assert (found["state"], found["channel"]) == ("recorded", "messenger")
    assert "app-1" not in str(found)


async def test_token_pairs(store: SqlStore) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    first = TokenPair("a1", "r1", now + timedelta(hours=25), now)
    second = TokenPair("a2", "r2", now + timedelta(hours=50), now)
    assert await store.token_pair("zalo", "oa") is None
    assert await store.save_token_pair("zalo", "oa", first)
    assert not await store.save_token_pair("zalo", "oa", second, replaces="r0")
    assert await store.token_pair("zalo", "oa") == first
    assert await store.save_token_pair("zalo", "oa", second, replaces="r1")
    with pytest.raises(StoreError):
        await store.save_token_pair("zalo", "oa", TokenPair("", "r3", now, now))
    assert await store.token_pair("zalo", "oa") == second


async def test_one_refresher_at_a_time(store: SqlStore, monkeypatch: Patch) -> None:
    assert await store.lock_tokens("zalo", "oa", "p1", 30)
    assert not await store.lock_tokens("zalo", "oa", "p2", 30)
    await store.unlock_tokens("zalo", "oa", "p2")
    assert not await store.lock_tokens("zalo", "oa", "p2", 30)
    turn_clock(store, monkeypatch, 31)
    assert await store.lock_tokens("zalo", "oa", "p2", 30)
    await store.unlock_tokens("zalo", "oa", "p2")
    assert await store.lock_tokens("zalo", "oa", "p1", 30)


async def test_settling_what_was_deleted_is_quiet(store: SqlStore) -> None:
    await accept(store, event())
    await answer_all(store, "một")
    delivery = await taken(store)
    await store.forget("messenger", "u1")
    await store.settle(delivery, Settlement(accepted().state))
