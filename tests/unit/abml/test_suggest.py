"""Nearest names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abml.suggest import distance, nearest

FLOWS = ["main", "pier", "patrol", "patrol_night"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("peir", "pier"),
        ("mian", "main"),
        ("Main", "main"),
        ("patrl", "patrol"),
        ("patrol_nig", "patrol_night"),
        ("pat", "patrol"),
        ("lantern", None),
        ("", None),
        ("main", None),
        ("x" * 500, None),
    ],
)
def test_nearest(name: str, found: str | None) -> None:
    assert nearest(name, FLOWS) == found


def test_short_names_need_to_be_closer() -> None:
    assert nearest("ab", ["xy"]) is None
    assert nearest("ab", ["abc"]) == "abc"


def test_the_order_of_candidates_does_not_matter() -> None:
    assert nearest("bat", ["cat", "bar"]) == nearest("bat", ["bar", "cat"]) == "bar"


def test_a_small_distance_beats_a_shared_beginning() -> None:
    assert nearest("lamp", ["lamplighter", "lump"]) == "lump"


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_distance_is_symmetric_and_bounded(a: str, b: str) -> None:
    found = distance(a, b, 2)
    assert found == distance(b, a, 2)
    assert (found == 0) == (a == b)
    assert 0 <= found <= 3


@given(st.text(), st.lists(st.text()))
def test_nearest_gives_a_candidate_or_none(name: str, candidates: list[str]) -> None:
    assert nearest(name, candidates) in [None, *candidates]


@given(st.text("abc", max_size=7), st.text("abc", max_size=7), st.integers(0, 5))
def test_the_limit_only_cuts_off(a: str, b: str, limit: int) -> None:
    """What is farther from the diagonal than the limit is not looked at; it makes no difference."""
    assert distance(a, b, limit) == min(distance(a, b, 100), limit + 1)
