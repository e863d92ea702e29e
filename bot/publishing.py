"""Publishing knowledge: check, store, activate; and back to an earlier snapshot.

`bot publish` and the console call `publish` and `roll_back`; the nodes (`bot.reload`) follow
what is active in the store. An activation says who wrote and who approved it; the two differ.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from bot.errors import BotError, KnowledgeError
from bot.store.publishing import (
    Activation,
    ActivationKind,
    Draft,
    Package,
    PublishedKnowledge,
)
from knowledge.check import run_check
from knowledge.diff import Difference, differences, texts_of
from knowledge.loader import load_files
from knowledge.package import pack, rebuild, unpack
from knowledge.problems import errors
from knowledge.snapshot import Snapshot
from knowledge.source import content_hash, read_files

#: Shortest beginning of a hash that may stand for it.
MIN_PREFIX = 8


@dataclass(frozen=True, slots=True)
class Changes:
    """What an activation changes against the snapshot that was active before."""

    #: Answer ids whose own file came, went or changed.
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    #: Other files that came, went or changed: values, places, directives, lexicon.
    files: tuple[str, ...] = ()
    #: Answers that read differently today, for whatever reason.
    texts: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a publication or a rollback."""

    hash: str
    answers: int
    #: The activation that was active before, None for the first.
    before: Activation | None
    #: None when nothing can be compared: the first publication, or an unreadable predecessor.
    changes: Changes | None
    #: True when this snapshot was active already and nothing was written.
    already: bool = False


async def publish(
    store: PublishedKnowledge, folder: Path, today: date, *, author: str = "", approver: str = ""
) -> Published:
    """Check a knowledge folder, store it and make it active for every node.

    Args:
        store: where snapshots are kept.
        folder: the knowledge folder.
        today: the day for checks that depend on one.
        author: who wrote the change, "" when not said.
        approver: who approved it; must be another person.

    Raises `KnowledgeError` with every error of the folder, `BotError` when author and approver
    are the same or somebody else published in between, `StoreError`.
    """
    _two_people(author, approver)
    faults = errors(run_check(folder, today))
    if faults:
        raise KnowledgeError("\n".join(str(fault) for fault in faults))
    package, snapshot = package_of(folder)
    before = await store.active()
    if before and before.hash == package.hash:
        return Published(package.hash, package.answers, before, None, already=True)
    changes = await _against(store, before, package.content, snapshot, today)
    draft = Draft(package.hash, ActivationKind.PUBLISH, package.hash, author, approver)
    await _activate(store, draft, package, before)
    return Published(package.hash, package.answers, before, changes)


async def roll_back(
    store: PublishedKnowledge,
    prefix: str,
    folder: Path,
    today: date,
    *,
    author: str = "",
    approver: str = "",
) -> Published:
    """Make an earlier snapshot active again, named by its hash or its first digits.

    `folder` is the knowledge folder of this machine: beside SQLite its present content must not
    be published again by itself right after the rollback, so the store notes its hash.

    Raises `BotError` for an unknown or ambiguous hash, `KnowledgeError` when this version of the
    program can no longer use the snapshot.
    """
    _two_people(author, approver)
    chosen = await find(store, prefix)
    before = await store.active()
    blob = await store.content(chosen) or b""
    snapshot = rebuild(blob, chosen)
    if before and before.hash == chosen:
        return Published(chosen, len(snapshot.answers), before, None, already=True)
    changes = await _against(store, before, blob, snapshot, today)
    here = content_hash(read_files(folder))
    draft = Draft(chosen, ActivationKind.ROLLBACK, here, author, approver)
    await _activate(store, draft, None, before)
    return Published(chosen, len(snapshot.answers), before, changes)


async def find(store: PublishedKnowledge, prefix: str) -> str:
    """The stored snapshot whose hash begins so. Raises `BotError` when none or several do."""
    prefix = prefix.strip().lower()
    if not re.fullmatch(rf"[0-9a-f]{{{MIN_PREFIX},64}}", prefix):
        raise BotError(f"Give at least the first {MIN_PREFIX} digits of a hash (0-9, a-f).")
    found = await store.hashes(prefix)
    if not found:
        raise BotError(f"No snapshot {prefix} was ever published; see `bot publish --list`.")
    if len(found) > 1:
        raise BotError(f"Several snapshots begin with {prefix}; give more digits of the hash.")
    return found[0]


def package_of(folder: Path) -> tuple[Package, Snapshot]:
    """A folder as it is stored, and the snapshot it makes. Raises `KnowledgeError`."""
    files = read_files(folder)
    snapshot, problems = load_files(folder.name, files)
    if snapshot is None:
        raise KnowledgeError("\n".join(str(problem) for problem in problems))
    return Package(snapshot.hash, pack(files), len(snapshot.answers)), snapshot


def compare(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Changes:
    """Which files differ between two packages; answers by their id."""
    touched = sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))
    answers = [path for path in touched if path.startswith("answers/")]
    # An answer that moved to another topic is still the same answer.
    before = {Path(path).stem for path in answers if path in old}
    after = {Path(path).stem for path in answers if path in new}
    return Changes(
        added=tuple(sorted(after - before)),
        removed=tuple(sorted(before - after)),
        changed=tuple(sorted(after & before)),
        files=tuple(path for path in touched if not path.startswith("answers/")),
    )


async def _against(
    store: PublishedKnowledge,
    before: Activation | None,
    blob: bytes,
    snapshot: Snapshot,
    today: date,
) -> Changes | None:
    """The changes against the active snapshot, told for today; None when there is none to read."""
    if before is None:
        return None
    stored = await store.content(before.hash) or b""
    try:
        earlier = rebuild(stored, before.hash)
    except KnowledgeError:
        return None  # written by another version of the program; that must not stop a mending
    read = differences(texts_of(earlier, today), texts_of(snapshot, today))
    return replace(compare(unpack(stored), unpack(blob)), texts=tuple(read))


async def _activate(
    store: PublishedKnowledge, draft: Draft, package: Package | None, before: Activation | None
) -> None:
    """Activate, unless the state that was compared against is no longer the active one."""
    if await store.activate(draft, package, before.number if before else 0):
        return
    now = await store.active()
    by = f" by {now.author}" if now and now.author else ""
    raise BotError(
        f"Nothing was activated: snapshot {now.hash[:12] if now else '?'} was published{by} in "
        "the meantime. Look at `bot publish --list`, then call the command again."
    )


def _two_people(author: str, approver: str) -> None:
    def same(name: str) -> str:
        return " ".join(unicodedata.normalize("NFC", name).casefold().split())

    if author and same(author) == same(approver):
        raise BotError("Author and approver must be two different people.")
