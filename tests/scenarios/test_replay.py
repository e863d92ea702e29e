"""Every sample body through real HTTP: no 5xx, one reply to what can be answered, else none."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from tests.channels import vectors
from tests.scenarios.running import Running, run

#: Sample -> how many citizens' messages in it get exactly one reply each.
ZALO = {
    "zalo_01": 1, "zalo_02": 1, "zalo_03": 1, "zalo_04": 1, "zalo_05": 1, "zalo_06": 1,
    "zalo_07": 1, "zalo_08": 1, "zalo_09": 1, "zalo_10": 1, "zalo_11": 1, "zalo_12": 1,
    "zalo_13": 1, "zalo_14": 1, "zalo_15": 1, "zalo_16": 1, "zalo_17": 1, "zalo_18": 1,
    "zalo_25": 1, "zalo_30": 1, "zalo_37": 1, "zalo_38": 1, "zalo_39": 1, "zalo_40": 1,
    "zalo_41": 1, "zalo_43": 1,
}  # fmt: skip
MESSENGER = {
    "fb_01": 1, "fb_02": 1, "fb_03": 1, "fb_04": 1, "fb_05": 1, "fb_22": 1, "fb_23": 1,
    "fb_24": 1, "fb_25": 1, "fb_26": 1, "fb_27": 1, "fb_28": 1, "fb_29": 1, "fb_30": 1,
    "fb_31": 1, "fb_32": 1, "fb_33": 2, "fb_34": 2, "fb_44": 1, "fb_46": 1, "fb_48": 1,
    "fb_49": 1, "fb_52": 1,
}  # fmt: skip
#: Bodies that are refused: broken JSON, foreign app.
REFUSED = {"zalo_42": {400, 401}, "zalo_46": {401}, "fb_50": {400}, "zalo_36": {200, 400, 401}}
STAMPS = {"zalo_38": "154390853474", "zalo_39": "1789996400000", "zalo_36": "", "zalo_42": ""}


def _as_user(name: str, serial: int) -> bytes:
    """The sample, said by a citizen of its own, so that no sample silences another."""
    raw = vectors.payload(name)
    for old in (vectors.ZALO_USER, vectors.FB_USER, "7392000000000002"):
        new = f"{old[:6]}{serial:04d}{old[10:]}"
        raw = raw.replace(old.encode(), new.encode())
    return raw


async def _isolated(running: Running, channel: str, name: str, serial: int) -> int:
    raw = _as_user(name, serial)
    if name == "zalo_32":
        return await running.post("zalo", raw, {})
    if name == "zalo_46":
        sent = vectors.sign_zalo(raw, "1790000000000", app_id="4199999999999999999")
        return await running.post("zalo", raw, {"X-ZEvent-Signature": f"mac={sent}"})
    if channel == "zalo":
        return await running.zalo(raw, STAMPS.get(name, "1790000000000"))
    return await running.messenger(raw)


@pytest.mark.parametrize(
    ("channel", "platform", "expected"), [("zalo", "zalo", ZALO), ("messenger", "fb", MESSENGER)]
)
async def test_each_answerable_message_gets_one_reply(
    tmp_path: Path, channel: str, platform: str, expected: dict[str, int]
) -> None:
    async with run(tmp_path) as running:
        for serial, full in enumerate(vectors.samples(platform)):
            name = "_".join(full.split("_")[:2])
            before = {call.user for call in await running.settled()}
            if name in ("zalo_33", "fb_35"):  # said again by the citizen of the first sample
                first = "zalo_01" if platform == "zalo" else "fb_01"
                assert await _isolated(running, channel, first, 0) == 200
                assert {call.user for call in await running.settled()} == before, name
                continue
            status = await _isolated(running, channel, name, serial)
            assert status in REFUSED.get(name, {200, 404}), name
            replied = {call.user for call in await running.settled()} - before
            assert bool(replied) == bool(expected.get(name)), name
        answered, unanswered = _ledger(tmp_path / "bot.db")
        assert (answered, unanswered) == (sum(expected.values()), 0)


def _ledger(path: Path) -> tuple[int, int]:
    """Events whose reply was accepted whole, and events with anything else."""
    with contextlib.closing(sqlite3.connect(path)) as store:
        rows = store.execute(
            "SELECT inbox.id, COUNT(*), SUM(outbox.state = 'accepted') FROM inbox"
            " LEFT JOIN outbox ON outbox.inbox_id = inbox.id GROUP BY inbox.id"
        ).fetchall()
    whole = [row for row in rows if row[1] and row[1] == row[2]]
    return len(whole), len(rows) - len(whole)


@pytest.mark.parametrize(("channel", "platform"), [("zalo", "zalo"), ("messenger", "fb")])
async def test_stored_signatures_never_cause_a_5xx(
    tmp_path: Path, channel: str, platform: str
) -> None:
    async with run(tmp_path) as running:
        for name in vectors.samples(platform):
            assert await running.sample(channel, name) < 500, name
        await running.settled()
