"""Alarms in the store: facts read, episodes kept, each told once, on both engines."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bot.models import Conversation, DeliveryState, Outcome
from bot.store import SqlStore, alarms
from bot.store.alarms import Alarm, Facts
from bot.store.api import Closing, Settlement
from bot.store.tables_console import alarm_notices
from tests.unit.store.building import accept, answer_all, claimed, event, rows, taken, turn_clock

HOUR = 3_600_000
DEAD = Alarm("dead_letters", "dead_letters", {"n": 1})


async def facts(store: SqlStore, *channels: str) -> Facts:
    return await store.read(
        lambda conn: alarms.facts(
            conn, store.database, spike_ms=HOUR, channels=channels, silence_ms=HOUR
        )
    )


async def sync(store: SqlStore, *found: Alarm) -> None:
    await store.write(lambda conn: alarms.sync(conn, store.database, found))


async def claim(store: SqlStore, *ways: str) -> list[str]:
    found = await store.write(lambda conn: alarms.claim_unsent(conn, store.database, ways))
    return [notice.alarm.key for notice in found]


async def unseen(store: SqlStore) -> int:
    return await store.read(alarms.unseen)


async def not_known(store: SqlStore) -> None:
    claim = await claimed(store)
    for item in claim.events:
        await store.close_event(
            claim, Closing(item.id, Outcome.NOT_KNOWN, "", Conversation(), parts=("chưa rõ",))
        )
    await store.release(claim)


async def test_facts_are_what_the_store_holds_now(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await accept(store, event("u1", "bỏ thẻ giấy à"))
    await not_known(store)
    await accept(store, event("u2", "đã biết", channel="zalo"))
    await answer_all(store, "trả lời")
    await store.raise_alarm("zalo", "22", "token_refresh_failed")
    await store.raise_alarm("zalo", "22", "token_refresh_failed")
    while (part := await store.take_delivery("s")) is not None:
        await store.settle(part, Settlement(DeliveryState.DEAD, reason="551"))
    found = await facts(store, "zalo", "messenger", "other")
    assert [one.text for one in found.asked] == ["bỏ thẻ giấy à"]
    assert found.dead == 2
    assert set(found.last_events) == {"zalo", "messenger"}
    assert found.raised == (("zalo", "22", "token_refresh_failed", 2),)
    turn_clock(store, monkeypatch, 25 * 3600)
    later = await facts(store, "zalo")
    assert (later.asked, later.last_events, later.raised) == ((), {}, ())


async def test_only_a_part_that_died_is_a_dead_letter(store: SqlStore) -> None:
    await accept(store, event())
    await answer_all(store, "trả lời")
    await store.settle(await taken(store), Settlement(DeliveryState.UNKNOWN, reason="timeout"))
    assert (await facts(store)).dead == 0


async def test_an_alarm_begins_goes_on_and_ends(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sync(store, DEAD)
    assert await unseen(store) == 1
    await sync(store, Alarm(DEAD.key, DEAD.kind, {"n": 5}), Alarm("silence:zalo", "silence"))
    now = await store.read(lambda conn: alarms.notices(conn, ended=False))
    assert {one.alarm.key for one in now} == {"dead_letters", "silence:zalo"}
    [dead] = [one for one in now if one.alarm.key == "dead_letters"]
    assert dead.alarm.detail == {"n": 5}
    await sync(store)
    assert await unseen(store) == 0
    over = await store.read(lambda conn: alarms.notices(conn, ended=True))
    assert len(over) == 2
    turn_clock(store, monkeypatch, 31 * 24 * 3600)
    await sync(store)
    assert rows(store, "SELECT count(*) FROM alarm_notices") == [(0,)]


async def test_a_seen_alarm_leaves_the_bell_and_is_audited(store: SqlStore) -> None:
    await sync(store, DEAD)

    async def see(who: str) -> bool:
        return await store.write(lambda conn: alarms.mark_seen(conn, store.database, DEAD.key, who))

    assert await see("lan")
    assert not await see("minh")
    assert await unseen(store) == 0
    assert rows(store, "SELECT actor, action, subject FROM audit") == [
        ("lan", "alarm.seen", "dead_letters")
    ]


async def test_what_comes_back_soon_is_the_same_alarm(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sync(store, DEAD)
    assert await claim(store, "email") == [DEAD.key]
    await store.write(lambda conn: alarms.sent(conn, store.database, [DEAD.key], "email"))
    await sync(store)
    await sync(store, DEAD)
    turn_clock(store, monkeypatch, 300)
    assert await claim(store, "email") == []
    await sync(store)
    turn_clock(store, monkeypatch, 7 * 3600)
    await sync(store, DEAD)
    assert await claim(store, "email") == [DEAD.key]


async def test_each_process_gets_other_alarms_to_tell(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sync(store, DEAD)
    assert await claim(store, "webhook") == [DEAD.key]
    assert await claim(store, "webhook") == []
    # Who claimed it died: after a while it is free again.
    turn_clock(store, monkeypatch, 130)
    assert await claim(store, "webhook") == [DEAD.key]


async def test_a_way_that_failed_is_tried_later_and_the_other_not_again(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sync(store, DEAD)
    await claim(store, "webhook", "email")
    await store.write(lambda conn: alarms.sent(conn, store.database, [DEAD.key], "email"))
    await store.write(lambda conn: alarms.again_later(conn, store.database, [DEAD.key]))
    assert await claim(store, "webhook", "email") == []
    turn_clock(store, monkeypatch, 61)
    [again] = await store.write(
        lambda conn: alarms.claim_unsent(conn, store.database, ("webhook", "email"))
    )
    assert set(again.sent) == {"email"}
    await store.write(lambda conn: alarms.again_later(conn, store.database, [DEAD.key]))
    assert rows(store, "SELECT tries FROM alarm_notices") == [(2,)]


async def test_a_rumour_is_known_by_a_question_that_is_still_stored(store: SqlStore) -> None:
    await accept(store, event("u1", "bỏ thẻ giấy à"))
    [(id_,)] = rows(store, "SELECT id FROM inbox")
    await sync(store, Alarm("rumour:1", "rumour", {"people": 9, "questions": [id_]}))
    assert (await facts(store)).rumours == {"rumour:1": "bỏ thẻ giấy à"}
    asked = await store.read(lambda conn: alarms.questions(conn, [id_, 4711]))
    assert list(asked) == [id_]
    assert "thẻ" not in str(rows(store, "SELECT detail FROM alarm_notices"))
    await store.forget("messenger", "u1")
    assert (await facts(store)).rumours == {}


async def test_no_more_alarms_than_a_page_can_hold(store: SqlStore) -> None:
    await sync(store, *(Alarm(f"raised:{n}", "raised") for n in range(alarms.MOST_ALARMS + 50)))
    assert await unseen(store) == alarms.MOST_ALARMS
    await store.write(lambda conn: conn.execute(update(alarm_notices).values(seen_by="lan")))
    assert await unseen(store) == 0
