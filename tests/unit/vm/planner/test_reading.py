"""Goals, actions and options from plain data."""

from __future__ import annotations

import math
from typing import Any

import pytest

import abml
from abml.vm.planner import (
    PRESETS,
    Condition,
    Effect,
    GoapGoal,
    PlanningOptions,
    options_for_urgency,
    planning_options,
    read_action,
    read_actions,
    read_conditions,
    read_cost,
    read_effects,
    read_goal,
)


def test_a_goal_is_a_mapping_of_conditions_or_has_them() -> None:
    plain = read_goal({"oil": ">= 2"})
    assert plain == GoapGoal("goal", (("oil", Condition(">=", 2)),))
    full = read_goal({"id": "lamp", "priority": 95, "conditions": {"oil": ">= 2"}, "preconditions": ["awake"]})
    assert (full.id, full.priority, full.preconditions) == ("lamp", 95, (("awake", Condition("==", True)),))
    assert read_goal(full) is full
    # A fact may be named so too.
    assert read_goal({"conditions": "good"}).conditions == (("conditions", Condition("==", "good")),)


def test_lists_hold_comparisons_mappings_and_plain_sentences() -> None:
    assert read_conditions(["oil >= 2", {"at": "tower"}, "The lamp is lit!", ("day", 3)]) == (
        ("oil", Condition(">=", 2)),
        ("at", Condition("==", "tower")),
        ("the_lamp_is_lit", Condition("==", True)),
        ("day", Condition("==", 3)),
    )
    assert read_effects(["oil += 2", "cans -= 1", "at = tower", {"wet": False}, "lamp lit"]) == (
        ("oil", Effect("+", 2)),
        ("cans", Effect("-", 1)),
        ("at", Effect("=", "tower")),
        ("wet", Effect("=", False)),
        ("lamp_lit", Effect("=", True)),
    )


def test_actions_have_documented_defaults() -> None:
    (action,) = read_actions({"rest": None})
    assert (action.id, action.cost, action.action_type, action.preconditions) == ("rest", 1.0, "rest", ())
    (other,) = read_actions([{"id": "rob", "cost": 2, "action_type": "crime", "violations": "theft", "tags": ["a"]}])
    assert (other.cost, other.action_type, other.violations, other.tags) == (2.0, "crime", ("theft",), ("a",))


def test_names_are_ids_and_what_an_action_does_is_no_part_of_planning() -> None:
    assert read_goal({"name": "lamp", "conditions": {"lit": True}}).id == "lamp"
    assert read_goal({"id": "lamp", "conditions": None}) == GoapGoal("lamp", ())
    found = read_actions(
        [{"name": "rest", "steps": []}, {"id": "rob", "name": "Rob a bank", "actions": [{"log": "ha"}]}]
    )
    assert [action.id for action in found] == ["rest", "rob"]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ([{"effects": {}}], "the name of an action is"),
        (["rest"], "an action is a mapping"),
        ({"rest": 3}, "the action 'rest' is a mapping"),
        ({"rest": {"efects": {}}}, "an action 'rest' has no 'efects'; it has"),
        ({"rest": {"cost_modifiers": 5}}, "the cost modifiers of 'rest'"),
        ({"rest": {"cost_modifiers": [{"add": 3}]}}, "the cost modifiers of 'rest'"),
    ],
)
def test_errors_name_the_action_and_say_what_is_expected(given: Any, text: str) -> None:
    with pytest.raises(abml.AbmlPlanningError, match=text):
        read_actions(given)


@pytest.mark.parametrize("cost", [-1, -0.001, math.nan, math.inf, "3", True, [], 10**400])
def test_a_bad_cost_is_abml603(cost: Any) -> None:
    with pytest.raises(abml.AbmlPlanningError) as caught:
        read_cost(cost, "rob")
    assert caught.value.code == "ABML603"
    assert "'rob'" in str(caught.value)


@pytest.mark.parametrize("priority", ["high", 1.5, True, None])
def test_a_bad_priority_is_abml607(priority: Any) -> None:
    with pytest.raises(abml.AbmlPlanningError) as caught:
        read_goal({"priority": priority, "conditions": {}})
    assert caught.value.code == "ABML607"


@pytest.mark.parametrize(
    ("read", "given"),
    [
        (read_goal, 3),
        (read_goal, "rest"),
        (read_goal, {"": 1}),
        (read_goal, {3: 1}),
        (read_goal, {"conditions": {}, "colour": "red"}),
        (read_goal, {"id": "", "conditions": {}}),
        (read_goal, [["a"]]),
        (read_actions, 3),
        (read_actions, "rest"),
        (read_actions, [3]),
        (read_actions, [{}]),
        (read_actions, {"": {}}),
        (read_actions, {None: {}}),
        (read_actions, {"a": 3}),
        (read_actions, [{"id": "a"}, {"id": "a"}]),
        (read_actions, {"a": {"efects": {}}}),
        (read_actions, {"a": {"effects": 3}}),
        (read_actions, {"a": {"effects": {"": 1}}}),
        (read_actions, {"a": {"tags": [1]}}),
        (read_action, []),
    ],
)
def test_other_shapes_are_refused_with_a_code(read: Any, given: Any) -> None:
    with pytest.raises(abml.AbmlPlanningError) as caught:
        read(given)
    assert caught.value.code == "ABML906"


def test_presets() -> None:
    rows = {
        name: (preset.max_depth, preset.max_nodes, preset.timeout_ms, preset.heuristic_weight)
        for name, preset in PRESETS.items()
    }
    assert rows == {
        "default": (10, 1000, 100, 1.0),
        "fast": (5, 500, 50, 1.2),
        "thorough": (20, 5000, 500, 1.0),
        "low": (10, 1000, 100, 1.0),
        "medium": (6, 500, 50, 1.0),
        "high": (3, 200, 20, 1.0),
    }
    assert [options_for_urgency(u) for u in (0, 0.29, 0.3, 0.69, 0.7, 1)] == [
        PRESETS[name] for name in ("low", "low", "medium", "medium", "high", "high")
    ]
    assert PRESETS["thorough"].capped() == PlanningOptions(10, 5000, 50, 1.0)


def test_options_from_plain_data() -> None:
    assert planning_options("fast") is PRESETS["fast"]
    assert planning_options({"preset": "fast", "max_depth": 7}).max_depth == 7
    assert planning_options({"preset": "fast", "max_depth": 7}).heuristic_weight == 1.2
    assert planning_options(None) == PlanningOptions()
    assert planning_options({"max_nodes": 10**30}).max_nodes == 2**31 - 1


@pytest.mark.parametrize(
    "given",
    [
        "quick",
        3,
        {"depth": 3},
        {3: 3},
        {"max_depth": -1},
        {"max_depth": 1.5},
        {"max_nodes": True},
        {"timeout_ms": math.nan},
        {"heuristic_weight": math.inf},
        {"heuristic_weight": -1},
        {"heuristic_weight": 10**400},
        {"timeout_ms": 10**400},
        {"preset": {"preset": "fast"}},
        {"heuristic": "best"},
        {"heuristic": []},
        {"deterministic": 1},
    ],
)
def test_bad_options_are_refused(given: Any) -> None:
    with pytest.raises(abml.AbmlPlanningError) as caught:
        planning_options(given)
    assert caught.value.code == "ABML906"
