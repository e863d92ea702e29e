"""The writing thread: a queue of jobs, and one commit for as many of them as are waiting.

A batch is one transaction. While it is being flushed to disk the queue fills again, so the
load itself decides the size of the next batch: one commit per job when it is quiet, hundreds
of jobs per commit in a burst. When a job fails, or the transaction itself, everything is undone
and the jobs are tried one by one, so that a bad one takes nothing from its neighbours. (That is
rare. A savepoint around every job would cost as much as the job.)

Jobs therefore touch nothing but the connection they are given: they may run twice.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import BotError, StoreError
from bot.store.engine import Database

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(slots=True)
class Job:
    """One piece of writing and whoever waits for it.

    A job with an `item` has no `run` of its own: all items of a batch go through the writer's
    `merge` together.
    """

    future: asyncio.Future[Any]
    run: Callable[[Connection], Any] | None = None
    item: Any = None
    result: Any = None
    error: BaseException | None = field(default=None)


class Writer:
    """One or more threads that drain one queue, each with a connection of its own.

    SQLite gets one thread, because it allows one writer. PostgreSQL gets a few, with a batch
    size of 1, for work that locks rows.

    Args:
        database: where to write.
        name: of the threads, for the operator who lists them.
        batch_size: most jobs in one transaction.
        threads: how many drain the queue.
        merge: writes all items of a batch and returns one result or exception per item.
        most_waiting: items that wait at the same time; more are refused, for a queue in memory
            is no store. 0 = no limit.
    """

    def __init__(
        self,
        database: Database,
        name: str,
        *,
        batch_size: int,
        threads: int = 1,
        merge: Callable[[Connection, Sequence[Any]], Sequence[Any]] | None = None,
        most_waiting: int = 0,
    ) -> None:
        self._database = database
        self._batch_size = max(1, batch_size)
        self._merge = merge
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._stopped = False
        self._most_waiting = most_waiting
        self._waiting = 0
        #: Transactions committed so far; lets tests and metrics see the group commit.
        self.commits = 0
        self._threads = [
            threading.Thread(target=self._drain, name=f"{name}-{number}", daemon=True)
            for number in range(threads)
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish what is queued and end the threads. Blocks."""
        if self._stopped:
            return
        self._stopped = True
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()
        self._refuse_rest()

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run `work` inside a batch; returns after the commit.

        Raises whatever `BotError` the work raised, or `StoreError` when the engine failed.
        """
        result: T = await self._submit(Job(asyncio.get_running_loop().create_future(), run=work))
        return result

    async def add(self, item: Any) -> Any:
        """Hand one item to `merge`; returns its result after the commit.

        Raises `StoreError` when too many wait already.
        """
        if self._most_waiting and self._waiting >= self._most_waiting:
            raise StoreError("The store has more to write than it can take.")
        self._waiting += 1
        try:
            return await self._submit(Job(asyncio.get_running_loop().create_future(), item=item))
        finally:
            self._waiting -= 1

    async def _submit(self, job: Job) -> Any:
        if self._stopped:
            raise StoreError("The store is closed.")
        self._queue.put(job)
        # A caller that goes away cancels only its own waiting; the job is written all the same.
        return await job.future

    # -- in the threads -----------------------------------------------------------------
    def _drain(self) -> None:
        conn: Connection | None = None
        while (first := self._queue.get()) is not None:
            jobs = [first]
            ends = False
            while len(jobs) < self._batch_size:
                try:
                    job = self._queue.get_nowait()
                except Empty:
                    break
                if job is None:
                    ends = True
                    break
                jobs.append(job)
            conn = self._write(conn, jobs)
            _resolve(jobs)
            if ends:
                break
        if conn is not None:
            conn.close()

    def _write(self, conn: Connection | None, jobs: list[Job]) -> Connection | None:
        """Write a batch and return the connection to go on with. Never raises: every job ends
        with a result or an error."""
        try:
            if conn is None:
                conn = self._database.engine.connect()
            self._transact(conn, jobs)
        except Exception as error:
            _fail(jobs, error)
            if conn is not None and _gone(conn):
                return self._again(conn, [job for job in jobs if job.run is None])
            if conn is None or len(jobs) == 1:
                return _usable(conn)
            log.warning(
                "a batch of %d writes failed, trying one by one: %s",
                len(jobs),
                type(error).__name__,
            )
            for group in _apart(jobs):
                try:
                    for job in group:
                        job.result, job.error = None, None
                    self._transact(conn, group)
                except Exception as alone:
                    _fail(group, alone)
                    if _gone(conn):
                        break  # the rest keep the batch's error: the server is gone
        return _usable(conn)

    def _again(self, broken: Connection, items: list[Job]) -> Connection | None:
        """After a lost connection (a restarted server), give the items one more try.

        Items only: storing an event twice stores it once, while other work might be repeated.
        """
        _usable(broken)
        conn = None
        try:
            conn = self._database.engine.connect()
            for job in items:
                job.result, job.error = None, None
            if items:
                self._transact(conn, items)
        except Exception as error:
            _fail(items, error)
        return _usable(conn)

    def _transact(self, conn: Connection, jobs: list[Job]) -> None:
        items = [job for job in jobs if job.run is None]
        with conn.begin():
            if items and self._merge is not None:
                for job, result in zip(
                    items, self._merge(conn, [job.item for job in items]), strict=True
                ):
                    if isinstance(result, BaseException):
                        job.error = result
                    else:
                        job.result = result
            for job in jobs:
                if job.run is not None:
                    job.result = job.run(conn)
        self.commits += 1

    def _refuse_rest(self) -> None:
        """Fail what was queued after the end mark."""
        rest: list[Job] = []
        while True:
            try:
                job = self._queue.get_nowait()
            except Empty:
                break
            if job is not None:
                rest.append(job)
        _fail(rest, StoreError("The store is closed."))
        _resolve(rest)


def _gone(conn: Connection) -> bool:
    """True when the connection broke (asked anew each time: any statement can break it)."""
    return conn.invalidated


def _usable(conn: Connection | None) -> Connection | None:
    """The connection ready for the next batch, or None when a new one is needed."""
    if conn is None:
        return None
    try:
        if not conn.invalidated:
            conn.rollback()
            return conn
        conn.close()
    except SQLAlchemyError as error:
        log.debug("a broken connection could not be closed: %s", error)
    return None


def _apart(jobs: Sequence[Job]) -> Iterator[list[Job]]:
    """The items together (`merge` sees to it that none harms another), everything else alone."""
    if items := [job for job in jobs if job.run is None]:
        yield items
    yield from ([job] for job in jobs if job.run is not None)


def _fail(jobs: Sequence[Job], error: BaseException) -> None:
    for job in jobs:
        job.result, job.error = None, error


def as_store_error(error: BaseException) -> BaseException:
    """The error as callers know it: ours as they are, everything else as `StoreError`."""
    if isinstance(error, BotError):
        return error
    wrapped = StoreError(f"The store could not write: {type(error).__name__}.")
    wrapped.__cause__ = error
    return wrapped


def _resolve(jobs: Sequence[Job]) -> None:
    """Wake every waiter, with one call per event loop instead of one per job."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Job]] = defaultdict(list)
    for job in jobs:
        by_loop[job.future.get_loop()].append(job)
    for loop, group in by_loop.items():
        try:
            loop.call_soon_threadsafe(_deliver, group)
        except RuntimeError:
            log.debug("nobody waits any more for %d writes", len(group))


def _deliver(jobs: Sequence[Job]) -> None:
    for job in jobs:
        if job.future.done():
            continue
        if job.error is not None:
            job.future.set_exception(as_store_error(job.error))
        else:
            job.future.set_result(job.result)
