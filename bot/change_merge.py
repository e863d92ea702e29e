"""Two people's edits of one text, put together; and a change as a patch. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

#: Where the knowledge folder stands in the repository: the patch is applied from its top.
FOLDER = "knowledge"


class _Edit(NamedTuple):
    """Lines `first` to `last` of the base (half open) become `lines`."""

    first: int
    last: int
    lines: Sequence[str]


def merge(base: str, mine: str, theirs: str) -> str | None:
    """The base with both edits, None where they meet.

    Lines that both put in at the same place stand one behind the other, theirs first: two
    editors who add phrasings to one answer do not disturb each other.
    """
    if mine == theirs:
        return theirs
    lines = base.splitlines(keepends=True)
    ours, others = _edits(lines, mine), _edits(lines, theirs)
    if any(_meet(a, b) for a in ours for b in others):
        return None
    done: list[str] = []
    at = 0
    # Theirs before ours where both begin at one line; an insertion before what replaces it.
    both = [(e.first, e.last, n, e) for n, edits in enumerate((others, ours)) for e in edits]
    for _, _, _, edit in sorted(both, key=lambda one: one[:3]):
        done += lines[at : edit.first]
        done += edit.lines
        at = max(at, edit.last)
    return "".join(done + lines[at:])


def patch(old: Mapping[str, str], new: Mapping[str, str], folder: str = FOLDER) -> str:
    """The files of a change against their old texts, as `git apply` and `patch -p1` read it."""
    return "".join(_patch(old, new, folder))


def _patch(old: Mapping[str, str], new: Mapping[str, str], folder: str) -> Iterator[str]:
    for path in sorted(new):
        before, after = old.get(path), new[path]
        if before == after:
            continue
        name = f"{folder}/{path}"
        yield f"diff --git a/{name} b/{name}\n"
        if before is None:
            yield "new file mode 100644\n"
        lines = difflib.unified_diff(
            (before or "").splitlines(keepends=True),
            after.splitlines(keepends=True),
            "/dev/null" if before is None else f"a/{name}",
            f"b/{name}",
        )
        for line in lines:
            whole = line.endswith("\n")
            yield line if whole else f"{line}\n\\ No newline at end of file\n"


class Line(NamedTuple):
    """One line of a change as a page shows it."""

    #: "add", "del", "same" or "gap".
    kind: str
    text: str


def shown(before: str, after: str) -> list[Line]:
    """The changed lines with two around them; "gap" stands for what is left out."""
    kinds = {"+": "add", "-": "del", " ": "same"}
    found = []
    for line in list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=2))[2:]:
        if line.startswith("@@"):
            found.append(Line("gap", ""))
        else:
            found.append(Line(kinds[line[0]], line[1:]))
    return found[1:] if found and found[0].kind == "gap" else found


def _edits(base: Sequence[str], text: str) -> list[_Edit]:
    lines = text.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(None, base, lines, autojunk=False)
    return [
        _Edit(first, last, lines[start:end])
        for tag, first, last, start, end in matcher.get_opcodes()
        if tag != "equal"
    ]


def _meet(a: _Edit, b: _Edit) -> bool:
    """True when two edits touch the same lines; two insertions at one place do not."""
    if a.first == a.last == b.first == b.last:
        return False
    if a.first == a.last:
        return b.first < a.first < b.last
    if b.first == b.last:
        return a.first < b.first < a.last
    return a.first < b.last and b.first < a.last
