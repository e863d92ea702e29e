"""What a Vietnamese syllable can look like, without marks, and cutting words run together."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache

_ONSETS = "ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|b|c|d|g|h|k|l|m|n|p|r|s|t|v|x|"
_RIMES = (
    "ieng|iem|iep|iet|ieu|ien|iec|oai|oang|oanh|oach|oay|oan|oat|oac|oap|oam|oao|oen|oet|oeo|"
    "uong|uoc|uom|uon|uop|uot|uou|uoi|uya|uyen|uyet|uynh|uych|uyu|uyt|uyn|uyp|uyc|uay|uan|uat|uang|uac|uao|"
    "uech|uenh|uen|ueu|ue|uy|uo|ua|ui|uu|ung|uc|um|un|up|ut|ang|anh|ach|ac|am|an|ap|at|ao|au|ay|ai|"
    "eng|enh|ech|ec|em|en|ep|et|eo|eu|inh|ich|ing|im|in|ip|it|ic|iu|ia|ie|"
    "ong|oc|om|on|op|ot|oi|oa|oe|yem|yen|yet|yeu|ynh|ych|ym|yn|yt|yp|ya|"
    "a|e|i|o|u|y"
)
_SYLLABLE = re.compile(f"(?:{_ONSETS})(?:{_RIMES})")
#: Longest Vietnamese syllable without marks: "nghieng".
LONGEST = 7
#: Cost of a cut that the vocabulary does not know; keeps rare but real splits possible.
_UNSEEN = 16.0


@lru_cache(maxsize=16384)
def is_syllable(folded: str) -> bool:
    """True when the letters (without marks) can be one Vietnamese syllable."""
    return len(folded) <= LONGEST and _SYLLABLE.fullmatch(folded) is not None


def split_word(
    folded: str, counts: Mapping[str, int], pairs: Mapping[tuple[str, str], int]
) -> tuple[str, ...] | None:
    """Cut letters without spaces into known words: "baohiemyte" -> bao hiem y te.

    Args:
        folded: the letters, without marks.
        counts: how often each word occurs in the phrasings.
        pairs: the same for two words in a row.
    Returns None when no cut into known words exists. A cut costs its words' rarity; pairs that
    stand together in the phrasings cost less.
    """
    size = len(folded)
    total = sum(counts.values()) or 1
    #: position -> last word -> (cost, where the word begins, word before it)
    best: list[dict[str, tuple[float, int, str]]] = [{} for _ in range(size + 1)]
    best[0][""] = (0.0, 0, "")
    for end in range(1, size + 1):
        for start in range(max(0, end - LONGEST), end):
            if not best[start]:
                continue
            word = folded[start:end]
            known = counts.get(word, 0)
            if not known or (len(word) < 2 and word not in ("y", "o", "a", "e")):
                continue
            own = math.log(total / known)
            for before, (cost, _, _) in best[start].items():
                together = pairs.get((before, word), 0)
                step = math.log((counts.get(before, 1) + 20) / (together + 0.05)) if before else own
                price = cost + 0.5 * own + 0.5 * step + 2.0
                if word not in best[end] or price < best[end][word][0]:
                    best[end][word] = (price, start, before)
    if not best[size]:
        return None
    last = min(best[size], key=lambda word: (best[size][word][0], word))
    if best[size][last][0] / size > _UNSEEN / 4:
        return None
    words: list[str] = []
    end = size
    while end > 0:
        _, start, before = best[end][last]
        words.append(last)
        end, last = start, before
    return tuple(reversed(words))
