"""docs/conversations.md: the talks that are shown, and the register the desk keeps in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.gallery_talks import TALKS
from bot import texts

PAGE = (Path(__file__).parents[2] / "docs" / "conversations.md").read_text(encoding="utf-8")
#: What the bot says: quoted lines, without the buttons, which speak for the citizen.
SAID = [line[2:] for line in PAGE.splitlines() if line.startswith("> ") and "`[" not in line]


def test_every_talk_stands_on_the_page() -> None:
    titles = re.findall(r"^## (\d+)\. (.+) \((?:Zalo|Messenger)\)$", PAGE, re.MULTILINE)
    assert [title for _, title in titles] == [talk.title for talk in TALKS]
    assert len(titles) == 25


def test_both_channels_are_shown() -> None:
    assert {talk.channel for talk in TALKS} == {"zalo", "messenger"}
    assert len({talk.title for talk in TALKS}) == len(TALKS)


def test_the_bot_never_calls_itself_or_others_wrongly() -> None:
    # The staff's own words in talk 20 are a person's, not the bot's.
    persons = {turn.removeprefix("staff:") for talk in TALKS for turn in talk.turns}
    for line in SAID:
        if line in persons:
            continue
        plain = re.sub(r"(trẻ em|anh em|chị em|của tôi|em gái|em trai)", "", line, flags=re.I)
        assert not re.search(r"\b(em|bạn|tôi|tớ|cậu)\b|^Mình\b", plain), line


def test_nothing_unfilled_and_nothing_broken_is_shown() -> None:
    for line in SAID:
        assert "{" not in line, line
        assert "None" not in line, line
    assert "trục trặc" not in PAGE


@pytest.mark.parametrize(
    "said",
    [
        texts.FEEDBACK_ASK,
        texts.HANDOVER_OFFER,
        texts.STAFF_HERE,
        texts.BOT_BACK,
        texts.SPECIAL_CASES,
        texts.AGAIN,
        texts.CRISIS[0],
        texts.ABUSE_AGAIN[0],
        texts.IDENTIFIER_CAUTION,
        texts.ATTACHMENT["audio"],
        texts.FOREIGN[1],
        texts.WHICH_PLACE,
    ],
)
def test_the_manners_are_shown(said: str) -> None:
    """The page shows each habit once: a reader should not have to guess it."""
    assert said.split("\n", maxsplit=1)[0] in PAGE
