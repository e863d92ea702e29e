"""How Python itself is set for a service: thread switches and garbage collection.

Knowledge and code are hundreds of thousands of objects that live as long as the process. A full
collection walks through all of them and finds nothing, in the middle of somebody's answer.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import sys

#: How long a thread may go on while another waits, in seconds; Python's own 5 ms are ten
#: statements of the store.
SWITCH_SECONDS = 0.0005
#: Objects between two collections, and how many of one generation make one of the next. A turn
#: makes thousands of objects and hardly a cycle, so Python's own 700 collect in every turn.
THRESHOLDS = (20_000, 20, 50)


def share_fairly() -> None:
    """Let a thread that waits for its turn have it soon."""
    sys.setswitchinterval(SWITCH_SECONDS)


def settle() -> None:
    """Leave everything that lives now out of later collections.

    Call when a process has loaded what it serves, and again when that has been replaced: what
    was left out before is then looked through once more, so that nothing old stays behind.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    _give_back()


def _give_back() -> None:
    """Return free memory to the system: building an index takes twice of what is kept.

    Only the GNU C library has to be asked; elsewhere this does nothing.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
