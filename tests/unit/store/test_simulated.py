"""What a simulator of an earlier start left is settled, and nothing of a real account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.models import DeliveryState
from bot.store import SqlStore
from bot.store.api import AccountState, Settlement, TokenPair
from bot.store.values import LOCAL
from tests.unit.store.building import accept, accepted, answer_all, event, rows, taken

OLD, NEW = ("zalo", "sim-1"), ("zalo", "sim-2")


async def left_behind(store: SqlStore, account: str, channel: str = "zalo") -> None:
    """One part accepted, one dead, one in doubt, one in flight, one waiting, one event open."""
    await accept(store, *(event(f"u{n}", channel=channel, account=account) for n in range(5)))
    await answer_all(store, "một")
    await store.settle(await taken(store), accepted())
    await store.settle(await taken(store), Settlement(DeliveryState.DEAD, "-201"))
    await store.settle(await taken(store), Settlement(DeliveryState.UNKNOWN, "timeout"))
    await taken(store)
    await accept(store, event("u9", channel=channel, account=account))


def states(store: SqlStore) -> list[str]:
    return [state for (state,) in rows(store, "SELECT state FROM outbox ORDER BY id")]


async def test_open_rows_of_an_earlier_simulator_are_settled(store: SqlStore) -> None:
    assert await store.settle_simulators([OLD]) == 0
    await left_behind(store, OLD[1])
    await store.pause_account(*OLD, AccountState(datetime.now(UTC), "not configured", 3))
    assert await store.settle_simulators([NEW]) == 5
    assert states(store) == ["accepted", *["dropped"] * 4]
    assert rows(store, "SELECT outcome, reason FROM inbox WHERE reason != '' ") == [
        ("ignored", "simulator_ended")
    ]
    assert rows(store, "SELECT count(*) FROM attempts WHERE ended_at IS NULL") == [(0,)]
    assert await store.take_delivery("s") is None
    assert await store.claim("w") is None
    assert await store.paused_accounts() == {}
    gauges = await store.gauges()
    assert set(gauges.values()) == {0.0}
    ledger = await store.ledger(datetime.now(LOCAL).date())
    assert ledger["balanced"]
    assert ledger["dropped"] == {"simulator_ended": 4}
    assert await store.settle_simulators([NEW]) == 0


async def test_its_own_rows_and_real_accounts_stay(store: SqlStore) -> None:
    now = datetime.now(UTC)
    pair = TokenPair("a", "r", now + timedelta(hours=1), now)
    await store.save_token_pair("zalo", "oa", pair)
    await store.settle_simulators([OLD])
    await left_behind(store, "oa")
    before = states(store)
    assert await store.settle_simulators([OLD]) == 0
    assert await store.settle_simulators([]) == 0
    assert states(store) == before
    assert await store.token_pair("zalo", "oa") is not None


async def test_a_start_without_a_simulator_settles_too(store: SqlStore) -> None:
    await store.settle_simulators([OLD])
    await left_behind(store, OLD[1])
    assert await store.settle_simulators([]) == 5


async def test_ages_and_pauses_for_the_monitor(store: SqlStore) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    await store.save_token_pair("zalo", "b", TokenPair("a", "r", now + timedelta(hours=1), now))
    await store.save_token_pair("zalo", "a", TokenPair("c", "d", now + timedelta(hours=2), now))
    ages = await store.token_ages()
    assert [(age.account, age.expires_at - age.obtained_at) for age in ages] == [
        ("a", timedelta(hours=2)),
        ("b", timedelta(hours=1)),
    ]
    await store.pause_account("zalo", "a", AccountState(now, "-219", 2))
    await store.pause_account("zalo", "b", AccountState())
    assert await store.paused_accounts() == {("zalo", "a"): AccountState(now, "-219", 2)}


async def test_alarms_raised_from_outside_are_counted(store: SqlStore) -> None:
    for _ in range(2):
        await store.raise_alarm("zalo", "oa", "token_key")
    (alarm,) = await store.alarms(datetime.now(LOCAL).date())
    assert (alarm["account"], alarm["kind"], alarm["n"]) == ("oa", "token_key", 2)
