"""Zalo's token pair: one refresher, stored before use, never lost, never emptied.

The call itself is in test_tokens_call.py. What is left stays together although it is long: every
case turns the same clock, grants and store of one `World`.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import AccountTrouble, Refused, SendError, StoreError, TokenRefused, Unknown
from bot.store.api import AccountState, TokenPair
from bot.tokens import StaticTokens, ZaloTokens
from bot.vault import MARK, Vault
from bot.zalo_login import store_first_pair
from tests.unit.fakes_channel import ZALO
from tests.unit.fakes_store import START, Clock, FakeStore, until
from webhooks.base import Account
from webhooks.zalo_oauth import Granted

FIRST = replace(ZALO, secrets={**ZALO.secrets, "access_token": "a0", "refresh_token": "r0"})
KEY = ("zalo", "22")


class Grants:
    """The token API: single-use refresh tokens, r0 -> (a1, r1) -> (a2, r2)."""

    def __init__(self) -> None:
        self.valid = "r0"
        self.calls: list[str] = []
        self.fault: SendError | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def renew(self, account: Account, refresh_token: str) -> Granted:
        self.calls.append(refresh_token)
        await self.gate.wait()
        if self.fault:
            raise self.fault
        if refresh_token != self.valid:
            raise TokenRefused("used", code="-14012")
        n = int(refresh_token[1:]) + 1
        self.valid = f"r{n}"
        return Granted(f"a{n}", f"r{n}", timedelta(hours=25))


class World:
    def __init__(self) -> None:
        self.clock = Clock()
        self.store = FakeStore(self.clock)
        self.grants = Grants()
        self.tokens = self.process()

    def process(self, account: Account = FIRST) -> ZaloTokens:
        """Another process on the same store."""
        return ZaloTokens(
            self.store,
            self.grants,
            [account],
            ahead=timedelta(hours=2),
            call_seconds=10,
            now=self.clock,
        )


@pytest.fixture
def world() -> World:
    return World()


async def test_first_pair_comes_from_the_settings_and_is_stored(world: World) -> None:
    await world.tokens.start()
    assert await world.tokens.token(FIRST) == "a0"
    assert world.store.pairs[KEY].refresh_token == "r0"
    assert world.grants.calls == []


async def test_stored_pair_wins_over_the_settings(world: World) -> None:
    world.store.pairs[KEY] = TokenPair("a7", "r7", START + timedelta(hours=20), START)
    await world.tokens.start()
    assert await world.tokens.token(FIRST) == "a7"
    assert world.store.pairs[KEY].access_token == "a7"


async def test_only_a_refresh_token_is_enough(world: World) -> None:
    account = replace(ZALO, secrets={**ZALO.secrets, "refresh_token": "r0"})
    tokens = world.process(account)
    await tokens.start()
    assert await tokens.token(account) == "a1"
    assert world.store.pairs[KEY].refresh_token == "r1"


async def test_only_an_access_token_serves_until_it_is_refused(world: World) -> None:
    account = replace(ZALO, secrets={**ZALO.secrets, "access_token": "a0"})
    tokens = world.process(account)
    await tokens.start()
    assert await tokens.token(account) == "a0"
    assert "there is no refresh token" in tokens.degraded()[0]
    with pytest.raises(AccountTrouble):
        await tokens.refresh(account, "a0")


async def test_twenty_refused_sends_make_one_refresh(world: World) -> None:
    await world.tokens.start()
    other = world.process()
    got = await asyncio.gather(
        *(world.tokens.refresh(FIRST, "a0") for _ in range(10)),
        *(other.refresh(FIRST, "a0") for _ in range(10)),
    )
    assert set(got) == {"a1"}
    assert world.grants.calls == ["r0"]
    assert world.store.locks == {}


async def test_the_lock_outlives_the_call(world: World) -> None:
    await world.tokens.start()
    await world.tokens.refresh(FIRST, "a0")
    assert world.store.lock_seconds[0] > 2 * 10


async def test_another_process_finds_the_new_pair_in_the_store(world: World) -> None:
    await world.tokens.start()
    other = world.process()
    assert await other.token(FIRST) == "a0"
    await world.tokens.refresh(FIRST, "a0")
    assert await other.refresh(FIRST, "a0") == "a1"
    assert world.grants.calls == ["r0"]


async def test_renewed_ahead_of_its_end(world: World) -> None:
    await world.tokens.start()
    world.clock.forward(22 * 3600)
    assert await world.tokens.token(FIRST) == "a0"
    world.clock.forward(3600 + 60)
    assert await world.tokens.token(FIRST) == "a1"
    assert await world.tokens.token(FIRST) == "a1"
    assert world.grants.calls == ["r0"]


async def test_a_failed_refresh_keeps_the_old_pair_and_alarms(world: World) -> None:
    await world.tokens.start()
    world.grants.fault = TokenRefused("error_name", code="-14012")
    world.clock.forward(24 * 3600)
    assert await world.tokens.token(FIRST) == "a0"  # still valid for an hour
    assert await world.tokens.token(FIRST) == "a0"
    assert len(world.grants.calls) == 1  # not once per send
    assert world.store.pairs[KEY].refresh_token == "r0"
    assert "is not renewed (error_name); run `bot zalo login`" in world.tokens.degraded()[0]

    world.clock.forward(3600 * 2)
    with pytest.raises(AccountTrouble):
        await world.tokens.token(FIRST)
    world.grants.fault = None
    world.clock.forward(60)
    assert await world.tokens.token(FIRST) == "a1"
    assert world.tokens.degraded() == []


async def test_a_burst_of_refused_sends_is_one_failed_refresh(world: World) -> None:
    await world.tokens.start()
    world.grants.fault = Unknown("timeout", code="timeout")
    for _ in range(5):
        with pytest.raises(AccountTrouble):
            await world.tokens.refresh(FIRST, "a0")
    assert len(world.grants.calls) == 1


async def test_the_new_pair_is_not_used_before_it_is_stored(world: World) -> None:
    await world.tokens.start()
    world.grants.gate.clear()
    waiting = asyncio.create_task(world.tokens.refresh(FIRST, "a0"))
    await until(lambda: bool(world.grants.calls))
    world.store.down = True
    world.grants.gate.set()
    with pytest.raises(Refused):
        await waiting
    assert "waits for the store" in world.tokens.degraded()[0]
    with pytest.raises(Refused):
        await world.tokens.token(FIRST)

    world.store.down = False
    assert await world.tokens.token(FIRST) == "a1"
    assert world.store.pairs[KEY].refresh_token == "r1"
    assert world.grants.calls == ["r0"]


async def test_a_refresh_under_way_survives_its_caller(world: World) -> None:
    await world.tokens.start()
    world.grants.gate.clear()
    waiting = asyncio.create_task(world.tokens.refresh(FIRST, "a0"))
    await until(lambda: bool(world.grants.calls))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    closing = asyncio.create_task(world.tokens.close())
    await asyncio.sleep(0)
    world.grants.gate.set()
    await closing
    assert world.store.pairs[KEY].refresh_token == "r1"


async def test_a_pair_changed_by_hand_during_a_refresh_wins(world: World) -> None:
    await world.tokens.start()
    world.grants.gate.clear()
    waiting = asyncio.create_task(world.tokens.refresh(FIRST, "a0"))
    await until(lambda: bool(world.grants.calls))
    world.store.pairs[KEY] = TokenPair("hand", "hand-r", START + timedelta(hours=25), START)
    world.grants.gate.set()
    assert await waiting == "hand"


async def test_a_refresh_token_near_its_end_is_told(world: World) -> None:
    await world.tokens.start()
    assert world.tokens.degraded() == []
    world.clock.forward(77 * 86400)
    assert world.tokens.degraded() == [
        "zalo 22: the refresh token ends in 13 days; run `bot zalo login`"
    ]


async def test_a_store_that_is_down_is_told_as_such(world: World) -> None:
    world.store.down = True
    with pytest.raises(StoreError):
        await world.tokens.token(FIRST)


async def test_keep_fresh_renews_without_traffic(world: World) -> None:
    await world.tokens.start()
    world.clock.forward(24 * 3600)
    loop = asyncio.create_task(world.tokens.keep_fresh(60))
    await until(lambda: world.store.pairs[KEY].access_token == "a1")
    loop.cancel()


async def test_fixed_tokens_are_never_refreshed() -> None:
    account = Account("messenger", "33", {"page_access_token": "p"})
    tokens = StaticTokens()
    assert await tokens.token(account) == "p"
    with pytest.raises(AccountTrouble, match="put a new one"):
        await tokens.refresh(account, "p")
    with pytest.raises(AccountTrouble):
        await tokens.token(Account("messenger", "33", {}))


# -- encryption at rest -------------------------------------------------------------------------
KEY_1, KEY_2 = "first key of thirty-two letters!!", "second key of thirty-two letters!"


def sealing(world: World, keys: str) -> ZaloTokens:
    """Another process, with these encryption keys."""
    return ZaloTokens(
        world.store,
        world.grants,
        [FIRST],
        ahead=timedelta(hours=2),
        vault=Vault(keys),
        now=world.clock,
    )


def stored_pair(world: World) -> str:
    pair = world.store.pairs[KEY]
    return f"{pair.access_token} {pair.refresh_token}"


async def test_with_a_key_the_store_holds_no_token_in_clear(world: World) -> None:
    tokens = sealing(world, KEY_1)
    await tokens.start()
    assert stored_pair(world).count(MARK) == 2
    assert await tokens.token(FIRST) == "a0"
    assert await tokens.refresh(FIRST, "a0") == "a1"
    assert world.grants.calls == ["r0"]
    assert await sealing(world, KEY_1).token(FIRST) == "a1"


async def test_a_plain_pair_is_read_and_sealed_at_the_next_save(world: World) -> None:
    await world.tokens.start()
    assert stored_pair(world) == "a0 r0"
    tokens = sealing(world, KEY_1)
    await tokens.start()
    assert await tokens.token(FIRST) == "a0"
    assert stored_pair(world) == "a0 r0"
    assert await tokens.refresh(FIRST, "a0") == "a1"
    assert stored_pair(world).count(MARK) == 2


async def test_a_key_is_replaced_by_putting_the_new_one_in_front(world: World) -> None:
    await sealing(world, KEY_1).start()
    both = sealing(world, f"{KEY_2}, {KEY_1}")
    assert await both.token(FIRST) == "a0"
    assert await both.refresh(FIRST, "a0") == "a1"
    assert await sealing(world, KEY_2).token(FIRST) == "a1"


@pytest.mark.parametrize("keys", ["", KEY_2])
async def test_a_wrong_key_degrades_the_account_and_stops_nothing(world: World, keys: str) -> None:
    await sealing(world, KEY_1).start()
    before = stored_pair(world)
    tokens = sealing(world, keys)
    await tokens.start()
    for _ in range(3):
        with pytest.raises(AccountTrouble, match="BOT_TOKEN_KEY"):
            await tokens.token(FIRST)
        with pytest.raises(AccountTrouble, match="BOT_TOKEN_KEY"):
            await tokens.refresh(FIRST, "a0")
    (sentence,) = tokens.degraded()
    assert "BOT_TOKEN_KEY" in sentence
    assert (world.grants.calls, stored_pair(world)) == ([], before)
    assert world.store.alarms == [(*KEY, "token_key")]


async def test_a_new_log_in_mends_a_lost_key(world: World) -> None:
    await sealing(world, KEY_1).start()
    tokens = sealing(world, KEY_2)
    await tokens.start()
    with pytest.raises(AccountTrouble):
        await tokens.token(FIRST)
    granted = Granted("a9", "r9", timedelta(hours=25))
    await store_first_pair(world.store, Vault(KEY_2), FIRST, granted, START)
    assert await tokens.token(FIRST) == "a9"
    assert tokens.degraded() == []


# -- alarms ---------------------------------------------------------------------------------------
async def test_a_failed_refresh_raises_one_alarm_a_day(world: World) -> None:
    await world.tokens.start()
    world.grants.fault = TokenRefused("Invalid refresh token", code="-14014")
    for _ in range(3):
        world.clock.forward(60)
        with pytest.raises(AccountTrouble):
            await world.tokens.refresh(FIRST, "a0")
    assert world.store.alarms == [(*KEY, "token_refresh_failed")]
    world.clock.forward(86400)
    with pytest.raises(AccountTrouble):
        await world.tokens.refresh(FIRST, "a0")
    assert len(world.store.alarms) == 2


@pytest.mark.parametrize(("days", "alarms"), [(75, []), (77, [(*KEY, "token_ends_soon")])])
async def test_fourteen_days_before_its_end_a_refresh_token_raises_an_alarm(
    world: World, days: int, alarms: list[tuple[str, str, str]]
) -> None:
    await world.tokens.start()
    world.grants.fault = Refused("no connection", code="no connection")
    world.clock.forward(days * 86400)
    keeper = asyncio.create_task(world.tokens.keep_fresh(0.001))
    await until(lambda: len(world.grants.calls) > 0 and bool(world.store.alarms))
    await asyncio.sleep(0.01)
    keeper.cancel()
    assert [a for a in world.store.alarms if a[2] == "token_ends_soon"] == alarms


async def test_a_process_that_does_not_send_knows_the_pairs_and_renews_none(world: World) -> None:
    bare = replace(ZALO, secrets={n: v for n, v in ZALO.secrets.items() if "token" not in n})
    await world.tokens.start()
    watcher = world.process(bare)
    assert "there is no refresh token" in watcher.degraded()[0]
    world.clock.forward(86400 * 80)
    task = asyncio.create_task(watcher.watch(0.001))
    await until(lambda: "ends in 10 days" in " ".join(watcher.degraded()))
    task.cancel()
    assert len(watcher.degraded()) == 1
    assert world.grants.calls == []


# -- a person's log-in beside a running service ---------------------------------------------------
async def test_a_log_in_wins_over_a_refresh_under_way(world: World) -> None:
    await world.tokens.start()
    world.grants.gate.clear()
    refresh = asyncio.create_task(world.tokens.refresh(FIRST, "a0"))
    await until(lambda: world.grants.calls == ["r0"])
    granted = Granted("a9", "r9", timedelta(hours=25))
    await store_first_pair(world.store, Vault(), FIRST, granted, world.clock())
    world.grants.gate.set()
    assert await refresh == "a9"
    assert stored_pair(world) == "a9 r9"


async def test_a_log_in_has_a_resting_account_tried_at_once(world: World) -> None:
    later = START + timedelta(hours=1)
    world.store.accounts[KEY] = AccountState(later, "refresh: -14014", 5)
    granted = Granted("a9", "r9", timedelta(hours=25))
    await store_first_pair(world.store, Vault(), FIRST, granted, START)
    assert world.store.accounts[KEY] == AccountState(START, "refresh: -14014", 5)


async def test_a_log_in_made_elsewhere_ends_the_alarm_without_any_traffic(world: World) -> None:
    await world.tokens.start()
    world.grants.fault = TokenRefused("Invalid refresh token", code="-14014")
    with pytest.raises(AccountTrouble):
        await world.tokens.refresh(FIRST, "a0")
    assert world.tokens.degraded()
    granted = Granted("a9", "r9", timedelta(hours=25))
    await store_first_pair(world.store, Vault(), FIRST, granted, world.clock())
    keeper = asyncio.create_task(world.tokens.keep_fresh(0.001))
    await until(lambda: not world.tokens.degraded())
    keeper.cancel()
    assert await world.tokens.token(FIRST) == "a9"


async def test_two_first_starts_never_bring_a_used_pair_back(world: World) -> None:
    """The second start read "nothing stored" just before the first one stored and renewed."""
    await world.tokens.start()
    await world.tokens.refresh(FIRST, "a0")
    late = world.process()
    first_pair = TokenPair("a0", "r0", START + timedelta(hours=25), START)
    assert await late._save(FIRST, first_pair, replaces="") == "a1"
    assert world.store.pairs[KEY].refresh_token == "r1"
