"""Renders the console's templates with what all of them may read."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import aiohttp_jinja2
from aiohttp import web

from bot.console.context import PREFIX, USER, csrf_of
from bot.console.page import Page
from bot.store.users import Role

#: The register of pages, for the navigation.
NAVIGATION = web.AppKey("navigation", tuple[Page, ...])
#: Page name -> how much waits there; filled in for whole pages (`bot.console.live`).
BADGES = web.RequestKey("badges", dict[str, int])
ROLES = {
    Role.VIEWER: "Tra cứu",
    Role.AGENT: "Trả lời",
    Role.EDITOR: "Biên tập",
}


def page(
    request: web.Request,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: HTTPStatus = HTTPStatus.OK,
) -> web.Response:
    """A whole page. `context` joins what every template may read (`shared`)."""
    words = {**shared(request), **(context or {})}
    return aiohttp_jinja2.render_template(template, request, words, status=status)


def part(request: web.Request, template: str, context: Mapping[str, Any]) -> str:
    """A piece of a page as HTML, for the calls of our scripts."""
    return aiohttp_jinja2.render_string(template, request, {**shared(request), **context})


def shared(request: web.Request) -> dict[str, Any]:
    """What every template may read: user, navigation, CSRF token, path below the prefix."""
    user = request.get(USER)
    pages = request.config_dict[NAVIGATION]
    return {
        "prefix": PREFIX,
        "user": user,
        "roles": ROLES,
        "csrf": csrf_of(request),
        "path": request.path.removeprefix(PREFIX),
        "badges": request.get(BADGES, {}),
        "navigation": [p for p in pages if p.href and user and user.role.covers(p.role)],
    }
