"""What an operator may switch, how a process learns of it, and what it then does."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import cli
from bot.commands.switch import topics_of
from bot.errors import BotError, StoreError
from bot.models import Event, EventKind, Ignored, Parsed, Signal, SignalKind
from bot.store.api import SwitchedOff
from bot.switches import Off, Switchboard, check_target, split_off
from tests.unit.fakes_store import until

CHANNELS = ("zalo", "messenger")
ACCOUNTS = {"zalo:22", "messenger:33"}
TOPICS = {"rumor_scam", "five_year"}


@pytest.mark.parametrize("target", ["zalo", " messenger ", "zalo:22", "topic:rumor_scam"])
def test_known_targets_pass(target: str) -> None:
    assert check_target(target, CHANNELS, ACCOUNTS, TOPICS) == target.strip()


@pytest.mark.parametrize(
    ("target", "near"),
    [
        ("Zalo", "zalo"),
        ("topic:rumour_scam", "topic:rumor_scam"),
        ("zalo:23", "zalo:22"),
        ("five_year", "topic:five_year"),
    ],
)
def test_a_target_that_fits_nothing_is_refused_with_the_nearest(target: str, near: str) -> None:
    with pytest.raises(BotError, match=f"Did you mean {near}"):
        check_target(target, CHANNELS, ACCOUNTS, TOPICS)


def test_a_target_like_nothing_is_told_the_forms() -> None:
    with pytest.raises(BotError, match="topic:ID"):
        check_target("####", CHANNELS, ACCOUNTS, TOPICS)


def test_off_answers_for_channel_account_and_topic() -> None:
    off = Off(frozenset({"zalo:22", "messenger", "topic:five_year"}))
    assert off.channel("messenger")
    assert not off.channel("zalo")
    assert off.account("zalo", "22")
    assert not off.account("zalo", "23")
    assert off.account("messenger", "any")
    assert off.topics == {"five_year"}
    assert Off() == Off(frozenset())


def _event(account: str) -> Event:
    return Event("messenger", account, "u", f"text:{account}", EventKind.TEXT, "chào")


def test_a_shared_body_loses_only_the_events_of_what_is_off() -> None:
    withdraw = Signal(SignalKind.WITHDRAW, "messenger", "33", "u")
    body = Parsed(events=(_event("33"), _event("34")), signals=(withdraw,))
    kept, gone = split_off(body, Off(frozenset({"messenger:33"})))
    assert gone == 1
    assert kept.events == (_event("34"),)
    assert kept.signals == (withdraw,)
    assert kept.ignored == (Ignored("text", "account_off"),)
    assert split_off(body, Off()) == (body, 0)


# -- the board ------------------------------------------------------------------------------
class Rows:
    """The store's switches; `away` makes it fail."""

    def __init__(self) -> None:
        self.targets: set[str] = set()
        self.away = False

    async def switches(self) -> tuple[SwitchedOff, ...]:
        if self.away:
            raise StoreError
        now = datetime.now(UTC)
        return tuple(SwitchedOff(target, now) for target in sorted(self.targets))


async def test_the_board_follows_the_store_and_keeps_the_last_state_while_it_is_away() -> None:
    rows, seen = Rows(), list[Off]()
    board = Switchboard(rows, 0.001, seen.append)
    task = asyncio.create_task(board.run())
    rows.targets = {"zalo"}
    await until(lambda: board.off.channel("zalo"))
    rows.away = True
    rows.targets = set()
    await asyncio.sleep(0.02)
    assert board.off.channel("zalo")
    rows.away = False
    await until(lambda: not board.off.targets)
    task.cancel()
    assert [off.targets for off in seen] == [{"zalo"}, set()]


async def test_a_start_without_a_store_fails_rather_than_forgets() -> None:
    rows = Rows()
    rows.away = True
    with pytest.raises(StoreError):
        await Switchboard(rows).look()


# -- the command ------------------------------------------------------------------------------
def run(*args: str) -> Result:
    return CliRunner().invoke(cli, ["switch", *args])


@pytest.fixture(autouse=True)
def settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path_factory.mktemp("switch")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{folder}/bot.db")
    monkeypatch.setenv("ZALO_OA_ID", "22")


def test_off_list_on() -> None:
    assert run("list").stdout == "Nothing is switched off.\n"
    done = run("off", "zalo", "--by", "lan")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("zalo is off.")
    assert "zalo was off already" in run("off", "zalo").stdout
    assert run("off", "topic:rumor_scam").exit_code == 0
    topic, zalo = run("list").stdout.splitlines()
    assert topic.startswith("topic:rumor_scam\toff since ")
    assert zalo.endswith("\tlan")
    assert run("on", "zalo").stdout == "zalo is on.\n"
    assert run("on", "zalo").stdout == "zalo was on already.\n"
    assert len(run("list").stdout.splitlines()) == 1


def test_a_configured_account_may_be_switched_and_no_other() -> None:
    assert run("off", "zalo:22").exit_code == 0
    done = run("off", "zalo:23")
    assert isinstance(done.exception, BotError)
    assert "Did you mean zalo:22" in str(done.exception)


def test_what_the_settings_forgot_can_still_be_switched_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run("off", "zalo:22")
    monkeypatch.setenv("ZALO_OA_ID", "")
    assert run("on", "zalo:22").stdout == "zalo:22 is on.\n"
    assert isinstance(run("on", "zalo:22").exception, BotError)


def test_topics_are_those_of_the_knowledge_base() -> None:
    assert {"rumor_scam", "hssv_rate"} <= topics_of(None)
