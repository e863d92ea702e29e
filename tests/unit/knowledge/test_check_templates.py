"""Faults in the templates of replies, each with the line in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.knowledge.conftest import World

LOST = "answers/card_lost_or_wrong/mat-the.yaml"
RATE = "answers/hssv_rate/muc-dong.yaml"
RECORD = "answers/campaign/chi-tieu.yaml"

#: name -> (line of the reply that is at fault, what is said about it)
FAULTS = {
    "digits": ("Trả trong 5 ngày.", '"5" is a figure in the text itself'),
    "words": ("Trả trong năm ngày làm việc.", '"năm ngày" is a figure'),
    "digits in a text": ("{{ 'mức 2' }}", '"2" is a figure'),
    "words in a text": ("{{ 'một nửa' if s.months else '' }}", '"một nửa" is a figure'),
    "digits in raw": ("{% raw %}trả 3 lần{% endraw %}", '"3" is a figure'),
    "digits in set": ("{% set x %}mục 2{% endset %}{{ x }}", '"2" is a figure'),
    "digits in default": ("{{ place|default('tỉnh 1') }}", '"1" is a figure'),
    "digits in a comparison": ("{% if place == 'q1' %}ở đó{% endif %}", '"q1" is a figure'),
    "number": ("{{ 12 }}", "the number 12 comes from nowhere"),
    "sum": ("{{ s.months + 1 }}", "the number 1 comes from nowhere"),
    "negative number": ("{{ -3 }}", "the number 3 comes from nowhere"),
    "number by place": ("{% set h = contribution('hssv', 4) %}", "the number 4 comes from nowhere"),
    "number of another function": ("{{ v('hotline', months=3) }}", "the number 3"),
    "float": ("{% if s.months > 1.5 %}x{% endif %}", "1.5 has a decimal point"),
    "syntax": ("{{ v('hotline' }}", "template: unexpected '}'"),
    "unclosed": ("{% if place %}x", "template: Unexpected end of template"),
    "unknown tag": ("{% when place %}", "template: Encountered unknown tag 'when'"),
    "include": ("{% include 'x' %}", '"include" is not used here'),
    "macro": ("{% macro m() %}x{% endmacro %}", '"macro" is not used here'),
    "unknown name": ("{{ hotlin() }}", 'there is no "hotlin"; did you mean "hotline"?'),
    "unknown filter": ("{{ place|uper }}", 'there is no filter "uper"'),
    "unknown test": ("{% if place is big %}x{% endif %}", 'there is no test "big"'),
    "unknown slot": ("{{ s.month }}", 'the citizen never says "s.month"; did you mean "months"?'),
    "set in one branch": (
        "{% if place %}{% set a = 'x' %}{% endif %}{{ a }}",
        '"a" is not set on every way here',
    ),
    "set in a loop": (
        "{% for p in s.group %}{% set a = p %}{% endfor %}{{ a }}",
        '"a" is not set on every way here',
    ),
    "unknown value": ("{{ v('hotlin') }}", 'v(): there is no value "hotlin"; did you'),
    "value of known": ("{% if known('x-y') %}x{% endif %}", 'known(): there is no value "x-y"'),
    "value of announced": ("{{ announced('x-y') }}", 'announced(): there is no value "x-y"'),
    "value of product": (
        "{{ product('base_salary', 'x-y', label='Mức 1') }}",
        'product(): there is no value "x-y"',
    ),
    "value without id": ("{{ v(place) }}", "v(): write the id of the value in quotes"),
    "unknown audience": ("{{ v('national_support', 'hsv') }}", 'did you mean "hssv"?'),
    "audience by name": (
        "{{ v('national_support', audience='hsv') }}",
        'v(): there is no audience "hsv"',
    ),
    "audience of contribution": (
        "{% set c = contribution('hsv') %}",
        'contribution(): there is no audience "hsv"',
    ),
    "day": ("{{ v('hotline', on='1/7/2025') }}", "v(): on=: write a date as YYYY-MM-DD"),
    "day before any row": (
        "{{ v('hotline', on='2001-07-01') }}",
        'v(): "hotline" has no row for 2001-07-01',
    ),
    "no row for everyone": (
        "{{ v('national_support') }}",
        'v(): "national_support" has no row for everyone; name an audience',
    ),
    "no row for the audience": (
        "{{ v('national_support', 'near_poor') }}",
        'v(): "national_support" has no row for "near_poor"',
    ),
    "unknown directive": ("{{ cite('nd-3') }}", 'cite(): there is no directive "nd-3"'),
    "directive without id": ("{{ cite(place) }}", "cite(): write the id"),
    "fact": ("{{ f('muc_tieu') }}", "f(): only a record has facts"),
    "money in lit": ("{{ lit('500.000 đồng') }}", "looks like an amount of money"),
    "rate in lit": ("{{ lit('50%') }}", "looks like a rate"),
    "date in lit": ("{{ lit('01/07/2025') }}", "looks like a date"),
    "lit of an expression": ("{{ lit(place) }}", "lit(): write the name itself in quotes"),
    "missing values": (
        "{% set h = household(members=s.members) %}",
        "household() needs these values: household_step_1, household_step_2",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_with_its_line(world: World, fault: str) -> None:
    bad, said = FAULTS[fault]
    world.full(f"Anh/chị xem dưới đây.\n\n{bad}\n")
    place = f"{LOST}:{world.line(LOST, bad)}: "
    told = world.errors()
    if fault == "unclosed":
        assert said in told[0]
    else:
        assert [line for line in told if line.startswith(place) and said in line], "\n".join(told)
    assert len(told) == 1, "\n".join(told)


@pytest.mark.parametrize(
    "good",
    [
        "{{ step() }} Mở ứng dụng.",
        "{{ lit('VNeID mức 2') }}",
        "{{ cite('nd-2-2025', 'khoản 6 Điều 6') }}",
        "{{ v('base_salary', on='2025-06-30').since }}",
        "{{ v('national_support', 'pupil') }} {{ v('national_support', s.group) }}",
        "{{ product('base_salary', 'contribution_rate', label='Mức đóng 1 tháng') }}",
        "{% set c = contribution('hssv', months=12) %}{{ c.pays }}",
        "{% if s.months > 3 %}x{% elif 1 <= s.months %}y{% endif %}",
        "{% if s.age > -1 %}x{% endif %}",
        "{% if known('base_salary') %}{{ v('base_salary') }}{% endif %}",
        "{% if announced('base_salary') %}{{ announced('base_salary').since }}{% endif %}",
        "{% for p in s.school_year %}{{ p }}{{ loop.index }}{% endfor %}",
        "{% if place %}{% set a = 'x' %}{% elif s.age %}{% set a = 'y' %}"
        "{% else %}{% set a = 'z' %}{% endif %}{{ a }}",
        "{% with a = place %}{{ a }}{% endwith %}",
        "{% if a is defined %}x{% endif %}",
        "{% filter upper %}{{ place }}{% endfilter %}",
        "{{ place }} {{ today }} {{ on }}",
        "{% set c = claim('hssv') %}{{ c.steps[0] }}",
        "{# hai tháng, 3 lần #}",
    ],
)
def test_what_a_template_may_hold(world: World, good: str) -> None:
    world.full(good)
    assert world.errors() == []


def test_every_fault_at_once(world: World) -> None:
    world.full("Trả 5 ngày.\n{{ v('nothing') }}\n{{ nobody }}\n\nĐóng một nửa.")
    first = world.line(LOST, "Trả 5")
    assert [line.split(": ")[0] for line in world.errors()] == [
        f"{LOST}:{first + n}" for n in (0, 1, 2, 4)
    ]


def test_short_and_phone_are_checked(world: World) -> None:
    world.replace(
        LOST, "follow_ups:", "  short: Trả sau 5 ngày.\n  phone: Trả sau năm ngày.\nfollow_ups:"
    )
    assert [line.split(": ")[0] for line in world.errors()] == [
        f"{LOST}:{world.line(LOST, 'short')}",
        f"{LOST}:{world.line(LOST, 'phone')}",
    ]


def test_a_quoted_text_keeps_its_lines(world: World) -> None:
    world.replace(RECORD, "Kế hoạch đặt", "Kế hoạch 2025 đặt")
    world.only(RECORD, "2025 đặt", '"2025" is a figure')


def test_facts(world: World) -> None:
    world.replace(RECORD, "f('muc_tieu')", "f('muc_tie')")
    said = "\n".join(world.errors())
    assert 'f(): there is no fact "muc_tie" in this file; did you mean "muc_tieu"?' in said
    world.replace(RECORD, "f('muc_tie')", "f(place)")
    assert "f(): write the name of the fact in quotes" in "\n".join(world.errors())


def test_a_branch_in_the_small_world_is_sound(world: World) -> None:
    world.replace(RATE, "s.months > 3", "s.months > 3 and s.grade == 12")
    assert world.errors() == []
