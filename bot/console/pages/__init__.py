"""The pages of the console, one module each; this is their register.

A page module holds a `PAGE`: its routes, and what the navigation, the guide and the pictures of
the guide need to know. Adding a page is adding its module here; nothing else lists pages.
"""

from __future__ import annotations

from bot.console.page import Page
from bot.console.pages import (
    alarms,
    audit,
    changes,
    conversation,
    conversations,
    copies,
    correction,
    login,
    report,
    search,
    snapshots,
    unanswered,
    why,
)

#: In the order of the navigation.
PAGES: tuple[Page, ...] = (
    login.PAGE,
    search.PAGE,
    conversations.PAGE,
    conversation.PAGE,
    alarms.PAGE,
    unanswered.PAGE,
    changes.PAGE,
    snapshots.PAGE,
    correction.PAGE,
    report.PAGE,
    why.PAGE,
    copies.PAGE,
    audit.PAGE,
)

__all__ = ["PAGES", "Page"]
