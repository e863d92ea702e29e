"""What noise costs: `python -m bench.noise [--record]`.

The same questions, typed cleanly and in every way people type them, put to the desk: how many
points fewer are answered right, and how often the noise led to another answer. The noise is made
by rule from a fixed seed, so that two runs and two versions can be compared.
"""

from __future__ import annotations

import argparse
import json
import random
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from bench.record import MATCHING, MATCHING_HEAD, Line, machine, record
from bot.commands.common import load_desk
from bot.dialogue import Circumstances, Desk, Said, at_noon
from bot.match.evaluate import OUTSIDE, Response, verdict
from bot.models import Conversation, Outcome, Reply
from bot.normalize import fold

ROOT = Path(__file__).resolve().parents[1]
FILES = ("blind.jsonl", "questions.jsonl")
TODAY = date(2026, 11, 22)
#: Points that noise may cost: none for missing diacritics to speak of, seven for the rest.
FLOORS = {"no_diacritics": 2.0}
FLOOR = 7.0
_SHORT = (
    ("bảo hiểm y tế", "bhyt"), ("bảo hiểm xã hội", "bhxh"), ("học sinh", "hs"),
    ("sinh viên", "sv"), ("bao nhiêu", "bn"), ("không", "ko"), ("được", "dc"), ("gì", "j"),
    ("vậy", "v"), ("rồi", "r"), ("cũng", "cx"), ("người", "ng"), ("với", "vs"), ("mình", "mk"),
    ("tháng", "th"), ("đăng ký", "đk"), ("em", "e"), ("con", "c"),
)  # fmt: skip
_TELEX = {
    "\u0302": {"a": "aa", "e": "ee", "o": "oo"}, "\u0306": {"a": "aw"},
    "\u031b": {"o": "ow", "u": "uw"},
}  # fmt: skip
_TELEX_TONES = {"\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_VNI = {"\u0302": "6", "\u0306": "8", "\u031b": "7"}
_VNI_TONES = {"\u0301": "1", "\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0323": "5"}
_NEAR = {"a": "s", "s": "a", "o": "p", "i": "u", "n": "m", "m": "n", "h": "g", "g": "h", "t": "r"}
_TONES = "\u0300\u0301\u0303\u0309\u0323"

_NOTE = (
    "The same questions of `tests/eval` (`blind`, `questions`), typed cleanly and then in every "
    "way people type: how many points fewer are answered right, and how often both forms were "
    "answered, but differently."
)

Noise = Callable[[str, random.Random], str]


def _words(text: str, change: Callable[[str], str]) -> str:
    return " ".join(change(word) for word in text.split())


def _some(share: float, change: Callable[[str, random.Random], str]) -> Noise:
    def noise(text: str, rng: random.Random) -> str:
        return _words(text, lambda w: change(w, rng) if rng.random() < share else w)

    return noise


def _telex(word: str, _rng: random.Random) -> str:
    out, tone = "", ""
    for char in unicodedata.normalize("NFD", word):
        if char in _TELEX_TONES:
            tone = _TELEX_TONES[char]
        elif char in _TELEX:
            out = out[:-1] + _TELEX[char].get(out[-1:], out[-1:])
        else:
            out += "dd" if char == "đ" else char
    return out + tone if out.isalpha() else word


def _vni(word: str, _rng: random.Random) -> str:
    out, tone = "", ""
    for char in unicodedata.normalize("NFD", word):
        if char in _VNI_TONES:
            tone = _VNI_TONES[char]
        else:
            out += _VNI.get(char, "d9" if char == "đ" else char)
    return out + tone if word.isalpha() else word


def _typo(word: str, rng: random.Random) -> str:
    if len(word) < 4 or not word.isalpha():
        return word
    at = rng.randrange(1, len(word) - 1)
    made = (
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + _NEAR.get(word[at], word[at]) + word[at + 1 :],
    )
    return rng.choice(made)


def _wrong_tone(word: str, rng: random.Random) -> str:
    parts = unicodedata.normalize("NFD", word)
    if not any(tone in parts for tone in _TONES):
        return word
    for tone in _TONES:
        if tone in parts:
            return unicodedata.normalize("NFC", parts.replace(tone, rng.choice(("", *_TONES))))
    return word


def _lost_hat(word: str, _rng: random.Random) -> str:
    """ "bảo hiêm y tê": hats and horns or tones slip away one by one, đ turns into d."""
    parts = unicodedata.normalize("NFD", word.replace("đ", "d"))
    return unicodedata.normalize("NFC", parts.replace("\u0309", "").replace("\u031b", ""))


def _shortcuts(text: str, rng: random.Random) -> str:
    for long, short in _SHORT:
        if rng.random() < 0.8:
            text = text.replace(f" {long} ", f" {short} ")
    return text


def _glued(text: str, rng: random.Random) -> str:
    words = text.split()
    out = words[:1]
    for word in words[1:]:
        glue = rng.random() < 0.15 and word.isalpha() and out[-1].isalpha()
        out[-1:] = [out[-1] + word] if glue else [out[-1], word]
    return " ".join(out)


def _stretched(text: str, rng: random.Random) -> str:
    words = text.rstrip(" ?.!").split()
    return " ".join(
        [*words[:-1], words[-1] + words[-1][-1] * 3, rng.choice(("ạaaa", "ơiii", "😭"))]
    )


KINDS: Mapping[str, Noise] = {
    "no_diacritics": lambda text, _rng: fold(text),
    "some words without diacritics": _some(0.4, lambda word, _rng: fold(word) or word),
    "capitals": lambda text, _rng: text.upper(),
    "shortcuts": _shortcuts,
    "telex left over": lambda text, rng: _words(text, lambda w: _telex(w, rng)),
    "telex in some words": _some(0.3, _telex),
    "vni left over": lambda text, rng: _words(text, lambda w: _vni(w, rng)),
    "typos in a sixth of the words": _some(1 / 6, _typo),
    "typos, no diacritics": lambda text, rng: _some(1 / 8, _typo)(fold(text), rng),
    "wrong tones in a third of the words": _some(1 / 3, _wrong_tone),
    "hooks and horns lost": lambda text, rng: _words(text, lambda w: _lost_hat(w, rng)),
    "words run together": _glued,
    "stretched, with emoji": _stretched,
}


def _ask(desk: Desk, text: str) -> Reply:
    circumstances = Circumstances(now=at_noon(TODAY))
    return desk.respond(Said(text=text), Conversation(), circumstances)[0]


def _verdict(row: Mapping[str, Any], reply: Reply, desk: Desk) -> str:
    given = Response(
        reply.outcome.value,
        reply.topic,
        tuple(topic for _, topic in reply.more),
        tuple(option.topic for option in reply.options),
    )
    return verdict(row, given, desk.snapshot.topics).partition(":")[2]


def measure(desk: Desk, rows: list[Mapping[str, Any]]) -> list[Line]:
    """One line per kind of noise."""
    clean = [_ask(desk, str(row["text"]).lower()) for row in rows]
    verdicts = [_verdict(row, reply, desk) for row, reply in zip(rows, clean, strict=True)]

    def share(found: list[str], *which: str) -> float:
        return 100 * sum(one in which for one in found) / len(found)

    base = share(verdicts, "right")
    lines = [
        Line(f"clean, {len(rows)} questions: right, right or offered, wrong",
             f"{base:.1f} %, {share(verdicts, 'right', 'offered'):.1f} %, "
             f"{share(verdicts, 'wrong'):.1f} %")
    ]  # fmt: skip
    for name, noise in KINDS.items():
        rng = random.Random(name)  # noqa: S311 - repeatable noise, no secret
        replies = [_ask(desk, noise(str(row["text"]).lower(), rng)) for row in rows]
        found = [_verdict(row, reply, desk) for row, reply in zip(rows, replies, strict=True)]
        other = sum(
            one.outcome is two.outcome is Outcome.ANSWERED and one.answer_id != two.answer_id
            for one, two in zip(clean, replies, strict=True)
        )
        right, floor = share(found, "right"), FLOORS.get(name, FLOOR)
        lines.append(
            Line(
                name,
                f"right {right:.1f} % ({right - base:+.1f}), right or offered "
                f"{share(found, 'right', 'offered'):.1f} %, wrong {share(found, 'wrong'):.1f} %; "
                f"another answer than clean: {other}",
                f"−{floor:.0f} points",
                "",
                base - right <= floor,
            )
        )
    return lines


def main() -> None:
    """Measure, print, and record with `--record`."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--record", action="store_true", help="write docs/matching.md")
    options = parser.parse_args()
    rows = [
        row
        for name in FILES
        for row in map(json.loads, (ROOT / "tests" / "eval" / name).read_text("utf-8").splitlines())
        # Noise is put on questions that were typed with diacritics.
        if str(row.get("topic") or "") not in OUTSIDE and fold(row["text"]) != row["text"].lower()
    ]
    print(machine())
    lines = measure(load_desk(), rows)
    for line in lines:
        print(line.plain())
    if options.record:
        record("Noise", "-m bench.noise --record", lines, _NOTE, path=MATCHING, head=MATCHING_HEAD)


if __name__ == "__main__":
    main()
