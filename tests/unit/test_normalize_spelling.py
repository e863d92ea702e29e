"""A slip that leaves no syllable is mended to the known word; everything else stays."""

from __future__ import annotations

import pytest

from bot.normalize.spelling import Spelling

KNOWN = {"hiem": 90, "thiem": 6, "khong": 70, "duoc": 60, "nghiep": 9, "vssid": 30, "hiems": 2}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("heim", "hiem"),  # swapped
        ("hieem", "hiem"),  # doubled
        ("kkhong", "khong"),
        ("khnog", "khong"),
        ("dupc", "duoc"),  # wrong
        ("nghip", ""),  # a syllable by itself
        ("ngheip", "nghiep"),
        ("vssid", ""),  # known as it is
        ("zzzzq", ""),
        ("dc", ""),  # too short to tell
        ("khoonggg", ""),  # more than one slip
    ],
)
def test_mend(typed: str, meant: str) -> None:
    assert Spelling(KNOWN).mend(typed) == meant


def test_rare_words_are_never_meant() -> None:
    assert Spelling({"hiem": 4}).mend("heim") == ""
