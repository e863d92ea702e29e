"""The operator's guide knows every alarm, log field and trouble that the program can tell of."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from bot import closed, switches, token_state, trace
from bot.config_schema import ROLES
from bot.store import conversations
from bot.store.simulated import SIMULATOR_ENDED

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
OUTCOMES = (ROOT / "docs" / "outcomes.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """One section of the guide."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    assert found, title
    return found.group(1)


def first_cells(text: str) -> set[str]:
    cells = (line.split("|")[1] for line in text.splitlines() if line.startswith("| `"))
    return {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)}


def test_every_alarm_says_what_to_do() -> None:
    raised = {token_state.REFRESH_FAILED, token_state.ENDS_SOON, token_state.UNREADABLE}
    raised |= set(re.findall(r'raise_alarm\([^)]*"([a-z_]+)"\)', inspect.getsource(conversations)))
    assert raised >= {"automation_echo", "account_alarm"}
    listed = {cell for cell in first_cells(section("Alarms")) if re.fullmatch("[a-z_]+", cell)}
    assert raised <= listed


def test_every_field_of_the_event_lines_is_explained() -> None:
    written = set(re.findall(r"^            (\w+)=", inspect.getsource(trace), re.MULTILINE))
    left_out = {"kind", "parts"}  # speak for themselves
    assert written - left_out <= first_cells(section("Metrics, logs, health"))
    for step in ("received", "answered", "attempt", "receipt"):
        assert f"`{step}`" in GUIDE


@pytest.mark.parametrize("role", sorted(ROLES))
def test_every_role_is_explained(role: str) -> None:
    assert role in first_cells(section("One machine or several"))


def test_reasons_of_this_guide_stand_in_the_outcomes_too() -> None:
    for reason in (SIMULATOR_ENDED, switches.ACCOUNT_OFF):
        assert f"`{reason}`" in OUTCOMES
    assert "`topic_off`" in GUIDE
    assert "topic_off: " in inspect.getsource(closed.withheld)


def test_every_secret_that_can_be_renewed_has_a_row() -> None:
    rows = first_cells(section("Rotating secrets"))
    assert rows >= {
        "BOT_TOKEN_KEY",
        "BOT_SECRET_KEY",
        "ZALO_OA_SECRET_KEY",
        "ZALO_APP_SECRET",
        "MESSENGER_APP_SECRET",
        "MESSENGER_PAGE_ACCESS_TOKEN",
        "MESSENGER_VERIFY_TOKEN",
    }
