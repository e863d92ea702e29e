"""The staff console at /console/: search and copy, why, and what later pages add.

    opening.py    at the start: on, off, or local with a made-up editor
    site.py       mounts everything
    guard.py      headers, sessions, roles, CSRF, kind errors: closed unless a handler says so
    context.py    the parts behind the pages, and who is logged in
    signing.py    cookies and tokens      passwords.py  argon2
    page.py       what a page tells about itself; pages/ holds one module each
    view.py       templates, and what all of them may read
    lookup.py     words -> answers        registers.py  answer -> three texts to copy
    choices.py    the chips               reasons.py, timeline.py  why, and since when

The last five are pure: they call what the bot calls, with the same arguments.
"""

from __future__ import annotations

from bot.console.opening import Opened, open_console

__all__ = ["Opened", "open_console"]
