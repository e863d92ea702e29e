"""One refresher over several processes, on the real engines, with sealed tokens."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.errors import TokenRefused
from bot.store import SqlStore
from bot.tokens import ZaloTokens
from bot.vault import MARK, Vault
from tests.unit.store.building import rows
from tests.unit.store.conftest import MakeStore
from webhooks.base import Account
from webhooks.zalo_oauth import Granted

OA = Account(
    "zalo", "22", {"app_id": "1", "app_secret": "s", "access_token": "a0", "refresh_token": "r0"}
)
VAULT = Vault("k" * 40)


class Grants:
    """The token API: each refresh token works once; a call takes a moment."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    async def renew(self, account: Account, refresh_token: str) -> Granted:
        self.calls.append(refresh_token)
        await asyncio.sleep(0.05)
        if refresh_token != f"r{len(self.calls) - 1}":
            raise TokenRefused("used", code="-14014")
        n = len(self.calls)
        return Granted(f"a{n}", f"r{n}", timedelta(hours=25))


async def test_twenty_refusals_in_two_processes_make_one_refresh(
    store: SqlStore, make_store: MakeStore
) -> None:
    grants = Grants()
    beside = await make_store(serves=False)
    processes = [ZaloTokens(one, grants, [OA], vault=VAULT) for one in (store, beside)]
    for tokens in processes:
        await tokens.start()
    got = await asyncio.gather(
        *(tokens.refresh(OA, "a0") for tokens in processes for _ in range(10))
    )
    assert set(got) == {"a1"}
    assert grants.calls == ["r0"]
    assert await asyncio.gather(*(tokens.refresh(OA, "a1") for tokens in processes)) == ["a2", "a2"]
    assert grants.calls == ["r0", "r1"]
    ((stored, holder),) = rows(store, "SELECT refresh_token, lock_holder FROM accounts")
    assert stored.startswith(MARK)
    assert VAULT.open(stored) == "r2"
    assert holder is None


async def test_a_first_start_beside_a_renewed_pair_does_not_bring_the_old_one_back(
    store: SqlStore,
) -> None:
    grants = Grants()
    tokens = ZaloTokens(store, grants, [OA])
    await tokens.start()
    await tokens.refresh(OA, "a0")
    await ZaloTokens(store, grants, [OA]).start()
    pair = await store.token_pair("zalo", "22")
    assert pair is not None
    assert pair.refresh_token == "r1"
    assert not await store.save_token_pair("zalo", "22", pair, replaces="")
