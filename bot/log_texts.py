"""Every sentence the service logs, in one place.

Functions are named after what happened, and each text says what to do next where there is
something to do. Callers pass no citizen's words or ids; `bot.telemetry` would drop them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import structlog

_log: structlog.stdlib.BoundLogger = structlog.get_logger("bot")


# -- start and stop ---------------------------------------------------------------------
def started(host: str, port: int, roles: Iterable[str], snapshot: str) -> None:
    _log.info("Started.", address=f"http://{host}:{port}", roles=sorted(roles), hash=snapshot)


def stopping(seconds: float) -> None:
    _log.info("Stopping: finishing what is in flight.", seconds=seconds)


def settings_warning(sentence: str) -> None:
    _log.warning(f"Settings: {sentence}.")


def channel_off(channel: str, missing: Iterable[str]) -> None:
    names = ", ".join(missing)
    why = f"set {names} to switch it on" if names else "channels.*.enabled is false"
    _log.warning(f"Channel {channel} is off and its webhook answers 503: {why}.")


def buttons_refused(channel: str, account: str) -> None:
    _log.warning(
        f"{channel} refused buttons on an account; choices are plain text there for a week.",
        account=account,
    )


def channel_on(channel: str, accounts: Iterable[str]) -> None:
    _log.info(f"Channel {channel} is on.", accounts=len(list(accounts)))


# -- webhooks ---------------------------------------------------------------------------
def signature_refused(channel: str, reason: str) -> None:
    _log.warning(
        f"A {channel} webhook call had a bad signature and was refused. If the platform sent it, "
        "compare the channel's secret with its console.",
        reason=reason,
    )


def body_refused(channel: str, reason: str) -> None:
    _log.warning(f"A signed {channel} webhook body could not be read.", reason=reason)


def events_not_stored(channel: str, error: BaseException) -> None:
    _log.error(
        f"Events of {channel} could not be stored; the platform was told to send them again. "
        "Look after the database now: platforms give up after about an hour.",
        error=repr(error),
    )


def account_alarm(channel: str, account: str) -> None:
    _log.error(
        f"{channel} reports action against the account; read its policy notice.", account=account
    )


# -- worker -----------------------------------------------------------------------------
def answering_failed(event_id: int, error: BaseException) -> None:
    _log.error(
        "An event could not be answered; it stays in the inbox and is tried again. "
        "If this repeats, run `bot ask` with the same words to see the fault.",
        inbox_id=event_id,
        exc_info=error,
    )


def claim_lost(event_id: int) -> None:
    _log.warning(
        "Another worker took the conversation over; nothing was written. If this repeats, raise "
        "store.lease_seconds.",
        inbox_id=event_id,
    )


def knowledge_refused(error: BaseException) -> None:
    _log.error(
        "The changed knowledge has errors and was not loaded; the snapshot before goes on "
        "answering. Run `bot check`.",
        error=str(error),
    )


def knowledge_loaded(snapshot: str, answers: int) -> None:
    _log.info("Knowledge loaded.", hash=snapshot, answers=answers)


def knowledge_published(snapshot: str, answers: int) -> None:
    _log.info("The knowledge folder was published to the store.", hash=snapshot, answers=answers)


def knowledge_differs(folder: str, served: str) -> None:
    _log.warning(
        "The knowledge folder of this node holds something else than what is published; the "
        "published snapshot is served. Run `bot publish` to make the folder's content active.",
        folder=folder,
        hash=served,
    )


def knowledge_unusable(snapshot: str, served: str, error: BaseException) -> None:
    _log.error(
        "This version of the program cannot use the published knowledge; another snapshot is "
        "served instead. Run `bot publish` with a folder that `bot check` finds sound, or "
        "`bot publish --rollback` to an earlier snapshot.",
        hash=snapshot,
        served=served,
        error=str(error),
    )


# -- switches and erasure -------------------------------------------------------------------
def switched(off: Iterable[str], on: Iterable[str]) -> None:
    _log.warning(
        "Switches changed; `bot switch list` shows what is off.", off=sorted(off), on=sorted(on)
    )


def erased(rows: Mapping[str, int]) -> None:
    _log.info("Data that citizens asked to be erased is gone.", rows=dict(rows))


def simulators_settled(rows: int) -> None:
    _log.info("Rows that a simulator of an earlier start left were settled.", rows=rows)


# -- sender -----------------------------------------------------------------------------
def store_unavailable(where: str, error: BaseException, again_in: float) -> None:
    _log.error(
        f"The store did not answer the {where}; trying again. Check the database.",
        error=repr(error),
        again_in=again_in,
    )


def answerer_lost(pid: int) -> None:
    _log.error(
        "A helper process that computes answers ended or took too long; it is replaced and the "
        "turn asked again. If this repeats, look for missing memory.",
        pid=pid,
    )


def send_refused(channel: str, outbox_id: int, code: str, retry_at: datetime) -> None:
    _log.info(
        f"{channel} refused a part for now; it is sent again.",
        outbox_id=outbox_id,
        code=code,
        retry_at=retry_at.isoformat(),
    )


def send_dead(channel: str, outbox_id: int, reason: str) -> None:
    _log.warning(
        f"{channel} refused a part for good: a dead letter. See the console; after mending the "
        "cause run `bot replay --dead`.",
        outbox_id=outbox_id,
        reason=reason,
    )


def send_too_late(channel: str, outbox_id: int) -> None:
    _log.warning(
        f"A part missed the reply window of {channel} and was dropped; if many do, look for what "
        "held the sender up.",
        outbox_id=outbox_id,
    )


def send_unknown(channel: str, outbox_id: int, reason: str) -> None:
    _log.warning(
        f"Nobody knows whether {channel} delivered a part; it is not sent again by itself. "
        "The console lists it.",
        outbox_id=outbox_id,
        reason=reason,
    )


def send_broke(channel: str, outbox_id: int, error: BaseException) -> None:
    _log.error(
        f"A fault in our own code met a part for {channel}; please report the traceback.",
        outbox_id=outbox_id,
        exc_info=error,
    )


def account_paused(channel: str, account: str, reason: str, until: datetime) -> None:
    _log.error(
        f"{channel} refuses the whole account: sending pauses and replies wait. Check the token "
        "and the account's standing in the platform's console.",
        account=account,
        reason=reason,
        until=until.isoformat(),
    )


def account_resumed(channel: str, account: str) -> None:
    _log.info(f"{channel} accepts the account again; waiting replies leave now.", account=account)


def drain_cut_short(count: int) -> None:
    _log.warning("The stop did not wait for all sends; raise server.drain_seconds.", parts=count)


# -- tokens -----------------------------------------------------------------------------
def token_refreshed(account: str, expires_at: datetime) -> None:
    _log.info("New Zalo token pair stored.", account=account, expires_at=expires_at.isoformat())


def token_refresh_failed(account: str, reason: str) -> None:
    _log.error(
        "Zalo did not renew the access token; the old pair is kept. If this repeats, run "
        "`bot zalo login`.",
        account=account,
        reason=reason,
    )


def token_unreadable(account: str, reason: str) -> None:
    _log.error(
        "The stored Zalo token pair cannot be decrypted; replies of this account wait. Put the "
        "key it was written with back into BOT_TOKEN_KEY, or run `bot zalo login`.",
        account=account,
        reason=reason,
    )


def token_ends_soon(account: str, days: int) -> None:
    _log.warning(
        "The Zalo refresh token ends soon and has not been renewed; run `bot zalo login`.",
        account=account,
        days=days,
    )


def token_not_stored(account: str, error: BaseException) -> None:
    _log.error(
        "A new Zalo token pair could not be stored and is not used until it is. Keep this process "
        "running and mend the database: the old pair is already void.",
        account=account,
        error=repr(error),
    )


def token_replaced_elsewhere(account: str) -> None:
    _log.warning(
        "The stored Zalo token pair changed during a refresh; the stored one is used.",
        account=account,
    )


# -- console ----------------------------------------------------------------------------
def console_off(missing: str) -> None:
    _log.warning(
        f"The staff console is off: {missing} is missing. Set it to a long random string and start "
        "again.",
        missing=missing,
    )


def console_on(address: str) -> None:
    _log.info("The staff console is on; make users with `bot user add NAME`.", address=address)


def console_without_tls(host: str) -> None:
    _log.warning(
        "The staff console listens on an open address without https: passwords can be read on the "
        "way. Put a TLS proxy in front and set server.public_url to its https address.",
        host=host,
    )


def console_store_away(error: BaseException) -> None:
    _log.error("The store did not answer the console. Check the database.", error=repr(error))


def console_broke(error: BaseException) -> None:
    _log.error("A fault in our own code met a page of the console.", exc_info=error)


# -- alarms -----------------------------------------------------------------------------
def alarms_told(way: str, number: int) -> None:
    _log.info(f"Alarms were told by {way}.", number=number)


def alarm_not_told(way: str, reason: str) -> None:
    _log.warning(
        f"The alarm {way} did not take an alarm; it is tried again at growing intervals. Check "
        "`alarms.*` and its secret.",
        reason=reason,
    )


def alarms_broke(error: BaseException) -> None:
    _log.error("A fault in our own code met the watch over alarms.", exc_info=error)
