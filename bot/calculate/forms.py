"""The other forms of paying: a household together, voluntary BHXH, and plain products."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

from bot import figures
from bot.calculate import places
from bot.calculate.inputs import (
    MAX_MONTHS,
    ROUNDED,
    Inputs,
    check_count,
    hotline,
    round_half_up,
    times_months,
)
from bot.calculate.places import Local
from bot.calculate.results import Household, Lines, Person, Product, Voluntary
from bot.calculate.ties import Tie
from bot.speech import number_words
from knowledge.schema import Unit
from knowledge.snapshot import Found, Missing, Snapshot

#: From the fifth member on the share no longer falls (Nghị định 188/2025, khoản 5 Điều 6).
LAST_STEP = 5
MAX_MEMBERS = 12
_MONEY_UNITS = (Unit.VND, Unit.VND_PER_MONTH)


def household(
    snapshot: Snapshot,
    members: int,
    months: int,
    on: date,
    known_on: date,
    place_id: str = "",
) -> Household:
    """What a household pays whose members join together in one year.

    Where the place gives more to the first person (value `first_person_extra_<place>`), that is
    taken off the first person's part only.

    Args:
        members: how many join under the household form, 1 to 12. Members who hold another
            card (pupils, employees, pensioners) do not count and take no step.
        months: how many months are paid for, 1 to 120.
        on: the day of payment; known_on: the day of asking.
        place_id: where the household lives, "" when that is not known.

    Raises `NoFigure` when a row is missing, `OutOfRange` for a count outside the limits.
    """
    check_count(members, MAX_MEMBERS, "số người trong hộ")
    check_count(months, MAX_MONTHS, "số tháng")
    inputs = Inputs(snapshot, on, known_on)
    rate, base = inputs.exact("contribution_rate"), inputs.exact("base_salary")
    first = rate * base
    extra = _first_person_extra(inputs, place_id)
    people = tuple(
        _person(
            nth,
            inputs.exact(f"household_step_{min(nth, LAST_STEP)}"),
            first,
            months,
            extra if nth == 1 else Fraction(0),
        )
        for nth in range(1, members + 1)
    )
    exact = sum((person.per_month for person in people), Fraction(0)) * months
    pays = round_half_up(exact)
    rounded = any((person.per_month * months).denominator != 1 for person in people)
    opening = f"{figures.share(rate)} × {figures.money(base)} = {figures.money(first)}/tháng"
    assumptions = (
        [f"Tính cho đủ {members} người cùng đóng theo hộ gia đình trong năm."]
        if members > 1
        else []
    )
    return Household(
        rows=inputs.rows,
        steps=Lines([opening, *_household_lines(people, first, months, pays, extra)]),
        assumptions=Lines([*assumptions, ROUNDED] if rounded else assumptions),
        rounded=rounded,
        members=members,
        months=months,
        people=people,
        pays_amount=pays,
    )


def voluntary(
    snapshot: Snapshot,
    income: int | None,
    months: int,
    audience: str,
    on: date,
    known_on: date,
    place_id: str | None = None,
) -> Voluntary:
    """What a member of voluntary BHXH pays on a chosen monthly income.

    rate × income, less the State's share of rate × rural poverty line. The place's own share,
    where one is stored for the audience "voluntary_bhxh", is counted on the same line.

    Args:
        income: chosen monthly income in đồng; None takes the lowest allowed. Outside the
            limits (the poverty line; 20 base salaries) the nearest limit is calculated and
            `problem` says so. A day without a confirmed ceiling has none.
        months: how many months are paid for, 1 to 120.
        audience: the group that decides the State's share; "" for everyone else.
        on: the day of payment; known_on: the day of asking.

    Raises `NoFigure` when a row is missing, `OutOfRange` for a strange number of months.
    """
    check_count(months, MAX_MONTHS, "số tháng")
    inputs = Inputs(snapshot, on, known_on)
    rate, line = inputs.exact("voluntary_rate"), inputs.exact("rural_poverty_line")
    cap = _ceiling(inputs)
    national = inputs.exact("voluntary_support", audience)
    asked = line if income is None else Fraction(income)
    chosen = max(asked, line) if cap is None else min(max(asked, line), cap)

    where = None
    note = condition = ""
    local: Fraction | None = None
    ties: tuple[Tie, ...] = ()
    if place_id:
        where = places.local(snapshot, place_id, "voluntary_bhxh", on, known_on)
        local, note = _local(inputs, where, audience, national)
        ties = places.ties(where) if local else ()
        condition = where.condition
        if audience:
            # Who names a group with a figure of its own need not belong to the others.
            condition = ""
            ties = tuple(replace(tie, condition="", condition_names_place=False) for tie in ties)
    full = rate * chosen
    support = min(Fraction(1), national) * rate * line
    place_support = min(1 - min(Fraction(1), national), local or Fraction(0)) * rate * line
    per_month = full - support - place_support
    exact = per_month * months
    pays = round_half_up(exact)

    line_text = f"{figures.share(rate)} × {figures.money(line)}"
    lines = [f"{figures.share(rate)} × {figures.money(chosen)} = {figures.money(full)}/tháng"]
    terms = [figures.money(full)]
    givers = [("Nhà nước hỗ trợ", national, support)]
    if where and place_support:
        give = f"{places.upper_first(where.name)} hỗ trợ thêm"
        givers.append((give, local or Fraction(0), place_support))
    for words, share, amount in givers:
        lines.append(
            f"{words} {figures.share(share)} × {line_text} (chuẩn hộ nghèo nông thôn) = "
            f"{figures.money(amount)}/tháng"
        )
        terms.append(figures.money(amount))
    lines.append(f"{' − '.join(terms)} = {figures.money(per_month)}/tháng")
    if months > 1:
        lines.append(times_months(per_month, months))
    rounded = exact != pays
    return Voluntary(
        rows=inputs.rows,
        steps=Lines(lines),
        assumptions=Lines([ROUNDED] if rounded else []),
        ties=ties,
        rounded=rounded,
        audience=audience,
        months=months,
        income_amount=round_half_up(chosen),
        problem=_outside(asked, line, cap, per_month),
        floor_amount=round_half_up(line),
        ceiling_amount=None if cap is None else round_half_up(cap),
        full_amount=round_half_up(full),
        support_amount=round_half_up(support),
        local_amount=round_half_up(place_support),
        monthly_amount=round_half_up(per_month),
        pays_amount=pays,
        national_share=national,
        local_share=local,
        place_note=note,
        condition=condition if local else "",
    )


def group_values(snapshot: Snapshot, place_id: str) -> tuple[str, ...]:
    """Values with what a place gives single groups for voluntary BHXH: as an extra share, or
    as the total with the State's part. A place without such figures has none."""
    name = place_id.replace("-", "_")
    ids = (f"voluntary_extra_{name}", f"voluntary_total_{name}")
    return tuple(value_id for value_id in ids if value_id in snapshot.values)


def product(snapshot: Snapshot, a: str, b: str, on: date, known_on: date) -> Product:
    """The exact product of two values as money (15% × base salary, 6 × base salary).

    One of the two must be money. Raises `NoFigure` when a row is missing, TypeError when the
    product is not an amount of money.
    """
    inputs = Inputs(snapshot, on, known_on)
    units = [inputs.found(value_id).value.unit for value_id in (a, b)]
    if sum(unit in _MONEY_UNITS for unit in units) != 1:
        raise TypeError(f"{a} × {b} is not an amount of money")
    exact = inputs.exact(a) * inputs.exact(b)
    amount = round_half_up(exact)
    factors = " × ".join(
        figures.money(inputs.exact(value_id))
        if unit in _MONEY_UNITS
        else figures.with_unit(inputs.exact(value_id), unit)
        for value_id, unit in zip((a, b), units, strict=True)
    )
    step = f"{factors} = {figures.money(exact)}"
    rounded = exact != amount
    return Product(
        rows=inputs.rows,
        steps=Lines([f"{step}, làm tròn thành {figures.money(amount)}" if rounded else step]),
        assumptions=Lines([ROUNDED] if rounded else []),
        rounded=rounded,
        amount=amount,
    )


def _first_person_extra(inputs: Inputs, place_id: str) -> Fraction:
    """The share of the first person's contribution that the place pays, 0 when it pays none."""
    value_id = f"first_person_extra_{place_id.replace('-', '_')}"
    if value_id not in inputs.snapshot.values:
        return Fraction(0)
    if isinstance(inputs.snapshot.lookup(value_id, inputs.on, inputs.known_on), Missing):
        return Fraction(0)
    return inputs.exact(value_id)


def _person(
    nth: int, share: Fraction, first: Fraction, months: int, extra: Fraction = Fraction(0)
) -> Person:
    per_month = (share - min(share, extra)) * first
    return Person(
        nth=nth,
        first_share=share,
        per_month=per_month,
        monthly_amount=round_half_up(per_month),
        pays_amount=round_half_up(per_month * months),
    )


def _local(
    inputs: Inputs, where: Local, audience: str, national: Fraction
) -> tuple[Fraction | None, str]:
    """What a place adds for voluntary BHXH, None when unknown, and the paragraph about it.

    Councils name groups: the group's own figure comes first. The row of the place is for those
    that its condition does not exclude; what it notes about groups is for nobody else.
    """
    snapshot = inputs.snapshot
    group = snapshot.audiences.get(audience)
    for value_id in group_values(snapshot, where.acting.id) if group else ():
        found = snapshot.lookup(value_id, inputs.on, inputs.known_on, audience, exact=True)
        if group and isinstance(found, Found):
            share = Fraction(inputs.exact(value_id, audience))
            if value_id.startswith("voluntary_total"):
                share = max(Fraction(0), share - national)
            source = snapshot.directives[found.row.citation.directive].short_name
            total = figures.share(min(Fraction(1), national + share))
            return share, (
                f"{places.upper_first(where.full_name)} hỗ trợ thêm {figures.share(share)} cho "
                f"{group.name} tham gia BHXH tự nguyện theo {source}{places.until(found.row)}; "
                f"cùng phần Nhà nước {figures.share(national)}, tổng là {total}."
            )
    excluded = group is not None and group.name.removeprefix("người ") in where.condition
    if where.row is None or excluded:
        ask = hotline(snapshot, inputs.known_on)
        return None, places.unknown_sentence(where, inputs.on, ask)
    inputs.take(where.support.row_id, where.row)
    note = places.known_sentence(where, national)
    # What the note says of other groups helps only those who did not name theirs.
    return where.share, note if where.condition and group else f"{note} {places.remark(where)}"


def _household_lines(
    people: tuple[Person, ...], first: Fraction, months: int, pays: int, extra: Fraction
) -> list[str]:
    """One line for each step, the members of the last step together, then the total."""
    lines = []
    for person in people[:LAST_STEP]:
        who = f"Người thứ {'nhất' if person.nth == 1 else _ordinal(person.nth)}"
        each = ""
        if person.nth == LAST_STEP and len(people) > LAST_STEP:
            who, each = f"Từ người thứ {_ordinal(person.nth)} trở đi", " mỗi người"
        share = person.share
        if person.nth == 1 and extra:
            share = f"({share} − {figures.share(extra)} tỉnh hỗ trợ thêm)"
        lines.append(
            f"{who}: {share} × {figures.money(first)} × {months} tháng = "
            f"{figures.money(person.per_month * months)}{each}"
        )
    if len(people) > 1:
        lines.append(f"Cộng {len(people)} người: {figures.money(pays)}")
    return lines


def _ordinal(nth: int) -> str:
    return "tư" if nth == 4 else number_words(nth)


def _ceiling(inputs: Inputs) -> Fraction | None:
    """The highest income that may be chosen, None for a day without a confirmed one."""
    for value_id in ("voluntary_cap_multiple", "base_salary"):
        found = inputs.snapshot.lookup(value_id, inputs.on, inputs.known_on)
        if isinstance(found, Missing):
            return None
    return inputs.exact("voluntary_cap_multiple") * inputs.exact("base_salary")


def _outside(asked: Fraction, floor: Fraction, ceiling: Fraction | None, pays: Fraction) -> str:
    """The sentences for an income outside the limits, "" inside them.

    `pays` is what one month costs at the limit that is taken instead.
    """
    if asked < floor:
        return (
            f"Mức thu nhập {figures.money(asked)}/tháng thấp hơn mức thấp nhất được chọn là "
            f"{figures.money(floor)}/tháng (chuẩn hộ nghèo khu vực nông thôn). Với mức thấp "
            f"nhất, số tiền đóng sau hỗ trợ là {figures.money(pays)}/tháng."
        )
    if ceiling is not None and asked > ceiling:
        return (
            f"Mức thu nhập {figures.money(asked)}/tháng cao hơn mức cao nhất được chọn là "
            f"{figures.money(ceiling)}/tháng. Với mức cao nhất, số tiền đóng sau hỗ trợ là "
            f"{figures.money(pays)}/tháng."
        )
    return ""
