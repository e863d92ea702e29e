"""`bot ledger`, `bot forget`, `bot replay` on a real SQLite store, beside a running service."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import cli
from bot.dialogue import VIETNAM
from bot.models import DeliveryState, Ignored, Parsed
from bot.store.api import Settlement
from bot.store.sql_store import SqlStore, open_store
from tests.unit.store.building import accept, accepted, answer_all, event, taken


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty store that the settings name."""
    address = f"sqlite:///{tmp_path}/bot.db"
    monkeypatch.setenv("DATABASE_URL", address)
    return address


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, list(args))


def with_store(url: str, use: Callable[[SqlStore], Awaitable[None]]) -> None:
    """Do something as the service does it."""

    async def inside() -> None:
        store = open_store(url)
        await store.open()
        try:
            await use(store)
        finally:
            await store.close()

    asyncio.run(inside())


async def one_dead_one_sent(store: SqlStore) -> None:
    """A citizen whose reply of two parts died at the first, and one who was answered."""
    await accept(store, event("lan", "xin chào"))
    await answer_all(store, "một", "hai")
    await store.settle(await taken(store), Settlement(DeliveryState.DEAD, "refused"))
    await accept(store, event("mai", "xin chào"))
    await answer_all(store, "ba")
    await store.settle(await taken(store), accepted())


def ledger(*args: str) -> dict[str, Any]:
    done = run("ledger", *args)
    assert done.exit_code == 0, done.output
    totals = json.loads(done.stdout)
    assert isinstance(totals, dict)
    return totals


# -- ledger ---------------------------------------------------------------------------------
def test_the_ledger_of_an_empty_day_balances(url: str) -> None:
    totals = ledger("--day", "2026-01-01")
    assert (totals["day"], totals["events"], totals["replies"]) == ("2026-01-01", 0, 0)
    assert totals["balanced"] is True


def test_the_ledger_of_today(url: str) -> None:
    async def use(store: SqlStore) -> None:
        await one_dead_one_sent(store)
        echo = Ignored("message", "echo")
        await store.accept(Parsed(ignored=(echo,)), {}, channel="messenger")

    with_store(url, use)
    totals = ledger()
    assert totals["day"] == datetime.now(UTC).astimezone(VIETNAM).date().isoformat()
    assert (totals["received"], totals["events"], totals["replies"]) == (3, 2, 3)
    assert totals["outcomes"]["answered"] == 2
    assert sum(totals["outcomes"].values()) == totals["events"]
    assert totals["deliveries"] | {"pending": 0, "unknown": 0} == {
        "accepted": 1,
        "dead": 1,
        "dropped": 1,
        "pending": 0,
        "unknown": 0,
    }
    assert sum(totals["deliveries"].values()) == totals["replies"]
    assert totals["dropped"] == {"earlier_part_failed": 1}


def test_a_ledger_that_does_not_balance_fails(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def crooked(_store: SqlStore, _day: object) -> dict[str, Any]:
        return {"balanced": False, "events": 3}

    monkeypatch.setattr(SqlStore, "ledger", crooked)
    done = run("ledger")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["events"] == 3
    assert "does not balance" in done.stderr


@pytest.mark.parametrize("day", ["22/11/2026", "yesterday"])
def test_a_strange_day_is_a_usage_error(url: str, day: str) -> None:
    done = run("ledger", "--day", day)
    assert done.exit_code == 2
    assert "YYYY-MM-DD" in done.stderr


# -- forget -----------------------------------------------------------------------------------
def test_forget_deletes_one_citizen_and_says_how_much(url: str) -> None:
    with_store(url, one_dead_one_sent)
    done = run("forget", "--channel", "messenger", "--user", "lan")
    assert done.exit_code == 0, done.output
    assert "inbox: 1 rows deleted" in done.stdout
    assert "outbox: 2 rows deleted" in done.stdout
    totals = ledger()
    assert (totals["events"], totals["forgotten"], totals["replies"]) == (2, 1, 1)
    assert totals["balanced"]


def test_forget_of_a_stranger_changes_nothing(url: str) -> None:
    with_store(url, one_dead_one_sent)
    for channel, user in (("messenger", "nobody"), ("zalo", "lan")):
        done = run("forget", "--channel", channel, "--user", user)
        assert done.exit_code == 0
        assert "Nothing was stored about this citizen." in done.stdout
    assert ledger()["forgotten"] == 0


@pytest.mark.parametrize(
    "args", [(), ("--channel", "zalo"), ("--user", "x"), ("--channel", "viber", "--user", "x")]
)
def test_forget_wants_channel_and_user(url: str, args: tuple[str, ...]) -> None:
    assert run("forget", *args).exit_code == 2


# -- replay -----------------------------------------------------------------------------------
def test_replay_puts_dead_parts_and_those_behind_them_back(url: str) -> None:
    with_store(url, one_dead_one_sent)
    done = run("replay", "--dead")
    assert (done.exit_code, done.stdout) == (0, "2 deliveries put back.\n")
    left: list[str] = []

    async def send_again(store: SqlStore) -> None:
        for _ in range(2):
            delivery = await taken(store)
            left.append(delivery.text)
            await store.settle(delivery, accepted())

    with_store(url, send_again)
    assert left == ["một", "hai"]
    assert ledger()["deliveries"]["accepted"] == 3
    assert run("replay", "--dead").stdout == "0 deliveries put back.\n"


def test_replay_wants_to_be_told_what(url: str) -> None:
    assert run("replay").exit_code == 2


def test_the_commands_disturb_no_running_service(url: str) -> None:
    """A claim and an attempt in flight are still the service's after a look from outside."""

    async def use(store: SqlStore) -> None:
        await accept(store, event("lan"))
        claim = await store.claim("w")
        assert claim is not None
        for command in (("ledger",), ("replay", "--dead")):
            done = await asyncio.to_thread(run, *command)
            assert done.exit_code == 0, done.output
        await store.renew(claim)

    with_store(url, use)


def test_a_store_that_cannot_be_opened_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.errors import StoreError

    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/file/bot.db")
    done = run("ledger")
    assert isinstance(done.exception, StoreError)
    assert str(done.exception)
