"""Generated worlds: the same for the same seed, consistent, of the size that was asked for."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abml.providers.refworld import Refused, dumps
from abml.providers.refworld.consistency import contradictions
from abml.providers.refworld.generator import generate, populate
from abml.providers.refworld.queries import age, query_characters

from .support import village


@settings(max_examples=5, deadline=None)
@given(st.integers(-(2**63), 2**64), st.integers(0, 60), st.integers(2, 20))
def test_equal_seeds_give_equal_bytes(seed: int, count: int, places: int) -> None:
    first, second = generate(seed, count, places), generate(seed, count, places)
    assert dumps(first) == dumps(second)
    assert len(first.characters) == count
    assert len(first.places) == places
    assert list(contradictions(first)) == []


def test_bytes_stay_what_they_were() -> None:
    """Examples show what happens in these worlds; a change here changes them all."""
    text = dumps(generate(7, 200))
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "4ece8035a5d52523"


def test_seeds_differ() -> None:
    assert dumps(generate(1, 20)) != dumps(generate(2, 20))


def test_people_have_pasts_ties_and_memories() -> None:
    world = generate(3, 200)
    with_ties = query_characters(world, filters={"hasRelationships": True})
    assert len(with_ties) > 100
    assert all(one.backstory and len(one.traits) == 8 for one in world.characters.values())
    assert all(16 <= age(world, one) <= 79 for one in world.characters.values())
    assert len(world.encounters) > 100


def test_a_loaded_world_can_be_populated() -> None:
    world = village()
    keys = populate(world, "moor", 30, seed=5)
    assert len(world.characters) == 34
    assert {world.characters[key].realm for key in keys} == {"moor"}
    assert list(contradictions(world)) == []
    other = village()
    populate(other, "moor", 30, seed=5)
    assert dumps(other) == dumps(world)


def test_counts_out_of_range_are_refused() -> None:
    for count, places in ((-1, 5), (100_001, 5), (3, 1), (3, 1001)):
        with pytest.raises(Refused):
            generate(1, count, places)
    with pytest.raises(Refused, match="no realm 'more'; did you mean 'moor'"):
        populate(village(), "more", 3, 1)
