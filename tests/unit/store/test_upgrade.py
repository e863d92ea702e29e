"""A store of the first version opens with this one, and keeps what it holds."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from bot.store import open_store
from bot.store.engine import _MIGRATIONS, Database
from tests.unit.store.building import rows, taken

FIRST = "0001"


def first_version(url: str) -> None:
    """Tables as the first version made them, with one citizen who waits for a reply."""
    database = Database(url)
    database.make_folder()
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with database.engine.begin() as conn:
        config.attributes["connection"] = conn
        command.upgrade(config, FIRST)
        conn.execute(
            text(
                "INSERT INTO conversations (id, channel, account, user_id, last_user_at)"
                " VALUES (1, 'zalo', '22', 'lan', 1)"
            )
        )
        conn.execute(
            text(
                "INSERT INTO inbox (id, conversation_id, channel, account, event_key, kind, text,"
                " payload, attachment, arrived_at, order_at, redacted, outcome, parts) VALUES"
                " (1, 1, 'zalo', '22', 'text:1', 'text', 'cũ', '', '', 1, 1, '', 'answered', 1)"
            )
        )
        conn.execute(
            text(
                "INSERT INTO outbox (id, inbox_id, conversation_id, seq, text, options, state,"
                " window_from, created_at) VALUES (1, 1, 1, 1, 'trả lời cũ', '[]', 'pending', 1, 1)"
            )
        )
        conn.execute(
            text(
                "INSERT INTO accounts (channel, account, access_token, refresh_token, expires_at,"
                " obtained_at) VALUES ('zalo', '22', 'a', 'r', 2, 1)"
            )
        )
    database.dispose()


async def test_rows_of_the_first_version_live_on(url: str) -> None:
    first_version(url)
    store = open_store(url)
    await store.open()
    try:
        delivery = await taken(store)
        assert (delivery.text, delivery.event_key) == ("trả lời cũ", "text:1")
        pair = await store.token_pair("zalo", "22")
        assert pair is not None
        assert pair.refresh_token == "r"
        assert await store.switches() == ()
        # Real accounts of before are no simulator's.
        assert await store.settle_simulators([]) == 0
        assert rows(store, "SELECT text FROM inbox") == [("cũ",)]
        assert (await store.forget("zalo", "lan"))["inbox"] == 1
    finally:
        await store.close()
