"""Storing webhook bodies: duplicates, bad neighbours, order, group commit."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy.exc import OperationalError

from bot.errors import StoreError
from bot.models import Ignored, Parsed
from bot.store import SqlStore, inbox
from bot.store.api import Accepted
from tests.unit.store.building import accept, answer_all, claimed, event, rows
from tests.unit.store.conftest import MakeStore


async def test_accepted_events_are_there_after_a_restart(make_store: MakeStore) -> None:
    first: SqlStore = await make_store()
    assert await accept(first, event(words="thẻ hết hạn")) == Accepted(1, 0)
    await first.close()
    second: SqlStore = await make_store()
    claim = await claimed(second)
    assert [item.event.text for item in claim.events] == ["thẻ hết hạn"]


async def test_a_redelivered_event_is_counted_not_stored(store: SqlStore) -> None:
    assert await accept(store, event(key="message:1")) == Accepted(1, 0)
    assert await accept(store, event(key="message:1")) == Accepted(0, 1)
    assert rows(store, "SELECT count(*) FROM inbox") == [(1,)]
    assert rows(store, "SELECT n FROM ignored_counts WHERE reason = 'duplicate'") == [(1,)]


async def test_twenty_copies_at_once_make_one_row(make_store: MakeStore) -> None:
    stores: list[SqlStore] = [await make_store()]
    if not stores[0].database.is_sqlite:
        stores.append(await make_store())
    copies = [accept(stores[n % len(stores)], event(key="message:same")) for n in range(20)]
    results = await asyncio.gather(*copies)
    assert sum(result.stored for result in results) == 1
    assert sum(result.duplicates for result in results) == 19
    assert rows(stores[0], "SELECT count(*) FROM inbox") == [(1,)]


async def test_the_same_key_on_another_account_is_another_event(store: SqlStore) -> None:
    await accept(store, event(key="message:1"))
    assert await accept(store, event(key="message:1", account="other")) == Accepted(1, 0)
    assert await accept(store, event(key="message:1", channel="zalo")) == Accepted(1, 0)


async def test_duplicates_inside_one_body(store: SqlStore) -> None:
    assert await accept(store, event(key="k:1"), event(key="k:1"), event(key="k:2")) == Accepted(
        2, 1
    )


async def test_many_at_once_share_few_commits(make_store: MakeStore) -> None:
    store: SqlStore = await make_store(batch_size=64)
    before = store.writer.commits
    results = await asyncio.gather(*(accept(store, event(user=f"u{n}")) for n in range(200)))
    assert all(result == Accepted(1, 0) for result in results)
    assert store.writer.commits - before <= 40


async def test_a_bad_event_harms_no_neighbour(
    store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    bad = event(words=cast(str, object()))
    results = await asyncio.gather(
        accept(store, event("u1"), bad, event("u2")),
        accept(store, event("u3")),
        *(accept(store, event(f"v{n}")) for n in range(5)),
    )
    assert [result.stored for result in results] == [2, 1, 1, 1, 1, 1, 1]
    assert rows(store, "SELECT kind, n FROM ignored_counts WHERE reason = 'unstorable'") == [
        ("text", 1)
    ]
    assert "cannot be stored" in caplog.text


async def test_an_engine_that_fails_is_a_store_error(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("disk is full"))

    monkeypatch.setattr(inbox, "add_counts", full)
    with pytest.raises(StoreError):
        await accept(store, event())
    monkeypatch.undo()
    assert rows(store, "SELECT count(*) FROM inbox") == [(0,)]
    assert await accept(store, event()) == Accepted(1, 0)


@pytest.mark.parametrize("words", ["a\x00b", "a\ud800b", "😀\ud83d\ude00", "ệ̀\u202e", "x" * 20_000])
async def test_odd_text_is_stored(store: SqlStore, words: str) -> None:
    assert await accept(store, event(words=words, payload=words)) == Accepted(1, 0)
    (item,) = (await claimed(store)).events
    assert item.event.text.encode()
    assert "\x00" not in item.event.text


async def test_a_very_long_key_still_tells_duplicates(store: SqlStore) -> None:
    assert await accept(store, event(key="k" * 9000)) == Accepted(1, 0)
    assert await accept(store, event(key="k" * 9000)) == Accepted(0, 1)
    assert await accept(store, event(key="k" * 9001)) == Accepted(1, 0)


async def test_platform_time_orders_a_conversation(store: SqlStore) -> None:
    now = datetime.now(UTC)
    await accept(store, event(words="hai", sent_at=now - timedelta(seconds=5)))
    await accept(store, event(words="một", sent_at=now - timedelta(minutes=5)))
    await accept(store, event(words="ba"))
    assert await _texts(store) == ["một", "hai", "ba"]


async def test_an_unbelievable_time_counts_as_arrival(store: SqlStore) -> None:
    now = datetime.now(UTC)
    await accept(store, event(words="một", sent_at=now - timedelta(minutes=1)))
    await accept(store, event(words="hai", sent_at=now - timedelta(days=3)))
    await accept(store, event(words="ba", sent_at=now + timedelta(days=3)))
    assert await _texts(store) == ["một", "hai", "ba"]


async def test_far_off_times_in_one_body_keep_their_own_order(store: SqlStore) -> None:
    old = datetime.now(UTC) - timedelta(days=9)
    events = [event(words=str(n), sent_at=old + timedelta(seconds=n)) for n in (3, 1, 2)]
    await accept(store, *events)
    assert await _texts(store) == ["1", "2", "3"]


async def test_a_body_without_times_keeps_its_order(store: SqlStore) -> None:
    await accept(store, event(words="một"), event(words="hai"), event(words="ba"))
    assert await _texts(store) == ["một", "hai", "ba"]


async def test_redacted_kinds_are_kept_with_the_event(store: SqlStore) -> None:
    await store.accept(Parsed(events=(event(key="k:1"),)), {"k:1": ("CCCD", "SĐT")})
    (item,) = (await claimed(store)).events
    assert item.redacted == ("CCCD", "SĐT")


async def test_ignored_events_leave_only_counts(store: SqlStore) -> None:
    body = Parsed(ignored=(Ignored("delivery", "receipt"), Ignored("delivery", "receipt")))
    assert await store.accept(body, {}, channel="zalo") == Accepted(0, 0)
    assert rows(store, "SELECT channel, kind, reason, n FROM ignored_counts") == [
        ("zalo", "delivery", "receipt", 2)
    ]
    assert rows(store, "SELECT count(*) FROM inbox") == [(0,)]


async def test_a_cancelled_caller_leaves_the_event_stored(store: SqlStore) -> None:
    task = asyncio.create_task(accept(store, event()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await store.ping()
    assert rows(store, "SELECT count(*) FROM inbox") == [(1,)]


async def test_nothing_is_taken_after_closing(store: SqlStore) -> None:
    await store.close()
    with pytest.raises(StoreError):
        await accept(store, event())
    with pytest.raises(StoreError):
        await store.gauges()


async def test_words_never_stand_in_an_error(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any) -> None:
        raise OperationalError("INSERT", {"text": args}, Exception("locked"), hide_parameters=True)

    monkeypatch.setattr(inbox, "add_counts", refuse)
    with pytest.raises(StoreError) as caught:
        await accept(store, event(words="bí mật"))
    assert "bí mật" not in str(caught.value) + repr(caught.value.__cause__)


async def _texts(store: SqlStore) -> list[str]:
    claim = await claimed(store)
    texts = [item.event.text for item in claim.events]
    await store.release(claim)
    await answer_all(store)
    return texts
