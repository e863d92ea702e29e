"""Ten times `kill -9` at random points: nothing lost, nothing reordered, nothing sent twice
except what is counted as resent after a crash. The long form is `bench/crash.py`."""

from __future__ import annotations

from pathlib import Path

from tests.crash.rounds import Plan, run


async def test_ten_crashes_lose_nothing_and_keep_the_order(tmp_path: Path) -> None:
    verdict = await run(
        # Answering in the service's own process: ten starts of a helper would double the time.
        Plan(f"sqlite:///{tmp_path}/bot.db", tmp_path, kills=10, resend_seconds=1, helpers=0)
    )
    assert not verdict.trouble, verdict
    assert verdict.acknowledged > 50
    assert verdict.accepted >= verdict.acknowledged
