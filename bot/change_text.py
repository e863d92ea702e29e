"""Edits of knowledge files that keep every other byte: comments, order and quoting stay. Pure.

A file belongs to its editors; a program that loads and dumps it would take their comments away.
So lines are put in where the parsed document says a list ends, and the result is parsed again:
what is not exactly "the same plus these lines" is an error, never a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import yaml

from bot.errors import KnowledgeError
from bot.normalize import fold
from knowledge.marked import Marked, Unreadable, read

#: Texts that mean themselves in YAML without quotes.
_PLAIN = re.compile(r"[^\W\d_][\w ()/%?!.-]*[\w)%?!.]")
_LIST_KEY = "phrasings"


def add_phrasings(text: str, phrasings: Sequence[str]) -> str:
    """An answer's file with more phrasings at the end of its list.

    Phrasings that the list has already (whatever their accents) are left out.
    Raises `KnowledgeError` when the file has no such list, or is not the YAML of this project.
    """
    doc = _read(text)
    root = doc.root
    old = doc.data.get(_LIST_KEY) if isinstance(doc.data, dict) else None
    if not isinstance(old, list) or not isinstance(root, yaml.MappingNode):
        raise KnowledgeError("The file has no list of phrasings.")
    node = next(value for key, value in root.value if key.value == _LIST_KEY)
    known = {fold(one) for one in old}
    new: list[str] = []
    for one in (" ".join(p.split()) for p in phrasings):
        if one and fold(one) not in known:
            known.add(fold(one))
            new.append(one)
    if not new:
        return text
    done = _inside(text, node, new) if node.flow_style else _below(text, node, map(scalar, new))
    again = _read(done).data
    if again != {**doc.data, _LIST_KEY: [*old, *new]}:
        raise KnowledgeError("The phrasings could not be put in without touching other lines.")
    return done


def add_questions(text: str | None, answer_id: str, questions: Sequence[str]) -> str | None:
    """A file of test questions (tests/knowledge) with more of them; None when it has them all.

    Args:
        text: the file, None for a new one.
        answer_id: the answer that the questions must reach.
        questions: words as they were tried.

    Raises `KnowledgeError` when the file is not a list of questions, one a line.
    """
    lines = [f"{{ask: {_quoted(one)}}}" for one in questions]
    if text is None:
        head = f"# Questions that must reach {answer_id}.\nanswer: {answer_id}\nquestions:\n"
        return head + "".join(f"  - {line}\n" for line in lines) if lines else None
    doc = _read(text)
    old = doc.data.get("questions") if isinstance(doc.data, dict) else None
    if not isinstance(old, list) or not old or not isinstance(doc.root, yaml.MappingNode):
        raise KnowledgeError("The file has no list of questions.")
    node = next(value for key, value in doc.root.value if key.value == "questions")
    known = {one.get("ask") for one in old if isinstance(one, dict)}
    new = [one for one in questions if one not in known]
    if node.flow_style:
        raise KnowledgeError("The file has its questions on one line.")
    if not new:
        return None
    done = _below(text, node, (f"{{ask: {_quoted(one)}}}" for one in new))
    if _read(done).data != {**doc.data, "questions": [*old, *({"ask": one} for one in new)]}:
        raise KnowledgeError("The questions could not be put in without touching other lines.")
    return done


def scalar(text: str) -> str:
    """A text of one line as it stands in a file: plain where that is safe, else quoted."""
    if _PLAIN.fullmatch(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """What an editor fills in for a new answer."""

    id: str
    topic: str
    audience: str
    kind: str
    visibility: str
    title: str
    phrasings: Sequence[str]
    #: ISO day.
    effective_from: str
    directive: str
    locator: str
    text: str
    checked_on: str
    review_by: str


def new_answer(given: NewAnswer) -> str:
    """The file of a new answer, in the order and layout of the others."""
    cited = f"directive: {given.directive}"
    if given.locator:
        quoted = given.locator if re.fullmatch(r"[\w ]+", given.locator) else _quoted(given.locator)
        cited += f", locator: {quoted}"
    lines = [
        f"id: {given.id}",
        f"topic: {given.topic}",
        f"audience: {given.audience or _quoted('')}",
        f"kind: {given.kind}",
        f"visibility: {given.visibility}",
        f"title: {scalar(given.title)}",
        "phrasings:",
        *(f"  - {scalar(one)}" for one in given.phrasings),
        "negative_phrasings: []",
        "slots: []",
        f"effective_from: {given.effective_from}",
        "effective_to: open",
        *(["citations:", f"  - {{{cited}}}"] if given.directive else ["citations: []"]),
        "reply:",
        "  full: |",
        *(f"    {line}".rstrip() for line in given.text.strip().splitlines()),
        "follow_ups: []",
        f"review: {{checked_on: {given.checked_on}, review_by: {given.review_by}}}",
    ]
    return "\n".join(lines) + "\n"


def slug(title: str) -> str:
    """An id from a Vietnamese title: "Mất thẻ BHYT?" -> "mat-the-bhyt"."""
    return "-".join(re.findall(r"[a-z0-9]+", fold(title)))[:60].strip("-")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _read(text: str) -> Marked:
    try:
        return read(text.encode("utf-8"))
    except Unreadable as error:
        raise KnowledgeError(f"Line {error.line}: {error.text}.") from error


def _below(text: str, node: yaml.SequenceNode, new: Iterable[str]) -> str:
    """Behind the last item of a list with one item a line."""
    lines = text.splitlines(keepends=True)
    newline = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    first, last = node.value[0], node.value[-1]
    # An item's text begins behind "- "; the dash gives the indentation.
    dash = lines[first.start_mark.line].index("-")
    at = last.end_mark.line
    # A plain or quoted text ends on its own line, a block text where the next line begins.
    if last.end_mark.column > 0:
        at += 1
    if at and not lines[at - 1].endswith(("\n", "\r")):
        lines[at - 1] += newline
    lines[at:at] = [f"{' ' * dash}- {one}{newline}" for one in new]
    return "".join(lines)


def _inside(text: str, node: yaml.SequenceNode, new: Sequence[str]) -> str:
    """Before the closing bracket of a list on one line."""
    lines = text.splitlines(keepends=True)
    line, column = node.end_mark.line, node.end_mark.column - 1
    before = lines[line][:column].rstrip()
    more = ", ".join(_quoted(one) for one in new)
    comma = "" if not node.value or before.endswith(",") else ", "
    lines[line] = f"{before}{comma}{more}{lines[line][column:]}"
    return "".join(lines)
