"""A chat page for both channels that needs no tokens and never reaches a real platform.

What a visitor types leaves as the channel's own webhook body, signed for an account that
exists only in this process, and travels over loopback HTTP to this service's own webhook.
What the page shows in return is what the real sender posted to the stand-in platform API
in `platform.py`. Everything between the two is the code that serves citizens.

    accounts.py   one made-up account per channel, and where its platform API stands
    envelope.py   a visitor's action -> signed webhook call
    platform.py   the stand-in platform API
    visitors.py   what each visitor's page has seen, and who is listening
    guard.py      loopback only, same origin only, strict response headers
    pages.py      the page and its four calls; `add_simulator` mounts everything
"""

from __future__ import annotations

from bot.simulator.accounts import base_urls, loopback_url, simulator_accounts
from bot.simulator.pages import add_simulator

__all__ = ["add_simulator", "base_urls", "loopback_url", "simulator_accounts"]
