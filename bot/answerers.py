"""Turns answered in processes of their own, so that answering never holds up the web side.

Python runs one thread at a time. Matching is the one part of the service that computes for
milliseconds on end, and beside it an acknowledgement would wait for its turn several times over.
Each helper process holds a copy of the desk, answers one turn at a time, and knows nothing else:
no store, no platform, no secret.

    worker thread -> (said, conversation, circumstances) -> helper -> (reply, conversation)

A helper that dies or does not answer in time is replaced and the turn asked once more; a turn
that brings down two helpers is an error like any other, and its citizen gets the apology.
"""

from __future__ import annotations

import contextlib
import pickle
import queue
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

from bot import log_texts
from bot.answer import prepare
from bot.dialogue import Circumstances, Desk, Said
from bot.errors import AnswererGone
from bot.interpreter import settle
from bot.models import Conversation, Reply

#: Longest time for one turn; the slowest real ones take hundredths of a second.
TURN_SECONDS = 20.0
#: Longest time for a helper to start: it imports and reads its copy of the desk.
START_SECONDS = 60.0
_LENGTH = struct.Struct("!Q")

Turn = tuple[Said, Conversation, Circumstances]
Answered = tuple[Reply, Conversation]


class _Helper:
    """One helper process and the line to it. Used by one thread at a time."""

    def __init__(self, desk: bytes) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", "bot.answerers", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        self._line = ours
        try:
            ours.settimeout(START_SECONDS)
            _write(ours, desk)
            _read(ours)
            ours.settimeout(TURN_SECONDS)
        except BaseException:
            self.end()
            raise

    def ask(self, turn: Turn) -> Answered:
        """One turn. Raises `OSError` when the helper is gone, else what answering raised."""
        _write(self._line, pickle.dumps(turn, pickle.HIGHEST_PROTOCOL))
        found = pickle.loads(_read(self._line))  # noqa: S301 - from our own process
        if isinstance(found, Exception):
            raise found
        answered: Answered = found
        return answered

    def end(self) -> None:
        """Hang up, which ends the process; one that is stuck is killed."""
        self._line.close()
        try:
            self.process.wait(1)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Answerers:
    """A few helpers behind one function.

    Thread-safe. `respond` blocks, so it is called from worker threads.

    Args:
        count: how many helpers; 0 answers in the calling thread.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._desk: Desk | None = None
        #: Free helpers of the desk that is served. A new desk brings a new queue.
        self._free: queue.SimpleQueue[_Helper | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._started = False
        self._closed = False

    def start(self, desk: Desk, packed: bytes = b"") -> None:
        """Start the helpers. Blocks until they are ready. Raises `AnswererGone`."""
        self._started = True
        self.serve(desk, packed)

    def serve(self, desk: Desk, packed: bytes = b"") -> None:
        """Answer from this desk from now on. Blocks until its helpers are ready.

        `packed` is the pickled desk where there is one already (`bot.builder`). Nothing happens
        before the start. Raises `AnswererGone` when they are not ready; then the desk before it
        stays.
        """
        if not self._started:
            return
        free: queue.SimpleQueue[_Helper | None] = queue.SimpleQueue()
        if self._count:
            packed = packed or _packed(desk)
            for _ in range(self._count):
                free.put(_start(packed))
        with self._lock:
            old, self._free, self._desk = self._free, free, desk
        _end(old)
        if self._closed:
            _end(free)

    def respond(
        self, desk: Desk, said: Said, conversation: Conversation, at: Circumstances
    ) -> Answered:
        """One turn from `desk`: in a helper when that is the desk they hold.

        Raises `AnswererGone` when helpers fail on this turn, else what `Desk.respond` raises.
        """
        with self._lock:
            free, helped = self._free, self._count > 0 and desk is self._desk
        if not helped:
            return desk.respond(said, conversation, at)
        helper = free.get()
        try:
            helper = helper or _start(_packed(desk))
            try:
                return helper.ask((said, conversation, at))
            except OSError:
                log_texts.answerer_lost(helper.process.pid)
                helper.end()
                helper = None
            helper = _start(_packed(desk))
            try:
                return helper.ask((said, conversation, at))
            except OSError as error:
                helper.end()
                helper = None
                raise AnswererGone from error
        finally:
            if helper is not None and (free is not self._free or self._closed):
                helper.end()  # its desk was replaced meanwhile
            else:
                free.put(helper)

    def close(self) -> None:
        """End every helper. Call after the last `respond`."""
        self._closed = True
        _end(self._free)


def _packed(desk: Desk) -> bytes:
    # Not kept: it is as large as the desk itself, and a helper is rarely replaced.
    return pickle.dumps(desk, pickle.HIGHEST_PROTOCOL)


def _start(packed: bytes) -> _Helper:
    try:
        return _Helper(packed)
    except (OSError, EOFError) as error:
        raise AnswererGone from error


def _end(free: queue.SimpleQueue[_Helper | None]) -> None:
    with contextlib.suppress(queue.Empty):
        while True:
            helper = free.get_nowait()
            if helper is not None:
                helper.end()


def _write(line: socket.socket, data: bytes) -> None:
    line.sendall(_LENGTH.pack(len(data)))
    line.sendall(data)


def _read(line: socket.socket) -> bytes:
    (length,) = _LENGTH.unpack(_exactly(line, _LENGTH.size))
    return _exactly(line, length)


def _exactly(line: socket.socket, count: int) -> bytes:
    """So many bytes. Raises `OSError` when the other side has hung up, or takes too long."""
    data = bytearray(count)
    view, at = memoryview(data), 0
    while at < count:
        got = line.recv_into(view[at:])
        if not got:
            raise ConnectionResetError("the other side has gone")
        at += got
    return bytes(data)


def _carry_out(respond: Callable[..., Any], turn: Turn) -> bytes:
    """The answer to one turn, or the exception in its place, ready to be sent."""
    try:
        return pickle.dumps(respond(*turn), pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        # Only class and place: the text of an error may quote what a citizen wrote.
        return pickle.dumps(RuntimeError(f"answering failed: {type(error).__name__}"))


def main(fd: int) -> None:
    """A helper's life: read the desk, then answer until the other side hangs up."""
    # Ctrl+C reaches the whole group; the service first finishes what is in flight.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with socket.socket(fileno=fd) as line, contextlib.suppress(OSError):
        desk: Desk = pickle.loads(_read(line))  # noqa: S301 - from the service that started us
        prepare(desk.snapshot)
        settle()
        _write(line, b"ready")
        while True:
            _write(line, _carry_out(desk.respond, pickle.loads(_read(line))))  # noqa: S301 - same


if __name__ == "__main__":
    main(int(sys.argv[1]))
