"""What belongs to an account: its pause, its token pair, and the lock of the refresher."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from bot.errors import StoreError
from bot.store.api import AccountState, TokenPair
from bot.store.engine import Database
from bot.store.tables import accounts
from bot.store.values import from_ms, from_ms_or_none, to_ms, to_ms_or_none

a = accounts.c


def account_state(conn: Connection, channel: str, account: str) -> AccountState:
    """The account's pause; an account never seen is not paused."""
    row = conn.execute(select(accounts).where(_is(channel, account))).mappings().first()
    if row is None:
        return AccountState()
    return AccountState(from_ms_or_none(row["paused_until"]), row["pause_reason"], row["pauses"])


def pause_account(
    conn: Connection, db: Database, channel: str, account: str, state: AccountState
) -> None:
    """Store the pause, or clear it with `AccountState()`."""
    values = {
        "paused_until": to_ms_or_none(state.paused_until),
        "pause_reason": state.reason,
        "pauses": state.pauses,
    }
    _ensure(conn, db, channel, account)
    conn.execute(update(accounts).where(_is(channel, account)).values(values))


def buttons_refused(conn: Connection, db: Database, channel: str, account: str, until: int) -> None:
    """Note that the platform refuses buttons here until `until` (milliseconds since 1970)."""
    _ensure(conn, db, channel, account)
    conn.execute(update(accounts).where(_is(channel, account)).values(buttons_off_until=until))


def token_pair(conn: Connection, channel: str, account: str) -> TokenPair | None:
    """The current pair, None before the first."""
    row = conn.execute(select(accounts).where(_is(channel, account))).mappings().first()
    if row is None or not row["access_token"] or not row["refresh_token"]:
        return None
    return TokenPair(
        row["access_token"],
        row["refresh_token"],
        from_ms(row["expires_at"]),
        from_ms(row["obtained_at"]),
    )


def save_token_pair(
    conn: Connection,
    db: Database,
    channel: str,
    account: str,
    pair: TokenPair,
    replaces: str | None,
) -> bool:
    """Store a pair before its first use; a refresh token works once, so a lost one is lost.

    With `replaces`, only over that refresh token ("": only where none is). Raises `StoreError`
    for an empty token: an error answer of the platform must not wipe out the pair that still
    works.
    """
    if not pair.access_token.strip() or not pair.refresh_token.strip():
        raise StoreError("An empty token was not stored; the stored pair stays.")
    which: ColumnElement[bool] = _is(channel, account)
    if replaces is not None:
        which = and_(which, a.refresh_token == replaces)
    _ensure(conn, db, channel, account)
    values: dict[str, Any] = {
        "access_token": pair.access_token,
        "refresh_token": pair.refresh_token,
        "expires_at": to_ms(pair.expires_at),
        "obtained_at": to_ms(pair.obtained_at),
    }
    return conn.execute(update(accounts).where(which).values(values)).rowcount == 1


def lock_tokens(
    conn: Connection, db: Database, channel: str, account: str, holder: str, seconds: float
) -> bool:
    """Take or extend the refresher's lock; False while another holder has it."""
    _ensure(conn, db, channel, account)
    now = db.now(conn)
    free = or_(a.lock_holder.is_(None), a.lock_holder == holder, a.lock_until < now)
    done = conn.execute(
        update(accounts)
        .where(_is(channel, account), free)
        .values(lock_holder=holder, lock_until=now + round(seconds * 1000))
    )
    return done.rowcount == 1


def unlock_tokens(conn: Connection, channel: str, account: str, holder: str) -> None:
    """Give the lock back; nothing happens when it has passed on."""
    conn.execute(
        update(accounts)
        .where(_is(channel, account), a.lock_holder == holder)
        .values(lock_holder=None, lock_until=None)
    )


def _ensure(conn: Connection, db: Database, channel: str, account: str) -> None:
    conn.execute(
        db.insert(accounts).on_conflict_do_nothing(), {"channel": channel, "account": account}
    )


def _is(channel: str, account: str) -> ColumnElement[bool]:
    return and_(a.channel == channel, a.account == account)
