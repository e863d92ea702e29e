"""The real worker on the real store: every event gets one outcome and one reply."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from datetime import UTC, datetime

from bot.models import Conversation, Outcome, Reply
from bot.store import SqlStore
from bot.store.api import InboxEvent, Store
from bot.store.values import LOCAL
from bot.worker import Worker, WorkerSettings
from tests.unit.store.building import accept, accepted, event, rows, taken


def respond(
    item: InboxEvent, conversation: Conversation, now: datetime
) -> tuple[Reply, Conversation]:
    turn = conversation.not_known_in_a_row + 1
    reply = Reply(Outcome.ANSWERED, parts=(f"{turn}. {item.event.text}",))
    return reply, replace(conversation, not_known_in_a_row=turn)


async def test_every_event_gets_one_outcome_and_one_reply(store: SqlStore) -> None:
    as_protocol: Store = store
    worker = Worker(
        as_protocol,
        respond,
        lambda channel, parts, options: list(parts),
        clock=lambda: datetime.now(UTC),
        settings=WorkerSettings(poll_seconds=0.02),
        sorry_text="",
    )
    running = asyncio.create_task(worker.run())
    numbers = itertools.count(1)
    for _ in range(10):
        await accept(store, *(event(f"u{n % 5}", f"câu {next(numbers)}") for n in range(10)))
        worker.wake.set()
    async with asyncio.timeout(20):
        while (await store.gauges())["inbox_open"]:  # noqa: ASYNC110 - rows make no event
            await asyncio.sleep(0.02)
    worker.stop()
    await running
    assert rows(store, "SELECT outcome, count(*) FROM inbox GROUP BY outcome") == [
        ("answered", 100)
    ]
    said: dict[str, list[str]] = {}
    while (await store.gauges())["outbox_pending"]:
        delivery = await taken(store)
        said.setdefault(delivery.key.user, []).append(delivery.text)
        await store.settle(delivery, accepted(f"m{delivery.outbox_id}"))
    for texts in said.values():
        assert [int(text.split(".")[0]) for text in texts] == list(range(1, 21))
        asked = [int(text.rsplit(" ", 1)[1]) for text in texts]
        assert asked == sorted(asked)
    ledger = await store.ledger(datetime.now(LOCAL).date())
    assert ledger["balanced"]
    assert (ledger["events"], ledger["deliveries"]["accepted"]) == (100, 100)
