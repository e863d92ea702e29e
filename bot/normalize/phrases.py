"""A table of word sequences, searched longest first: the one lookup of every lexicon file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class PhraseTable(Generic[T]):
    """Word sequences with a value each. Built once, then only read."""

    __slots__ = ("_first", "_table")

    def __init__(self, entries: Iterable[tuple[Sequence[str], T]]) -> None:
        self._table: dict[tuple[str, ...], T] = {}
        lengths: dict[str, set[int]] = {}
        for words, value in entries:
            key = tuple(words)
            if key:
                self._table.setdefault(key, value)
                lengths.setdefault(key[0], set()).add(len(key))
        self._first = {word: sorted(sizes, reverse=True) for word, sizes in lengths.items()}

    def __len__(self) -> int:
        return len(self._table)

    def at(self, words: Sequence[str], start: int) -> tuple[int, T] | None:
        """The longest entry that begins at `start`: its length and value."""
        for size in self._first.get(words[start], ()):
            if start + size <= len(words):
                key = tuple(words[start : start + size])
                if key in self._table:
                    return size, self._table[key]
        return None

    def find(self, words: Sequence[str]) -> list[tuple[int, int, T]]:
        """Every entry met, left to right, longest first, not overlapping: (start, end, value)."""
        found: list[tuple[int, int, T]] = []
        if self._first.keys().isdisjoint(words):
            return found  # as most tables say of most messages
        at = 0
        while at < len(words):
            hit = self.at(words, at) if words[at] in self._first else None
            if hit is None:
                at += 1
                continue
            found.append((at, at + hit[0], hit[1]))
            at += hit[0]
        return found

    def find_all(self, words: Sequence[str]) -> list[tuple[int, int, T]]:
        """Every entry met, overlapping ones too: (start, end, value)."""
        found: list[tuple[int, int, T]] = []
        if self._first.keys().isdisjoint(words):
            return found
        for at, word in enumerate(words):
            for size in self._first.get(word, ()):
                key = tuple(words[at : at + size])
                if len(key) == size and key in self._table:
                    found.append((at, at + size, self._table[key]))
        return found
