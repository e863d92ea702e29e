"""Which channels are expected to bring something: real accounts that are on."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import pytest

from bot.alarm_wiring import build_alarms
from bot.config_schema import Settings
from bot.store import open_store
from bot.switches import Off
from tests import small_answers


def no_http() -> aiohttp.ClientSession:
    raise AssertionError("nothing is sent")


@pytest.mark.parametrize(
    ("off", "expected"),
    [
        (Off(), {"zalo"}),
        (Off(frozenset({"zalo"})), set()),
        (Off(frozenset({"zalo:22"})), {"zalo"}),
        (Off(frozenset({"zalo:22", "zalo:23"})), set()),
    ],
)
def test_only_real_accounts_that_are_on(tmp_path: Path, off: Off, expected: set[str]) -> None:
    made_up = SimpleNamespace(id="sim")
    channels: Any = {
        "zalo": SimpleNamespace(accounts={"22": None, "23": None, "sim": made_up}),
        "messenger": SimpleNamespace(accounts={"sim": made_up}),
    }
    alarms = build_alarms(
        Settings(),
        open_store(f"sqlite:///{tmp_path}/bot.db"),
        small_answers.world,
        no_http,
        channels=channels,
        simulated=cast(Any, {"zalo": made_up, "messenger": made_up}),
        off=lambda: off,
    )
    assert set(alarms._channels()) == expected
