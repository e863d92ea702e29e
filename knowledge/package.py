"""The files of a snapshot as one small blob, from which the very same snapshot is rebuilt.

The files are kept, not the parsed objects: they are what was reviewed, they outlive changes of
the classes, and their hash proves that nothing was lost on the way.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping

from bot.errors import KnowledgeError
from knowledge.loader import load_files
from knowledge.snapshot import Snapshot
from knowledge.source import content_hash

#: What stands before the paths in problems of a rebuilt snapshot.
ROOT = "knowledge"
#: No honest package unpacks to more: the shipped files are about 1 MB.
MAX_BYTES = 64 * 1024 * 1024


def pack(files: Mapping[str, bytes]) -> bytes:
    """Compress the files of a valid base (UTF-8 all of them): same files, same bytes."""
    texts = {path: content.decode("utf-8") for path, content in sorted(files.items())}
    return zlib.compress(json.dumps(texts, ensure_ascii=False).encode("utf-8"), 9)


def unpack(blob: bytes) -> dict[str, bytes]:
    """The files of a package. Raises `KnowledgeError` when it is damaged."""
    try:
        texts = json.loads(zlib.decompressobj().decompress(blob, MAX_BYTES))
        return {path: text.encode("utf-8") for path, text in texts.items()}
    except (zlib.error, ValueError, AttributeError) as error:
        raise KnowledgeError("The stored knowledge is damaged: it cannot be unpacked.") from error


def rebuild(blob: bytes, expected: str) -> Snapshot:
    """The snapshot of a package, checked like any folder.

    Raises `KnowledgeError` when it is damaged, is not the one expected, or no longer satisfies
    the schema and the check of this version of the program; the message lists every reason.
    """
    files = unpack(blob)
    if content_hash(files) != expected:
        raise KnowledgeError("The stored knowledge is damaged: its files do not have its hash.")
    snapshot, problems = load_files(ROOT, files)
    if snapshot is None:
        raise KnowledgeError("\n".join(str(problem) for problem in problems))
    return snapshot
