"""Jinja2 templates of the knowledge base -> plain text. The only module that knows Jinja.

Templates run in a sandbox with a fixed list of functions; what they may print is checked
before a snapshot is loaded (design section 2, invariant 5).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jinja2
import jinja2.meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.errors import KnowledgeError

_environment = ImmutableSandboxedEnvironment(
    undefined=jinja2.StrictUndefined,
    # Replies are plain text, never HTML.
    autoescape=False,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=False,
)


@lru_cache(maxsize=4096)
def _compiled(source: str) -> jinja2.Template:
    return _environment.from_string(source)


def render(source: str, names: Mapping[str, Any]) -> str:
    """Fill one template.

    `names` are the functions and objects a template may use (see knowledge/README.md).
    Returns tidy text: no trailing spaces, at most one blank line in a row. Raises
    `KnowledgeError` when the template itself is faulty; exceptions of the functions pass.
    """
    try:
        text = _compiled(source).render(names)
    except jinja2.TemplateError as error:
        raise KnowledgeError(f"template cannot be rendered: {error}") from error
    return tidy(text)


def prepare(source: str) -> None:
    """Compile a template ahead, so that the first citizen to need it does not wait for it."""
    try:
        _compiled(source)
    except jinja2.TemplateError as error:
        raise KnowledgeError(f"template cannot be read: {error}") from error
    names_in(source)


@lru_cache(maxsize=4096)
def names_in(source: str) -> frozenset[str]:
    """The names a template reads from outside. Raises `KnowledgeError` when it is faulty."""
    try:
        return frozenset(jinja2.meta.find_undeclared_variables(_environment.parse(source)))
    except jinja2.TemplateError as error:
        raise KnowledgeError(f"template cannot be read: {error}") from error


def tidy(text: str) -> str:
    """Strip line ends and squeeze blank lines, so that templates may be laid out freely."""
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in text.strip().splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def paragraphs(text: str) -> list[str]:
    """The blocks between blank lines."""
    return [block.strip() for block in text.split("\n\n") if block.strip()]


def first_sentence(text: str) -> str:
    """The first sentence of a text: up to a full stop, question or exclamation mark.

    Dots inside numbers, and after abbreviations such as "TP.", do not end it.
    """
    for match in re.finditer(r"[.!?…](?=\s|$)|\n\n", text):
        head = text[: match.end()].strip()
        if not re.search(r"(?:^|\s)(?:TP|Tp|P|Q|ThS|TS|v\.v)\.$", head):
            return head
    return text.strip()
