"""A stored snapshot is the very same snapshot."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING

import pytest

from bot.errors import KnowledgeError
from knowledge.loader import SHIPPED, load_or_raise
from knowledge.package import MAX_BYTES, pack, rebuild, unpack
from knowledge.source import content_hash, read_files

if TYPE_CHECKING:
    from tests.unit.knowledge.conftest import World


def test_the_files_come_back_byte_by_byte(world: World) -> None:
    world.write("lexicon/odd.yaml", "\ufeffa: [đ, e\u0301]\r\n")
    files = read_files(world.folder)
    assert unpack(pack(files)) == files
    assert pack(files) == pack(dict(reversed(files.items())))


def test_the_same_snapshot_is_rebuilt(world: World) -> None:
    snapshot = world.snapshot()
    again = rebuild(pack(read_files(world.folder)), snapshot.hash)
    assert again.hash == snapshot.hash
    assert again.values == snapshot.values
    assert {id_: a.version for id_, a in again.answers.items()} == {
        id_: a.version for id_, a in snapshot.answers.items()
    }


def test_the_shipped_base_packs_small_and_comes_back() -> None:
    files = read_files(SHIPPED)
    blob = pack(files)
    assert len(blob) < 600_000
    assert content_hash(unpack(blob)) == load_or_raise().hash


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        b"nonsense",
        zlib.compress(b"not json"),
        zlib.compress(b"[1]"),
        zlib.compress(b'{"a": 1}'),
        pack({"topics.yaml": b"x"})[:-9],
        zlib.compress(b'"' + b" " * (MAX_BYTES + 10) + b'"'),
    ],
    ids=["empty", "nonsense", "not json", "a list", "no text", "cut off", "too large"],
)
def test_damage_is_told(blob: bytes) -> None:
    with pytest.raises(KnowledgeError, match="damaged"):
        rebuild(blob, "0" * 64)


def test_other_files_than_expected_are_damage(world: World) -> None:
    blob = pack(read_files(world.folder))
    with pytest.raises(KnowledgeError, match="do not have its hash"):
        rebuild(blob, "0" * 64)


def test_files_that_no_longer_satisfy_the_check(world: World) -> None:
    files = read_files(world.folder)
    name = "answers/hssv_rate/muc-dong.yaml"
    files[name] = files[name].replace(b"kind: rule", b"kind: rhyme")
    blob = zlib.compress(json.dumps({k: v.decode() for k, v in files.items()}).encode())
    with pytest.raises(KnowledgeError, match=f"knowledge/{name}:\\d+: kind: write"):
        rebuild(blob, content_hash(files))
