"""Helper processes: the same answers, replaced when they die, one apology at worst."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.answerers import Answerers, _carry_out
from bot.dialogue import Circumstances, Desk, Said
from bot.errors import AnswererGone
from bot.models import Conversation, Outcome, Reply
from tests.small_answers import NOW, desk

HELLO = (Said(text="xin chào"), Conversation(), Circumstances(now=NOW))


class Trap(Desk):
    """A desk that does as it is told; of its methods only `respond` is called."""

    def __init__(self, deaths: Path) -> None:
        self.deaths = deaths
        self.snapshot = desk().snapshot  # a helper compiles its replies

    def respond(self, said, conversation, at):  # type: ignore[no-untyped-def] # as its parent
        if said.text == "raise":
            raise ValueError("words of a citizen")
        died = len(list(self.deaths.iterdir()))
        if said.text == "die" or (said.text == "die once" and not died):
            (self.deaths / str(died)).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return Reply(Outcome.CHITCHAT, parts=(said.text,)), conversation


@pytest.fixture
def helpers() -> Iterator[Answerers]:
    found = Answerers(1)
    yield found
    found.close()


def test_a_helper_answers_as_the_desk_itself(helpers: Answerers) -> None:
    own = desk()
    helpers.start(own)
    assert helpers.respond(own, *HELLO) == own.respond(*HELLO)
    question = Said(text="mức đóng bhyt học sinh năm nay")
    asked = (question, Conversation(), Circumstances(now=NOW))
    assert helpers.respond(own, *asked) == own.respond(*asked)


def test_without_helpers_the_caller_answers() -> None:
    own, none = desk(), Answerers(0)
    none.start(own)
    assert none.respond(own, *HELLO) == own.respond(*HELLO)
    none.close()


def test_a_desk_that_no_helper_holds_answers_itself(helpers: Answerers) -> None:
    own, other = desk(), desk()
    assert helpers.respond(own, *HELLO) == own.respond(*HELLO)  # before the start
    helpers.start(own)
    assert helpers.respond(other, *HELLO) == other.respond(*HELLO)


def test_a_new_desk_replaces_the_helpers(helpers: Answerers, tmp_path: Path) -> None:
    helpers.start(desk())
    trap = Trap(tmp_path)
    helpers.serve(trap)
    said = (Said(text="còn đây"), Conversation(), Circumstances(now=NOW))
    assert helpers.respond(trap, *said)[0].text == "còn đây"


def test_a_helper_that_dies_is_replaced_and_asked_again(helpers: Answerers, tmp_path: Path) -> None:
    trap = Trap(tmp_path)
    helpers.start(trap)
    said = (Said(text="die once"), Conversation(), Circumstances(now=NOW))
    assert helpers.respond(trap, *said)[0].text == "die once"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_turn_that_kills_two_helpers_is_an_error_and_the_next_is_answered(
    helpers: Answerers, tmp_path: Path
) -> None:
    trap = Trap(tmp_path)
    helpers.start(trap)
    with pytest.raises(AnswererGone):
        helpers.respond(trap, Said(text="die"), Conversation(), Circumstances(now=NOW))
    assert len(list(tmp_path.iterdir())) == 2
    said = (Said(text="tiếp"), Conversation(), Circumstances(now=NOW))
    assert helpers.respond(trap, *said)[0].text == "tiếp"


def test_an_error_comes_back_without_the_words_of_a_citizen(
    helpers: Answerers, tmp_path: Path
) -> None:
    trap = Trap(tmp_path)
    helpers.start(trap)
    with pytest.raises(RuntimeError, match="ValueError") as caught:
        helpers.respond(trap, Said(text="raise"), Conversation(), Circumstances(now=NOW))
    assert "citizen" not in str(caught.value)
    assert b"citizen" not in _carry_out(trap.respond, (Said(text="raise"), None, None))  # type: ignore[arg-type] # unused


def test_the_end_of_the_service_ends_its_helpers(tmp_path: Path) -> None:
    helpers = Answerers(1)
    helpers.start(Trap(tmp_path))
    helper = helpers._free.get_nowait()
    assert helper is not None
    helpers._free.put(helper)
    helpers.close()
    assert helper.process.poll() is not None
