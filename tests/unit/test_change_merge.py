"""Two edits of one text, and patches that the usual tools take."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.change_merge import merge, patch, shown

#: Any git will do; it is the reader these patches are written for.
GIT = shutil.which("git")
BASE = "một\nhai\nba\nbốn\nnăm\n"


@pytest.mark.parametrize(
    ("mine", "theirs", "both"),
    [
        (BASE, BASE.replace("ba", "BA"), BASE.replace("ba", "BA")),
        (BASE.replace("một", "MỘT"), BASE.replace("năm", "NĂM"), "MỘT\nhai\nba\nbốn\nNĂM\n"),
        (BASE + "sáu\n", BASE + "bảy\n", BASE + "bảy\nsáu\n"),
        (BASE.replace("hai\n", ""), BASE.replace("bốn\n", ""), "một\nba\nnăm\n"),
        (BASE.replace("ba", "x"), BASE.replace("ba", "x"), BASE.replace("ba", "x")),
        (BASE.replace("ba", "x"), BASE.replace("ba", "y"), None),
        (BASE.replace("hai\nba\n", ""), BASE.replace("hai\nba\n", "hai\n!\nba\n"), None),
        (BASE.replace("hai", "hai\n!"), BASE.replace("ba", "y"), "một\nhai\n!\ny\nbốn\nnăm\n"),
    ],
)
def test_both_edits_or_neither(mine: str, theirs: str, both: str | None) -> None:
    assert merge(BASE, mine, theirs) == both


texts = st.lists(st.sampled_from(["a\n", "b\n", "c\n"]), max_size=8).map("".join)


@settings(max_examples=200, deadline=None)
@given(texts, texts)
def test_nothing_is_lost_when_only_one_edits(base: str, mine: str) -> None:
    assert merge(base, mine, base) == mine
    assert merge(base, base, mine) == mine
    assert merge(base, mine, mine) == mine


def git_apply(folder: Path, given_: str) -> None:
    """Apply a patch in a folder that need not be a repository."""
    if GIT is None:
        pytest.skip("no git found: the patch is not tried")
    subprocess.run(  # noqa: S603 - git itself, on a folder of this test
        [GIT, "apply", "--whitespace=nowarn", "-"], cwd=folder, input=given_.encode(), check=True
    )


@settings(max_examples=25, deadline=None)
@given(old=st.one_of(st.none(), st.text("ab\nế", max_size=20)), new=st.text("ab\nế", max_size=20))
def test_git_applies_every_patch(
    tmp_path_factory: pytest.TempPathFactory, old: str | None, new: str
) -> None:
    if old == new or (old is None and not new):
        return  # nothing to apply: git has no patch for an empty new file without a mode alone
    place = tmp_path_factory.mktemp("repository")
    file = place / "knowledge/answers/t/a.yaml"
    file.parent.mkdir(parents=True)
    before = {} if old is None else {"answers/t/a.yaml": old}
    if old is not None:
        file.write_text(old, encoding="utf-8", newline="")
    given_ = patch(before, {"answers/t/a.yaml": new})
    git_apply(place, given_)
    assert file.read_bytes().decode() == new


def test_a_file_that_stays_is_not_in_the_patch() -> None:
    assert patch({"a": "x\n"}, {"a": "x\n"}) == ""


def test_shown_lines_leave_the_rest_out() -> None:
    lines = shown(BASE * 3, BASE * 3 + "sáu\n")
    assert [(one.kind, one.text) for one in lines] == [
        ("same", "bốn"),
        ("same", "năm"),
        ("add", "sáu"),
    ]
    assert [one.kind for one in shown("a\n", "b\n")] == ["del", "add"]
    assert shown("a\n", "a\n") == []


def test_every_path_stands_below_the_folder() -> None:
    assert "--- a/knowledge/x.yaml\n+++ b/knowledge/x.yaml\n" in patch(
        {"x.yaml": "a\n"}, {"x.yaml": "b\n"}
    )
