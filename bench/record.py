"""Writes what a bench measured into its own section of a page of docs/, and into no other."""

from __future__ import annotations

import os
import platform
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reliability.md"
_HEAD = """\
# Reliability, measured

Written by `bench/serve.py`, `bench/crash.py` and `bench/faults.py` with `--record`; not by hand.
What is promised, and why it holds: [README](../README.md), [decisions](adr).
"""
#: The page of the benches of matching.
MATCHING = PAGE.with_name("matching.md")
MATCHING_HEAD = """\
# Matching, measured

Written by `python -m bench.noise` and `python -m bench.match` with `--record`; not by hand.
How often the right answer is found: [quality](quality.md).
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One figure; without `value` a heading. `floor` must be reached, `goal` is hoped for."""

    name: str
    value: str = ""
    floor: str = ""
    goal: str = ""
    reached: bool | None = None

    def plain(self) -> str:
        """As printed."""
        if not self.value:
            return f"\n{self.name}"
        asked = "; ".join(
            f"{word} {text}" for word, text in (("floor", self.floor), ("goal", self.goal)) if text
        )
        verdict = {True: " reached", False: " NOT REACHED", None: ""}[self.reached]
        return f"  {self.name}: {self.value}" + (f"  ({asked};{verdict})" if asked else "")

    def row(self) -> str:
        """As a row of the page's table."""
        if not self.value:
            return f"| **{self.name}** | | | | |"
        verdict = {True: "yes", False: "**no**", None: ""}[self.reached]
        return f"| {self.name} | {self.value} | {self.floor} | {self.goal} | {verdict} |"


def machine() -> str:
    """What it was measured on."""
    cores = len(os.sched_getaffinity(0))
    system = f"{platform.system()} {platform.machine()}"
    return f"{cores} cores, {system}, Python {platform.python_version()}"


def _busy_seconds() -> tuple[float, float]:
    """Processor seconds of the whole machine, and of this bench with what it started."""
    tick = os.sysconf("SC_CLK_TCK")
    fields = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:]
    # Without idle and waiting for the disk (the fourth and fifth).
    machine_wide = sum(int(f) for n, f in enumerate(fields[:8]) if n not in (3, 4)) / tick
    own = os.times()
    return machine_wide, own.user + own.system + own.children_user + own.children_system


_BEGAN = (time.monotonic(), *_busy_seconds())


def others() -> int:
    """Share of the cores that other programs used since the start, in percent.

    On a shared machine a figure says little without it.
    """
    began, everything, own = _BEGAN
    everything_now, own_now = _busy_seconds()
    cores = os.cpu_count() or 1
    elsewhere = (everything_now - everything) - (own_now - own)
    return max(0, round(100 * elsewhere / (cores * (time.monotonic() - began))))


def record(
    section: str,
    command: str,
    lines: Sequence[Line],
    note: str = "",
    *,
    path: Path = PAGE,
    head: str = _HEAD,
) -> None:
    """Replace one section of the page, or add it; a new page begins with `head`."""
    page = path.read_text(encoding="utf-8") if path.exists() else head
    day = datetime.now(UTC).date().isoformat()
    text = "\n".join(
        [
            f"## {section}",
            "",
            f"{day}, {machine()}; other programs used {others()} % of the cores meanwhile. "
            f"Command: `python {command.strip()}`",
            "",
            *([note, ""] if note else []),
            "| what | figure | floor | goal | reached |",
            "|---|---|---|---|---|",
            *(line.row() for line in lines),
            "",
        ]
    )
    own = re.compile(rf"^## {re.escape(section)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    page = own.sub(lambda _: text, page) if own.search(page) else f"{page.rstrip()}\n\n{text}"
    path.write_text(page.rstrip() + "\n", encoding="utf-8")
    print(f"recorded in {path.name}")
