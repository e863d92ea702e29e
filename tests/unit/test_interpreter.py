"""Settling keeps what lives out of collections, and still lets go of what has been replaced."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Iterator

import pytest

from bot.interpreter import SWITCH_SECONDS, THRESHOLDS, settle, share_fairly


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    thresholds, interval = gc.get_threshold(), sys.getswitchinterval()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)
    sys.setswitchinterval(interval)


class Ring:
    """Something that only a collection can free."""

    def __init__(self) -> None:
        self.own = self


def test_what_lives_is_left_out_of_collections() -> None:
    settle()
    assert gc.get_freeze_count() > 10_000
    assert gc.get_threshold() == THRESHOLDS


def test_what_was_replaced_is_let_go_at_the_next_settling() -> None:
    old = Ring()
    seen = weakref.ref(old)
    settle()
    del old
    gc.collect()
    assert seen() is not None  # left out, as everything that lived then
    settle()
    assert seen() is None


def test_later_garbage_is_collected_as_ever() -> None:
    settle()
    seen = weakref.ref(Ring())
    gc.collect()
    assert seen() is None


def test_threads_take_turns_soon() -> None:
    share_fairly()
    assert sys.getswitchinterval() == pytest.approx(SWITCH_SECONDS)
