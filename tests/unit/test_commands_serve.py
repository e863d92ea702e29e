"""What `bot serve` shows on the terminal once it is up."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bot.commands.serve import addresses
from bot.console import Opened


def shown(**different: Any) -> str:
    service = {"simulator_address": "", "console": Opened(), "address": "http://h:1", **different}
    return "\n".join(addresses(SimpleNamespace(**service)))  # type: ignore[arg-type]


def test_a_local_run_shows_simulator_console_and_the_password_once() -> None:
    text = shown(
        simulator_address="http://h:1/simulator/",
        console=Opened("http://h:1/console/", "bien-tap", "abcde-fghij"),
    )
    assert [line.split()[0] for line in text.splitlines()] == [
        "Simulator:", "Console:", "user", "Service:",
    ]  # fmt: skip
    assert text.count("abcde-fghij") == 1


def test_elsewhere_no_password_is_shown() -> None:
    assert "password" not in shown(console=Opened("http://h:1/console/"))
    assert shown() == "Service:   http://h:1 (stop with Ctrl+C)"
    assert shown(address="") == ""
