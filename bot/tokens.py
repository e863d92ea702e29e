"""Access tokens for sending: fixed ones (Messenger), and Zalo's pair that renews itself.

Zalo's refresh token works once. Losing its successor means that a person must authorise the
account again, hence: one refresher at a time over all processes (a lock in the store that
outlives the call), the new pair is committed before its first use, a refresh that has
started is finished even while the service stops, and nothing empty replaces a token.

There is no retry loop of a library here or in `bot.dispatch`: what must be tried again is a
row in the store with its time, so that it outlives the process. Pairs reach the store only
through `_save` and `_load`, which seal and open them (`bot.vault`). A pair that cannot be
opened is trouble of that account, shown in /readyz, and never a reason not to start.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bot import log_texts
from bot.errors import AccountTrouble, Refused, SendError, StoreError
from bot.store.api import Store, TokenPair
from bot.telemetry import hide
from bot.token_source import StaticTokens, TokenSource
from bot.token_state import (
    ENDS_SOON,
    LONG_AGO,
    REFRESH_FAILED,
    UNREADABLE,
    State,
    open_pair,
    seal_pair,
)
from bot.vault import Vault
from webhooks.base import Account
from webhooks.zalo_oauth import ACCESS_LIFE, Granted

#: After a failed refresh the next one waits this long, so that a burst of refused sends does
#: not become a burst of refreshes.
PAUSE_AFTER_FAILURE = timedelta(seconds=30)


class TokenGrants(Protocol):
    """The token API (`webhooks.zalo_oauth.ZaloOAuth`)."""

    async def renew(self, account: Account, refresh_token: str) -> Granted:
        """Trade a refresh token for a new pair. Raises a `SendError`."""


class ZaloTokens:
    """The current Zalo token pair of every Official Account.

    Args:
        store: keeps the pairs and the refresher's lock.
        grants: the token API.
        accounts: the Official Accounts; their secrets may hold the first pair.
        ahead: how long before its end an access token is renewed.
        call_seconds: longest duration of one call of `grants`.
        vault: seals and opens what the store keeps.
        now: the clock, in UTC.
    """

    def __init__(
        self,
        store: Store,
        grants: TokenGrants,
        accounts: Iterable[Account],
        *,
        ahead: timedelta = timedelta(minutes=120),
        call_seconds: float = 10,
        vault: Vault | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._grants = grants
        self._accounts = list(accounts)
        self._ahead = ahead
        # Two refreshes with one token would both fail or lose the pair, so the lock must not
        # end while a call can still be under way.
        self._lock_seconds = call_seconds * 2 + 20
        self._vault = vault or Vault()
        self._now = now
        self._holder = uuid.uuid4().hex
        self._states = {account.id: State() for account in self._accounts}

    async def start(self) -> None:
        """Store the first pair of the settings where the store has none.

        Raises:
            StoreError: the store cannot be read.
            Refused: the store did not take the pair; it is offered again on the next use.
        """
        for account in self._accounts:
            hide(*(account.secrets.get(n, "") for n in ("access_token", "refresh_token")))
            access = account.secrets.get("access_token", "")
            refresh = account.secrets.get("refresh_token", "")
            try:
                stored = await self._load(account)
            except AccountTrouble:  # logged, and in degraded(); the others go on
                continue
            if stored is None and access and refresh:
                # Its age is unknown. Taken for fresh: if it is not, Zalo says so and it is renewed.
                now = self._now()
                pair = TokenPair(access, refresh, now + ACCESS_LIFE, now)
                await self._save(account, pair, replaces="")

    async def keep_fresh(self, every_seconds: float = 60) -> None:
        """Renew tokens ahead of their end even when nothing is sent, and notice a log-in that
        a person made elsewhere. Runs until cancelled."""
        while True:
            for account in self._accounts:
                with contextlib.suppress(SendError, StoreError):  # logged, and in degraded()
                    await self._load(account)
                    await self.token(account)
                with contextlib.suppress(StoreError):
                    await self._alarm_when_ending(account)
            await asyncio.sleep(every_seconds)

    async def watch(self, every_seconds: float = 30) -> None:
        """Know the stored pairs without renewing them, for a process that does not send: its
        /readyz tells of them all the same. Runs until cancelled."""
        while True:
            for account in self._accounts:
                with contextlib.suppress(SendError, StoreError):
                    await self._load(account)
            await asyncio.sleep(every_seconds)

    async def close(self) -> None:
        """Wait for a refresh under way: its new pair must reach the store."""
        tasks = [s.refresh for s in self._states.values() if s.refresh]
        await asyncio.gather(*tasks, return_exceptions=True)
        for account in self._accounts:
            with contextlib.suppress(SendError):
                await self._save_leftover(account)

    async def token(self, account: Account) -> str:
        """The current access token, renewed first when it ends soon.

        Raises:
            AccountTrouble: there is none and none can be had.
            Refused: a new pair waits for the store; try later.
            StoreError: the store cannot be read.
        """
        await self._save_leftover(account)
        state = self._states[account.id]
        pair = state.pair or await self._load(account)
        bare = account.secrets.get("access_token", "")
        if pair is None and bare and not account.secrets.get("refresh_token"):
            return bare
        now = self._now()
        if pair is not None and now < pair.expires_at - self._ahead:
            return pair.access_token
        usable = pair is not None and now < pair.expires_at
        try:
            if usable and now < state.not_before:
                raise AccountTrouble(state.failure)
            return await self._renewed(account, pair.access_token if pair else "")
        except AccountTrouble:
            if pair is None or not usable:
                raise
            return pair.access_token

    async def refresh(self, account: Account, refused: str) -> str:
        """A token other than `refused`: the store's, if another process renewed it, else new.

        Raises as `token`.
        """
        await self._save_leftover(account)
        return await self._renewed(account, refused)

    def degraded(self) -> list[str]:
        """Sentences on failed refreshes and on refresh tokens that end soon."""
        now = self._now()
        return [
            sentence
            for account in self._accounts
            for sentence in self._states[account.id].worries(account, now)
        ]

    async def _alarm_when_ending(self, account: Account) -> None:
        days = self._states[account.id].days_left(self._now())
        if days is not None and await self._alarm(account, ENDS_SOON):
            log_texts.token_ends_soon(account.id, days)

    async def _alarm(self, account: Account, kind: str) -> bool:
        """Put an alarm into the store, once a day and process; False when it stood there."""
        told = (kind, self._now().date().isoformat())
        alarmed = self._states[account.id].alarmed
        if told in alarmed:
            return False
        await self._store.raise_alarm(account.channel, account.id, kind)
        alarmed.add(told)
        return True

    async def _renewed(self, account: Account, refused: str) -> str:
        """Join the refresh under way, or start one. It goes on when the caller is cancelled."""
        state = self._states[account.id]
        if state.refresh is None or state.refresh.done():
            state.refresh = asyncio.create_task(self._renew(account, refused))
            # Nobody may be left to hear of a failure; degraded() and the log tell it.
            state.refresh.add_done_callback(lambda t: t.cancelled() or t.exception())
        return await asyncio.shield(state.refresh)

    async def _renew(self, account: Account, refused: str) -> str:
        state = self._states[account.id]
        give_up = asyncio.get_running_loop().time() + self._lock_seconds
        key = (account.channel, account.id, self._holder)
        while True:
            found = await self._load(account)
            if found and found.access_token != refused:
                return found.access_token
            if self._now() < state.not_before:
                raise AccountTrouble(state.failure, code="refresh failed")
            if await self._store.lock_tokens(*key, self._lock_seconds):
                break
            if asyncio.get_running_loop().time() > give_up:
                raise await self._failed(
                    account, "another process holds the refresh lock", "locked"
                )
            await asyncio.sleep(0.1)
        try:
            pair = await self._load(account)  # it may have changed just before the lock was ours
            if pair and pair.access_token != refused:
                return pair.access_token
            old = pair.refresh_token if pair else account.secrets.get("refresh_token", "")
            if not old:
                raise await self._failed(account, "there is no refresh token", "no refresh token")
            try:
                granted = await self._grants.renew(account, old)
            except SendError as error:
                raise await self._failed(account, str(error), error.code) from error
            now = self._now()
            new = TokenPair(
                granted.access_token, granted.refresh_token, now + granted.expires_in, now
            )
            replaces = self._states[account.id].stored_refresh if pair else ""
            return await self._save(account, new, replaces=replaces)
        finally:
            with contextlib.suppress(StoreError):  # it ends by itself
                await self._store.unlock_tokens(*key)

    async def _failed(self, account: Account, reason: str, code: str) -> AccountTrouble:
        state = self._states[account.id]
        state.failure = reason
        state.not_before = self._now() + PAUSE_AFTER_FAILURE
        log_texts.token_refresh_failed(account.id, reason)
        with contextlib.suppress(StoreError):  # the log and degraded() have it
            await self._alarm(account, REFRESH_FAILED)
        return AccountTrouble(f"no access token: {reason}", code=f"refresh: {code}")

    async def _load(self, account: Account) -> TokenPair | None:
        """The stored pair, opened. Raises `AccountTrouble` when no key opens it."""
        sealed = await self._store.token_pair(account.channel, account.id)
        if sealed is None:
            return None
        try:
            pair = open_pair(self._vault, sealed)
        except AccountTrouble as error:
            await self._unreadable(account, error)
            raise
        self._adopt(account, pair, sealed.refresh_token)
        return pair

    async def _unreadable(self, account: Account, error: AccountTrouble) -> None:
        state = self._states[account.id]
        if state.failure != str(error):  # said once, not with every part that waits
            log_texts.token_unreadable(account.id, str(error))
        state.pair, state.failure = None, str(error)
        with contextlib.suppress(StoreError):
            await self._alarm(account, UNREADABLE)

    def _adopt(self, account: Account, pair: TokenPair, stored_refresh: str) -> None:
        state = self._states[account.id]
        state.stored_refresh = stored_refresh
        if state.pair != pair:
            hide(pair.access_token, pair.refresh_token)
            state.pair, state.failure = pair, ""
            state.not_before = LONG_AGO

    async def _save_leftover(self, account: Account) -> None:
        leftover = self._states[account.id].unsaved
        if leftover:
            await self._save(account, leftover[0], replaces=leftover[1])

    async def _save(self, account: Account, pair: TokenPair, *, replaces: str) -> str:
        """Commit a pair, then let it be used. Raises `Refused` while the store is down.

        `replaces` is the refresh token before it as it stands in the store, sealed or plain.
        """
        state = self._states[account.id]
        hide(pair.access_token, pair.refresh_token)
        state.unsaved = (pair, replaces)
        sealed = seal_pair(self._vault, pair)
        try:
            saved = await self._store.save_token_pair(
                account.channel, account.id, sealed, replaces=replaces
            )
        except StoreError as error:
            log_texts.token_not_stored(account.id, error)
            raise Refused("a new token pair waits for the store", code="token unsaved") from error
        state.unsaved = None
        if saved:
            self._adopt(account, pair, sealed.refresh_token)
            log_texts.token_refreshed(account.id, pair.expires_at)
            return pair.access_token
        log_texts.token_replaced_elsewhere(account.id)
        stored = await self._load(account)
        if stored is None:
            raise await self._failed(account, "the stored token pair vanished", "vanished")
        return stored.access_token


__all__ = ["StaticTokens", "TokenGrants", "TokenSource", "ZaloTokens"]
