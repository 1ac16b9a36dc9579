"""Worlds and effects (runtime 4.1, 4.3)."""

from __future__ import annotations

import math

import pytest

import abml
from abml.vm.planner import Effect, WorldState, read_effect, read_effects


@pytest.mark.parametrize(
    ("written", "op", "value"),
    [
        ("+5", "+", 5),
        ("-0.3", "-", 0.3),
        (-5, "-", 5),
        ("= -5", "=", -5),
        ("5", "=", 5),
        (5, "=", 5),
        ("0.4", "=", 0.4),
        ("1e3", "=", 1000.0),
        ("true", "=", True),
        (False, "=", False),
        ("'tower'", "=", "tower"),
        ("tower or pier", "=", "tower"),
        ("+0.2 or -0.1", "+", 0.2),
        ("'this or that'", "=", "this or that"),
        ("null", "=", None),
    ],
)
def test_effect_is_read(written: object, op: str, value: object) -> None:
    effect = read_effect(written)
    assert effect == Effect(op, value)  # type: ignore[arg-type]
    assert type(effect.value) is type(value)


@pytest.mark.parametrize("written", ["", " ", "+", "+lots", "-'3'", "=", "+1e999", math.nan, -math.inf, [], {}])
def test_what_is_no_effect_is_abml602(written: object) -> None:
    with pytest.raises(abml.AbmlPlanningError) as caught:
        read_effect(written, "oil")
    assert caught.value.code == "ABML602"


def test_a_second_effect_on_a_fact_is_abml602() -> None:
    with pytest.raises(abml.AbmlPlanningError, match="two effects") as caught:
        read_effects(["oil += 1", "oil = 3"])
    assert caught.value.code == "ABML602"


@pytest.mark.parametrize(
    ("written", "before", "after"),
    [
        ("+2", 3, 5),
        ("+2", 0.5, 2.5),
        ("+0.5", 1, 1.5),
        ("-5", None, -5),
        ("+1", "4", 5),
        ("+10", True, 10),
        ("+1", "tower", 1),
        ("null", 3, None),
        ("= -5", 7, -5),
        ("+1", 2**63 - 1, float(2**63)),
    ],
)
def test_effect_keeps_ints_ints_and_floats_floats(written: str, before: object, after: object) -> None:
    result = read_effect(written).apply(before)  # type: ignore[arg-type]
    assert result == after
    assert type(result) is type(after)


def test_effects_of_one_action_see_the_world_before_it() -> None:
    world = WorldState({"gold": 5, "name": "Ada"})
    after = world.apply_effects(read_effects({"gold": "-5", "fed": True, "name": "null"}))
    assert dict(after) == {"gold": 0, "fed": True}
    assert dict(world) == {"gold": 5, "name": "Ada"}


def test_numbers_bools_and_texts_are_kept_and_nulls_are_not() -> None:
    world = WorldState({"a": 1, "b": 1.0, "c": True, "d": "x", "e": None})
    assert dict(world) == {"a": 1, "b": 1.0, "c": True, "d": "x"}
    assert [type(world[key]) for key in "abcd"] == [int, float, bool, str]


@pytest.mark.parametrize(
    "facts",
    [
        {"": 1},
        {3: 1},
        {None: 1},
        {"a": []},
        {"a": {}},
        {"a": math.nan},
        {"a": math.inf},
        {"a": 10**400},
        [("a", 1)],
        "a",
    ],
)
def test_what_is_no_world_is_refused(facts: object) -> None:
    with pytest.raises(abml.AbmlPlanningError) as caught:
        WorldState(facts)  # type: ignore[arg-type]
    assert caught.value.code == "ABML906"


def test_worlds_are_equal_by_content() -> None:
    assert WorldState({"a": 1, "b": 2}) == WorldState({"b": 2.0, "a": 1})
    assert hash(WorldState({"a": 0.1 + 0.2})) == hash(WorldState({"a": 0.3}))
    assert WorldState({"a": 0.1 + 0.2}) == WorldState({"a": 0.3})
    assert WorldState({"a": 1}) != WorldState({"a": True})
    assert WorldState({"a": 1}) != WorldState({"a": "1"})
    assert WorldState({"a": 0.0}) == WorldState({"a": -0.0})
    assert WorldState({"a": 0}) != WorldState({})


def test_typed_reads() -> None:
    world = WorldState({"n": "12", "w": "tower", "b": True, "t": "TRUE", "z": 0, "f": 2.5})
    assert world.numeric("n") == 12
    assert world.numeric("w", 7) == 7
    assert world.numeric("b", 7) == 7
    assert world.numeric("missing") == 0
    assert [world.boolean(key) for key in ("b", "t", "w", "z", "f", "missing")] == [
        True,
        True,
        False,
        False,
        True,
        False,
    ]
    assert [world.string(key) for key in ("w", "b", "f", "missing")] == ["tower", "true", "2.5", ""]


def test_a_world_is_changed_by_making_another() -> None:
    world = WorldState({"a": 1, "b": 2})
    assert dict(world.with_facts({"a": None, "c": "x"})) == {"b": 2, "c": "x"}
    assert dict(world) == {"a": 1, "b": 2}
