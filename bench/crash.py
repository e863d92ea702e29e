"""`kill -9` at random points: `python bench/crash.py --rounds 100 --engine sqlite [--record]`.

Real `bot serve` processes under load, a stand-in platform on loopback, and after every ten kills
a count of what happened to each acknowledged message. SQLite runs one process, PostgreSQL (the
`pgserver` wheel) three: web, worker, sender, of which any may be killed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the rounds of the test suite, only more of them

from sqlalchemy import create_engine, text  # noqa: E402 # same
from sqlalchemy.engine import make_url  # noqa: E402 # same

from bench.record import Line, machine, record  # noqa: E402 # behind the path above
from tests.crash.postgres import postgres  # noqa: E402 # same
from tests.crash.rounds import ONE, THREE, Plan, run  # noqa: E402 # same
from tests.crash.verdict import Verdict  # noqa: E402 # same

_COLUMNS = (
    "kills",
    "acknowledged",
    "accepted",
    "unknown",
    "dead",
    "dropped",
    "lost",
    "out of order",
    "duplicates",
    "resent after crash",
    "ledger",
)


def _values(kills: int, verdict: Verdict) -> list[str]:
    v = verdict
    figures = (v.acknowledged, v.accepted, v.unknown, v.dead, v.dropped, v.lost, v.out_of_order)
    again = (v.duplicates, v.resent_after_crash)
    return [*map(str, (kills, *figures, *again)), "balanced" if v.balanced else "NOT BALANCED"]


def _together(verdicts: list[Verdict]) -> Verdict:
    names = [name for name in Verdict.__dataclass_fields__ if name != "balanced"]
    sums = {name: sum(getattr(v, name) for v in verdicts) for name in names}
    return Verdict(**sums, balanced=all(v.balanced for v in verdicts))


@contextlib.contextmanager
def _databases(engine: str, folder: Path) -> Iterator[list[str]]:
    """Yields a list that is filled with one more empty database at each look."""
    if engine == "sqlite":
        yield [f"sqlite:///{folder}"]
        return
    with postgres() as server:
        yield [server.url]


def _empty(engine: str, base: str, number: int) -> str:
    """The address of an empty database."""
    if engine == "sqlite":
        return f"{base}/{number}.db"
    url = make_url(base).set(drivername="postgresql+psycopg")
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.execute(text(f"CREATE DATABASE run{number}"))
    admin.dispose()
    named = make_url(base).set(database=f"run{number}")
    return named.render_as_string(hide_password=False)


async def main(options: argparse.Namespace) -> int:
    """Run, print a row for every ten kills, and say whether every promise was kept."""
    engine: str = options.engine
    processes = ONE if engine == "sqlite" else THREE
    print(
        f"{engine}, {len(processes)} process(es), {options.rounds} kills in runs of "
        f"{options.per_run}; crash_resend_seconds {options.resend_seconds:g} (shipped: 10); "
        f"{machine()}"
    )
    print("  ".join(f"{name:>12}" for name in _COLUMNS))
    verdicts: list[Verdict] = []
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="crash") as name,
        _databases(engine, Path(name)) as (base,),
    ):
        left = options.rounds
        while left > 0:
            kills = min(options.per_run, left)
            left -= kills
            number = len(verdicts)
            folder = Path(name) / str(number)
            folder.mkdir()
            plan = Plan(
                _empty(engine, base, number),
                folder,
                kills,
                processes,
                resend_seconds=options.resend_seconds,
                seed=options.seed + number,
            )
            verdict = await run(plan)
            verdicts.append(verdict)
            row = "  ".join(f"{value:>12}" for value in _values(kills, verdict))
            print(f"{row}  {verdict.trouble}", flush=True)
    total = _together(verdicts)
    print("  ".join(f"{value:>12}" for value in _values(options.rounds, total)), " in all")
    print(f"took {time.monotonic() - began:.0f} s; {total.trouble or 'every promise was kept'}")
    if options.record:
        _record(engine, options, total)
    return 1 if any(verdict.trouble for verdict in verdicts) else 0


def _record(engine: str, options: argparse.Namespace, total: Verdict) -> None:
    kept = {
        "lost": total.lost == 0,
        "out of order": total.out_of_order == 0,
        "duplicates": total.duplicates <= total.resent_after_crash,
        "ledger": total.balanced,
    }
    floors = {
        "lost": "0",
        "out of order": "0",
        "duplicates": "at most resent after crash",
        "ledger": "balanced",
    }
    lines = [
        Line(name, value, floors.get(name, ""), "", kept.get(name))
        for name, value in zip(_COLUMNS, _values(options.rounds, total), strict=True)
    ]
    record(
        f"kill -9 on {'SQLite' if engine == 'sqlite' else 'PostgreSQL'}",
        f"bench/crash.py {' '.join(sys.argv[1:])}",
        lines,
        f"Parts that a crash cut off were resent after {options.resend_seconds:g} s without an "
        "echo (`delivery.crash_resend_seconds`, shipped value 10). Messenger echoed, Zalo did not.",
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=100, help="how many kills")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--per-run", type=int, default=10, help="kills on one database")
    parser.add_argument("--resend-seconds", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--record", action="store_true", help="write docs/reliability.md")
    sys.exit(asyncio.run(main(parser.parse_args())))
