"""Switches are rows; what is switched off does not leave until it is on again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.store import SqlStore
from tests.unit.store.building import accept, accepted, answer_all, event, taken
from tests.unit.store.conftest import MakeStore


async def targets(store: SqlStore) -> list[str]:
    return [switch.target for switch in await store.switches()]


async def test_off_on_and_listed_in_order(store: SqlStore) -> None:
    assert await store.switches() == ()
    assert await store.set_switch("zalo", off=True, by="lan")
    assert await store.set_switch("topic:five_year", off=True)
    assert not await store.set_switch("zalo", off=True, by="mai")  # the first one stays named
    topic, zalo = await store.switches()
    assert (topic.target, topic.by) == ("topic:five_year", "")
    assert (zalo.target, zalo.by) == ("zalo", "lan")
    assert abs(zalo.at - datetime.now(UTC)) < timedelta(minutes=1)
    assert await store.set_switch("zalo", off=False)
    assert not await store.set_switch("zalo", off=False)
    assert await targets(store) == ["topic:five_year"]


async def test_another_process_sees_it(store: SqlStore, make_store: MakeStore) -> None:
    beside = await make_store(serves=False)
    await beside.set_switch("messenger", off=True)
    assert await targets(store) == ["messenger"]


@pytest.mark.parametrize("target", ["messenger", "messenger:page"])
async def test_replies_wait_while_their_account_is_off(store: SqlStore, target: str) -> None:
    await accept(store, event("lan"), event("mai", account="other"), event("ba", channel="zalo"))
    await answer_all(store, "một")
    await store.set_switch(target, off=True)
    left = set()
    while (delivery := await store.take_delivery("s")) is not None:
        left.add((delivery.key.channel, delivery.key.account))
        await store.settle(delivery, accepted())
    others = {("zalo", "page"), ("messenger", "other")}
    assert left == (others if target == "messenger:page" else {("zalo", "page")})
    await store.set_switch(target, off=False)
    assert (await taken(store)).key.user in {"lan", "mai"}


async def test_a_topic_switch_holds_nothing_back(store: SqlStore) -> None:
    await accept(store, event("lan"))
    await answer_all(store, "một")
    await store.set_switch("topic:messenger", off=True)
    assert (await taken(store)).key.user == "lan"


async def test_a_delivery_names_the_event_it_answers(store: SqlStore) -> None:
    await accept(store, event("lan", key="text:mid.7"))
    await answer_all(store, "một")
    assert (await taken(store)).event_key == "text:mid.7"
