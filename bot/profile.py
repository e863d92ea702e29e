"""What a citizen sees before writing the first word: greeting, opening questions, fixed menu.

Channel-neutral; `webhooks.messenger_profile` puts it into Messenger's words. It says at once that
a machine answers, and how to reach a person.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot import handover, offers, texts
from bot.models import Option
from knowledge.snapshot import Snapshot

#: Opening questions shown to somebody who has never written (Messenger's most).
MOST_QUESTIONS = 4
#: The payload that opens the main menu.
MENU_PAYLOAD = "menu"


@dataclass(frozen=True, slots=True)
class Profile:
    """The content of a channel's profile."""

    greeting: str
    #: Tapped instead of a first message.
    questions: tuple[Option, ...]
    #: Always at hand beside the field for typing.
    menu: tuple[Option, ...]


def profile(snapshot: Snapshot, *, staffed: bool) -> Profile:
    """The profile over a snapshot: the first lines of its main menu are the opening questions.

    Args:
        staffed: True when our own staff answer chats; else nobody is offered.
    """
    menu = [Option("", "", texts.PROFILE_MENU, MENU_PAYLOAD)]
    if staffed:
        menu.append(handover.BUTTON)
    return Profile(texts.PROFILE_GREETING, offers.menu(snapshot)[:MOST_QUESTIONS], tuple(menu))
