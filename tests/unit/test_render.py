"""Templates become tidy text, run in a sandbox, and are cut into sentences and paragraphs."""

from __future__ import annotations

from typing import Any

import pytest

from bot.calculate import OutOfRange
from bot.errors import KnowledgeError
from bot.render import first_sentence, paragraphs, prepare, render, tidy


def test_names_are_filled_in() -> None:
    assert render("Đóng {{ v('x') }}.", {"v": lambda name: f"<{name}>"}) == "Đóng <x>."


def test_text_is_plain_and_never_escaped() -> None:
    assert render("{{ text }}", {"text": "A & B <c>"}) == "A & B <c>"


def test_block_lines_leave_no_blank_lines() -> None:
    source = """
    {% set n = 3 %}
    Một.

    {% if n > 5 %}
    Hai.
    {% endif %}

    {% if n %}
    Ba.
    {% endif %}
    """
    assert render(source, {}) == "Một.\n\nBa."


@pytest.mark.parametrize(
    "source",
    [
        "{{ unknown }}",
        "{{ s.nothing }}",
        "{% if %}",
        "{{ 1 / }}",
        "{% for x in 1 %}{% endfor",
        "{{ ''.__class__.__mro__ }}",
        "{{ items.append(1) }}",
        "{{ render.__globals__ }}",
    ],
)
def test_a_faulty_or_prying_template_is_one_kind_of_error(source: str) -> None:
    names: dict[str, Any] = {"s": object(), "items": [], "render": render}
    with pytest.raises(KnowledgeError, match="template cannot be rendered"):
        render(source, names)


def test_errors_of_the_functions_pass() -> None:
    def broken() -> str:
        raise OutOfRange("Trợ lý không tính được.")

    with pytest.raises(OutOfRange, match="không tính được"):
        render("{{ broken() }}", {"broken": broken})


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("", ""),
        ("  a \t b  \n", "a b"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("a\n   \n \t\nb", "a\n\nb"),
        ("\n\n a", "a"),
    ],
)
def test_tidy(given: str, wanted: str) -> None:
    assert tidy(given) == wanted
    assert tidy(wanted) == wanted


def test_paragraphs_are_what_stands_between_blank_lines() -> None:
    assert paragraphs("a\nb\n\nc\n\n\n\n d ") == ["a\nb", "c", "d"]
    assert paragraphs("") == []


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Đóng 683.100 đồng. Nộp ở trường.", "Đóng 683.100 đồng."),
        ("Gọi 1900.9068 để hỏi. Xong.", "Gọi 1900.9068 để hỏi."),
        ("Có đóng không? Có.", "Có đóng không?"),
        ("Được! Nhưng chậm.", "Được!"),
        ("Ở TP. Hồ Chí Minh thì được. Nơi khác không.", "Ở TP. Hồ Chí Minh thì được."),
        ("TP. Hà Nội hỗ trợ thêm. Hết.", "TP. Hà Nội hỗ trợ thêm."),
        ("Nộp thẻ, giấy tờ v.v. cho trường. Hết.", "Nộp thẻ, giấy tờ v.v. cho trường."),
        ("Các bước sau:\n\n1. Mở VssID.", "Các bước sau:"),
        ("Không có dấu chấm", "Không có dấu chấm"),
        ("Chờ chút… rồi thử lại.", "Chờ chút…"),
        ("", ""),
    ],
)
def test_first_sentence(text: str, first: str) -> None:
    assert first_sentence(text) == first


def test_a_faulty_template_is_refused_ahead() -> None:
    prepare("{{ v('x') }}")
    with pytest.raises(KnowledgeError):
        prepare("{% if %}")
