"""What a page tells about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from bot.store.users import Role


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the console.

    `routes` are paths below /console; handlers are closed unless marked (`bot.console.guard`).
    """

    #: Short English name: of the template, the picture and the CSS class of the body.
    name: str
    #: Vietnamese title: of the navigation, the window and the guide.
    title: str
    #: One Vietnamese sentence for the guide: what the page is for.
    about: str
    routes: tuple[web.RouteDef, ...]
    #: Where the navigation leads, "" when the page is not in it.
    href: str = ""
    #: Who sees the link (the handlers check for themselves).
    role: Role = Role.VIEWER
    #: Icon of the navigation: a symbol in `icons.html`.
    icon: str = ""
    #: What the picture of the guide shows, below /console; "" takes `href`.
    sample: str = ""
    #: What its handlers record in the audit, in words: {"user.add": "Thêm tài khoản"}.
    actions: Mapping[str, str] = field(default_factory=dict)
