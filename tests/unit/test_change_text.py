"""Phrasings put into files without touching another byte, and the files of new answers."""

from __future__ import annotations

import pytest

from bot.change_text import (
    NewAnswer,
    add_phrasings,
    add_questions,
    new_answer,
    scalar,
    slug,
)
from bot.errors import KnowledgeError
from knowledge.loader import SHIPPED
from knowledge.marked import read
from knowledge.schema import AnswerFile

FILE = """\
# A comment at the top.
id: a   # behind
phrasings:
  - một
  # between
  - "hai, ba"   # behind the last
# before the next key
title: Tên
"""


def test_lines_go_behind_the_last_and_everything_else_stays() -> None:
    done = add_phrasings(FILE, ["bốn: năm", 'có "ngoặc" \\ và #', "sáu"])
    assert done == FILE.replace(
        "the last\n",
        'the last\n  - "bốn: năm"\n  - "có \\"ngoặc\\" \\\\ và #"\n  - sáu\n',
    )
    assert read(done.encode()).data["phrasings"][2:] == ["bốn: năm", 'có "ngoặc" \\ và #', "sáu"]


def test_what_is_there_already_is_left_out() -> None:
    assert add_phrasings(FILE, ["MỘT", "mot", " hai,  ba "]) == FILE
    assert add_phrasings(FILE, ["bốn", "bon", ""]).count("\n") == FILE.count("\n") + 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("phrasings: [một, hai]\n", 'phrasings: [một, hai, "ba"]\n'),
        ("phrasings: []   # none\n", 'phrasings: ["ba"]   # none\n'),
        ("phrasings: [một,\n  hai]\nid: a\n", 'phrasings: [một,\n  hai, "ba"]\nid: a\n'),
        ("phrasings:\n- một\nid: a\n", "phrasings:\n- một\n- ba\nid: a\n"),
        ("phrasings:\n  - một", "phrasings:\n  - một\n  - ba\n"),
        ("phrasings:\r\n  - một\r\nid: a\r\n", "phrasings:\r\n  - một\r\n  - ba\r\nid: a\r\n"),
        (
            "phrasings:\n  - |\n    một\n    hai\nid: a\n",
            "phrasings:\n  - |\n    một\n    hai\n  - ba\nid: a\n",
        ),
        ("phrasings:\n  - một\n    hai\nid: a\n", "phrasings:\n  - một\n    hai\n  - ba\nid: a\n"),
    ],
)  # fmt: skip
def test_every_way_of_writing_a_list(before: str, after: str) -> None:
    assert add_phrasings(before, ["ba"]) == after


@pytest.mark.parametrize("text", ["id: a\n", "phrasings: một\n", "- a\n", "a: [\n", "a: 1\na: 2\n"])
def test_a_file_without_such_a_list_is_refused(text: str) -> None:
    with pytest.raises(KnowledgeError):
        add_phrasings(text, ["ba"])


def test_every_shipped_answer_takes_one() -> None:
    new = "câu này chưa ai hỏi: thế nào, bao giờ?"
    paths = sorted((SHIPPED / "answers").rglob("*.yaml"))
    assert len(paths) > 100
    for path in paths:
        text = path.read_text(encoding="utf-8")
        done = add_phrasings(text, [new])
        assert new in read(done.encode()).data["phrasings"], path
        # Only one place was touched: cut out again, the file is the old one.
        assert len(done) - len(text) < len(new) + 12, path


def test_quotes_only_where_they_are_needed() -> None:
    assert scalar("con mấy tuổi thì có thẻ") == "con mấy tuổi thì có thẻ"
    for text in ("a: b", "a #b", "- a", "#a", "a,", "yes: [", "'a'", '"', "@a", "&a", "5 năm"):
        assert read(f"x: {scalar(text)}\n".encode()).data["x"] == text


def test_a_new_answer_is_a_file_of_the_schema() -> None:
    given = NewAnswer(
        id="the-uot",
        topic="card_lost_or_wrong",
        audience="",
        kind="howto",
        visibility="citizen",
        title="Thẻ bị ướt: làm sao?",
        phrasings=("thẻ ướt", 'thẻ "ướt": sao'),
        effective_from="2025-07-01",
        directive="nd-2-2025",
        locator="Điều 5, khoản 1",
        text="# Câu đầu: có dấu hai chấm.\n\n  lùi vào\n- gạch",
        checked_on="2026-11-22",
        review_by="2027-05-22",
    )
    data = read(new_answer(given).encode()).data
    file = AnswerFile.model_validate(data)
    assert file.reply.full == "# Câu đầu: có dấu hai chấm.\n\n  lùi vào\n- gạch\n"
    assert file.phrasings == given.phrasings
    assert file.citations[0].locator == "Điều 5, khoản 1"
    assert file.title == given.title


def test_ids_from_titles() -> None:
    assert slug("Mất thẻ BHYT, đổi ở đâu?") == "mat-the-bhyt-doi-o-dau"
    assert slug("?!") == ""
    assert len(slug("thẻ " * 40)) <= 60


def test_test_questions_join_their_file() -> None:
    first = add_questions(None, "a", ["một", 'hai "ba"'])
    assert first is not None
    data = read(first.encode()).data
    assert data == {"answer": "a", "questions": [{"ask": "một"}, {"ask": 'hai "ba"'}]}
    assert add_questions(first, "a", ["một"]) is None
    more = add_questions(first, "a", ["một", "tư"])
    assert more == first + '  - {ask: "tư"}\n'
    assert add_questions(None, "a", []) is None
    for text in ("questions: []\n", "questions: [{ask: a}]\n", "answer: a\n"):
        with pytest.raises(KnowledgeError):
            add_questions(text, "a", ["x"])
