"""`bot ask`: one question or a file of them, in exactly the fields of the outside contract."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import cli
from tests.small_answers import desk

FIELDS = [
    "outcome",
    "answer_id",
    "topic",
    "more",
    "options",
    "score",
    "text",
    "amounts",
    "citations",
    "as_of",
    "applies",
    "province",
    "reasons",
]
RATE = "học sinh đóng bảo hiểm y tế bao nhiêu tiền"
LOST = "mất thẻ bhyt thì làm thế nào"
DAY = ("--as-of", "2026-11-22")


@pytest.fixture(autouse=True)
def _small_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.commands.ask.load_desk", desk)


def run(*args: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["ask", *args], input=stdin)


def one(*args: str) -> dict[str, Any]:
    """The object of one question."""
    done = run(*args, "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def batch(path: Path, *rows: object, args: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """What comes out for some rows."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")
    done = run("--batch", str(path), *args)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


# -- one question ---------------------------------------------------------------------------
def test_plain_output_is_the_reply() -> None:
    done = run(RATE, *DAY)
    assert done.exit_code == 0
    assert done.stdout.startswith("Học sinh đóng 683.100 đồng cho 12 tháng.\n")


def test_an_answer_has_exactly_the_fields_of_the_contract() -> None:
    found = one(RATE, *DAY, "--province", "Đắk Lắk")
    assert list(found) == FIELDS
    assert (found["outcome"], found["answer_id"], found["topic"]) == (
        "answered",
        "muc-dong",
        "hssv_rate",
    )
    assert found["province"] == "Đắk Lắk"
    assert found["as_of"] == "2026-11-22"
    assert found["applies"] == {"from": "2026-11-22", "to": "2026-11-22"}
    assert {"label": "Người tham gia đóng 12 tháng", "vnd": 614790} in found["amounts"]
    assert all(isinstance(amount["vnd"], int) for amount in found["amounts"])
    assert [list(option) for option in found["options"]] == [["answer_id", "topic", "title"]] * 3
    assert set(found["citations"][0]) == {
        "directive",
        "locator",
        "effective_from",
        "effective_to",
        "province",
    }
    assert "161/2026/NĐ-CP" in {citation["directive"] for citation in found["citations"]}
    assert 0 <= found["score"] <= 1
    assert found["more"] == []


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (RATE, "answered"),
        ("abc xyz", "not_known"),
        ("alo ad", "chitchat"),
        ("", "chitchat"),
        ("tra cứu giúp em mã số bhxh", "refused_personal"),
        ("gặp nhân viên", "handed_over"),
    ],
)
def test_the_fields_are_the_same_for_every_outcome(text: str, outcome: str) -> None:
    found = one(text, *DAY)
    assert list(found) == FIELDS
    assert found["outcome"] == outcome
    if outcome != "answered":
        assert found["answer_id"] is None
        assert found["topic"] is None
        assert found["amounts"] == found["citations"] == []
        assert found["applies"] == {"from": "2026-11-22", "to": "2026-11-22"}


def test_asked_back_gives_options_and_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.commands.ask.load_desk", lambda: desk(sure_from=0.9999))
    found = one(RATE, *DAY)
    assert (found["outcome"], found["answer_id"]) == ("asked_back", None)
    assert found["options"][0]["answer_id"] == "muc-dong"


def test_two_questions() -> None:
    found = one(f"{LOST}? quên mật khẩu vssid làm sao lấy lại?")
    assert found["more"] == [{"answer_id": "quen-mat-khau", "topic": "vssid_password"}]


def test_as_of_is_the_day_of_asking() -> None:
    found = one(RATE, "--as-of", "2023-11-15")
    assert found["as_of"] == "2023-11-15"
    assert 680400 in {amount["vnd"] for amount in found["amounts"]}


def test_a_date_in_the_text_is_the_applied_period() -> None:
    found = one(f"{RATE} năm 2024", *DAY)
    assert found["applies"] == {"from": "2024-01-01", "to": "2024-12-31"}
    assert found["as_of"] == "2026-11-22"


def test_staff_answers_need_the_flag() -> None:
    question = "giáo viên thu nộp danh sách hssv cho cơ quan bhxh khi nào"
    assert one(question, "--staff")["answer_id"] == "giao-vien-thu"
    assert one(question)["answer_id"] != "giao-vien-thu"


def test_identifiers_are_redacted_as_on_the_channels() -> None:
    found = one("mã số của em 079301001234")
    assert found["outcome"] == "refused_personal"
    assert "079301001234" not in json.dumps(found)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((), "give a question"),
        ((RATE, "--batch", "x"), "give a question"),
        ((RATE, "--province", "Sao Hỏa"), "unknown province: Sao Hỏa"),
        ((RATE, "--province", "năm ngoái"), "unknown province"),
        ((RATE, "--as-of", "22/11/2026"), "wants a date as YYYY-MM-DD, not 22/11/2026"),
        ((RATE, "--as-of", "2026-02-30"), "wants a date as YYYY-MM-DD, not 2026-02-30"),
        ((RATE, "--nonsense"), "No such option"),
    ],
)
def test_wrong_use_is_a_usage_error(args: tuple[str, ...], said: str) -> None:
    done = run(*args)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stdout == ""


# -- a file of questions ----------------------------------------------------------------------
def test_a_batch_keeps_its_order_and_ids(tmp_path: Path) -> None:
    rows = [
        {"id": "c", "text": LOST},
        {"id": 7, "text": RATE},
        {"text": "alo"},
        {"id": "a", "text": ""},
    ]
    found = batch(tmp_path / "in.jsonl", *rows, args=DAY)
    assert [row["id"] for row in found] == ["c", 7, None, "a"]
    assert [row["answer_id"] for row in found] == ["mat-the", "muc-dong", None, None]
    assert all(list(row) == ["id", *FIELDS] for row in found)


def test_a_line_has_its_own_day_place_and_staff(tmp_path: Path) -> None:
    staff = "giáo viên thu nộp danh sách hssv cho cơ quan bhxh khi nào"
    found = batch(
        tmp_path / "in.jsonl",
        {"id": 1, "text": RATE},
        {"id": 2, "text": RATE, "as_of": "2024-01-15", "province": "Bắc Ninh"},
        {"id": 3, "text": RATE, "as_of": None, "province": None},
        {"id": 4, "text": staff, "staff": True},
        args=(*DAY, "--province", "Đắk Lắk"),
    )
    assert [(row["as_of"], row["province"]) for row in found[:3]] == [
        ("2026-11-22", "Đắk Lắk"),
        ("2024-01-15", "Bắc Ninh"),
        ("2026-11-22", "Đắk Lắk"),
    ]
    assert found[3]["answer_id"] == "giao-vien-thu"


def test_turns_are_one_conversation(tmp_path: Path) -> None:
    [found] = batch(
        tmp_path / "in.jsonl",
        {"id": "d", "turns": [RATE, "còn 6 tháng?", "1"], "as_of": "2026-11-22"},
    )
    assert list(found) == ["id", "replies"]
    assert [list(reply) for reply in found["replies"]] == [FIELDS] * 3
    assert [reply["answer_id"] for reply in found["replies"]] == [
        "muc-dong",
        "muc-dong",
        "noi-dong",
    ]
    assert 341550 in {amount["vnd"] for amount in found["replies"][1]["amounts"]}


def test_conversations_of_different_lines_do_not_mix(tmp_path: Path) -> None:
    first, second = batch(
        tmp_path / "in.jsonl", {"id": 1, "turns": [RATE]}, {"id": 2, "turns": ["1"]}
    )
    assert first["replies"][0]["outcome"] == "answered"
    assert second["replies"][0]["outcome"] == "not_known"


def test_no_turns_no_replies(tmp_path: Path) -> None:
    assert batch(tmp_path / "in.jsonl", {"id": 1, "turns": []}) == [{"id": 1, "replies": []}]


def test_standard_input() -> None:
    line = json.dumps({"id": "1", "text": LOST}, ensure_ascii=False)
    done = run("--batch", "-", stdin=f"{line}\n\n{line}".encode())
    assert done.exit_code == 0
    assert [json.loads(row)["answer_id"] for row in done.stdout.splitlines()] == ["mat-the"] * 2


def test_what_json_allows_is_read(tmp_path: Path) -> None:
    """A byte-order mark, line separators inside strings, escapes, Windows line ends."""
    path = tmp_path / "in.jsonl"
    lines = [
        b"\xef\xbb\xbf" + json.dumps({"id": 1, "text": LOST}).encode() + b"\r",
        json.dumps({"id": 2, "text": f"{LOST}\u2028\u0085ạ"}, ensure_ascii=False).encode(),
        b"   ",
        b'{"id": "\\ud800", "text": "m\\u1ea5t th\\u1ebb \\ud83d"}',
    ]
    path.write_bytes(b"\n".join(lines))
    done = run("--batch", str(path))
    assert done.exit_code == 0, done.output
    found = [json.loads(row) for row in done.stdout_bytes.rstrip(b"\n").split(b"\n")]
    assert [row["id"] for row in found] == [1, 2, "\ud800"]
    assert [row["answer_id"] for row in found] == ["mat-the"] * 3


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "Expecting property name"),
        (b"[1, 2]", "each line must be a JSON object"),
        (b'"text"', "each line must be a JSON object"),
        (b'{"id": 1}', 'a line needs "text"'),
        (b'{"id": 1, "text": 5}', 'a line needs "text"'),
        (b'{"id": 1, "text": null}', 'a line needs "text"'),
        (b'{"id": 1, "turns": "abc"}', 'a line needs "text"'),
        (b'{"id": 1, "turns": ["a", 2]}', 'a line needs "text"'),
        (b'{"id": 1, "text": "a", "province": "Sao Ho\xe1\xba\xa3"}', "unknown province"),
        (b'{"id": 1, "text": "a", "as_of": "22/11/2026"}', "wants a date"),
        (b'{"id": 1, "text": "\xff"}', "utf-8"),
        (b"[" * 100_000, ""),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: bytes, said: str) -> None:
    path = tmp_path / "in.jsonl"
    good = json.dumps({"id": 1, "text": LOST}).encode()
    path.write_bytes(good + b"\n" + line + b"\n" + good + b"\n")
    done = run("--batch", str(path))
    assert done.exit_code == 1
    assert re.search(rf"in\.jsonl:2: .*{re.escape(said)}", done.stderr), done.stderr
    assert len(done.stdout.splitlines()) == 1


def test_a_file_that_is_not_there() -> None:
    done = run("--batch", "/nowhere/in.jsonl")
    assert done.exit_code == 1
    assert "cannot read /nowhere/in.jsonl" in done.stderr


def test_same_input_same_output(tmp_path: Path) -> None:
    rows = [{"id": n, "text": text} for n, text in enumerate([RATE, LOST, "abc", "alo"])]
    args = DAY
    assert batch(tmp_path / "a", *rows, args=args) == batch(tmp_path / "b", *rows, args=args)
