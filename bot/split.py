"""Cutting a reply into messages that a channel accepts. Pure.

Lengths count UTF-16 code units, the strictest reading of the platforms' limits. A cut
never falls inside a grapheme (what a reader sees as one character), and prefers, in this
order, the border of a paragraph, a line, a sentence, a word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import regex  # type: ignore[import-untyped] # ships no annotations

#: A border is only taken when the part before it fills this share of the limit, so that a
#: short first paragraph does not become a message of its own. Word borders are exempt.
_MIN_FILL = 1 / 3
#: Blanks that hold words together ("683.100 đồng" written with one of them).
_BINDING = frozenset("\u00a0\u2007\u202f")
_SENTENCE_END = re.compile(r"[.!?…][)\]”\"'»]*$")
#: "TP." and "Q." shorten a name, "1." numbers a line: no sentence ends there.
_NO_SENTENCE = re.compile(r"(?:^|[\s(])(?:[A-ZĐ]\w{0,2}|TT|UBND)\.$|(?:^|\n)\s*\d{1,2}\.$")
_SOURCES = re.compile(r"^[ \t]*căn cứ\b", re.IGNORECASE | re.MULTILINE)
_HEADING_LENGTH = 80


class _Level(IntEnum):
    WORD = 1
    SENTENCE = 2
    LINE = 3
    PARAGRAPH = 4


@dataclass(frozen=True, slots=True)
class _Border:
    """White space between two words: a part may end at `end`, the next begins at `start`."""

    end: int
    start: int
    level: _Level


def units(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@lru_cache(maxsize=4096)  # mostly the titles of answers, over and over
def shorten(text: str, limit: int) -> str:
    """The text if it fits `limit` UTF-16 units, else its beginning with "…", whole graphemes.

    Ends at a word where that keeps at least half of the room.
    """
    text = " ".join(text.split())
    if units(text) <= limit:
        return text
    kept = ""
    for cluster in regex.findall(r"\X", text):
        if units(kept) + units(cluster) > limit - 1:
            break
        kept += cluster
    word = kept.rpartition(" ")[0] if not text[len(kept) :].startswith(" ") else kept
    if units(word) * 2 >= limit:
        kept = word
    return kept.rstrip(" ,;:.-–") + "…"


def split(text: str, limit: int) -> list[str]:
    """Cut a text into parts of at most `limit` UTF-16 units, in order.

    Joined again, the parts differ from the text by white space only. No part is blank. A
    heading (a line ending in ":" or in capitals) does not end a part when a later line could
    follow it, and the "Căn cứ …" block at the end stays whole when it fits into one part.
    A single grapheme above the limit is the one thing cut between its code points.

    Args:
        limit: UTF-16 code units per part, at least 2.

    Raises:
        ValueError: the limit is below 2, so that not every character would fit.
    """
    if limit < 2:
        raise ValueError(f"a part needs room for at least 2 units, not {limit}")
    if units(text.strip()) <= limit:
        parts = [text.strip()]
    else:
        start = _sources_at(text)
        block = text[start:].strip()
        if start <= 0 or units(block) > limit:
            parts = _cut(text, limit)
        else:
            parts = _cut(text[:start], limit)
            gap = "\n\n" if text[len(text[:start].rstrip()) : start].count("\n") > 1 else "\n"
            joined = f"{parts[-1]}{gap}{block}" if parts else block
            if parts and units(joined) <= limit:
                parts[-1] = joined
            else:
                parts.append(block)
    return [part for part in parts if part.strip()]


def _sources_at(text: str) -> int:
    """Where the closing "Căn cứ" block begins, headings above it included; -1 without one."""
    matches = list(_SOURCES.finditer(text))
    if not matches:
        return -1
    start = matches[-1].start()
    while start:
        above = text[:start].rstrip()
        line = above.rfind("\n") + 1
        if not _is_heading(above[line:]):
            break
        start = line
    return start


def _cut(text: str, limit: int) -> list[str]:
    clusters: list[str] = regex.findall(r"\X", text)
    sizes = [units(c) for c in clusters]
    borders = _borders(clusters)
    parts: list[str] = []
    start = borders[0].start if borders and borders[0].end == 0 else 0
    while start < len(clusters):
        full, room = start, limit
        while full < len(clusters) and sizes[full] <= room:
            room -= sizes[full]
            full += 1
        if full == len(clusters):
            parts.append("".join(clusters[start:]).rstrip())
            break
        if full == start:  # one grapheme above the limit
            parts += _cut_cluster(clusters[start], limit)
            start += 1
            continue
        border = _choose(clusters, borders, sizes, start, full, limit)
        parts.append("".join(clusters[start : border.end]))
        start = border.start
    return parts


def _choose(
    clusters: Sequence[str],
    borders: Sequence[_Border],
    sizes: Sequence[int],
    start: int,
    full: int,
    limit: int,
) -> _Border:
    """The best place to end the part that begins at `start` and holds up to `full`."""
    near = [b for b in borders if start < b.end <= full]
    for level in reversed(_Level):
        for border in reversed([b for b in near if b.level >= level]):
            filled = sum(sizes[start : border.end]) >= limit * _MIN_FILL
            if (filled or level is _Level.WORD) and not _ends_in_heading(
                clusters, start, border.end
            ):
                return border
    return _Border(full, full, _Level.WORD)


def _borders(clusters: Sequence[str]) -> list[_Border]:
    borders, i = [], 0
    while i < len(clusters):
        if not _is_blank(clusters[i]):
            i += 1
            continue
        j = i
        while j < len(clusters) and _is_blank(clusters[j]):
            j += 1
        breaks = sum(1 for c in clusters[i:j] if c in ("\n", "\r\n", "\r", "\u2028", "\u2029"))
        before = "".join(clusters[max(0, i - 12) : i])
        if breaks:
            level = _Level.PARAGRAPH if breaks > 1 else _Level.LINE
        elif _SENTENCE_END.search(before) and not _NO_SENTENCE.search(before):
            level = _Level.SENTENCE
        else:
            level = _Level.WORD
        borders.append(_Border(i, j, level))
        i = j
    return borders


def _is_blank(cluster: str) -> bool:
    return cluster.isspace() and cluster not in _BINDING


def _ends_in_heading(clusters: Sequence[str], start: int, end: int) -> bool:
    line = end
    while line > start and "\n" not in clusters[line - 1]:
        line -= 1
    return _is_heading("".join(clusters[line:end]))


def _is_heading(line: str) -> bool:
    line = line.strip()
    if not 0 < len(line) <= _HEADING_LENGTH:
        return False
    return line.endswith(":") or (line.isupper() and sum(c.isalpha() for c in line) > 2)


def _cut_cluster(cluster: str, limit: int) -> list[str]:
    parts, part = [], ""
    for char in cluster:
        if part and units(part) + units(char) > limit:
            parts.append(part)
            part = ""
        part += char
    return [*parts, part]
