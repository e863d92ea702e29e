"""Messenger's profile of a Page: greeting, Get Started, ice breakers and the persistent menu.

Sent by `bot profile push`, never by the running service: Meta allows ten calls in ten minutes,
and what stands there changes with the knowledge base only.
"""

from __future__ import annotations

from typing import Any

from bot.errors import Unknown
from bot.profile import Profile
from bot.split import shorten
from webhooks.base import Account
from webhooks.messenger_items import GET_STARTED
from webhooks.messenger_send import Graph, call

#: Lengths by Meta's reference pages, in UTF-16 units.
_GREETING = 160
_QUESTION = 80
_MENU_TITLE = 30


def body(profile: Profile) -> dict[str, Any]:
    """The JSON of POST /me/messenger_profile.

    Get Started stands beside the ice breakers, which take its place on the screen: the
    persistent menu needs it, and old apps show it.
    """
    questions = [
        {"question": shorten(one.title, _QUESTION), "payload": one.tap} for one in profile.questions
    ]
    buttons = [
        {"type": "postback", "title": shorten(one.title, _MENU_TITLE), "payload": one.tap}
        for one in profile.menu
    ]
    sent: dict[str, Any] = {
        "get_started": {"payload": GET_STARTED},
        "greeting": [{"locale": "default", "text": shorten(profile.greeting, _GREETING)}],
        "persistent_menu": [
            {"locale": "default", "composer_input_disabled": False, "call_to_actions": buttons}
        ],
    }
    if questions:  # empty lists are refused
        sent["ice_breakers"] = [{"call_to_actions": questions, "locale": "default"}]
    return sent


async def push(graph: Graph, account: Account, profile: Profile, token: str) -> None:
    """Set the profile of one Page. Raises `SendError` as sending a message does."""
    answer = await call(graph, account, "me/messenger_profile", body(profile), token)
    if (answer.body or {}).get("result") != "success":
        raise Unknown("Graph did not confirm the profile", code="no result")
