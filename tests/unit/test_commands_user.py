"""`bot user` on a real SQLite store."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import cli
from bot.commands import user as command
from bot.console import passwords
from bot.store import ConsoleStore, open_store
from bot.store.users import LOCAL_USER, Role, User


@pytest.fixture(autouse=True)
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty store that the settings name."""
    address = f"sqlite:///{tmp_path}/bot.db"
    monkeypatch.setenv("DATABASE_URL", address)
    return address


def run(*args: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["user", *args], input=typed)


def stored(url: str, name: str) -> tuple[User, str] | None:
    async def look() -> tuple[User, str] | None:
        store = open_store(url, serves=False)
        await store.open()
        try:
            return await ConsoleStore(store).password_of(name)
        finally:
            await store.close()

    return asyncio.run(look())


def test_a_made_up_password_is_printed_once_and_works(url: str) -> None:
    done = run("add", "lan", "--role", "editor")
    assert done.exit_code == 0, done.output
    password = done.output.rpartition("shown once: ")[2].strip()
    found = stored(url, "lan")
    assert found is not None
    assert found[0].role is Role.EDITOR
    assert passwords.fits(password, found[1])
    assert password not in run("list").output


def test_a_typed_password_is_asked_for_twice_and_again_when_poor(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_is_terminal", lambda: True)
    good = "mật khẩu đủ dài"
    typed = "\n".join(["ngắn", good, "khác", good, good]) + "\n"
    done = run("add", "lan", typed=typed)
    assert done.exit_code == 0, done.output
    assert "at least 12 characters" in done.output
    assert "The two differ" in done.output
    assert good not in done.output
    found = stored(url, "lan")
    assert found is not None
    assert found[0].role is Role.AGENT
    assert passwords.fits(good, found[1])


def test_an_empty_answer_makes_one_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_is_terminal", lambda: True)
    assert "shown once" in run("add", "lan", typed="\n").output


def test_adding_again_changes_role_and_password(url: str) -> None:
    first = run("add", "lan").output.rpartition(": ")[2].strip()
    done = run("add", "lan", "--role", "viewer")
    assert "lan: changed as viewer." in done.output
    found = stored(url, "lan")
    assert found is not None
    assert found[0].role is Role.VIEWER
    assert not passwords.fits(first, found[1])


def test_list_and_disable() -> None:
    assert "No users yet" in run("list").output
    run("add", "lan")
    run("add", "mai", "--role", "editor")
    assert run("disable", "lan").exit_code == 0
    lines = run("list").output.splitlines()
    assert [line.split()[:3] for line in lines] == [
        ["lan", "agent", "disabled"],
        ["mai", "editor", "active"],
    ]
    again = run("disable", "lan")
    assert again.exit_code == 1
    assert "no active user lan" in again.output


@pytest.mark.parametrize("name", ["Lan", "l", "-lan", "lan mai", "a" * 33, LOCAL_USER, "lân"])
def test_other_names_are_refused(name: str) -> None:
    done = run("add", "--", name)
    assert done.exit_code == 2
    assert "lower-case letters" in done.output


@pytest.mark.parametrize("action", ["add", "disable"])
def test_a_name_is_needed(action: str) -> None:
    assert run(action).exit_code == 2
