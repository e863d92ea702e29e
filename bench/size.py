"""How much disk one answered message takes: `python -m bench.size [--messages N] [--url URL]`.

Fills an empty store with questions, replies of one part and their attempts, as they stand in
the store after delivery, and prints bytes per message, indexes included.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from bot.models import Conversation, DeliveryState, Event, EventKind, Outcome, Parsed
from bot.store import SqlStore, open_store
from bot.store.api import Closing, Settlement

#: Characters of a question and of a reply with its sources and follow-ups.
TEXTS = (60, 700)
#: Messages of one citizen.
TALK = 3
_PROVENANCE = {
    "versions": {"muc-dong-hssv": "0" * 64},
    "snapshot": "0" * 64,
    "as_of": "2026-11-22",
    "applies": ["2026-11-22", "2026-11-22"],
    "place": "Bắc Ninh",
    "slots": Conversation().to_json()["slots"],
    "used": ["base_salary@2026-07-01", "hssv_share@2025-07-01", "place@bac-ninh"],
    "more": [],
}


async def fill(store: SqlStore, messages: int) -> None:
    """Store, answer and deliver so many messages."""
    question, answer = ("đ" * length for length in TEXTS)
    for first in range(0, messages, 50):
        events = tuple(
            Event(
                "zalo",
                "4318657068771012646",
                f"7300000000{number // TALK:09d}",
                f"text:{number:020d}",
                EventKind.TEXT,
                question,
                sent_at=datetime.now(UTC),
            )
            for number in range(first, min(first + 50, messages))
        )
        await store.accept(Parsed(events=events), {}, channel="zalo")
        while (claim := await store.claim("bench")) is not None:
            for event in claim.events:
                await store.close_event(
                    claim,
                    Closing(
                        event.id,
                        Outcome.ANSWERED,
                        "muc-dong-hssv: 0.97 by «mức đóng bhyt học sinh» (word 0.91, rare 0.88)",
                        Conversation(last_answer="muc-dong-hssv", words=question),
                        parts=(answer,),
                        answer_id="muc-dong-hssv",
                        topic="hssv_rate",
                        score=0.97,
                        provenance=_PROVENANCE,
                    ),
                )
            await store.release(claim)
        while (delivery := await store.take_delivery("bench")) is not None:
            done = Settlement(DeliveryState.ACCEPTED, message_id=f"{delivery.outbox_id:020d}")
            await store.settle(delivery, done)


def size(store: SqlStore) -> int:
    """Bytes the store takes on disk, its journal aside."""
    if store.database.is_sqlite:
        pages = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        with store.database.reading() as conn:
            return int(conn.execute(text(pages)).scalar_one())
    with store.database.reading() as conn:
        total = "SELECT pg_database_size(current_database())"
        return int(conn.execute(text(total)).scalar_one())


async def measure(url: str, messages: int) -> None:
    """Fill and print."""
    store = open_store(url)
    await store.open()
    try:
        empty = size(store)
        await fill(store, messages)
        full = size(store)
        kind = "SQLite" if store.database.is_sqlite else "PostgreSQL"
        print(f"{kind}: {(full - empty) / messages:,.0f} bytes a message ({messages:,} messages)")
    finally:
        await store.close()


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=5000)
    parser.add_argument("--url", default="", help="an empty database; default: a new SQLite file")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(given.url or f"sqlite:///{Path(folder)}/bot.db", given.messages))


if __name__ == "__main__":
    main()
