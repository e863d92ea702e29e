"""The fact files: every dated fact the knowledge base was written from, and who answers for it.

Each YAML file of this folder is a list of facts:

- fact: HS-10                     # the id of the fact
  says: State support for students is at least 50 % from 01/07/2025
  confidence: V2                  # SEED, V1, V1-T, V2, CALC; or BG, CONFLICT, UNKNOWN
  ask: nhà nước hỗ trợ bhyt học sinh bao nhiêu phần trăm
  answer: ho-tro-hssv             # the answer that must come, or must be among the options
  text: ["50%"]                   # what the reply must hold

Optional: outcome (default answered), as_of, province, staff, turns (a dialogue instead of ask;
the last reply counts), amounts, not_text. `never` instead of `text` lists what no reply may hold:
for facts that are not confirmed. A fact nobody would ask about has `unasked` with the reason
instead of a question. A fact of several parts may appear more than once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from bot.commands.ask import converse
from bot.dialogue import Desk
from bot.models import Reply

FOLDER = Path(__file__).parent
AS_OF = "2026-11-22"
#: Facts of these kinds are never stated; all others may be.
UNCONFIRMED = frozenset({"BG", "CONFLICT", "UNKNOWN"})
CONFIRMED = frozenset({"SEED", "V1", "V1-T", "V2", "CALC"})


def facts() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every fact with a name for messages: file and number."""
    for path in sorted(FOLDER.glob("*.yaml")):
        for number, fact in enumerate(yaml.safe_load(path.read_text("utf-8"))):
            yield f"{path.stem}[{number}] {fact['fact']}", fact


def ask(desk: Desk, fact: Mapping[str, Any]) -> Reply:
    """The last reply to the question (or dialogue) of a fact."""
    as_of = fact.get("as_of", AS_OF)
    options = {
        "as_of": as_of.isoformat() if isinstance(as_of, date) else as_of,
        "province": fact.get("province"),
        "staff": bool(fact.get("staff")),
    }
    replies, _ = converse(desk, list(fact.get("turns") or [fact["ask"]]), options)
    return replies[-1]
