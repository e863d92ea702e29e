"""Speed of the whole service: `python bench/serve.py [--record]`.

In one run, against a real `bot serve` on SQLite with the shipped knowledge:

  accept     webhooks answered a second, durably stored, beside bare handlers that store nothing
  end to end messages a second from webhook to the platform's acceptance of the reply
  steady     waiting times at a steady rate
  memory     resident memory over many messages (`--messages`)

Citizens and platforms are one further process (`loadgen.py`) on the same machine, so every
figure includes the load generator's share of the cores.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the processes that tests start are started here as well

from bench.record import Line, machine, record  # noqa: E402 # behind the path above
from tests.channels import vectors  # noqa: E402 # same
from tests.crash.processes import Node, environment, free_port, running  # noqa: E402 # same

QUESTIONS = ROOT / "tests" / "eval" / "questions.jsonl"
CONNECTIONS = 64
#: Most messages between acknowledgement and reply in the end-to-end measurement.
OUTSTANDING = 256
SECRETS = {
    "app_id": vectors.APP_ID,
    "oa_id": vectors.OA_ID,
    "oa_secret": vectors.OA_SECRET,
    "page_id": vectors.PAGE_ID,
    "app_secret": vectors.FB_SECRET,
}


class Citizens:
    """The load generator's process."""

    def __init__(self) -> None:
        self.platform = ""
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, texts: Sequence[str]) -> None:
        """Start the platforms; `platform` is their address afterwards."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(Path(__file__).with_name("loadgen.py")),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 24,
        )
        told = await self.order({"secrets": SECRETS, "texts": list(texts)})
        self.platform = told["platform"]

    async def order(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Have one order carried out."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise RuntimeError("the load generator has not been started")
        process.stdin.write(json.dumps(order).encode() + b"\n")
        await process.stdin.drain()
        result: dict[str, Any] = json.loads(await process.stdout.readline())
        return result

    async def stop(self) -> None:
        """End the process."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            await self._process.wait()


class Usage:
    """Processor time and memory of a process and its children, from /proc."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def pids(self) -> list[int]:
        """The process and its children."""
        found = [self._pid]
        for thread in Path(f"/proc/{self._pid}/task").iterdir():
            # A thread that has just ended has no children any more.
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                found += map(int, (thread / "children").read_text().split())
        return sorted(found)

    def cpu_seconds(self) -> list[float]:
        """Processor seconds so far, one figure per process."""
        tick = os.sysconf("SC_CLK_TCK")
        found = []
        for pid in self.pids():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            found.append((int(fields[11]) + int(fields[12])) / tick)
        return found

    def rss_mb(self) -> list[float]:
        """Resident megabytes now, one figure per process."""
        page = os.sysconf("SC_PAGE_SIZE")
        return [
            int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * page / 1e6
            for pid in self.pids()
        ]


def texts() -> list[str]:
    """What citizens write: the labelled questions."""
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    return [row["text"] for row in rows]


async def accept(citizens: Citizens, folder: Path, count: int) -> list[Line]:
    """Webhooks a second, durably stored and not: see `handlers.py`."""
    order = {"do": "flood", "count": count, "connections": CONNECTIONS, "replies": False}
    best = {"json": 0.0, "bare": 0.0, "store": 0.0}
    # Taken in turns, best of three each: the machine's mood must not favour one of them.
    for turn in range(3):
        for kind in best:
            found = await _handler(kind, citizens, order, folder / f"{turn}.db")
            best[kind] = max(best[kind], found)
    ratio = best["store"] / best["bare"]
    return [
        Line("bare aiohttp handler: verifies and parses as the service does, 200",
             f"{best['bare']:.0f} webhooks/s"),
        Line("durable accept: the service's webhook path (SQLite, synchronous=FULL)",
             f"{best['store']:.0f} webhooks/s"),
        Line("ratio", f"{ratio:.2f}", "0.60", "0.75", ratio >= 0.6),
        Line("beside a handler that checks the signature and decodes the JSON unread",
             f"{best['json']:.0f} webhooks/s, ratio {best['store'] / best['json']:.2f}"),
    ]  # fmt: skip


async def _handler(
    kind: str, citizens: Citizens, order: Mapping[str, Any], database: Path
) -> float:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("handlers.py")),
        kind,
        str(port),
        str(database),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None  # noqa: S101 # asked for above
    try:
        await process.stdout.readline()
        await citizens.order({**order, "port": port, "count": order["count"] // 5})
        result = await citizens.order({**order, "port": port})
    finally:
        process.terminate()
        await process.wait()
    if result["refused"]:
        raise RuntimeError(f"{result['refused']} webhooks were not answered with 200")
    return float(result["acked"] / result["accept_seconds"])


async def end_to_end(citizens: Citizens, node: Node, count: int) -> list[Line]:
    """Messages a second from the webhook to the platform's acceptance of the reply."""
    usage = Usage(node.pid)
    warm = {"do": "flood", "port": node.port, "connections": CONNECTIONS}
    await citizens.order({**warm, "count": 300, "outstanding": OUTSTANDING})
    before = usage.cpu_seconds()
    result = await citizens.order({**warm, "count": count, "outstanding": OUTSTANDING})
    spent = [after - at for after, at in zip(usage.cpu_seconds(), before, strict=True)]
    _whole(result, count)
    rate = result["replied"] / result["whole_seconds"]
    costs = " + ".join(f"{1000 * seconds / count:.2f}" for seconds in spent)
    return [
        Line(f"{count} messages, {OUTSTANDING} at once", f"{rate:.0f} messages/s", "300", "1,000",
             rate >= 300),
        Line("processor time of the service a message (main + answering)", f"{costs} ms"),
        Line("processor time of citizens and platforms a message",
             f"{1000 * result['generator_cpu'] / count:.2f} ms"),
    ]  # fmt: skip


async def steady(citizens: Citizens, node: Node, rate: int, seconds: int) -> list[Line]:
    """Waiting times at a steady rate."""
    result = await citizens.order(
        {"do": "steady", "port": node.port, "count": rate * seconds, "rate": rate,
         "connections": CONNECTIONS}
    )  # fmt: skip
    _whole(result, rate * seconds)
    ack, reply = result["ack_ms"], result["reply_ms"]
    return [
        Line(f"acknowledgement at {rate}/s for {seconds} s, p50 / p95 / p99 / max", _row(ack)),
        Line("acknowledgement p99", f"{ack['p99']:.0f} ms", "50 ms", "", ack["p99"] <= 50),
        Line("acknowledgement to reply, p50 / p95 / p99 / max", _row(reply)),
        Line("reply p99", f"{reply['p99']:.0f} ms", "250 ms", "", reply["p99"] <= 250),
    ]


async def memory(citizens: Citizens, node: Node, count: int) -> list[Line]:
    """Resident memory over many messages."""
    usage, steps = Usage(node.pid), 10
    seen: list[list[float]] = []
    for _ in range(steps):
        await citizens.order(
            {"do": "flood", "port": node.port, "count": count // steps,
             "connections": CONNECTIONS, "outstanding": OUTSTANDING}
        )  # fmt: skip
        seen.append(usage.rss_mb())
        print(f"    {' + '.join(f'{mb:.0f}' for mb in seen[-1])} MB", flush=True)
    largest = [max(column) for column in zip(*seen, strict=True)]
    growth = sum(seen[-1]) - sum(seen[1])
    return [
        Line(f"after each tenth of {count} messages, all processes",
             ", ".join(f"{sum(row):.0f}" for row in seen) + " MB"),
        Line("largest process", f"{max(largest):.0f} MB", "250 MB", "", max(largest) <= 250),
        Line("growth from the second tenth to the last", f"{growth:.0f} MB"),
    ]  # fmt: skip


def _whole(result: Mapping[str, Any], count: int) -> None:
    if result["acked"] != count or result["replied"] != count:
        raise RuntimeError(
            f"of {count} messages {result['acked']} were acknowledged, "
            f"{result['refused']} refused and {result['replied']} replied to"
        )


def _row(times: Mapping[str, float]) -> str:
    return " / ".join(f"{times[name]:.0f}" for name in ("p50", "p95", "p99", "max")) + " ms"


async def measure(options: argparse.Namespace) -> list[Line]:
    """All measurements that were asked for."""
    lines: list[Line] = []
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench")))
        citizens = Citizens()
        await citizens.start(texts())
        stack.push_async_callback(citizens.stop)

        async def section(name: str, found: list[Line]) -> None:
            lines.append(Line(name))
            lines.extend(found)
            for line in lines[-len(found) - 1 :]:
                print(line.plain(), flush=True)

        if "accept" in options.only:
            await section("Accept", await accept(citizens, folder, options.webhooks))
        if set(options.only) & {"end", "steady", "memory"}:
            await _service(options, citizens, folder, section)
    return lines


async def _service(
    options: argparse.Namespace,
    citizens: Citizens,
    folder: Path,
    section: Callable[[str, list[Line]], Awaitable[None]],
) -> None:
    """The measurements that need the whole service, all on one process."""
    env = environment(
        f"sqlite:///{folder}/bot.db",
        citizens.platform,
        # The platforms' own limits would be measured otherwise: Zalo allows 67 a second.
        BOT__CHANNELS__ZALO__SENDS_PER_MINUTE="600000",
        BOT__CHANNELS__MESSENGER__SENDS_PER_MINUTE="600000",
        **dict(pair.split("=", 1) for pair in options.set),
    )
    command = ["-m", "bot"]
    if options.profile:
        command = [str(Path(__file__).with_name("profiled.py"))]
    node = Node(env, free_port(), command=command, log=Path(options.log))
    async with running(node):
        if "end" in options.only:
            await section("End to end", await end_to_end(citizens, node, options.count))
        if "steady" in options.only:
            found = await steady(citizens, node, options.rate, options.seconds)
            await section("Steady load", found)
        if "memory" in options.only:
            await section("Memory", await memory(citizens, node, options.messages))
        await node.terminate()  # it collects its helpers, and their processor time with them


def main() -> None:
    """Measure, print, and record with `--record`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="accept,end,steady,memory", help="which measurements")
    parser.add_argument("--webhooks", type=int, default=10_000, help="calls of `accept`")
    parser.add_argument("--count", type=int, default=5_000, help="messages of `end`")
    parser.add_argument("--rate", type=int, default=300, help="messages a second of `steady`")
    parser.add_argument("--seconds", type=int, default=30, help="how long `steady` lasts")
    parser.add_argument("--messages", type=int, default=200_000, help="messages of `memory`")
    parser.add_argument("--set", action="append", default=[], help="BOT__SECTION__KEY=value")
    parser.add_argument("--log", default=os.devnull, help="file for the service's log")
    parser.add_argument("--profile", action="store_true", help="run the service under cProfile")
    parser.add_argument("--record", action="store_true", help="write docs/reliability.md")
    options = parser.parse_args()
    options.only = options.only.split(",")
    print(f"{machine()}; load average before: {os.getloadavg()[0]:.1f}")
    started = time.monotonic()
    lines = asyncio.run(measure(options))
    print(f"took {time.monotonic() - started:.0f} s")
    if options.record:
        record("Speed", f"bench/serve.py {' '.join(sys.argv[1:])}", lines)


if __name__ == "__main__":
    main()
